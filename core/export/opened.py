"""A number of any model's calculation opened into what made it, as text: in symbols, in numbers, in terms."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.calculated import FROM_KERAS
from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf, leaves
from core.calculation.writing import ABOUT, AS_WRITTEN, EQUALS, MAX_TERMS, TEXT, Rest, Way, Writer, ends, is_sum, sign
from core.export.calculation.symbols import Symbol
from core.model.array_axes import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.expression import Expression
    from core.formatting import Notation
    from core.operations.operation import Index

ON_PAPER = replace(TEXT, times="{1} {0}")
"""Text in which the weight stands beside what it multiplies: ``w11 x1``."""

FEW_TERMS = 4
"""How many terms are written out where there is little room."""

FEW = 2
"""How many there are within a formula where there is still less."""


class Lines(NamedTuple):
    """What made a number: in symbols, in numbers, and as what its parts come to; empty where that is the same again.

    ``rounds`` is the sign before the last of these, ``comes`` the one before the number itself.
    """

    formula: str
    numbers: str
    parts: str
    rounds: str
    comes: str


class TermInWords(NamedTuple):
    """One of the terms of a number: in symbols, one text for each of its ``sources`` or one for all; in numbers."""

    symbols: tuple[str, ...]
    numbers: str
    sign: str
    result: str
    sources: tuple[Spot, ...]


@dataclass(frozen=True, eq=False)
class Opened:
    """What made a number: the ``expression``, with a ``symbol`` for each number in it, and how numbers are written.

    ``parts`` is the same with what its parts come to, if that is told; ``text`` prints a value's number if that is
    not as the ``notation`` says, ``constant`` one that nobody calculated. As a sequence it has the number's terms.
    """

    done: Calculated
    expression: Expression
    parts: Expression | None
    symbol: Callable[[Value, Index], object]
    notation: Notation
    text: Callable[[Value, Index], str] | None = None
    constant: Callable[[float], str] = "{:g}".format
    symbols: Way = AS_WRITTEN
    numbers: Way = AS_WRITTEN

    def lines(self, most: int = MAX_TERMS) -> Lines:
        """Return it in lines; of more than ``most`` terms those in the middle are counted and put together."""
        in_numbers, parts = self._in_numbers(most), self.parts
        numbers = in_numbers(self.expression)
        written = numbers if parts is None else in_numbers(parts)
        if parts is None or written == numbers:
            written, rounds, comes = "", EQUALS, self._sign(self.expression, most)
        else:
            about = ABOUT in map(self._sign, self._rounded(self.expression, most))
            rounds, comes = ABOUT if about else EQUALS, self._sign(parts, most)
        return Lines(self._in_symbols(most)(self.expression), numbers, written, rounds, comes)

    @property
    def comes(self) -> str:
        """The sign between the numbers that it is made of, as they are printed, and the number."""
        return self._sign(self.expression)

    def _sign(self, made: Expression, most: int = MAX_TERMS) -> str:
        return sign(made, self.number_of, self.notation(made.number), most)

    def _in_symbols(self, most: int = MAX_TERMS) -> Writer:
        return Writer(self.symbols, self.symbol_of, most=most)

    def _in_numbers(self, most: int = MAX_TERMS) -> Writer:
        return Writer(self.numbers, lambda leaf: self.numbers.number(self.number_of(leaf)), self.number_of, most)

    def symbol_of(self, leaf: Leaf) -> str:
        """Return a number that stands in the expression as its symbol; a constant that is no setting as it is."""
        if isinstance(leaf, Rest):
            return leaf.symbol
        if setting := self.done.setting(leaf.place):
            return self.symbols.symbol(Symbol(setting, (), False))
        found = self.done.named(leaf.place)
        return self.numbers.number(self.constant(leaf.number)) if found is None else str(self.symbol(*found))

    def number_of(self, leaf: Leaf) -> str:
        """Return a number as it is printed; a constant as it is, such as the 0 of relu."""
        if isinstance(leaf, Rest):
            return leaf.form.format(self.notation(leaf.number))
        found = self.done.named(leaf.place)
        if found is None:
            return self.constant(leaf.number)
        return self.done.notation(found[0], self.notation)(leaf.number) if self.text is None else self.text(*found)

    def _rounded(self, expression: Expression, most: int) -> Iterator[Expression]:
        """Give the parts for which the number is printed that each comes to."""
        if isinstance(expression, Gathered):
            yield from (term_of(expression, at) for at in ends(len(expression), most))
        for part in expression.parts if isinstance(expression, Formula) else ():
            if isinstance(part, Gathered) or _adds(part):
                yield from self._rounded(part, most)
            elif isinstance(part, Formula):
                yield part

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

    def __getitem__(self, at: int) -> TermInWords:
        """Return one of the terms, made when it is asked for: a wide layer has many."""
        if not 0 <= at < len(self):
            raise IndexError(at)
        place = bisect_right(self._starts, at) - 1
        piece, row = self._pieces[place], at - self._starts[place]
        parts, whole = ((piece,), piece) if isinstance(piece, Leaf) else (piece.term(row), term_of(piece, row))
        found = dict.fromkeys(leaf for part in parts[::-1] for leaf in leaves(part))
        named = filter(None, (self.done.named(leaf.place) for leaf in found))
        is_of_leaves = all(isinstance(part, Leaf) for part in parts)
        return TermInWords(
            symbols=tuple(map(self.symbol_of, found)) if is_of_leaves else (self._in_symbols()(whole),),
            numbers=self._in_numbers()(whole),
            sign=self._sign(whole),
            result=self.number_of(whole) if isinstance(whole, Leaf) else self.notation(whole.number),
            sources=tuple(value.spot(index) for value, index in named),
        )


def term_of(gathered: Gathered, at: int) -> Expression:
    """Return one of many terms by itself: a product of its parts, or the one that it has."""
    parts, number = gathered.term(at), float(gathered.numbers[at])
    product = replace(gathered, number=number, numbers=gathered.numbers[[at]], term=lambda _: parts)
    return product if len(parts) == 2 else parts[0]


def _adds(expression: Expression) -> bool:
    return isinstance(expression, Formula) and expression.function in ("add", "subtract")


def with_parts(expression: Expression) -> Expression:
    """Return an expression with the number that each term of a sum, and each other part of it, comes to."""
    match expression:
        case Leaf() | Formula(function="where"):
            return expression
        case Formula(parts=parts):
            return replace(expression, parts=tuple(map(_part, parts)))
    how = "sum" if expression.how == PRODUCTS else expression.how
    return replace(expression, how=how, term=lambda at: (Rest(float(expression.numbers[at]), None),))


def _part(part: Expression) -> Expression:
    if isinstance(part, Leaf):
        return part
    return with_parts(part) if isinstance(part, Gathered) or _adds(part) else Rest(part.number, None)


def opened(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return a number, what made it in symbols, in numbers and, of a sum, its terms: each on a line."""
    expression = calculated.opener.open(value.place(index))
    return _in_lines(calculated, value, index, notation, expression, terms_of(expression))


def terms_of(expression: Expression) -> Expression | None:
    """Return a sum with the number that each of its terms comes to; None of what is no sum."""
    return with_parts(expression) if is_sum(expression) else None


def opened_briefly(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return the same for little room: of long sums one term, and what the others come to.

    Of a fraction there are numbers as they stand in it, and then its numerator as one number.
    """
    expression = calculated.opener.open(value.place(index))
    if isinstance(expression, Leaf) or (isinstance(expression, Gathered) and len(expression) <= MAX_TERMS):
        return opened(calculated, value, index, notation)
    brief, results = briefly(expression), None
    if isinstance(brief, Formula) and brief.function == "divide":
        results = replace(brief, parts=(Rest(brief.parts[0].number, None), brief.parts[1]))
    return _in_lines(calculated, value, index, notation, brief, results)


def _in_lines(
    done: Calculated, value: Value, index: Index, notation: Notation, made: Expression, parts: Expression | None
) -> list[str]:
    place = value.place(index)
    head = f"{value.words}{_at(index)} = {done.notation(value, notation)(done.opener.number(place))}"
    if isinstance(made, Leaf) and made.place in (None, place):
        return [head, *([f"  {FROM_KERAS}"] if done.is_from_keras(value) else [])]
    lines = Opened(done, made, parts, partial(symbol_beside, value), notation).lines()
    last = ABOUT if ABOUT in (lines.rounds, lines.comes) else EQUALS
    signs = {lines.formula + _which_row(done, made): EQUALS}
    if not isinstance(made, Leaf):
        # Where a number is only moved, both are the same.
        signs |= {lines.numbers: EQUALS if lines.parts else last, lines.parts: last}
    return [head, *(f"  {sign} {line}" for line, sign in signs.items() if line)]


def _which_row(done: Calculated, made: Expression) -> str:
    """Return which index the row has that a number was only taken from: rows count from 1, and indices from 0."""
    found = done.named(made.place) if isinstance(made, Leaf) else None
    if found is None or done.axes_of(found[0])[:1] != (INDEX,):
        return ""
    return f"   (row {found[1][0] + 1} is that of index {found[1][0]})"


def symbol_beside(beside: Value, value: Value, index: Index) -> str:
    """Return a value's name and index, counted from 1, with its call where that is another than that of ``beside``."""
    return f"{value.name if value.call == beside.call else value.words}{_at(index)}"


def _at(index: Index) -> str:
    return f"[{','.join(str(axis + 1) for axis in index)}]" if index else ""


# A long formula in little room


def briefly(expression: Expression, meant: Leaf | None = None, before: Expression | None = None) -> Expression:
    """Return an expression in which no sum within a formula has more than :data:`FEW` terms.

    Of each long one there is the term of the number that is ``meant``, mostly the first that is written, or else the
    first term; where that is the whole numerator ``before``, it is not written again.
    """
    meant = next(leaves(expression), None) if meant is None else meant
    match expression:
        case Formula(function="divide", parts=(over, under)):
            return replace(expression, parts=(briefly(over, meant), briefly(under, meant, over)))
        case Formula(parts=parts):
            return replace(expression, parts=tuple(briefly(part, meant, before) for part in parts))
        case Gathered() if len(expression) > FEW:
            return _cut(expression, meant, before)
    return expression


def _cut(gathered: Gathered, meant: Leaf | None, before: Expression | None) -> Expression:
    if gathered.how in TEXT.many:
        return Rest(gathered.number, None, f"{TEXT.many[gathered.how]}({len(gathered):,} numbers)")
    at = _place(gathered, meant)
    one = term_of(gathered, at)
    if before is not None and one.number == before.number and _leaf(one) == _leaf(before):
        one = Rest(one.number, None, "the same")
    others, more = float(np.delete(gathered.numbers, at).sum()), f"{len(gathered) - 1:,} more"
    return Formula(gathered.number, "add", (briefly(one, meant), Rest(others, None, f"({more})", f"({more}: {{}})")))


def _place(gathered: Gathered, meant: Leaf | None) -> int:
    """Return at which term the number that is meant stands first, as a softmax's own; 0 if there is no such term."""
    if meant is None or meant.place is None or not meant.place.index:
        return 0
    at = meant.place.index[-1]
    found = at < len(gathered) and _leaf(*gathered.term(at)) == meant
    return at if found else 0


def _leaf(*parts: Expression) -> Leaf | None:
    return next(chain.from_iterable(map(leaves, parts)), None)
