"""What Textual does for every app anew is done once for all apps of a test process, and nothing is drawn for nobody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor
from textual._context import active_app, visible_screen_stack
from textual.css import match, stylesheet
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot, WaitForScreenTimeout

from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

    from rich.console import RenderableType
    from textual._queue import Queue
    from textual.css.model import Selector
    from textual.css.types import CSSLocation
    from textual.dom import DOMNode
    from textual.message import Message
    from textual.message_pump import MessagePump
    from textual.screen import Screen

MOST_ROUNDS = 10
"""How often those that are busy are asked again: what gives itself work without end never rests."""

_parse, _render_update = Stylesheet._parse_rules, Compositor.render_update
_speaks_of = match._check_selectors
_known: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """Return the rules in ``css``; no app changes a rule, so all that have the same variables can share it."""
    variables = tuple(sheet._variables.items())
    key = (variables, css, read_from, is_default_rules, tie_breaker, scope)
    if key not in _known:
        _known[key] = _parse(sheet, css, read_from, is_default_rules, tie_breaker, scope)
    return _known[key]


def _speaks_of_itself_first(selectors: list[Selector], css_path_nodes: list[DOMNode]) -> bool:
    """Return what Textual's own does; a rule whose last part is of another widget needs no look at those around."""
    return selectors[-1].check(css_path_nodes[-1]) and _speaks_of(selectors, css_path_nodes)


def _render_for_someone(
    compositor: Compositor, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
) -> RenderableType | None:
    """Draw nothing in an app without a terminal, which would throw it away; who reads the screen has it drawn then."""
    if full or not active_app.get().is_headless:
        return _render_update(compositor, full, screen_stack, simplify)
    compositor._dirty_regions.clear()
    # Who reads a dialog reads the page behind it too.
    visible_screen_stack.set([] if screen_stack is None else screen_stack)
    return None


def _at_rest(pump: MessagePump) -> bool:
    """Return whether ``pump`` has nothing to do: it waits for its next message, and none is there."""
    queue: Queue[Message | None] = pump._message_queue
    waits: Sized = queue.ready_event._waiters
    return queue.empty() and not pump._next_callbacks and len(waits) > 0


async def _have_done(pumps: Iterable[MessagePump]) -> None:
    """Wait until each has done what it had to do when this was called."""
    done = [(pump, asyncio.Event()) for pump in pumps]
    await asyncio.gather(*[event.wait() for pump, event in done if pump.call_later(event.set)])


async def _until_at_rest(pilot: Pilot[Any], timeout: float = PATIENCE) -> bool:
    """Wait until the app and all on its screen have nothing to do; return False if an exception ended the app.

    Textual's own sends a message to each of two hundred widgets, nearly all of which rest.
    """
    app = pilot.app
    for _ in range(MOST_ROUNDS):
        pumps = [app, *app.screen.walk_children(with_self=True)]
        busy = [pump for pump in pumps if not (_at_rest(pump) or pump._closing or pump._closed)]
        if not busy:
            break
        ways = [asyncio.create_task(way) for way in (_have_done(busy), app._exception_event.wait())]
        ended, others = await asyncio.wait(ways, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for way in others:
            way.cancel()
        if not ended:
            raise WaitForScreenTimeout
        if app._exception_event.is_set():
            return False
    return True


def quicken() -> None:
    """Let the apps of this process share what they read, and draw what is looked at alone."""
    Pilot._wait_for_screen = _until_at_rest  # type: ignore[method-assign, assignment]
    Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign, assignment]
    Compositor.render_update = _render_for_someone  # type: ignore[method-assign, assignment]
    stylesheet._check_selectors = _speaks_of_itself_first  # type: ignore[attr-defined]
    # The same number as the one that Textual's own returns, without a call of a Python function for it.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
