"""Where a number is made: many places of a calculation only repeat a number that was made somewhere before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.spot import CALCULATED, Kind, Spot
from core.layers.identity import Dropout
from core.layers.pooling import Pooling
from core.layers.reshaping import Flatten
from core.model.network import Network, Weighted

if TYPE_CHECKING:
    from core.layers.layer import Layer


def kinds_made(layer: Layer) -> tuple[Kind, ...]:
    """Return the kinds of numbers that ``layer`` makes of others, and not only passes on, in their order."""
    if isinstance(layer, Dropout | Flatten):
        return ()
    if isinstance(layer, Pooling):
        # A mean is a weighted sum; the largest of some numbers is no sum of them.
        return (Kind.OUTPUT,) if layer.takes == "max" else (Kind.SUM,)
    applied = (Kind.OUTPUT,) if layer.last_activation != "linear" else ()
    if not isinstance(layer, Weighted):
        return applied
    return (Kind.SUM, Kind.Z, *applied) if layer.use_bias else (Kind.SUM, *applied)


def source(network: Network, spot: Spot) -> Spot:
    """Return the place that makes the number at ``spot``: a linear layer's output is its pre-activation, and so on.

    What is given is its own source; so is an input of the network, whichever unit it is taken for.
    """
    # A loop, because a thousand layers may follow one another that all pass a number on.
    while (before := _repeated(network, spot)) is not None:
        spot = before
    return spot if spot.kind is not Kind.INPUT else Spot(0, Kind.INPUT, input=spot.input)


def _repeated(network: Network, spot: Spot) -> Spot | None:
    """Return the place whose number ``spot`` repeats, or None if it repeats none."""
    if spot.kind is Kind.INPUT:
        return Spot(spot.step - 1, Kind.OUTPUT, spot.input) if spot.step else None
    layer = network.layers[spot.step]
    if spot.kind not in CALCULATED or spot.kind in kinds_made(layer):
        return None
    passed_on = Spot(spot.step, Kind.INPUT, input=spot.unit)
    if isinstance(layer, Dropout | Flatten):
        return passed_on
    if spot.kind is Kind.OUTPUT:
        return Spot(spot.step, Kind.Z, spot.unit)
    return Spot(spot.step, Kind.SUM, spot.unit) if isinstance(layer, Weighted | Pooling) else passed_on
