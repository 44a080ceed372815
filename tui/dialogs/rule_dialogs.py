"""Models built from a rule: which rule, then why the model follows it and the count that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from core.calculation.proof import prove
from core.data.dataset import DataFile, rule_of, usual_threshold
from core.data.makers import Nothing
from core.errors import Refused
from core.model.network import describe
from core.model.rules import ACTIVATIONS, MAX_INPUTS, RULES, Wanted
from core.typed import real, whole
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import ComposeResult

    from core.calculation.proof import Proof
    from core.model.rules import RightModel
    from core.session.session import Session

NAMES = {rule.name: rule for rule in RULES}

FIELDS = (
    Field("rule", "rule", str, choices=tuple(NAMES)),
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS), "XOR has 2"),
    Field("threshold", "threshold t", real("a threshold", np.isfinite, "that is finite"), "of the first two rules"),
    Field("place", "which x_i", whole("the place of an input", 1, MAX_INPUTS), "of x_i > t"),
    Field("activation", "hidden units", str, "of XOR and parity", choices=ACTIVATIONS),
)


def rules_dialog(session: Session, built: Callable[[RightModel, Proof], None]) -> FormDialog:
    """Return the form that asks for a rule, builds the smallest model that follows it, and counts that it does."""

    def build(typed: dict[str, Any]) -> tuple[RightModel, Proof]:
        rule = NAMES[typed.pop("rule")]
        right = rule.build(Wanted(**typed))
        return right, prove(right)

    rule = rule_of(session.state.dataset)
    inputs = rule.inputs
    threshold = rule.threshold if inputs <= MAX_INPUTS else usual_threshold(MAX_INPUTS)
    values = {
        "inputs": str(min(inputs, MAX_INPUTS)),
        "rule": RULES[0].name,
        "threshold": f"{threshold:g}",
        "place": "1",
        "activation": ACTIVATIONS[0],
    }
    words = "The always-right model and its relatives, with the fewest units that can do it."
    return FormDialog("A model from a rule", FIELDS, values, build, lambda made: built(*made), words)


class RuleDialog(ModalScreen[None]):
    """Says why the model follows its rule; enter takes the model."""

    BINDINGS: ClassVar = [Binding("enter", "take", "Take this model"), Binding("escape", "leave", "Back")]

    def __init__(self, session: Session, right: RightModel, proof: Proof) -> None:
        super().__init__()
        self._session, self._right, self._proof = session, right, proof

    def compose(self) -> ComposeResult:
        right, proof = self._right, self._proof
        blocks = [describe(right.network), right.why, right.fewest, right.between, proof.words, self._about_the_data()]
        with VerticalScroll(classes="dialog"):
            yield Label(right.rule, classes="title", markup=False)
            yield Static("\n\n".join(block for block in blocks if block), markup=False)
            yield Static("enter takes this model, u gives the present one back", classes="outcome", markup=False)
        yield KeyBar()

    def _about_the_data(self) -> str:
        origin = self._session.state.dataset.origin
        if isinstance(origin, DataFile):
            return f"The Data tab's points are those of {origin.name}, whose labels may follow another rule."
        if isinstance(origin, Nothing) or origin.in_words() == self._right.rule:
            return ""
        follow = f"follow another rule ({origin.in_words()})"
        return f"The Data tab's points {follow}: what is counted on them does not judge this model."

    def action_take(self) -> None:
        try:
            self._session.take_right(self._right)
        except Refused as refusal:
            self.query_one(".outcome", Static).update(str(refusal))
        else:
            self.dismiss()

    def action_leave(self) -> None:
        self.dismiss()
