"""A long formula in little room: of many terms the one that is meant, and what all others come to, as one number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.expression import Formula, Gathered, Leaf, leaves
from core.export.calculation.writing import TEXT

if TYPE_CHECKING:
    from core.calculation.expression import Expression

SAME = "the same"
"""What stands for a term that was written before it, in the same formula."""


FEW = 2
"""Terms that are all written, too."""


@dataclass(frozen=True)
class Rest(Leaf):
    """What stands for many terms, or for one that is written already: a number, and ``words`` for it in symbols."""

    words: str = ""

    def in_numbers(self, number: str) -> str:
        """Return how it is written among numbers, its own being written as ``number``."""
        return f"({self.words[1:-1]}: {number})" if self.words.startswith("(") else number


def briefly(expression: Expression, meant: Leaf | None = None, before: Expression | None = None) -> Expression:
    """Return an expression in which no sum within a formula has more than :data:`FEW` terms.

    Of each long one there is the term of the number that is ``meant``, mostly the first that is written, or else the
    first term; where that is the whole numerator ``before``, it is not written again.
    """
    meant = next(leaves(expression), None) if meant is None else meant
    match expression:
        case Formula(function="divide", parts=(over, under)):
            parts = briefly(over, meant), briefly(under, meant, over)
            return Formula(expression.number, "divide", parts)
        case Formula(parts=parts):
            return Formula(
                expression.number, expression.function, tuple(briefly(part, meant, before) for part in parts)
            )
        case Gathered() if len(expression) > FEW:
            return _cut(expression, meant, before)
    return expression


def results(expression: Expression) -> Expression:
    """Return a fraction with the number that its numerator comes to, for the line of numbers."""
    match expression:
        case Formula(number=number, function="divide", parts=(over, under)):
            return Formula(number, "divide", (Leaf(over.number, None), under))
    return expression


def _cut(gathered: Gathered, meant: Leaf | None, before: Expression | None) -> Expression:
    if gathered.how in TEXT.many:
        return Rest(gathered.number, None, f"{TEXT.many[gathered.how]}({len(gathered):,} numbers)")
    at = _place(gathered, meant)
    number, parts = float(gathered.numbers[at]), gathered.term(at)
    product = replace(gathered, number=number, numbers=gathered.numbers[[at]], term=lambda _: parts)
    one: Expression = parts[0] if len(parts) == 1 else product
    if before is not None and one.number == before.number and _leaf(one) == _leaf(before):
        one = Rest(one.number, None, SAME)
    others = float(np.delete(gathered.numbers, at).sum())
    return Formula(gathered.number, "add", (briefly(one, meant), Rest(others, None, f"({len(gathered) - 1:,} more)")))


def _place(gathered: Gathered, meant: Leaf | None) -> int:
    """Return at which term the number that is meant stands first, as a softmax's own; 0 if there is no such term."""
    if meant is None or meant.place is None or not meant.place.index:
        return 0
    at = meant.place.index[-1]
    found = at < len(gathered) and _leaf(*gathered.term(at)) == meant
    return at if found else 0


def _leaf(*parts: Expression) -> Leaf | None:
    return next(chain.from_iterable(map(leaves, parts)), None)
