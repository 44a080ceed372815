"""Terms: numbers that know how they are written, in symbols and in digits, and so does what is calculated of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING

import numpy as np

from core.operations.functions import FUNCTIONS
from core.operations.writing import ATOM, PRODUCT, SUM, Form, Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array

_FUNCTIONS: dict[str, tuple[Form, Callable[..., np.float64 | Array]]] = {
    **{name: (function.forms.text, function.of) for name, function in FUNCTIONS.items()},
    "multiply": (Form("{}*{}", PRODUCT, (PRODUCT, ATOM)), np.multiply),
    "negative": (Form("-{}", PRODUCT, (PRODUCT,)), np.negative),
    "power": (Form("{}^{}", ATOM, (ATOM, ATOM)), np.power),
    "cosh": (Form("cosh({})"), np.cosh),
    "log1p": (Form("log(1 + {})", ATOM, (SUM,)), np.log1p),
}
"""How a function is written in a line of a loss, where a product has no room around its sign, and what it gives."""


def _with(function: str) -> Callable[[Term, Term | float], Term]:
    return lambda first, second: calculated(function, first, second)


def _after(function: str) -> Callable[[Term, float], Term]:
    return lambda second, first: calculated(function, first, second)


@dataclass(frozen=True)
class Term:
    """A number: how it is written, in symbols and in digits; its value; and ``why``, what is to be said about it."""

    formula: Written
    numbers: Written
    value: np.float64
    why: str = ""

    __add__, __sub__, __rsub__ = _with("add"), _with("subtract"), _after("subtract")
    __mul__, __rmul__ = _with("multiply"), _after("multiply")
    __truediv__, __rtruediv__, __pow__ = _with("divide"), _after("divide"), _with("power")

    def __neg__(self) -> Term:
        return calculated("negative", self)

    def __abs__(self) -> Term:
        return calculated("absolute", self)

    @property
    def symbol(self) -> str:
        """It in symbols."""
        return self.formula.text

    @property
    def text(self) -> str:
        """It in digits."""
        return self.numbers.text

    def because(self, why: str) -> Term:
        """Return it with what is to be said about it."""
        return Term(self.formula, self.numbers, self.value, why)


def term(symbol: str, text: str, value: float) -> Term:
    """Return one number."""
    return Term(Written(symbol), Written(text), np.float64(value))


@lru_cache(maxsize=256)
def constant(value: float) -> Term:
    """Return a number of a formula, which is written in symbols as in digits."""
    text = "1e-7" if value == 1e-7 else f"{value:g}"
    return term(text, text, value)


def calculated(function: str, *of: Term | float) -> Term:
    """Return a function of terms and of a formula's own numbers."""
    form, calculate = _FUNCTIONS[function]
    terms = [one if isinstance(one, Term) else constant(one) for one in of]
    formula, numbers = form.of([one.formula for one in terms]), form.of([one.numbers for one in terms])
    return Term(formula, numbers, np.float64(calculate(*(one.value for one in terms))))


cosh, exp, log, log1p, maximum, minimum, sqrt = (
    partial(calculated, function) for function in ("cosh", "exp", "log", "log1p", "maximum", "minimum", "sqrt")
)


def product(first: Term | float, *others: Term) -> Term:
    """Return the product of one factor or several."""
    return reduce(partial(calculated, "multiply"), others, first if isinstance(first, Term) else constant(first))
