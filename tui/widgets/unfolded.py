"""Unfolded: one number and the terms that made it, drawn line by line, with a cursor that walks the terms' factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.calculation.writing import ABOUT, EQUALS, MARK
from core.cells import cell_width, cut, wrap
from core.export.opened import FEW_TERMS
from tui.commands import UNFOLDED, bindings
from tui.widgets.text import fit, fit_right, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from core.calculation.calculated import Spot
    from core.export.opened import Lines, Opened, TermInWords

COLUMNS = (18, 30, 14)
"""The widths of a term's symbols, numbers and value."""

CHOSEN = "> "
"""What stands before the term under the cursor."""

LEAST_ROWS = 4
"""How many terms are seen at least, if there are so many: what stands above them is written in brief for it."""

ROUNDED = f"{ABOUT} rounded in print; r carries it"
"""What is said where printed numbers come to another last digit."""

WHEEL = 3
"""Rows that the mouse's wheel moves."""


@dataclass(frozen=True, eq=False)
class Unfolding:
    """What is shown of a number: its symbol, what it is in words, how it is written, and what made it, if anything did.

    ``facts`` are sentences below the lines, such as what rounding has done to the number.
    """

    symbol: str
    words: str
    value: str
    opened: Opened | None
    facts: Sequence[str] = ()

    @property
    def terms(self) -> Opened | Sequence[TermInWords]:
        """The terms that made it."""
        return () if self.opened is None else self.opened


class Unfolded(Widget, can_focus=True):
    """Shows an :class:`Unfolding`; up and down walk the terms, left and right the numbers that a term is made of."""

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
        self._unfolding: Unfolding | None = None
        self._trail: Sequence[str] = ()
        self._first = 0
        self._above: list[tuple[str, str]] = []

    def show(self, unfolding: Unfolding, trail: Sequence[str], at: tuple[int, int] = (0, 0)) -> None:
        """Show a number, the ``trail`` of symbols that led to it, and the cursor at the term and factor ``at``."""
        self._unfolding, self._trail, self._first = unfolding, trail, 0
        self._above = self._head(unfolding)
        self.set_reactive(Unfolded.at, self._inside(*at))
        self._scroll()
        self.refresh()

    @property
    def factor(self) -> Spot | None:
        """The number under the cursor, if there is one."""
        term, factor = self.at
        return self._terms[term].sources[factor] if len(self._terms) else None

    @property
    def _terms(self) -> Opened | Sequence[TermInWords]:
        return () if self._unfolding is None else self._unfolding.terms

    # Walking

    def _inside(self, term: int, factor: int) -> tuple[int, int]:
        terms = self._terms
        if not len(terms):
            return 0, 0
        term = min(max(term, 0), len(terms) - 1)
        return term, min(max(factor, 0), len(terms[term].sources) - 1)

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

    def cursor_region(self) -> Region:
        """Return where the chosen factor is seen; of a number without terms where that stands."""
        term, factor = self.at
        if term >= len(self._terms):
            return Region(0, 0, self.size.width, 1)
        before = self._terms[term].symbols[: factor if len(self._terms[term].symbols) > 1 else 0]
        x = len(CHOSEN) + sum(cell_width(symbol) + 1 for symbol in before)
        return Region(x, len(self._above) + term - self._first, self.size.width - x, 1)

    def on_resize(self) -> None:
        if self._unfolding is not None:
            self._above = self._head(self._unfolding)
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
        if event.y < len(self._above) or term >= len(self._terms):
            return
        here = self._inside(term, self.at[1])
        if here == self.at:
            self.action_follow()
        self.at = here

    # Drawing

    def _head(self, unfolding: Unfolding) -> list[tuple[str, str]]:
        """Return the lines above the terms: whole where some terms have room below them, else in brief."""
        room = self.size.height - min(len(unfolding.terms), LEAST_ROWS)
        made = unfolding.opened
        if made is None:
            return self._lines(unfolding, None)
        brief = made.lines(FEW_TERMS)
        # The terms below have the numbers too.
        for way in (made.lines(), brief, brief._replace(numbers="", parts="")):
            lines = self._lines(unfolding, way)
            if len(lines) <= room or not self.size.height or not len(made):
                return lines
        # The first lines say what it is, the last one heads the terms.
        return [*lines[: max(room - 1, 1)], lines[-1]]

    def _lines(self, unfolding: Unfolding, made: Lines | None) -> list[tuple[str, str]]:
        """Return the lines above the terms: each a part of the style, and its text."""
        width = max(self.size.width, 20)
        lines = [("trail", _shortened(self._trail, width))]
        lines += [("words", line) for line in wrap(plain(unfolding.words), width)]
        signs = (EQUALS, EQUALS) if made is None else (made.rounds, made.comes)
        texts = ("", "", "") if made is None else (made.formula, made.numbers, made.parts)
        begin, said = f"{unfolding.symbol} = ", set[str]()
        for expression, before in zip((*texts, unfolding.value), (EQUALS, EQUALS, *signs), strict=True):
            if expression and expression not in said:
                left = f"{before} ".rjust(len(begin)) if said else begin
                lines += [("line", line) for line in wrap(left + expression, width, " " * len(begin))]
                said.add(expression)
        facts = [*unfolding.facts, *([ROUNDED] if ABOUT in signs else [])]
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
        place = self._first + y - len(self._above)
        if place < len(self._terms):
            return self._term(self._terms[place], place)
        return Strip.blank(self.size.width, self.get_component_rich_style("unfolded--line"))

    def _term(self, term: TermInWords, place: int) -> Strip:
        style = self.get_component_rich_style("unfolded--line")
        cursor = style + self.get_component_rich_style("unfolded--cursor", partial=True)
        symbols, numbers, result = COLUMNS
        chosen = self.at[1] if place == self.at[0] else -1
        cells = [Segment(CHOSEN if chosen >= 0 else " " * len(CHOSEN), style)]
        for factor, text in enumerate(term.symbols):
            here = factor == chosen or (chosen >= 0 and len(term.symbols) == 1)
            cells += [Segment(text, cursor if here else style), Segment(" ", style)]
        cells.append(Segment(" " * (symbols - sum(cell.cell_length for cell in cells)), style))
        # Never cut: a number without its end would be another one.
        value = f"{MARK}{term.result}" if term.sign == ABOUT else term.result
        cells.append(Segment(f"{term.numbers:<{numbers}}{value:>{result}}", style))
        return Strip(cells).adjust_cell_length(self.size.width, self.get_component_rich_style("unfolded--line"))


def _shortened(trail: Sequence[str], width: int) -> str:
    """Return the way to a number, its newest part always whole."""
    text = " > ".join(trail)
    return text if cell_width(text) <= width else "... " + cut(text[::-1], width - 4)[::-1]
