"""What Textual does for every app anew is done once for all apps of a test process, and nothing is drawn for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual._compositor import Compositor
from textual._context import active_app, visible_screen_stack
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.css.types import CSSLocation
    from textual.screen import Screen

_parse, _render_update = Stylesheet._parse_rules, Compositor.render_update
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


def quicken() -> None:
    """Let the apps of this process share what they read, and draw what is looked at alone."""
    # Textual's own 30 seconds are too few for a form on a busy machine.
    Pilot._wait_for_screen.__defaults__ = (PATIENCE,)
    Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign, assignment]
    Compositor.render_update = _render_for_someone  # type: ignore[method-assign, assignment]
    # The same number as the one that Textual's own returns, without a call of a Python function for it.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
