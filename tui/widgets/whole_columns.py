"""WholeColumns: which columns of a wide table are in sight, none in part: half a number reads as another one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WholeColumns:
    """``count`` columns of ``cell`` characters each, to the right of a ``heading`` that stays where it is."""

    heading: int
    cell: int
    count: int

    @property
    def width(self) -> int:
        """Characters of all of it."""
        return self.heading + self.cell * self.count

    def seen(self, scrolled: int, room: int) -> range:
        """Return the columns that are whole in ``room`` characters, of which so many are ``scrolled`` away.

        The first of them stands beside the heading; a room that is narrower than one column has one all the same.
        """
        first = min(-(-scrolled // self.cell), max(self.count - 1, 0))
        return range(first, min(first + max((room - self.heading) // self.cell, 1), self.count))

    def left(self, column: int, seen: range) -> int:
        """Return where a column begins; one that is not ``seen`` would begin there."""
        return self.heading + (column - seen.start) * self.cell

    def at(self, x: int, seen: range) -> int | None:
        """Return which of the columns that are ``seen`` is at ``x``."""
        column = seen.start + (x - self.heading) // self.cell
        return column if x >= self.heading and column in seen else None
