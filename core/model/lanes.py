"""Lanes: how values run from the line that makes them down to the lines that use them, drawn beside a list of lines.

Each value that is used further down has a lane, a column of its own from the line that makes it to the last line that
uses it; a lane never moves. A line goes on in the column of a source that ends there, else in the first free one, so
that there are never more columns than values that are needed at once.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_JOINS = {
    (True, False, False): "├",
    (True, False, True): "┤",
    (True, True, False): "┼",
    (True, True, True): "┼",
    (False, False, True): "┘",
    (False, True, True): "┴",
}
"""Where a source comes to a line: whether its lane goes on, another source comes from beyond it, it is on the right."""


@dataclass(frozen=True)
class Lanes:
    """The drawing beside one line: the columns of the line itself, of its sources, and of the lanes that go on.

    ``in_words`` are the sources for whose lanes there was no room.
    """

    column: int
    joined: frozenset[int]
    passing: frozenset[int]
    goes_on: bool
    in_words: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns it takes."""
        return max({self.column, *self.joined, *self.passing}) + 1

    def drawn(self, sign: str) -> str:
        """Return the lanes beside the line, which is ``sign``, two cells a column; dots stand for sources in words."""
        left, right = min({self.column, *self.joined}), max({self.column, *self.joined})
        cells = []
        for column in range(self.width):
            cells.append(sign if column == self.column else self._cell(column, left, right))
            cells.append("─" if left <= column < right else " ")
        return "".join(cells).rstrip() + ("…" if self.in_words else "")

    def _cell(self, column: int, left: int, right: int) -> str:
        if column in self.joined:
            return _JOINS[column in self.passing, left < column < right, column > self.column]
        # What comes from beyond passes beneath a lane that it has nothing to do with.
        return "│" if column in self.passing else "─" if left < column < right else " "

    @cached_property
    def below(self) -> str:
        """The lanes that go on below the line."""
        on = self.passing | ({self.column} if self.goes_on else set())
        return "".join("│ " if column in on else "  " for column in range(max(on, default=-1) + 1)).rstrip()


def lanes(sources: Sequence[Collection[int]], most: int) -> list[Lanes]:
    """Return the drawing of lines that each have ``sources`` among those before them, in ``most`` columns at most.

    Of more values than that, the one whose next use is farthest away has no lane from its last use on. There have to be
    two columns at least.
    """
    ends = _ends(sources, most)
    made: list[Lanes] = []
    live: list[int] = []
    for place, of in enumerate(sources):
        joined = {source for source in of if ends[source] >= place}
        live = [source for source in live if ends[source] > place]
        passing = frozenset(made[source].column for source in live)
        ended = [made[source].column for source in joined if ends[source] == place]
        column = min(ended) if ended else _free(passing | _dead_end(made))
        columns = frozenset(made[source].column for source in joined)
        in_words = tuple(sorted(set(of) - joined))
        made.append(Lanes(column, columns - {column}, passing, ends[place] > place, in_words))
        live.append(place)
    return made


def _dead_end(made: Sequence[Lanes]) -> set[int]:
    """Return the column of the line before if no lane leads on from it: what stood beneath it would seem to use it."""
    return {made[-1].column} if made and not made[-1].goes_on else set()


def _free(taken: Collection[int]) -> int:
    return next(column for column in range(len(taken) + 1) if column not in taken)


def _ends(sources: Sequence[Collection[int]], most: int) -> list[int]:
    """Return for each line the last one that its lane leads to; its own place if it has none."""
    uses: list[list[int]] = [[] for _ in sources]
    for place, of in enumerate(sources):
        for source in set(of):
            uses[source].append(place)
    ends = [used[-1] if used else place for place, used in enumerate(uses)]
    live: list[int] = []
    for place in range(len(sources)):
        # Where no lane leads on from a line, its column stays empty on the next one.
        live = [value for value in live if ends[value] > place or ends[value] == value == place - 1]
        if len(live) >= most:
            older = [value for value in live if value < place - 1]
            far = -max((uses[value][bisect_right(uses[value], place)], ends[value], -value) for value in older)[-1]
            ends[far] = max((use for use in uses[far] if use <= place), default=far)
            live.remove(far)
        live.append(place)
    return ends
