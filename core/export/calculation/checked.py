"""What a calculation is checked against, in words: how far it is from Keras's, and from the one without rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.formatting import small
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.arrays import Array
    from core.export.calculation.explanation import Explanation, Section

WHY = "the tolerance is what rounding every number to float32, as Keras does, can add up to"


def differences(explanation: Explanation, output: int) -> tuple[Array, Array]:
    """Return how far an output's numbers are from Keras's, then how far those that are calculated exactly are."""
    assert explanation.keras is not None
    number = explanation.done.written.outputs[output]
    with np.errstate(all="ignore"):
        theirs = np.asarray(explanation.keras[output], dtype=np.float64).reshape(explanation.done.numbers[number].shape)
        ours, exact = explanation.done.numbers[number] - theirs, explanation.exact.numbers[number] - theirs
    return np.abs(ours), np.abs(exact)


def agrees(explanation: Explanation, output: int) -> bool:
    """Return whether Keras's numbers are no further from the exact ones than float32 explains; NaN goes with NaN."""
    number = explanation.exact.written.outputs[output]
    _, off = differences(explanation, output)
    assert explanation.keras is not None
    ours, theirs = explanation.exact.numbers[number], np.asarray(explanation.keras[output]).reshape(off.shape)
    alike = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return bool((alike | (off <= explanation.bounds[output])).all())


def checked_lines(explanation: Explanation, output: int) -> list[str]:
    """Return how far an output is from Keras's, how far it may be, and whether it agrees."""
    made, exact = differences(explanation, output)
    words = f"differ {small(float(made.max(initial=0.0)))}"
    if explanation.rounding is Rounding.CARRIED:
        words += f", calculated exactly {small(float(exact.max(initial=0.0)))}"
    words += f", tolerance {small(float(explanation.bounds[output].max(initial=0.0)))}"
    return [f"{words}: {'they agree' if agrees(explanation, output) else 'they part'}; {WHY}"]


def drift_words(explanation: Explanation, section: Section) -> str:
    """Return how far carried rounding has taken a call's last value from the exact one; empty if none is carried."""
    if explanation.rounding is Rounding.SHOWN or not section.values:
        return ""
    number = section.values[-1].parts[max(section.values[-1].parts)]
    with np.errstate(all="ignore"):
        off = np.abs(explanation.done.numbers[number] - explanation.exact.numbers[number])
    return f"drift up to {small(float(off.max(initial=0.0)))}"
