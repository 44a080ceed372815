"""A calculation as JSON-ready objects: every number that was written down, by call and name, with all its digits."""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.calculated import spoken
from core.export.calculation.checked import agrees, differences
from core.export.calculation.whole import Whole
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import AnyArray
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Section

Json = dict[str, Any]

MOST_NUMBERS = 100_000
"""An array of more numbers is left out, and only its shape is told: whoever reads it is told so too."""


def calculation_json(explanation: Explanation) -> Json:
    """Return the whole calculation; numbers are rounded only where rounded ones are carried on.

    ``calls`` has, call by call, the layer's ``weights`` and the ``values`` that it makes, each with its shape, its
    axes' names, the formula that made it and its ``numbers``, lists in lists as its shape says. NaN and the infinities,
    which JSON cannot write, are None; so are the numbers of what is too large, which ``left_out`` names.
    """
    left_out: list[str] = []

    def numbers(value: Value) -> Any:
        if prod(value.shape) > MOST_NUMBERS:
            left_out.append(f"{value.words}, {' x '.join(f'{size:,}' for size in value.shape)} numbers")
            return None
        return nested(explanation.done.array(value))

    made = {
        "model": explanation.done.graph.name,
        "inputs": [
            {"name": value.name, "shape": list(value.shape), "numbers": numbers(value)} for value in explanation.inputs
        ],
        "calls": [_call(explanation, section, numbers) for section in explanation.sections],
        "outputs": [_output(explanation, at, value, numbers(value)) for at, value in enumerate(explanation.outputs)],
        "rounding": str(explanation.rounding),
        "digits": explanation.digits if explanation.rounding is Rounding.CARRIED else None,
        "changed": {spoken(spot): finite(number) for spot, number in explanation.instead.items()},
        "stops": explanation.done.written.stops or None,
    }
    return made | {"left_out": left_out}


def _call(explanation: Explanation, section: Section, numbers: Any) -> Json:
    whole = Whole(explanation)
    return {
        "call": list(section.call),
        "weights": [
            {"name": section.weight_name(weight), "shape": list(weight.shape), "numbers": numbers(weight)}
            for weight in section.weights
        ],
        "values": [
            {
                "name": value.name,
                "shape": list(value.shape),
                "axes": list(explanation.done.axes_of(value)),
                "formula": whole.formula(value),
                "between": explanation.is_between(value),
                "numbers": numbers(value),
            }
            for value in section.values
        ],
    }


def _output(explanation: Explanation, at: int, value: Value, numbers: Any) -> Json:
    """Return an output, and how it compares with Keras's; None where Keras was not asked."""
    made = {"name": value.words, "shape": list(value.shape), "numbers": numbers, "keras": None, "check": None}
    if explanation.keras is None:
        return made
    off, exact = differences(explanation, at)
    check = {
        "verdict": "agree" if agrees(explanation, at) else "part",
        "max_abs_difference": finite(float(off.max(initial=0.0))),
        "max_abs_difference_exact": finite(float(exact.max(initial=0.0))),
        "tolerance": nested(explanation.bounds[at]),
    }
    return made | {"keras": nested(np.asarray(explanation.keras[at]).reshape(value.shape)), "check": check}


def nested(values: AnyArray) -> Any:
    """Return ``values`` as lists in lists, in which None stands for NaN and the infinities; one number as it is."""
    if np.isfinite(values).all():
        # The shortest text that gives a float32 back, as Keras would print it.
        return values.tolist() if values.dtype == np.float64 else _nested(values)
    return _nested(values)


def _nested(values: Sequence[Any] | AnyArray) -> Any:
    if np.ndim(values):
        return [_nested(part) for part in values]
    return finite(float(str(values)))


def finite(value: float) -> float | None:
    """Return ``value``, or None if JSON cannot write it."""
    return value if isfinite(value) else None
