"""TooSmall: what is seen in a terminal that has not the room; everything under it stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult

LEAST_SIZE = (80, 23)
"""One line less than the usual 24, which the status line of tmux or screen takes."""


class TooSmall(Screen[None]):
    """Says which size is needed and which one this terminal has."""

    def compose(self) -> ComposeResult:
        yield Static(id="too-small-text", markup=False)

    def on_resize(self) -> None:
        width, height = self.app.size
        text = f"byhand needs {LEAST_SIZE[0]} x {LEAST_SIZE[1]} characters; this terminal has {width} x {height}."
        self.query_one("#too-small-text", Static).update(text)
