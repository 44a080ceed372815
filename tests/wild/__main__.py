"""Very many random models of Keras's, each held against Keras itself: ``python -m tests.wild [MODELS [FIRST_SEED]]``.

A table says how many of them each check was made of, and how many differ. What differs is said with its seed:
``python -m tests.wild 1 SEED`` tries that one again.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import pytest

from core.model import keras_file
from tests.reading import exchange_here
from tests.wild.tried import CHECKS, Came, try_seed

USUAL, FIRST = 300, 0


def main() -> int:
    """Try them, print the table, and return 1 if anything differs."""
    amount, first = (int(word) for word in (*sys.argv[1:], *map(str, (USUAL, FIRST)[len(sys.argv) - 1 :])))
    came, reasons = Counter[tuple[str, Came]](), Counter[str]()
    warnings.simplefilter("ignore")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_file, "exchange", exchange_here)
        for seed in range(first, first + amount):
            with TemporaryDirectory() as folder:
                for check, what, said in try_seed(seed, Path(folder)):
                    came[check, what] += 1
                    if what is Came.DIFFERS:
                        sys.stdout.write(f"seed {seed}, {check}: {said}\n")
                        sys.stdout.flush()
                    if what is Came.NOT_TRIED:
                        reasons[f"{check}: {said}"] += 1
    for reason, count in reasons.most_common():
        sys.stderr.write(f"{count:,} not tried: {reason}\n")
    sys.stdout.write(f"| seeds {first:,} to {first + amount - 1:,} | {' | '.join(Came)} |\n")
    for check in CHECKS:
        sys.stdout.write(f"| {check} | {' | '.join(f'{came[check, what]:,}' for what in Came)} |\n")
    return int(any(what is Came.DIFFERS for _, what in came))


if __name__ == "__main__":
    sys.exit(main())
