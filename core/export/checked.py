"""Where a chain's calculation and Keras's first part, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.spot import symbol
from core.errors import shorten
from core.formatting import exact, number, small

if TYPE_CHECKING:
    from core.calculation.agreement import Parting
    from core.model.network import Network


def parting_words(network: Network, found: Parting, explained: str) -> str:
    """Return where Keras and the calculation by hand first part, with both numbers and what is ``explained``."""
    where = symbol(network, found.spot)
    if found.in_predict:
        where = f"the layers agree, predict differs: {where}"
    else:
        where = f"they part first at {where} of {shorten(network.layers[found.spot.step].name)}:"
    told = f"{where} by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", {explained} {small(found.tolerance)}"
    return told
