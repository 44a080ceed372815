"""LossDialog: the loss of the point in hand, calculated on the page for each of Keras's losses, with Keras's own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen

from core.calculation.followed import Asked
from core.calculation.loss import loss_by_hand, predicted
from core.errors import Refused
from core.export.loss import given_text, loss_formula, slope_text, total_text, written_out
from core.formatting import count
from core.losses import KERAS_LOSSES
from core.operations.rounding import Rounding
from core.tasks.row import label_for, row_label
from tui.keras_status import Keras, LossAnswer, LossQuestion
from tui.tabs.beside import make_beside
from tui.widgets.key_bar import KeyBar
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.loss import LossWork, Predicted
    from core.export.loss import KerasLoss
    from core.session.session import Session
    from core.session.state import State

NAMES = tuple(KERAS_LOSSES)

MOST_AT_ONCE = 200
"""Outputs up to which a loss is written out before the next frame; of more, beside the screen."""


class LossDialog(ModalScreen[None]):
    """Begins with the recipe's loss; asks the app for what Keras says, and follows the state while it is open."""

    BINDINGS: ClassVar = [
        # Before the page's own bindings, which the footer would not show.
        Binding("left", "turn(-1)", "Loss before", priority=True),
        Binding("right", "turn(1)", "Next loss", priority=True),
        Binding("r", "rounding", "Round"),
        Binding("escape,o,q", "leave", "Back"),
    ]

    class KerasAsked(Message):
        """Keras is to calculate a loss too."""

        def __init__(self, question: LossQuestion) -> None:
            super().__init__()
            self.question = question

    def __init__(self, session: Session, rounding: Rounding, digits: int) -> None:
        super().__init__()
        self._session, self._rounding, self._digits = session, rounding, digits
        self._place = NAMES.index(session.state.recipe.loss)
        self._keras = Keras.STARTING
        self._answer: LossAnswer | None = None
        self._question: LossQuestion | None = None
        self._work: LossWork | None = None
        self._wanted: Asked | None = None
        self._predicted: Predicted | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Words(classes="title")
            yield Words(id="loss-given")
            yield Words(id="loss-lines")
            yield Words(classes="outcome")
        yield KeyBar()

    def on_mount(self) -> None:
        self.watch(self.app, "keras", self._keras_is)
        self.watch(self.app, "loss_answer", self._keras_gave)
        self.watch(self.app, "state", self._calculate)

    # What is shown

    def _calculate(self) -> None:
        """Have what the model predicts calculated, unless it is there or awaited already; then say the loss of it."""
        model, x = self._session.state.model, self._session.state.x
        asked = Asked(model.network, model.weights, x, {}, self._rounding, self._digits)
        if not asked.same(self._wanted):
            self._wanted, self._predicted, self._work = asked, None, None
            make_beside(self, "prediction", asked.large, partial(predicted, asked), self._take)
        self._say()

    def _take(self, made: Predicted) -> None:
        self._predicted = made
        self._say()

    def _say(self) -> None:
        """Say the loss, or why this loss cannot be had here and which one can."""
        how = f"{count(self._digits, 'digit')}, {self._rounding}"
        self._show(".title", f"Loss {self._place + 1} of {len(NAMES)}: {NAMES[self._place]}   ({how})")
        made = self._predicted
        large = made is None or made.outputs.size > MOST_AT_ONCE
        if large:
            self._work = None
            self._show("#loss-given", "")
            self._show("#loss-lines", "Calculating ...")
        if made is not None:
            make_beside(self, "loss", large, partial(self._tried, made, self._session.state, self._place), self._tell)

    def _tell(self, found: tuple[LossWork, str] | Refused) -> None:
        if isinstance(found, Refused):
            self._work = self._question = None
            self._show("#loss-given", "")
            self._show("#loss-lines", f"{found}.")
        else:
            self._work, words = work, _ = found
            given = [loss_formula(work), words, given_text(work, self._digits), work.about_z]
            self._show("#loss-given", "\n".join(filter(None, given)))
            self._show("#loss-lines", "\n".join([*written_out(work), slope_text(work, self._digits)]))
            self._ask(work)
        self._show_outcome()

    def _tried(self, made: Predicted, state: State, place: int) -> tuple[LossWork, str] | Refused:
        try:
            return self._worked(made, state, NAMES[place])
        except Refused as refusal:
            return refusal

    def _worked(self, made: Predicted, state: State, name: str) -> tuple[LossWork, str]:
        own, whence = row_label(state)
        label, taken = label_for(state, KERAS_LOSSES[name], own)
        words = f"label {state.task.label_text(own)}: {whence}." + (f" Taken as {taken}." if taken else "")
        options = state.recipe.loss_options if name == state.recipe.loss else ()
        how = self._rounding, self._digits, options
        return loss_by_hand(name, label, made.outputs, *how, made.seen, made.places), words

    def _total(self, work: LossWork, keras: KerasLoss | None) -> str:
        assert self._predicted is not None
        return total_text(work, self._digits, keras, self._predicted.penalties)

    def _show_outcome(self) -> None:
        if self._work is None:
            self._show(".outcome", "left and right go through the losses")
        elif self._answer is not None and self._answer.question.same(self._question):
            self._show(".outcome", self._total(self._work, self._answer.loss))
        else:
            doing = "asked" if self._keras in (Keras.READY, Keras.WAITING) else self._keras
            self._show(".outcome", f"{self._total(self._work, None)}\nKeras    is {doing}")

    def _show(self, selector: str, text: str) -> None:
        words = self.query_one(selector, Words)
        words.show(text)
        words.display = bool(text)

    # What Keras says

    def _ask(self, work: LossWork) -> None:
        """Ask Keras the same, unless that is what it was asked last."""
        state = self._session.state
        question = LossQuestion(state.model.weights.version, state.x, work.label, work.loss.name, work.loss.given)
        if not question.same(self._question):
            self._question = question
            self.post_message(self.KerasAsked(question))

    def _keras_is(self, keras: Keras) -> None:
        if keras is Keras.GONE:
            # What it was asked is lost with it; its successor is asked anew.
            self._question = None
        self._keras = keras
        self._calculate()

    def _keras_gave(self, answer: LossAnswer | None) -> None:
        self._answer = answer
        self._show_outcome()

    # Keys

    def action_turn(self, places: int) -> None:
        self._place = (self._place + places) % len(NAMES)
        self._calculate()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_rounding(self) -> None:
        self._rounding = Rounding.CARRIED if self._rounding is Rounding.SHOWN else Rounding.SHOWN
        self._calculate()

    def action_leave(self) -> None:
        self.dismiss()
