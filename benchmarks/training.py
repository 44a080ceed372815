"""How long a training takes in one compiled program, against Keras's ``fit`` of the same model on the same data."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.row import Row
from benchmarks.terminal import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.compiled import Batches, Rows

EPOCHS = 150
ROUNDS = 9
PLAYGROUND = 0.35
"""Milliseconds an epoch of TensorFlow Playground's engine takes in Node on the same network and data: stated."""

POINTS = 60_000


def run() -> list[Row]:
    """Measure in a process of its own, which imports Keras."""
    argv = [sys.executable, "-m", "benchmarks.training"]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    took = json.loads(ended.stdout.splitlines()[-1])
    ours, peer, compiling = took["ours"], took["fit"], took["compiling"]
    whole = f"{EPOCHS} epochs of the tutorial, against fit"
    return [
        Row(f"{whole}: compiled already", ours * 1e3, peer * 1e3, "ms", 1000, at_least=True),
        Row(f"{whole}: with tracing and compiling", (ours + compiling) * 1e3, peer * 1e3, "ms", 4, at_least=True),
        Row("an epoch of it, against Playground's (stated)", ours / EPOCHS * 1e3, PLAYGROUND, "ms", 0.5),
        Row("an epoch of 60,000 x 784, against fit", took["large"], took["large fit"], "s", 1),
    ]


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _tutorial() -> dict[str, float]:
    """Time the tutorial's training both ways."""
    import numpy as np

    from core.data.dataset import SumRule, generate
    from core.engine.compiled import Epochs, tensors
    from core.engine.keras_model import model_to_train
    from core.engine.programs import sizes_of
    from core.model.tutorial import trained
    from core.training.recipe import Recipe

    recipe, (network, _), data = Recipe(epochs=EPOCHS), trained(), generate(SumRule(250))
    rows = tensors((data.points, data.labels))
    model, sizes = model_to_train(network, recipe), sizes_of(recipe, len(data.points))
    begun = time.perf_counter()
    program = Epochs(model_to_train(network, recipe), sizes, rows)
    program.warm(rows)
    compiling, weights = time.perf_counter() - begun, model.get_weights()

    def train() -> None:
        random = np.random.default_rng(recipe.seed)
        program.start(weights, recipe.seed)
        program.run(rows, [random.permutation(sizes.training) for _ in range(EPOCHS)])

    ours = median(_seconds(train) for _ in range(ROUNDS))
    arrays = [part.numpy() for part in rows]
    return {"compiling": compiling, "ours": ours, "fit": _seconds(lambda: _fit(model, arrays))}


def _fit(model: Any, arrays: list[Any]) -> None:
    model.fit(*arrays, batch_size=32, epochs=EPOCHS, validation_split=0.2, verbose=0)


def _large_model() -> Any:
    import keras

    layers = [keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _large() -> dict[str, float]:
    """Time an epoch of random data of MNIST's size both ways, the second of each: the first sets up."""
    import keras
    import numpy as np

    from core.engine.compiled import Batches, Sizes, tensors

    random = np.random.default_rng(0)
    points = random.uniform(size=(POINTS, 784)).astype(np.float32)
    rows = tensors((points, random.integers(0, 10, POINTS).astype(np.int32)[:, np.newaxis]))
    program = Batches(_large_model(), Sizes(POINTS, 0, 32), rows)
    program.warm(rows)
    times = [_seconds(lambda: _epoch(program, rows, random.permutation(POINTS))) for _ in range(2)]
    begun: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: begun.append(time.perf_counter()))
    _large_model().fit(points, rows[1].numpy(), batch_size=32, epochs=2, verbose=0, callbacks=[clock])
    return {"large": times[1], "large fit": time.perf_counter() - begun[1]}


def _epoch(program: Batches, rows: Rows, order: Any) -> None:
    """Train an epoch in calls of about a tenth of a second, as the engine does."""
    batch = 0
    while batch < program.sizes.batches:
        end = min(program.sizes.batches, batch + max(1, int(0.1 / program.seconds_each)))
        batch, _ = program.train(rows, order, batch, end)
    program.results()


if __name__ == "__main__":
    print(json.dumps(_tutorial() | _large()))
