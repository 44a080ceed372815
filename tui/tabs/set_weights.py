"""The Set weights tab: every number editable, and at once what it does to the predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import on
from textual.containers import Horizontal, Vertical

from core.data.dataset import MAX_INPUTS
from core.errors import Refused
from core.model.literal import format_arrays, parse_arrays
from core.model.network import Weighted, checked_shape, dense_network, shape_text
from core.typed import whole
from tui.commands import SET_WEIGHTS, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.paste_dialog import PasteDialog
from tui.dialogs.sides_dialog import SidesDialog, compared
from tui.tabs.effect_words import effect_lines
from tui.tabs.layers import LayerTab
from tui.widgets.form import Field
from tui.widgets.matrix_editor import MatrixEditor
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import ComposeResult

    from core.calculation.proof import Proof
    from core.model.network import Network
    from core.model.rules import RightModel
    from core.session import Session
    from core.state import State
    from tui.dialogs.change_dialog import Target
    from tui.dialogs.work_dialog import WorkDialog

NEW = (
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS)),
    Field("layers", "layers", checked_shape, "as in 5 tanh, 1 tanh"),
)

MOST_PREFILLED = 2_000
"""A layer of more numbers than this is not written into the paste box."""


class SetWeightsTab(LayerTab):
    """Edits the model; every change is one step that ``u`` takes back, and goes to Keras's ``set_weights``."""

    BINDINGS: ClassVar = bindings(SET_WEIGHTS)
    WORDS = "Be the training yourself: each change goes to Keras's set_weights."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._effect_lines: list[str] = []

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="editor"):
            with Vertical(classes="side"):
                yield self.layer_list()
                yield Words(id="steps")
            with Vertical(classes="main"):
                yield Words(id="layer-title", classes="heading")
                yield Words(id="look")
                yield MatrixEditor()
        yield Words(id="effect")

    def focus_main(self) -> None:
        self.query_one(MatrixEditor).focus_editor()

    def show_layer(self, state: State, place: int) -> None:
        layer, arrays = state.model.network.layers[place], self.arrays
        before = None
        if state.before is not None and state.before.network == state.model.network:
            before = state.before.weights.layers[place]
        editor = self.query_one(MatrixEditor)
        matrix = editor.matrix
        matrix.digits = self.digits
        locked = "a training is under way: stop it first (space on the Training tab)" if state.training else ""
        editor.show(self.grid(state, before), arrays, locked)
        self.show_look()
        changed = before is not None and before is not arrays
        marks = "   * changed by the last step" if changed else ""
        if isinstance(layer, Weighted) and not layer.trainable:
            marks = f"   frozen{marks}"
        self.query_one("#layer-title", Words).show(f"{plain(layer.name)}.set_weights(){marks}")
        self.query_one("#steps", Words).show(_steps(state))
        self._effect_lines = effect_lines(state, self.effect, self.effect_before, self.digits, self._effect_lines)
        self.query_one("#effect", Words).show("\n".join(self._effect_lines))

    # Actions

    def _do(self, change: Callable[[], None]) -> None:
        try:
            change()
        except Refused as refusal:
            self.refuse(str(refusal))

    def action_edit(self) -> None:
        self.query_one(MatrixEditor).matrix.action_choose()

    @on(MatrixEditor.Edited)
    def _set_number(self, event: MatrixEditor.Edited) -> None:
        array, index = self.view.place(event.row, event.column)
        held = self.session.state.model.weights.layers[self.place][array][index]
        if held.tobytes() == np.float32(event.value).tobytes():
            # What it is already is no step.
            return
        self._do(lambda: self.session.set_number(self.place, array, index, event.value))

    def action_change(self) -> None:
        """Change many numbers of the array under the cursor."""
        from tui.dialogs.change_dialog import change_dialog

        self._open_for_array(change_dialog)

    def action_paste_into(self) -> None:
        """Paste a block into the array under the cursor."""
        from tui.dialogs.change_dialog import paste_into_dialog

        self._open_for_array(paste_into_dialog)

    def _open_for_array(self, dialog: Callable[[Target], WorkDialog]) -> None:
        from tui.dialogs.change_dialog import Target

        if not self.matrix.grid.table.size:
            self.refuse("this layer has no weights")
            return
        array, index = self.here
        self.app.push_screen(dialog(Target(self.session, self.place, array, self.view.planes[array], index)))

    def action_steps(self) -> None:
        from tui.dialogs.steps_dialog import StepsDialog

        self.app.push_screen(StepsDialog(self.session))

    def action_view(self) -> None:
        try:
            shown = compared(self.session.state, self.effect, self.effect_before)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.app.push_screen(SidesDialog(shown, self.digits))

    def action_rules(self) -> None:
        from tui.dialogs.rule_dialogs import RuleDialog, rules_dialog

        def built(right: RightModel, proof: Proof) -> None:
            self.call_later(self.app.push_screen, RuleDialog(self.session, right, proof))

        self.app.push_screen(rules_dialog(self.session, built))

    def action_always_right(self) -> None:
        self._do(self.session.load_always_right)

    def action_tutorial(self) -> None:
        self._do(self.session.load_tutorial)

    def action_freeze(self) -> None:
        self._do(lambda: self.session.freeze(self.place))

    def action_new(self) -> None:
        network = self.session.state.model.network
        values = {"inputs": str(network.inputs), "layers": shape_text(network)}
        words = "Dense layers with fresh weights; other inputs make new data by the same rule."
        self.app.push_screen(FormDialog("New model", NEW, values, _network, self.session.new_network, words))

    def action_paste(self) -> None:
        state, place = self.session.state, self.place
        arrays = state.model.weights.layers[place]
        if not arrays:
            self.refuse("this layer has no weights")
            return
        small = sum(array.size for array in arrays) <= MOST_PREFILLED
        text = format_arrays(arrays) if small else ""
        name = state.model.network.layers[place].name
        shapes = state.model.network.weight_shapes()[place]

        def parse(literal: str) -> Any:
            return parse_arrays(literal, shapes, name)

        def finish(parsed: Any) -> None:
            self.session.set_layer(place, parsed)

        wanted = " and ".join(f"{label} {shape}" for label, shape in zip(("kernel", "bias"), shapes, strict=False))
        self.app.push_screen(PasteDialog(f"{plain(name)}.set_weights: {wanted}", text, parse, finish))


def _network(values: dict[str, Any]) -> Network:
    return dense_network(values["inputs"], values["layers"])


def _steps(state: State) -> str:
    lines = ["steps (u undo, U redo)", *(f" {name}" for name in state.done[-5:])]
    return "\n".join([*lines, *(f" ({name})" for name in state.undone[-2:][::-1])])
