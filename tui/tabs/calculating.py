"""CalculatingTab: what the By hand tab shows of the calculation, and how its page is walked."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from textual import on
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from core.calculation.calculated import Spot, spoken
from core.calculation.running import in_a_row, lengths_of
from core.errors import Refused, shorten
from core.formatting import Notation, count
from tui.beside import READING, make_beside, read_beside
from tui.keras_status import Keras
from tui.pages.followed import Followed as Shown
from tui.tabs.follow import Follow
from tui.tabs.following import FollowingPart
from tui.tabs.page import TabPage
from tui.tabs.reading import Reading, Steps, place_named, steps_of
from tui.tabs.words import point_as_typed
from tui.widgets.cell_input import CellInput
from tui.widgets.paper import Paper
from tui.widgets.read_on import ReadOn
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from core.calculation.agreement import Agreement
    from core.calculation.followed import Followed
    from core.data.model_inputs import Point
    from core.model.graph import Graph
    from core.model.outline import Outline
    from core.session.session import Session
    from core.session.state import State
    from tui.keras_status import Answer
    from tui.tabs.practising import Practising, SlipFound
    from tui.tabs.three_way import Yours

READING_ONLY = "the numbers of a practice stay as they are: p ends it first"

GO_TO = "h3, z2 of hidden, w12, b1, or a layer's name"

X_MAY_BE = "or a file: rows.csv row 7, cat.png 0..1"

FOLLOWING = "Layer by layer, each number opened into what made it. Enter follows it back."
"""The explaining sentence for a model whose calls are followed."""

NAMES = 90
"""Columns of the names of what was marked."""

NOT_YET = "the page is still being calculated"


class CalculatingTab(TabPage):
    """Keeps the calculation of the state on its page; what takes longer than a frame is made beside the screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.follow = Follow()
        self.reading = Reading(self.follow)
        self.practising: Practising | None = None
        self.fractions = False
        self._x_shown: object = None
        self._weights_shown: object = None
        self._sought: Spot | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="x-line"):
            yield Label("x =")
            yield CellInput(id="x")
            yield Words(id="x-message")
        yield Paper()
        yield FollowingPart(self.follow)
        with ReadOn(id="below"):
            yield Words(id="line")
        yield Words(id="check")

    @property
    def paper(self) -> Paper:
        """The page, and what lies over it."""
        return self.query_one(Paper)

    @property
    def following(self) -> FollowingPart:
        """What is shown in the page's place of a model that is no chain."""
        return self.query_one(FollowingPart)

    @property
    def follows(self) -> bool:
        """Whether the model is no chain, and its calls are followed instead of a page that has them all."""
        return not self.session.state.model.network.on_one_page

    def focus_main(self) -> None:
        if self.follows:
            self.following.numbers.focus_main()
        else:
            self.paper.focus_paper()

    def show(self, state: State) -> None:
        self._show_parts()
        if self._weights_shown is not state.model.weights:
            # An entry is for the numbers that it was opened on.
            self._weights_shown = state.model.weights
            self.paper.close_field()
        if tried := self.follow.put_back(state.model.weights):
            self.notify(f"The weights changed: {count(tried, 'what-if')} put back.", markup=False)
        self._show_x(state)
        self.follow.notation = Notation(self.digits, self.fractions)
        self.say_about_x(state)
        self._calculate(state)
        if (practising := self._seen_practice) is not None:
            self.paper.show(practising.sheet())
        self.show_words()
        self._seek()

    @property
    def _seen_practice(self) -> Practising | None:
        """The practice, if the page that it is on is shown: meanwhile the model may have become no chain."""
        return None if self.follows else self.practising

    def _show_parts(self) -> None:
        """Have on the screen what shows such a model, with the focus in it if it was in the other."""
        on_page = (self.paper, self.query_one("#below"), self.query_one("#check"))
        parts = {self.following: self.follows, **dict.fromkeys(on_page, not self.follows)}
        moved = any(part.has_focus_within and not seen for part, seen in parts.items())
        for part, seen in parts.items():
            part.display = seen
        self.query_one(".words", Static).update(FOLLOWING if self.follows else self.WORDS)
        if moved:
            self.focus_main()

    def _show_x(self, state: State) -> None:
        if self._x_shown is not state.x:
            self._x_shown = state.x
            self.query_one("#x", Input).value = point_as_typed(state.x)

    # x

    def action_point(self) -> None:
        if self.follows or self.reads():
            self.query_one("#x", Input).focus()
            self.say_x(X_MAY_BE)

    @on(Input.Submitted, "#x")
    def _enter_x(self, event: Input.Submitted) -> None:
        from core.data.model_inputs import one_point

        text, graph = event.value, self.session.state.model.network.graph
        if text == point_as_typed(self.session.state.x):
            # It has fewer digits than x may have, and x stays as it is.
            self.focus_main()
            return
        # The name of a file has letters beside each other, no number has.
        if re.search("[A-Za-z]{2}", text):
            self.say_x(READING)
            read_beside(self, "x", partial(one_point, text, graph), partial(self._take_x, graph))
            return
        try:
            self._take_x(graph, one_point(text, graph))
        except Refused as refusal:
            self.say_x(str(refusal), refused=True)

    def _take_x(self, graph: Graph, read: Point | Refused) -> None:
        """Calculate for what was typed or read, unless another model was opened meanwhile."""
        if graph != self.session.state.model.network.graph:
            return
        why = str(read) if isinstance(read, Refused) else ""
        if not isinstance(read, Refused):
            try:
                self.session.set_x(in_a_row(read.arrays), lengths_of(graph, read.arrays))
                if read.told:
                    self.notify(f"{read.told}.", markup=False)
            except Refused as refusal:
                why = str(refusal)
        if why:
            self.say_x(why, refused=True)
        else:
            self.focus_main()

    @on(Input.Blurred, "#x")
    def _left_x(self) -> None:
        self.say_about_x(self.session.state)

    @on(CellInput.Left)
    def _leave_x(self) -> None:
        self.workers.cancel_group(self, "x")
        self.query_one("#x", Input).value = point_as_typed(self.session.state.x)
        self.focus_main()
        self._changed()

    # Calculating

    def _calculate(self, state: State) -> None:
        asked = self.follow.asked(state)
        if asked is None:
            return
        make = partial(self._make, self.follow.wait_for(asked))
        if asked.large and self.follow.first:
            self.paper.say("Calculating ...")
        make_beside(self, "calculation", asked.large, make, partial(self._take, state))

    def _make(self, follow: Callable[[], Followed]) -> tuple[Followed, Steps | Outline]:
        """Return the calculation, and what its page or its list is drawn by."""
        made = follow()
        return made, steps_of(made) if made.asked.network.on_one_page else self.following.outline_of(made)

    def _take(self, state: State, ready: tuple[Followed, Steps | Outline]) -> None:
        made, drawn = ready
        if not self.follow.take(state, made):
            return
        if isinstance(drawn, Steps):
            self.reading.take(drawn)
            if self.practising is None:
                self.reading.draw_on(self.paper)
        else:
            self.following.show(drawn)
        if not self._stale:
            # Else it is of a state before, which is drawn over once this tab is seen again.
            self.show_words()
            self._seek()

    # What is said

    def say_about_x(self, state: State) -> None:
        """Say where x is from, or that what stands in its field is not what is calculated."""
        field, practising = self.query_one("#x", Input), self._seen_practice
        if practising is not None:
            work, x = practising.sitting.sheet.work, practising.x
            elsewhere = "" if np.array_equal(x, state.x) else f" at {point_as_typed(x)}"
            before = "" if practising.model.weights is state.model.weights else ", with the weights that it began with"
            self.say_x(f"practice{elsewhere}{before}, digits {work.digits}, rounding {work.rounding}")
        elif field.has_focus and field.value == point_as_typed(state.x):
            self.say_x(X_MAY_BE)
        elif field.value == point_as_typed(state.x):
            data = state.dataset
            row = "" if state.row is None else f"{data.row_in_words(state.row)} of {len(data):,}   "
            fractions = " or fractions" if self.fractions else ""
            self.say_x(f"{row}digits {self.digits}{fractions}   rounding {self.follow.rounding}")
        elif not field.has_focus:
            self.say_x("not calculated yet: x and enter calculates it, escape leaves it", refused=True)

    @on(Paper.Moved)
    @on(Shown.Moved)
    def show_words(self) -> None:
        """Say below the page what the current number is, and how the whole compares."""
        if (practising := self._seen_practice) is not None:
            self._seek_slip(practising, self.paper.spot)
            self._say_below(practising.line(self.paper.spot), practising.checks(self.paper.types))
        elif not self.follow.ready or self._stale:
            self.following.say(["Calculating ..."])
        else:
            self._compare()
            self._say_of_number()

    def _seek_slip(self, practising: Practising, spot: Spot) -> None:
        """Have it found out what went wrong at a blank; then it is said."""

        def take(found: SlipFound) -> None:
            practising.take_slip(found)
            if practising.large and self.practising is practising and not self._stale:
                self.show_words()

        if (seek := practising.slip_sought(spot)) is not None:
            make_beside(self, "slip", practising.large, seek, take)

    def _say_of_number(self) -> None:
        answer, keras = self.present_answer(), self._about_keras()
        if self.follows:
            checks = self.follow.checks(self.following.numbers.spot, answer, keras)
            if self.follow.marked:
                names = shorten(", ".join(map(spoken, sorted(self.follow.marked))), NAMES)
                checks.append(f"p leaves blank what m marked: {names}")
            self.following.say(checks)
            return
        spot = self.paper.spot
        checks = self.follow.checks(spot, answer, keras)
        if self.paper.unfolds:
            # What is unfolded needs the room: no more than how the whole compares, with one's own number too.
            self._say_below(self.reading.about(spot), checks[: 1 if self.follow.yours is None else 2])
        else:
            self._say_below(self.reading.unit_line(self.paper.calculation.at), checks)

    def _say_below(self, line: str, checks: Sequence[str]) -> None:
        self.query_one("#line", Words).show(line)
        # Of a practice the last hint is what was asked for.
        self.query_one("#below", ReadOn).see(end=self.practising is not None)
        self.query_one("#check", Words).show("\n".join(checks))

    def present_answer(self) -> Answer | None:
        """Return what Keras predicts, if that is for the present weights and x."""
        answer = self.answer
        return answer if answer is not None and answer.speaks_of(self.session.state) and not answer.refusal else None

    def _about_keras(self) -> str:
        if self.answer is not None and self.answer.speaks_of(self.session.state):
            return f"Keras refused: {shorten(self.answer.refusal, NAMES)}"
        return "Keras is asked" if self.keras is Keras.READY else f"Keras is {self.keras}"

    def say_x(self, message: str, *, refused: bool = False) -> None:
        """Say something beside the field of x."""
        note = self.query_one("#x-message", Words)
        note.show(message)
        note.set_class(refused, "refusal")

    def _compare(self) -> None:
        """Have the calculation compared with what is there to compare it with; then it is said."""
        answer, yours, large = self.present_answer(), self.follow.yours, self.follow.large
        if answer is not None and (make := self.follow.unchecked(answer)):
            make_beside(self, "agreement", large, make, partial(self._compared, answer))
        if yours is not None and (rounded := self.follow.uncarried()):
            make_beside(self, "rounding", large, rounded, partial(self._rounded, yours))

    def _compared(self, answer: Answer, made: Agreement) -> None:
        self.follow.take_check(answer, made)
        if self.follow.large and not self._stale:
            self.show_words()

    def _rounded(self, yours: Yours, made: Followed) -> None:
        self.follow.take_carried(yours, made)
        if self.follow.large and not self._stale:
            self.show_words()

    # Walking

    def reads(self) -> bool:
        """Return whether the page is read; say why not if it is practised on, or if there is none yet."""
        if why := READING_ONLY if self.practising is not None else "" if self.follow.ready else NOT_YET:
            self.refuse(why)
        return not why

    def bring_into_sight(self, spot: Spot) -> None:
        """Go to a number, and leave the focus where it is; it waits until the page of the present state is drawn."""
        if self.follows:
            self.following.bring_into_sight(spot)
            return
        self._sought = spot
        if not self._stale:
            self._seek()

    def _seek(self) -> None:
        if self._sought is not None and self.practising is None and self.follow.ready and not self.follows:
            self.paper.bring_into_sight(self._sought)
            self._sought = None

    def is_longer(self, action: str) -> bool:
        """Return whether what an action scrolls is longer than its room."""
        return self.paper.calculation.is_cut if action == "slide" else self.query_one("#below", ReadOn).is_longer

    def action_slide(self, windows: int) -> None:
        self.paper.slide(windows)

    def action_read_on(self, lines: int) -> None:
        self.query_one("#below", ReadOn).scroll_lines(lines)

    def action_layer(self, places: int) -> None:
        """Go to the next layer or the one before, round the ends."""
        if self.follows:
            self.following.numbers.next_call(places)
        else:
            self.paper.go_to_layer(places)

    def follow_by(self, act: Callable[[FollowingPart], None]) -> None:
        """Do something with what is followed, or say why it can't be done."""
        try:
            act(self.following)
        except Refused as refusal:
            self.refuse(str(refusal))

    @on(FollowingPart.Changed)
    def _follow_anew(self) -> None:
        self._changed()

    def action_go_to(self) -> None:
        """Ask for a number by its name, or for a layer."""
        from tui.dialogs.form_dialog import FormDialog
        from tui.widgets.form import Field

        if self.follows:
            self.follow_by(FollowingPart.go_to)
            return
        network = self.paper.network
        if network is None:
            self.refuse(NOT_YET)
            return
        fields = (Field("number", "number or layer", partial(place_named, network), GO_TO),)
        arrive = self.paper.go_to
        self.app.push_screen(FormDialog("Go to", fields, {"number": ""}, lambda typed: typed["number"], arrive))
