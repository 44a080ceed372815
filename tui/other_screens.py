"""Which screen shows what the tabs don't take: a model whose calculation stops somewhere, or weights alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model.weights_file import WeightsFile
from tui.any_model import AnyModelScreen
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.dialogs.file_dialogs import Other


def screen_of(held: Other, name: str) -> Screen[None]:
    """Return the screen of what was in the file called ``name``."""
    return WeightsScreen(held, name) if isinstance(held, WeightsFile) else AnyModelScreen(held, name)
