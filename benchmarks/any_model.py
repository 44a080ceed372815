"""Calculating any model by its operations: a large one against ``predict``, small ones against plain NumPy.

The code before operations took, on the same machine, 1.14 ms for 10,000 points of the tutorial's model and 84 ms for 64
images of the small CNN; plain NumPy, which it was next to, stands for it here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.row import Row
from benchmarks.terminal import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 9
SLOWER = 1.25
"""How many times as long as plain NumPy small models may take."""


def run() -> list[Row]:
    """Measure in a process of its own, which imports Keras."""
    argv = [sys.executable, "-m", "benchmarks.any_model"]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(ended.stdout.splitlines()[-1])
    return [
        _row("MobileNetV2, one image of 224 x 224, nothing kept: predict", found["mobilenet"], "ms", 3.0),
        _row("... every value kept: memory, against the values that have names", found["kept"], "MB", 1.5),
        _row("10,000 points of the tutorial's model, against plain NumPy", found["tutorial"], "ms", SLOWER),
        _row("64 images of 28 x 28 through a small CNN, against plain NumPy", found["cnn"], "ms", SLOWER),
    ]


def _row(what: str, times: Sequence[float], unit: str, target: float) -> Row:
    ours, peer = times
    return Row(what, ours, peer, unit, target)


def _in_turn(ours: Callable[[], object], peer: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the medians in milliseconds of both, one after the other in every round, both warm."""
    times: tuple[list[float], list[float]] = [], []
    for round_ in range(rounds + 1):
        for call, taken in zip((ours, peer), times, strict=True):
            begun = time.perf_counter()
            call()
            if round_:
                taken.append((time.perf_counter() - begun) * 1e3)
    return median(times[0]), median(times[1])


def _mobilenet() -> dict[str, tuple[float, float]]:
    import keras
    import numpy as np

    from core.calculation.calculated import calculated
    from core.calculation.running import predictions
    from core.model.files.opening import open_graph
    from core.operations.rounding import EXACT

    model: Any = keras.applications.MobileNetV2(weights=None)
    with TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        opened = open_graph(Path(folder) / "model.keras")
    image = np.random.default_rng(0).random((1, 224, 224, 3), dtype=np.float32)
    right = model.predict(image, verbose=0)
    np.testing.assert_allclose(predictions(opened.graph, opened.weights, [image])[0], right, rtol=1e-4)
    times = _in_turn(
        lambda: predictions(opened.graph, opened.weights, [image]), lambda: model.predict(image, verbose=0)
    )
    made = calculated(opened.graph, opened.weights, [image[0]], EXACT)
    named = sum(made.numbers[number].nbytes for value in made.values for number in value.parts.values())
    held = {id(owner): owner.nbytes for owner in map(_owner, made.numbers)}
    return {"mobilenet": times, "kept": (sum(held.values()) / 1e6, named / 1e6)}


def _owner(array: Any) -> Any:
    while array.base is not None:
        array = array.base
    return array


def _tutorial() -> tuple[float, float]:
    import numpy as np

    from core.calculation.running import predict
    from core.model.tutorial import trained

    network, weights = trained()
    points = np.random.default_rng(0).random((10_000, 2))
    arrays = [[array.astype(np.float64) for array in layer] for layer in weights.layers]

    def plain() -> Any:
        values: Any = points
        for kernel, bias in arrays:
            values = np.tanh(values @ kernel + bias)
        return values

    np.testing.assert_allclose(predict(network, weights, points), plain(), rtol=1e-12)
    return _in_turn(lambda: predict(network, weights, points), plain, 50)


def _cnn() -> tuple[float, float]:
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    from core.calculation.running import predict
    from core.layers.convolution import Conv2D
    from core.layers.dense import Dense
    from core.layers.pooling import MaxPooling2D
    from core.layers.reshaping import Flatten
    from core.model.network import Network
    from core.model.weights import Weights

    layers = (
        Conv2D("first", 16, (3, 3), (1, 1), "valid", "relu"),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        Conv2D("second", 32, (3, 3), (1, 1), "valid", "relu"),
        MaxPooling2D("again", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 10),
    )
    network, random = Network.chain(784, layers, shape=(28, 28, 1)), np.random.default_rng(0)
    weights = Weights.for_network(network, [[random.normal(size=s) for s in one] for one in network.weight_shapes])
    images = random.random((64, 784))
    first, _, second, _, _, last = ([array.astype(np.float64) for array in one] for one in weights.layers)

    def convolved(values: Any, kernel: Any, bias: Any) -> Any:
        seen = sliding_window_view(values, (3, 3), (1, 2))
        made = np.maximum(np.tensordot(seen, kernel, ((4, 5, 3), (0, 1, 2))) + bias, 0.0)
        rows, columns = made.shape[1] // 2, made.shape[2] // 2
        cut = made[:, : 2 * rows, : 2 * columns].reshape(len(made), rows, 2, columns, 2, -1)
        return cut.max((2, 4))

    def plain() -> Any:
        values = convolved(convolved(images.reshape(-1, 28, 28, 1), *first), *second)
        return values.reshape(len(values), -1) @ last[0] + last[1]

    np.testing.assert_allclose(predict(network, weights, images), plain(), rtol=1e-9, atol=1e-9)
    return _in_turn(lambda: predict(network, weights, images), plain)


if __name__ == "__main__":
    print(json.dumps({**_mobilenet(), "tutorial": _tutorial(), "cnn": _cnn()}))
