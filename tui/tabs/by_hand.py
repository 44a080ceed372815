"""The By hand tab: the prediction for one point, calculated on the page, by byhand or by the learner."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on

from core.calculation.calculated import Spot
from core.errors import Refused
from core.operations.rounding import Rounding
from tui.beside import make_beside
from tui.commands import BY_HAND, bindings
from tui.kept_beside import PRACTICE as UNDER_WAY
from tui.kept_beside import KeptBeside, kept_practice
from tui.tabs.calculating import NOT_YET, READING_ONLY, CalculatingTab
from tui.tabs.follow import typed_again
from tui.tabs.following import ANOTHER, OWN_OUTPUT, FollowingPart, number_dialog
from tui.tabs.practice_keys import LONGER, PRACTICE
from tui.widgets.paper import Paper
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.events import Key

    from core.practice.sitting import Sitting
    from core.session.session import Session
    from core.session.state import Model
    from tui.dialogs.practice_dialogs import Desk
    from tui.tabs.practising import Done

# What a key opens is imported when the key is pressed: the first frame does not wait for it.

OF_A_NUMBER = frozenset("0123456789-.,/")

MARKED = "what was done before is still being marked; wait for it"

PRACTISING = frozenset({"hint", "reveal", "leave_practice"})
PRACTISING |= {"answer", "next_blank", "end_practice", "worksheet", "not_now"}
READING = frozenset({"put_back", "mark"})
"""What only one of the two ways of using the page has."""


class ByHandTab(CalculatingTab):
    """Calculates the current x by hand; a number tried as another one changes the page, never the model."""

    # Of two with the same key the first one that does something counts.
    BINDINGS: ClassVar = bindings((*PRACTICE, *BY_HAND))
    WORDS = "Layer by layer: weighted sum, plus bias, activation. Enter unfolds a number."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._kept_in, self._doing = "", False
        self._enter: Callable[[Spot, str], None] = self._answer

    def action_next(self, places: int) -> None:
        """Go to the next blank of a practice, else to the next row of the data."""
        if self.practising is not None:
            self._go_on(places)
            return
        row = self.session.state.row
        start = row if row is not None else -1 if places > 0 else 0
        try:
            self.session.take_row(start + places)
        except Refused as refusal:
            self.refuse(str(refusal))

    # What is typed on the page

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have in the footer only what does something now: reading and practice have keys of their own, data rows."""
        if action == "next" and self.practising is None:
            return len(self.session.state.dataset) > 0
        if action in LONGER:
            has_keys = self.practising is not None or action == "read_on"
            return has_keys and self.paper.has_focus_within and self.is_longer(action)
        return action not in (PRACTISING if self.practising is None else READING)

    def action_answer(self) -> None:
        self.action_enter()

    def action_next_blank(self) -> None:
        self._go_on(1)

    def action_end_practice(self) -> None:
        self.action_practise()

    def action_worksheet(self) -> None:
        self.action_take_away()

    def action_not_now(self) -> None:
        self.refuse(READING_ONLY)

    def on_key(self, event: Key) -> None:
        """Begin an answer where a number is typed on a blank, and go on with it until the field has the focus."""
        if self.practising is None or event.character is None or event.character not in OF_A_NUMBER:
            return
        if not self.paper.types and self.practising.waits(self.paper.spot):
            self._open_field(self._answer, "")
        if self.paper.types:
            event.stop()
            event.prevent_default()
            self.paper.type(event.character)

    def action_enter(self) -> None:
        """Answer at a blank of a practice, else unfold the number."""
        if self.follows:
            return
        if self.paper.types:
            self.paper.submit()
        elif self.practising is None:
            if self.reads():
                self.paper.unfold()
        elif self.practising.waits(self.paper.spot):
            self._open_field(self._answer, "")

    @on(Paper.Chosen)
    def _chosen(self) -> None:
        self.action_enter()

    def action_edit(self) -> None:
        if self.follows:
            self.follow_by(FollowingPart.edit)
        elif self.reads():
            spot = self.paper.spot
            self._ask_at(spot, ANOTHER, typed_again(self.follow.made.written.number(spot)), self.follow.try_number)

    def action_yours(self) -> None:
        """Let the learner type the output that came out on paper."""
        if self.follows:
            self.follow_by(FollowingPart.compare)
        elif self.reads():
            last, spot = self.session.state.model.network.paths[-1], self.paper.spot
            output = Spot(last, "output", spot.index[-1:] if spot.call == last else (0,))
            if not self.paper.unfolds:
                self.paper.go_to(output)
            self.call_after_refresh(self._ask_at, output, OWN_OUTPUT, "", self.follow.compare)

    def _ask_at(self, spot: Spot, title: str, text: str, enter: Callable[[Spot, str], None]) -> None:
        """Have a number typed for the one at ``spot``: over it, or in a dialog where another one is unfolded."""
        if self.paper.unfolds:
            self.app.push_screen(number_dialog(title, text, partial(enter, spot), self._changed))
        else:
            self._open_field(partial(self._enter_read, enter), text)

    def _open_field(self, enter: Callable[[Spot, str], None], text: str) -> None:
        self._enter = enter
        self.paper.open_field(text)

    @on(Paper.Typed)
    def _typed(self, event: Paper.Typed) -> None:
        self._enter(event.spot, event.text)

    def _enter_read(self, enter: Callable[[Spot, str], None], spot: Spot, text: str) -> None:
        """Go on with what was typed for a number that is read."""
        try:
            enter(spot, text)
        except Refused as refusal:
            self._say_refused(str(refusal))
            return
        self.paper.close_field()
        self._changed()

    def _say_refused(self, why: str) -> None:
        self.query_one("#check", Words).show(why)

    @on(Paper.LeftField)
    def _left_field(self) -> None:
        self.show_words()

    def action_put_back(self) -> None:
        if not self.follow.tried:
            self.refuse("no number was changed on this page: e tries another one, and b puts it back then")
            return
        self.follow.tried = {}
        self._changed()

    # How it is written

    def action_fractions(self) -> None:
        if self.follows or self.reads():
            self.fractions = not self.fractions
            self._changed()

    def action_rounding(self) -> None:
        if self._seen_practice is not None:
            self.refuse(READING_ONLY)
            return
        carried = self.follow.rounding is Rounding.CARRIED
        self.round_as(Rounding.SHOWN if carried else Rounding.CARRIED)

    def round_as(self, rounding: Rounding) -> None:
        """Round in this way from now on."""
        self.follow.rounding = rounding
        self._changed()

    # Practice

    def _desk(self, spot: Spot | None, call: tuple[str, ...]) -> Desk:
        """Return where a practice would begin, with the number in hand and its layer."""
        from core.calculation.running import split
        from tui.dialogs.practice_dialogs import Desk

        model, marked = self.session.state.model, self.follow.marked
        weights, point = model.weights.by_name(model.network), split(self.session.state.x, model.network.input_shapes)
        spots = marked or frozenset({spot} if spot else ())
        rounds = self.follow.rounding, self.digits
        return Desk(model.network.graph, weights, point, *rounds, {}, spots, bool(marked), call)

    def _begin_one_by_one(self, sitting: Sitting) -> None:
        """Ask for one number after the other, on a screen of its own."""
        from tui.sheet_screen import SheetScreen

        def left(kept_in: str | None) -> None:
            self._kept_in = kept_in or self._kept_in

        self.call_later(self.app.push_screen, SheetScreen(sitting), left)

    def action_practise(self) -> None:
        """Begin a practice, or leave the one that is under way."""
        from tui.dialogs.practice_dialogs import leave_dialog, one_by_one_dialog, practice_dialog

        now = time.monotonic
        if self.follows:
            spot = self.following.numbers.spot
            desk = self._desk(spot, () if spot is None else spot.call)
            self.app.push_screen(one_by_one_dialog(desk, now, self._begin_one_by_one, self._kept_in))
        elif self._doing or (self.practising is None and not self.follow.ready):
            self.refuse(MARKED if self._doing else NOT_YET)
        elif self.practising is None or self.practising.finished:
            desk = self._desk(self.paper.spot, self.session.state.model.network.paths[self.paper.calculation.at.place])
            self.app.push_screen(practice_dialog(desk, now, self._begin, self._kept_in))
        else:
            self.app.push_screen(leave_dialog(self.practising.sitting, now, self._end, self._keep))

    def action_mark(self) -> None:
        """Choose the number under the cursor for a practice, or no longer."""
        if self.follows:
            self.follow_by(FollowingPart.mark)
        elif self.reads():
            self.follow.mark(self.paper.spot)
            self.reading.draw_on(self.paper)
            self.show_words()

    def action_leave_practice(self) -> None:
        if self.practising is not None:
            (self._put_away if self.practising.finished else self.action_practise)()

    def _begin(self, sitting: Sitting, model: Model | None = None) -> None:
        from tui.tabs.practising import Practising

        self.paper.close_unfolded()
        self.practising = Practising(sitting, model or self.session.state.model, time.monotonic)
        self.refresh_bindings()
        self.paper.show(self.practising.sheet())
        self.paper.go_to(self.practising.first)
        self._keep_beside()
        self._changed()

    def _keep_beside(self) -> None:
        sitting = None if self.practising is None else self.practising.sitting
        self.post_message(KeptBeside(UNDER_WAY, None if sitting is None else kept_practice(sitting)))

    def take_up(self, sitting: Sitting, model: Model) -> None:
        """Go on with a practice of ``model`` that was left, on the page or, where there is none, on its own screen."""
        on_page = model.network.on_one_page and not self.follows
        self._begin(sitting, model) if on_page else self._begin_one_by_one(sitting)

    def _end(self) -> None:
        if self.practising is not None:
            self._do(self.practising.ended, self._look_back)

    def _look_back(self) -> None:
        self.refresh_bindings()
        self._go_on(1)
        self._changed()

    def _keep(self, path: Path) -> None:
        self._kept_in = str(path)
        self._put_away()
        self.notify(f"Kept in {plain(str(path))}: p and 'one that was left' take it up again.", markup=False)

    def _put_away(self) -> None:
        """Go back to reading, with what the learner had for the output and where it first went wrong."""
        if self.practising is not None:
            self.reading.take_from(self.practising, self.session.state)
        self.practising = None
        self._keep_beside()
        self.refresh_bindings()
        if self.follow.ready and not self.follows:
            self.reading.draw_on(self.paper)
        self._changed()

    def _go_on(self, places: int) -> None:
        if self.practising is not None:
            place = self.practising.next_blank(self.paper.spot, places)
            if place is not None:
                self.paper.go_to(place)

    def action_hint(self) -> None:
        if self.practising is not None:
            self._do(partial(self.practising.hinted, self.paper.spot), self._changed)

    def action_reveal(self) -> None:
        """Show the number, and stay there so that it is seen."""
        if self.practising is not None:
            self._do(partial(self.practising.revealed, self.paper.spot), partial(self._settled, self._told))

    def _answer(self, spot: Spot, text: str) -> None:
        if self.practising is not None:
            self._do(partial(self.practising.answered, spot, text), partial(self._answered, spot), self._say_refused)

    def _answered(self, spot: Spot) -> None:
        """Go on to the next blank once the one at ``spot`` is settled."""
        self.paper.close_field()
        if self.practising is None or not self.practising.settled(spot):
            self._changed()
            return
        self._settled(self._told_and_looked_back)
        self._go_on(1)

    def _settled(self, end: Callable[[], None]) -> None:
        """End the practice after its last blank."""
        if self.practising is not None and not self.practising.finished and not self.practising.sitting.open():
            self._do(self.practising.ended, end)
        self._changed()

    def _told(self) -> None:
        """Say what was reached, and stay."""
        if self.practising is not None:
            self.notify(self.practising.sitting.score.in_words, title="Practice", markup=False)
        self.refresh_bindings()
        self._changed()

    def _told_and_looked_back(self) -> None:
        self._told()
        self._go_on(1)

    def _do(
        self, act: Callable[[], Done], then: Callable[[], None], refuse: Callable[[str], None] | None = None
    ) -> None:
        """Do something in the practice, beside the screen where it takes long; then go on, or say why it can't be."""
        practising = self.practising
        if self._doing:
            self.refuse(MARKED)
            return
        self._doing = True

        def done() -> Done | Refused:
            try:
                return act()
            except Refused as refusal:
                return refusal

        def take(made: Done | Refused) -> None:
            self._doing = False
            if practising is None or self.practising is not practising:
                return
            if isinstance(made, Refused):
                (refuse or self.refuse)(str(made))
                return
            practising.take(made)
            self._keep_beside()
            then()

        make_beside(self, "practice", practising is not None and practising.large, done, take)

    # Beside the page

    def action_loss(self) -> None:
        if self.practising is not None:
            ends = "escape leaves" if self.practising.finished else "p ends"
            self.refuse(f"the loss would give numbers away: {ends} the practice first")
            return
        from core.model.network import require_loss
        from tui.dialogs.loss_dialog import LossDialog

        try:
            require_loss(self.session.state.model.network)
        except Refused as refusal:
            self.refuse(str(refusal))
            return
        self.app.push_screen(LossDialog(self.session, self.follow.rounding, self.digits))

    def action_take_away(self) -> None:
        """Let the calculation be taken away or, in a practice, the exercise."""
        from tui.dialogs.take_away_dialog import calculation_dialog, worksheet_dialog

        if self.practising is not None:
            self.app.push_screen(worksheet_dialog(self.practising.sitting.sheet))
        elif not self.follow.ready:
            self.refuse(NOT_YET)
        else:
            self.app.push_screen(calculation_dialog(self.follow.to_take_away(self.present_answer())))
