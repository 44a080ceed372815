"""A compiled random model: its losses are those of Keras's ``evaluate``, and it is trained as by ``fit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.effect import measure
from core.calculation.followed import Asked
from core.calculation.loss import losses_by_hand, predicted
from core.engine.built import build, own_layers, set_weights
from core.engine.compiled import Epochs, Sizes, tensors
from core.engine.keras_model import (
    batch_to_evaluate,
    compile_to_evaluate,
    evaluate,
    model_to_train,
    set_learning_rate,
)
from core.engine.programs import rows_of
from core.engine.reading import reading_of
from core.errors import Refused
from core.losses.batches import KERAS_BATCH
from tests.wild.compiled import WITHOUT
from tests.wild.trial import Differs, NotTried, apart, by_keras, layer_at

import tensorflow as tf  # isort: skip
from keras.src.applications.convnext import StochasticDepth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.loss import LossesWork, Predicted
    from core.engine.compiled import EpochRun
    from tests.wild.compiled import Compiled

SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}
"""What Keras calls a metric that was asked for by that name, as it is called here."""

METHODS = ("fit",) * 15 + ("tf.function",) * 4 + ("xla",)
"""How models are trained here, by their seeds: to make a program of one takes as long as all else."""

NEAR = 2e-4
"""How far apart a loss or weights may be that were calculated in float32 twice."""


def evaluated(compiled: Compiled) -> None:
    """The loss of all rows, and of the first by hand with what regularizers add, are those of ``evaluate``."""
    trial = compiled.trial
    x = trial.rows[0].astype(np.float64)
    worth = measure(trial.network, trial.opened.weights, compiled.dataset, x, compiled.recipe, compiled.task).training
    if worth is None or worth.loss is None:
        raise Differs("no loss is measured")
    _require_loss("all rows", worth.loss, _evaluate(compiled, slice(None)))
    made = predicted(Asked(trial.network, trial.opened.weights, x))
    ours = by_hand(compiled, made).total + sum(one.value for one in made.penalties)
    _require_loss("a row", ours, _evaluate(compiled, slice(1)))


def by_hand(compiled: Compiled, made: Predicted) -> LossesWork:
    """Return the loss of the first row.

    Raises:
        NotTried: it is one that is not written out.
    """
    try:
        return losses_by_hand(compiled.losses, compiled.flat[0].astype(np.float64), made)
    except Refused as reason:
        raise NotTried(f"by hand: {str(reason)[:60]}") from None


def _evaluate(compiled: Compiled, rows: slice) -> float:
    labels, model = compiled.beside([one[rows] for one in compiled.labels]), compiled.trial.model
    given = compiled.trial.given(rows), labels
    return float(by_keras(lambda: model.evaluate(*given, verbose=0, return_dict=True))["loss"])


def _require_loss(what: str, ours: float, theirs: float) -> None:
    if apart(ours, theirs) > NEAR and abs(ours - theirs) > 1e-6:
        raise Differs(f"the loss of {what} is {ours}, Keras's {theirs}")


def counted(compiled: Compiled) -> None:
    """All that ``evaluate`` gives: the losses of single outputs, and metrics."""
    trial, network, recipe, reading = compiled.trial, compiled.trial.network, compiled.recipe, reading_of(compiled.task)
    names = [output.name for output in network.each_output]
    if len(set(names)) < len(names):
        raise NotTried("two outputs are called alike")
    given, labels = trial.given(), compiled.beside(compiled.labels)
    theirs = by_keras(lambda: trial.model.evaluate(given, labels, verbose=0, return_dict=True))
    model, metrics = build(network), recipe.metrics_of_each(len(compiled.losses))
    compile_to_evaluate(model, network, compiled.losses, reading, metrics)
    set_weights(model, trial.opened.weights.layers)
    loss, others = evaluate(model, trial.rows, compiled.flat, batch_to_evaluate(network, compiled.losses))
    ours = {"loss": loss, **others}
    for told, number in theirs.items():
        of_output, _, metric = told.rpartition("_")
        name = f"{of_output}_{SHORT[metric]}".lstrip("_") if metric in SHORT else told
        if name not in ours:
            # A layer has a name that Keras can't be given here.
            continue
        if name.endswith("_loss") and len(trial.rows) > KERAS_BATCH:
            # Without a program Keras weighs these means by the sizes of batches.
            continue
        if apart(ours[name], number) > NEAR and abs(ours[name] - number) > 1e-5:
            if _is_tied(trial.predicted(trial.model)):
                raise NotTried("which output is the largest is decided by a last bit")
            raise Differs(f"{name} is {ours[name]}, in evaluate {number}")


def _is_tied(outputs: Sequence[Any]) -> bool:
    """Return whether two outputs of a place, or one and where the truth begins, are as good as equal."""
    ends = [np.append(one, np.broadcast_to(np.float32(0.5), (*one.shape[:-1], 1)), axis=-1) for one in outputs]
    return any((np.diff(np.sort(one, axis=-1), axis=-1) < 1e-5).any() for one in ends)


def trained(compiled: Compiled) -> None:
    """Weights and losses of two epochs of two batches, the second a short one, are those of ``fit``."""
    trial, model = compiled.trial, compiled.trial.model
    if model.optimizer.name in WITHOUT or model.optimizer.use_ema:
        raise NotTried(f"the optimizer {model.optimizer.name}, EMA or none")
    if any(isinstance(layer, StochasticDepth) for layer in model._flatten_layers()):
        raise NotTried("StochasticDepth draws from no stream of its own")
    streams = _streams([layer_at(model, path) for path in trial.network.paths])
    drawn = trial.random(5).integers(1, 10**6, (len(streams), 2))
    before = model.get_weights()
    for stream, numbers in zip(streams, drawn, strict=True):
        stream.assign(numbers)
    told = by_keras(lambda: _fit(compiled))["loss"]
    layers = [layer_at(model, path) for path in trial.network.paths]
    theirs = [array for layer in layers if hasattr(layer, "get_weights") for array in layer.get_weights()]
    model.set_weights(before)
    run = _run(compiled, drawn)
    if run.done < compiled.recipe.epochs:
        if np.isfinite(told).all():
            raise Differs(f"the training broke in epoch {run.done + 1}, batch {run.broken + 1}, Keras's did not")
        raise NotTried("the training breaks")
    for epoch, (one, other) in enumerate(zip(run.logs["loss"], told, strict=True), start=1):
        if apart(one, other) > NEAR and abs(one - other) > 1e-5:
            raise Differs(f"epoch {epoch} has the loss {one}, in fit {other}")
    named = zip(trial.network.paths, trial.network.weight_names, strict=True)
    names = ["/".join((*path, name)) for path, each in named for name in each]
    for name, stack, other in zip(names, run.weights, theirs, strict=True):
        if apart(stack[-1], other) > NEAR and np.abs(stack[-1] - other).max() > 1e-4:
            raise Differs(f"{name} is {apart(stack[-1], other):.2g} from fit's")


def _run(compiled: Compiled, drawn: Any) -> EpochRun:
    """Train by a program, whose random streams begin with the numbers ``drawn``."""
    method = METHODS[compiled.trial.seed % len(METHODS)]
    if method == "xla" and len(drawn):
        # It draws other numbers.
        method = "tf.function"
    try:
        return _run_by(compiled, drawn, method)
    except tf.errors.OpError:
        if method != "xla":
            raise
        # It lacks some of TensorFlow's operations.
        return _run_by(compiled, drawn, "tf.function")


def _run_by(compiled: Compiled, drawn: Any, method: str) -> EpochRun:
    trial, recipe = compiled.trial, compiled.recipe
    model = model_to_train(trial.network, recipe, reading_of(compiled.task))
    model.run_eagerly = method == "fit"
    rows = tensors(rows_of(recipe, trial.rows, compiled.flat, compiled.weights))
    program = Epochs(model, Sizes(len(trial.rows), 0, recipe.batch_size), rows, method)
    program.start([array for arrays in trial.opened.weights.layers for array in arrays], recipe.seed)
    set_learning_rate(model.optimizer, recipe.learning_rate)
    for stream, numbers in zip(_streams(own_layers(model)), drawn, strict=True):
        stream.assign(numbers)
    return program.run(rows, np.tile(np.arange(len(trial.rows)), (recipe.epochs, 1)))


def _streams(layers: Sequence[Any]) -> list[Any]:
    """Return where the random streams of layers stand, in order."""
    held = (one for layer in layers for one in getattr(layer, "variables", ()))
    return [one for one in held if one.name == "seed_generator_state"]


def _fit(compiled: Compiled) -> dict[str, Any]:
    recipe, weights = compiled.recipe, compiled.weights
    given: Any = weights
    if weights is not None:
        shapes = [output.shape[:-1] for output in compiled.trial.network.each_output]
        rows = (weights.reshape(-1, *(1 for _ in places)) * np.ones(places, np.float32) for places in shapes)
        given = compiled.beside([*rows])
    told: dict[str, Any] = compiled.trial.model.fit(
        compiled.trial.given(),
        compiled.beside(compiled.labels),
        recipe.batch_size,
        recipe.epochs,
        sample_weight=given,
        class_weight=compiled.of_classes,
        shuffle=False,
        verbose=0,
    ).history
    return told
