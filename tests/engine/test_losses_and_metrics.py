"""Every loss and every metric reaches Keras: a compiled training's numbers are those of ``fit`` of another model.

The losses that ``tests/engine/test_exactness.py`` compares with every optimizer are not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from core.engine.keras_model import sign_accuracy
from core.engine.protocol import Evaluate, Evaluated, SetWeights, Tensor, Train, Trained, to_arrays, to_tensors
from core.layers.dense import Dense
from core.losses import KERAS_LOSSES, Labels, Over
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.training.keras_metrics import KERAS_METRICS, always, read_metrics
from core.training.recipe import Recipe
from tests.engine.fit_oracle import LOSSES, MAIN
from tests.tasks import reading, targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.engine.client import EngineClient
    from core.engine.protocol import EpochMetrics, Progress
    from core.model.network import Network
    from tests.engine.conftest import Bench

POINTS, EPOCHS = 60, 2

ONE = {Labels.SIGNS: "tanh", Labels.NUMBERS: "tanh", Labels.BINARY: "sigmoid"}

M = keras.metrics

OF_ONE_OUTPUT = (M.MeanSquaredError, M.RootMeanSquaredError, M.MeanAbsoluteError, M.MeanAbsolutePercentageError)
OF_EACH = (*OF_ONE_OUTPUT, M.LogCoshError, M.Hinge, M.SquaredHinge, M.CosineSimilarity, M.R2Score)
COUNTS = (M.TruePositives, M.TrueNegatives, M.FalsePositives, M.FalseNegatives)
OF_TRUTHS = (M.MeanSquaredLogarithmicError, M.BinaryCrossentropy, M.KLDivergence, M.Poisson, M.AUC, M.BinaryIoU)
AT = {
    "precision_at_recall=0.5": lambda: M.PrecisionAtRecall(0.5),
    "recall_at_precision=0.8": lambda: M.RecallAtPrecision(0.8),
    "sensitivity_at_specificity=0.7": lambda: M.SensitivityAtSpecificity(0.7),
    "specificity_at_sensitivity=0.6": lambda: M.SpecificityAtSensitivity(0.6),
    "precision=0.4": lambda: M.Precision(0.4),
    "recall": M.Recall,
}


def _named(kinds: Sequence[Any]) -> dict[str, Any]:
    classes = {metric.keras_class: name for name, metric in KERAS_METRICS.items()}
    return {classes[kind.__name__]: kind for kind in kinds}


METRICS: dict[str, dict[str, Any]] = {
    "binary_crossentropy": {
        **_named((*OF_EACH, *OF_TRUTHS, *COUNTS)),
        **AT,
        "f1_score": lambda: M.F1Score("macro", 0.5),
        "fbeta_score=2": lambda: M.FBetaScore("macro", 2.0, 0.5),
        "accuracy": lambda: "accuracy",
        "binary_accuracy": lambda: "binary_accuracy",
    },
    "categorical_crossentropy": {
        **_named((*OF_EACH, *OF_TRUTHS, *COUNTS)),
        **_named((M.CategoricalAccuracy, M.CategoricalCrossentropy, M.CategoricalHinge)),
        **_named((M.PearsonCorrelation, M.ConcordanceCorrelation)),
        **AT,
        "top_k_categorical_accuracy=2": lambda: M.TopKCategoricalAccuracy(2),
        "f1_score": lambda: M.F1Score("macro"),
        "fbeta_score=0.5": lambda: M.FBetaScore("macro", 0.5),
        "one_hot_io_u=1": lambda: M.OneHotIoU(3, [1]),
        "one_hot_mean_io_u": lambda: M.OneHotMeanIoU(3),
        "accuracy": lambda: "accuracy",
        "binary_accuracy": lambda: "binary_accuracy",
    },
    "sparse_categorical_crossentropy": {
        **_named((M.SparseCategoricalAccuracy, M.SparseCategoricalCrossentropy)),
        "sparse_top_k_categorical_accuracy": M.SparseTopKCategoricalAccuracy,
        "io_u=0": lambda: M.IoU(3, [0], sparse_y_pred=False),
        "mean_io_u": lambda: M.MeanIoU(3, sparse_y_pred=False),
        "accuracy": lambda: "accuracy",
    },
}
"""For a loss of each kind of labels: how a recipe asks for every metric that fits it, and Keras's own.

Those that labels of -1 and +1 fit are among those that labels of 0 and 1 fit.
"""


def network_for(loss: str) -> Network:
    activation = ONE.get(KERAS_LOSSES[loss].labels)
    return chain_network(2, f"3 tanh, 1 {activation}" if activation else "3 tanh, 3 softmax")


def labels_for(loss: str, signs: Any) -> Any:
    """Return the labels as Keras's documentation has them for that loss."""
    truths = (signs > 0).astype(np.float32)
    kind = KERAS_LOSSES[loss].labels
    if kind is Labels.ONE_HOT:
        return keras.utils.to_categorical(truths, 3)
    if kind is Labels.CLASSES:
        return truths[:, 0].astype(np.int32)
    return truths if kind is Labels.BINARY else signs


def own_model(loss: str, weights: Sequence[Any], metrics: list[Any]) -> Any:
    last = network_for(loss).layers[-1]
    assert isinstance(last, Dense)
    layers = [keras.layers.Dense(3, "tanh"), keras.layers.Dense(last.units, last.activation)]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.set_weights(weights)
    kind = getattr(keras.losses, KERAS_LOSSES[loss].keras_class)
    # To trace the steps takes longer than these few do.
    model.compile(keras.optimizers.SGD(0.001, 0.9), kind(), metrics=metrics, run_eagerly=True)
    return model


def by_fit(model: Any, points: Any, labels: Any, asked: Recipe) -> dict[str, list[float]]:
    """Train in the order in which a training here takes the points, and return ``History``."""
    random, size = np.random.default_rng(asked.seed), asked.batch_size

    def batches() -> Iterator[tuple[Any, Any]]:
        for _ in range(asked.epochs):
            order = random.permutation(len(points))
            for begin in range(0, len(points), size):
                rows = order[begin : begin + size]
                yield points[rows], labels[rows]

    steps = -(-len(points) // size)
    history: dict[str, list[float]] = model.fit(batches(), steps_per_epoch=steps, epochs=EPOCHS, verbose=0).history
    return history


def train_both(
    engine: EngineClient, bench: Bench, loss: str, metrics: dict[str, Any], batch: int
) -> tuple[list[EpochMetrics], dict[str, list[float]], float]:
    """Train here and by ``fit``; return both histories and how far the weights are apart."""
    network = network_for(loss)
    weights = initial_weights(network, 1)
    start = [array for layer in weights.layers for array in layer]
    asked = Recipe(
        loss=loss,
        optimizer="sgd",
        learning_rate=0.001,
        epochs=EPOCHS,
        batch_size=batch,
        validation_split=0.0,
        seed=3,
        optimizer_options=(("momentum", 0.9),),
        metrics=read_metrics(" ".join(metrics)),
    )
    told: list[Progress] = []
    points, labels = bench.data.points, bench.data.labels
    command = Train(
        1,
        network,
        to_tensors(weights.layers),
        asked,
        Tensor.of(points),
        Tensor.of(targets(loss, labels, network.outputs)),
        reading=reading(loss, network.outputs),
    )
    ended = engine.train_until(command, told.append)
    assert isinstance(ended, Trained)
    assert ended.method == "xla"
    # So that Keras gives the metrics their plain names.
    keras.utils.clear_session()
    model = own_model(loss, start, [made() for made in metrics.values()])
    history = by_fit(model, points, labels_for(loss, labels), asked)
    ours = [array for layer in to_arrays(ended.layers) for array in layer]
    apart = max(float(np.abs(one - other).max()) for one, other in zip(ours, model.get_weights(), strict=True))
    return [epoch for progress in told for epoch in progress.epochs], history, apart


def require_equal(epochs: list[EpochMetrics], history: dict[str, list[float]]) -> None:
    for name, column in history.items():
        ours = [epoch.by_name()[name] for epoch in epochs]
        np.testing.assert_allclose(np.array(ours, np.float64), column, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("loss", [loss for loss in LOSSES if loss not in MAIN])
def test_a_loss_trains_and_is_evaluated_as_keras_does(engine: EngineClient, bench: Bench, loss: str) -> None:
    epochs, history, apart = train_both(engine, bench, loss, {}, 30)
    assert apart <= 1e-6
    assert set(history) == {"loss"}
    require_equal(epochs, history)
    network = network_for(loss)
    weights = initial_weights(network, 2)
    engine.ask(SetWeights(2, weights.version, network, to_tensors(weights.layers)))
    points, labels = bench.data.points, bench.data.labels
    wanted = Tensor.of(targets(loss, labels, network.outputs))
    worth = engine.ask(Evaluate(3, weights.version, Tensor.of(points), wanted, loss, reading(loss, network.outputs)))
    assert isinstance(worth, Evaluated)
    model = own_model(loss, [array for layer in weights.layers for array in layer], [])
    told = model.evaluate(points, labels_for(loss, labels), verbose=0)
    assert worth.loss == pytest.approx(told, rel=1e-6)
    assert (worth.batch_size == 32) == (KERAS_LOSSES[loss].over is Over.BATCH)


@pytest.mark.parametrize("loss", METRICS)
def test_every_metric_has_the_name_and_the_numbers_of_fit(engine: EngineClient, bench: Bench, loss: str) -> None:
    fitting = {name for name, metric in KERAS_METRICS.items() if KERAS_LOSSES[loss].labels in metric.labels}
    assert {entry.partition("=")[0] for entry in METRICS[loss]} == fitting
    epochs, history, _ = train_both(engine, bench, loss, METRICS[loss], 20)
    told = {name for name, value in epochs[0].by_name().items() if value is not None}
    assert told == {*always(reading(loss, network_for(loss).outputs).task), *history}
    require_equal(epochs, history)


def test_answers_in_whole_numbers_are_on_a_side_too() -> None:
    made = sign_accuracy(np.array([[1.0], [-1.0], [-1.0]], np.float32), keras.ops.convert_to_tensor([[2], [3], [-1]]))
    np.testing.assert_array_equal(np.asarray(made), [[1.0], [0.0], [1.0]])
