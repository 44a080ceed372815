"""A picture of the screen as a file: where it is saved, and what is said of that."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_downloads_path

from core.errors import Refused
from core.saving import free_name, write_whole

if TYPE_CHECKING:
    from tui.notices import Notices


def take_screenshot(app: Notices) -> None:
    """Save the screen as it is, and say where, or why not; in a browser it is the browser that saves it."""
    if app.is_web:
        app.deliver_screenshot()
        return
    try:
        path = _new_file()
        write_whole(path, app.export_screenshot().encode())
    except Refused as refusal:
        app.refuse(str(refusal))
    else:
        app.notify(f"saved as {path}", title="Screenshot", markup=False)


def _new_file() -> Path:
    """Return a new name among the downloads, or where byhand was started if there is no folder for these.

    Raises:
        Refused: that one is gone too.
    """
    name = f"byhand-{datetime.now():%Y-%m-%d-%H%M%S}.svg"
    try:
        downloads = user_downloads_path()
        folder = downloads if downloads.is_dir() else Path.cwd()
    # Of a person without a home folder RuntimeError.
    except (OSError, RuntimeError):
        raise Refused("expected a folder for the picture, got none: start byhand in a folder that is there") from None
    return free_name(folder / name)
