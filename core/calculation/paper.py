"""Paper: numbers on it and what is calculated of them, one operation a line, by one of the two ways of rounding.

A number is an expression, which is written in symbols and in digits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial, reduce
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from core.calculation.expression import PRODUCTS, Expression, Formula, Gathered
from core.calculation.writing import AS_WRITTEN, ENDS, MAX_TERMS, Rest, Writer, sign
from core.formatting import number
from core.operations.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.operations.rounding import Carry

T = TypeVar("T")

NEAREST = 1e-14
"""What is nearer to 0 or 1 than this is that number but for float64's last bits."""


# Terms


@dataclass(frozen=True)
class Number(Rest):
    """A number on paper: its ``symbol``, and its digits in ``text``, for which the form has a place."""

    text: str = ""

    @property
    def printed(self) -> str:
        """The digits as they stand in a line."""
        return self.form.format(self.text)


DIGITS = attrgetter("text")
"""How a number on paper is printed."""

IN_SYMBOLS = Writer(AS_WRITTEN, attrgetter("symbol"))
IN_NUMBERS = Writer(AS_WRITTEN, attrgetter("printed"))


def _with(function: str) -> Callable[[Term, Term | float], Term]:
    return lambda first, second: calculated(function, first, second)


def _after(function: str) -> Callable[[Term, float], Term]:
    return lambda second, first: calculated(function, first, second)


@dataclass(frozen=True)
class Term:
    """A number, as the expression that makes it, and ``why``, what is to be said about it."""

    made: Expression
    why: str = ""

    __add__, __sub__, __rsub__ = _with("add"), _with("subtract"), _after("subtract")
    __truediv__, __rtruediv__, __pow__ = _with("divide"), _after("divide"), _with("power")

    def __mul__(self, other: Term | float) -> Term:
        return product(self, other)

    def __rmul__(self, other: float) -> Term:
        return product(other, self)

    def __neg__(self) -> Term:
        return calculated("negative", self)

    def __abs__(self) -> Term:
        return calculated("absolute", self)

    @property
    def value(self) -> np.float64:
        """What it comes to."""
        return np.float64(self.made.number)

    @property
    def symbol(self) -> str:
        """It in symbols."""
        return IN_SYMBOLS(self.made)

    @property
    def text(self) -> str:
        """It in digits."""
        return IN_NUMBERS(self.made)

    def because(self, why: str) -> Term:
        """Return it with what is to be said about it."""
        return Term(self.made, why)


def term(symbol: str, text: str, value: float) -> Term:
    """Return one number."""
    return Term(Number(value, None, symbol, text=text))


@lru_cache(maxsize=256)
def constant(value: float) -> Term:
    """Return a number of a formula, which is written in symbols as in digits."""
    text = "1e-7" if value == 1e-7 else f"{value:g}"
    return term(text, text, value)


def _terms(of: Sequence[Term | float]) -> list[Term]:
    return [one if isinstance(one, Term) else constant(one) for one in of]


def calculated(function: str, *of: Term | float) -> Term:
    """Return a function of terms and of a formula's own numbers."""
    terms = _terms(of)
    made = FUNCTIONS[function].of(*(one.value for one in terms))
    return Term(Formula(float(made), function, tuple(one.made for one in terms)))


cosh, exp, log, maximum, minimum, sqrt = (
    partial(calculated, function) for function in ("cosh", "exp", "log", "maximum", "minimum", "sqrt")
)


def product(*factors: Term | float) -> Term:
    """Return the product of one factor or several."""

    def times(first: Term, second: Term) -> Term:
        value = first.value * second.value
        return Term(Gathered(float(value), PRODUCTS, np.array([value]), lambda _: (first.made, second.made), list))

    return reduce(times, _terms(factors))


def total(terms: Sequence[Term]) -> Term:
    """Return a sum; of one term that is this."""
    if len(terms) == 1:
        return terms[0]
    values = np.array([one.value for one in terms])
    return Term(Gathered(float(values.sum()), "sum", values, lambda at: (terms[at].made,), list))


# Lines


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
