"""The Data tab: the points, their labels, how many of each, and where they lie."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import on
from textual.containers import Horizontal, Vertical

from core.calculation.fit import over_input
from core.cells import cell_width
from core.data.dataset import COUNTED_BY_ROWS, PRESETS
from core.data.editing import column_name, without_rows
from core.data.images import is_image
from core.data.split import split_parts
from core.errors import Refused, shorten
from core.formatting import whole
from core.model.table import SideBySide
from core.names import told_apart
from core.tasks import NoLabels, Numbers, TaskName
from core.tasks.balance import balance
from tui.commands import DATA, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.make_dialog import Made, MakeDialog
from tui.dialogs.open_data_dialog import OpenDataDialog
from tui.dialogs.row_dialogs import add_row_dialog, edit_row_dialog, noise_dialog, shuffle_dialog
from tui.tabs.looking import TURNS, Looking, can_turn
from tui.tabs.page import TabPage
from tui.tabs.pictures import picture
from tui.tabs.words import begun_anew
from tui.threads import in_thread
from tui.widgets.fit_picture import FitPicture
from tui.widgets.form import Field
from tui.widgets.image import Image
from tui.widgets.matrix import Grid, Matrix
from tui.widgets.plane import Plane
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import ComposeResult

    from core.data.dataset import Dataset
    from core.data.editing import Edited
    from core.session.session import Session
    from core.session.state import State

NAME = 10
"""Columns of a class's name in the table."""

BY_ITSELF = "by the labels"
"""What stands in the form where nobody has chosen a task."""

OF_ROWS = frozenset({"edit", "add", "take_out", "noise", "shuffle", "use"})
"""What is done with rows."""

TASK_WORDS = (
    "signs: -1 and +1. binary: 0 and 1. classes: an output for each. numbers: regression. none: predictions alone.\n"
    f"{BY_ITSELF}: what labels, loss and outputs say."
)


MOST_LOOKED_AT = 1_000_000
"""Labels of several columns that are looked at for whole numbers: more take too long."""


class DataTab(TabPage):
    """Shows the data set; ``s`` makes another one, ``o`` opens a file, ``e`` edits a row of it."""

    BINDINGS: ClassVar = bindings(DATA)
    WORDS = "Points with a label for the model to learn: made here (s), or yours (o)."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._tabled: tuple[Dataset, frozenset[int]] | None = None
        self._looking = Looking()
        self._input = 0
        self._split_of: tuple[Dataset, float] | None = None

    def compose_body(self) -> ComposeResult:
        yield Words(id="rule")
        yield Words(id="task")
        yield Words(id="balance")
        yield Words(id="split")
        with Horizontal():
            yield Matrix(id="points")
            yield Plane(id="scatter")
            with Vertical(id="fit-side"):
                yield Words(id="fit-title", classes="heading")
                yield FitPicture()
            yield Image()

    def focus_main(self) -> None:
        self.query_one(Matrix).focus()

    def show(self, state: State) -> None:
        data = state.dataset
        self.query_one("#rule", Words).show(data.in_words())
        by_rows = f" {COUNTED_BY_ROWS}" if data.weights is not None else ""
        task = f"Task (k) {state.task.in_words()}." if len(data) else ""
        # That there are none, and which keys give some, is said above.
        self.query_one("#task", Words).show(f"{state.misfit} {task}".strip() if len(data) else "")
        told = balance(state.task, data) + by_rows if len(data) else ""
        self.query_one("#balance", Words).show(told)
        self._show_split(data, state.recipe.validation_split)
        matrix = self.query_one(Matrix)
        matrix.digits = self.digits
        shown = data, state.model.network.whole_columns
        if self._tabled != shown:
            self._tabled = shown
            matrix.show(_table(*shown))
        self.set_class(data.weights is not None, "with-weights")
        self.set_class(bool(data.classes), "with-names")
        self.set_class(data.labels.shape[1] > 1, "with-labels")
        self._show_picture(state)

    def _show_picture(self, state: State) -> None:
        """Draw the points on the plane, or labels that are numbers over the input under the cursor."""
        data, task, plane = state.dataset, state.task, self.query_one(Plane)
        drawn = is_image(data.shape)
        over = isinstance(task, Numbers) and not drawn and (data.inputs != 2 or self._looking.turned)
        plane.display = data.inputs == 2 and not over and not drawn
        self.query_one(Image).display = drawn
        self.query_one("#fit-side").display = over
        self.set_class(plane.display or over, "with-scatter")
        self.set_class(drawn, "with-image")
        if drawn:
            self._show_image(state, self.query_one(Matrix).cursor[0])
        output = self._looking.output(task) if isinstance(task, Numbers) else 0
        if plane.display:
            plane.show(picture(data, task, None, len(data), output=output))
        if isinstance(task, Numbers) and over:
            self._input = min(self._input, data.inputs - 1)
            fit = over_input(data.points[:, self._input], data.labels[:, output], *self._names(data, task, output))
            self.query_one(FitPicture).show(fit)
            self.query_one("#fit-title", Words).show(f"{shorten(fit.up, 14)} over {shorten(fit.across, 14)}")

    def _show_image(self, state: State, row: int) -> None:
        """Draw the row under the cursor, in the shades of all rows, with its label in words."""
        data = state.dataset
        label = "" if isinstance(state.task, NoLabels) else f": label {state.task.label_text(data.labels[row])}"
        title = f"{data.row_in_words(row)} of {len(data):,}{label}"
        self.query_one(Image).show(data.points[row], data.shape, data.range, title)

    def _names(self, data: Dataset, task: Numbers, output: int) -> tuple[str, str]:
        """Return what the input that is drawn and the label are called."""
        label = task.named[output] if len(task.named) == 1 else f"label {task.named[output]}"
        return column_name(data, self._input), label

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Have the keys of rows only where there are rows, those of numbers where there is more than one picture."""
        state = self.session.state
        if action in OF_ROWS and not len(state.dataset):
            return False
        if parameters or action not in TURNS:
            return True
        return can_turn(action, state.task) and (action == "output" or state.dataset.inputs == 2)

    @on(Matrix.Moved)
    def _follow_cursor(self, event: Matrix.Moved) -> None:
        """Draw the row, or the labels over the input, that the cursor came to."""
        if self.state is None:
            return
        if is_image(self.state.dataset.shape):
            self._show_image(self.state, event.row)
        elif event.column < self.state.dataset.inputs and event.column != self._input:
            self._input = event.column
            self._show_picture(self.state)

    def _show_split(self, data: Dataset, split: float) -> None:
        if self._split_of is not None and self._split_of[0] is data and self._split_of[1] == split:
            return
        self._split_of = data, split
        words = self.query_one("#split", Words)
        if not len(data):
            words.show("")
            return
        try:
            parts = split_parts(data, split)
        except Refused as refusal:
            words.show(f"Split {split:g}: {refusal} (s on Training changes it)")
            words.set_class(True, "trap")
            return
        told = parts.in_words("S shuffles the rows") if parts.traps else parts.rows_in_words()
        words.show(f"Split {split:g}: {told}" if split else told)
        words.set_class(bool(parts.traps), "trap")

    # Actions

    def action_settings(self) -> None:
        self.app.push_screen(MakeDialog(self.session, self._take_made))

    def _take_made(self, made: Made) -> None:
        if made.suited is None:
            self._take(made.dataset)
            return
        self.session.take_data(made.dataset, made.suited)
        layers, loss = made.suited
        self.notify(f"A new model: {layers}, to be trained with {loss}. u gives the one before back.", markup=False)

    def action_look(self) -> None:
        self._looking.turn()
        self._changed()

    def action_output(self) -> None:
        self._looking.turn_output()
        self._changed()

    def action_task(self) -> None:
        chosen = self.session.state.recipe.task
        field = Field("task", "task", str, choices=(BY_ITSELF, *(name.value for name in TaskName)))
        here = {"task": BY_ITSELF if chosen is None else chosen.value}
        self.app.push_screen(FormDialog("What the labels mean", (field,), here, _task_named, self._chosen, TASK_WORDS))

    def _chosen(self, name: TaskName | None) -> None:
        self.session.choose_task(name)

    def action_open_data(self) -> None:
        self.app.push_screen(OpenDataDialog(self.session.state, self._take))

    def _take(self, dataset: Dataset, task: TaskName | None = None) -> None:
        before = self.session.state
        self.session.take_data(dataset, task=task)
        if told := begun_anew(before, self.session.state):
            self.notify(told, markup=False)

    def action_edit(self) -> None:
        self.app.push_screen(edit_row_dialog(self.session.state, self.query_one(Matrix).cursor, self._take_edited))

    def action_add(self) -> None:
        self.app.push_screen(add_row_dialog(self.session.state, self.query_one(Matrix).cursor, self._take_added))

    def action_noise(self) -> None:
        self.app.push_screen(noise_dialog(self.session.state, self._take_edited))

    def action_shuffle(self) -> None:
        self.app.push_screen(shuffle_dialog(self.session.state, self._take_edited))

    async def action_take_out(self) -> None:
        row, data = self.query_one(Matrix).cursor[0], self.session.state.dataset
        # Beside the screen, whose next key waits for it: of the largest data it takes longer than a frame.
        edited = await in_thread(partial(without_rows, data, [row]))
        try:
            if isinstance(edited, Refused):
                raise edited
            self.session.take_edited(edited)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.notify(f"{_began(data.row_in_words(row))} is taken out. u gives it back.", markup=False)

    def _take_edited(self, edited: Edited) -> None:
        self.session.take_edited(edited)

    def _take_added(self, edited: Edited) -> None:
        self.session.take_edited(edited)
        self.call_next(self.query_one(Matrix).action_move_to_row, -1)

    def action_preset(self) -> None:
        inputs = self.session.state.dataset.inputs
        preset = PRESETS[1] if inputs == PRESETS[0].rule.inputs else PRESETS[0]
        try:
            self.session.use_preset(preset)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.notify(f"The tutorial's data and network: {preset.title}. u gives those before back.", markup=False)

    def action_use(self) -> None:
        row = self.query_one(Matrix).cursor[0]
        try:
            self.session.take_row(row)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            named = _began(self.session.state.dataset.row_in_words(row))
            self.notify(f"{named} is now x on the By hand tab.", markup=False)


def _began(words: str) -> str:
    return words[0].upper() + words[1:]


def _task_named(values: dict[str, Any]) -> TaskName | None:
    return None if values["task"] == BY_ITSELF else TaskName(values["task"])


def _table(data: Dataset, whole_columns: frozenset[int]) -> Grid:
    weights = [] if data.weights is None else [data.weights]
    names = told_apart(data.classes, NAME)
    labels = _label_texts(data, names)
    named: dict[int, Callable[[float], str]] = {column: whole for column in whole_columns if column < data.inputs}
    named |= {data.inputs: labels} if labels else {}
    if data.labels.shape[1] > 1 and data.labels.size <= MOST_LOOKED_AT:
        are_whole = (data.labels == np.trunc(data.labels)).all(axis=0)
        named |= {data.inputs + int(column): whole for column in np.flatnonzero(are_whole)}
    widest = max(map(cell_width, names), default=0)
    table = SideBySide(data.points, data.labels, *weights)
    return Grid(table, data.row_number, lambda _row, column: column_name(data, column), labels=named, widest=widest)


def _label_texts(data: Dataset, names: tuple[str, ...]) -> Callable[[float], str] | None:
    """Return how a label is written: -1 and +1 with their sign, a class by its name, whole numbers as such."""
    if names:
        return lambda value: names[int(value)]
    if data.distinct is None or not all(value.is_integer() for value in data.distinct):
        return None
    signs = set(data.distinct) <= {-1.0, 1.0}
    return lambda value: f"{value:+.0f}" if signs else f"{value:.0f}"
