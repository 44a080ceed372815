"""How long the prediction of one point takes in NumPy, against ``model.predict`` of the same point and model."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.row import Row
from benchmarks.terminal import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

POINT = (0.3, 0.1)
ROUNDS = 40
OURS_A_ROUND = 200
TARGET = 1000.0


def run() -> list[Row]:
    """Measure in a process of its own, which imports Keras."""
    argv = [sys.executable, "-m", "benchmarks.forward"]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    times = json.loads(ended.stdout.splitlines()[-1])
    peer = times["keras"]
    return [
        Row("forward of one point: predict", times["predict"], peer, "us", TARGET, at_least=True),
        Row("forward of one point: trace, every step kept", times["trace"], peer, "us", at_least=True),
    ]


def _microseconds(call: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times * 1e6


def _measure() -> dict[str, float]:
    """Time NumPy and Keras in turn, both warm; return the medians in microseconds."""
    import numpy as np

    from core.calculation.running import predict
    from core.engine.built import build, set_weights
    from core.model.tutorial import trained
    from tests.traced import trace

    network, weights = trained()
    model = build(network)
    set_weights(model, weights.layers)
    x = np.array(POINT, dtype=np.float32)
    one = x[np.newaxis]
    calls: dict[str, tuple[Callable[[], object], int]] = {
        "predict": (lambda: predict(network, weights, one), OURS_A_ROUND),
        "trace": (lambda: trace(network, weights, x), OURS_A_ROUND),
        "keras": (lambda: model.predict(one, verbose=0), 1),
    }
    np.testing.assert_allclose(predict(network, weights, one), model.predict(one, verbose=0), atol=1e-6)
    taken = [{name: _microseconds(*call) for name, call in calls.items()} for _ in range(ROUNDS)]
    return {name: median(round_[name] for round_ in taken) for name in calls}


if __name__ == "__main__":
    print(json.dumps(_measure()))
