"""The Weights tab: what ``get_weights()`` gives, layer by layer, with its statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from core.formatting import number
from core.model.literal import format_array
from core.model.network import Dense
from core.statistics import Statistics, statistics
from tui.commands import WEIGHTS, bindings
from tui.tabs.layers import LayerTab
from tui.widgets.layer_table import layer_table
from tui.widgets.matrix import Matrix
from tui.widgets.text import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.model.weights import Weights
    from core.session import State

MOST_COPIED = 100_000
"""A literal of more numbers than this is no longer something to paste."""


class WeightsTab(LayerTab):
    """Shows one layer's arrays; j and k go through the layers."""

    BINDINGS: ClassVar = bindings(WEIGHTS)
    WORDS = "Every number of the model. Row: the input it multiplies; column: its unit."

    def compose_body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(classes="side"):
                yield self.layer_list()
                yield Static(id="statistics", markup=False)
            with Vertical(classes="main"):
                yield Static(id="layer-title", classes="heading", markup=False)
                yield Matrix()
                yield Static(id="cell", markup=False)

    def focus_main(self) -> None:
        self.query_one(Matrix).focus()

    def show_layer(self, state: State, place: int) -> None:
        layer, arrays = state.model.network.layers[place], state.model.weights.layers[place]
        matrix = self.query_one(Matrix)
        matrix.digits = self.digits
        matrix.show(layer_table(state.model.network, place, arrays, None))
        title = f"{plain(layer.name)}.get_weights()"
        if isinstance(layer, Dense):
            title += f"   {layer.units} units, {layer.activation}"
        self.query_one("#layer-title", Static).update(title if arrays else f"{plain(layer.name)} has no weights")
        self.query_one("#statistics", Static).update(self._statistics(state.model.weights, place))
        self._show_cell()

    def _statistics(self, weights: Weights, place: int) -> str:
        texts = [
            self._one(label, statistics(array))
            for label, array in zip(("kernel", "bias"), weights.layers[place], strict=False)
        ]
        return "\n\n".join(texts)

    def _one(self, label: str, s: Statistics) -> str:
        shape = " x ".join(str(side) for side in s.shape)
        rows = [("min", s.minimum), ("max", s.maximum), ("mean", s.mean), ("std", s.standard_deviation)]
        lines = [f"{name:<5}{number(value, self.digits):>{self.digits + 8}}" for name, value in rows]
        return "\n".join([f"{label} {shape} {s.dtype}", *lines])

    def on_matrix_moved(self) -> None:
        self._show_cell()

    def _show_cell(self) -> None:
        matrix = self.query_one(Matrix)
        if not matrix.grid.values.size:
            self.query_one("#cell", Static).update("")
            return
        row, column = matrix.cursor
        value = float(matrix.grid.values[row, column])
        what = "bias" if matrix.grid.row_name(row) == "bias" else f"weight from {matrix.grid.row_name(row)}"
        self.query_one("#cell", Static).update(f"{what} to {matrix.grid.column_name(column)}: {value:.9g}")

    def action_copy(self) -> None:
        state = self.session.state
        arrays = state.model.weights.layers[self.place]
        size = sum(array.size for array in arrays)
        if not arrays or size > MOST_COPIED:
            self.refuse("this layer has no weights" if not arrays else f"{size:,} numbers are too many to copy as text")
            return
        self.app.copy_to_clipboard("[" + ", ".join(format_array(array) for array in arrays) + "]")
        name = plain(state.model.network.layers[self.place].name)
        self.notify(f"Copied: what {name}.set_weights() takes ({size:,} numbers).", markup=False)
