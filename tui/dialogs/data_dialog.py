"""The form that makes data: as long as its threshold is the usual one for the inputs, it follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from textual import on
from textual.widgets import Input

from core.data.dataset import MAX_INPUTS, MAX_POINTS, Dataset, SumRule, generate, usual_threshold
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.typed import real, whole
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field, Form

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = (
    Field("points", "points", whole("points", 1, MAX_POINTS)),
    Field("inputs", "inputs", whole("inputs", 1, MAX_INPUTS), "other inputs begin a new model"),
    Field("threshold", "threshold", real("a threshold", np.isfinite, "that is finite"), "+1 where the sum is above it"),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same points"),
)


class DataDialog(FormDialog):
    """Makes data by another rule than ``rule``, and gives it to ``take``."""

    def __init__(self, rule: SumRule, take: Callable[[Dataset], None]) -> None:
        values = {field.name: f"{getattr(rule, field.name)}" for field in FIELDS}
        super().__init__("Make data", FIELDS, values, _make, take)
        self._usual = f"{usual_threshold(rule.inputs)}"

    @on(Input.Changed, "#line-inputs Input")
    def _follow(self) -> None:
        form = self.query_one(Form)
        inputs, threshold = form.line("inputs"), form.line("threshold")
        if threshold.value != self._usual:
            return
        try:
            number = inputs.field.read(inputs.value)
        except Refused:
            # Something is still being typed.
            return
        self._usual = threshold.value = f"{usual_threshold(number)}"


def _make(values: dict[str, Any]) -> Dataset:
    return generate(SumRule(**values))
