"""Expressions as a person reads them: in text or in LaTeX, in symbols or in printed numbers, long sums cut.

What is printed does not always add up: 0.0974 + 0.1157 + 0.2145 is 0.4276 where the calculation, which has more digits,
comes to 0.4277. There the sign before the result is ``~=``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isfinite, prod
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.decimals import rounded
from core.formatting import EXPONENT_FROM, number
from core.operations.functions import FUNCTIONS
from core.operations.writing import PRODUCT, SUM, Form, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeGuard

    from core.calculation.expression import Expression
    from core.export.calculation.symbols import Symbol
    from core.operations.functions import Function

    Number = Fraction | float
    Printed = Callable[[Leaf], str]

EQUALS, ABOUT = "=", "~="

MARK = "~"
"""Stands in a table before a number that is not what the printed ones beside it come to."""

LEGEND = "~ and ~=: what is printed is rounded, and comes to another last digit"

CARRIED = "rounding carried adds up as printed"
"""What a person can do about that."""

CHANGED = "changed to"
"""What stands before a number that is not what its line makes."""

ADDED = ("sum", PRODUCTS)

MAX_TERMS = 12
"""How many terms a line writes out in full."""

ENDS = 2
"""Of a longer line, how many terms are written out at either end; those between are counted and put together."""


@dataclass(frozen=True)
class Rest(Leaf):
    """What stands for several numbers or operations: what they come to, as it is written in symbols, and in numbers.

    ``form`` has a place for the number.
    """

    symbol: str = ""
    form: str = "{}"


@dataclass(frozen=True, eq=False)
class Way:
    """One notation: which form of a function it has, what stands in a product, a function of many, a long sum.

    In a product the weight stands first, as in ``w11*x1``; the program has it after what it multiplies. ``symbol`` and
    ``number`` write what is a symbol and a printed number in text, ``turned`` a matrix with its rows as columns;
    ``signs`` has those that are others here.
    """

    form: Callable[[Function], Form]
    times: str
    many: Mapping[str, str]
    words: str = "{}"
    dot: str = "."
    symbol: Callable[[Symbol], str] = str
    number: Callable[[str], str] = str
    signs: Mapping[str, str] = field(default_factory=dict)
    turned: str = "{}^T"
    dots: str = "..."
    sum: str = "sum"

    def of(self, function: str, parts: Sequence[Written]) -> Written:
        """Return a function of what was written before; a negative number is taken away, not added."""
        match function:
            case "add":
                return Written(plus([summand(part) for part in parts]), SUM)
            case "subtract":
                return Written(f"{summand(parts[0])} - {parts[1].within(PRODUCT)}", SUM)
        return self.form(FUNCTIONS[function]).of(parts)


TEXT = Way(lambda table: table.forms.text, "{1}*{0}", {"largest": "max", "smallest": "min", "mean": "mean"})


AS_WRITTEN = replace(TEXT, times="{}*{}")
"""Text in which the factors of a product stand in the order of the calculation."""


@dataclass(frozen=True)
class Writer:
    """Writes expressions in one way, every number of them as ``leaf`` says; ``rest`` writes what is left out.

    Of up to ``most`` terms nothing is left out.
    """

    way: Way
    leaf: Callable[[Leaf], str]
    rest: Callable[[Rest], str] = attrgetter("symbol")
    most: int = MAX_TERMS

    def __call__(self, expression: Expression) -> str:
        """Return the expression as it is written."""
        return self._written(expression).text

    def _written(self, expression: Expression) -> Written:
        match expression:
            case Leaf():
                return Written(self.leaf(expression))
            case Formula(function=function, parts=parts):
                return self.way.of(function, [self._written(part) for part in parts])
        return self._joined(expression, [self._term(expression, at) for at in ends(len(expression), self.most)])

    def _term(self, gathered: Gathered, at: int) -> Written:
        parts = [self._written(part) for part in gathered.term(at)]
        if len(parts) == 2:
            return Written(self.way.times.format(*(part.within(PRODUCT) for part in parts)), PRODUCT)
        return parts[0]

    def _joined(self, gathered: Gathered, terms: list[Written]) -> Written:
        name = None if gathered.how in ADDED else self.way.many.get(gathered.how, gathered.how)
        texts = [summand(term) if name is None else term.text for term in terms]
        if len(terms) < len(gathered):
            texts.insert(len(terms) // 2, self.way.words.format(self.rest(left_out(gathered, self.most))))
        if name is not None:
            return Written(f"{name}({', '.join(texts)})")
        return Written(plus(texts) if texts else "0", SUM if len(texts) != 1 else terms[0].binds)


def ends(size: int, most: int = MAX_TERMS) -> list[int]:
    """Return the places of the terms that are written out: all up to ``most``, or the first and last few."""
    return list(range(size)) if size <= most else [*range(ENDS), *range(size - ENDS, size)]


def summand(term: Written) -> str:
    """Return what stands before or after a plus sign, which a sign of its own becomes a part of."""
    return term.text if term.binds >= SUM else f"({term.text})"


def left_out(gathered: Gathered, most: int) -> Rest:
    """Return what the terms that are not written come to: their sum, or the largest or smallest of them."""
    shown = ends(len(gathered), most)
    made = {"largest": np.max, "smallest": np.min}.get(gathered.how, np.sum)
    with np.errstate(all="ignore"):
        value = float(made(np.delete(gathered.numbers, shown)))
    more = f"{len(gathered) - len(shown):,} more"
    told = {"largest": ", at most {}", "smallest": ", at least {}", PRODUCTS: " products: {}"}.get(gathered.how, ": {}")
    is_told = gathered.how in (*ADDED, *TEXT.many)
    return Rest(value, None, f"({more})", f"({more}{told if is_told else ''})")


def plus(parts: list[str]) -> str:
    """Join with plus signs; a negative part is subtracted, as one writes it on paper."""
    line = parts[0]
    for part in parts[1:]:
        line += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return line


def is_sum(expression: Expression | None) -> TypeGuard[Gathered]:
    """Return whether an expression adds up terms, each of which is a number of its own."""
    return isinstance(expression, Gathered) and expression.how in ADDED


def sign(expression: Expression, printed: Printed, result: str, most: int = MAX_TERMS) -> str:
    """Return the sign between the printed numbers of an expression and the ``result``: whether they come to that.

    ``printed`` prints those that stand in it. It is ``=`` too where there is no telling: of infinite numbers, and where
    nothing can be divided by 0.
    """
    try:
        return EQUALS if comes_out(_comes_to(expression, printed, most), result) else ABOUT
    except (ValueError, ArithmeticError):
        return EQUALS


def comes_out(made: Number, result: str) -> bool:
    """Return whether a number is printed as ``result``, with as many decimal places."""
    try:
        wanted = Fraction(result)
    except ValueError:
        return True
    if not isfinite(made):
        return False
    if "/" in result:
        return made == wanted
    digits = len(result.partition("e")[0].partition(".")[2])
    if isinstance(made, Fraction) and abs(made) < EXPONENT_FROM:
        unit: int = 10**digits
        units = int(2 * abs(made) * unit + 1) // 2
        return wanted * unit == (units if made >= 0 else -units)
    value = float(made)
    if abs(value) >= EXPONENT_FROM:
        return number(value, digits) == result
    return float(rounded(value, digits)) == float(wanted)


def _comes_to(expression: Expression, printed: Printed, most: int = MAX_TERMS) -> Number:
    match expression:
        case Leaf():
            return Fraction(printed(expression))
        case Formula(function=function, parts=parts):
            return _applied(function, [_comes_to(part, printed, most) for part in parts])
        case Gathered(how=how) if how not in (*ADDED, *TEXT.many):
            raise ValueError(how)
    shown = map(expression.term, ends(len(expression), most))
    terms: list[Number] = [prod(_comes_to(part, printed) for part in parts) for parts in shown]
    if len(terms) < len(expression):
        terms.append(Fraction(printed(Rest(left_out(expression, most).number, None))))
    if expression.how in ("largest", "smallest"):
        return max(terms) if expression.how == "largest" else min(terms)
    total = sum(terms, Fraction())
    return total / len(expression) if expression.how == "mean" else total


def _applied(function: str, numbers: list[Number]) -> Number:
    """Return what a function of decimal numbers comes to: exactly, where fractions have it."""
    of = FUNCTIONS[function].of
    with np.errstate(all="ignore"):
        try:
            made: Number = np.asarray(of(*(np.array(one, dtype=object) for one in numbers))).item()
        except TypeError:
            made = float(of(*(np.array(float(one)) for one in numbers)))
    return made


# Without the shift of a softmax

MODERATE = (-2.0, 12.0)
"""If the largest of the numbers is between these, softmax loses no digits without it being taken away from all."""


def unshifted(expression: Expression, shift: Callable[[Gathered], float | None] = attrgetter("number")) -> Expression:
    """Return an expression without the largest number taken away from all, or with that as a plain number.

    So people work a softmax out.

    ``shift`` says what the largest number is; None if that is not known.
    """
    match expression:
        case Formula(function="subtract", parts=(part, Gathered(how="largest") as largest)):
            inner, kept = unshifted(part, shift), _kept(shift(largest))
            return Formula(inner.number - kept, "subtract", (inner, Leaf(kept, None))) if kept else inner
        case Formula(function=function, parts=parts):
            made = tuple(unshifted(part, shift) for part in parts)
            with np.errstate(all="ignore"):
                return Formula(float(FUNCTIONS[function].of(*(np.array(part.number) for part in made))), function, made)
        case Gathered(number=number, numbers=numbers, term=term):
            with np.errstate(all="ignore"):
                times = _times(expression, shift)
                terms = replace(expression, number=number * times, numbers=numbers * times)
            return replace(terms, term=lambda at: tuple(unshifted(part, shift) for part in term(at)))
    return expression


def _kept(shift: float | None) -> float:
    """Return what is still taken away from every number."""
    return 0.0 if shift is None or MODERATE[0] <= shift <= MODERATE[1] else float(f"{shift:.2f}")


def _times(gathered: Gathered, shift: Callable[[Gathered], float | None]) -> float:
    """Return what a sum of exponentials is times without the shift, as each of its terms is; of others 1."""
    match gathered.term(0) if len(gathered) else ():
        case (Formula(function="exp", parts=(Formula(parts=(_, Gathered(how="largest") as largest)),)),):
            return float(np.exp(largest.number - _kept(shift(largest))))
    return 1.0
