"""KeyBar: the lowest line: the keys that do something where the focus is, as many of them as there is room for."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.commands import Shown, command_of, on_keyboard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.binding import Binding
    from textual.screen import Screen

GAP = 2
"""Columns between two keys."""


class Key(NamedTuple):
    """One key in the bar: as it stands on a keyboard, what it does in a word or two, what Textual calls it."""

    key: str
    words: str
    name: str
    shown: Shown
    help: str = ""

    @property
    def width(self) -> int:
        """Columns that it takes with the gap behind it."""
        return len(self.key) + 1 + len(self.words) + GAP


def key_of(binding: Binding) -> Key:
    """Return ``binding`` as it stands in the bar."""
    command = command_of(binding)
    shown, help_ = (Shown.AT_80, "") if command is None else (command.shown, command.help)
    return Key(binding.key_display or on_keyboard(binding.key), binding.description, binding.key, shown, help_)


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """Return those of ``keys`` that ``width`` columns have room for, in their order: the most needed, each whole."""
    needed = sorted(range(len(keys)), key=lambda place: keys[place].shown)
    used = list(accumulate(keys[place].width for place in needed))
    return [keys[place] for place in sorted(needed[: bisect(used, width + GAP)])]


def placed(keys: Iterable[Key], width: int) -> list[tuple[int, Key]]:
    """Return each key with the column that it begins at; those that are always there end at the right edge."""
    places, left = [], 0
    keys = list(keys)
    always = [key for key in keys if key.shown is Shown.ALWAYS]
    right = width + GAP - sum(key.width for key in always)
    for key in [key for key in keys if key.shown is not Shown.ALWAYS]:
        places.append((left, key))
        left += key.width
    for key in always:
        places.append((right, key))
        right += key.width
    return places


class KeyBar(Widget):
    """Follows the focus; a click on a key presses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--words"}

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _follow(self, screen: Screen[object]) -> None:
        # A window that is not in front has no focus, but its keys will be the same when it comes back.
        if self.app.app_focus and screen is self.screen:
            self.refresh()

    @property
    def keys(self) -> list[tuple[int, Key]]:
        """The keys that are shown, each with the column that it begins at."""
        once: dict[tuple[object, str], Key] = {}
        # Of two keys for one thing the plain one, where it works.
        active = sorted(self.screen.active_bindings.values(), key=lambda one: one.binding.priority)
        for node, binding, enabled, _ in active:
            if binding.show and enabled:
                once.setdefault((node, binding.action), key_of(binding))
        width = self.content_size.width
        return placed(fitting(list(once.values()), width), width)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - Textual's; there is but one
        named, plain = (self.get_component_rich_style(f"key-bar--{part}") for part in ("key", "words"))
        cells, at = [], 0
        for column, key in self.keys:
            cells += [Segment(" " * (column - at), plain), Segment(key.key, named), Segment(f" {key.words}", plain)]
            at = column + key.width - GAP
        return Strip(cells).adjust_cell_length(self.content_size.width, plain)

    def _under(self, x: int) -> Key | None:
        return next((key for column, key in self.keys if column <= x < column + key.width - GAP), None)

    def on_click(self, event: events.Click) -> None:
        if (key := self._under(event.x)) is not None:
            self.app.simulate_key(key.name)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        key = self._under(event.x)
        self.tooltip = key.help if key is not None and key.help else None
