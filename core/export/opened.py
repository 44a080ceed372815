"""A number of any model's calculation opened into what made it, as text: in symbols, in numbers, in terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.calculated import FROM_KERAS
from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf, leaves
from core.calculation.printed import ABOUT, EQUALS
from core.calculation.unfold import MAX_TERMS, ends
from core.export.briefly import Rest, briefly, results
from core.export.calculation.writing import TEXT, Way, Writer, comes_to, is_sum, sign, term_comes_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.expression import Expression
    from core.export.calculation.writing import Number
    from core.formatting import Notation
    from core.operations.operation import Index

AS_WRITTEN = replace(TEXT, times="{}*{}")
"""Text in which the factors of a product stand in the order of the calculation."""

FEW_TERMS = 4
"""How many terms are written out where there is little room."""


class Ways(NamedTuple):
    """How a number is written in symbols, and how in numbers."""

    symbols: Way
    numbers: Way


IN_ORDER = Ways(AS_WRITTEN, AS_WRITTEN)

ON_PAPER = Ways(replace(TEXT, times="{1} {0}"), TEXT)
"""The weight stands beside what it multiplies: ``w11 x1``, and before it in numbers."""


class Lines(NamedTuple):
    """What made a number: in symbols, in numbers, and as what its parts come to; empty where that is the same again.

    ``rounds`` is the sign before the last of these, ``comes`` the one before the number itself.
    """

    formula: str
    numbers: str
    parts: str
    rounds: str
    comes: str


class Term(NamedTuple):
    """One of the terms of a number: in symbols, one text for each of its ``sources`` or one for all; in numbers."""

    symbols: tuple[str, ...]
    numbers: str
    sign: str
    result: str
    sources: tuple[Spot, ...]


@dataclass(frozen=True, eq=False)
class Opened:
    """What made a number: the ``expression``, with a ``symbol`` for each number in it, and how numbers are written.

    As a sequence it has the number's terms.
    """

    done: Calculated
    expression: Expression
    symbol: Callable[[Value, Index], object]
    notation: Notation
    ways: Ways = IN_ORDER

    def lines(self, most: int = MAX_TERMS) -> Lines:
        """Return it in lines; of more than ``most`` terms those in the middle are counted and put together."""
        made, result = _with_parts(self.expression), self.notation(self.expression.number)
        numbers = self._in_numbers(most)(self.expression)
        parts = self._in_numbers(most)(made)
        parts = "" if parts == numbers else parts
        rounds = ABOUT if parts and any(sign(*one) == ABOUT for one in self._rounded(self.expression, most)) else EQUALS
        comes = sign(lambda: comes_to(made if parts else self.expression, self._printed, most), result)
        return Lines(self._in_symbols(most)(self.expression), numbers, parts, rounds, comes)

    @property
    def comes(self) -> str:
        """The sign between the numbers that it is made of, as they are printed, and the number."""
        return sign(lambda: comes_to(self.expression, self._printed), self.notation(self.expression.number))

    def _in_symbols(self, most: int = MAX_TERMS) -> Writer:
        return Writer(self.ways.symbols, self.symbol_of, most=most)

    def _in_numbers(self, most: int = MAX_TERMS) -> Writer:
        return Writer(self.ways.numbers, self.number_of, self.notation, most)

    def symbol_of(self, leaf: Leaf) -> str:
        """Return a number that stands in the expression as its symbol; a constant as it is."""
        found = self.done.named(leaf.place)
        return f"{leaf.number:g}" if found is None else str(self.symbol(*found))

    def number_of(self, leaf: Leaf) -> str:
        """Return a number as it is written; a constant as it is, such as the 0 of relu."""
        is_constant = leaf.place is not None and self.done.named(leaf.place) is None
        return f"{leaf.number:g}" if is_constant else self.notation(leaf.number)

    def _printed(self, number: float, leaf: Leaf | None) -> str:
        return self.notation(number) if leaf is None else self.number_of(leaf)

    def _rounded(self, expression: Expression, most: int) -> Iterator[tuple[Callable[[], Number], str]]:
        """Give what the printed numbers of each part come to, and what is printed for it."""
        if isinstance(expression, Gathered):
            for at in ends(len(expression), most):
                made = self.notation(float(expression.numbers[at]))
                yield partial(term_comes_to, expression, at, self._printed), made
        for part in expression.parts if isinstance(expression, Formula) else ():
            if isinstance(part, Gathered) or _adds(part):
                yield from self._rounded(part, most)
            elif isinstance(part, Formula):
                yield partial(comes_to, part, self._printed), self.notation(part.number)

    # The terms one by one

    @cached_property
    def _pieces(self) -> list[Leaf | Gathered]:
        return self._pieces_of(self.expression)

    def _pieces_of(self, expression: Expression) -> list[Leaf | Gathered]:
        """Return what an expression is made of: the terms of sums and, of other functions of many, of the longest."""
        match expression:
            case Leaf():
                return [] if self.done.named(expression.place) is None else [expression]
            case Gathered():
                return [expression]
        found = [piece for part in expression.parts for piece in self._pieces_of(part)]
        many = [piece for piece in found if isinstance(piece, Gathered)]
        return [max(many, key=len)] if many and expression.function != "add" else list(dict.fromkeys(found))

    @cached_property
    def _starts(self) -> list[int]:
        sizes = (len(piece) if isinstance(piece, Gathered) else 1 for piece in self._pieces)
        return list(accumulate(sizes, initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, at: int) -> Term:
        """Return one of the terms, made when it is asked for: a wide layer has many."""
        if not 0 <= at < len(self):
            raise IndexError(at)
        place = next(place for place, start in enumerate(self._starts[1:]) if at < start)
        piece, row = self._pieces[place], at - self._starts[place]
        if isinstance(piece, Leaf):
            return self._term((piece,), piece.number, partial(comes_to, piece, self._printed))
        made = partial(term_comes_to, piece, row, self._printed)
        return self._term(piece.term(row), float(piece.numbers[row]), made)

    def _term(self, parts: tuple[Expression, ...], number: float, made: Callable[[], Number]) -> Term:
        """Return a term as it is written: a product of its parts, or the one that it has."""
        whole = parts[0] if len(parts) == 1 else Gathered(number, PRODUCTS, np.ones(1), lambda _: parts, list)
        found = dict.fromkeys(leaf for part in parts[::-1] for leaf in leaves(part))
        named = filter(None, (self.done.named(leaf.place) for leaf in found))
        sources = tuple(value.spot(index) for value, index in named)
        is_of_leaves = all(isinstance(part, Leaf) for part in parts)
        symbols = tuple(map(self.symbol_of, found)) if is_of_leaves else (self._in_symbols()(whole),)
        result = self.notation(number)
        return Term(symbols, self._in_numbers()(whole), sign(made, result), result, sources)


def _adds(expression: Expression) -> bool:
    return isinstance(expression, Formula) and expression.function in ("add", "subtract")


def _with_parts(expression: Expression) -> Expression:
    """Return an expression with the number that each term of a sum, and each other part of it, comes to."""
    match expression:
        case Leaf() | Formula(function="where"):
            return expression
        case Formula(parts=parts):
            return replace(expression, parts=tuple(map(_part, parts)))
    how = "sum" if expression.how == PRODUCTS else expression.how
    return replace(expression, how=how, term=lambda at: (Leaf(float(expression.numbers[at]), None),))


def _part(part: Expression) -> Expression:
    if isinstance(part, Leaf):
        return part
    return _with_parts(part) if isinstance(part, Gathered) or _adds(part) else Leaf(part.number, None)


def opened(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return a number, what made it in symbols, in numbers and, of a sum, its terms: each on a line."""
    place = value.place(index)
    expression, made = calculated.opener.open(place), notation(calculated.opener.number(place))
    head = f"{value.words}{_at(index)} = {made}"
    lines = Opened(calculated, expression, partial(symbol_beside, value), notation).lines()
    if isinstance(expression, Leaf):
        if calculated.is_from_keras(value):
            return [head, f"  {FROM_KERAS}"]
        given = expression.place is None or expression.place == place
        return [head, *([] if given else [f"  = {lines.formula}"])]
    written = (lines.formula, lines.numbers, lines.parts if is_sum(expression) else "")
    return [head, *(f"  = {line}" for line in dict.fromkeys(written) if line)]


def opened_briefly(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return the same for little room: of long sums one term, and what the others come to.

    Of a fraction there are numbers as they stand in it, and then its numerator as one number.
    """
    place = value.place(index)
    expression = calculated.opener.open(place)
    if isinstance(expression, Leaf) or (isinstance(expression, Gathered) and len(expression) <= MAX_TERMS):
        return opened(calculated, value, index, notation)
    brief, made = briefly(expression), Opened(calculated, expression, partial(symbol_beside, value), notation)

    def number(leaf: Leaf) -> str:
        written = made.number_of(leaf)
        return leaf.in_numbers(written) if isinstance(leaf, Rest) else written

    in_symbols = Writer(AS_WRITTEN, lambda leaf: leaf.words if isinstance(leaf, Rest) else made.symbol_of(leaf))(brief)
    numbers = Writer(AS_WRITTEN, number)
    head = f"{value.words}{_at(index)} = {notation(calculated.opener.number(place))}"
    return [head, *(f"  = {line}" for line in dict.fromkeys([in_symbols, numbers(brief), numbers(results(brief))]))]


def symbol_beside(beside: Value, value: Value, index: Index) -> str:
    """Return a value's name and index, counted from 1, with its call where that is another than that of ``beside``."""
    return f"{value.name if value.call == beside.call else value.words}{_at(index)}"


def _at(index: Index) -> str:
    return f"[{','.join(str(axis + 1) for axis in index)}]" if index else ""
