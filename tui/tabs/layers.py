"""LayerTab: a tab that shows one layer at a time beside the list of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList

from core.model.network import Dense, Dropout
from core.search import extreme, next_match, parse_condition
from core.typed import whole
from tui.dialogs.form_dialog import FormDialog
from tui.tabs.page import TabPage
from tui.widgets.form import Field
from tui.widgets.matrix import Matrix
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.network import Layer, Network
    from core.search import Condition
    from core.session import Session
    from core.state import State


NOTHING = "this layer has no numbers to go to"

CONDITIONS = "> 0.5, == 0, |w| < 1e-3, nan, inf"


class LayerTab(TabPage):
    """Keeps which layer is shown; a subclass draws it in :meth:`show_layer`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.place = 0
        self._listed: Network | None = None
        self._condition: Condition | None = None

    @property
    def matrix(self) -> Matrix:
        """The table of the layer's numbers."""
        return self.query_one(Matrix)

    def layer_list(self) -> OptionList:
        """Return the list of layers, for the subclass to place."""
        return OptionList(classes="layers", compact=True)

    def show_layer(self, state: State, place: int) -> None:
        """Draw the layer at ``place``."""

    def show(self, state: State) -> None:
        network = state.model.network
        self.place = min(self.place, len(network.layers) - 1)
        if self._listed != network:
            self._listed = network
            options = self.query_one(OptionList)
            options.clear_options()
            options.add_options([Content(_entry(layer)) for layer in network.layers])
            options.highlighted = self.place
        self.show_layer(state, self.place)

    @on(OptionList.OptionHighlighted)
    def follow_list(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index != self.place and self.state is not None:
            self.place = event.option_index
            self._changed()

    def action_layer(self, places: int) -> None:
        """Go to a layer further on or back, round the ends."""
        layers = len(self.session.state.model.network.layers)
        self.query_one(OptionList).highlighted = (self.place + places) % layers

    # Going to a number

    def action_go_to(self) -> None:
        """Ask for a row and a column."""
        table = self.matrix.grid.table
        if not table.size:
            self.refuse(NOTHING)
            return
        fields = (
            Field("row", "row", whole("a row", 1, table.rows), f"1 to {table.rows:,}; the last may be the bias"),
            Field("column", "column", whole("a column", 1, table.columns), f"1 to {table.columns:,}"),
        )
        row, column = self.matrix.cursor
        values = {"row": str(row + 1), "column": str(column + 1)}
        self.app.push_screen(FormDialog("Go to", fields, values, lambda typed: typed, self._go_to))

    def _go_to(self, typed: dict[str, int]) -> None:
        self.matrix.cursor = (typed["row"] - 1, typed["column"] - 1)

    def action_find(self) -> None:
        """Ask for a condition, and go to the next number for which it holds."""
        fields = (Field("condition", "find", parse_condition, CONDITIONS),)
        typed = {"condition": self._condition.text if self._condition else "> 0.5"}
        self.app.push_screen(FormDialog("Find", fields, typed, lambda found: found["condition"], self._find))

    def _find(self, condition: Condition) -> None:
        self._condition = condition
        self.action_find_next()

    def action_find_next(self) -> None:
        """Go to the next number for which the last condition holds, round the end."""
        if self._condition is None:
            self.action_find()
            return
        table, here, condition = self.matrix.grid.table, self.matrix.cursor, self._condition
        self._jump(lambda: next_match(table, condition, here), f"no number of this layer is {condition.text}")

    def action_extreme(self, largest: bool) -> None:
        """Go to the number with the largest or the smallest absolute value."""
        table = self.matrix.grid.table
        self._jump(lambda: extreme(table, largest=largest), NOTHING)

    def _jump(self, search: Callable[[], tuple[int, int] | None], nothing: str) -> None:
        """Search beside the screen, and go there unless something else is shown by then."""
        grid = self.matrix.grid

        def work() -> None:
            found = search() if grid.table.size else None
            self.app.call_from_thread(arrive, found)

        def arrive(found: tuple[int, int] | None) -> None:
            if found is None:
                self.refuse(nothing)
            elif self.matrix.grid is grid:
                self.matrix.cursor = found

        self.run_worker(work, group="search", description="search", thread=True, exclusive=True)


def _entry(layer: Layer) -> str:
    if isinstance(layer, Dense):
        return f"{plain(layer.name)}  {layer.units} {layer.activation}{'' if layer.trainable else '  frozen'}"
    kind = f"dropout {layer.rate:g}" if isinstance(layer, Dropout) else layer.activation
    return f"{plain(layer.name)}  {kind}"
