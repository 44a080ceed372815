"""A calculation as JSON-ready objects: every number that was written down, by call and name, with all its digits."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.calculated import spoken
from core.export.calculation.whole import Whole
from core.export.json_numbers import Json, fields, json_text, plain
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Section

MOST_NUMBERS = 100_000
"""An array of more numbers is left out, and only its shape is told: whoever reads it is told so too."""


def calculation_file(explanation: Explanation) -> str:
    """Return the whole calculation as a JSON file."""
    return json_text(calculation_json(explanation))


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
        return plain(explanation.done.array(value))

    made: Json = {
        "model": explanation.done.graph.name,
        "inputs": [
            {"name": value.name, "shape": list(value.shape), "numbers": numbers(value)} for value in explanation.inputs
        ],
        "calls": [_call(explanation, section, numbers) for section in explanation.sections],
        "outputs": [
            _output(explanation, at, value, numbers(value)) for at, value in enumerate(explanation.done.outputs)
        ],
        "rounding": str(explanation.rounding),
        "digits": explanation.digits if explanation.rounding is Rounding.CARRIED else None,
        "changed": {spoken(spot): plain(number) for spot, number in explanation.instead.items()},
        "stops": explanation.done.written.stops or None,
    }
    from_keras = ["/".join(call) for call in explanation.done.written.outside]
    made |= {"from_keras": from_keras} if from_keras else {}
    return made | {"verdict": _verdict(explanation), "left_out": left_out}


def _verdict(explanation: Explanation) -> Json | None:
    """Return whether Keras's numbers agree, or where they first part; None if Keras was not asked.

    ``in`` says whether a layer called by itself differs, or ``predict`` alone.
    """
    if explanation.keras is None:
        return None
    found = explanation.parting
    if found is None:
        return {"agree": True, "parting": None}
    where = {
        "in": "predict" if found.in_predict else "layer",
        "call": list(found.value.call),
        "value": found.value.name,
        **fields(found, "index", "by_hand", "keras", "tolerance"),
    }
    return {"agree": False, "parting": where}


def _call(explanation: Explanation, section: Section, numbers: Any) -> Json:
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
                "formula": str(Whole(explanation, value)),
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
    off, exact = explanation.off_by(at)
    check = {
        "max_abs_difference": plain(float(off.max(initial=0.0))),
        "max_abs_difference_exact": plain(float(exact.max(initial=0.0))),
        "tolerance": plain(explanation.off[explanation.exact.written.outputs[at]]),
    }
    return made | {"keras": plain(np.asarray(explanation.keras[at]).reshape(value.shape)), "check": check}
