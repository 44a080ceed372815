"""The Keras model of a network asked, and made ready to train."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from core.engine.along import LossAlong, metric_along
from core.engine.built import KerasModel, build
from core.engine.protocol import EpochMetrics, Ready
from core.engine.reading import SIGNS
from core.losses import KERAS_LOSSES, Labels, Over
from core.losses.batches import KERAS_BATCH, labels_of_each
from core.training.keras_metrics import always, keras_metric, metric_name
from core.training.optimizers import KERAS_OPTIMIZERS
from core.training.options import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import KerasArray
    from core.engine.reading import Reading
    from core.losses import Loss
    from core.model.network import Network
    from core.model.written import Output
    from core.training.recipe import Recipe

BATCH = 4096
"""Points that ``predict`` and ``evaluate`` take at a time; Keras's 32 would make a million points take minutes."""


def ready(devices: tuple[str, ...]) -> Ready:
    """Return the versions of what has been imported."""
    return Ready(keras=keras.__version__, tensorflow=tf.__version__, devices=devices)


def predict(model: KerasModel, points: KerasArray) -> KerasArray:
    """Return what ``model.predict`` gives for ``points``, several outputs beside each other."""
    made = model.predict(points, batch_size=BATCH, verbose=0)
    return np.asarray(np.concatenate(made, axis=1) if isinstance(made, list) else made, dtype=np.float32)


def compile_to_evaluate(
    model: KerasModel,
    network: Network,
    losses: tuple[Loss, ...],
    reading: Reading,
    metrics: tuple[tuple[str, ...], ...],
) -> None:
    """Make ``model``, which is of ``network``, ready for :func:`evaluate`, which gives ``metrics`` and the task's.

    What is called accuracy is what Keras makes of that word: of several outputs whether the largest is where the
    label's is, of one whether it is above 0.5, logits or not.
    """
    each = zip(reading.of_outputs(len(losses)), metrics, strict=True)
    wanted = [(*entries, *(name for name in always(one.task) if name == "accuracy")) for one, entries in each]
    _compile(model, network, losses, reading.of_keras, wanted)


def batch_to_evaluate(network: Network, losses: tuple[Loss, ...]) -> int:
    """Return how many points ``model.evaluate`` takes at a time: Keras's own number where a loss depends on it.

    Of several outputs each one's loss is the mean over batches, whatever their sizes.
    """
    by_batch = len(losses) > 1 or network.is_masked or any(loss.by_batch for loss in losses)
    return KERAS_BATCH if by_batch else BATCH


def evaluate(
    model: KerasModel, points: KerasArray, targets: KerasArray, batch_size: int
) -> tuple[float, dict[str, float]]:
    """Return loss and metrics as ``model.evaluate`` gives them for labels as the loss takes them."""
    numbers = model.evaluate(points, targets, batch_size=batch_size, verbose=0, return_dict=True)
    metrics = {name: float(value) for name, value in numbers.items()}
    return metrics.pop("loss"), metrics


def loss_of_row(
    model: KerasModel, network: Network, point: KerasArray, label: KerasArray, losses: tuple[Loss, ...]
) -> tuple[float, float]:
    """Return the loss of one row as ``model.evaluate`` has it, and of its label and what ``predict`` made of it.

    Keras's activations leave their pre-activations, and layers their masks, with what a model gives, and ``predict``
    lets go of them; the second number is without ``loss_weights`` if there is one output.
    """
    made, row = keras.tree.flatten(model(tf.constant(point[np.newaxis]), training=False)), predict(model, point[None])
    of_model, of_prediction = 0.0, 0.0
    each = zip(losses, network.each_output, labels_of_each(losses, network.each_output), made, strict=True)
    for loss, output, of_output, outputs in each:
        function, wanted = _loss_for(output, loss), tf.constant(label[np.newaxis, of_output])
        of_model += loss.weight * float(np.mean(function(wanted, outputs)))
        weight = 1.0 if len(losses) == 1 else loss.weight
        of_prediction += weight * float(np.mean(function(wanted, tf.constant(row[:, output.columns]))))
    return of_model, of_prediction


def keras_loss(loss: Loss) -> Any:
    """Return Keras's loss with its settings; ``loss_weights`` are ``compile``'s."""
    kind = getattr(keras.losses, loss.keras_class)
    made = _OfClassColumn if kind is keras.losses.CategoricalGeneralizedCrossEntropy else kind
    return made(**loss.arguments)


class _OfClassColumn(keras.losses.CategoricalGeneralizedCrossEntropy):  # type: ignore[misc]
    """Takes class numbers as a column; Keras's own wants them flat, and would pair every row with every label."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return super().call(y_true[..., 0], y_pred)


def sign_accuracy(y_true: Any, y_pred: Any, at: float = 0.0) -> Any:
    """Return 1 for every prediction on its label's side of ``at``, else 0; Keras takes the mean."""
    # Outputs may be whole numbers, of which TensorFlow takes no real one away.
    right = keras.ops.equal(keras.ops.sign(y_true - at), keras.ops.sign(keras.ops.cast(y_pred, "float32") - at))
    return keras.ops.cast(right, "float32")


def answers_counted(reading: Reading, loss: str) -> list[Any]:
    """Return the metrics that every training counts, by the names of :func:`core.training.keras_metrics.always`."""
    match reading.task:
        case "signs":
            return [_named("sign_accuracy", partial(sign_accuracy, at=reading.at)), "binary_accuracy"]
        case "binary":
            name = always(reading.task, reading.at)[0]
            return [keras.metrics.BinaryAccuracy(name=name, threshold=reading.at), "binary_accuracy"]
        case "classes" if KERAS_LOSSES[loss].labels is Labels.CLASSES:
            return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
        case "classes":
            return [keras.metrics.CategoricalAccuracy(name="accuracy")]
    return [keras.metrics.MeanAbsoluteError(name="mean_absolute_error")]


def _named(name: str, function: Any) -> Any:
    return keras.metrics.MeanMetricWrapper(function, name=name)


def model_to_train(network: Network, recipe: Recipe, reading: Reading = SIGNS) -> KerasModel:
    """Return a new model with the recipe's optimizer, losses and metrics, and those that count its answers."""
    model, outputs = build(network), len(network.each_output)
    _compile(model, network, recipe.losses(outputs), reading, recipe.metrics_of_each(outputs), _optimizer(recipe))
    return model


def _compile(
    model: KerasModel,
    network: Network,
    losses: tuple[Loss, ...],
    reading: Reading,
    metrics: Sequence[tuple[str, ...]],
    optimizer: Any = "rmsprop",
) -> None:
    """Give ``model`` the losses of its outputs, and what is counted of each beside them."""
    outputs, weights = network.each_output, [loss.weight for loss in losses]
    each = zip(outputs, losses, reading.of_outputs(len(outputs)), metrics, strict=True)
    made = [_loss_for(output, loss) for output, loss in zip(outputs, losses, strict=True)]
    counted = [_counted(own, loss.name, entries, output) for output, loss, own, entries in each]
    if len(outputs) == 1:
        model.compile(optimizer, made[0], None if weights == [1.0] else weights[0], counted[0])
        return
    model.compile(optimizer, made, None if set(weights) == {1.0} else weights, counted)
    model.cut_labels(labels_of_each(losses, outputs))


def _loss_for(output: Output, loss: Loss) -> Any:
    """Return Keras's loss of what a network has as an output, in a row."""
    made = keras_loss(loss)
    return LossAlong(made, output.spread) if output.spread and loss.over is not Over.BATCH else made


def _counted(reading: Reading, loss: str, metrics: tuple[str, ...], output: Output) -> list[Any]:
    """Return what is counted of an output in a task, and the ``metrics`` that are asked for.

    One that is asked for by name is what Keras makes of that name, and stands in the task's place: Keras's accuracy of
    logits takes 0.5 as the threshold.
    """
    sparse = KERAS_LOSSES[loss].labels is Labels.CLASSES
    asked = {metric_name(entry): _metric(entry, output, sparse) for entry in metrics}
    usual = zip(always(reading.task, reading.at), answers_counted(reading, loss), strict=True)
    counted = {name: metric for name, metric in usual if name not in asked}
    if output.spread:
        counted = {name: metric_along(metric, output.spread, sparse) for name, metric in counted.items()}
    return [*counted.values(), *asked.values()]


def _metric(entry: str, output: Output, sparse: bool) -> Any:
    """Return Keras's metric, or its name where that is for ``compile`` to make one of."""
    kind, settings = keras_metric(entry, output.shape[-1])
    metric = getattr(keras.metrics, kind)(**settings) if kind else entry
    return metric_along(metric, output.spread, sparse) if output.spread else metric


def _optimizer(recipe: Recipe) -> Any:
    rate: Any = recipe.learning_rate
    if recipe.schedule is not None:
        # A variable in its place, so that another one does not make another program.
        rate = tf.Variable(rate, dtype=tf.float32, trainable=False)
        kind, options = recipe.schedule.kind, dict[str, Any](recipe.schedule.options)
        if isinstance(later := options.get("values"), tuple):
            options["values"] = [rate, *later]
        else:
            options["initial_learning_rate"] = rate
        rate = getattr(keras.optimizers.schedules, kind.keras_class)(**options)
    optimizer = KERAS_OPTIMIZERS[recipe.optimizer]
    made = getattr(keras.optimizers, optimizer.keras_class)
    return made(learning_rate=rate, **arguments(recipe.optimizer_options, optimizer.options))


def copies_of_weights(optimizer: Any, weights: list[Any]) -> list[tuple[Any, Any]]:
    """Return every variable of ``optimizer`` that begins as one of the trainable ``weights``, and that one."""
    if not isinstance(optimizer, keras.optimizers.ScheduleFreeAdamW):
        return []
    return list(zip(optimizer._momentums, weights, strict=True))


def set_learning_rate(optimizer: Any, rate: float) -> None:
    """Give ``optimizer`` another learning rate; one that has a schedule of ours begins with it."""
    schedule = optimizer._learning_rate
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        optimizer.learning_rate = rate
    elif isinstance(schedule, keras.optimizers.schedules.PiecewiseConstantDecay):
        schedule.values[0].assign(rate)
    else:
        schedule.initial_learning_rate.assign(rate)


def metrics_of(logs: Mapping[str, float]) -> EpochMetrics:
    """Return an epoch's numbers by their names in Keras's ``History``."""
    numbers = {name: float(value) for name, value in logs.items()}
    return EpochMetrics(numbers.pop("loss"), numbers.pop("val_loss", None), numbers)
