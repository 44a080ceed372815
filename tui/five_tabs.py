"""The five tabs: the first is drawn at once; the others are imported and made once it is on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.tabs.data import DataTab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.tabs.page import TabPage

TITLES = {
    "data": "1 Data",
    "training": "2 Training",
    "weights": "3 Weights",
    "by-hand": "4 By hand",
    "set-weights": "5 Set weights",
}
"""Tab -> what stands on it."""

FIRST, FIRST_PAGE = "data", DataTab

LAYERS, KEY_OF_LAYERS = "weights", "3"
"""The tab with the list of layers, which whoever opens a model may have asked for already."""


def later_pages() -> Iterator[tuple[str, type[TabPage]]]:
    """Give the other tabs and their pages, each imported only now, that with the layers first."""
    from tui.tabs.weights import WeightsTab

    yield LAYERS, WeightsTab
    from tui.tabs.training import TrainingTab

    yield "training", TrainingTab
    from tui.tabs.by_hand import ByHandTab

    yield "by-hand", ByHandTab
    from tui.tabs.set_weights import SetWeightsTab

    yield "set-weights", SetWeightsTab
