"""A calculation as a page of plain text or of Markdown: call by call its values, then the line of each number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.writing import ABOUT, CARRIED, LEGEND, MARK
from core.errors import shorten
from core.export.calculation.whole import LONGEST, Whole
from core.export.latex_text import BLANK
from core.export.markdown import escaped, table_rows
from core.formatting import number
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.arrays import AnyArray
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Section
    from core.operations.operation import Index

KERAS_DIGITS = 8
"""Decimal places that tell float32 numbers below 1 apart, as ``model.predict`` is printed."""


def text_page(explanation: Explanation) -> str:
    """Return the whole calculation as text."""
    lines = [explanation.title, *given(explanation), explanation.rule, *explanation.not_by_hand]
    body = [line for section in explanation.sections for line in _text(explanation, section)]
    lines += [legend(explanation)] if any(f" {MARK}" in line for line in body) else []
    return "\n".join(line.rstrip() for line in [*lines, *body, "", *conclusion(explanation)]) + "\n"


def _text(explanation: Explanation, section: Section) -> Iterator[str]:
    head = (section.title, headline(explanation, section), explanation.drift(section))
    yield from ("", "    ".join(filter(None, head)))
    yield from (f"  {formula}" for formula in formulas(explanation, section))
    for group in section.groups:
        yield from _columns(table(explanation, group), len(number(-0.5, explanation.digits)))
    yield from (f"  {line}" for line in section_lines(explanation, section))


def _columns(rows: list[list[str]], least: int) -> Iterator[str]:
    """Give a table with its numbers in brackets, each column as wide as its widest number or ``least``."""
    (_, *where), *columns = zip(*rows, strict=True)
    left = max(map(len, where))
    texts = [[f"  {text:>{left}}" for text in ("", *where)]]
    for head, *cells in columns:
        width = max(least, *map(len, cells))
        bracketed = (f"[ {cell:>{width}} ]" for cell in cells)
        texts.append([f"{text:^{max(width + 4, len(head))}}" for text in (head, *bracketed)])
    yield from map("  ".join, zip(*texts, strict=True))


def markdown_page(explanation: Explanation) -> str:
    """Return the whole calculation as Markdown, as GitHub shows it."""
    lines = [f"# {escaped(explanation.title)}", "", explanation.rule.replace("   ", ", ")]
    body = [line for section in explanation.sections for line in _markdown(explanation, section)]
    notes = explanation.not_by_hand
    notes += [legend(explanation)] if any(f" {MARK}" in line.replace("\\", "") for line in body) else []
    lines += [line for note in notes for line in ("", escaped(note))]
    lines += ["", *fenced(given(explanation)), *body, "", "## Prediction", "", *fenced(conclusion(explanation))]
    return "\n".join(lines) + "\n"


def _markdown(explanation: Explanation, section: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(section.title)}", "")
    head = filter(None, (headline(explanation, section), explanation.drift(section)))
    yield from fenced([*head, *formulas(explanation, section)])
    for group in section.groups:
        names, *rows = table(explanation, group)
        cells = [[where, *(text.replace(MARK, rf"\{MARK}") for text in texts)] for where, *texts in rows]
        yield from ("", *table_rows([list(map(escaped, names)), *cells]))
    lines = list(section_lines(explanation, section))
    yield from ("", *fenced(lines)) if lines else ()


def fenced(lines: Sequence[str]) -> list[str]:
    """Return lines as a block in which nothing means anything: no line of a name's can end it."""
    longest = max(map(len, re.findall("`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *lines, fence]


# What stands on every page


def given(explanation: Explanation) -> list[str]:
    """Return the point, an input a line; the middle numbers of many are counted instead."""
    lines = []
    for value in explanation.inputs:
        texts = [f"[ {explanation.text(value, index)} ]" for index in explanation.shown(value)]
        more = f" and {more}" if (more := explanation.more(value)) else ""
        lines.append(f"{name(explanation, value)} = {' '.join(texts)}{more}")
    return lines


def name(explanation: Explanation, value: Value) -> str:
    """Return what a value is called in its own call, with its shape if that has several axes."""
    symbol = str(explanation.symbols.whole(value, value.call))
    return f"{symbol} ({' x '.join(map(str, value.shape))})" if len(value.shape) > 1 else symbol


def legend(explanation: Explanation) -> str:
    """Return what the signs mean that tell of another last digit."""
    return f"{LEGEND}; {CARRIED}" if explanation.rounding is Rounding.SHOWN and not explanation.task else LEGEND


def headline(explanation: Explanation, section: Section) -> str:
    """Return a call of a chain as one formula; nothing of other calls."""
    if not explanation.symbols.are_letters or not section.values:
        return ""
    return shorten(str(Whole(explanation, section.values[-1], through=True)), LONGEST)


def formulas(explanation: Explanation, section: Section) -> list[str]:
    """Return what made each value of a call as a whole."""
    return [shorten(str(Whole(explanation, value)), LONGEST) for value in section.values]


def section_lines(explanation: Explanation, section: Section) -> Iterator[str]:
    """Give how each number of a call came about, ``s1 = w11*x1 + w21*x2 = 0.5*0.3 + 0.1*0.2 = 0.15 + 0.02 = 0.17``.

    Then it gives how many are not written out.
    """
    for value in section.values:
        for line in explanation.lines(value):
            yield " ".join([line.symbol, *(f"{sign} {text}" for sign, text in line.pieces)])
        if more := explanation.more(value):
            yield f"and {more} of {name(explanation, value)}, which JSON has"


def table(explanation: Explanation, group: Sequence[Value]) -> list[list[str]]:
    """Return values of one shape side by side: their names, then rows of where numbers are in them, and the numbers.

    A number is marked where the printed numbers don't come to it.
    """
    axes, shape, rows = explanation.done.array_axes(group[0]), group[0].shape, []
    # An axis of one place says nothing, and what was added up along it has no place there.
    told = [axis for axis, size in enumerate(shape) if size > 1] or list(range(len(shape)))
    for index in explanation.shown(group[0]):
        lines = [explanation.line(value, index) for value in group]
        where = ", ".join(axes.word(axis, index[axis]) for axis in told)
        rows.append([where, *(f"{MARK}{line.result}" if line.comes == ABOUT else line.result for line in lines)])
    return [["", *(str(explanation.symbols.whole(value, value.call)) for value in group)], *rows]


def conclusion(explanation: Explanation) -> list[str]:
    """Return each output by hand and, once there is one, Keras's with the difference."""
    if stops := explanation.done.written.stops:
        return [stops]
    lines = []
    for at, value in enumerate(explanation.done.outputs):
        shown = explanation.shown(value)
        of = f" {at + 1}" if len(explanation.done.outputs) > 1 else ""
        end = f"  and {more}" if (more := explanation.more(value)) else ""
        ours = explanation.done.numbers[explanation.done.written.outputs[at]]
        lines.append(f"by hand{of}  {_both(ours, {index: explanation.text(value, index) for index in shown})}{end}")
        if explanation.keras is not None:
            theirs = np.asarray(explanation.keras[at]).reshape(value.shape)
            written = _both(theirs, {index: explanation.notation(float(theirs[index])) for index in shown})
            lines.append(f"Keras{of}    {written}{end}   {explanation.difference(at)}")
    return [*lines, *explanation.verdict]


def _both(array: AnyArray, texts: Mapping[Index, str]) -> str:
    """Return each number as it is written and with as many digits as Keras's have."""
    digits = {index: f" ({number(array[index], KERAS_DIGITS)})" for index in texts}
    return "  ".join(text if text == BLANK else text + digits[index] for index, text in texts.items())
