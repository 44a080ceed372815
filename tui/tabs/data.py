"""The Data tab: the points, their labels, how many of each, and where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.containers import Horizontal

from core.data.dataset import MAX_INPUTS, MAX_POINTS, PRESETS, SumRule, generate
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.model.table import Table
from core.typed import real, whole
from tui.commands import DATA, bindings
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
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS), "another: a new model"),
    Field("threshold", "threshold", real("a threshold", np.isfinite, "that is finite"), "+1 where the sum is above it"),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same points"),
)


class DataTab(TabPage):
    """Shows the data set; ``s`` makes another one."""

    BINDINGS: ClassVar = bindings(DATA)
    WORDS = "Points with a label for the model to learn, made as in the tutorial."

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
        rule = data.rule
        text = f"{rule.points:,} points in [0, 1)^{rule.inputs}, seed {rule.seed}: {rule.in_words()}"
        self.query_one("#rule", Words).show(text)
        self.query_one("#balance", Words).show(data.balance_in_words())
        matrix = self.query_one(Matrix)
        matrix.digits = self.digits
        if self._tabled is not data:
            self._tabled = data
            matrix.show(_table(data))
        plane = self.query_one(Plane)
        plane.display = data.inputs == 2
        self.set_class(plane.display, "with-scatter")
        if data.inputs == 2:
            plane.show(Picture(None, data.points, data.labels))

    # Actions

    def action_settings(self) -> None:
        state = self.session.state
        rule = state.dataset.rule
        values = {name: f"{getattr(rule, name)}" for name in ("points", "inputs", "threshold", "seed")}
        self.app.push_screen(FormDialog("Make data", FIELDS, values, _make, self.session.take_data))

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
    names = [*(f"x{place + 1}" for place in range(data.inputs)), "label"]
    values = np.column_stack([data.points, data.labels])
    return Grid(Table(values), lambda row: f"{row + 1}", names.__getitem__, labels=frozenset({data.inputs}))
