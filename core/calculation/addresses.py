"""Addresses: a number of a chain's page, by its step, kind and unit, as the address that any model's numbers have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import Spot
from core.calculation.spot import Kind, bias_index, weight_index
from core.calculation.spot import Spot as OfPage
from core.calculation.weight_places import weight_spot
from core.calculation.wiring import channels_before_activation

if TYPE_CHECKING:
    from core.model.network import Network
    from core.operations.operation import Index, Shape


def address(network: Network, spot: OfPage) -> Spot | None:
    """Return the address of the number at ``spot`` of a chain's page; None of a weight that the layer has not."""
    call = network.paths[spot.step]
    match spot.kind:
        case Kind.INPUT if spot.step == 0:
            return Spot((), network.graph.inputs[0].name, _index(spot.input, network.shapes()[0]))
        case Kind.INPUT:
            return Spot(network.paths[spot.step - 1], "output", _index(spot.input, network.shapes()[spot.step]))
        case Kind.WEIGHT:
            index = weight_index(network, spot) if network.arrays_of(spot.step) else None
            return None if index is None else Spot(call, "kernel", index)
        case Kind.BIAS:
            return Spot(call, "bias", (bias_index(network, spot),))
    return Spot(call, str(spot.kind), _index(spot.unit, _shape(network, spot.step, spot.kind)))


def place_of(network: Network, at: Spot) -> OfPage:
    """Return where the number at an address is on a chain's page; of a weight that stands at many, the first."""
    if not at.call:
        return OfPage(0, Kind.INPUT, input=_flat(at.index, network.shapes()[0]))
    step = network.paths.index(at.call)
    if at.value == "kernel":
        return weight_spot(network, step, at.index) or OfPage(step, Kind.WEIGHT)
    if at.value == "bias":
        return OfPage(step, Kind.BIAS, at.index[0])
    kind = Kind(at.value)
    return OfPage(step, kind, _flat(at.index, _shape(network, step, kind)))


def _shape(network: Network, step: int, kind: Kind) -> Shape:
    before, after = network.shapes()[step : step + 2]
    if kind is Kind.OUTPUT:
        return after
    return (*after[:-1], channels_before_activation(network.layers[step], before))


def _index(flat: int, shape: Shape) -> Index:
    return tuple(int(axis) for axis in np.unravel_index(flat, shape))


def _flat(index: Index, shape: Shape) -> int:
    return int(np.ravel_multi_index(index, shape))
