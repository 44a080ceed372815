"""A calculation of any model as text: every value that is written down, and numbers opened into what made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.calculation.unfold import ends, plus, times
from core.errors import shorten
from core.formatting import number
from core.operations.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.arrays import Array
    from core.calculation.calculated import Calculated, Value
    from core.calculation.expression import Expression, Place
    from core.operations.operation import Index

FIRST = 6
"""How many numbers of a value the page shows; the others are counted."""

FEW = 3
"""Of how many terms a sum's own numbers are opened too."""

OPENED = 10
"""How many numbers of an output are opened."""

LOOSEST, SUM, PRODUCT, ATOM = range(4)

LEVELS = {
    **dict.fromkeys(("where", "above", "at_least", "equal"), LOOSEST),
    **dict.fromkeys(("add", "subtract", "expm1"), SUM),
    **dict.fromkeys(("multiply", "divide", "negative"), PRODUCT),
}
"""How closely a function's form binds, where it is not written as a call."""

NEEDED = {
    "add": (SUM, SUM),
    "subtract": (SUM, PRODUCT),
    "multiply": (PRODUCT, ATOM),
    "divide": (PRODUCT, ATOM),
    "negative": (ATOM,),
    "square": (ATOM,),
}
"""How closely each part of a function must bind to stand there without brackets; in a call anything can."""

NAMES = {"largest": "max", "smallest": "min", "mean": "mean"}


def page(calculated: Calculated, digits: int) -> str:
    """Return every value of a calculation, call by call, and the outputs opened, as text."""
    lines: list[str] = []
    call: tuple[str, ...] | None = None
    for value in calculated.values:
        if value.call != call:
            lines += ["", "/".join(value.call) or "inputs"]
            call = value.call
        lines.append(f"  {value.name:<16} {_shape(value):<12} {_numbers(calculated.array(value), digits)}")
    for output in calculated.written.outputs:
        for index in list(np.ndindex(calculated.numbers[output].shape))[:OPENED]:
            lines += ["", *_with_own(calculated, *calculated.value_at(output, index), digits)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _with_own(calculated: Calculated, value: Value, index: Index, digits: int) -> Iterator[str]:
    """Give a number opened, then those of the same call that it is made of, as far as there are few of them."""
    yield from opened(calculated, value, index, digits)
    place = value.place(index)
    for leaf in dict.fromkeys(calculated.opener.made_of(place, FEW)):
        found = None if leaf == place else calculated.named(leaf)
        if found is not None and found[0].call == value.call and found[0] not in calculated.weights:
            yield from _with_own(calculated, *found, digits)


def opened(calculated: Calculated, value: Value, index: Index, digits: int) -> list[str]:
    """Return a number, what made it in symbols, in numbers and, of a sum, its terms: each on a line."""
    place = value.place(index)
    expression, made = calculated.opener.open(place), number(calculated.opener.number(place), digits)
    head = f"{value.words}{_at(index)} = {made}"
    symbol = Symbols(calculated, value)
    if isinstance(expression, Leaf):
        given = expression.place is None or expression.place == place
        return [head, *([] if given else [f"  = {symbol(expression)}"])]
    written = [in_symbols(expression, symbol), in_symbols(expression, lambda leaf: number(leaf.number, digits))]
    if isinstance(expression, Gathered) and expression.how in (PRODUCTS, "sum"):
        written.append(_terms(expression, digits))
    return [head, *(f"  = {line}" for line in dict.fromkeys(written))]


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


def in_symbols(expression: Expression, leaf: Callable[[Leaf], str]) -> str:
    """Return an expression as one writes it, each number as ``leaf`` has it; of a long sum the first and last terms."""
    match expression:
        case Leaf():
            return leaf(expression)
        case Formula(function=function, parts=parts):
            needed = NEEDED.get(function, (LOOSEST,) * len(parts))
            return FUNCTIONS[function].form.format(
                *(_part(part, leaf, level) for part, level in zip(parts, needed, strict=True))
            )
    shown = ends(len(expression))
    terms = [_term(expression, at, leaf) for at in shown]
    if len(shown) < len(expression):
        terms.insert(len(shown) // 2, f"({len(expression) - len(shown):,} more)")
    if expression.how in NAMES:
        return f"{NAMES[expression.how]}({', '.join(terms)})"
    return plus(terms) if terms else "0"


def _term(gathered: Gathered, at: int, leaf: Callable[[Leaf], str]) -> str:
    parts = gathered.term(at)
    if len(parts) == 2:
        return times(*(_part(part, leaf, PRODUCT) for part in parts))
    return _part(parts[0], leaf, LOOSEST if gathered.how in NAMES else SUM)


def _part(part: Expression, leaf: Callable[[Leaf], str], needed: int) -> str:
    """Return a part as it stands within another: in brackets if it binds less than is ``needed`` there."""
    text = in_symbols(part, leaf)
    return f"({text})" if _level(part) < needed or (text.startswith("-") and needed > LOOSEST) else text


def _level(expression: Expression) -> int:
    """Return how closely what is written binds: a sum least, then a product; one number and a call most."""
    match expression:
        case Formula(function=function):
            return LEVELS.get(function, ATOM)
        case Gathered(how=how) if how not in NAMES:
            return SUM if len(expression) != 1 else PRODUCT
    return ATOM


def _terms(gathered: Gathered, digits: int) -> str:
    shown = ends(len(gathered))
    texts = [number(gathered.numbers[at], digits) for at in shown]
    if len(shown) < len(gathered):
        rest = number(float(gathered.numbers.sum() - gathered.numbers[shown].sum()), digits)
        texts.insert(len(shown) // 2, f"({len(gathered) - len(shown):,} more: {rest})")
    return plus(texts) if texts else "0"


def _at(index: Index) -> str:
    return f"[{','.join(str(axis + 1) for axis in index)}]" if index else ""


def _shape(value: Value) -> str:
    return " x ".join(map(str, value.shape)) or "1"


def _numbers(array: Array, digits: int) -> str:
    flat = array.reshape(-1)
    shown = " ".join(number(one, digits) for one in flat[:FIRST])
    return shorten(shown, 90) + (f" and {flat.size - FIRST:,} more" if flat.size > FIRST else "")
