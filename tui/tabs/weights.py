"""The Weights tab: what ``get_weights()`` gives, layer by layer, with its statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical

from core.formatting import count, number
from core.model.literal import format_arrays
from core.model.network import Dense
from core.statistics import Statistics, statistics
from tui.commands import WEIGHTS, bindings
from tui.tabs.layers import LayerTab
from tui.widgets.curves import Curve, Curves
from tui.widgets.layer_table import array_place, layer_table
from tui.widgets.matrix import Matrix
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.model.weights import Weights
    from core.session import Session
    from core.state import State

MOST_COPIED = 100_000
"""A literal of more numbers than this is no longer something to paste."""


WATCHED = ("", "weight", "unit")
"""What has its path over the epochs drawn."""

MOST_PATHS = 50
"""Of a unit with more weights than this, the first ones are drawn."""


class WeightsTab(LayerTab):
    """Shows one layer's arrays; j and k go through the layers."""

    BINDINGS: ClassVar = bindings(WEIGHTS)
    WORDS = "Every number of the model. Row: the input it multiplies; column: its unit."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._watched = ""

    def compose_body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(classes="side"):
                yield self.layer_list()
                yield Words(id="statistics")
            with Vertical(classes="main"):
                yield Words(id="layer-title", classes="heading")
                yield Matrix()
                yield Words(id="cell")
                yield Curves(id="path")

    def focus_main(self) -> None:
        self.query_one(Matrix).focus()

    def show_layer(self, state: State, place: int) -> None:
        layer, arrays = state.model.network.layers[place], state.model.weights.layers[place]
        matrix = self.query_one(Matrix)
        matrix.digits = self.digits
        matrix.show(layer_table(state.model.network, place, arrays, None))
        title = f"{plain(layer.name)}.get_weights()"
        if isinstance(layer, Dense):
            title += f"   {count(layer.units, 'unit')}, {layer.activation}"
        self.query_one("#layer-title", Words).show(title if arrays else f"{plain(layer.name)} has no weights")
        self.query_one("#statistics", Words).show(self._statistics(state.model.weights, place))
        self._show_cell()
        self._show_path()

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
        self._show_path()

    def action_watch(self) -> None:
        """Go on to the next of: no path, this weight's path, the paths of all weights of its unit."""
        if self.session.state.model.run is None:
            self.refuse("expected a training whose weights could be watched, got none: space on the Training tab")
            return
        self._watched = WATCHED[(WATCHED.index(self._watched) + 1) % len(WATCHED)]
        self._show_path()

    def _show_path(self) -> None:
        """Draw the chosen weight, or all of its unit, over the epochs that are kept."""
        curves, run = self.query_one(Curves), self.session.state.model.run
        matrix = self.query_one(Matrix)
        curves.display = bool(self._watched) and run is not None and bool(matrix.grid.table.size)
        if run is None or not curves.display:
            return
        row, column = matrix.cursor
        inputs = self.session.state.model.weights.layers[self.place][0].shape[0]
        rows = [row]
        if self._watched == "unit":
            rows = [*(other for other in range(min(matrix.grid.table.rows, MOST_PATHS)) if other != row), row]
        paths = []
        for one in rows:
            array, index = array_place(one, column, inputs)
            colour = "training" if one == row else "faint"
            paths.append(Curve(run.kept.path(self.place, array, index), colour, at=run.kept.epochs))
        curves.show(paths, run.recipe.epochs)

    def _show_cell(self) -> None:
        matrix = self.query_one(Matrix)
        if not matrix.grid.table.size:
            self.query_one("#cell", Words).show("")
            return
        row, column = matrix.cursor
        value = matrix.grid.table.at(row, column)
        what = "bias" if matrix.grid.row_name(row) == "bias" else f"weight from {matrix.grid.row_name(row)}"
        self.query_one("#cell", Words).show(f"{what} to {matrix.grid.column_name(column)}: {value:.9g}")

    def action_copy(self) -> None:
        state = self.session.state
        arrays = state.model.weights.layers[self.place]
        size = sum(array.size for array in arrays)
        if not arrays or size > MOST_COPIED:
            self.refuse("this layer has no weights" if not arrays else f"{size:,} numbers are too many to copy as text")
            return
        self.app.copy_to_clipboard(format_arrays(arrays))
        name = plain(state.model.network.layers[self.place].name)
        self.notify(f"Sent to the terminal's clipboard: {size:,} numbers for {name}.set_weights().", markup=False)
