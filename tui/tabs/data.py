"""The Data tab: the points, their labels, how many of each, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.containers import Horizontal

from core.data.dataset import COUNTED_BY_ROWS, MAX_INPUTS, MAX_POINTS, PRESETS, SumRule, generate, rule_of
from core.errors import Refused
from core.formatting import count
from core.model.initial import MAX_SEED
from core.model.table import Table
from core.typed import real, whole
from tui.commands import DATA, bindings
from tui.dialogs.file_dialogs import open_data_dialog
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.page import TabPage
from tui.widgets.form import Field
from tui.widgets.matrix import Grid, Matrix
from tui.widgets.plane import Picture, Plane
from tui.widgets.words import Words

if TYPE_CHECKING:
    from typing import Any

    from textual.app import ComposeResult

    from core.data.dataset import Dataset
    from core.session import Session
    from core.state import State

FIELDS = (
    Field("points", "points", whole("points", 1, MAX_POINTS)),
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS), "if changed, weights begin anew"),
    Field("threshold", "threshold", real("a threshold", np.isfinite, "that is finite"), "+1 where the sum is above it"),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same points"),
)


class DataTab(TabPage):
    """Shows the data set; ``s`` makes another one, ``o`` opens a file."""

    BINDINGS: ClassVar = bindings(DATA)
    WORDS = "Points with a label for the model to learn: made as in the tutorial, or yours."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._tabled: Dataset | None = None

    def compose_body(self) -> ComposeResult:
        yield Words(id="rule")
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
        self.query_one("#balance", Words).show(data.balance_in_words() + by_rows)
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
            plane.show(Picture(None, data.points, data.labels, extent=data.extent))

    # Actions

    def action_settings(self) -> None:
        rule = rule_of(self.session.state.dataset)
        values = {name: f"{getattr(rule, name)}" for name in ("points", "inputs", "threshold", "seed")}
        self.app.push_screen(FormDialog("Make data", FIELDS, values, _make, self.session.take_data))

    def action_open_data(self) -> None:
        self.app.push_screen(open_data_dialog(self._take))

    def _take(self, dataset: Dataset) -> None:
        inputs = self.session.state.model.network.inputs
        self.session.take_data(dataset)
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


def _make(values: dict[str, Any]) -> Dataset:
    return generate(SumRule(**values))


def _table(data: Dataset) -> Grid:
    names, columns = [*(f"x{place + 1}" for place in range(data.inputs)), "label"], [data.points, data.labels]
    if data.weights is not None:
        names.append("weight")
        columns.append(data.weights)
    values = np.column_stack(columns)
    return Grid(Table(values), lambda row: f"{row + 1}", names.__getitem__, labels=frozenset({data.inputs}))
