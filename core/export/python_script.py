"""A calculation as a Python script: every step a line of NumPy, and the same digits printed when it is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.forward import Part
from core.calculation.spot import Kind
from core.calculation.symbols import formula, symbols
from core.calculation.wiring import under
from core.errors import Refused, shorten
from core.export.compact import own_bias, own_kernel
from core.export.explanation import changed_words
from core.export.source import activation_call, activation_source, number_source, product_source
from core.export.text import LINE, vectors
from core.layers.convolution import Convolution
from core.layers.pooling import Pooling
from core.model.network import describe, times
from core.operations.rounding import RULE, Rounding

if TYPE_CHECKING:
    from jaxtyping import Int

    from core.arrays import Array
    from core.calculation.forward import Step
    from core.export.explanation import Explanation

MOST_NUMBERS = 500_000
"""A script with more weights than this takes Python too long to read."""

SHOW = '''def show(name, values):
    """Print a vector behind its name."""
    print(f"{name:>%d} ", *(f"[ {number(value)} ]" for value in values))'''

COMES_OUT = '''def equals(total, *terms):
    """Return "=" where the terms add up as they are printed, else "~=": they have more digits than are printed."""
    printed = sum(rounded(term, DIGITS) for term in terms)
    return "=" if np.array_equal(rounded(printed, DIGITS), rounded(total, DIGITS)) else "~="'''

ON_PAPER = '''def paper(values):
    """Round every number to DIGITS decimal places, half away from zero, as one writes it down on paper."""
    return rounded(values, DIGITS)


def products(first, second):
    """Multiply as on paper, where 0.6395 * 0.1 is 0.06395 exactly, and round every product."""
    return product(first, second, DIGITS)'''


def python_script(explanation: Explanation) -> str:
    """Return the script, which needs nothing but NumPy.

    Raises:
        Refused: the network has more weights than a script can hold.
    """
    steps = explanation.trace.steps
    size = sum(_numbers_written(step) for step in steps)
    if size > MOST_NUMBERS:
        windows = any(isinstance(step.layer, Convolution | Pooling) for step in steps)
        raise Refused(
            f"expected at most {MOST_NUMBERS:,} weights{' and places of windows' if windows else ''} for a script, "
            f"got {size:,}; "
            "Keras's model.get_weights() gives them to a script of your own"
        )
    header = [f"# {shorten(describe(explanation.network), LINE)}", *_about(explanation)]
    parts = ["\n".join(header), *_definitions(explanation), *_point(explanation)]
    parts += ["\n".join(_layer(explanation, place)) for place in range(len(steps))]
    last = symbols(explanation.network, len(steps) - 1).output
    parts.append(f'print()\nshow("by hand", {last})')
    return "\n\n".join(parts) + "\n"


def _about(explanation: Explanation) -> list[str]:
    lines = [f"# One prediction by hand: {explanation.digits} decimal places, rounding {explanation.rounding}, {RULE}."]
    if changed := changed_words(explanation):
        lines.append(f"# {changed}")
    return lines


def _definitions(explanation: Explanation) -> list[str]:
    """Return the imports, constants and functions that the steps need."""
    carried = explanation.rounding is Rounding.CARRIED
    sources = number_source() | (product_source() if carried else {})
    sources = {name: text.replace("DEFAULT_DIGITS", "DIGITS") for name, text in sources.items()}
    for step in explanation.trace.steps:
        if step.activation != "linear":
            sources |= activation_source(step.activation)
    sources["DEFAULT_DIGITS"] = f"DIGITS = {explanation.digits}"
    functions = [text for text in sources.values() if text.startswith("def ")]
    functions.append(SHOW % _width(explanation))
    if carried:
        functions.append(ON_PAPER)
    elif any(step.bias is not None for step in explanation.trace.steps):
        functions.append(COMES_OUT)
    # What overflows is printed as inf or nan; a warning would only be in the way.
    imports = [text for text in sources.values() if text.startswith("from ")]
    constants = [text for text in sources.values() if not text.startswith(("def ", "from "))]
    head = ["\n".join([*imports, *([""] if imports else []), "import numpy as np"])]
    return [*head, "\n".join([*constants, 'np.seterr(all="ignore")']), *(f"\n{text}" for text in functions)]


def _width(explanation: Explanation) -> int:
    """Return the columns that the longest name of a vector takes."""
    headings = [name for place in range(len(explanation.trace.steps)) for name, _, _ in vectors(explanation, place)]
    return max(len(name) for name in ["by hand", *headings])


def _point(explanation: Explanation) -> list[str]:
    return [f'\nx = {_literal(explanation.trace.x, "")}\nshow("x", x)']


def _summed(explanation: Explanation, place: int) -> list[str]:
    match explanation.network.layers[place]:
        case Convolution():
            return _convolution(explanation, place)
        case Pooling():
            return _average(explanation, place)
    return _dense(explanation, place)


def _layer(explanation: Explanation, place: int) -> list[str]:
    """Return the lines of one layer: its arrays, its steps, and what is printed."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    lines = [f"# {shorten(step.layer.name)}: {formula(explanation.network, place)}"]
    current = letters.inputs
    if isinstance(step.layer, Pooling) and step.kernel is None:
        lines += _largest(step, current)
        current = "largest"
    if step.kernel is not None:
        lines += _summed(explanation, place)
        lines += _put_there(explanation, place, Part.WEIGHTED_SUM)
        current = "s"
    if step.pre_activation is not None:
        total = current if step.bias is None else _paper(explanation, f"{current} + {letters.bias}")
        lines += [f"z = {total}", *_put_there(explanation, place, Part.PRE_ACTIVATION)]
        current = "z"
    applied = _applied(step, current)
    lines.append(f"{letters.output} = {applied if applied == current else _paper(explanation, applied)}")
    return lines + _put_there(explanation, place, Part.OUTPUT) + _shown(explanation, place)


def _numbers_written(step: Step) -> int:
    """Return how many numbers the script has for one layer."""
    match step.layer:
        case Convolution():
            return int(own_kernel(step).size) + under(step.layer, step.shape).size
        case Pooling():
            return under(step.layer, step.shape).size * step.shape[-1]
    return 0 if step.kernel is None else step.kernel.size


def _dense(explanation: Explanation, place: int) -> list[str]:
    """Return kernel and bias, and the weighted sums of all inputs."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    assert step.kernel is not None
    lines = [f"{letters.kernel} = {_literal(step.kernel, _dtype(explanation))}"]
    if step.bias is not None:
        lines.append(f"{letters.bias} = {_literal(step.bias, _dtype(explanation))}")
    if explanation.rounding is Rounding.SHOWN:
        return [*lines, f"s = {letters.kernel}.T @ {letters.inputs}"]
    made = f"made = products({letters.kernel}.T, {letters.inputs})  # a unit a row"
    return [*lines, made, "s = paper(made.sum(axis=1))"]


def _convolution(explanation: Explanation, place: int) -> list[str]:
    """Return kernel and bias as the layer has them, what the window sees at each place, and the weighted sums."""
    step, letters = explanation.trace.steps[place], symbols(explanation.network, place)
    assert isinstance(step.layer, Convolution)
    below, channels = under(step.layer, step.shape), step.shape[-1]
    lines = [
        f"# The kernel, {times(step.layer.kernel_size)}: a number under the window a row, a filter a column.",
        f"{letters.kernel} = {_literal(own_kernel(step), _dtype(explanation))}",
    ]
    if step.bias is not None:
        bias = _literal(own_bias(step), _dtype(explanation))
        lines.append(f"{letters.bias} = np.tile({bias}, {len(below)})  # one for each filter, at every place")
    lines += [
        f"# Which places of {letters.inputs} lie under the window, a place of the window a row; -1 is padding, a 0.",
        f"under = {_literal(below, '')}",
        f"places = np.vstack([{letters.inputs}.reshape(-1, {channels}), np.zeros((1, {channels}))])",
        f"seen = places[under].reshape({len(below)}, -1)",
    ]
    if not np.isfinite(own_kernel(step)).all():
        product = "products({}, {})" if explanation.rounding is Rounding.CARRIED else "{} * {}"
        lines += [
            f"made = {product.format('seen[:, :, None]', letters.kernel)}",
            "# The padding is left out: its 0 times an infinite weight would not be a number.",
            f"made[np.repeat(under < 0, {channels}, axis=1)] = 0.0",
        ]
        return [*lines, f"s = {_paper(explanation, 'made.sum(axis=1)')}.ravel()"]
    if explanation.rounding is Rounding.SHOWN:
        return [*lines, f"s = (seen @ {letters.kernel}).ravel()"]
    return [*lines, f"made = products(seen[:, :, None], {letters.kernel})", "s = paper(made.sum(axis=1)).ravel()"]


def _average(explanation: Explanation, place: int) -> list[str]:
    """Return what lies under the window for each unit, and the means: each number times its share, added up."""
    step, inputs = explanation.trace.steps[place], symbols(explanation.network, place).inputs
    if explanation.rounding is Rounding.SHOWN:
        return [*_under(step, inputs), f"s = np.array([{inputs}[rows].mean() for rows in under])"]
    total = f"products({inputs}[rows], paper(1 / len(rows))).sum()"
    return [*_under(step, inputs), f"s = paper([{total} for rows in under])"]


def _largest(step: Step, inputs: str) -> list[str]:
    """Return what lies under the window for each unit, and the largest of it."""
    return [*_under(step, inputs), f"largest = np.array([{inputs}[rows].max() for rows in under])"]


def _under(step: Step, inputs: str) -> list[str]:
    rows = [f"    {step.connections(unit).tolist()},\n" for unit in range(step.output.size)]
    return [f"# What of {inputs} lies under the window, a unit a row.", f"under = [\n{''.join(rows)}]"]


def _applied(step: Step, current: str) -> str:
    """Return the activation of ``current``; of an image, one over all units is over those of each place."""
    if step.activation == "linear":
        return current
    if step.activation in OVER_ALL_UNITS and len(step.shape) > 1:
        return f"{activation_call(step.activation, f'{current}.reshape(-1, {step.channels})')}.ravel()"
    return activation_call(step.activation, current)


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
    adds = explanation.rounding is Rounding.SHOWN and explanation.trace.steps[place].bias is not None
    for heading, kind, _ in vectors(explanation, place):
        text = f'equals(z, s, {letters.bias}) + " z"' if adds and kind is Kind.Z else f'"{heading}"'
        lines.append(f"show({text}, {names[kind]})")
    return lines


def _dtype(explanation: Explanation) -> str:
    """Return how an array of weights is held: as Keras's float32, unless it was rounded as it was written down."""
    return ", dtype=np.float32" if explanation.rounding is Rounding.SHOWN else ""


def _literal(values: Array | Int[np.ndarray, "rows columns"], dtype: str) -> str:
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
