"""A calculation as a page of plain text: call by call its values as columns, then the line that made each number."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.printed import ABOUT, CARRIED, LEGEND, MARK
from core.errors import shorten
from core.export.calculation.checked import difference_words, drift_words, verdict_lines
from core.export.calculation.whole import LONGEST, Whole
from core.export.latex_text import BLANK
from core.formatting import count, number
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation, Line, Section
    from core.operations.operation import Index

MOST_BESIDE = 6
"""How many columns stand beside each other."""


def text_page(explanation: Explanation) -> str:
    """Return the whole calculation as text."""
    lines = [explanation.title, *given(explanation), explanation.rule]
    lines += [changed] if (changed := explanation.not_by_hand) else []
    body = [line for section in explanation.sections for line in ("", *_section(explanation, section))]
    lines += [legend(explanation)] if any(f" {MARK}" in line for line in body) else []
    return "\n".join(line.rstrip() for line in [*lines, *body, "", *conclusion(explanation)]) + "\n"


def given(explanation: Explanation) -> list[str]:
    """Return the point, an input a line; the middle numbers of many are counted instead."""
    lines = []
    for value in explanation.inputs:
        shown = explanation.shown(value)
        texts = " ".join(f"[ {explanation.text(value, index)} ]" for index in shown)
        more = prod(value.shape) - len(shown)
        lines.append(f"{name(explanation, value)} = {texts}" + (f" and {count(more, 'more number')}" if more else ""))
    return lines


def name(explanation: Explanation, value: Value) -> str:
    """Return what a value is called in its own call, with its shape if that has several axes."""
    symbol = str(explanation.symbols.whole(value, value.call))
    return f"{symbol} ({' x '.join(map(str, value.shape))})" if len(value.shape) > 1 else symbol


def legend(explanation: Explanation) -> str:
    """Return what the signs mean that tell of another last digit."""
    return f"{LEGEND}; {CARRIED}" if explanation.rounding is Rounding.SHOWN and not explanation.task else LEGEND


def _section(explanation: Explanation, section: Section) -> Iterator[str]:
    drift = drift_words(explanation, section)
    yield "    ".join(part for part in (section.title, headline(explanation, section), drift) if part)
    for formula in formulas(explanation, section):
        yield f"  {formula}"
    for group in section.groups:
        for start in range(0, len(group), MOST_BESIDE):
            yield from _columns(explanation, group[start : start + MOST_BESIDE])
    yield from (f"  {line}" for line in section_lines(explanation, section))


def headline(explanation: Explanation, section: Section) -> str:
    """Return a call of a chain as one formula; nothing of other calls."""
    if not explanation.symbols.are_letters or not section.values:
        return ""
    return shorten(Whole(explanation).in_one(section.values[-1]), LONGEST)


def formulas(explanation: Explanation, section: Section) -> list[str]:
    """Return what made each value of a call as a whole."""
    whole = Whole(explanation)
    return [shorten(whole.formula(value), LONGEST) for value in section.values]


def section_lines(explanation: Explanation, section: Section) -> Iterator[str]:
    """Give how each number of a call came about, then how many are not written out."""
    for value in section.values:
        yield from (line_text(line) for line in explanation.lines(value))
        if more := prod(value.shape) - len(explanation.shown(value)):
            yield f"and {count(more, 'more number')} of {name(explanation, value)}, which JSON has"


def line_text(line: Line) -> str:
    """Return one line: ``s1 = w11*x1 + w21*x2 = 0.5*0.3 + 0.1*0.2 = 0.15 + 0.02 = 0.17``."""
    return " ".join([line.symbol, *(f"{sign} {text}" for sign, text in line.pieces)])


def cell(explanation: Explanation, value: Value, index: Index) -> str:
    """Return a number as it stands in its column, marked where the printed numbers don't come to it."""
    line = explanation.line(value, index)
    return f"{MARK}{line.result}" if line.comes == ABOUT else line.result


def rows(explanation: Explanation, group: list[Value]) -> Iterator[tuple[str, list[str]]]:
    """Give values of one shape side by side: where each row's numbers are in them, and the numbers."""
    axes = explanation.done.array_axes(group[0])
    for index in explanation.shown(group[0]):
        where = ", ".join(axes.word(axis, at) for axis, at in enumerate(index))
        yield where, [cell(explanation, value, index) for value in group]


def _columns(explanation: Explanation, group: list[Value]) -> Iterator[str]:
    """Give values of one shape side by side, under their names, a number a row."""
    found = list(rows(explanation, group))
    heads = [str(explanation.symbols.whole(value, value.call)) for value in group]
    wide = [
        max(len(number(-0.5, explanation.digits)), *(len(texts[at]) for _, texts in found)) for at in range(len(group))
    ]
    left = max(len(where) for where, _ in found)
    yield f"  {'':{left}}  " + "  ".join(
        f"{head:^{max(width + 4, len(head))}}" for head, width in zip(heads, wide, strict=True)
    )
    for where, texts in found:
        cells = (
            f"{f'[ {text:>{width}} ]':^{max(width + 4, len(head))}}"
            for text, width, head in zip(texts, wide, heads, strict=True)
        )
        yield f"  {where:>{left}}  " + "  ".join(cells)


KERAS_DIGITS = 8
"""Decimal places that tell float32 numbers below 1 apart, as ``model.predict`` is printed."""


def conclusion(explanation: Explanation) -> list[str]:
    """Return each output by hand and, once there is one, Keras's with the difference."""
    if stops := explanation.done.written.stops:
        return [stops]
    lines = []
    for at, value in enumerate(explanation.done.outputs):
        shown = explanation.shown(value)
        ours = [explanation.text(value, index) for index in shown]
        of = f" {at + 1}" if len(explanation.done.outputs) > 1 else ""
        more = prod(value.shape) - len(shown)
        end = f"  and {count(more, 'more number')}" if more else ""
        array = explanation.done.numbers[explanation.done.written.outputs[at]]
        lines.append(f"by hand{of}  {_both(ours, [float(array[index]) for index in shown])}{end}")
        if explanation.keras is not None:
            theirs = np.asarray(explanation.keras[at]).reshape(value.shape)
            numbers = [float(theirs[index]) for index in shown]
            theirs_written = _both([explanation.notation(one) for one in numbers], numbers)
            lines.append(f"Keras{of}    {theirs_written}{end}   {difference_words(explanation, at)}")
    return [*lines, *verdict_lines(explanation)]


def _both(texts: list[str], numbers: list[float]) -> str:
    """Return each number as it is written and with as many digits as Keras's have."""
    return "  ".join(
        text if text == BLANK else f"{text} ({number(one, KERAS_DIGITS)})"
        for text, one in zip(texts, numbers, strict=True)
    )
