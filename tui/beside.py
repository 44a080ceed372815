"""What takes longer than a frame is made beside the screen; whatever goes wrong there is said, and ends nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from textual.worker import get_current_worker

from core.chunks import until
from core.errors import Refused
from tui.threads import in_thread, unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode
    from textual.worker import WorkType

    from core.chunks import Pause

T = TypeVar("T")

READING = "reading it ... (escape stops)"


def beside(
    node: DOMNode,
    what: str,
    work: Callable[[Pause], T],
    take: Callable[[T], None],
    refused: Callable[[str], None] | None = None,
) -> None:
    """Have ``work`` done in a thread, and give ``take`` what it made, or tell ``refused`` in a sentence why nothing.

    Of what is called the same the newest counts; the one before is stopped where it pauses, and tells nothing.
    """
    tell = refused or partial(_notify, node, what)

    async def have() -> None:
        worker = get_current_worker()
        made = await in_thread(partial(work, until(lambda: worker.is_cancelled)))
        if isinstance(made, Refused):
            tell(str(made))
        else:
            _give(made, take, tell)

    # Not what it returns: of one that is stopped before it began that would never be awaited. And without a description
    # Textual makes the repr of all that the work is given.
    node.run_worker(cast("WorkType[None]", have), group=what, description=what, exclusive=True)


def make_beside(node: DOMNode, what: str, large: bool, make: Callable[[], T], take: Callable[[T], None]) -> None:
    """Make something at once or, if it is ``large``, in a thread; of what is called the same the newest counts."""
    if large:
        # In a tuple: a refusal that it returns is what it made, and for ``take`` as it is where nothing is large.
        beside(node, what, lambda _: (make(),), lambda made: take(*made))
        return
    try:
        made = make()
    except Refused:
        raise
    except Exception as problem:
        _notify(node, what, str(unforeseen(problem)))
    else:
        take(made)


def read_beside(node: DOMNode, what: str, read: Callable[[], T], take: Callable[[T | Refused], None]) -> None:
    """Have a file read, and give what it has, or why nothing, to ``take``; its disk may be away."""
    beside(node, what, lambda _: read(), take, lambda why: take(Refused(why)))


def _give(made: T, take: Callable[[T], None], tell: Callable[[str], None]) -> None:
    try:
        take(made)
    except Exception as problem:
        tell(str(unforeseen(problem)))


def _notify(node: DOMNode, what: str, why: str) -> None:
    if node.app.is_running:
        node.app.notify(f"{what}: {why}", severity="error", timeout=12, markup=False)
