"""How every test waits: until what it waits for is there, however slow the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 600.0
"""Seconds after which what has not come is taken for what never comes.

The one bound on time that a test has. A test that passes ends on what it waits for, so a slow machine fails nothing.
"""

FOR_EVER = 6 * PATIENCE
"""Seconds that something sleeps which a test ends before; that it was not waited for is seen by how it ended."""


class Patience:
    """A wait that has begun."""

    def __init__(self) -> None:
        self._end = time.monotonic() + PATIENCE

    @property
    def lost(self) -> bool:
        """Whether it has lasted longer than anything does that comes at all."""
        return time.monotonic() > self._end


def until(condition: Callable[[], bool], missing: Callable[[], str]) -> None:
    """Wait until ``condition`` holds; what is ``missing`` is said if it never does."""
    patience = Patience()
    while not condition():
        assert not patience.lost, missing()
        time.sleep(0.01)
