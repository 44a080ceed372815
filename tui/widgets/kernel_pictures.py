"""KernelPictures: a convolution's kernel as small pictures, one for each input channel and filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.commands import PICTURES, bindings
from tui.widgets.matrix import shade
from tui.widgets.text import fit
from tui.widgets.whole_columns import WholeColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from core.arrays import KerasArray

MARKS = {
    "negative-strong": "--",
    "negative-plain": "- ",
    "negative-faint": ". ",
    "zero": "0 ",
    "positive-faint": "' ",
    "positive-plain": "+ ",
    "positive-strong": "++",
    "odd": "!!",
}
"""How a weight's sign and its third of the scale are written, to be read without colours: low marks are negative."""

WEIGHT = 2
"""Columns of a weight, which make it about as wide as it is high."""


class KernelPictures(ScrollView, can_focus=True):
    """Draws a kernel (*window, channels, filters): channels down, filters across; the arrow keys go over the pictures.

    Where a kernel has the filters first, they are down.

    A window of one axis is a picture of one column. The cursor is the channel and the filter, counted from 0.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "kernel-pictures--heading",
        "kernel-pictures--cursor",
        *(f"kernel-pictures--{part}" for part in MARKS),
    }

    BINDINGS: ClassVar = bindings(PICTURES)

    cursor: reactive[tuple[int, int]] = reactive((0, 0))

    class Moved(Message):
        """The cursor has come to another picture."""

        def __init__(self, channel: int, filter_: int) -> None:
            self.channel, self.filter = channel, filter_
            super().__init__()

    class Chosen(Message):
        """Enter was pressed on a picture, or the picture under the cursor was clicked."""

        def __init__(self, channel: int, filter_: int) -> None:
            self.channel, self.filter = channel, filter_
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._kernel: KerasArray = np.zeros((1, 1, 0, 0), np.float32)
        self._scale = 0.0
        self._down, self._across = "in", "filter"
        self._columns, self._block = WholeColumns(0, 1, 0), 1

    def show(self, kernel: KerasArray, scale: float, words: Sequence[str]) -> None:
        """Show ``kernel`` in the shades of ``scale``, its largest size, keeping the cursor where it still fits.

        ``words`` are what is down and across.
        """
        self._down, self._across = words
        # Of three axes the depths are under each other.
        self._kernel = kernel.reshape(-1, kernel.shape[-3] if kernel.ndim > 3 else 1, *kernel.shape[-2:])
        self._scale = scale
        self._block = self._kernel.shape[0] + 1
        cell = max(WEIGHT * self._kernel.shape[1], len(f"{self._filters}")) + 2
        heading = max(len(self._across), len(f"{self._down} {self._channels}")) + 1
        self._columns = WholeColumns(heading, cell, self._filters)
        self.set_reactive(KernelPictures.cursor, self._inside(*self.cursor))
        self.virtual_size = Size(self._columns.width, 1 + self._block * self._channels)
        self.refresh()

    @property
    def _channels(self) -> int:
        return int(self._kernel.shape[2])

    @property
    def _filters(self) -> int:
        return int(self._kernel.shape[3])

    # Moving

    def _inside(self, channel: int, filter_: int) -> tuple[int, int]:
        return min(max(channel, 0), max(self._channels - 1, 0)), min(max(filter_, 0), max(self._filters - 1, 0))

    def watch_cursor(self, old: tuple[int, int], new: tuple[int, int]) -> None:
        for picture in (old, new):
            self.refresh(self._visible_region(*picture))
        self._scroll_to_cursor()
        self.post_message(self.Moved(*new))

    def action_move(self, channels: int, filters: int) -> None:
        self.cursor = self._inside(self.cursor[0] + channels, self.cursor[1] + filters)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, (self.scrollable_content_region.height - 1) // self._block), 0)

    def action_move_to(self, channel: int | None, filter_: int | None) -> None:
        ends = (self._channels, self._filters)
        given = zip((channel, filter_), self.cursor, ends, strict=True)
        self.cursor = self._inside(*(now if to is None else to % max(end, 1) for to, now, end in given))

    def action_choose(self) -> None:
        if self._kernel.size:
            self.post_message(self.Chosen(*self.cursor))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1:
            return
        channel = (offset.y - 1 + self.scroll_offset.y) // self._block
        filter_ = self._columns.at(offset.x, self._seen)
        if filter_ is None or channel >= self._channels:
            return
        if (channel, filter_) == self.cursor:
            self.action_choose()
        self.cursor = (channel, filter_)

    @property
    def _seen(self) -> range:
        """The filters that are drawn."""
        return self._columns.seen(self.scroll_offset.x, self.scrollable_content_region.width)

    def _visible_region(self, channel: int, filter_: int) -> Region:
        top = 1 + channel * self._block - self.scroll_offset.y
        return Region(self._columns.left(filter_, self._seen), top, self._columns.cell, self._block)

    def cursor_region(self) -> Region:
        """Return where the chosen picture is seen."""
        return self._visible_region(*self.cursor)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        if self._kernel.size:
            self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        (channel, filter_), columns = self.cursor, self._columns
        left = columns.heading + filter_ * columns.cell
        picture = Region(left, 1 + channel * self._block, columns.cell, self._block)
        self.scroll_to_region(picture, spacing=Spacing(1, 0, 0, columns.heading), animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        channel, row = divmod(y - 1 + self.scroll_offset.y, self._block)
        heading = self._style("heading")
        if not self._kernel.size or (y and channel >= self._channels):
            return Strip.blank(width, heading)
        if y == 0:
            name, cell = self._across, self._columns.cell
            cells = [Segment(fit(f" {place + 1}", cell), heading) for place in self._seen]
        else:
            # The name stays while any of its pictures' lines are seen.
            name = f"{self._down} {channel + 1}" if row == 0 or (y == 1 and row < self._block - 1) else ""
            cells = self._pictures(channel, row, self._seen, heading)
        left = Segment(fit(name, self._columns.heading), heading)
        return Strip([left, *cells]).adjust_cell_length(width, heading)

    def _pictures(self, channel: int, row: int, filters: range, between: Style) -> list[Segment]:
        """Return one line of the pictures of a channel, the one at the cursor in brackets."""
        if row == self._block - 1:
            return [Segment(" " * (self._columns.cell * len(filters)), between)]
        segments = []
        for filter_ in filters:
            chosen = (channel, filter_) == self.cursor
            side = self._style("cursor") if chosen else between
            weights = self._kernel[row, :, channel, filter_]
            segments.append(Segment("[" if chosen else " ", side))
            segments.extend(self._weight(value) for value in weights.tolist())
            segments.append(Segment("]" if chosen else " ", side))
            rest = self._columns.cell - 2 - WEIGHT * len(weights)
            segments.append(Segment(" " * rest, between))
        return segments

    def _weight(self, value: float) -> Segment:
        part = shade(value, self._scale)
        return Segment(MARKS[part], self._style(part))

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"kernel-pictures--{part}")
