"""The Data tab: the points, their labels, how many of each, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.containers import Horizontal

from core.data.dataset import COUNTED_BY_ROWS, PRESETS, DataFile
from core.errors import Refused, shorten
from core.formatting import count
from core.model.table import Table
from core.tasks import TaskName
from core.tasks.balance import balance
from tui.commands import DATA, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.make_dialog import Made, MakeDialog
from tui.dialogs.open_data_dialog import OpenDataDialog
from tui.tabs.page import TabPage
from tui.tabs.pictures import picture
from tui.widgets.form import Field
from tui.widgets.matrix import Grid, Matrix
from tui.widgets.plane import Plane
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import ComposeResult

    from core.data.dataset import Dataset
    from core.session import Session
    from core.state import State

BY_ITSELF = "by the labels"
"""What stands in the form where nobody has chosen a task."""

TASK_WORDS = (
    "signs: -1 and +1. binary: 0 and 1. classes: an output for each. numbers: regression. none: predictions alone.\n"
    f"{BY_ITSELF}: what labels, loss and outputs say."
)


class DataTab(TabPage):
    """Shows the data set; ``s`` makes another one, ``o`` opens a file."""

    BINDINGS: ClassVar = bindings(DATA)
    WORDS = "Points with a label for the model to learn: made here (s), or yours (o)."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._tabled: Dataset | None = None

    def compose_body(self) -> ComposeResult:
        yield Words(id="rule")
        yield Words(id="task")
        yield Words(id="balance")
        with Horizontal():
            yield Matrix(id="points")
            yield Plane(id="scatter")

    def focus_main(self) -> None:
        self.query_one(Matrix).focus()

    def show(self, state: State) -> None:
        data = state.dataset
        self.query_one("#rule", Words).show(data.in_words())
        by_rows = f" {COUNTED_BY_ROWS}" if data.weights is not None else ""
        self.query_one("#task", Words).show(f"{state.misfit} Task {state.task.in_words()}. k: another".lstrip())
        self.query_one("#balance", Words).show(balance(state.task, data) + by_rows)
        matrix = self.query_one(Matrix)
        matrix.digits = self.digits
        if self._tabled is not data:
            self._tabled = data
            matrix.show(_table(data))
        plane = self.query_one(Plane)
        plane.display = data.inputs == 2
        self.set_class(plane.display, "with-scatter")
        self.set_class(data.weights is not None, "with-weights")
        if data.inputs == 2:
            plane.show(picture(data, state.task, None, len(data)))

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
        inputs = self.session.state.model.network.inputs
        self.session.take_data(dataset, task=task)
        if dataset.inputs != inputs:
            self.notify(
                f"The model had {count(inputs, 'input')}: its layers begin anew over {dataset.inputs:,}.", markup=False
            )

    def action_preset(self) -> None:
        inputs = self.session.state.dataset.inputs
        preset = PRESETS[1] if inputs == PRESETS[0].rule.inputs else PRESETS[0]
        try:
            self.session.use_preset(preset)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.notify(f"The tutorial's data and network: {preset.title}.", markup=False)

    def action_use(self) -> None:
        row = self.query_one(Matrix).cursor[0]
        try:
            self.session.take_row(row)
        except Refused as refusal:
            self.refuse(str(refusal))
        else:
            self.notify(f"Row {row + 1} is now x on the By hand tab.", markup=False)


def _task_named(values: dict[str, Any]) -> TaskName | None:
    return None if values["task"] == BY_ITSELF else TaskName(values["task"])


def _table(data: Dataset) -> Grid:
    own = data.origin.inputs if isinstance(data.origin, DataFile) else ()
    names = list(own) or [f"x{place + 1}" for place in range(data.inputs)]
    targets, columns = data.labels.shape[1], [data.points, data.labels]
    names += ["label"] if targets == 1 else [f"label {place + 1}" for place in range(targets)]
    if data.weights is not None:
        names.append("weight")
        columns.append(data.weights)
    values = np.column_stack(columns)
    labels = _label_texts(data)
    return Grid(
        Table(values), lambda row: f"{row + 1}", names.__getitem__, labels={data.inputs: labels} if labels else {}
    )


def _label_texts(data: Dataset) -> Callable[[float], str] | None:
    """Return how a label is written: -1 and +1 with their sign, a class by its name, whole numbers as such."""
    if data.classes:
        return lambda value: shorten(data.classes[int(value)], 12)
    if data.distinct is None or not all(value.is_integer() for value in data.distinct):
        return None
    signs = set(data.distinct) <= {-1.0, 1.0}
    return lambda value: f"{value:+.0f}" if signs else f"{value:.0f}"
