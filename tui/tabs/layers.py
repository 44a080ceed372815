"""LayerTab: a tab that shows one layer at a time beside the list of layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList

from core.model.network import Dense, Dropout
from tui.tabs.page import TabPage
from tui.widgets.text import plain

if TYPE_CHECKING:
    from core.model.network import Layer, Network
    from core.session import Session
    from core.state import State


class LayerTab(TabPage):
    """Keeps which layer is shown; a subclass draws it in :meth:`show_layer`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.place = 0
        self._listed: Network | None = None

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


def _entry(layer: Layer) -> str:
    if isinstance(layer, Dense):
        return f"{plain(layer.name)}  {layer.units} {layer.activation}"
    kind = f"dropout {layer.rate:g}" if isinstance(layer, Dropout) else layer.activation
    return f"{plain(layer.name)}  {kind}"
