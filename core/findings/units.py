"""Units that do no work on the data: always zero, always the same, saturated, or not finite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.running import layer_outputs, rows_at_once
from core.chunks import Pause, go_on, pieces
from core.errors import Refused
from core.formatting import count

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.model.weights import Weights

SATURATED_FROM = 0.9
"""A unit is saturated if its output is on the flat part for at least this share of the points."""

STEEP = {
    "tanh": (-0.99, 0.99),
    "sigmoid": (0.01, 0.99),
    "softsign": (-0.99, 0.99),
    "hard_tanh": (-0.99, 0.99),
    "hard_sigmoid": (0.01, 0.99),
    "sparse_sigmoid": (0.01, 0.99),
}
"""Activation -> the outputs between which it has a slope to speak of; what is beyond is saturated."""


class Kind(StrEnum):
    """What is wrong with a unit."""

    DEAD = "dead"
    """Its output is 0 for every point."""

    CONSTANT = "constant"
    """Its output is the same number, other than 0, for every point, in float32; of one point nothing is said."""

    SATURATED = "saturated"
    """Its output is beyond :data:`STEEP` for most points."""

    ODD = "nan or inf"
    """Its output is NaN or infinite, as float32 holds it, for some points."""


@dataclass(frozen=True)
class Finding:
    """One unit, counted from 0, what is wrong with it, and for which share of the points."""

    unit: int
    kind: Kind
    share: float


@dataclass(frozen=True)
class LayerUnits:
    """What was found in the layer at ``place`` of the network's layers, which has ``units`` outputs."""

    place: int
    units: int
    findings: tuple[Finding, ...]


def idle_units(
    network: Network, weights: Weights, points: Float[AnyArray, "points inputs"], pause: Pause = go_on
) -> tuple[LayerUnits, ...]:
    """Return what is wrong with the units of every layer that has an activation, over all ``points``.

    The units of a convolution are its filters, over all places of the window too.

    The forward pass is that of :func:`core.calculation.forward.predict`: in float64, some points at a time, with a
    ``pause`` before each of them. A constant unit can be saturated too; then it is found twice.

    Raises:
        Refused: there are no points, or they have another number of inputs than the network.
    """
    if points.ndim != 2 or points.shape[1] != network.inputs or not len(points):
        raise Refused(f"expected points of {count(network.inputs, 'number')}, got an array of shape {points.shape}")
    seen = [_Outputs(layer) for layer in network.layers]
    for piece in pieces(len(points), pause, rows_at_once(network)):
        made = layer_outputs(network, weights, points[piece])
        for values, shape, outputs in zip(made, network.shapes()[1:], seen, strict=True):
            outputs.take(values.reshape(len(values), *shape))
    found = enumerate(zip(network.layers, seen, strict=True))
    return tuple(outputs.found(place) for place, (layer, outputs) in found if layer.last_activation)


class _Outputs:
    """The range of each unit's outputs, and how many of them are saturated."""

    def __init__(self, layer: Layer) -> None:
        self._steep = STEEP.get(layer.last_activation)
        self._count = 0
        self._low: Float[Array, "units"] = np.array(np.inf)
        self._high: Float[Array, "units"] = np.array(-np.inf)
        self._beyond: Int[npt.NDArray[np.int64], "units"] = np.array(0)
        self._odd: Int[npt.NDArray[np.int64], "units"] = np.array(0)

    def take(self, values: Float[Array, "points *places units"]) -> None:
        """Look at more outputs; a unit that has one in each of several places of a point is looked at in all."""
        outputs = values.reshape(-1, values.shape[-1])
        self._count += len(outputs)
        with np.errstate(over="ignore"):
            self._odd = self._odd + np.count_nonzero(~np.isfinite(outputs.astype(np.float32)), axis=0)
        self._low = np.minimum(self._low, outputs.min(axis=0))
        self._high = np.maximum(self._high, outputs.max(axis=0))
        if self._steep is not None:
            low, high = self._steep
            self._beyond = self._beyond + np.count_nonzero((outputs < low) | (outputs > high), axis=0)

    def found(self, place: int) -> LayerUnits:
        """Return what is wrong with the units of the layer at ``place``, the first unit first."""
        # As Keras holds them: what differs in float64 alone is the same number there.
        with np.errstate(over="ignore"):
            low, high = self._low.astype(np.float32), self._high.astype(np.float32)
        share = np.broadcast_to(self._beyond / self._count, low.shape)
        odd = np.broadcast_to(self._odd / self._count, low.shape)
        same, always = low == high, np.ones(low.shape)
        findings = [
            *_findings(Kind.DEAD, same & (low == 0), always),
            *_findings(Kind.CONSTANT, same & (low != 0) & (self._count > 1), always),
            *_findings(Kind.SATURATED, share >= SATURATED_FROM, share),
            *_findings(Kind.ODD, odd > 0, odd),
        ]
        return LayerUnits(place, low.size, tuple(sorted(findings, key=lambda finding: finding.unit)))


def _findings(kind: Kind, where: npt.NDArray[np.bool_], share: Float[Array, "units"]) -> list[Finding]:
    return [Finding(int(unit), kind, float(share[unit])) for unit in np.flatnonzero(where)]
