"""LayerList: the layers of a network to choose from, as a list of them or, where they branch, as the graph of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from core.layers.writer import layers_of
from core.model.outline import Outline
from tui.widgets.graph_list import GraphList
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.layers.layer import Layer
    from core.model.network import Network


class LayerList(Vertical):
    """A list to choose a layer from; it scrolls with the chosen one, and its last line says what is out of sight."""

    class Chosen(Message):
        """Another layer is chosen: the one at ``place``."""

        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._network: Network | None = None

    def compose(self) -> ComposeResult:
        yield OptionList(classes="layers", compact=True)
        yield Words(classes="more")
        yield GraphList()

    @property
    def options(self) -> OptionList:
        """The list itself, of a chain."""
        return self.query_one(OptionList)

    def show(self, network: Network, chosen: int) -> None:
        """List the layers of ``network``, with the one at ``chosen`` as the chosen one."""
        self._network = network
        graph, layers = self.query_one(GraphList), network.layers
        self.set_class(not network.on_one_page, "graph")
        self.options.clear_options()
        if network.on_one_page:
            self.options.add_options([Content(_entry(*one)) for one in zip(layers, network.weight_names, strict=True)])
            # No more room than the layers take, and a line.
            self.styles.max_height = len(layers) + 1
            self.call_after_refresh(self.on_resize)
        else:
            self.styles.max_height = None
            graph.show(Outline(network.summary.calls, {}))
        if chosen not in self.within:
            # A model in hand that it is in stays in hand.
            self.choose(chosen)

    @property
    def within(self) -> list[int]:
        """The layers that the line in hand is of: of a model that is a layer, all in it."""
        line, network = self.query_one(GraphList).line, self._network
        if network is None or network.on_one_page or line is None or not line.is_model:
            return []
        path = layers_of(line.call)
        return [place for place, one in enumerate(network.paths) if one[: len(path)] == path]

    def choose(self, place: int) -> None:
        """Have the layer at ``place`` as the chosen one."""
        if self._network is None:
            return
        if self._network.on_one_page:
            self.options.highlighted = place
        else:
            self.query_one(GraphList).go_to(self._network.paths[place], "output")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Chosen(event.option_index))

    def on_graph_list_moved(self, event: GraphList.Moved) -> None:
        event.stop()
        # Any call of a layer stands for it.
        path = layers_of(event.line.call)
        if self._network is not None and path in self._network.paths:
            self.post_message(self.Chosen(self._network.paths.index(path)))

    def on_resize(self) -> None:
        """Say how many layers the list has no room for."""
        more = max(self.options.option_count - self.options.size.height, 0)
        self.query_one(".more", Words).show(f"and {more:,} more: j, k" if more else "")
        self.options.scroll_to_highlight()


def _entry(layer: Layer, arrays: tuple[str, ...]) -> str:
    words = layer.in_words
    kind = f"{words} linear" if words.isdecimal() and layer.last_activation == "linear" else words
    return f"{plain(layer.name)}  {kind}{'' if layer.trainable or not arrays else '  frozen'}"
