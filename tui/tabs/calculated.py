"""Calculated: one calculation of a model for the By hand tab, whole, so that it can be made beside the screen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from core.calculation.followed import AT_ONCE
from core.calculation.what_if import WhatIf
from core.operations.rounding import Rounding
from tui.widgets.page_block import widths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import Array
    from core.calculation.forward import Trace
    from core.formatting import Notation
    from core.model.network import Network
    from core.model.weights import Weights


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a calculation is made of."""

    network: Network
    weights: Weights
    x: Array
    what_if: WhatIf
    rounding: Rounding
    notation: Notation

    def same(self, other: Wanted | None) -> bool:
        """Return whether ``other`` gives the same; the same arrays are the same objects."""
        return (
            other is not None
            and all(ours is theirs for ours, theirs in zip(self._held, other._held, strict=True))
            and (self.rounding, self.notation) == (other.rounding, other.notation)
        )

    @property
    def _held(self) -> tuple[object, ...]:
        return self.network, self.weights, self.x, self.what_if

    @property
    def large(self) -> bool:
        """Whether it takes longer than a frame."""
        numbers = self.network.widths()
        return sum(before * after for before, after in pairwise(numbers)) > AT_ONCE

    def traced(self, what_if: WhatIf, rounding: Rounding, digits: int) -> Trace:
        """Return the calculation with other numbers tried, or rounded otherwise."""
        return what_if.trace(self.network, self.weights, self.x, rounding, digits)


@dataclass(frozen=True, eq=False)
class Calculated:
    """What was ``wanted``: the ``trace`` as it is written, the ``exact`` one, and that without numbers tried.

    ``widths`` are the columns that the numbers of each step take on the page.
    """

    wanted: Wanted
    trace: Trace
    exact: Trace
    unchanged: Trace
    widths: Sequence[int]


def calculate(wanted: Wanted, before: Calculated | None = None) -> Calculated:
    """Return the calculation that is ``wanted``; what the one ``before`` has of it is taken from there."""
    tried, digits = wanted.what_if, wanted.notation.digits
    unchanged = _unchanged(wanted, before)
    exact = wanted.traced(tried, Rounding.SHOWN, digits) if tried else unchanged
    trace = exact if wanted.rounding is Rounding.SHOWN else wanted.traced(tried, Rounding.CARRIED, digits)
    return Calculated(wanted, trace, exact, unchanged, widths(trace, wanted.notation))


def _unchanged(wanted: Wanted, before: Calculated | None) -> Trace:
    if before is not None and before.wanted.weights is wanted.weights and before.wanted.x is wanted.x:
        return before.unchanged
    return wanted.traced(WhatIf(), Rounding.SHOWN, wanted.notation.digits)
