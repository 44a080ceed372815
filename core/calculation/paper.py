"""Paper: numbers written down one operation a line, in symbols and in numbers, by one of the two ways of rounding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from core.calculation.terms import DIGITS, IN_NUMBERS, IN_SYMBOLS, Number, Term, term, total
from core.calculation.writing import ENDS, MAX_TERMS, sign
from core.formatting import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.calculation.expression import Expression
    from core.operations.rounding import Carry

T = TypeVar("T")

NEAREST = 1e-14
"""What is nearer to 0 or 1 than this is that number but for float64's last bits."""


class PaperLine(NamedTuple):
    """One operation: ``symbol = formula = numbers = result``, and in ``why`` what is to be said about it.

    ``value`` is what the calculation goes on with, ``result`` the digits that are written for it.
    """

    symbol: str
    made: Expression
    value: float
    result: str
    why: str = ""

    @property
    def formula(self) -> str:
        """What made it, in symbols."""
        return IN_SYMBOLS(self.made)

    @property
    def numbers(self) -> str:
        """What made it, in numbers."""
        return IN_NUMBERS(self.made)

    @property
    def sign(self) -> str:
        """The sign before the result: ``~=`` where the printed numbers come to another last digit."""
        return sign(self.made, DIGITS, self.result)


@dataclass(frozen=True)
class Paper:
    """Writes down what a calculation gives it, as ``carry`` says, and keeps the lines.

    Behind every symbol stands its ``tag``, ``whose`` it is, and at which ``place`` of several the calculation is.
    """

    carry: Carry
    digits: int
    whose: str = ""
    place: str = ""
    tag: str = ""
    lines: list[PaperLine] = field(default_factory=list)
    _said: set[str] = field(default_factory=set)

    def at(self, place: str) -> Paper:
        """Return this paper for one of several places."""
        return replace(self, place=place)

    def tagged(self, at: int) -> Paper:
        """Return this paper for the output at a place, whose symbols end in it, counted from 1."""
        # Built as a whole: replace() takes three times as long, and there is one for every class.
        return Paper(self.carry, self.digits, self.whose, self.place, f"{at + 1}", self.lines, self._said)

    def each(self, values: Sequence[T]) -> Iterator[tuple[Paper, T]]:
        """Give each of the values, one for each output, with this paper for it; the only one has no tag."""
        papers = [self] if len(values) == 1 else map(self.tagged, range(len(values)))
        return zip(papers, values, strict=True)

    def given(self, symbol: str, value: float) -> Term:
        """Return a number that the calculation begins with."""
        kept = np.float64(self.carry(value))
        return self._named(symbol, kept, number(kept, self.digits))

    def label(self, symbol: str, value: float) -> Term:
        """Return a label, which is mostly a whole number and written without decimal places then."""
        kept = np.float64(self.carry(value))
        short = f"{kept:g}"
        return self._named(symbol, kept, short if float(short) == kept else number(kept, self.digits))

    def kept(self, symbol: str, value: float, text: str) -> Term:
        """Return a number with these digits, which are what the calculation goes on with unless it is exact."""
        return self._named(symbol, value if self.carry.exact else float(text), text)

    def _named(self, symbol: str, value: float, text: str) -> Term:
        return term(f"{symbol}{self.tag}{self.whose}{self.place}", text, value)

    def line(self, symbol: str, made: Term) -> Term:
        """Write the line that makes a term a number, and return that."""
        return self.write(made, self.given(symbol, made.value))

    def line_in_full(self, symbol: str, made: Term) -> Term:
        """Write a line like :meth:`line`; what lies between 0 and 1 gets the decimal places that tell it from both.

        Without them a probability that is divided by, or whose logarithm is taken, would end the calculation.
        """
        kept = self.given(symbol, made.value)
        if float(kept.text) in (0.0, 1.0) and NEAREST < made.value < 1.0 - NEAREST:
            kept = self.kept(symbol, made.value, _told_apart(made.value, self.digits))
        return self.write(made, kept)

    def write(self, made: Term, kept: Term) -> Term:
        """Write the line that makes ``kept``, which has its digits already."""
        why = made.why
        if self.place and (told := why.replace(self.place, "")):
            # What is true of every place is said at the first.
            why = "" if told in self._said else why
            self._said.add(told)
        self.lines.append(PaperLine(kept.symbol, made.made, float(kept.value), kept.text, why))
        return kept

    def total(self, terms: Iterable[Term]) -> Term:
        """Return a sum; the middle of a long one is one number, counted and added up."""
        parts = list(terms)
        if len(parts) > MAX_TERMS:
            between = parts[ENDS:-ENDS]
            # What is near 0 may be written with more places than the others: so is what it adds up to.
            places = max(len(one.text.partition("e")[0].partition(".")[2]) for one in between)
            rest = np.sum([one.value for one in between])
            more, digits = f"({len(between):,} more", number(rest, max(places, self.digits))
            parts[ENDS:-ENDS] = [Term(Number(rest, None, f"{more})", f"{more}: {{}})", digits))]
        return total(parts)


def _told_apart(value: float, digits: int) -> str:
    """Return ``value``, which is near 0 or 1, with ``digits`` significant digits of how far it is from there."""
    near = min(value, 1.0 - value)
    places = digits - 1 - int(np.floor(np.log10(near)))
    return f"{value:.{places}f}".rstrip("0")
