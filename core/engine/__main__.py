"""Starts the engine: ``python -I -m core.engine [--limits N] [--strategy S] LOG``; descriptors first, then the loop.

TensorFlow's C++ side writes to descriptors 1 and 2, so both become the log file, and the events go out on a
duplicate of what was 1. Nothing but the standard library is imported before that.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
from functools import partial
from pathlib import Path
from typing import BinaryIO

ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_CPP_MAX_VLOG_LEVEL": "0",
    "CUDA_MODULE_LOADING": "LAZY",
}


def claim_descriptors(log: Path) -> tuple[BinaryIO, BinaryIO]:
    """Point descriptors 0, 1 and 2 away from the pipes; return commands in and events out."""
    commands, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    logged = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(logged, 1)
    os.dup2(logged, 2)
    os.close(nothing)
    os.close(logged)
    return os.fdopen(commands, "rb"), os.fdopen(events, "wb")


def _arguments() -> argparse.Namespace:
    from core.engine.process import STRATEGIES
    from core.limits import FLAG

    parser = argparse.ArgumentParser("core.engine", allow_abbrev=False)
    parser.add_argument("--strategy", choices=STRATEGIES)
    parser.add_argument(FLAG, type=int, default=1)
    parser.add_argument("log", type=Path)
    return parser.parse_args()


def main() -> None:
    """Run the engine until its standard input ends."""
    # ctrl+c in a terminal, and its closing, reach the whole process group; when to end is for whoever holds the
    # pipes to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    arguments = _arguments()
    # The screen comes first: importing Keras and training would otherwise take its turns.
    os.nice(10)
    commands, events = claim_descriptors(arguments.log)
    faulthandler.enable()
    os.environ.update(ENVIRONMENT)

    from core.engine.loop import run
    from core.engine.process import hold, remove_folder, remove_left
    from core.limits import raise_limits

    hold(2)
    remove_left()
    raise_limits(arguments.limits)
    run(commands, events, partial(remove_folder, arguments.log.parent), arguments.strategy)


if __name__ == "__main__":
    main()
