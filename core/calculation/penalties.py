"""What regularizers add to a loss, by hand: of the weights once, of a layer's outputs for every row.

The formulas are those of the Keras 3 documentation ("Layer weight regularizers"); of outputs Keras takes the mean over
the rows of a batch. A frozen layer's weights cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.printed import sign
from core.calculation.running import layer_output
from core.formatting import number
from core.layers.activation_layers import Activation
from core.losses.loss import EPSILON
from core.model.network import Weighted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jaxtyping import Float

    from core.arrays import AnyArray, Array
    from core.model.network import Layer, Network
    from core.model.penalised import Regularizer
    from core.model.weights import Weights


class Penalty(NamedTuple):
    """What one regularizer adds: ``words`` name it, such as ``l2 of hidden's kernel``."""

    words: str
    value: float


def penalty(regularizer: Regularizer, values: Float[AnyArray, "..."]) -> float:
    """Return what ``regularizer`` makes of an array; of a matrix alone if it is one of orthogonality."""
    wide = np.asarray(values, dtype=np.float64)
    if regularizer.orthogonal:
        return regularizer.orthogonal * _overlap(wide if regularizer.mode == "rows" else wide.T)
    return float(_of_rows(regularizer, wide.reshape(1, -1))[0])


def _of_rows(regularizer: Regularizer, rows: Float[Array, "rows numbers"]) -> Float[Array, "rows"]:
    with np.errstate(all="ignore"):
        return np.asarray(regularizer.l1 * np.abs(rows).sum(axis=-1) + regularizer.l2 * (rows**2).sum(axis=-1))


def _overlap(rows: Float[Array, "rows numbers"]) -> float:
    """Return the mean size of the products of two different rows, each made one of length 1."""
    with np.errstate(divide="ignore"):
        by_length = np.minimum(1.0 / np.sqrt((rows**2).sum(axis=1, keepdims=True)), 1.0 / EPSILON)
    products = np.abs((rows * by_length) @ (rows * by_length).T)
    pairs = len(rows) * (len(rows) - 1.0) / 2.0
    return float(0.5 * (products.sum() - np.trace(products)) / pairs) if pairs else float("nan")


def weight_penalties(network: Network, weights: Weights) -> tuple[Penalty, ...]:
    """Return what the regularizers of kernels and biases add to the loss of every batch."""
    return tuple(
        Penalty(f"{regularizer.in_words()} of {layer.name}'s {what}", penalty(regularizer, array))
        for layer, arrays in zip(network.layers, weights.layers, strict=True)
        for what, regularizer, array in _of_arrays(layer, arrays)
    )


def _of_arrays(
    layer: Layer, arrays: Sequence[Float[AnyArray, "..."]]
) -> Iterator[tuple[str, Regularizer, Float[AnyArray, "..."]]]:
    if not isinstance(layer, Weighted) or not layer.trainable:
        return
    both = (("kernel", layer.kernel_regularizer), ("bias", layer.bias_regularizer))
    for (what, regularizer), array in zip(both, arrays, strict=False):
        if regularizer is not None:
            yield what, regularizer, array


def activity_words(network: Network) -> dict[int, str]:
    """Return the place of every layer with a regularizer of its outputs, and that one's name."""
    found = {place: activity_regularizer(layer) for place, layer in enumerate(network.layers)}
    return {
        place: f"{regularizer.in_words()} of {network.layers[place].name}'s outputs"
        for place, regularizer in found.items()
        if regularizer is not None
    }


def activity_penalties(network: Network, outputs: Sequence[Float[AnyArray, "rows numbers"]]) -> tuple[Penalty, ...]:
    """Return what the regularizers of ``outputs``, those of every layer for some rows, add: the mean over the rows."""
    return tuple(
        Penalty(words, float(activity(network.layers[place], outputs[place]).mean()))
        for place, words in activity_words(network).items()
    )


def row_penalties(network: Network, weights: Weights, x: Float[AnyArray, "inputs"]) -> tuple[Penalty, ...]:
    """Return all that regularizers add to the loss of a batch of the one row ``x``."""
    return all_penalties(network, weights, x[np.newaxis])


def all_penalties(
    network: Network, weights: Weights, points: Float[AnyArray, "rows inputs"], at_once: int = 4096
) -> tuple[Penalty, ...]:
    """Return all that regularizers add to the loss of ``points``, of which so many are calculated at once."""
    of_weights = weight_penalties(network, weights)
    if not activity_words(network):
        return of_weights
    totals = dict.fromkeys(activity_words(network).values(), 0.0)
    for start in range(0, len(points), at_once):
        part = points[start : start + at_once]
        for words, value in activity_penalties(network, _layer_outputs(network, weights, part)):
            totals[words] += value * len(part)
    return (*of_weights, *(Penalty(words, total / len(points)) for words, total in totals.items()))


def _layer_outputs(
    network: Network, weights: Weights, points: Float[AnyArray, "rows inputs"]
) -> list[Float[Array, "rows numbers"]]:
    """Return what every layer makes of ``points``."""
    made = [np.asarray(points, dtype=np.float64)]
    for layer, arrays, shape in zip(network.layers, weights.layers, network.shapes(), strict=False):
        made.append(layer_output(layer, [np.asarray(array, dtype=np.float64) for array in arrays], made[-1], shape))
    return made[1:]


def activity_regularizer(layer: Layer) -> Regularizer | None:
    """Return the regularizer of a layer's outputs."""
    return layer.activity_regularizer if isinstance(layer, Weighted | Activation) else None


def activity(layer: Layer, outputs: Float[AnyArray, "rows numbers"]) -> Float[Array, "rows"]:
    """Return what each row of a layer's ``outputs`` adds by the layer's regularizer, 0 without one."""
    regularizer = activity_regularizer(layer)
    wide = np.asarray(outputs, dtype=np.float64)
    return np.zeros(len(wide)) if regularizer is None else _of_rows(regularizer, wide)


MOST_NAMED = 3
"""Regularizers that are named one by one where all of them stand in one line."""


def in_one_line(loss: str, of_loss: float, penalties: Sequence[Penalty], digits: int) -> str:
    """Return a loss as the sum that it is, of many regularizers only what they add together."""
    if len(penalties) > MOST_NAMED:
        penalties = [Penalty(f"{len(penalties)} regularizers", sum(one.value for one in penalties))]
    return in_words(loss, of_loss, penalties, digits)


def in_words(loss: str, of_loss: float, penalties: Sequence[Penalty], digits: int) -> str:
    """Return a loss as the sum that it is: ``1.3946 = hinge 0.8805 + l2 of hidden's kernel 0.5141``."""
    total = of_loss + sum(one.value for one in penalties)
    parts = [f"{loss} {number(of_loss, digits)}", *(f"{one.words} {number(one.value, digits)}" for one in penalties)]
    printed = " + ".join(number(value, digits) for value in (of_loss, *(one.value for one in penalties)))
    return f"{number(total, digits)} {sign(printed, number(total, digits))} {' + '.join(parts)}"
