"""Unfolded: one number and the terms that made it, drawn line by line, with a cursor that walks the terms' factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.calculation.printed import ABOUT, EQUALS, MARK, sign
from core.cells import cell_width, cut, wrap
from tui.commands import UNFOLDED, bindings
from tui.widgets.text import fit, fit_right, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from core.calculation.spot import Spot
    from core.calculation.unfolding import Term, Unfolding
    from core.formatting import Notation

COLUMNS = (18, 30, 14)
"""The widths of a term's symbols, numbers and value."""

LEAST_ROWS = 4
"""How many terms are seen at least, if there are so many: what stands above them is written in brief for it."""

WHEEL = 3
"""Rows that the mouse's wheel moves."""


@dataclass(frozen=True, eq=False)
class Opened:
    """What is shown: the unfolding, the ``trail`` of symbols that led to it, and how numbers are written.

    ``facts`` are sentences below the lines, such as what rounding has done to the number.
    """

    unfolding: Unfolding
    trail: Sequence[str]
    notation: Notation
    facts: Sequence[str] = ()


class Unfolded(Widget, can_focus=True):
    """Shows an :class:`Opened`; up and down walk the terms, left and right the numbers that a term is made of."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "unfolded--trail",
        "unfolded--words",
        "unfolded--line",
        "unfolded--heading",
        "unfolded--cursor",
    }

    BINDINGS: ClassVar = bindings(UNFOLDED)

    at: reactive[tuple[int, int]] = reactive((0, 0))
    """The term and the factor under the cursor."""

    class Moved(Message):
        """The cursor has come to another factor."""

    class Follow(Message):
        """Where did this number come from?"""

        def __init__(self, spot: Spot) -> None:
            self.spot = spot
            super().__init__()

    class Back(Message):
        """To the number that this one was opened from."""

    class Leave(Message):
        """Back to the page."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._opened: Opened | None = None
        self._first = 0
        self._above: list[tuple[str, str]] = []

    def show(self, opened: Opened, at: tuple[int, int] = (0, 0)) -> None:
        """Show a number with the cursor at the term and factor ``at``."""
        self._opened, self._first = opened, 0
        self._above = self._head(opened)
        self.set_reactive(Unfolded.at, self._inside(*at))
        self._scroll()
        self.refresh()

    @property
    def factor(self) -> Spot | None:
        """The number under the cursor, if there is one."""
        if self._opened is None or not len(self._opened.unfolding.terms):
            return None
        term, factor = self.at
        return self._opened.unfolding.terms[term].factors[factor]

    # Walking

    def _inside(self, term: int, factor: int) -> tuple[int, int]:
        terms = self._opened.unfolding.terms if self._opened else ()
        if not len(terms):
            return 0, 0
        term = min(max(term, 0), len(terms) - 1)
        return term, min(max(factor, 0), len(terms[term].factors) - 1)

    def watch_at(self) -> None:
        self._scroll()
        self.refresh()
        self.post_message(self.Moved())

    def _scroll(self) -> None:
        """Have the cursor's row among those that are drawn."""
        term, rows = self.at[0], max(self._rows, 1)
        self._first = min(max(self._first, term - rows + 1), term)

    @property
    def _rows(self) -> int:
        """How many terms are drawn."""
        return self.size.height - len(self._above)

    def on_resize(self) -> None:
        if self._opened is not None:
            self._above = self._head(self._opened)
        self._scroll()
        self.refresh()

    def action_walk(self, terms: int) -> None:
        self.at = self._inside(self.at[0] + terms, self.at[1])

    def action_page(self, direction: int) -> None:
        self.action_walk(direction * max(self._rows, 1))

    def action_factor(self, places: int) -> None:
        self.at = self._inside(self.at[0], self.at[1] + places)

    def action_follow(self) -> None:
        if (spot := self.factor) is not None:
            self.post_message(self.Follow(spot))

    def action_back(self) -> None:
        self.post_message(self.Back())

    def action_leave(self) -> None:
        self.post_message(self.Leave())

    def on_mouse_scroll_down(self) -> None:
        self.action_walk(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.action_walk(-WHEEL)

    def on_click(self, event: events.Click) -> None:
        term = event.y - len(self._above) + self._first
        if self._opened is None or event.y < len(self._above) or term >= len(self._opened.unfolding.terms):
            return
        here = self._inside(term, self.at[1])
        if here == self.at:
            self.action_follow()
        self.at = here

    # Drawing

    def _head(self, opened: Opened) -> list[tuple[str, str]]:
        """Return the lines above the terms: whole where some terms have room below them, else in brief."""
        unfolding = opened.unfolding
        room = self.size.height - min(len(unfolding.terms), LEAST_ROWS)
        brief = unfolding.brief or (unfolding.formula, unfolding.numbers, unfolding.sums)
        # The terms below have the numbers too.
        ways = ((unfolding.formula, unfolding.numbers, unfolding.sums), brief, (brief[0], "", ""))
        for way in ways:
            lines = self._lines(opened, way)
            if len(lines) <= room or not self.size.height or not len(unfolding.terms):
                return lines
        # The first lines say what it is, the last one heads the terms.
        return [*lines[: max(room - 1, 1)], lines[-1]]

    def _lines(self, opened: Opened, made: tuple[str, str, str]) -> list[tuple[str, str]]:
        """Return the lines above the terms: each a part of the style, and its text."""
        width, unfolding = max(self.size.width, 20), opened.unfolding
        lines = [("trail", _shortened(opened.trail, width))]
        lines += [("words", line) for line in wrap(plain(unfolding.words), width)]
        signs = unfolding.signs(opened.notation, made)
        expressions = zip((*made, opened.notation(unfolding.value)), (EQUALS, EQUALS, *signs), strict=True)
        begin, said = f"{unfolding.symbol} = ", set[str]()
        for expression, before in expressions:
            if expression and expression not in said:
                left = f"{before} ".rjust(len(begin)) if said else begin
                lines += [("line", line) for line in wrap(left + expression, width, " " * len(begin))]
                said.add(expression)
        facts = [*opened.facts, *([f"{ABOUT} rounded in print; r carries it"] if ABOUT in signs else [])]
        lines += [("words", line) for fact in facts for line in wrap(plain(fact), width)]
        if terms := len(unfolding.terms):
            symbols, numbers, result = COLUMNS
            heading = fit("  term (<- ->)", symbols) + fit("in numbers", numbers) + fit_right("value", result)
            lines += [("words", ""), ("heading", f"{heading}   {terms:,} in all")]
        return lines

    def render_line(self, y: int) -> Strip:
        if y < len(self._above):
            part, text = self._above[y]
            return Strip([Segment(fit(text, self.size.width), self.get_component_rich_style(f"unfolded--{part}"))])
        terms = self._opened.unfolding.terms if self._opened else ()
        place = self._first + y - len(self._above)
        if place < len(terms):
            return self._term(terms[place], place)
        return Strip.blank(self.size.width, self.get_component_rich_style("unfolded--line"))

    def _term(self, term: Term, place: int) -> Strip:
        assert self._opened is not None
        style = self.get_component_rich_style("unfolded--line")
        cursor = style + self.get_component_rich_style("unfolded--cursor", partial=True)
        symbols, numbers, result = COLUMNS
        chosen = self.at[1] if place == self.at[0] else -1
        parts = term.symbols.split(" ") if len(term.factors) > 1 else [term.symbols]
        cells = [Segment("> " if chosen >= 0 else "  ", style)]
        for factor, text in enumerate(parts):
            cells += [Segment(text, cursor if factor == chosen else style), Segment(" ", style)]
        cells.append(Segment(" " * (symbols - sum(cell.cell_length for cell in cells)), style))
        # Never cut: a number without its end would be another one.
        value = self._opened.notation(term.value)
        value = f"{MARK}{value}" if sign(term.numbers, value) == ABOUT else value
        cells.append(Segment(f"{term.numbers:<{numbers}}{value:>{result}}", style))
        return Strip(cells).adjust_cell_length(self.size.width, self.get_component_rich_style("unfolded--line"))


def _shortened(trail: Sequence[str], width: int) -> str:
    """Return the way to a number, its newest part always whole."""
    text = " > ".join(trail)
    return text if cell_width(text) <= width else "... " + cut(text[::-1], width - 4)[::-1]
