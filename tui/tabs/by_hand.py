"""The By hand tab: the prediction for one point, calculated on the page, by byhand or by the learner."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.widgets import Input, Label

from core.calculation.rounding import Rounding
from core.calculation.spot import Kind, Spot
from core.calculation.what_if import WhatIf
from core.errors import Refused
from core.formatting import Notation, count
from core.model.literal import parse_numbers
from tui.commands import BY_HAND, bindings
from tui.keras_status import Keras
from tui.tabs.page import TabPage
from tui.tabs.reading import Reading
from tui.widgets.cell_input import CellInput
from tui.widgets.paper import Paper
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.events import Key

    from core.practice.sitting import Sitting
    from core.session import Session
    from core.state import State
    from tui.keras_status import Answer
    from tui.tabs.practising import Practising

# What a key opens is imported when the key is pressed: the first frame does not wait for it.

OF_A_NUMBER = frozenset("0123456789-.,/")

PRACTISING = frozenset({"hint", "reveal", "leave_practice"})
READING = frozenset({"put_back", "mark"})
"""What only one of the two ways of using the page has."""

READING_ONLY = "the numbers of a practice stay as they are: p ends it first"


class ByHandTab(TabPage):
    """Calculates the current x by hand; a number tried as another one changes the page, never the model."""

    BINDINGS: ClassVar = bindings(BY_HAND)
    WORDS = "Layer by layer: weighted sum, plus bias, activation. Enter unfolds a number."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.reading = Reading()
        self.practising: Practising | None = None
        self._fractions = False
        self._kept_in = ""
        self._x_shown: object = None
        self._weights_shown: object = None
        self._enter: Callable[[Spot, str], None] = self.reading.try_number

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="x-line"):
            yield Label("x =")
            yield CellInput(id="x")
            yield Words(id="x-message")
        yield Paper()
        yield Words(id="line")
        yield Words(id="check")

    @property
    def paper(self) -> Paper:
        """The page, and what lies over it."""
        return self.query_one(Paper)

    def focus_main(self) -> None:
        self.paper.focus_paper()

    def show(self, state: State) -> None:
        if self._weights_shown is not state.model.weights:
            # An entry is for the numbers that it was opened on.
            self._weights_shown = state.model.weights
            self.paper.close_field()
        if tried := self.reading.put_back(state.model.weights):
            self.notify(f"The weights changed: {count(tried, 'what-if')} put back.", markup=False)
        if self._x_shown is not state.x:
            self._x_shown = state.x
            self.query_one("#x", Input).value = _text(state.x)
        self._say_about_x(state)
        notation = Notation(self.digits, self._fractions)
        if notation != self.reading.notation:
            self.reading.notation = notation
        anew = self.reading.calculate(state)
        if self.practising is not None:
            self.paper.show(self.practising.sheet())
        elif anew:
            self.reading.draw_on(self.paper)
        self._show_words()

    def _say_about_x(self, state: State) -> None:
        """Say where x is from, or that what stands in its field is not what is calculated."""
        field, practising = self.query_one("#x", Input), self.practising
        if practising is not None:
            work = practising.sitting.exercise.calculation
            elsewhere = "" if work.x is state.x else f" at {_text(work.x)}"
            self._say_x(f"practice{elsewhere}, digits {work.digits}, rounding {work.rounding}")
        elif field.value == _text(state.x):
            row = f"row {state.row + 1} of {len(state.dataset):,}   " if state.row is not None else ""
            fractions = " or fractions" if self._fractions else ""
            self._say_x(f"{row}digits {self.digits}{fractions}   rounding {self.reading.rounding}")
        elif not field.has_focus:
            self._say_x("not calculated yet: x and enter calculates it, escape leaves it", refused=True)

    @on(Paper.Moved)
    def _show_words(self) -> None:
        """Say below the page what the current number is, and how the whole compares."""
        if self._weights_shown is None:
            # Nothing has been calculated yet.
            return
        spot, paper = self.paper.spot, self.paper
        if self.practising is not None:
            line, checks = self.practising.line(spot), self.practising.checks()
        else:
            line = self.reading.about(spot) if paper.unfolds else self.reading.unit_line(spot)
            checks = self.reading.checks(spot, self._present_answer(), self._about_keras())
            # What is unfolded needs the room.
            checks = checks[:1] if paper.unfolds else checks
        self.query_one("#line", Words).show(line)
        self.query_one("#check", Words).show("\n".join(checks))

    def _present_answer(self) -> Answer | None:
        """Return what Keras predicts, if that is for the present weights and x."""
        state, answer = self.session.state, self.answer
        stale = answer is None or answer.version != state.model.weights.version or answer.x is not state.x
        return None if stale else answer

    def _about_keras(self) -> str:
        return "Keras is asked" if self.keras is Keras.READY else f"Keras is {self.keras}"

    # x

    def action_point(self) -> None:
        # Without a page there is still a prediction for another point.
        if (self.practising is None and self.reading.refusal) or self._reads():
            self.query_one("#x", Input).focus()

    @on(Input.Submitted, "#x")
    def _enter_x(self, event: Input.Submitted) -> None:
        try:
            values = parse_numbers(event.value, self.session.state.model.network.inputs)
        except Refused as refusal:
            self._say_x(str(refusal), refused=True)
            return
        self.session.set_x(values)
        self.focus_main()

    @on(Input.Blurred, "#x")
    def _left_x(self) -> None:
        self._say_about_x(self.session.state)

    @on(CellInput.Left)
    def _leave_x(self) -> None:
        self.query_one("#x", Input).value = _text(self.session.state.x)
        self.focus_main()
        self._changed()

    def _say_x(self, message: str, *, refused: bool = False) -> None:
        note = self.query_one("#x-message", Words)
        note.show(message)
        note.set_class(refused, "refusal")

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
        """Have in the footer only what does something now: reading and practice have keys of their own."""
        return action not in (PRACTISING if self.practising is None else READING)

    def on_key(self, event: Key) -> None:
        """Begin an answer where a number is typed on a blank, and go on with it until the field has the focus."""
        if self.practising is None or event.character is None or event.character not in OF_A_NUMBER:
            return
        if not self.paper.types and self.practising.waits(self.paper.spot):
            self._open_field(self.practising.answer, "")
        if self.paper.types:
            event.stop()
            event.prevent_default()
            self.paper.type(event.character)

    def action_enter(self) -> None:
        """Answer at a blank of a practice, else unfold the number."""
        if self.paper.types:
            self.paper.submit()
        elif self.practising is None:
            if self._reads():
                self.paper.unfold()
        elif self.practising.waits(self.paper.spot):
            self._open_field(self.practising.answer, "")

    @on(Paper.Chosen)
    def _chosen(self) -> None:
        self.action_enter()

    def action_edit(self) -> None:
        if self._reads():
            self._open_field(self.reading.try_number, f"{self.reading.value(self.paper.spot):.9g}")

    def action_yours(self) -> None:
        """Let the learner type the output that came out on paper."""
        if self._reads():
            last = len(self.session.state.model.network.layers) - 1
            unit = self.paper.spot.unit if self.paper.spot.step == last else 0
            self.paper.go_to(Spot(last, Kind.OUTPUT, unit))
            self.call_after_refresh(self._open_field, self.reading.compare, "")

    def _open_field(self, enter: Callable[[Spot, str], None], text: str) -> None:
        self._enter = enter
        self.paper.open_field(text)

    @on(Paper.Typed)
    def _typed(self, event: Paper.Typed) -> None:
        try:
            self._enter(event.spot, event.text)
        except Refused as refusal:
            self.query_one("#check", Words).show(str(refusal))
            return
        self.paper.close_field()
        self._settle(event.spot)
        self._changed()

    def _settle(self, spot: Spot) -> None:
        """Go on to the next blank once the one at ``spot`` is settled; after the last one the practice ends."""
        if self.practising is None or self.practising.finished or not self.practising.settled(spot):
            return
        self._end_if_settled()
        self._go_on(1)

    def _end_if_settled(self) -> None:
        if self.practising is not None and not self.practising.finished and not self.practising.sitting.open():
            self.practising.finish()
            self.notify(self.practising.sitting.score.in_words, title="Practice", markup=False)
            self.refresh_bindings()

    @on(Paper.LeftField)
    def _left_field(self) -> None:
        self._show_words()

    def _reads(self) -> bool:
        """Return whether the page is read; say why not if it is practised on, or if there is none."""
        if why := READING_ONLY if self.practising is not None else self.reading.refusal:
            self.refuse(why)
        return not why and not self.paper.unfolds

    def action_put_back(self) -> None:
        self.reading.what_if = WhatIf()
        self._changed()

    # How it is written

    def action_fractions(self) -> None:
        if self._reads():
            self._fractions = not self._fractions
            self._changed()

    def action_rounding(self) -> None:
        if self.practising is not None:
            self.refuse(READING_ONLY)
            return
        carried = self.reading.rounding is Rounding.CARRIED
        self.round_as(Rounding.SHOWN if carried else Rounding.CARRIED)

    def round_as(self, rounding: Rounding) -> None:
        """Round in this way from now on."""
        self.reading.rounding = rounding
        self._changed()

    # Practice

    def action_practise(self) -> None:
        """Begin a practice, or leave the one that is under way."""
        from tui.dialogs.practice_dialogs import Desk, leave_dialog, practice_dialog

        now = time.monotonic
        if self.practising is None and self.reading.refusal:
            self.refuse(self.reading.refusal)
        elif self.practising is None or self.practising.finished:
            spots = self.reading.marked or frozenset({self.paper.spot})
            desk = Desk(self.session.state, spots, bool(self.reading.marked), self.reading.rounding, self.digits)
            self.app.push_screen(practice_dialog(desk, now, self._begin, self._kept_in))
        else:
            self.app.push_screen(leave_dialog(self.practising.sitting, now, self._end, self._keep))

    def action_mark(self) -> None:
        """Choose the number under the cursor for a practice, or no longer."""
        if self._reads():
            self.reading.mark(self.paper.spot)
            self._changed()

    def action_leave_practice(self) -> None:
        if self.practising is not None and self.practising.finished:
            self._put_away()
        elif self.practising is not None:
            self.action_practise()

    def _begin(self, sitting: Sitting) -> None:
        from tui.tabs.practising import Practising

        self.paper.close_unfolded()
        self.practising = Practising(sitting, time.monotonic)
        self.refresh_bindings()
        self.paper.show(self.practising.sheet())
        self.paper.go_to(sitting.open()[0] if sitting.open() else sitting.exercise.blanks[0])
        self._changed()

    def _end(self) -> None:
        if self.practising is not None:
            self.practising.finish()
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
            self.reading.take_from(self.practising.sitting, self.practising.first_wrong())
        self.practising = None
        self.refresh_bindings()
        self.reading.draw_on(self.paper)
        self._changed()

    def _go_on(self, places: int) -> None:
        if self.practising is not None:
            place = self.practising.next_blank(self.paper.spot, places)
            if place is not None:
                self.paper.go_to(place)

    def action_hint(self) -> None:
        if self.practising is not None:
            self._do(self.practising.hint)

    def action_reveal(self) -> None:
        """Show the number, and stay there so that it is seen."""
        if self.practising is not None:
            self._do(self.practising.reveal)
            self._end_if_settled()

    def _do(self, act: Callable[[Spot], None]) -> None:
        try:
            act(self.paper.spot)
        except Refused as refusal:
            self.refuse(str(refusal))
        self._changed()

    # Beside the page

    def action_loss(self) -> None:
        if self.practising is not None:
            self.refuse("the loss would give numbers away: p ends the practice first")
            return
        from tui.dialogs.loss_dialog import LossDialog

        self.app.push_screen(LossDialog(self.session, self.reading.rounding, self.digits))

    def action_take_away(self) -> None:
        """Let the calculation be taken away or, in a practice, the exercise."""
        from tui.dialogs.take_away_dialog import calculation_dialog, worksheet_dialog

        if self.practising is not None:
            self.app.push_screen(worksheet_dialog(self.practising.sitting.exercise))
            return
        self.app.push_screen(calculation_dialog(self.reading.to_take_away(self._present_answer())))


def _text(x: Iterable[float]) -> str:
    return ", ".join(f"{value:.9g}" for value in x)
