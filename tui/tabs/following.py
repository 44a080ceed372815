"""FollowingPart: what the By hand tab shows of a model that is no chain: calls, pages, numbers followed and tried."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.message import Message

from core.calculation.calculated import addressed
from core.calculation.outlined import outline_of
from core.errors import Refused
from core.formatting import count
from core.operations.rounding import Rounding
from tui.dialogs.form_dialog import FormDialog
from tui.pages.followed import Followed
from tui.tabs.beside import make_beside
from tui.tabs.follow import Follow
from tui.widgets.form import Field
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from core.calculation.agreement import Agreement
    from core.calculation.calculated import Spot
    from core.calculation.followed import Followed as Made
    from core.model.outline import Outline
    from core.session.state import State
    from tui.keras_status import Answer
    from tui.tabs.three_way import Yours

NUMBER = (Field("number", "number", str.strip),)


class FollowingPart(Vertical):
    """Shows the calculation of a state; what takes longer than a frame is made beside the screen."""

    class Changed(Message):
        """What is calculated has changed: numbers were tried or put back, or are rounded otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.follow = Follow()
        self._outline: tuple[object, Outline] | None = None
        self._answer: Answer | None = None
        self._about_keras = ""
        self._sought: Spot | None = None

    def compose(self) -> ComposeResult:
        yield Followed()
        yield Words(id="follow-check")

    @property
    def numbers(self) -> Followed:
        """The calls and the page."""
        return self.query_one(Followed)

    def show_state(self, state: State, answer: Answer | None, about_keras: str) -> None:
        """Bring the page up to date; ``answer`` is Keras's, if it has one to this very question."""
        self._answer, self._about_keras = answer, about_keras
        if tried := self.follow.put_back(state.model.weights):
            self.notify(f"The weights changed: {count(tried, 'what-if')} put back.", markup=False)
        asked = self.follow.asked(state)
        if asked is not None:
            make = partial(self._make, self.follow.wait_for(asked))
            make_beside(self, "calculation", asked.large, make, partial(self._take, state))
        self._say()

    def _make(self, follow: Callable[[], Made]) -> tuple[Made, Outline]:
        """Return the calculation, and the model's lines: those of before, if they are still the same."""
        made, held = follow(), self._outline
        network = made.asked.network
        same = held is not None and held[0] is network
        return made, held[1] if held is not None and same else outline_of(made.model, network.summary.calls)

    def _take(self, state: State, ready: tuple[Made, Outline]) -> None:
        made, outline = ready
        if self.follow.take(state, made):
            self._outline = made.asked.network, outline
            digits = self.follow.notation.digits
            self.numbers.show(made.written, outline, digits, self.follow.facts, self.follow.tried)
            self._seek()
            self._say()

    def on_followed_moved(self) -> None:
        self._say()

    def _say(self) -> None:
        """Say how the whole compares."""
        check = self.query_one("#follow-check", Words)
        if not self.follow.ready:
            check.show("Calculating ...")
            return
        self._compare()
        check.show("\n".join(map(plain, self.follow.checks(self.numbers.spot, self._answer, self._about_keras))))

    def _compare(self) -> None:
        """Have the calculation compared with what is there to compare it with; then it is said."""
        answer, yours, large = self._answer, self.follow.yours, self.follow.made.asked.large
        if answer is not None and (compare := self.follow.unchecked(answer)):
            make_beside(self, "agreement", large, compare, partial(self._compared, answer))
        if yours is not None and (rounded := self.follow.uncarried()):
            make_beside(self, "rounding", large, rounded, partial(self._rounded, yours))

    def _compared(self, answer: Answer, made: Agreement) -> None:
        self.follow.take_check(answer, made)
        if self.follow.made.asked.large:
            self._say()

    def _rounded(self, yours: Yours, made: Made) -> None:
        self.follow.take_carried(yours, made)
        if self.follow.made.asked.large:
            self._say()

    def bring_into_sight(self, spot: Spot) -> None:
        """Take a number in hand, and leave the focus where it is; it waits until there is such a number."""
        self._sought = spot
        self._seek()

    def _seek(self) -> None:
        if self._sought is None or not self.follow.ready:
            return
        # The calculation of the present model may not have been made yet.
        with suppress(Refused):
            self.follow.made.written.value_of(self._sought)
            self.numbers.bring_into_sight(self._sought)
            self._sought = None

    # What the tab's keys do

    def edit(self) -> None:
        """Ask for another number to try in the place of the one in hand."""
        spot = self._in_hand()
        held = self.follow.made.written.number(spot)
        self._ask("Try another number here", f"{held:.9g}", partial(self.follow.try_number, spot))

    def compare(self) -> None:
        """Ask for the output that the learner has."""
        self._ask("The output that you have", "", partial(self.follow.compare, self._in_hand()))

    def _in_hand(self) -> Spot:
        spot = self.numbers.spot
        if spot is None or not self.follow.ready:
            raise Refused("expected a number in hand, got none: choose a layer of the list first")
        return spot

    def _ask(self, title: str, text: str, enter: Callable[[str], None]) -> None:
        def typed(values: dict[str, Any]) -> None:
            enter(values["number"])

        self.app.push_screen(FormDialog(title, NUMBER, {"number": text}, typed, lambda _none: self._changed()))

    def _changed(self) -> None:
        self.post_message(self.Changed())

    def put_back(self) -> None:
        """Put all tried numbers back."""
        if self.follow.tried:
            self.follow.tried = {}
            self._changed()

    def round_otherwise(self) -> None:
        """Carry the rounded numbers on, or no longer."""
        carried = self.follow.rounding is Rounding.CARRIED
        self.follow.rounding = Rounding.SHOWN if carried else Rounding.CARRIED
        self._changed()

    def take_away(self) -> None:
        """Let the calculation be taken away."""
        from tui.dialogs.take_away_dialog import calculation_dialog

        self._in_hand()
        self.app.push_screen(calculation_dialog(self.follow.to_take_away(self._answer)))

    def go_to(self) -> None:
        """Ask for a number by its address, or for a call by its name."""
        self._in_hand()
        made = self.follow.made.written
        fields = (
            Field("number", "number or layer", partial(addressed, made), "lstm/input gate[3,1], or a layer's name"),
        )
        self.app.push_screen(
            FormDialog("Go to", fields, {"number": ""}, lambda typed: typed["number"], self.numbers.go_to)
        )
