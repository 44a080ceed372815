"""A calculation as a LaTeX document for amsmath: each call in symbols, then with its numbers."""

from __future__ import annotations

import re
from functools import partial
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.writing import ABOUT, CHANGED, Way
from core.export.calculation.text import legend, name
from core.export.calculation.whole import Whole
from core.export.latex_text import number_in_math, tex
from core.formatting import count, exact, number
from core.operations.dot import Dot
from core.operations.each import Each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Line, Section

MOST = 10
"""Rows and columns of the largest matrix that is written in full, where the page is wide enough."""

PORTRAIT, LANDSCAPE = 90, 140
"""Characters in a line of the page, about."""

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

LATEX = Way(
    lambda table: table.forms.latex,
    r"{1} \cdot {0}",
    {"largest": r"\max", "smallest": r"\min", "mean": r"\operatorname{mean}"},
    words=r"\text{{{}}}",
    dot=r"\cdot",
    symbol=lambda symbol: symbol.in_math,
    number=number_in_math,
    signs={ABOUT: r"\approx", CHANGED: r"\quad\text{changed to}\quad"},
    turned=r"{}^{{\top}}",
    dots=r"\ldots",
    sum=r"\sum",
)


def latex_page(explanation: Explanation) -> str:
    """Return the whole calculation as a document that pdflatex compiles."""
    return latex_document(latex_body(explanation))


def latex_document(body: str) -> str:
    """Return ``body`` as a whole document, turned on its side if a line needs the room."""
    on_its_side = "landscape," if any(_width(line) > PORTRAIT for line in body.split("\n")) else ""
    return DOCUMENT % (on_its_side, body)


def latex_body(explanation: Explanation) -> str:
    """Return the calculation without what makes it a document."""
    lines = [rf"\section*{{{tex(explanation.title)}}}", tex(explanation.rule.replace("   ", ", ")) + "."]
    lines += [f"\n{tex(changed)}." for changed in explanation.not_by_hand]
    for value in explanation.inputs:
        lines += [*_aligned([f"{_name(explanation, value)} &= {_numbers(explanation, value)}"])]
    body = [line for section in explanation.sections for line in _section(explanation, section)]
    if any(LATEX.signs[ABOUT] in line for line in body):
        lines.append(rf"${LATEX.signs[ABOUT]}$: {tex(legend(explanation).partition(': ')[2])}.")
    return "\n".join([*lines, *body, r"\section*{Prediction}", *_conclusion(explanation)])


def _section(explanation: Explanation, section: Section) -> Iterator[str]:
    yield rf"\section*{{{tex(section.title)}}}"
    if drift := explanation.drift(section):
        yield tex(drift) + "."
    if explanation.symbols.are_letters:
        yield from _aligned([_at_equals(Whole(explanation, section.values[-1], LATEX, through=True))])
    for value in section.values:
        made, whole = matrices(explanation, value), _at_equals(Whole(explanation, value, LATEX))
        yield from _aligned(_broken(whole if made is None else f"{whole} = {made}"))
        if made is not None:
            continue
        rows = [row for line in explanation.lines(value, LATEX) for row in _line(line)]
        written = len(explanation.shown(value))
        if not rows:
            # Numbers that were only moved, or are Keras's, have no lines of their own.
            symbol = LATEX.symbol(explanation.symbols.whole(value, value.call))
            rows = [f"{symbol} &= {_numbers(explanation, value)}"]
            written = prod(value.shape) if is_small(value) else min(MOST, written)
        yield from _aligned(rows)
        if (more := prod(value.shape) - written) > 0:
            left = count(more, "more number")
            yield tex(f"Not written here: {left} of {name(explanation, value)}; JSON has them.")


def _at_equals(whole: Whole) -> str:
    return str(whole).replace(" = ", " &= ", 1)


def _aligned(rows: list[str]) -> list[str]:
    return [r"\begin{align*}", *(f"{row} \\\\" for row in rows[:-1]), rows[-1], r"\end{align*}"]


def _line(line: Line) -> list[str]:
    """Return the rows of one number: its symbol and what made it, then each further piece below that."""
    rows = [row for sign, text in line.pieces for row in _broken(f"&{LATEX.signs.get(sign, sign)} {text}")]
    if sum(map(_width, rows)) <= PORTRAIT:
        return [f"{line.symbol} {rows[0]} {' '.join(row.removeprefix('&') for row in rows[1:])}"]
    return [f"{line.symbol} {rows[0]}", *rows[1:]]


def _broken(row: str) -> list[str]:
    """Return a row as several where it is wider than a page: each goes on with a sign between two terms."""
    if _width(row) <= LANDSCAPE:
        return [row]
    rows, depth, start, last = [], 0, 0, 0
    for at, character in enumerate(row):
        depth += (character in "({[") - (character in ")}]")
        if depth == 0 and row[at : at + 3] in (" + ", " - "):
            if _width(row[start:at]) > PORTRAIT and last > start:
                rows.append(row[start:last])
                start = last
            last = at
    rows.append(row[start:])
    return [rows[0], *(rf"&\quad {one.strip()}" for one in rows[1:])]


def _width(row: str) -> int:
    """Return how many characters a row is wide on paper, about."""
    wide = _MATRIX.sub(lambda found: "x" * max(map(len, found[1].replace(" & ", "  ").split(BREAK))), row)
    return len(re.sub(r"\\(?:begin|end)\{align\*\}|\\[A-Za-z]+|[{}_^&\\]", "", wide))


_AROUND = re.compile(r"\(((?:[^()]|\([^()]*\))*bmatrix(?:[^()]|\([^()]*\))*)\)")
_MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}")


# Symbols, matrices and numbers


def _name(explanation: Explanation, value: Value) -> str:
    return explanation.symbols.whole(value, ()).in_math


def _numbers(explanation: Explanation, value: Value) -> str:
    """Return a value's numbers: as a column, as a matrix, or one after the other, of many the first."""
    if is_small(value):
        return matrix(explanation, value)
    return _row([explanation.text(value, index) for index in explanation.shown(value)[:MOST]], value)


def _row(texts: list[str], value: Value) -> str:
    return ", ".join(map(number_in_math, texts)) + (r", \ldots" if prod(value.shape) > len(texts) else "")


def is_small(value: Value) -> bool:
    """Return whether a value can be written as a matrix or a column."""
    return len(value.shape) <= 2 and all(0 < size <= MOST for size in value.shape)


def matrix(explanation: Explanation, value: Value, turned: bool = False) -> str:
    """Return a value as a matrix, or as a column; a single number stands without brackets."""
    if prod(value.shape) == 1:
        return number_in_math(explanation.text(value, (0,) * len(value.shape)))
    texts = [number_in_math(explanation.text(value, index)) for index in np.ndindex(value.shape)]
    rows = np.array(texts, dtype=object).reshape(value.shape[0], -1)
    return rf"\begin{{bmatrix}} {BREAK.join(map(' & '.join, rows.T if turned else rows))} \end{{bmatrix}}"


def matrices(explanation: Explanation, value: Value) -> str | None:
    """Return what made a value, and the value, with matrices in place of symbols; None where they have no room.

    That is so of a chain only, where rows are points: columns stand for what a layer takes and makes.
    """
    if not explanation.symbols.are_letters or len(value.shape) != 1 or not _has_matrices(explanation, value.parts[()]):
        return None
    comes = {explanation.line(value, (at,), LATEX).comes for at in range(value.shape[0])}
    if CHANGED in comes:
        return None
    whole = Whole(explanation, value, LATEX, name=partial(matrix, explanation))
    # Without \\mathopen{} a bracket that grows stands apart from its function.
    left = _AROUND.sub(r"\\mathopen{}\\left(\1\\right)", whole.right)
    made = f"{left} {LATEX.signs[ABOUT] if ABOUT in comes else '='} {matrix(explanation, value)}"
    return made if _width(made) <= LANDSCAPE else None


def _has_matrices(explanation: Explanation, number: int, is_part: bool = False) -> bool:
    """Return whether a value is small, and so is all that it is made of, without being moved on the way."""
    done = explanation.done
    line = done.written.program.lines[number]
    if number in done.written.program.names or line.operation is None:
        is_constant = line.given is not None and line.given.numbers is not None and not line.shape
        if not is_constant and not is_small(done.value_at(number, ())[0]):
            return False
        if is_part:
            return True
    is_made = isinstance(line.operation, Each | Dot)
    return is_made and all(_has_matrices(explanation, source, is_part=True) for source in line.sources)


def _conclusion(explanation: Explanation) -> list[str]:
    if stops := explanation.done.written.stops:
        return [tex(f"{stops}.")]
    lines = []
    for at, value in enumerate(explanation.done.outputs):
        said = {"by hand": _numbers(explanation, value)}
        if explanation.keras is not None:
            keras = np.asarray(explanation.keras[at]).reshape(-1)[:MOST]
            said["Keras"] = _row([exact(one) if abs(one) < 1e6 else number(one) for one in keras], value)
        called = _name(explanation, value)
        lines += _aligned([rf"\text{{{whose}:}}\quad {called} &= {numbers}" for whose, numbers in said.items()])
        lines += [f"{tex(explanation.difference(at))}."] if explanation.keras is not None else []
    return [*lines, *(f"\n{tex(line)}." for line in explanation.verdict)]
