"""What a calculation is checked against, in words: how far it is from Keras's, and from the one without rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.formatting import exact, number, small
from core.operations.bounds import LARGEST
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Bool

    from core.arrays import AnyArray, Array
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Section
    from core.operations.operation import Index

WHY = "the tolerance is what rounding every number to float32, as Keras does, can add up to"


@dataclass(frozen=True)
class Parting:
    """The first number that is further from Keras's than float32 explains: of which value, and both numbers.

    ``in_predict`` if every layer called by itself agrees, and ``model.predict`` alone gives another output.
    """

    value: Value
    index: Index
    by_hand: float
    keras: float
    tolerance: float
    in_predict: bool


def off_by(explanation: Explanation, output: int) -> tuple[Array, Array]:
    """Return how far an output's numbers are from Keras's, then how far those that are calculated exactly are."""
    assert explanation.keras is not None
    made = explanation.done.numbers[explanation.done.written.outputs[output]]
    with np.errstate(all="ignore"):
        theirs = np.asarray(explanation.keras[output], dtype=np.float64).reshape(made.shape)
        ours = explanation.exact.numbers[explanation.exact.written.outputs[output]]
        return np.abs(made - theirs), np.abs(ours - theirs)


def parting(explanation: Explanation) -> Parting | None:
    """Return where Keras's numbers first part from the exact ones: in a layer's output, or in a prediction alone."""
    for section in explanation.sections:
        output = next((value for value in section.values if value.name == "output"), None)
        if output is not None and section.call in explanation.keras_calls and () in output.parts:
            found = _parting(explanation, output, output.parts[()], explanation.keras_calls[section.call], False)
            if found is not None:
                return found
    for at, value in enumerate(explanation.outputs if explanation.keras is not None else ()):
        assert explanation.keras is not None
        number = explanation.exact.written.outputs[at]
        found = _parting(explanation, value, number, explanation.keras[at], bool(explanation.keras_calls))
        if found is not None:
            return found
    return None


def _parting(explanation: Explanation, value: Value, number: int, keras: AnyArray, in_predict: bool) -> Parting | None:
    ours, bound = explanation.exact.numbers[number], explanation.off[number]
    theirs = np.asarray(keras).reshape(ours.shape)
    differs = ~_alike(ours, theirs, bound)
    if not differs.any():
        return None
    index = tuple(int(at) for at in np.unravel_index(int(np.argmax(differs)), ours.shape))
    return Parting(value, index, float(ours[index]), float(theirs[index]), float(bound[index]), in_predict)


def _alike(ours: Array, theirs: AnyArray, bound: Array) -> Bool[npt.NDArray[np.bool_], "*numbers"]:
    """Return which numbers agree: those within the bound, NaN with NaN, and infinity with what float32 has so."""
    with np.errstate(invalid="ignore"):
        near = np.isfinite(theirs) & np.isfinite(ours) & (np.abs(ours - theirs) <= bound)
        too_large = np.isinf(theirs) & (np.sign(ours) == np.sign(theirs)) & (np.abs(ours) + bound >= LARGEST)
    return np.asarray(near | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | too_large | np.isinf(bound))


def difference_words(explanation: Explanation, output: int) -> str:
    """Return how far an output is from Keras's, and how far it may be."""
    made, ours = off_by(explanation, output)
    words = f"differ {small(float(made.max(initial=0.0)))}"
    if explanation.rounding is Rounding.CARRIED:
        words += f", calculated exactly {small(float(ours.max(initial=0.0)))}"
    if np.isfinite(ours).all() and ours.size:
        bound = explanation.off[explanation.exact.written.outputs[output]]
        words += f", tolerance {small(float(bound.reshape(-1)[int(ours.argmax())]))}"
    return words


def verdict_lines(explanation: Explanation) -> list[str]:
    """Return whether every number agrees with Keras's or where they first part; nothing if Keras was not asked."""
    if explanation.keras is None:
        return []
    found = parting(explanation)
    if found is None:
        what = "every layer's outputs agree" if explanation.keras_calls else "they agree"
        return [f"{what}; {WHY}"]
    symbol = explanation.symbols.of(found.value, found.index, found.value.call)
    where = f"{symbol} of {'/'.join(found.value.call)}"
    told = f"the layers agree, predict differs: {where}" if found.in_predict else f"they part first at {where}"
    told = f"{told}: by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", tolerance {small(found.tolerance)}"
    return [f"{told}; {WHY}"]


def drift_words(explanation: Explanation, section: Section) -> str:
    """Return how far carried rounding has taken a call's last value from the exact one; empty if none is carried."""
    if explanation.rounding is Rounding.SHOWN or not section.values:
        return ""
    last = section.values[-1].parts[max(section.values[-1].parts)]
    with np.errstate(all="ignore"):
        off = np.abs(explanation.done.numbers[last] - explanation.exact.numbers[last])
    return f"drift up to {small(float(off.max(initial=0.0)))}"
