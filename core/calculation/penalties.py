"""What regularizers add to a loss, by hand: of the weights once, of a layer's outputs for every row.

The formulas are those of the Keras 3 documentation ("Layer weight regularizers"); of outputs Keras takes the mean over
the rows of a batch. A frozen layer's weights cost nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.paper import DIGITS, term, total
from core.calculation.running import in_pieces
from core.calculation.writing import sign
from core.chunks import Pause, go_on
from core.formatting import number
from core.losses.loss import EPSILON
from core.model.penalised import Regularizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.model.network import Network
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
    found: list[Penalty] = []
    for layer, names, arrays in zip(network.layers, network.weight_names, weights.layers, strict=True):
        for what, array in zip(names, arrays, strict=True) if layer.trainable else ():
            *within, name = what.split("/")
            part = layer.part(within)
            held = _regularizer_of(part, name)
            if held is not None and part.trainable:
                found.append(Penalty(f"{held.in_words()} of {layer.name}'s {what}", penalty(held, array)))
    return tuple(found)


def _regularizer_of(layer: Layer, array: str) -> Regularizer | None:
    """Return what a layer has for one of its arrays: for ``recurrent_kernel`` its ``recurrent_regularizer``.

    Keras calls the kernel of a depthwise convolution ``kernel``, and its regularizer ``depthwise_regularizer``.
    """
    named = (array, array.removesuffix("_kernel"), *(("depthwise",) if array == "kernel" else ()))
    wanted = (f"{name}_regularizer" for name in named)
    held = (getattr(layer, name, None) for name in wanted)
    return next((one for one in held if isinstance(one, Regularizer)), None)


def _is_regularized(layer: Layer, value: str) -> bool:
    if layer.regularized is not None:
        return value in layer.regularized
    return value == "output" or value.removeprefix("output ").isdecimal()


def _activity_values(network: Network) -> dict[str, tuple[Regularizer, tuple[int, ...]]]:
    """Return the regularizers of layers' outputs, by what they are called, and the values that each is of."""
    found = {}
    for layer, path in zip(network.layers, network.paths, strict=True):
        for names, one in {(): layer, **layer.parts_called()}.items():
            held = one.of_outputs
            if held is not None:
                named = network.named_at_calls.get((*path, *names), [])
                numbers = tuple(number for value, number in named if _is_regularized(one, value))
                found[f"{held.in_words()} of {'/'.join((*path, *names))}'s outputs"] = held, numbers
    return found


def activity_penalties(
    network: Network,
    weights: Weights,
    points: Float[AnyArray, "rows inputs"],
    pause: Pause = go_on,
    at_once: int = 4096,
) -> tuple[Penalty, ...]:
    """Return what the regularizers of layers' outputs add to the loss of ``points``: the mean over them, of every call.

    So many of them are calculated at once, with a ``pause`` before.
    """
    named = _activity_values(network)
    numbers = tuple(number for _, numbers in named.values() for number in numbers)
    totals = dict.fromkeys(named, 0.0)
    for rows, made in in_pieces(network, weights, numbers, points, pause, at_once) if named else ():
        values = dict(zip(numbers, (one.reshape(rows.stop - rows.start, -1) for one in made), strict=True))
        for words, (held, of) in named.items():
            totals[words] += sum(float(_of_rows(held, values[at]).sum()) for at in of)
    return tuple(Penalty(words, total / len(points)) for words, total in totals.items())


def all_penalties(network: Network, weights: Weights, points: Float[AnyArray, "rows inputs"]) -> tuple[Penalty, ...]:
    """Return all that regularizers add to the loss of ``points``."""
    return (*weight_penalties(network, weights), *activity_penalties(network, weights, points))


def in_words(loss: str, of_loss: float, penalties: Sequence[Penalty], digits: int) -> str:
    """Return a loss as the sum that it is: ``1.3946 = hinge 0.8805 + l2 of hidden's kernel 0.5141``."""
    added = Penalty(loss, of_loss), *penalties
    terms = [term(one.words, number(one.value, digits), one.value) for one in added]
    made = total(terms)
    printed = number(made.value, digits)
    parts = " + ".join(f"{one.symbol} {one.text}" for one in terms)
    return f"{printed} {sign(made.made, DIGITS, printed, len(terms))} {parts}"
