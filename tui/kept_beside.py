"""What a screen has beside the session that no file has: told to the app, which keeps it in the journal."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from core.journal.telling import CHANGED_ARRAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.practice.sitting import Sitting

PRACTICE, SHEET, LESSON, ARRAYS = "practice", "practice of the file's model", "lesson", CHANGED_ARRAYS
"""What there can be, as it is called to the person; a sheet is of a model that the tabs don't take."""


class KeptBeside(Message):
    """What is called ``name`` is from now on what ``make`` gives, in any thread; with None there is nothing of it."""

    def __init__(self, name: str, make: Callable[[], bytes] | None) -> None:
        super().__init__()
        self.name, self.make = name, make


def kept_practice(sitting: Sitting) -> Callable[[], bytes] | None:
    """Return what gives a practice that is under way as it is kept; None if it has ended, or has numbers of Keras's."""
    if sitting.finished or sitting.sheet.work.outside:
        return None
    from core.practice.saved import save

    return partial(save, sitting, time.monotonic())
