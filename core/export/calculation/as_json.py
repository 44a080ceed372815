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
    from collections.abc import Callable

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

    def told(value: Value, name: str, **more: Any) -> Json:
        numbers = None
        if prod(value.shape) > MOST_NUMBERS:
            left_out.append(f"{value.words}, {' x '.join(f'{size:,}' for size in value.shape)} numbers")
        else:
            numbers = plain(explanation.done.array(value))
        return {"name": name, "shape": list(value.shape), **more, "numbers": numbers}

    made: Json = {
        "model": explanation.done.graph.name,
        "inputs": [told(value, value.name) for value in explanation.inputs],
        "calls": [_call(explanation, section, told) for section in explanation.sections],
        "outputs": [
            told(value, value.words) | _beside_keras(explanation, at)
            for at, value in enumerate(explanation.done.outputs)
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


def _call(explanation: Explanation, section: Section, told: Callable[..., Json]) -> Json:
    weights, values = [told(weight, section.weight_name(weight)) for weight in section.weights], []
    for value in section.values:
        formula, axes = str(Whole(explanation, value)), list(explanation.done.axes_of(value))
        values.append(told(value, value.name, axes=axes, formula=formula, between=explanation.is_between(value)))
    return {"call": list(section.call), "weights": weights, "values": values}


def _beside_keras(explanation: Explanation, at: int) -> Json:
    """Return an output as Keras has it, and how ours compares; None where Keras was not asked."""
    if explanation.keras is None:
        return {"keras": None, "check": None}
    off, exact = explanation.off_by(at)
    check = {
        "max_abs_difference": plain(float(off.max(initial=0.0))),
        "max_abs_difference_exact": plain(float(exact.max(initial=0.0))),
        "tolerance": plain(explanation.exact.off[explanation.exact.written.outputs[at]]),
    }
    return {"keras": plain(np.asarray(explanation.keras[at]).reshape(off.shape)), "check": check}
