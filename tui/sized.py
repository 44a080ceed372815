"""Sized: an app that follows the size of its terminal, and draws one after the other.

A window that is dragged has more sizes than can be drawn, and a key would wait until all of them have been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.events import Event, Resize

from tui.cursor import CursorInHand
from tui.dialogs.too_small import LEAST_SIZE, TooSmall

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.timer import Timer

LONGEST = 1.0
"""Seconds after which the next size is drawn, whatever became of the one before."""


class Sized(CursorInHand):
    """Of the sizes that come while one is drawn, the last is drawn next; while one is too small it says so alone."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._drawing: Timer | None = None
        self._next: Resize | None = None

    async def on_event(self, event: Event) -> None:
        """Draw a size now, or keep it until the one before is drawn."""
        if not isinstance(event, Resize) or self._size is None:
            await super().on_event(event)
        elif self._drawing is None:
            await self._draw(event)
        else:
            self._next = event

    async def _draw(self, event: Resize) -> None:
        drawing = self._drawing = self.set_timer(LONGEST, self._drawn)
        if event.size == self._size:
            # It had another one for a moment, and does not show any more what it did before.
            self.screen.refresh()
        await super().on_event(event)
        # Textual would wait for another one.
        self._check_resize()
        self.screen.call_after_refresh(self._drawn, drawing)

    def _drawn(self, drawing: Timer | None = None) -> None:
        if self._drawing is None or drawing not in (self._drawing, None):
            return
        self._drawing.stop()
        if self._next is None:
            self._drawing = None
        else:
            self.call_next(self._draw_next)

    async def _draw_next(self) -> None:
        event, self._next = self._next, None
        if event is not None:
            await self._draw(event)

    # A terminal that is too small

    def on_resize(self, event: Resize) -> None:
        """Cover everything while the terminal is too small; what is under it keeps its focus and its entries."""
        small = event.size.width < LEAST_SIZE[0] or event.size.height < LEAST_SIZE[1]
        covered = isinstance(self.screen, TooSmall)
        if small and not covered:
            self.push_screen(TooSmall())
        elif covered and not small:
            self.pop_screen()

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """The screens that are laid out and drawn with the one on top: none that has too little room for it."""
        return [] if isinstance(self.screen, TooSmall) else super()._background_screens
