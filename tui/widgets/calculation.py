"""Calculation: the forward pass of one point on a page, layer under layer, with a cursor that walks its numbers."""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.calculation.calculated import Spot
from core.cells import wrap
from tui.commands import CALCULATION, bindings
from tui.widgets.page_block import HEADINGS
from tui.widgets.page_layout import lay_out
from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from tui.widgets.page_block import Block, Page


NOT_YET = Size(-1, -1)
"""The size that a page has been laid out for when it has not been."""


class Cell(NamedTuple):
    """A place on the page: which layer's block it is in, and the number there; one layer's output enters the next."""

    place: int
    spot: Spot


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
        "calculation--right",
        "calculation--wrong",
        "calculation--cursor",
    }

    BINDINGS: ClassVar = bindings(CALCULATION)

    at: reactive[Cell] = reactive(Cell(0, Spot((), "", (0,))))

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
        self._laid_out_for = NOT_YET

    def show(self, page: Page) -> None:
        """Show ``page``, keeping the cursor where it still fits."""
        self._page = page
        self._laid_out_for = NOT_YET
        self._measure()
        self.set_reactive(Calculation.at, self._valid(self.at))
        self.refresh()

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of a page."""
        self._page, self._sentence, self._laid_out, self._laid_out_for = None, sentence, [], NOT_YET
        self.virtual_size = Size(self.scrollable_content_region.width, 0)
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    @property
    def _blocks(self) -> list[Block]:
        """The steps as they are laid out for the present size, with the windows of inputs where they were.

        The lines below the page come and go with the cursor, so it is the window's height that counts.
        """
        size = Size(self.scrollable_content_region.width, self.app.size.height)
        if self._page is not None and self._laid_out_for != size:
            windows = [block.first for block in self._laid_out]
            self._laid_out, self._laid_out_for = lay_out(self._page, size), size
            for block, first in zip(self._laid_out, windows, strict=False):
                block.first = min(first, max(block.inputs - block.shown, 0))
        return self._laid_out

    def _measure(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, sum(block.height for block in self._blocks))

    def _valid(self, cell: Cell) -> Cell:
        block = self._blocks[min(cell.place, len(self._blocks) - 1)]
        return Cell(block.place, block.valid(cell.spot))

    # Walking

    @property
    def spot(self) -> Spot:
        """The number under the cursor."""
        return self.at.spot

    @property
    def _block(self) -> Block:
        return self._blocks[self.at.place]

    def cursor_region(self) -> Region:
        """Return where the current number stands in the widget."""
        block = self._block
        y = block.top + HEADINGS + block.row_of(self.spot) - self.scroll_offset.y
        return Region(block.seen_x_of(self.spot), y, block.cell, 1)

    @property
    def between(self) -> int:
        """The columns between the current number and the one beside it."""
        return self._block.between(self.spot)

    def watch_at(self) -> None:
        if not self._blocks:
            return
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor in sight where the lines below took some of the room."""
        if self._blocks:
            self._measure()
            self._scroll_to_cursor()
            self.post_message(self.Shifted())

    def _scroll_to_cursor(self) -> None:
        block = self._block
        if (column := block.input_of(self.spot)) is not None:
            block.slide_to(column)
        y = block.top + HEADINGS + block.row_of(self.spot)
        # The headings, which stay at the top, cover what is under them.
        top = max(block.top, y - HEADINGS)
        self.scroll_to_region(Region(0, top, 1, y - top + 1), animate=False, force=True)

    def action_step(self, places: int) -> None:
        if not self._blocks:
            return
        block = self._block
        spots = block.spots(block.row_of(self.spot))
        place = min(max(spots.index(self.spot) + places, 0), len(spots) - 1)
        self.at = Cell(block.place, spots[place])

    def action_walk(self, rows: int) -> None:
        if not self._blocks:
            return
        block, direction = self._block, 1 if rows > 0 else -1
        x = block.x_of(self.spot)
        for _ in range(abs(rows)):
            spot = block.next(self.spot, direction, x)
            if spot is None:
                place = block.place + direction
                if not 0 <= place < len(self._blocks):
                    break
                block = self._blocks[place]
                spot = block.enter(direction, x)
            self.set_reactive(Calculation.at, Cell(block.place, spot))
        self.mutate_reactive(Calculation.at)

    @property
    def is_cut(self) -> bool:
        """Whether the current number's layer has more inputs than are seen."""
        return bool(self._blocks) and self._block.shown < self._block.inputs

    def slide(self, windows: int) -> None:
        """See the inputs of the current number's layer so many windows further on or back; the number stays."""
        if self.is_cut:
            block = self._block
            block.first = min(max(block.first + windows * block.shown, 0), block.inputs - block.shown)
            self.refresh()

    def action_end(self, direction: int) -> None:
        """Go to the first or the last line of all."""
        if self._blocks:
            block = self._blocks[0 if direction < 0 else -1]
            self.at = Cell(block.place, block.enter(-direction, self._block.x_of(self.spot)))

    def go_to_layer(self, places: int) -> None:
        """Go to the first output of a layer further on or back, round the ends, and have it at the top."""
        if self._blocks:
            block = self._blocks[(self.at.place + places) % len(self._blocks)]
            self.scroll_to(0, block.top, animate=False, force=True)
            self.at = Cell(block.place, block.step.values["output"].spot((0,)))

    def go_to(self, spot: Spot) -> None:
        """Go to a number of the page, where it is made; to the end of its row if it is none of those that are drawn."""
        if self._blocks:
            # The point itself goes into the first layer.
            made = (block for block in self._blocks if spot.call == block.step.values["output"].call)
            block = next(made, self._blocks[0])
            self.at = Cell(block.place, block.valid(spot))

    def action_choose(self) -> None:
        if self._blocks:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        block, line = self._at(offset.y)
        row = line - HEADINGS
        if block is None or row not in block.rows:
            return
        spot = block.spot_at(offset.x, row)
        if spot is not None and self.at == (block.place, spot):
            self.action_choose()
        elif spot is not None:
            self.at = Cell(block.place, spot)

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
            return self._line(block, block.headings(), self._style("heading"))
        return self._numbers(block, line - HEADINGS)

    def _title(self, block: Block) -> list[Segment]:
        layer = block.step.layer
        title = f"{fit(layer.name, 12).rstrip()}   {block.formula}"
        if block.shown < block.inputs:
            first, last = block.first + 1, block.first + block.shown
            seen = f"input {first}" if first == last else f"inputs {first}-{last}"
            title += f"   ({seen} of {block.inputs:,})"
        if note := block.page.notes[block.place]:
            title += f"   {note}"
        if layer.passes_on and layer.while_training:
            title += f"   ({layer.in_words} acts only in training)"
        return [Segment(fit(title, self.size.width), self._style("title"))]

    def _numbers(self, block: Block, row: int) -> list[Segment]:
        if row not in block.rows:
            return []
        here = self.at.place == block.place and not block.is_given(self.spot) and self.spot.index[-1] == row
        return self._line(block, block.line(row), self._style("unit" if here else "heading"))

    def _line(self, block: Block, pieces: Sequence[Spot | str], frame: Style) -> list[Segment]:
        return [Segment(piece, frame) if isinstance(piece, str) else self._cell(block, piece) for piece in pieces]

    def _cell(self, block: Block, spot: Spot) -> Segment:
        text, part = block.page.written(spot)
        is_operand = part == "result" and block.input_of(spot) is not None
        style = self._style("number" if is_operand else part)
        if self.at == (block.place, spot):
            style += self.get_component_rich_style("calculation--cursor", partial=True)
        return Segment(text.rjust(block.cell), style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"calculation--{part}")
