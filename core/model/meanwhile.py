"""What somebody else has made of a model file since it was opened or saved here, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.model.alone import WeightsAlone
from core.model.files.opening import open_model
from core.model.weights_file import open_weights
from core.model.weights_kept import changed_in_words, changes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.model.network import Network
    from core.model.weights import Weights
    from core.model.weights_file import WeightsFile


def meanwhile_in_words(path: Path, network: Network, weights: Weights) -> str:
    """Return what the file at ``path`` has now that once had ``network`` and ``weights``."""
    return _in_words(path, lambda: _found(path, network, weights))


def arrays_meanwhile_in_words(path: Path, opened: WeightsFile) -> str:
    """Return what the file at ``path`` has now whose arrays were ``opened``."""
    return _in_words(path, lambda: _arrays_found(path, opened))


def _in_words(path: Path, found: Callable[[], str]) -> str:
    # Path.exists raises for a name that is too long.
    if not os.path.exists(path):  # noqa: PTH110
        return f"{shorten(path.name)} is not there any more"
    return f"somebody has changed {shorten(path.name)}: {found()}"


def _arrays_found(path: Path, opened: WeightsFile) -> str:
    try:
        now = open_weights(path)
    except Refused:
        return "it has no arrays that can be read now"
    was, has = ([(one.path, one.values.shape, one.values.dtype) for one in held.arrays] for held in (opened, now))
    if was != has:
        return "it has other arrays now"
    return changed_in_words(changes(opened, now)) or "its arrays are the same, something beside them is another"


def _found(path: Path, network: Network, weights: Weights) -> str:
    try:
        now = open_model(path)
    except WeightsAlone:
        return "it has weights and no model now"
    except Refused:
        return "it is no model that can be opened now"
    if now.network.unfrozen != network.unfrozen:
        return "it has other layers now"
    pairs = [
        (layer.name, old, new)
        for layer, olds, news in zip(network.layers, weights.layers, now.weights.layers, strict=True)
        for old, new in zip(olds, news, strict=True)
    ]
    # Bit for bit: NaN is NaN.
    differing = [np.count_nonzero(old.view(np.uint32) != new.view(np.uint32)) for _, old, new in pairs]
    if any(differing):
        where = next(name for (name, _, _), many in zip(pairs, differing, strict=True) if many)
        return f"{sum(differing):,} of its {weights.count:,} numbers differ, the first in {shorten(where)}"
    other = "other layers are frozen" if now.network != network else "something beside them is another, or nothing"
    return f"its weights are the same, {other}"
