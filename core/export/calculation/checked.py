"""What a calculation is checked against, in words: how far it is from Keras's, and from the one without rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.formatting import exact, number, small
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.arrays import Array
    from core.calculation.agreement import Parting
    from core.export.calculation.explanation import Explanation, Section
    from core.export.calculation.symbols import Symbols

WHY = "the tolerance is what rounding every number to float32, as Keras does, can add up to"


def off_by(explanation: Explanation, output: int) -> tuple[Array, Array]:
    """Return how far an output's numbers are from Keras's, then how far those that are calculated exactly are."""
    assert explanation.keras is not None
    made = explanation.done.numbers[explanation.done.written.outputs[output]]
    with np.errstate(all="ignore"):
        theirs = np.asarray(explanation.keras[output], dtype=np.float64).reshape(made.shape)
        ours = explanation.exact.numbers[explanation.exact.written.outputs[output]]
        return np.abs(made - theirs), np.abs(ours - theirs)


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
    if explanation.parting is None:
        what = "every layer's outputs agree" if explanation.keras_calls else "they agree"
        return [f"{what}; {WHY}"]
    return [f"{parting_words(explanation.parting, explanation.symbols, 'tolerance')}; {WHY}"]


def parting_words(found: Parting, symbols: Symbols, explained: str) -> str:
    """Return where Keras and the calculation by hand first part, with both numbers and what is ``explained``."""
    where = f"{symbols.of(found.value, found.index, found.value.call)} of {'/'.join(found.value.call)}"
    told = f"the layers agree, predict differs: {where}" if found.in_predict else f"they part first at {where}"
    told = f"{told}: by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", {explained} {small(found.tolerance)}"
    return told


def drift_words(explanation: Explanation, section: Section) -> str:
    """Return how far carried rounding has taken a call's last value from the exact one; empty if none is carried."""
    if explanation.rounding is Rounding.SHOWN or not section.values:
        return ""
    last = section.values[-1].parts[max(section.values[-1].parts)]
    with np.errstate(all="ignore"):
        off = np.abs(explanation.done.numbers[last] - explanation.exact.numbers[last])
    return f"drift up to {small(float(off.max(initial=0.0)))}"
