"""FollowingPart: what the By hand tab shows of a model that is no chain: calls, pages, numbers followed and tried."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.message import Message

from core.calculation.calculated import addressed
from core.calculation.page import outline_of
from core.errors import Refused
from tui.dialogs.form_dialog import FormDialog
from tui.pages.followed import Followed
from tui.tabs.follow import typed_again
from tui.widgets.form import Field
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from core.calculation.calculated import Spot
    from core.calculation.followed import Followed as Made
    from core.model.network import Network
    from core.model.outline import Outline
    from tui.tabs.follow import Follow

NUMBER = (Field("number", "number", str.strip),)

ANOTHER, OWN_OUTPUT = "Try another number here", "The output that you have"


def number_dialog(title: str, text: str, enter: Callable[[str], None], changed: Callable[[], None]) -> FormDialog:
    """Return a dialog that asks for a number, with ``text`` for a beginning; what ``enter`` refuses is said there."""

    def typed(values: dict[str, Any]) -> None:
        enter(values["number"])

    return FormDialog(title, NUMBER, {"number": text}, typed, lambda _none: changed())


class FollowingPart(Vertical):
    """Shows what is followed: its calls and pages, and how the whole compares."""

    class Changed(Message):
        """What is calculated has changed: numbers were tried, or there is a number to compare."""

    def __init__(self, follow: Follow) -> None:
        super().__init__()
        self._follow = follow
        self._outline: tuple[Network, Outline] | None = None
        self._sought: Spot | None = None

    def compose(self) -> ComposeResult:
        yield Followed()
        yield Words(id="follow-check")

    @property
    def numbers(self) -> Followed:
        """The calls and the page."""
        return self.query_one(Followed)

    def outline_of(self, made: Made) -> Outline:
        """Return the model's lines: those of before, if they are still the same."""
        network, held = made.asked.network, self._outline
        return held[1] if held is not None and held[0] is network else outline_of(made.model, network.summary.calls)

    def show(self, outline: Outline) -> None:
        """Show what is followed now."""
        made = self._follow.made
        self._outline = made.asked.network, outline
        self.numbers.show(made.written, outline, made.asked.notation, partial(self._facts, made), self._follow.tried)
        self._seek()

    def _facts(self, made: Made, spot: Spot) -> list[str]:
        """Return what is said of a number, unless something else is calculated by now than what is drawn."""
        return self._follow.facts(spot) if self._follow.made is made else []

    def say(self, checks: Sequence[str]) -> None:
        """Say how the whole compares."""
        self.query_one("#follow-check", Words).show("\n".join(map(plain, checks)))

    def bring_into_sight(self, spot: Spot) -> None:
        """Take a number in hand, and leave the focus where it is; it waits until there is such a number."""
        self._sought = spot
        self._seek()

    def _seek(self) -> None:
        if self._sought is None or not self._follow.ready:
            return
        # The calculation of the present model may not have been made yet.
        with suppress(Refused):
            self._follow.made.written.value_of(self._sought)
            self.numbers.bring_into_sight(self._sought)
            self._sought = None

    # What the tab's keys do

    def edit(self) -> None:
        """Ask for another number to try in the place of the one in hand."""
        spot = self._in_hand()
        held = self._follow.made.written.number(spot)
        self._ask(ANOTHER, typed_again(held), partial(self._follow.try_number, spot))

    def mark(self) -> None:
        """Choose the number in hand for a practice, or no longer."""
        self._follow.mark(self._in_hand())
        self._changed()

    def compare(self) -> None:
        """Ask for the output that the learner has."""
        self._ask(OWN_OUTPUT, "", partial(self._follow.compare, self._in_hand()))

    def _in_hand(self) -> Spot:
        spot = self.numbers.spot
        if spot is None or not self._follow.ready:
            raise Refused("expected a number in hand, got none: choose a layer of the list first")
        return spot

    def _ask(self, title: str, text: str, enter: Callable[[str], None]) -> None:
        self.app.push_screen(number_dialog(title, text, enter, self._changed))

    def _changed(self) -> None:
        self.post_message(self.Changed())

    def go_to(self) -> None:
        """Ask for a number by its address, or for a call by its name."""
        self._in_hand()
        made = self._follow.made.written
        fields = (
            Field("number", "number or layer", partial(addressed, made), "lstm/input gate[3,1], or a layer's name"),
        )
        self.app.push_screen(
            FormDialog("Go to", fields, {"number": ""}, lambda typed: typed["number"], self.numbers.go_to)
        )
