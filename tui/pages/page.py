"""Page: the numbers of one call in tables, a number in hand, and what that is made of; drawn line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.calculation.page import NO_CELLS
from core.formatting import Notation
from tui.commands import bindings
from tui.pages.drawing import PARTS, Drawing
from tui.pages.keys import PAGE
from tui.pages.layout import Box, measured, placed
from tui.pages.registry import view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.page import Call, Cells, Panel
    from core.operations.operation import At
    from tui.pages.view import View

    Cell = tuple[int, int]


class Page(Widget, can_focus=True):
    """Shows the numbers of a call; the arrow keys move the number in hand, enter chooses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"page--{part}" for part in PARTS}

    BINDINGS: ClassVar = bindings(PAGE)

    class Moved(Message):
        """Another number is in hand."""

        def __init__(self, page: Page, spot: Spot) -> None:
            self.page, self.spot = page, spot
            super().__init__()

    class Chosen(Message):
        """Enter was pressed on the number in hand, or it was clicked."""

        def __init__(self, page: Page, spot: Spot) -> None:
            self.page, self.spot = page, spot
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: View | None = None
        self._spot: Spot | None = None
        self._notation = Notation()
        self._panels: Sequence[Panel] = ()
        self._at: tuple[int, Cell] = (0, (0, 0))
        """In which table the number in hand is, and in which cell of it."""
        self._marked: list[Cells] = []
        """By table the cells of what the number in hand is made of."""
        self._first: dict[int, Cell] = {}
        """By table the cell that is seen at its upper left."""
        self._as_numbers = False
        self._measured: list[Box] = []
        self._placed: list[Drawing] | None = None
        self._lines: list[Strip] = []

    def show(self, done: Calculated, call: Call, spot: Spot | None, notation: Notation) -> None:
        """Show a call with the number at ``spot`` in hand, its first if there is none."""
        self._notation = notation
        before = self._view
        if before is None or (before.done, before.call, before.notation) != (done, call, notation):
            self._view, self._marked = view_of(done, call, notation), []
            self._first = self._first if before is not None and before.call == call else {}
        assert self._view is not None
        spot = self._view.first() if spot is None else spot
        if spot is None:
            self._spot, self._panels = None, ()
            self._change()
        else:
            self._take(spot)
        self.refresh_bindings()

    @property
    def spot(self) -> Spot | None:
        """The number in hand."""
        return self._spot

    def _take(self, spot: Spot, cell: tuple[int, Cell] | None = None) -> None:
        """Take the number at ``spot`` in hand, which stands in ``cell`` of a table if that is known."""
        assert self._view is not None
        view = self._view
        view.settle(spot)
        self._spot, self._panels = spot, view.panels(spot)
        value, index = view.done.value_of(spot), np.array([spot.index], dtype=np.int64).reshape(1, len(spot.index))
        if cell is None:
            cell = self._cell_of(value, index)
        if cell is None:
            self._panels = (*self._panels, view.alone(value, spot))
            cell = len(self._panels) - 1, _cell(self._panels[-1].cells(value, index, 0)[0])
        self._at = cell
        sources = view.made_of(spot)
        if sources or len(self._marked) != len(self._panels):
            self._marked = [
                np.concatenate([NO_CELLS, *(panel.cells(*source, self._row_in(table)) for source in sources)])
                for table, panel in enumerate(self._panels)
            ]
        self._change()

    def _row_in(self, table: int) -> int:
        """Return the row of a table that is in hand, the first if none is."""
        return self._at[1][0] if table == self._at[0] and self._at[1][0] < self._panels[table].rows else 0

    def _cell_of(self, value: Value, index: At) -> tuple[int, Cell] | None:
        """Return where a number stands: of several places the one in the table in which the hand is."""
        found = [
            (table, _cell(one))
            for table, panel in enumerate(self._panels)
            for one in panel.cells(value, index, self._row_in(table))
        ]
        return min(found, key=lambda one: (one[0] != self._at[0], one), default=None)

    def _change(self) -> None:
        self._lines, self._measured, self._placed = [], [], None
        self.refresh()

    # Moving

    def _move_to(self, table: int, cell: Cell) -> None:
        spot = self._panels[table].spot(*cell)
        if spot is not None and (table, cell) != self._at:
            self._take(spot, (table, cell))
            self.post_message(self.Moved(self, spot))

    def action_move(self, rows: int, columns: int) -> None:
        if self._spot is None:
            return
        table, (row, column) = self._at
        panel = self._panels[table]
        if 0 <= row + rows < panel.rows and 0 <= column + columns < panel.columns:
            self._move_to(table, (row + rows, column + columns))
        elif (beyond := self._beyond(rows, columns)) is not None:
            self._move_to(*beyond)

    def _beyond(self, rows: int, columns: int) -> tuple[int, Cell] | None:
        """Return where a step out of the table leads: to the nearest cell of the next one in that direction."""
        boxes = [drawing.box for drawing in self._drawings()]
        here = next(box for box in boxes if self._table_of(box) == self._at[0])
        x, y = self._point(here)

        def is_beyond(box: Box) -> bool:
            if rows:
                return box.top >= here.top + here.height if rows > 0 else box.top + box.height <= here.top
            in_line = box.top < here.top + here.height and here.top < box.top + box.height
            right, left = box.left >= here.left + here.width, box.left + box.width <= here.left
            return in_line and (right if columns > 0 else left)

        def how_far(box: Box) -> tuple[int, int]:
            aside = max(box.left - x, x - box.left - box.width, 0), max(box.top - y, y - box.top - box.height, 0)
            return (aside[1], aside[0]) if rows else aside

        near = [box for box in boxes if is_beyond(box) and box.panel.spot(0, 0) is not None]
        if not near:
            return None
        box = min(near, key=how_far)
        table = self._table_of(box)
        first_row, first_column = self._first.get(table, (0, 0))
        row = 0 if rows > 0 else box.panel.rows - 1 if rows else first_row + y - box.top - box.head
        column = 0 if columns > 0 else box.panel.columns - 1
        if rows:
            below = box.column_at(first_column, x - box.left)
            column = box.panel.columns - 1 if below is None and x > box.left + box.heading else below or 0
        return table, (min(max(row, 0), box.panel.rows - 1), min(max(column, 0), box.panel.columns - 1))

    def _point(self, box: Box) -> tuple[int, int]:
        """Return where the number in hand ends."""
        table, (row, column) = self._at
        first_row, first_column = self._first.get(table, (0, 0))
        return box.left + box.left_of(first_column, column + 1) - 1, box.top + box.head + row - first_row

    def cursor_region(self) -> Region:
        """Return where the number in hand is seen."""
        at, (row, column) = self._at
        box = (
            next((one.box for one in self._drawings() if self._table_of(one.box) == at), None) if self._panels else None
        )
        if box is None:
            return Region(0, 0, self.content_size.width, 1)
        first_row, first_column = self._first.get(at, (0, 0))
        left, right = (box.left + box.left_of(first_column, one) for one in (column, column + 1))
        return Region(left, box.top + box.head + row - first_row, right - left, 1)

    def action_page(self, direction: int) -> None:
        if self._spot is not None:
            table, (row, column) = self._at
            box = next(one.box for one in self._drawings() if self._table_of(one.box) == table)
            rows = direction * max(box.seen_rows - 1, 1)
            self._move_to(table, (min(max(row + rows, 0), self._panels[table].rows - 1), column))

    def action_along(self, direction: int) -> None:
        if self._spot is not None:
            table, (row, _) = self._at
            self._move_to(table, (row, 0 if direction < 0 else self._panels[table].columns - 1))

    def action_table(self, by: int) -> None:
        """Go to another table: to what the number in hand is made of there, if something is."""
        count, at = len(self._panels), self._at[0]
        cells = [_cell(marked[0]) if len(marked) else (0, 0) for marked in self._marked]
        others = [(at + by * step) % count for step in range(1, count)] if self._spot is not None else []
        table = next((table for table in others if self._has(table, cells[table])), None)
        if table is not None:
            self._move_to(table, cells[table])

    def _has(self, table: int, cell: Cell) -> bool:
        panel = self._panels[table]
        return panel.rows > 0 and panel.columns > 0 and panel.spot(*cell) is not None

    def action_turn(self, axis: str, by: int, _place: int) -> None:
        if self._view is not None and self._spot is not None:
            spot = self._view.turned(self._spot, axis, by)
            moved = spot != self._spot
            self._take(spot)
            if moved:
                self.post_message(self.Moved(self, spot))

    def action_numbers(self) -> None:
        self._as_numbers = not self._as_numbers
        self._change()
        if self._spot is not None:
            # Below the page stands what the shades mean.
            self.post_message(self.Moved(self, self._spot))

    def action_choose(self) -> None:
        if self._spot is not None:
            self.post_message(self.Chosen(self, self._spot))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "turn":
            axis, _, place = parameters
            turns = self._view.turns if self._view else ()
            return axis in turns and turns.index(str(axis)) == place
        if action == "numbers":
            return any(panel.is_picture for panel in self._panels)
        if action == "table":
            return len(self._panels) > 1
        return True

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self._panels:
            return
        for box in [drawing.box for drawing in self._drawings()]:
            table = self._table_of(box)
            first_row, first_column = self._first.get(table, (0, 0))
            row, column = offset.y - box.top - box.head, box.column_at(first_column, offset.x - box.left)
            if 0 <= row < box.seen_rows and column is not None:
                if (table, (first_row + row, column)) == self._at:
                    self.action_choose()
                self._move_to(table, (first_row + row, column))

    def _table_of(self, box: Box) -> int:
        return next(at for at, panel in enumerate(self._panels) if panel is box.panel)

    # Drawing

    def on_resize(self) -> None:
        self._change()

    def notify_style_update(self) -> None:
        """Draw it anew in other colours."""
        super().notify_style_update()
        self._lines = []

    def render_line(self, y: int) -> Strip:
        if not self._lines:
            self._lines = self._drawn(*self.content_size)
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.content_size.width, self._style("number"))

    def _drawn(self, width: int, height: int) -> list[Strip]:
        """Return all lines of the page."""
        if not self._panels or width < 1 or height < 1:
            # Before the first call is calculated, nothing is known of it.
            words = "" if self._view is None else "This call has no numbers."
            nothing = Strip([Segment(words, self._style("title"))])
            return [nothing.adjust_cell_length(width, self._style("number"))]
        styles = {part: self._style(part) for part in PARTS}
        lines: list[list[Segment]] = [[] for _ in range(height)]
        ends = [0] * height
        for drawing in self._drawings():
            box = drawing.box
            for line, segments in enumerate(drawing.lines(styles), box.top):
                if line < height:
                    lines[line] += [Segment(" " * (box.left - ends[line]), styles["number"]), *segments]
                    ends[line] = box.left + box.width
        return [Strip(line).adjust_cell_length(width, styles["number"]) for line in lines]

    def _drawings(self) -> list[Drawing]:
        """Return the tables where they stand, each with what is in sight of it."""
        if self._placed is None:
            self._placed = self._drawings_in(*self.content_size)
            self._first |= {self._table_of(drawing.box): drawing.first for drawing in self._placed}
        return self._placed

    def _drawings_in(self, width: int, height: int) -> list[Drawing]:
        drawings = []
        for box in self._boxes(width, height):
            table = self._table_of(box)
            hand = self._at[1] if table == self._at[0] else None
            drawing = Drawing(box, box.panel.notation(self._notation), hand, self._marked[table])
            drawing.see_from(self._first.get(table, (0, 0)))
            drawings.append(drawing)
        return drawings

    def legends_within(self, height: int) -> str:
        """Return on a line what the signs of pictures stand for whose title has no room for it there."""
        width, words = self.content_size.width, ""
        drawings = self._drawings_in(width, height) if self._panels and width else []
        shown = sorted(drawings, key=lambda one: one.hand is None)
        for legend in filter(None, (drawing.unsaid_legend for drawing in shown)):
            longer = f"{words}  {legend}" if words else legend
            words = longer if cell_len(longer) <= width else words
        return words

    def _boxes(self, width: int, height: int) -> list[Box]:
        """Return where the tables stand in a room of that size."""
        if not self._measured:
            shades = [panel.is_picture and not self._as_numbers for panel in self._panels]
            made = zip(self._panels, shades, strict=True)
            self._measured = [measured(panel, panel.notation(self._notation), shade) for panel, shade in made]
        marked = {table: int(np.ptp(cells[:, 0])) + 1 for table, cells in enumerate(self._marked) if len(cells)}
        return placed(self._measured, width, height, self._at[0], marked)

    def height_within(self, most: int) -> int:
        """Return how many lines the page takes, of ``most`` that there are."""
        width = self.content_size.width
        boxes = self._boxes(width, most) if self._panels and width else []
        return max((box.top + box.height for box in boxes), default=1)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"page--{part}")


def _cell(one: Cells) -> Cell:
    row, column = one.tolist()
    return row, column
