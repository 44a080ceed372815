"""Paper: numbers written down one operation a line, in symbols and in numbers, by one of the two ways of rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.printed import sign
from core.calculation.unfold import ENDS, MAX_TERMS
from core.formatting import number
from core.operations.rounding import Carry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.operations.rounding import Rounding

NEAREST = 1e-14
"""What is nearer to 0 or 1 than this is that number but for float64's last bits."""


class Written(NamedTuple):
    """A number as it stands on the paper: its symbol, its value and its digits."""

    symbol: str
    value: np.float64
    text: str


@dataclass(frozen=True)
class PaperLine:
    """One operation: ``symbol = formula = numbers = result``, and in ``why`` what is to be said about it.

    ``sign`` is the last of these signs: ``~=`` where the printed numbers come to another last digit.

    ``value`` is what the calculation goes on with, ``result`` the digits that are written for it.
    """

    symbol: str
    formula: str
    numbers: str
    value: float
    result: str
    why: str = ""

    @property
    def sign(self) -> str:
        """The sign before the result."""
        return sign(self.numbers, self.result)


class Paper:
    """Writes down what a calculation gives it, and keeps the lines."""

    def __init__(self, rounding: Rounding, digits: int, whose: str = "") -> None:
        self._carry, self._digits = Carry(rounding, digits), digits
        self.lines: list[PaperLine] = []
        self._whose, self.place = whose, ""
        """What stands behind every symbol: whose it is, and which of several places the calculation is at."""
        self._said = set[str]()

    @property
    def exact(self) -> bool:
        """Whether numbers pass unchanged, and only what is shown is rounded."""
        return self._carry.exact

    def given(self, symbol: str, value: float) -> Written:
        """Return a number that the calculation begins with."""
        return self._rounded(symbol, value)

    def label(self, symbol: str, value: float) -> Written:
        """Return a label, which is mostly a whole number and written without decimal places then."""
        kept = self._rounded(symbol, value)
        short = f"{kept.value:g}"
        return kept._replace(text=short) if float(short) == kept.value else kept

    def line(self, symbol: str, template: str, parts: Sequence[Written], value: float, why: str = "") -> Written:
        """Write the line that makes ``value`` of ``parts``, whose places in ``template`` are ``{}``."""
        return self.write(template, parts, self._rounded(symbol, value), why)

    def line_in_full(
        self, symbol: str, template: str, parts: Sequence[Written], value: float, why: str = ""
    ) -> Written:
        """Write a line like :meth:`line`; what lies between 0 and 1 gets the decimal places that tell it from both.

        Without them a probability that is divided by, or whose logarithm is taken, would end the calculation.
        """
        made = self._rounded(symbol, value)
        if float(made.text) in (0.0, 1.0) and NEAREST < value < 1.0 - NEAREST:
            text = _told_apart(value, self._digits)
            made = Written(symbol + self._whose + self.place, np.float64(value if self._carry.exact else text), text)
        return self.write(template, parts, made, why)

    def write(self, template: str, parts: Sequence[Written], made: Written, why: str = "") -> Written:
        """Write the line that makes ``made``, which has its digits already."""
        formula = template.format(*(part.symbol for part in parts))
        numbers = _filled(template, [part.text for part in parts])
        if self.place and (told := why.replace(self.place, "")):
            # What is true of every place is said at the first.
            why = "" if told in self._said else why
            self._said.add(told)
        self.lines.append(PaperLine(made.symbol, formula, numbers, float(made.value), made.text, why))
        return made

    def plus(self, terms: Sequence[Written]) -> tuple[str, list[Written]]:
        """Return template and parts of a sum; the middle of a long one is one part, counted and added up."""
        parts = list(terms)
        if len(parts) > MAX_TERMS:
            between = parts[ENDS:-ENDS]
            # What is near 0 may be written with more places than the others: so is what it adds up to.
            places = max(len(term.text.partition("e")[0].partition(".")[2]) for term in between)
            rest = number(np.sum([term.value for term in between]), max(places, self._digits))
            more = f"({len(between):,} more"
            parts[ENDS:-ENDS] = [Written(f"{more})", np.float64(0.0), f"{more}: {rest})")]
        return " + ".join(["{}"] * len(parts)), parts

    def _rounded(self, symbol: str, value: float) -> Written:
        kept = np.float64(self._carry(value))
        return Written(symbol + self._whose + self.place, kept, number(kept, self._digits))


def _filled(template: str, texts: Sequence[str]) -> str:
    """Return ``template`` with ``texts`` in its places, the negative ones in brackets where there are none."""
    first, *rest = template.split("{}")
    line = first
    for text, after in zip(texts, rest, strict=True):
        bracketed = line.endswith(("(", "|")) and after.startswith((")", "|", ","))
        line += text if bracketed else enclosed(text)
        line += after
    return line


def enclosed(text: str) -> str:
    """Return the digits of a number as they stand within a formula: a negative one in brackets."""
    return f"({text})" if text.startswith("-") else text


def _told_apart(value: float, digits: int) -> str:
    """Return ``value``, which is near 0 or 1, with ``digits`` significant digits of how far it is from there."""
    near = min(value, 1.0 - value)
    places = digits - 1 - int(np.floor(np.log10(near)))
    return f"{value:.{places}f}".rstrip("0")
