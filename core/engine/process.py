"""How the engine process is started: its command line, its environment, its log in a folder of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from core.errors import shorten
from core.limits import FLAG, times

PREFIX = "byhand-engine-"
STRATEGIES = ("mirrored",)
"""How the engine can be told to share a training among devices: ``tf.distribute.MirroredStrategy``."""

BEGUN = 60.0
"""Seconds after which an engine has long taken hold of its log, if it lives."""

TAIL_BYTES = 1 << 14
TAIL_WIDTH = 200


class Launch:
    """What one start of the engine needs; :meth:`close` removes the folder with its log."""

    def __init__(self, strategy: str | None = None) -> None:
        # It makes the same of a model's description as this process did.
        self._options = [FLAG, str(times())] + ([] if strategy is None else ["--strategy", strategy])
        try:
            self.log = Path(tempfile.mkdtemp(prefix=PREFIX)) / "engine.log"
            self.log.touch(mode=0o600)
        except OSError:
            # A full disk costs the log, not Keras.
            self.log = Path(os.devnull)

    @property
    def argv(self) -> list[str]:
        """The command line. ``-I`` keeps what lies in the current folder from being imported."""
        return [sys.executable, "-I", "-m", "core.engine", *self._options, str(self.log)]

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with a home for Keras in which no ``keras.json`` changes its arithmetic."""
        folder = self.log.parent if self.log != Path(os.devnull) else self.log / "none"
        return {**os.environ, "KERAS_HOME": str(folder)}

    def close(self) -> None:
        """Remove the folder."""
        remove_folder(self.log.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder that a :class:`Launch` made, if it is still there.

    The engine does this too, at its end: whoever started it may have been killed.
    """
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def hold(log: int) -> None:
    """Hold the open ``log`` for as long as this process lives: so :func:`remove_left` tells it from one of the dead."""
    # Where nothing can be held nothing is taken away either.
    with contextlib.suppress(OSError):
        fcntl.flock(log, fcntl.LOCK_SH)


def remove_left() -> None:
    """Remove the folders of engines that were killed, and whose starter was killed too."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # One may be another person's, or gone already.
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > BEGUN and not _is_held(folder / "engine.log"):
                remove_folder(folder)


def _is_held(log: Path) -> bool:
    with log.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def log_tail(path: Path, lines: int = 5) -> str:
    """Return the last ``lines`` lines of a log that say anything, fit for a screen; nothing without a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    said = [shorten(line.strip(), TAIL_WIDTH) for line in text.splitlines() if line.strip()]
    return "\n".join(said[-lines:])
