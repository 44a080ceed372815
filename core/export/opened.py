"""A number of any model's calculation opened into what made it, as text: in symbols, in numbers, in terms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.calculation.calculated import FROM_KERAS
from core.calculation.expression import Gathered, Leaf
from core.calculation.unfold import MAX_TERMS
from core.export.briefly import Rest, briefly, results
from core.export.calculation.writing import TEXT, Writer, is_sum

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Value
    from core.calculation.expression import Place
    from core.formatting import Notation
    from core.operations.operation import Index

AS_WRITTEN = replace(TEXT, times="{}*{}")
"""Text in which the factors of a product stand in the order of the calculation."""


def opened(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return a number, what made it in symbols, in numbers and, of a sum, its terms: each on a line."""
    place = value.place(index)
    expression, made = calculated.opener.open(place), notation(calculated.opener.number(place))
    head = f"{value.words}{_at(index)} = {made}"
    symbol = Symbols(calculated, value)
    if isinstance(expression, Leaf):
        if calculated.is_from_keras(value):
            return [head, f"  {FROM_KERAS}"]
        given = expression.place is None or expression.place == place
        return [head, *([] if given else [f"  = {symbol(expression)}"])]
    numbers = Writer(AS_WRITTEN, lambda leaf: notation(leaf.number), notation)
    written = [Writer(AS_WRITTEN, symbol)(expression), numbers(expression)]
    written += [numbers.terms(expression)] if is_sum(expression) else []
    return [head, *(f"  = {line}" for line in dict.fromkeys(written))]


def opened_briefly(calculated: Calculated, value: Value, index: Index, notation: Notation) -> list[str]:
    """Return the same for little room: of long sums one term, and what the others come to.

    Of a fraction there are numbers as they stand in it, and then its numerator as one number.
    """
    place, symbol = value.place(index), Symbols(calculated, value)
    expression = calculated.opener.open(place)
    if isinstance(expression, Leaf) or (isinstance(expression, Gathered) and len(expression) <= MAX_TERMS):
        return opened(calculated, value, index, notation)
    brief = briefly(expression)

    def number(leaf: Leaf) -> str:
        written = notation(leaf.number)
        return leaf.in_numbers(written) if isinstance(leaf, Rest) else written

    in_symbols = Writer(AS_WRITTEN, lambda leaf: leaf.words if isinstance(leaf, Rest) else symbol(leaf))(brief)
    numbers = Writer(AS_WRITTEN, number)
    head = f"{value.words}{_at(index)} = {notation(calculated.opener.number(place))}"
    return [head, *(f"  = {line}" for line in dict.fromkeys([in_symbols, numbers(brief), numbers(results(brief))]))]


class Symbols:
    """Gives a number its symbol: its value's name and index, counted from 1, with its call where that is another."""

    def __init__(self, calculated: Calculated, beside: Value) -> None:
        """Give symbols as they are written beside a number of the value ``beside``."""
        self._calculated, self._call = calculated, beside.call

    def __call__(self, leaf: Leaf) -> str:
        return f"{leaf.number:g}" if leaf.place is None else self.of(leaf.place)

    def of(self, place: Place) -> str:
        """Return the symbol of the number at ``place``; one without a name, a constant, is written as it is."""
        found = self._calculated.named(place)
        if found is None:
            return f"{self._calculated.opener.number(place):g}"
        value, index = found
        return f"{value.name if value.call == self._call else value.words}{_at(index)}"


def _at(index: Index) -> str:
    return f"[{','.join(str(axis + 1) for axis in index)}]" if index else ""
