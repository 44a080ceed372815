"""What the steps of a session are called in the list of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.dataset import DataFile, SumRule
from core.data.makers import Nothing
from core.formatting import count

if TYPE_CHECKING:
    from core.data.dataset import Dataset


def taking(dataset: Dataset) -> str:
    """Return what it is called to take these data."""
    match dataset.origin:
        case DataFile() as file:
            return f"open {file.name}"
        case SumRule():
            return f"make {count(len(dataset), 'point')} of {dataset.inputs:,}"
        case Nothing():
            return "no data"
        case maker:
            return f"make {maker.kind}, {count(len(dataset), 'point')}"


def place_in_words(array: str, index: tuple[int, ...]) -> str:
    """Return a place as a learner counts it, such as ``w[2, 1]`` of a kernel or ``b[1]`` of a bias."""
    letter = {"kernel": "w", "bias": "b"}.get(array, array)
    return f"{letter}[{', '.join(str(place + 1) for place in index)}]"
