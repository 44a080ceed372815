"""Scrubber: the bar of a training's epochs; a click on it, or a drag along it, goes to the epoch at that place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import ProgressBar

if TYPE_CHECKING:
    from textual import events


class Scrubber(ProgressBar):
    """A progress bar that says where it was clicked."""

    class Chosen(Message):
        """``share`` of the bar, from 0 to 1, lies before the place that was clicked."""

        def __init__(self, share: float) -> None:
            self.share = share
            super().__init__()

    def __init__(self) -> None:
        super().__init__(show_percentage=False, show_eta=False)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there."""
        self._choose(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow a drag."""
        if event.button:
            self._choose(event)

    def _choose(self, event: events.MouseEvent) -> None:
        event.stop()
        # The bar itself is another widget, so that x counts from there.
        share = (event.screen_x - self.region.x) / max(self.region.width - 1, 1)
        self.post_message(self.Chosen(min(max(share, 0.0), 1.0)))
