"""A calculation as a Python script: every step a line of NumPy, and the same digits printed when it is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.forward import Part
from core.calculation.rounding import Rounding
from core.calculation.spot import Kind
from core.calculation.symbols import formula, symbols
from core.errors import Refused, shorten
from core.export.explanation import changed_words
from core.export.source import activation_call, activation_source, number_source
from core.export.text import LINE, vectors
from core.model.network import describe

if TYPE_CHECKING:
    from core.arrays import Array
    from core.export.explanation import Explanation

MOST_NUMBERS = 500_000
"""A script with more weights than this takes Python too long to read."""

SHOW = '''def show(name, values):
    """Print a vector behind its name."""
    print(f"{name:>%d} ", *(f"[ {number(value)} ]" for value in values))'''

ON_PAPER = '''def paper(values):
    """Round every number to DIGITS decimal places, as one writes it down on paper."""
    return np.reshape([round(float(value), DIGITS) for value in np.ravel(values)], np.shape(values))'''


def python_script(explanation: Explanation) -> str:
    """Return the script, which needs nothing but NumPy.

    Raises:
        Refused: the network has more weights than a script can hold.
    """
    steps = explanation.trace.steps
    size = sum(step.kernel.size for step in steps if step.kernel is not None)
    if size > MOST_NUMBERS:
        raise Refused(
            f"expected at most {MOST_NUMBERS:,} weights for a script, got {size:,}; "
            "Keras's model.get_weights() gives them to a script of your own"
        )
    header = [f"# {shorten(describe(explanation.network), LINE)}", *_about(explanation)]
    parts = ["\n".join(header), "import numpy as np", *_definitions(explanation), *_point(explanation)]
    parts += ["\n".join(_layer(explanation, place)) for place in range(len(steps))]
    last = symbols(explanation.network, len(steps) - 1).output
    parts.append(f'print()\nshow("by hand", {last})')
    return "\n\n".join(parts) + "\n"


def _about(explanation: Explanation) -> list[str]:
    lines = [f"# One prediction by hand: {explanation.digits} decimal places, rounding {explanation.rounding}."]
    if changed := changed_words(explanation):
        lines.append(f"# {changed}")
    return lines


def _definitions(explanation: Explanation) -> list[str]:
    """Return the constants and functions that the steps need."""
    sources = {name: text.replace("DEFAULT_DIGITS", "DIGITS") for name, text in number_source().items()}
    for step in explanation.trace.steps:
        if step.activation != "linear":
            sources |= activation_source(step.activation)
    sources["DEFAULT_DIGITS"] = f"DIGITS = {explanation.digits}"
    functions = [text for text in sources.values() if text.startswith("def ")]
    functions.append(SHOW % _width(explanation))
    if explanation.rounding is Rounding.CARRIED:
        functions.append(ON_PAPER)
    # What overflows is printed as inf or nan; a warning would only be in the way.
    constants = [text for text in sources.values() if not text.startswith("def ")] + ['np.seterr(all="ignore")']
    return ["\n".join(constants), *(f"\n{text}" for text in functions)]


def _width(explanation: Explanation) -> int:
    """Return the columns that the longest name of a vector takes."""
    headings = [name for place in range(len(explanation.trace.steps)) for name, _, _ in vectors(explanation, place)]
    return max(len(name) for name in ["by hand", *headings])


def _point(explanation: Explanation) -> list[str]:
    return [f'\nx = {_literal(explanation.trace.x, "")}\nshow("x", x)']


def _layer(explanation: Explanation, place: int) -> list[str]:
    """Return the lines of one layer: its arrays, its steps, and what is printed."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    lines = [f"# {shorten(step.layer.name)}: {formula(explanation.network, place)}"]
    current = letters.inputs
    if step.kernel is not None:
        lines.append(f"{letters.kernel} = {_literal(step.kernel, _dtype(explanation))}")
        if step.bias is not None:
            lines.append(f"{letters.bias} = {_literal(step.bias, _dtype(explanation))}")
        lines += _weighted_sum(explanation, f"{letters.kernel}.T", current)
        lines += _put_there(explanation, place, Part.WEIGHTED_SUM)
        current = "s"
    if step.pre_activation is not None:
        total = current if step.bias is None else _paper(explanation, f"{current} + {letters.bias}")
        lines += [f"z = {total}", *_put_there(explanation, place, Part.PRE_ACTIVATION)]
        current = "z"
    applied = current if step.activation == "linear" else activation_call(step.activation, current)
    lines.append(f"{letters.output} = {applied if applied == current else _paper(explanation, applied)}")
    return lines + _put_there(explanation, place, Part.OUTPUT) + _shown(explanation, place)


def _weighted_sum(explanation: Explanation, kernel: str, inputs: str) -> list[str]:
    if explanation.rounding is Rounding.SHOWN:
        return [f"s = {kernel} @ {inputs}"]
    return [f"products = paper({kernel} * {inputs})  # a unit a row", "s = paper(products.sum(axis=1))"]


def _paper(explanation: Explanation, expression: str) -> str:
    return f"paper({expression})" if explanation.rounding is Rounding.CARRIED else expression


def _put_there(explanation: Explanation, place: int, part: Part) -> list[str]:
    """Return the lines that put other numbers in the place of calculated ones."""
    letter = {Part.WEIGHTED_SUM: "s", Part.PRE_ACTIVATION: "z"}.get(part, symbols(explanation.network, place).output)
    changes = [(unit, value) for (at, of, unit), value in explanation.forced.items() if (at, of) == (place, part)]
    lines = [f"{letter}[{unit}] = {_number(value)}  # changed by hand" for unit, value in changes]
    # A copy, because the array may be another's too.
    return [f"{letter} = {letter}.copy()", *lines] if lines else []


def _shown(explanation: Explanation, place: int) -> list[str]:
    letters, name = symbols(explanation.network, place), shorten(explanation.network.layers[place].name)
    names = {Kind.SUM: "s", Kind.BIAS: letters.bias, Kind.Z: "z", Kind.OUTPUT: letters.output}
    title = f"{name}: {formula(explanation.network, place)}"
    lines = ["print()", f"print({json.dumps(title, ensure_ascii=False)})"]
    return lines + [f'show("{heading}", {names[kind]})' for heading, kind, _ in vectors(explanation, place)]


def _dtype(explanation: Explanation) -> str:
    """Return how an array of weights is held: as Keras's float32, unless it was rounded as it was written down."""
    return ", dtype=np.float32" if explanation.rounding is Rounding.SHOWN else ""


def _literal(values: Array, dtype: str) -> str:
    numbers = values.astype(np.float32) if dtype else values
    if numbers.ndim == 1:
        return f"np.array([{', '.join(map(_number, numbers))}]{dtype})"
    rows = "".join(f"    [{', '.join(map(_number, row))}],\n" for row in numbers)
    return f"np.array([\n{rows}]{dtype})"


def _number(value: np.floating | float) -> str:
    """Return the shortest text that gives back the same number; Python has no literals for nan and inf."""
    if not np.isfinite(value):
        return str(float(value)).replace("nan", "np.nan").replace("inf", "np.inf")
    return str(value)
