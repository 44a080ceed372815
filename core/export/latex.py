"""A calculation as a LaTeX document for amsmath: each layer in symbols, then its matrices with their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.activations import OVER_ALL_UNITS, activation
from core.calculation.printed import ABOUT, EQUALS
from core.calculation.spot import Kind, Spot
from core.calculation.symbols import symbols
from core.errors import shorten
from core.export.latex_text import number_in_math, tex
from core.export.signs import output_sign, products_sign, sum_sign
from core.export.text import LINE, how_written, legend
from core.export.unit_lines import candidates
from core.formatting import width_of
from core.layers.convolution import Convolution
from core.layers.identity import Dropout
from core.layers.pooling import Pooling
from core.layers.reshaping import Flatten
from core.model.network import describe, times

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.calculation.forward import Step
    from core.export.explanation import Explanation

MOST = 10
"""Rows and columns of the largest matrix that is written in full, where the page is wide enough."""

PORTRAIT, LANDSCAPE = 96, 146
"""Characters in a line of the page, about."""

BLANK_WIDTH = 7
"""Characters that a blank is wide, about."""

AROUND = 25
"""Characters that the letters, equals signs and brackets of a line take, about."""

DOCUMENT = r"""\documentclass{article}
\usepackage[a4paper,%smargin=2cm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
\begin{document}
%s
\end{document}
"""

BREAK = r" \\ "

Part = TypeVar("Part")

Line = tuple[str, str]
"""What stands left of the equals sign, and what right of it."""


def latex_page(explanation: Explanation) -> str:
    """Return the whole calculation as a document that pdflatex compiles."""
    return document(explanation, latex_body(explanation))


def document(explanation: Explanation, body: str) -> str:
    """Return ``body`` as a whole document, turned on its side if a matrix of this calculation needs the room."""
    on_its_side = "landscape," if _line_width(explanation) == LANDSCAPE else ""
    return DOCUMENT % (on_its_side, body)


def latex_body(explanation: Explanation) -> str:
    """Return the calculation without what makes it a document."""
    lines = [rf"\section*{{{tex(shorten(describe(explanation.network), LINE))}}}"]
    lines.append(tex(how_written(explanation).replace("   ", ", ")) + ".")
    x = _Vector(explanation, 0, Kind.INPUT, explanation.trace.x.size)
    lines += _aligned([("x", str(x))])
    layers = [line for place in range(len(explanation.trace.steps)) for line in _layer(explanation, place)]
    if any(in_math(ABOUT) in line for line in layers):
        lines.append(rf"${in_math(ABOUT)}$: {tex(legend(explanation).partition(': ')[2])}.")
    lines += layers
    return "\n".join([*lines, r"\section*{Prediction}", *_aligned(_conclusion(explanation))])


def _layer(explanation: Explanation, place: int) -> list[str]:
    step, pooled = explanation.trace.steps[place], isinstance(explanation.network.layers[place], Pooling)
    lines = [rf"\section*{{{tex(shorten(step.layer.name))}}}", *_words(explanation, place)]
    if step.kernel is not None:
        lines += _aligned(_summed(explanation, place))
    elif step.pre_activation is not None:
        lines += _aligned(_applied(explanation, place))
    else:
        lines += _aligned(_largest(explanation, place) if pooled else _passed_on(explanation, place))
    if step.activation != "linear":
        lines.append(_here(step))
    return lines + _left_out(explanation, place)


def _words(explanation: Explanation, place: int) -> list[str]:
    """Return a sentence on what a layer does that its formula does not say."""
    layer, kernel = explanation.network.layers[place], _Names.of(explanation, place).kernel
    match layer:
        case Dropout(rate=rate):
            return [f"Dropout {rate:g} acts only in training: what goes in comes out."]
        case Flatten():
            return ["What goes in comes out, in one row."]
        case Convolution(kernel_size=size):
            window = times(size).replace("x", r" \times ")
            return [f"${kernel}$ is the ${window}$ kernel at every place of its window: a place and filter a row."]
        case Pooling(takes="average"):
            return [f"${kernel}$ has the share of every number that is under the window."]
        case Pooling():
            return ["Of what is under the window, the largest number:"]
    return []


def _here(step: Step) -> str:
    """Return a sentence on what a layer's activation is."""
    formula = tex(f"{step.activation}(z) = {activation(step.activation).formula}")
    of_places = step.activation in OVER_ALL_UNITS and len(step.shape) > 1
    return rf"Here \texttt{{{formula}}}{', of each place by itself' if of_places else ''}."


def _aligned(lines: list[Line]) -> list[str]:
    rows = [f"{left} &= {right}" for left, right in lines]
    return [r"\begin{align*}", f"{BREAK}\n".join(rows), r"\end{align*}"]


# The lines of one layer


def _summed(explanation: Explanation, place: int) -> list[Line]:
    """Return formula, weighted sum, + bias and activation, each in symbols, then in numbers."""
    step, names = explanation.trace.steps[place], _Names.of(explanation, place)
    assert step.kernel is not None
    linear, units = step.activation == "linear", step.kernel.shape[1]
    total = f"{names.product} + {names.bias}" if step.bias is not None else names.product
    lines = [(names.output, total if linear else _function(step.activation, total))]
    sums, z = (_Vector(explanation, place, kind, units) for kind in (Kind.SUM, Kind.Z))
    inputs = _Vector(explanation, place, Kind.INPUT, step.inputs.size)
    product = f"{_kernel(explanation, place)} {inputs.in_brackets}"
    lines.append((names.product, f"{product} {in_math(_sign_of_sums(explanation, place))} {sums}"))
    made = names.output if linear else "z"
    if step.bias is not None:
        bias = _Vector(explanation, place, Kind.BIAS, units)
        adds_up = _joined(sum_sign(explanation, place, unit) for unit in _ends(units))
        lines.append((made, rf"{total} = {sums} + {bias.after_plus} {in_math(adds_up)} {z}"))
    elif made == "z":
        lines.append((made, f"{names.product} = {z}"))
    return lines if linear else [*lines, *_applied(explanation, place)]


def _applied(explanation: Explanation, place: int) -> list[Line]:
    """Return the line of an activation."""
    step, names = explanation.trace.steps[place], _Names.of(explanation, place)
    assert step.pre_activation is not None
    z = _Vector(explanation, place, Kind.Z, step.pre_activation.size)
    output = _Vector(explanation, place, Kind.OUTPUT, step.output.size)
    argument = "z" if step.kernel is not None else names.inputs
    if step.activation == "linear":
        return [(names.output, f"{argument} = {output}")]
    comes_out = in_math(_joined(output_sign(explanation, place, unit) for unit in _ends(step.output.size)))
    applied = _function(step.activation, argument)
    return [(names.output, f"{applied} = {_function(step.activation, str(z))} {comes_out} {output}")]


def _sign_of_sums(explanation: Explanation, place: int) -> str:
    """Return the sign between kernel times inputs and the weighted sums, as far as all of it is written."""
    step = explanation.trace.steps[place]
    assert step.kernel is not None
    units, inputs = _ends(step.kernel.shape[1]), len(step.kernel)
    if inputs > _columns(explanation, place):
        return EQUALS
    return _joined(products_sign(explanation, place, unit) for unit in units)


def _joined(signs: Iterable[str]) -> str:
    return ABOUT if ABOUT in set(signs) else EQUALS


def in_math(sign: str) -> str:
    """Return a sign for math mode."""
    return r"\approx" if sign == ABOUT else sign


def _largest(explanation: Explanation, place: int) -> list[Line]:
    """Return a line for each output that is the largest of some inputs; of many, for the first and last few."""
    size, letter = explanation.trace.steps[place].output.size, _Names.of(explanation, place).output
    lines = []
    for unit in _ends(size):
        texts = [_text_or_number(text) for text in candidates(explanation, place, unit)]
        result = _written(explanation, Spot(place, Kind.OUTPUT, unit))
        index = letter if size == 1 else f"{{{letter}}}_{{{unit + 1}}}"
        lines.append((index, rf"\max({', '.join(texts)}) = {result}"))
    return _with_dots(lines, size, (r"\vdots", ""))


def _text_or_number(text: str) -> str:
    return rf"\text{{{text}}}" if text.startswith("(") else number_in_math(text)


def _passed_on(explanation: Explanation, place: int) -> list[Line]:
    names, size = _Names.of(explanation, place), explanation.trace.steps[place].output.size
    return [(names.output, f"{names.inputs} = {_Vector(explanation, place, Kind.OUTPUT, size)}")]


def _conclusion(explanation: Explanation) -> list[Line]:
    spots = explanation.prediction
    by_hand = _Vector(explanation, spots[0].step, Kind.OUTPUT, len(spots)) if spots else ""
    return [(r"\text{by hand:}\quad y", str(by_hand))]


def _left_out(explanation: Explanation, place: int) -> list[str]:
    """Return a sentence on how many units and inputs are not written, if some are not."""
    step = explanation.trace.steps[place]
    counts = [(step.output.size if step.pre_activation is None else step.pre_activation.size, MOST, "units")]
    if step.kernel is not None:
        counts.append((step.inputs.size, _columns(explanation, place), "inputs"))
    parts = [f"{len(_ends(size, most))} of {size:,} {what}" for size, most, what in counts if size > most]
    return [f"Written here are {' and '.join(parts)}; all were calculated with."] if parts else []


# Letters, matrices and numbers


@dataclass(frozen=True)
class _Names:
    """The letters of a layer as they are typeset."""

    inputs: str
    kernel: str
    product: str
    bias: str
    output: str

    @classmethod
    def of(cls, explanation: Explanation, place: int) -> _Names:
        letters = symbols(explanation.network, place)
        inputs, kernel, bias, output = (
            re.sub(r"^(\w)(\d+)_$", r"\1_{\2}", letter)
            for letter in (letters.inputs, letters.kernel, letters.bias, letters.output)
        )
        kernel = f"{{{kernel}}}" if "_" in kernel else kernel
        return cls(inputs, kernel, rf"{kernel}^{{\top}} {inputs}", bias, output)


def _function(name: str, argument: str) -> str:
    operator = r"\tanh" if name == "tanh" else rf"\operatorname{{{tex(name)}}}"
    # Without \mathopen{} a bracket that grows stands apart from its function.
    return rf"{operator}\mathopen{{}}\left({argument}\right)" if "bmatrix" in argument else f"{operator}({argument})"


@dataclass(frozen=True)
class _Vector:
    """One vector of a layer, its numbers one below the other; a single one stands without brackets."""

    explanation: Explanation
    place: int
    kind: Kind
    size: int

    @property
    def _texts(self) -> list[str]:
        return [_written(self.explanation, self._spot(row)) for row in _ends(self.size)]

    def _spot(self, row: int) -> Spot:
        return Spot(self.place, self.kind, input=row) if self.kind is Kind.INPUT else Spot(self.place, self.kind, row)

    @property
    def in_brackets(self) -> str:
        return _matrix(_with_dots(self._texts, self.size, r"\vdots"))

    @property
    def after_plus(self) -> str:
        text = str(self)
        return f"({text})" if text.startswith("-") else text

    def __str__(self) -> str:
        return _column(self._texts, self.size)


def _column(texts: list[str], size: int) -> str:
    return texts[0] if size == 1 else _matrix(_with_dots(texts, size, r"\vdots"))


def _kernel(explanation: Explanation, place: int) -> str:
    """Return the kernel, transposed: a unit a row, an input a column, 0 where no weight leads from one to the other."""
    step = explanation.trace.steps[place]
    assert step.kernel is not None
    inputs, units = step.kernel.shape
    most = _columns(explanation, place)
    columns = _ends(inputs, most)

    def row(unit: int) -> str:
        connected = set(step.connections(unit).tolist())
        texts = [
            _written(explanation, Spot(place, Kind.WEIGHT, unit, column)) if column in connected else "0"
            for column in columns
        ]
        return " & ".join(_with_dots(texts, inputs, r"\cdots", most))

    dots = " & ".join(_with_dots([r"\vdots"] * len(columns), inputs, r"\ddots", most))
    return _matrix(_with_dots([row(unit) for unit in _ends(units)], units, dots))


def _matrix(rows: list[str]) -> str:
    return rf"\begin{{bmatrix}} {BREAK.join(rows)} \end{{bmatrix}}"


def _ends(size: int, most: int = MOST) -> list[int]:
    """Return the places that are written: all, or the first and last few."""
    if size <= most:
        return list(range(size))
    ends = max(1, (most - 1) // 2)
    return [*range(ends), *range(size - ends, size)]


def _with_dots(texts: list[Part], size: int, dots: Part, most: int = MOST) -> list[Part]:
    half = len(texts) // 2
    return texts if size <= most else [*texts[:half], dots, *texts[half:]]


def _columns(explanation: Explanation, place: int) -> int:
    """Return how many columns of the kernel have room beside the inputs and the weighted sum."""
    return _room(explanation, place, _line_width(explanation))


def _room(explanation: Explanation, place: int, characters: int) -> int:
    step = explanation.trace.steps[place]
    assert step.kernel is not None
    number = max(BLANK_WIDTH, width_of(step.kernel, explanation.digits))
    return max(3, min(MOST, (characters - AROUND - 2 * number) // (number + 2)))


def _line_width(explanation: Explanation) -> int:
    """Return how many characters a line has: the page lies on its side if that lets more of a kernel be written."""
    for place, step in enumerate(explanation.trace.steps):
        if step.kernel is not None and _room(explanation, place, PORTRAIT) < min(MOST, step.inputs.size):
            return LANDSCAPE
    return PORTRAIT


def _written(explanation: Explanation, spot: Spot) -> str:
    return number_in_math(explanation.written(spot))
