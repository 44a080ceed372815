"""What of Textual 8.2.8 does harm when keys come for hours, or takes long, mended.

Textual is pinned, so that each name is there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from textual import widget
from textual._styles_cache import StylesCache
from textual.cache import FIFOCache, LRUCache
from textual.css.model import RuleSet
from textual.css.scalar import Scalar
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.widgets import OptionList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.segment import Segment
    from textual import _widget_navigation
    from textual.color import Color
    from textual.geometry import Size


def mend() -> None:
    """Put these in the place of Textual's own."""
    # Meant as a class method it is one of the object, and cached: up to 1,024 widgets that have gone stay with all that
    # they had drawn, 30 MB and more after some minutes of dialogs.
    setattr(StylesCache, "get_inner_outer", staticmethod(_inner_outer))  # noqa: B010 - mypy knows the method's form
    # A key that comes before a list has been laid out, as the palette's may be, ended the app with a KeyError.
    setattr(OptionList, "_move_page", _move_page)  # noqa: B010
    for kind in (Region, Scalar, Strip):
        _have_smaller_caches(kind)
    # A dialog that follows the app stayed with all that it had drawn, and a file that was looked at with its arrays,
    # until what it followed changed the next time.
    setattr(Screen, "_on_unmount", _follow_nothing)  # noqa: B010
    # Seven for every line of every widget, of which nearly all stay empty: a third of what a line takes.
    setattr(Strip, "__init__", _begin_strip)  # noqa: B010
    setattr(Strip, "__getattr__", _its_cache)  # noqa: B010
    # For every widget how it lay in 16 layouts was kept, of which those that are over never come again.
    setattr(widget, "LRUCache", _of_this_layout)  # noqa: B010
    # A screen that another one lies on was laid out three times for each size of the terminal.
    setattr(Screen, "_screen_resized", _screen_resized)  # noqa: B010
    # Asked of every rule for every widget that is styled, 100,000 times before the first frame: what it answers, a rule
    # being the same as itself alone, needs no Python.
    setattr(RuleSet, "__hash__", object.__hash__)  # noqa: B010
    # Every start parsed all styles twice, and every theme that is set to what it is: with the same variables they mean
    # the same.
    setattr(Stylesheet, "set_variables", _set_variables)  # noqa: B010
    setattr(Stylesheet, "reparse", Stylesheet.parse)  # noqa: B010


MOST_KEPT = 512
"""Answers that a cache keeps of how widgets lie and look; more only make the process grow with every dialog."""

LAYOUTS = 2
"""In how many layouts a widget keeps how it lay."""


def _have_smaller_caches(kind: type) -> None:
    for name, method in list(vars(kind).items()):
        cached = getattr(method, "__func__", method)
        if hasattr(cached, "cache_parameters") and cached.cache_parameters()["maxsize"] > MOST_KEPT:
            smaller: Any = lru_cache(MOST_KEPT)(cached.__wrapped__)
            setattr(kind, name, classmethod(smaller) if isinstance(method, classmethod) else smaller)


_textuals_move_page = OptionList._move_page


def _move_page(options: OptionList, direction: _widget_navigation.Direction) -> None:
    if options._lines:
        _textuals_move_page(options, direction)


_textuals_screen_resized = Screen._screen_resized


def _screen_resized(screen: Screen[object], size: Size) -> None:
    if screen._size != size:
        _textuals_screen_resized(screen, size)


def _follow_nothing(screen: Screen[object]) -> None:
    for watchers in getattr(screen.app, "__watchers", {}).values():
        watchers[:] = [(node, callback) for node, callback in watchers if node is not screen]


CACHES = {
    "_divide_cache": 2, "_crop_cache": 2, "_style_cache": 2, "_filter_cache": 1, "_line_length_cache": 1,
    "_crop_extend_cache": 2, "_offsets_cache": 1,
}  # fmt: skip
"""The caches of a line and how much each holds."""


def _begin_strip(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments, strip._cell_length = list(segments), cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def _its_cache(strip: Strip, name: str) -> FIFOCache[Any, Strip]:
    """Return a cache that is asked for the first time."""
    if name not in CACHES:
        raise AttributeError(name)
    cache = FIFOCache[Any, "Strip"](CACHES[name])
    setattr(strip, name, cache)
    return cache


def _of_this_layout(_maxsize: int) -> LRUCache[Any, Any]:
    return LRUCache(LAYOUTS)


_textuals_set_variables = Stylesheet.set_variables


def _set_variables(sheet: Stylesheet, variables: dict[str, str]) -> None:
    if variables != sheet._variables:
        _textuals_set_variables(sheet, variables)


@lru_cache(1024)
def _inner_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)
