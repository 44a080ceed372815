"""The five tabs: one is drawn at once; the others are imported and made once it is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.makers import Nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.session.state import State
    from tui.tabs.page import TabPage

TITLES = {
    "data": "1 Data",
    "training": "2 Training",
    "weights": "3 Weights",
    "by-hand": "4 By hand",
    "set-weights": "5 Set weights",
}
"""Tab -> what stands on it."""

DATA, LAYERS = "data", "weights"

KEY_OF_LAYERS = "3"
"""The key of the tab with the list of layers, which whoever opens a model may have pressed already."""


def first_tab(state: State) -> str:
    """Return the tab that is drawn first: with the data or, where a model came without any, with its layers."""
    return LAYERS if isinstance(state.dataset.origin, Nothing) else DATA


def pages(first: str) -> Iterator[tuple[str, type[TabPage]]]:
    """Give each tab and its page, imported only now: the ``first``, then that with the layers, then the others."""
    for tab in dict.fromkeys((first, LAYERS, *TITLES)):
        yield tab, _page(tab)


def _page(tab: str) -> type[TabPage]:
    match tab:
        case "data":
            from tui.tabs.data import DataTab

            return DataTab
        case "training":
            from tui.tabs.training import TrainingTab

            return TrainingTab
        case "weights":
            from tui.tabs.weights import WeightsTab

            return WeightsTab
        case "by-hand":
            from tui.tabs.by_hand import ByHandTab

            return ByHandTab
    from tui.tabs.set_weights import SetWeightsTab

    return SetWeightsTab
