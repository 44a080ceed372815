"""FileScreen: a screen over the tabs that has a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path


class FileScreen(Screen[None]):
    """What the app asks of every such screen, before it is left and while its journal is kept."""

    @property
    def opened_path(self) -> Path | None:
        """The file that it shows."""
        raise NotImplementedError

    @property
    def has_unsaved(self) -> bool:
        """Whether there are numbers that no file has."""
        return False
