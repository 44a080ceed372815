"""Calculation: the forward pass of one point on a page, layer under layer, with a cursor that walks its numbers."""

from __future__ import annotations

from bisect import bisect
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.calculation.spot import Kind, Spot, value
from core.calculation.symbols import formula, name
from tui.widgets.page_block import INPUT_ROW, NOTHING, Block
from tui.widgets.text import fit, fit_right

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from core.calculation.forward import Step
    from tui.widgets.page_block import Page


HEADINGS = 2
"""Lines of a block above its units: its title, and its inputs with the titles of its results."""


class Calculation(ScrollView, can_focus=True):
    """Shows a :class:`Page`; the arrow keys walk its numbers, a click on the current one chooses it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "calculation--title",
        "calculation--heading",
        "calculation--number",
        "calculation--result",
        "calculation--unit",
        "calculation--marked",
        "calculation--blank",
        "calculation--wrong",
        "calculation--cursor",
    }

    BINDINGS: ClassVar = [
        Binding("up", "walk(-1)", "Up", show=False),
        Binding("down", "walk(1)", "Down", show=False),
        Binding("left", "step(-1)", "Left", show=False),
        Binding("right", "step(1)", "Right", show=False),
        Binding("pageup", "walk(-10)", "Page up", show=False),
        Binding("pagedown", "walk(10)", "Page down", show=False),
        Binding("home", "step(-1000000000)", "First number", show=False),
        Binding("end", "step(1000000000)", "Last number", show=False),
        Binding("ctrl+home", "end(-1)", "First line", show=False),
        Binding("ctrl+end", "end(1)", "Last line", show=False),
    ]

    spot: reactive[Spot] = reactive(Spot(0, Kind.OUTPUT))

    class Moved(Message):
        """The cursor has come to another number."""

    class Shifted(Message):
        """The current number stands in another place of the screen."""

    class Chosen(Message):
        """The current number was clicked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: Page | None = None
        self._sentence = ""
        self._laid_out: list[Block] = []
        self._laid_out_for = -1

    def show(self, page: Page) -> None:
        """Show ``page``, keeping the cursor where it still fits."""
        self._page = page
        self._laid_out_for = -1
        self.virtual_size = Size(self.scrollable_content_region.width, sum(block.height for block in self._blocks))
        self.set_reactive(Calculation.spot, self._valid(self.spot))
        self.refresh()

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of a page."""
        self._page, self._sentence, self._laid_out, self._laid_out_for = None, sentence, [], -1
        self.virtual_size = Size(self.scrollable_content_region.width, 0)
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    @property
    def _blocks(self) -> list[Block]:
        """The steps as they are laid out for the present width, with the windows of inputs where they were."""
        width = self.scrollable_content_region.width
        if self._page is not None and self._laid_out_for != width:
            windows = [block.first for block in self._laid_out]
            blocks, top = [], 0
            for place in range(len(self._page.trace.steps)):
                block = Block(self._page, place, top, width)
                if place < len(windows):
                    block.first = min(windows[place], max(block.inputs - block.shown, 0))
                blocks.append(block)
                top += block.height
            self._laid_out, self._laid_out_for = blocks, width
        return self._laid_out

    def _valid(self, spot: Spot) -> Spot:
        block = self._blocks[min(spot.step, len(self._blocks) - 1)]
        row = self._row_of(spot)
        spots = block.spots(max(min(row, block.units - 1), INPUT_ROW))
        return spot if spot in spots else (spots if len(spots) else block.spots(0))[-1]

    @staticmethod
    def _row_of(spot: Spot) -> int:
        return INPUT_ROW if spot.kind is Kind.INPUT else spot.unit

    # Walking

    @property
    def value(self) -> float:
        """The number under the cursor."""
        return value(self._blocks[self.spot.step].page.trace, self.spot)

    @property
    def step(self) -> Step:
        """The step that the cursor is in."""
        return self._blocks[self.spot.step].step

    def cursor_region(self) -> Region:
        """Return where the current number stands in the widget."""
        block = self._blocks[self.spot.step]
        y = block.top + HEADINGS + self._row_of(self.spot) - self.scroll_offset.y
        return Region(block.x_of(self.spot), y, block.cell, 1)

    def watch_spot(self) -> None:
        if not self._blocks:
            return
        block = self._blocks[self.spot.step]
        if self.spot.kind in (Kind.INPUT, Kind.WEIGHT):
            block.slide_to(self.spot.input)
        else:
            block.slide_to_unit(self.spot.unit)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor in sight where the lines below took some of the room."""
        if self._blocks:
            self._scroll_to_cursor()
            self.post_message(self.Shifted())

    def _scroll_to_cursor(self) -> None:
        block = self._blocks[self.spot.step]
        y = block.top + HEADINGS + self._row_of(self.spot)
        # The headings, which stay at the top, cover what is under them.
        top = max(block.top, y - HEADINGS)
        self.scroll_to_region(Region(0, top, 1, y - top + 1), animate=False, force=True)

    def action_step(self, places: int) -> None:
        if not self._blocks:
            return
        spots = self._blocks[self.spot.step].spots(self._row_of(self.spot))
        place = min(max(spots.index(self.spot) + places, 0), len(spots) - 1)
        self.spot = spots[place]

    def action_walk(self, rows: int) -> None:
        if not self._blocks:
            return
        block, row = self._blocks[self.spot.step], self._row_of(self.spot)
        x = block.x_of(self.spot)
        direction = 1 if rows > 0 else -1
        for _ in range(abs(rows)):
            row += direction
            if row >= block.units or row < self._first_row(block):
                place = block.place + direction
                if not 0 <= place < len(self._blocks):
                    break
                block = self._blocks[place]
                row = self._first_row(block) if direction > 0 else block.units - 1
            self.set_reactive(Calculation.spot, self._nearest(block, row, x))
        self.mutate_reactive(Calculation.spot)

    @staticmethod
    def _first_row(block: Block) -> int:
        return INPUT_ROW if block.inputs else 0

    @staticmethod
    def _nearest(block: Block, row: int, x: int) -> Spot:
        return min(block.seen(row), key=lambda spot: abs(block.x_of(spot) - x))

    def action_end(self, direction: int) -> None:
        """Go to the first or the last line of all."""
        if not self._blocks:
            return
        block = self._blocks[0 if direction < 0 else -1]
        row = self._first_row(block) if direction < 0 else block.units - 1
        self.spot = self._nearest(block, row, self._blocks[self.spot.step].x_of(self.spot))

    def go_to_layer(self, places: int) -> None:
        """Go to the first output of a layer further on or back, round the ends, and have it at the top."""
        if self._blocks:
            block = self._blocks[(self.spot.step + places) % len(self._blocks)]
            self.scroll_to(0, block.top, animate=False, force=True)
            self.spot = Spot(block.place, Kind.OUTPUT)

    def go_to(self, spot: Spot) -> None:
        """Go to a number of the page; to the end of its row if it is none of those that are drawn."""
        if self._blocks:
            self.spot = self._valid(spot)

    def action_choose(self) -> None:
        if self._blocks:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        block, line = self._at(offset.y)
        row = line - HEADINGS
        if block is None or not self._first_row(block) <= row < block.units:
            return
        spot = block.spot_at(offset.x, row)
        if spot is not None and spot == self.spot:
            self.action_choose()
        elif spot is not None:
            self.spot = spot

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        block, line = self._at(y)
        if block is not None:
            return Strip(self._block_line(block, line)).adjust_cell_length(width, self._style("heading"))
        if self._page is None and line < len(lines := wrap(self._sentence, max(width, 1))):
            return Strip([Segment(fit(lines[line], width), self._style("number"))])
        return Strip.blank(width, self._style("heading"))

    def _at(self, y: int) -> tuple[Block | None, int]:
        """Return which line of which block is drawn at ``y``: the headings of the topmost one stay at the top."""
        top, line = self.scroll_offset.y, y + self.scroll_offset.y
        block = self._block_at(line)
        if block is None:
            return None, line
        stays = y < HEADINGS and block is self._block_at(top)
        return block, y if stays else line - block.top

    def _block_at(self, line: int) -> Block | None:
        place = bisect(self._blocks, line, key=lambda block: block.top) - 1
        found = self._blocks[place] if place >= 0 else None
        return found if found is not None and line < found.top + found.height else None

    def _block_line(self, block: Block, line: int) -> list[Segment]:
        if line == 0:
            return self._title(block)
        if line == 1:
            return self._headings(block)
        return self._numbers(block, line - HEADINGS)

    def _title(self, block: Block) -> list[Segment]:
        page = block.page
        made, _, aside = formula(page.network, block.place).partition("   ")
        title = f"{fit(block.step.layer.name, 12).rstrip()}   {made}"
        if block.shown < block.inputs:
            first, last = block.first + 1, block.first + block.shown
            seen = f"input {first}" if first == last else f"inputs {first}-{last}"
            title += f"   ({seen} of {block.inputs:,})"
        if note := page.notes[block.place]:
            title += f"   {note}"
        if aside:
            title += f"   {aside}"
        return [Segment(fit(title, self.size.width), self._style("title"))]

    def _headings(self, block: Block) -> list[Segment]:
        heading, result = self._style("heading"), self._style("heading")
        cells = [Segment(fit(f"{block.letters.inputs} =" if block.inputs else "", block.name), heading)]
        if block.inputs:
            cells.append(Segment(" ", heading))
            cells += [self._input(block, place) for place in range(block.first, block.first + block.shown)]
            cells.append(Segment(" ", heading))
        for _, title in block.results:
            cells.append(Segment(fit_right(title, block.cell) + " " * (block.gap - 1), result))
        return cells

    def _input(self, block: Block, place: int) -> Segment:
        return self._cell(block, Spot(block.place, Kind.INPUT, input=place))

    def _numbers(self, block: Block, row: int) -> list[Segment]:
        if row >= block.units:
            return []
        here = (self.spot.step, self._row_of(self.spot)) == (block.place, row)
        frame = self._style("unit" if here else "heading")
        label = name(block.letters.output, row, block.units)
        cells = [Segment(fit(label, block.name), frame)]
        for spot in block.seen(row):
            if spot.kind is Kind.WEIGHT and spot.input == block.first:
                cells.append(Segment("[", frame))
            cells.append(self._cell(block, spot))
            if spot.kind is Kind.WEIGHT and spot.input == block.first + block.shown - 1:
                cells.append(Segment("]", frame))
            elif spot.kind is not Kind.WEIGHT:
                cells.append(Segment(" " * (block.gap - 1), frame))
        return cells

    def _cell(self, block: Block, spot: Spot) -> Segment:
        text, part = block.page.written(spot)
        if spot.kind is Kind.WEIGHT and spot.input not in block.connected(spot.unit):
            text = NOTHING
        style = self._style(part)
        if spot == self.spot:
            style += self.get_component_rich_style("calculation--cursor", partial=True)
        return Segment(text.rjust(block.cell), style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"calculation--{part}")
