"""The keys that move a cursor over a table of any kind, by rows, columns and pages."""

from __future__ import annotations

from textual.binding import Binding

MOVES = (
    Binding("up", "move(-1, 0)", "Up", show=False),
    Binding("down", "move(1, 0)", "Down", show=False),
    Binding("left", "move(0, -1)", "Left", show=False),
    Binding("right", "move(0, 1)", "Right", show=False),
    Binding("pageup", "page(-1)", "Page up", show=False),
    Binding("pagedown", "page(1)", "Page down", show=False),
    Binding("enter", "choose", "Choose", show=False),
)
