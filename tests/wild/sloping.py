"""How the loss of a row changes with each weight of a random model, held against TensorFlow's tape."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.followed import Asked
from core.calculation.loss import predicted
from core.calculation.running import split
from core.layers.writer import Writer
from core.losses.logits import activation_under
from core.operations.run import Ready
from core.operations.slopes import slopes
from tests.wild.trainings import by_hand
from tests.wild.trial import Differs, NotTried, by_keras, layer_at

import tensorflow as tf  # isort: skip

if TYPE_CHECKING:
    from core.layers.writer import Weight
    from tests.wild.compiled import Compiled

NEAR = 1e-3
"""How far apart slopes may be, as a share of the largest of an array: the tape's are in float32."""

MOVED = 1e-6
"""How far to each side numbers are moved to see whether there is a corner."""


def sloped(compiled: Compiled) -> None:
    """The slopes that a loss by hand ends with, handed back through the calculation, are those of the tape."""
    ours, theirs = _by_hand(compiled), by_keras(lambda: _by_tape(compiled))
    largest = max((np.abs(one).max(initial=0.0) for one in ours.values()), default=0.0)
    for weight, (layer, array) in compiled.trial.network.places.items():
        mine, right = ours[weight], theirs[layer][array]
        right = np.zeros(mine.shape) if right is None else right
        # A small slope may be the difference of large ones.
        scale = max(float(np.abs(right).max(initial=0.0)), 0.1 * largest, 1e-2)
        # Where a slope is none in Keras there may be one.
        if not np.isnan(right).any() and not np.allclose(mine, right, rtol=NEAR, atol=NEAR * scale):
            below, above = (_by_hand(compiled, moved)[weight] for moved in (-MOVED, MOVED))
            if not np.allclose(below, above, rtol=0.1, atol=0.1 * scale):
                raise NotTried("it has a corner there")
            what = f"{'/'.join(weight.layer)}/{weight.name}"
            raise Differs(f"the slope of {what} is {np.abs(mine - right).max() / scale:.2g} from the tape's")


def _by_hand(compiled: Compiled, moved: float = 0.0) -> dict[Weight, Any]:
    network, weights, random = compiled.trial.network, compiled.trial.opened.weights, compiled.trial.random(6)
    x = compiled.trial.rows[0].astype(np.float64)
    fixed = [
        np.full(shape, one.whole).ravel() for one, shape in zip(network.graph.inputs, network.input_shapes, strict=True)
    ]
    x += moved * random.normal(size=x.size) * ~np.concatenate(fixed)
    work = by_hand(compiled, predicted(Asked(network, weights, x)))
    on = Writer()
    given = [on.input(shape) for shape in network.input_shapes]
    totals = []
    for part, output in zip(work.parts, network.graph.write(on, given), strict=True):
        under = activation_under(on.program, output.number)
        of = output if part.made.z is None or under is None else on.program.value(under.value)
        totals.append((of * on.constant(np.reshape(part.slope, of.shape))).reshape(-1).over("sum", 0))
    found = slopes(reduce(lambda one, other: one + other, totals), list(on.weights.values()))
    arrays = weights.by_name(network)
    numbers = {
        value.number: arrays[weight] + moved * random.normal(size=value.shape) for weight, value in on.weights.items()
    }
    ready = Ready(on.program, numbers, [one.number for one in given], [one.number for one in found])
    made = ready(*(np.asarray(part[np.newaxis], np.float64) for part in split(x, network.input_shapes)))
    return {weight: np.reshape(one, on.weights[weight].shape) for weight, one in zip(on.weights, made, strict=True)}


def _by_tape(compiled: Compiled) -> list[list[Any]]:
    trial, labels = compiled.trial, compiled.beside([one[:1] for one in compiled.labels])
    layers = [layer_at(trial.model, path) for path in trial.network.paths]
    variables = [[one.value for one in getattr(layer, "weights", ())] for layer in layers]
    watched = [one for each in variables for one in each if one.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        made = trial.model(trial.given(slice(1)), training=False)
        whole = trial.model.compute_loss(None, labels, made, training=False)
        # Without what regularizers add.
        loss = whole - sum(trial.model.losses)
    found = {id(one): slope for one, slope in zip(watched, tape.gradient(loss, watched), strict=True)}
    return [[None if (one := found.get(id(held))) is None else _dense(one) for held in each] for each in variables]


def _dense(slope: Any) -> Any:
    """Return a slope as an array; that of an Embedding is one of some rows."""
    return np.array(tf.convert_to_tensor(slope))
