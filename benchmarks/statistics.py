"""How long the statistics and the histogram of 10 million weights take, against single passes of NumPy over them."""

from __future__ import annotations

import time
import tracemalloc
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.row import Fact, Row
from core.findings.statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import KerasArray

WEIGHTS = 10_000_000
ROUNDS = 15
TARGET = 3.0
MOST_MEMORY = 4.0
"""MB beside the array."""


def run() -> list[Row | Fact]:
    """Measure all in turn, in one process."""
    weights = (0.05 * np.random.default_rng(0).standard_normal(WEIGHTS, dtype=np.float32)).astype(np.float32)
    taken = _measure(weights)
    ours, what = taken["ours"], f"statistics and histogram of {WEIGHTS:,} weights"
    megabytes = _memory(weights)
    return [
        Row(f"{what}; peer: np.histogram alone", ours, taken["histogram"], "ms", TARGET),
        Row("... peer: one array.std()", ours, taken["std"], "ms", TARGET),
        Row("... peer: one array.mean() in float64", ours, taken["mean64"], "ms"),
        Row("... peer: one array.mean() in float32", ours, taken["mean"], "ms"),
        Fact(
            "... memory beside the array",
            f"{megabytes:.2g} MB",
            f"<= {MOST_MEMORY:g} MB",
            megabytes <= MOST_MEMORY,
        ),
    ]


def _measure(weights: KerasArray) -> dict[str, float]:
    """Return the medians in milliseconds."""
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: statistics(weights),
        "histogram": lambda: np.histogram(weights, bins=32),
        "std": weights.std,
        "mean64": lambda: weights.mean(dtype=np.float64),
        "mean": weights.mean,
    }
    rounds = [{name: _milliseconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: median(one[name] for one in rounds) for name in calls}


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _memory(weights: KerasArray) -> float:
    """Return how many MB are held at most at once, the array itself not counted."""
    tracemalloc.start()
    try:
        statistics(weights)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
