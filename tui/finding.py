"""Finding things: all that can be done, that of where the person is first, for the help and the palette."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.actions import parse
from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Provider
from textual.widgets import TabbedContent, TabPane

from tui.commands import NUMBERS, SECTIONS, command_of, on_keyboard
from tui.tabs.page import TabPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from textual.command import Hits
    from textual.dom import DOMNode
    from textual.screen import Screen

    from tui.commands import Command


HERE = "Where you are"

OF_NUMBERS = frozenset(command.help for command in NUMBERS)
"""What is listed only where the labels are such: not every task has these pictures."""

TEXTUALS = ("Theme", "Maximize", "Minimize")
"""What the palette has of Textual's own commands; byhand's have the others already."""


@runtime_checkable
class Doer(Protocol):
    """An app that does what was found."""

    async def do(self, deed: Deed | None) -> None: ...


@dataclass(frozen=True)
class Deed:
    """One thing that can be done: under which title it stands, by which keys, and what it is.

    ``node`` is what does it where the person is; without one it is done on ``tab``, or by the app if that is None.
    """

    title: str
    keys: tuple[str, ...]
    name: str
    help: str
    action: str
    tab: str | None = None
    node: DOMNode | None = None

    @property
    def in_palette(self) -> str:
        """Its name, its place and its key."""
        return f"{self.name} ({self.title}, key {self.keys[0]})"

    def rank(self, wanted: str) -> int | None:
        """Return how ``wanted`` finds it: by its key (0), its name (1), its other words (2), or not at all (None)."""
        if wanted in self.keys:
            return 0
        words = wanted.casefold().split()
        if all(word in self.name.casefold() for word in words):
            return 1
        said = f"{self.name} {self.help} {self.title}".casefold()
        return 2 if all(word in said for word in words) else None


def deeds(screen: Screen[Any]) -> tuple[Deed, ...]:
    """Return what can be done: by the focused widget, on its tab, everywhere, and then on the other tabs."""
    here = screen.app.query_one(TabbedContent).active
    now = _now(screen, here)
    taken = {key for deed in now for key in deed.keys}
    found = [deed for deed in now if deed.title == HERE]
    for tab, title, commands in sorted(SECTIONS, key=lambda section: (section[0] != here, section[0] is not None)):
        found += [deed for deed in now if deed.title == title]
        # Of a command whose key does something else here, that is what is listed.
        left = [one for one in commands if tab not in (here, None) or taken.isdisjoint(one.keys)]
        left = [one for one in left if tab is None or one.help not in OF_NUMBERS or _acts(screen, tab, one)]
        found += [Deed(title, one.keys, one.name, one.help, one.action, tab) for one in left]
    return tuple(_as_lines(found))


def _now(screen: Screen[Any], here: str) -> list[Deed]:
    """Return what keys do now, each with what does it."""
    titles = {tab: title for tab, title, _ in SECTIONS}
    found = []
    # Plain keys first; Textual has its own ctrl+q before all that is added to it.
    for node, binding, enabled, _ in sorted(screen.active_bindings.values(), key=lambda one: one.binding.priority):
        command = command_of(binding)
        if command is None or not enabled:
            continue
        title = titles[None] if node is screen.app else titles[here] if isinstance(node, TabPage) else HERE
        key = (on_keyboard(binding.key),)
        found.append(Deed(title, key, command.name, command.help, command.action, here, node))
    return found


def _acts(screen: Screen[Any], tab: str, command: Command) -> bool:
    """Return whether a command of ``tab`` has anything to act on there, as its page says."""
    _, action, parameters = parse(command.action)
    pages = screen.app.query_one(f"#{tab}", TabPane).query(TabPage)
    return all(page.check_action(action, parameters) for page in pages)


def _as_lines(found: list[Deed]) -> Iterator[Deed]:
    """Give one for all keys that do the same, or the same in several directions, and none for what has no words."""
    for (_, words), same in groupby(found, key=lambda deed: (deed.title, deed.help)):
        first, *others = same
        if words:
            yield replace(first, keys=(*first.keys, *(key for deed in others for key in deed.keys)))


class Palette(Provider):
    """The deeds that have a name, those of where the person is first, and Textual's own last."""

    def _commands(self) -> Iterator[SystemCommand]:
        if isinstance(self.app, Doer) and not self.screen.is_modal:
            for deed in deeds(self.screen):
                if deed.name:
                    yield SystemCommand(deed.in_palette, deed.help, partial(self.app.do, deed))
        yield from (one for one in self.app.get_system_commands(self.screen) if one.title in TEXTUALS)

    async def discover(self) -> Hits:
        """Give all, before anything is typed."""
        for name, words, callback, _ in self._commands():
            yield DiscoveryHit(name, callback, help=words)

    async def search(self, query: str) -> Hits:
        """Give what the letters of ``query`` are found in; of two found alike the first one stands first."""
        matcher = self.matcher(query)
        for name, words, callback, _ in self._commands():
            if score := matcher.match(name) or matcher.match(words) / 2:
                yield Hit(score, matcher.highlight(name), callback, text=name, help=words)
