"""LossDialog: the loss of the point in hand, calculated on the page for each of Keras's losses, with Keras's own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen

from core.calculation.followed import Asked
from core.calculation.loss import losses_by_hand, predicted
from core.errors import Refused
from core.export.loss import given_text, line_text, loss_formula, slope_text, total_text, written_out
from core.formatting import count
from core.half_width import with_semicolons
from core.losses import KERAS_LOSSES
from core.model.literal import parse_numbers
from core.operations.rounding import Rounding
from core.tasks.row import label_for, row_label
from tui.beside import make_beside
from tui.dialogs.form_dialog import FormDialog
from tui.keras_status import Keras, LossAnswer, LossQuestion
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.arrays import Array
    from core.calculation.loss import LossesWork, LossWork, Predicted
    from core.export.loss import KerasLoss
    from core.losses import Loss
    from core.session.session import Session
    from core.session.state import State

NAMES = tuple(KERAS_LOSSES)

LABEL = (Field("label", "label", str.strip, "-1, or a class such as 2, or 0, 1, 0"),)

LABEL_WORDS = "One number for each output, or the class, counted from 0. Empty, it is the data's."
MOST_AT_ONCE = 64
"""Outputs up to which a loss is written out before the next frame; of more, beside the screen."""


class LossDialog(ModalScreen[None]):
    """Begins with the recipe's loss; asks the app for what Keras says, and follows the state while it is open."""

    BINDINGS: ClassVar = [
        # Before the page's own bindings, which the footer would not show.
        Binding("left", "turn(-1)", "Loss before", priority=True),
        Binding("right", "turn(1)", "Next loss", priority=True),
        Binding("r", "rounding", "Round"),
        Binding("t", "label", "Type a label"),
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
        self._work: LossesWork | None = None
        self._wanted: Asked | None = None
        self._predicted: Predicted | None = None
        self._typed: Array | None = None

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
        self._show(".title", f"{self._named()}   ({how})")
        made = self._predicted
        large = made is None or made.size > MOST_AT_ONCE
        if large:
            self._work = None
            self._show("#loss-given", "")
            self._show("#loss-lines", "Calculating ...")
        if made is not None:
            make_beside(self, "loss", large, partial(self._tried, made, self._session.state, self._place), self._tell)

    def _named(self) -> str:
        """Return which of the losses it is; of several outputs the recipe's own have their names beside them below."""
        recipe, outputs = self._session.state.recipe, len(self._session.state.model.network.graph.outputs)
        which, name = f"Loss {self._place + 1} of {len(NAMES)}", NAMES[self._place]
        if outputs > 1 and name == recipe.loss and recipe.by_output:
            return f"{which}: each output's own"
        return f"{which}: {name}{' of every output' if outputs > 1 else ''}"

    def _tell(self, found: tuple[LossesWork, str] | Refused) -> None:
        if isinstance(found, Refused):
            self._work = self._question = None
            self._show("#loss-given", "")
            self._show("#loss-lines", f"{found}.")
        else:
            self._work, words = work, _ = found
            first, *others = (_given(part, self._digits) for part in work.parts)
            self._show("#loss-given", "\n".join(filter(None, [first[0], words, *first[1:]])))
            lines = [*_steps(work.parts[0], self._digits)]
            for given, part in zip(others, work.parts[1:], strict=True):
                lines += ["", *filter(None, given), "", *_steps(part, self._digits)]
            self._show("#loss-lines", "\n".join([*lines, *map(line_text, work.last)]))
            self._ask(work)
        self._show_outcome()

    def _tried(self, made: Predicted, state: State, place: int) -> tuple[LossesWork, str] | Refused:
        try:
            return self._worked(made, state, NAMES[place])
        except Refused as refusal:
            return refusal

    def _losses(self, state: State, name: str) -> tuple[Loss, ...]:
        """Return the recipe's loss of each output, or where another is looked at, that one for all."""
        outputs = len(state.model.network.graph.outputs)
        return state.recipe.losses(outputs) if name == state.recipe.loss else (KERAS_LOSSES[name],) * outputs

    def _worked(self, made: Predicted, state: State, name: str) -> tuple[LossesWork, str]:
        losses = self._losses(state, name)
        if self._typed is not None:
            work = losses_by_hand(losses, self._typed, made, self._rounding, self._digits)
            taken = ", ".join(filter(None, (part.taken for part in work.parts)))
            return work, f"label {_label_text(self._typed)}: typed." + (f" Taken as {taken}." if taken else "")
        own, whence = row_label(state)
        label, taken = label_for(state, losses, own)
        words = f"label {state.task.label_text(own)}: {whence}." + (f" Taken as {taken}." if taken else "")
        return losses_by_hand(losses, label, made, self._rounding, self._digits), words

    def _total(self, work: LossesWork, keras: KerasLoss | None) -> str:
        assert self._predicted is not None
        return total_text(work, self._digits, keras, self._predicted.penalties)

    def _show_outcome(self) -> None:
        if self._work is None:
            self._show(".outcome", "left and right go through the losses, t types a label")
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

    def _ask(self, work: LossesWork) -> None:
        """Ask Keras the same, unless that is what it was asked last."""
        state = self._session.state
        (name, given), *others = ((part.loss.name, part.loss.given) for part in work.parts)
        by_output = ((name, given), *others) if others else ()
        question = LossQuestion(state.model.weights.version, state.x, work.label, name, given, by_output)
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

    def action_label(self) -> None:
        """Ask for the row's label; an empty one is that of the data."""
        typed = "" if self._typed is None else _label_text(self._typed)
        self.app.push_screen(
            FormDialog("The label", LABEL, {"label": typed}, self._label, self._take_label, LABEL_WORDS)
        )

    def _label(self, values: dict[str, Any]) -> Array | None:
        """Return the label that was typed, None if there is none.

        Raises:
            Refused: it is no numbers, or none that this loss takes.
        """
        label, made = _label(values), self._predicted
        if label is not None and made is not None:
            losses = self._losses(self._session.state, NAMES[self._place])
            losses_by_hand(losses, label, made, self._rounding, self._digits)
        return label

    def _take_label(self, label: Array | None) -> None:
        self._typed = label
        self._say()

    def action_leave(self) -> None:
        self.dismiss()


def _label(values: dict[str, Any]) -> Array | None:
    """Return the numbers of a label that was typed, None if there are none."""
    text = with_semicolons(values["label"]).strip()
    return parse_numbers(text, text.count(";" if ";" in text else ",") + 1) if text else None


def _label_text(label: Array) -> str:
    return ", ".join(f"{number:g}" for number in label)


def _given(work: LossWork, digits: int) -> list[str]:
    """Return the formula of one output's loss, and what it is calculated from."""
    heading = f"loss{work.whose}: " if work.whose else ""
    return [f"{heading}{loss_formula(work)}", given_text(work, digits), work.about_z]


def _steps(work: LossWork, digits: int) -> list[str]:
    return [*written_out(work), slope_text(work, digits)]
