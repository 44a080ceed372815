"""Pick: numbers taken where other numbers say which, as an Embedding takes its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.operations.operation import Index, Places, Shape, Terms, row
from core.operations.rounding import EXACT
from core.operations.writing import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import Array
    from core.operations.program import Value
    from core.operations.rounding import Carry


@dataclass(frozen=True)
class Pick:
    """Of the first source, the rows that the whole numbers of the second say, counted from 0.

    A number that is no row's makes NaN: there is nothing to take.
    """

    before: tuple[Shape, Shape]

    @cached_property
    def shape(self) -> Shape:
        """The shape of the second source, then that of a row."""
        rows, which = self.before
        return (*which, *rows[1:])

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return the rows that are said."""
        rows, which = sources
        count = self.before[0][0]
        known = (which >= 0) & (which < count) & (which == np.floor(which))
        at = np.where(known, which, 0).astype(np.int64)
        if rows.ndim > len(self.before[0]):
            batch = np.arange(len(rows)).reshape(-1, *[1] * len(self.before[1]))
            made = rows[batch, at]
        else:
            made = rows[at]
        if not known.all():
            made = np.where(known.reshape(*known.shape, *[1] * (len(self.before[0]) - 1)), made, np.nan)
        return np.asarray(made)

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return the number of the row, and the one that says which row; that one alone if it is no row's."""
        places = len(self.before[1])
        which = float(sources[1][index[:places]])
        said = Places(1, row(index[:places]))
        if not (0 <= which < self.before[0][0] and which == np.floor(which)):
            return Terms((said,))
        return Terms((Places(0, row((int(which), *index[places:]))), said))

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return the number of the row."""
        return float(factors[0][0]) if len(factors) == 2 else np.nan

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        """Return for every row the slopes of where it went, added up; none for what said which."""
        (count, *row), which = self.before
        said = sources[1].reshape(prod(which), 1).each("equal", made.on.constant(np.arange(float(count))[np.newaxis]))
        return [said.dot("pr,pn->rn", slope.reshape(prod(which), prod(row))).reshape(count, *row), None]

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return what the rows were off."""
        taken = self.forward(EXACT, offs[0], sources[1])
        return np.where(np.isnan(taken), 0.0, taken)

    def python(self, *sources: Written) -> Written:
        """Return a call of ``pick``."""
        return Written(f"pick({sources[0].text}, {sources[1].text})")
