"""How far long reading is, on a line of the terminal that goes again; where standard error is none, nothing."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from core.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")

FIRST, NEXT = 0.5, 0.2
"""Seconds after which the line comes, and until it changes: what is read at once says nothing."""

CLEARED = "\r\x1b[K"


@contextmanager
def how_far(doing: str) -> Iterator[Callable[[float], None]]:
    """Give what is to be told the share that is done, from 0 to 1; ``doing`` says of what."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    due, shown = time.monotonic() + FIRST, False

    def came(share: float) -> None:
        nonlocal due, shown
        if time.monotonic() >= due:
            due, shown = time.monotonic() + NEXT, True
            sys.stderr.write(f"{CLEARED}{doing}: {share:.0%} (ctrl+c stops)")
            sys.stderr.flush()

    try:
        yield came
    finally:
        if shown:
            sys.stderr.write(CLEARED)
            sys.stderr.flush()


def reading(path: Path, opened: Callable[[Path, Callable[[float], None]], T]) -> T:
    """Return what the file at ``path`` is ``opened`` as; a terminal is told how far it is read."""
    with how_far(f"reading {shorten(path.name)}") as came:
        return opened(path, came)
