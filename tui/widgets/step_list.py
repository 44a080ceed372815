"""StepList: the last steps in the lines that there are, each so written that its value is seen."""

from __future__ import annotations

import re

from textual.content import Content
from textual.widget import Widget

from core.cells import cell_width, wrap
from tui.widgets.text import CUT, fit, plain

TITLE = "steps (u undo, U redo)"

MOST_LINES = 3
"""The newest step may take so many; each other one has one."""

UNDONE = 2
"""How many of the steps that were undone are listed at most."""


class StepList(Widget):
    """Lists what was done, the newest step in full and always in sight, and what can be done again in brackets."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._done: tuple[str, ...] = ()
        self._undone: tuple[str, ...] = ()
        self._gone = 0

    def show(self, done: tuple[str, ...], undone: tuple[str, ...], gone: int = 0) -> None:
        """List the steps, of both the oldest first: those that are done and those that are undone; others are gone."""
        if (done, undone, gone) != (self._done, self._undone, self._gone):
            self._done, self._undone, self._gone = done, undone, gone
            self.refresh()

    def render(self) -> Content:
        """Return the lines that fit: the newest step first of all, then those that are undone, then older ones."""
        width, room = max(self.size.width, 8), self.size.height - 1
        newest = [f" {line}" for line in wrap(_closed_up(self._done[-1]), width - 1)] if self._done else []
        newest = newest[: min(MOST_LINES, max(room, 1))]
        room -= len(newest)
        undone = [f"({short(name, width - 2)})" for name in self._undone[: -UNDONE - 1 : -1]][: max(room, 0)]
        room -= len(undone)
        older = [f" {short(name, width - 1)}" for name in self._done[:-1][-room:]] if room > 0 else []
        title = f"steps (u, U), {self._gone:,} gone" if self._gone else TITLE
        return Content("\n".join([title, *older, *newest, *undone]))


def _closed_up(name: str) -> str:
    """Return the name with the numbers of a place, in brackets, closed up; a sentence keeps its spaces."""
    return re.sub(r"\[[^\]]*\]", lambda place: place[0].replace(", ", ","), plain(name))


def short(name: str, width: int) -> str:
    """Return the name of a step within ``width`` columns; what gives way to which number it is and to what, is cut.

    ``conv_1 w[2, 1, 1, 3] = 0.25`` is ``co... w[2,1,1,3] = 0.25`` where there is no room for all of it.
    """
    closed = _closed_up(name)
    if cell_width(closed) <= width:
        return closed
    layer, _, number = closed.partition(" ")
    if " = " not in number:
        return fit(closed, width)
    room = width - cell_width(number) - 1
    return f"{fit(layer, room)} {number}" if room > len(CUT) else fit(number, width).rstrip()
