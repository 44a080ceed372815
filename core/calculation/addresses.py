"""Addresses: a number of a chain's page, by its step, kind and unit, as the address that any model's numbers have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.calculated import Spot
from core.calculation.spot import Kind
from core.calculation.spot import Spot as OfPage

if TYPE_CHECKING:
    from core.model.network import Network


def address(network: Network, spot: OfPage) -> Spot:
    """Return the address of the number at ``spot`` of a chain's page."""
    call = network.paths[spot.step]
    match spot.kind:
        case Kind.INPUT if spot.step == 0:
            return Spot((), network.graph.inputs[0].name, (spot.input,))
        case Kind.INPUT:
            return Spot(network.paths[spot.step - 1], "output", (spot.input,))
        case Kind.WEIGHT:
            return Spot(call, "kernel", (spot.input, spot.unit))
    return Spot(call, str(spot.kind), (spot.unit,))


def place_of(network: Network, at: Spot) -> OfPage:
    """Return where the number at an address is on a chain's page."""
    if not at.call:
        return OfPage(0, Kind.INPUT, input=at.index[0])
    step = network.paths.index(at.call)
    if at.value == "kernel":
        return OfPage(step, Kind.WEIGHT, at.index[1], at.index[0])
    return OfPage(step, Kind(at.value), at.index[0])
