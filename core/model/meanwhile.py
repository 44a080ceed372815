"""What somebody else has made of a model file since it was opened or saved here, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.model.alone import WeightsAlone
from core.model.files.opening import open_model

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.network import Network
    from core.model.weights import Weights


def meanwhile_in_words(path: Path, network: Network, weights: Weights) -> str:
    """Return what the file at ``path`` has now that once had ``network`` and ``weights``."""
    # Path.exists raises for a name that is too long.
    if not os.path.exists(path):  # noqa: PTH110
        return f"{shorten(path.name)} is not there any more"
    return f"somebody has changed {shorten(path.name)}: {_found(path, network, weights)}"


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
