"""Changes of an array: each is a value with a name for the list of steps, and is done whole or not at all.

A change takes the array as it is and gives a new one; the old one stays as it was, which is what undo goes back to.
Arithmetic is done in float64, and refused if float32 cannot hold a number that comes of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.editing.held import held
from core.editing.initializers import INITIALIZERS, drawn
from core.editing.operations import clipped as kept_between
from core.editing.operations import rounded as with_digits
from core.errors import Refused, require_between, shorten
from core.formatting import count
from core.model.initial import MAX_SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.arrays import AnyArray, Array, KerasArray
    from core.editing.expression import Expression
    from core.editing.selection import Selection


@dataclass(frozen=True, eq=False)
class Change:
    """What is done to an array, in ``words`` such as ``row 2 = w*2``; calling it gives the changed array.

    Raises:
        Refused: when called, if it cannot be done to the whole selection of that array.
    """

    words: str
    function: Callable[[KerasArray], KerasArray]

    def __call__(self, array: KerasArray) -> KerasArray:
        """Return ``array`` after the change, read-only; ``array`` itself stays as it is."""
        return self.function(array)

    def name(self, array_name: str) -> str:
        """Return what the step is called for an array with this name, as in ``hidden kernel: row 2 = w*2``."""
        return f"{shorten(array_name)}: {self.words}"


def calculated(selection: Selection, expression: Expression) -> Change:
    """Return the change that puts into every selected cell what ``expression`` makes of its number."""

    def change(array: KerasArray) -> KerasArray:
        block = selection.block(array)
        return selection.replaced(array, expression.evaluate(block, selection.named))

    return Change(f"{selection.words} = {shorten(expression.text)}", change)


def given(selection: Selection, values: AnyArray, how: str) -> Change:
    """Return the change that puts ``values``, of the selection's shape, there; ``how`` says whence, as in ``pasted``.

    Raises:
        Refused: they have another shape, or one is not finite or too large for float32.
    """
    if values.shape != selection.shape:
        raise Refused(f"expected an array of shape {selection.shape}, got {values.shape}")
    numbers = held(values, named=selection.named)
    return Change(f"{selection.words} {shorten(how)}", lambda array: selection.replaced(array, numbers))


def filled(selection: Selection, value: float) -> Change:
    """Return the change that makes every selected number ``value``."""
    return _over(selection, f"{selection.words} = {_finite('a number', value):g}", lambda w: np.full_like(w, value))


def zeroed(selection: Selection) -> Change:
    """Return the change that makes every selected number 0."""
    return filled(selection, 0.0)


def scaled(selection: Selection, factor: float) -> Change:
    """Return the change that multiplies every selected number by ``factor``."""
    return _over(selection, f"{selection.words} times {_finite('a factor', factor):g}", lambda w: w * factor)


def rounded(selection: Selection, digits: int) -> Change:
    """Return the change that rounds to ``digits`` decimal places, halves to the even neighbour."""
    require_between("decimal places", digits, 0, 9)
    return _over(
        selection, f"{selection.words} rounded to {count(digits, 'digit')}", lambda w: with_digits(w, float(digits))
    )


def clipped(selection: Selection, low: float, high: float) -> Change:
    """Return the change that makes what is below ``low`` low, and what is above ``high`` high."""
    if _finite("a lower limit", low) > _finite("an upper limit", high):
        raise Refused(f"expected the lower limit first, got {low:g} and {high:g}")
    return _over(selection, f"{selection.words} kept from {low:g} to {high:g}", lambda w: kept_between(w, low, high))


def pruned(selection: Selection, threshold: float) -> Change:
    """Return the change that makes 0 of every number whose absolute value is below ``threshold``."""
    _not_negative("a threshold", threshold)
    words = f"{selection.words} pruned below {threshold:g}"
    return _over(selection, words, lambda w: np.where(np.abs(w) < threshold, 0.0, w))


def noised(selection: Selection, deviation: float, seed: int) -> Change:
    """Return the change that adds normal noise of this standard deviation; the same seed gives the same noise."""
    _not_negative("a standard deviation", deviation)
    require_between("a seed", seed, 0, MAX_SEED)

    def change(w: Array) -> Array:
        return w + deviation * np.random.default_rng(seed).standard_normal(w.shape)

    return _over(selection, f"{selection.words} plus noise of {deviation:g}, seed {seed}", change)


def transposed(selection: Selection) -> Change:
    """Return the change that swaps the rows and columns of the selection.

    Raises:
        Refused: it is no square, so that the transposed one does not fit into its place.
    """
    if len(selection.shape) != 2 or selection.shape[0] != selection.shape[1]:
        turned = selection.shape[::-1]
        raise Refused(f"expected as many rows as columns, got shape {selection.shape}, which transposed is {turned}")

    def change(array: KerasArray) -> KerasArray:
        return selection.replaced(array, selection.block(array).T.copy())

    return Change(f"{selection.words} transposed", change)


def initialised(
    selection: Selection, initializer: str, seed: int, settings: Mapping[str, float | str] = MappingProxyType({})
) -> Change:
    """Return the change that draws the selected numbers anew, as one of Keras's initializers does.

    The whole array is drawn and the selection taken from it, so that fan-in and fan-out are the array's.

    Raises:
        Refused: there is no such initializer or setting, or it makes no array of this shape.
    """
    values = drawn(initializer, selection.array_shape, seed, settings)
    shown = [f"{name} {value}" for name, value in settings.items()]
    if INITIALIZERS[initializer].random:
        shown.append(f"seed {seed}")
    words = ", ".join([f"{selection.words} drawn from {initializer}", *shown])
    return Change(words, lambda array: selection.replaced(array, selection.block(values)))


def _over(selection: Selection, words: str, function: Callable[[Array], Array]) -> Change:
    def change(array: KerasArray) -> KerasArray:
        block = selection.block(array)
        with np.errstate(all="ignore"):
            values = function(block.astype(np.float64))
        return selection.replaced(array, held(values, block, selection.named))

    return Change(words, change)


def _finite(what: str, value: float) -> float:
    if not math.isfinite(value):
        raise Refused(f"expected {what} that is finite, got {value}")
    return value


def _not_negative(what: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise Refused(f"expected {what} of 0 or more, got {value:g}")
