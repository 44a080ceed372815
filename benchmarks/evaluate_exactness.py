"""Models drawn at random: what ``byhand evaluate`` calls Keras's, against ``model.evaluate`` of the saved file.

Each is printed as soon as it is known; ``python -m benchmarks.evaluate_exactness 20 40`` draws those from 20 to 39.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.row import Fact

MODELS = 300


def run(models: int = MODELS) -> list[Fact]:
    """Return how many of so many models are told as Keras tells them."""
    told = check(range(models))
    found = ", ".join(f"{number} {outcome}" for outcome, number in sorted(told.items()))
    return [Fact(f"evaluate of {models} models drawn at random", found, "none APART", "APART" not in told)]


def check(seeds: range) -> Counter[str]:
    """Compare the model of every seed, print what became of it, and return how many became what."""
    from core.engine.client import EngineClient
    from tests.engine.evaluate_oracle import compared

    told: Counter[str] = Counter()
    with TemporaryDirectory() as folder, EngineClient() as engine:
        for seed in seeds:
            outcome, words = compared(seed, Path(folder), engine)
            told[outcome] += 1
            sys.stderr.write(f"{seed:4} {outcome:8} {words}\n")
    return told


if __name__ == "__main__":
    low, high = (int(text) for text in ["0", *sys.argv[1:]][-2:]) if sys.argv[1:] else (0, MODELS)
    print(dict(check(range(low, high))))
