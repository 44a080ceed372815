"""Very many damaged files of every kind that opens: ``python -m tests.sweep [OF_EACH [FIRST_SEED]]``.

A table says what came of them. Each kind is read by a process of its own, which ends at a file that crashes it or holds
it up; the next one begins behind that.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

USUAL, FIRST = 10_000, 1_000_000

LONGEST = 120
"""Seconds after which a file that is still being read is one that would be for ever."""

MOST = 512
"""MB that a file may take beyond what good ones of its kind take."""

SHOWN = 3
"""Failures of one kind of file that are said in full."""

FAILURES = ("traceback", "warning", "odd", "hang", "crash", "memory")

WORK = "import sys; from tests.sweep import work; work(*sys.argv[1:])"


def outcome(kind: str, seed: int, folder: Path) -> tuple[str, str]:
    """Return what comes of one damaged file: "opened", "refused", or a failure with what is to be said of it."""
    # Here, because whoever makes the table needs none of it.
    from core.errors import Refused
    from tests import mutants, mutants_of_models

    found = {**mutants_of_models.KINDS, **mutants.KINDS}[kind]
    data = found.mutant(seed)
    warned = list[str]()
    warnings.showwarning = lambda message, *_: warned.append(str(message))
    try:
        opened = found.read(folder, data)
    except Refused as refusal:
        said = str(refusal)
        return ("refused", "") if said.isprintable() and len(said) <= 500 else ("odd", said)
    except Exception:
        return "traceback", "".join(traceback.format_exc().splitlines(keepends=True)[-7:])
    return ("warning", warned[0]) if warned else ("opened" if opened else "refused", "")


def work(kind: str, first: str, last: str) -> None:
    """Read the damaged files with seeds from ``first`` to before ``last``, and write a line of JSON for each."""
    with TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = name
        outcome(kind, 0, Path(name))
        usual = _held()
        for seed in range(int(first), int(last)):
            signal.alarm(LONGEST)
            begun = time.process_time()
            came, said = outcome(kind, seed, Path(name))
            held, seconds = _held() - usual, time.process_time() - begun
            signal.alarm(0)
            sys.stdout.write(json.dumps([came if held <= MOST else "memory", said, held, seconds]) + "\n")
            sys.stdout.flush()
            if held > MOST:
                # The most that it ever took would be said of all others.
                return


def _held() -> int:
    """Return how many MB this process has taken at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def sweep(kind: str, first: int, last: int) -> tuple[Counter[str], int, float]:
    """Read the damaged files of a kind; return what came how often, and the most MB and seconds that one took."""
    came, memory, longest, seed = Counter[str](), 0, 0.0, first
    while seed < last:
        command = [sys.executable, "-c", WORK, kind, str(seed), str(last)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                what, said, held, seconds = json.loads(line)
                memory, longest = max(memory, held), max(longest, seconds)
                _count(came, what, f"{kind}, seed {seed}: {said}")
                seed += 1
        if process.returncode:
            what = "hang" if process.returncode == -signal.SIGALRM else "crash"
            _count(came, what, f"{kind}, seed {seed}: ended with {process.returncode}")
            seed += 1
    return came, memory, longest


def _count(came: Counter[str], what: str, said: str) -> None:
    came[what] += 1
    if what in FAILURES and came[what] <= SHOWN:
        sys.stdout.write(f"{what}: {said}\n")


def main() -> int:
    """Read them, print the table, and return 1 if anything but opening or a refusal came of one."""
    from tests import mutants, mutants_of_models

    amount, first = (int(word) for word in (*sys.argv[1:], *map(str, (USUAL, FIRST)[len(sys.argv) - 1 :])))
    total = Counter[str]()
    sys.stdout.write(f"| damaged | tries | opened | {' | '.join(FAILURES)} | most MB | longest s |\n")
    for kind in (*mutants_of_models.KINDS, *mutants.KINDS):
        came, memory, longest = sweep(kind, first, first + amount)
        total += came
        numbers = " | ".join(f"{came[what]}" for what in FAILURES)
        row = f"| {kind} | {came.total():,} | {came['opened']:,} | {numbers} | {memory} | {longest:.2f} |\n"
        sys.stdout.write(row)
        sys.stdout.flush()
    failures = sum(total[what] for what in FAILURES)
    sys.stdout.write(f"{total.total():,} damaged files, {failures} failures\n")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
