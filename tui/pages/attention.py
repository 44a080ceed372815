"""Attention: the table of scores and the table of weights of one head, queries down and keys across."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.page import Table, laid_out, name_beside
from tui.pages.view import View

if TYPE_CHECKING:
    from core.calculation.calculated import Value

FIRST = ("score", "weight")


class AttentionView(View):
    """One head: its scores and weights, what they are made of and what is made of them."""

    def turned_axes(self) -> tuple[str, ...]:
        """Return the head."""
        return ("head",)

    def tables(self) -> list[Table]:
        """Return the scores and the weights, then all other values in order, what is given and the kernels."""
        first = [value for name in FIRST for value in self.own if value.name == name]
        others = [value for value in self.own if value.name not in FIRST]
        return [
            *(self._table(value) for value in (*first, *others, *self.given)),
            *laid_out(self.done, self.call, self.weights, self.places),
        ]

    def _table(self, value: Value) -> Table:
        axes = self.done.axes_of(value)
        free = tuple(at for at, axis in enumerate(axes) if axis != "head")
        at = tuple(self.places["head"] if axis == "head" else 0 for axis in axes)
        head = f", head {self.places['head'] + 1}" if "head" in axes else ""
        return Table(self.done, (value,), free[:-1], free[-1:], at, f"{name_beside(self.call, value)}{head}")
