"""LayerList: the layers of a network, as many of them as there is room for, and how many more there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.layers.layer import Layer


class LayerList(Vertical):
    """A list to choose a layer from; it scrolls with the chosen one, and its last line says what is out of sight."""

    def compose(self) -> ComposeResult:
        yield OptionList(classes="layers", compact=True)
        yield Words(classes="more")

    @property
    def options(self) -> OptionList:
        """The list itself."""
        return self.query_one(OptionList)

    def show(self, layers: tuple[Layer, ...], chosen: int) -> None:
        """List ``layers``, with the one at ``chosen`` as the chosen one."""
        self.options.clear_options()
        self.options.add_options([Content(_entry(layer)) for layer in layers])
        self.options.highlighted = chosen
        # No more room than the layers take, and a line.
        self.styles.max_height = len(layers) + 1
        self.call_after_refresh(self.on_resize)

    def on_resize(self) -> None:
        """Say how many layers the list has no room for."""
        more = max(self.options.option_count - self.options.size.height, 0)
        self.query_one(".more", Words).show(f"and {more:,} more: j, k" if more else "")
        self.options.scroll_to_highlight()


def _entry(layer: Layer) -> str:
    words, linear = layer.in_words, layer.last_activation == "linear"
    kind = f"{words} linear" if linear and words != "linear" else words
    return f"{plain(layer.name)}  {kind}{'' if layer.trainable else '  frozen'}"
