"""A sheet on paper, for any model: its questions with room to write, and the key, in plain text or in Markdown."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING

from core.calculation.calculated import spoken
from core.calculation.printed import sign
from core.export.calculation.writing import Writer
from core.export.opened import AS_WRITTEN
from core.formatting import count, number
from core.operations.rounding import Rounding
from core.practice.judging import right_numbers
from core.practice.marks import in_short
from core.practice.telling import Told, question
from core.practice.working import constant

if TYPE_CHECKING:
    from core.calculation.calculated import Spot
    from core.calculation.expression import Leaf
    from core.practice.sheet import Sheet, Work

LINE_TO_WRITE = "." * 72

TOLERANCE = "Behind each answer stands how far a right one may be from it: so much can rounding on the way do."


def questions(sheet: Sheet, heading: str = "") -> str:
    """Return the questions, each with room to write; ``heading`` begins a line that is one, as in Markdown."""
    lines = [
        f"{heading}Worksheet: {sheet.work.graph.name}. {count(len(sheet.blanks), 'number')} to find.",
        f"{_task(sheet.work)}.",
        f"Name {'.' * 40}  Date {'.' * 20}",
    ]
    for place, spot in enumerate(sheet.blanks, start=1):
        lines += [f"{heading}{place}. {spoken(spot)}", question(sheet, spot, {}), f"= {LINE_TO_WRITE}", LINE_TO_WRITE]
    return "\n\n".join(lines) + "\n"


def key(sheet: Sheet, heading: str = "") -> str:
    """Return the answers, each with the line of numbers that makes it and how far a right one may be from it."""
    lines = [f"{heading}Key: {sheet.work.graph.name}. {count(len(sheet.blanks), 'answer')}. {TOLERANCE}"]
    lines += [f"{place}. {key_line(sheet, spot)}" for place, spot in enumerate(sheet.blanks, start=1)]
    return "\n\n".join(lines) + "\n"


def key_line(sheet: Sheet, spot: Spot) -> str:
    """Return a blank's answer: its line of numbers, itself, and all that practice takes as right around it."""
    made, digits = sheet.work.page, sheet.work.digits

    def written(leaf: Leaf) -> str:
        named = leaf.place is not None and made.named(leaf.place) is not None
        return number(leaf.number, digits) if named else constant(leaf.number, digits)

    text, line = number(made.number(spot), digits), Writer(AS_WRITTEN, written)(Told(sheet, spot, {}).expression)
    off = max(abs(one.value - float(text)) + one.error for one in right_numbers(sheet, spot, {}))
    return f"{spoken(spot)} = {line} {sign(line, text)} {text} +- {in_short(rounded_up(off))}"


def rounded_up(tolerance: float) -> float:
    """Return the next number with two significant digits, so that what is written leaves out nothing that is right."""
    if not isfinite(tolerance) or tolerance <= 0.0:
        return tolerance
    unit = 10.0 ** (floor(log10(tolerance)) - 1)
    # What is a number of two digits already, but for float64's last bit, stays what it is.
    return ceil(tolerance / unit - 1e-6) * unit


def _task(work: Work) -> str:
    places = count(work.digits, "digit") + " after the point"
    if work.rounding is Rounding.CARRIED:
        return f"Round each result to {places}, half away from zero, and go on with the rounded one"
    return f"Calculate with all the digits that you have, and write down {places}"
