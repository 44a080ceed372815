"""Where a chain's calculation and Keras's first part, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Spot, addresses_of
from core.errors import shorten
from core.export.calculation.symbols import Symbols
from core.formatting import exact, number, small

if TYPE_CHECKING:
    from core.calculation.agreement import Parting
    from core.model.network import Network


def parting_words(network: Network, found: Parting, explained: str) -> str:
    """Return where Keras and the calculation by hand first part, with both numbers and what is ``explained``."""
    layer, shape = shorten(network.layers[found.place].name), network.shapes()[found.place + 1]
    where = output_in_words(shape, found.unit)
    if network.on_one_page:
        done, spot = addresses_of(network), Spot(network.paths[found.place], "output", (found.unit,))
        where = str(Symbols(done).of(done.value_of(spot), spot.index, ()))
    if found.in_predict:
        where = f"the layers agree, predict differs: {where}"
    else:
        where = f"they part first at {where} of {layer}:"
    told = f"{where} by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", {explained} {small(found.tolerance)}"
    return told


def output_in_words(shape: tuple[int, ...], unit: int) -> str:
    """Return which of the outputs of ``shape`` the one is that is ``unit`` in a row: ``output[2,1]``."""
    return f"output[{','.join(str(int(at) + 1) for at in np.unravel_index(unit, shape))}]" if shape else "output"
