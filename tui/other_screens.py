"""Which screen shows what the tabs don't take: a model whose calculation stops somewhere, or weights alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import shorten
from core.model.weights_file import WeightsFile
from tui.any_model import AnyModelScreen, OpenedAt
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from pathlib import Path

    from textual.screen import Screen

    from core.session.session import Session
    from tui.keras_link import KerasLink
    from tui.reading_model import Other


def screen_of(held: Other, path: Path, session: Session, keras: KerasLink) -> Screen[None]:
    """Return the screen of what was in the file at ``path``; weights can be given to the session's model."""
    if isinstance(held, WeightsFile):
        return WeightsScreen(held, path.name, session)
    return AnyModelScreen(held, path.name, keras, OpenedAt(path, session))


def told_of(held: Other) -> tuple[str, ...]:
    """Return what is to be told of such a file: who saved it, what that Keras did otherwise, what is not followed."""
    if isinstance(held, WeightsFile):
        left_out = (f"Left out, no numbers: {shorten(', '.join(held.left_out), 400)}.",) if held.left_out else ()
        return (f"{held.in_words}.", *left_out)
    saved = held.saved
    first = f"It was saved by Keras {shorten(saved.keras)}: {saved.format}."
    return (first, *saved.notes, *([f"{held.missing}."] if held.missing else []))
