"""HelpDialog: what can be done, that of where the person is first; typing searches it, enter does it."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.finding import Deed
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

KEYS = 20
"""Columns for the keys."""

BAR = 1
"""Columns for what scrolls the list."""

NOTHING = "nothing here has these words; backspace takes letters back"


class Search(Input):
    """The field; the key that opened the help closes it, for no words have it."""

    BINDINGS: ClassVar = [Binding("question_mark", "screen.leave", show=False, priority=True)]


class HelpDialog(ModalScreen[Deed | None]):
    """Lists the :class:`Deed` that it is given, and is left with the chosen one, or with none."""

    BINDINGS: ClassVar = [
        # Before the field, in which they are typed or move the cursor.
        Binding("enter", "choose", "Do it", priority=True),
        Binding("escape,f1", "leave", "Back", priority=True),
        Binding("up", "move('cursor_up')", "Up", show=False, priority=True),
        Binding("down", "move('cursor_down')", "Down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Page up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Page down", show=False, priority=True),
        Binding("home", "move('first')", "First", show=False, priority=True),
        Binding("end", "move('last')", "Last", show=False, priority=True),
    ]

    def __init__(self, deeds: Sequence[Deed]) -> None:
        super().__init__()
        self._deeds = self._listed = tuple(deeds)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Search(placeholder="type to search, enter does it", compact=True)
            yield OptionList(compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        # The list has its width after the next layout.
        self.call_after_refresh(self._list)

    @on(Input.Changed)
    def _list(self) -> None:
        """List what is wanted, the best first."""
        wanted = self.query_one(Input).value.strip()
        if wanted:
            found = [(rank, deed) for deed in self._deeds if (rank := deed.rank(wanted)) is not None]
            self._listed = tuple(deed for _, deed in sorted(found, key=lambda one: one[0]))
        else:
            self._listed = self._deeds
        options = self.query_one(OptionList)
        options.clear_options().add_options(list(self._options(options.size.width - BAR)))
        options.action_first()

    def _options(self, width: int) -> Iterator[Option]:
        """Give the lines: without a search under their titles, else each with its title."""
        searches = self._listed is not self._deeds
        if not self._listed:
            yield Option(NOTHING, disabled=True)
        places = {id(deed): str(place) for place, deed in enumerate(self._listed)}
        for title, under in groupby(self._listed, key=lambda deed: deed.title):
            if not searches:
                yield Option(Content(title).stylize("bold"), disabled=True)
            for deed in under:
                words = f"{deed.help} ({title})" if searches else deed.help
                yield Option(Content(_line(deed.keys, words, width - KEYS)), id=places[id(deed)])

    def action_move(self, where: str) -> None:
        getattr(self.query_one(OptionList), f"action_{where}")()

    def action_choose(self) -> None:
        self.query_one(OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[int(event.option_id or 0)])

    def action_leave(self) -> None:
        self.dismiss(None)


def _line(keys: Sequence[str], words: str, width: int) -> str:
    """Return a line of the list, or several if the words need them, which stand below each other then."""
    first, *others = wrap(words, max(width, 20))
    return "\n".join([f"  {' '.join(keys):<{KEYS - 3}} {first}", *(" " * KEYS + line for line in others)])
