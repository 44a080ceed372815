"""The Set weights tab: every number editable, and at once what it does to the predictions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import on
from textual.containers import Horizontal, Vertical

from core.data.dataset import MAX_INPUTS
from core.editing.changes import calculated
from core.editing.selection import rectangle
from core.errors import Refused, shorten
from core.model.layers_text import chain_network, checked_shape, read_inputs, shape_text
from core.model.literal import format_arrays, parse_arrays
from core.model.network import times
from core.tasks import NoLabels, Numbers, Signs
from tui.commands import SET_WEIGHTS, bindings
from tui.dialogs.fits_dialog import fits_dialog
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.paste_dialog import PasteDialog
from tui.dialogs.sides_dialog import SidesDialog, compared
from tui.tabs.effect_words import effect_lines
from tui.tabs.layers import LayerTab
from tui.widgets.form import Field
from tui.widgets.layer_list import LayerList
from tui.widgets.matrix_editor import MatrixEditor
from tui.widgets.selecting import SelectingMatrix
from tui.widgets.step_list import StepList
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import ComposeResult
    from textual.screen import Screen

    from core.calculation.proof import Proof
    from core.editing.selection import Selection
    from core.model.giving import Giving
    from core.model.network import Network
    from core.model.rules import RightModel
    from core.model.weights import Weights
    from core.session.session import Session
    from core.session.state import State
    from tui.dialogs.change_dialog import Target

NEW = (
    Field("inputs", "inputs", partial(read_inputs, most=MAX_INPUTS), "a number, or as in 6x2, 28x28x1"),
    Field("layers", "layers", checked_shape, "as in 5 tanh, 1 tanh"),
)

MOST_PREFILLED = 2_000
"""A layer of more numbers than this is not written into the paste box."""


WIDTH, SHORTEST = 50, 8
"""Columns of the title before it is laid out, and of a layer's name at least."""

CHANGED = ("* changed by the last step", "* by the last step", "* changed")
"""What the marks mean, and the same for less room."""


class SetWeightsTab(LayerTab):
    """Edits the model; every change is one step that ``u`` takes back, and goes to Keras's ``set_weights``."""

    BINDINGS: ClassVar = bindings(SET_WEIGHTS)
    WORDS = "Be the training yourself: each change goes to Keras's set_weights."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._effect_lines: list[str] = []
        self._seen: object = None
        self._changed_by_step = False
        self._asked: tuple[str, State] | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="editor"):
            with Vertical(classes="side"):
                yield LayerList()
                yield StepList(id="steps")
            with Vertical(classes="main"):
                yield Words(id="layer-title", classes="heading")
                yield Words(id="look")
                yield MatrixEditor()
        yield Words(id="effect")

    def focus_main(self) -> None:
        self.query_one(MatrixEditor).focus_editor()

    def show_layer(self, state: State, place: int) -> None:
        arrays, before = self.arrays, None
        if state.before is not None and state.before.network == state.model.network:
            before = state.before.weights.layers[place]
        editor = self.query_one(MatrixEditor)
        matrix = editor.matrix
        matrix.digits = self.digits
        locked = "a training is under way: stop it first (space on the Training tab)" if state.training else ""
        if self._seen != (place, self.view):
            # What is selected is selected of the table that was seen.
            self._seen = (place, self.view)
            matrix.let_go()
        editor.show(self.grid(state, before), arrays, locked)
        self.show_look()
        # A training leaves a frozen layer as it was. To compare others at each step takes long, if they are large.
        frozen = not state.model.network.layers[place].trainable
        same = before is None or before is arrays or (frozen and all(map(np.array_equal, before, arrays)))
        self._changed_by_step = not same
        self._show_title()
        self.query_one(StepList).show(state.steps_in_words, state.undone, state.gone)
        self._effect_lines = effect_lines(state, self.effect, self.effect_before, self.digits, self._effect_lines)
        self.query_one("#effect", Words).show("\n".join(self._effect_lines))

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have the key of the model that is always right where one of its kind is: signs, answered from a row."""
        state = self.session.state
        network = state.model.network
        alike = network.on_one_page and network.outputs == 1 and isinstance(state.task, Signs | NoLabels)
        return action != "always_right" or alike

    def _do(self, change: Callable[[], None]) -> None:
        try:
            change()
        except Refused as refusal:
            self.refuse(str(refusal))

    def action_edit(self) -> None:
        self.query_one(MatrixEditor).matrix.action_choose()

    def action_extend(self, rows: int, columns: int) -> None:
        matrix = self.query_one(MatrixEditor).matrix
        matrix.focus()
        matrix.action_extend(rows, columns)

    @on(SelectingMatrix.Selected)
    def _show_title(self) -> None:
        """Say which layer it is, and what is said of its numbers by marks or shades."""
        layer, selected = (
            self.session.state.model.network.layers[self.place],
            self.query_one(MatrixEditor).matrix.selected,
        )
        title = self.query_one("#layer-title", Words)
        room = (title.content_size.width or WIDTH) - len(".set_weights()")
        words = ["frozen"] if self.arrays and not layer.trainable else []
        if selected is not None:
            rows, columns = selected
            words.append(f"{len(rows)} x {len(columns)} selected")
        elif self._changed_by_step:
            left = room - min(len(layer.name), SHORTEST) - len("   ".join(["", *words, ""]))
            words.append(next((said for said in CHANGED if len(said) <= left), CHANGED[-1]))
        beside = "".join(f"   {part}" for part in words)
        # A long name gives way to what the marks mean.
        room -= len(beside)
        title.show(f"{shorten(layer.name, max(SHORTEST, room))}.set_weights(){beside}")

    @on(MatrixEditor.Filled)
    def _fill(self, event: MatrixEditor.Filled) -> None:
        """Give all that is selected what was typed, as one step."""
        target = self._target

        def fill(selection: Selection) -> None:
            put = target.changed(calculated(selection, event.expression))
            put()

        if target.selected is not None:
            self._do(partial(fill, target.selected))

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

    def _open_for_array(self, dialog: Callable[[Target], Screen[Any]]) -> None:
        if self.matrix.grid.table.size:
            self.app.push_screen(dialog(self._target))
        else:
            self.refuse("this layer has no weights")

    @property
    def _target(self) -> Target:
        """The array under the cursor, and what is selected of it."""
        from tui.dialogs.change_dialog import Target

        array, index = self.here
        plane, selected = self.view.planes[array], self.query_one(MatrixEditor).matrix.selected
        chosen = None
        if selected is not None:
            top = self.matrix.cursor[0] - plane.cell(index)[0]
            rows, columns = selected
            chosen = rectangle(plane, (rows[0] - top, rows[-1] - top), (columns[0], columns[-1]))
        return Target(self.session, self.place, array, plane, index, chosen)

    def action_take_away(self) -> None:
        """Take away what is selected, or the array under the cursor."""
        from tui.dialogs.change_dialog import take_away_dialog

        self._open_for_array(take_away_dialog)

    def action_steps(self) -> None:
        from tui.dialogs.steps_dialog import StepsDialog

        self.app.push_screen(StepsDialog(self.session))

    def action_view(self) -> None:
        state, effects = self.session.state, (self.effect, self.effect_before)
        try:
            if isinstance(state.task, Numbers):
                seen: Screen[None] = fits_dialog(state, *effects)
            else:
                seen = SidesDialog(compared(state, *effects), self.digits)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.app.push_screen(seen)

    def action_rules(self) -> None:
        from tui.dialogs.rule_dialogs import RuleDialog, rules_dialog

        def built(right: RightModel, proof: Proof) -> None:
            self.call_later(self.app.push_screen, RuleDialog(self.session, right, proof))

        self.app.push_screen(rules_dialog(self.session, built))

    def action_always_right(self) -> None:
        self._replace(self.session.load_always_right, "The tutorial's always-right model")

    def action_tutorial(self) -> None:
        self._replace(self.session.load_tutorial, "The tutorial's trained model")

    def _replace(self, load: Callable[[], None], named: str) -> None:
        """Take another model, in place of a file's only if the key is pressed again, and say where one was replaced."""
        before = self.session.state
        if (file := before.own_file) is not None and self._asked != (named, before):
            self._asked = named, before
            here, unsaved = plain(shorten(file.name)), ", with changes that no file has" if before.unsaved else ""
            self.refuse(f"{here} is here{unsaved}. {named} would take its place: the same key again does that.")
            return
        self._do(load)
        if self.session.state is not before and (before.path is not None or before.unsaved):
            unsaved = ", whose changes no file has" if before.unsaved else ""
            self.notify(f"{named} is here in place of the one before{unsaved}: u gives that back.", markup=False)

    def action_give(self) -> None:
        """Give the model the weights of a file, once it was seen which goes where."""
        from tui.dialogs.giving_dialog import give_form, giving_dialog

        network = self.session.state.model.network

        def read(name: str, made: Giving) -> None:
            def give(weights: Weights | None) -> None:
                if weights is not None:
                    self._do(lambda: self.session.set_weights(f"weights of {shorten(name)}", weights))

            self.call_later(self.app.push_screen, giving_dialog(network, name, lambda: made), give)

        self.app.push_screen(give_form(network, read))

    def action_freeze(self) -> None:
        places = self.query_one(LayerList).within or [self.place]
        self._do(lambda: self.session.freeze(*places))

    def action_new(self) -> None:
        network = self.session.state.model.network
        values = {"inputs": times(network.input_shapes[0]), "layers": shape_text(network) or ""}
        words = (
            "Fresh weights, other inputs make new data. Any of Keras's layers with its settings: "
            "LSTM 4, 1 tanh over 6x2, or Conv2D 8 3x3 relu, Flatten, 3 softmax over 28x28x1."
        )
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
        expected = state.model.network.arrays_of(place)

        def parse(literal: str) -> Any:
            return parse_arrays(literal, expected, name)

        def finish(parsed: Any) -> None:
            self.session.set_layer(place, parsed)

        wanted = " and ".join(f"{label} {shape}" for label, shape in expected.items())
        self.app.push_screen(PasteDialog(f"{plain(name)}.set_weights: {wanted}", text, parse, finish))


def _network(values: dict[str, Any]) -> Network:
    return chain_network(values["inputs"], values["layers"])
