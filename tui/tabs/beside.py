"""What takes longer than a frame is made beside the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.worker import get_current_worker

from tui.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

    from core.errors import Refused

T = TypeVar("T")

READING = "reading it ... (escape stops)"


def make_beside(widget: Widget, what: str, large: bool, make: Callable[[], T], take: Callable[[T], None]) -> None:
    """Make something at once or, if it is ``large``, in a thread; of what is called the same the newest counts."""
    if not large:
        take(make())
        return

    def work() -> None:
        made, worker = make(), get_current_worker()
        if not worker.is_cancelled:
            widget.app.call_from_thread(take, made)

    widget.run_worker(work, group=what, description=what, thread=True, exclusive=True)


def read_beside(widget: Widget, what: str, read: Callable[[], T], take: Callable[[T | Refused], None]) -> None:
    """Have a file read, and give what it has, or why nothing, to ``take``; its disk may be away."""

    async def work() -> None:
        take(await in_thread(read))

    widget.run_worker(work(), group=what, description=what, exclusive=True)
