"""What Textual keeps of widgets that have gone: nothing, once :func:`let_gone_widgets_go` was called."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from textual._styles_cache import StylesCache
from textual.style import Style

if TYPE_CHECKING:
    from textual.color import Color


def let_gone_widgets_go() -> None:
    """Have the cache of two colours know these alone, and not also the lines of the widget that asked.

    Textual 8.2.8 means a class method and caches one of the object: up to 1,024 widgets that have gone stay with all
    that they had drawn, 30 MB and more after some minutes of dialogs. Textual is pinned, so the name is there.
    """
    setattr(StylesCache, "get_inner_outer", staticmethod(_inner_outer))  # noqa: B010 - mypy knows the method's form


@lru_cache(1024)
def _inner_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)
