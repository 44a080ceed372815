"""What ``compile`` says of a loss reaches Keras: weights of losses, a class that is ignored, an axis, several signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.engine.protocol import AskLoss, RowLoss, SetWeights, Tensor, Train, Trained, to_arrays, to_tensors
from core.engine.reading import reading_of
from core.losses import loss_called
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.tasks import task_for
from core.training.recipe import Recipe
from tests.engine.test_losses_and_metrics import by_fit, require_equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.client import EngineClient
    from core.training.options import Options

L = keras.losses
JOBS: dict[str, tuple[str, Options, str, Callable[[], Any]]] = {
    "several signs": ("hinge", (("loss_weights", 0.5),), "tanh", L.Hinge),
    "a class ignored": (
        "sparse_categorical_crossentropy",
        (("ignore_class", 1), ("loss_weights", -3.0)),
        "softmax",
        lambda: L.SparseCategoricalCrossentropy(ignore_class=1),
    ),
    "a label left out": (
        "sparse_categorical_crossentropy",
        (("ignore_class", -1),),
        "softmax",
        lambda: L.SparseCategoricalCrossentropy(ignore_class=-1),
    ),
    "an axis": ("dice", (("axis", 0),), "sigmoid", lambda: L.Dice(axis=0)),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_training_and_a_rows_loss_are_those_of_keras(engine: EngineClient, job: str) -> None:
    loss, options, last, kind = JOBS[job]
    random = np.random.default_rng(5)
    points = random.normal(0, 1, (40, 2)).astype(np.float32)
    column = random.integers(-1 if ("ignore_class", -1) in options else 0, 3, (40, 1))
    labels = {"tanh": random.choice([-1, 1], (40, 3)), "softmax": column}.get(last, random.integers(0, 2, (40, 3)))
    labels = frozen(labels.astype(np.float32))
    network = chain_network(2, f"3 tanh, 3 {last}")
    ignored = loss_called(loss, options).ignored
    task = task_for(Dataset(frozen(points), labels, DataFile("my.csv")), 3, loss, ignored=ignored)
    weights = initial_weights(network, 1)
    asked = Recipe(loss, "sgd", 0.01, 2, 15, 0.0, loss_options=options)
    told: list[Any] = []
    wanted = Tensor.of(task.targets(labels, 3))
    command = Train(1, network, to_tensors(weights.layers), asked, Tensor.of(points), wanted, reading=reading_of(task))
    ended = engine.train_until(command, told.append)
    assert isinstance(ended, Trained) and ended.method == "xla"

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "tanh"), keras.layers.Dense(3, last)])
    model.set_weights([array for layer in weights.layers for array in layer])
    model.compile(keras.optimizers.SGD(0.01), kind(), loss_weights=dict(options).get("loss_weights"), run_eagerly=True)
    engine.ask(SetWeights(2, weights.version, network, to_tensors(weights.layers)))
    for row in range(3):
        label = Tensor.of(task.targets(labels, 3)[row])
        answer = engine.ask(AskLoss(3, weights.version, Tensor.of(points[row]), label, loss, options))
        assert isinstance(answer, RowLoss)
        expected = model.evaluate(points[row : row + 1], labels[row : row + 1], verbose=0)
        assert answer.loss == pytest.approx(expected, rel=1e-5, abs=1e-7)
    require_equal([epoch for one in told for epoch in one.epochs], by_fit(model, points, labels, asked))
    ours = [array for layer in to_arrays(ended.layers) for array in layer]
    for one, other in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
