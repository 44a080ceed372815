"""Terms: numbers on paper and what is calculated of them, as expressions that are written in symbols and in digits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import PRODUCTS, Expression, Formula, Gathered
from core.calculation.writing import AS_WRITTEN, Rest, Writer
from core.operations.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
