"""Fit: labels that are numbers beside what is predicted for them, as points of a picture with a line to go by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.running import predict
from core.data.extent import Extent, around

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, Array
    from core.model.network import Network
    from core.model.weights import Weights


class Look(StrEnum):
    """The ways in which predictions of numbers can be seen."""

    CURVE = "labels; line: predicted"
    PLANE = "labels; field: predicted"
    TRUE = "predicted against true; line: equal"
    OFF = "predicted - true; line: nothing off"


@dataclass(frozen=True, eq=False)
class Fit:
    """Points (across, up) within ``extent``, and a line to go by from place to place, the leftmost first, if any.

    ``across`` and ``up`` are what the axes stand for. So many rows are ``left_out``: a number of theirs is not finite.
    """

    points: Float[Array, "points 2"]
    line: Float[Array, "places 2"]
    extent: Extent
    across: str
    up: str
    left_out: int = 0


def looks_for(inputs: int) -> tuple[Look, ...]:
    """Return how predictions from so many inputs can be seen, the plainest first."""
    first = {1: (Look.CURVE,), 2: (Look.PLANE,)}.get(inputs, ())
    return *first, Look.TRUE, Look.OFF


def against_true(predicted: Float[AnyArray, "rows"], true: Float[AnyArray, "rows"]) -> Fit:
    """Return predictions over their labels, and the diagonal on which both are equal; both axes are the same."""
    points, left_out = _finite(true, predicted)
    low, high, *_ = around(points.reshape(-1, 1).repeat(2, axis=1)) if len(points) else Extent()
    return Fit(
        points, np.array([[low, low], [high, high]]), Extent(low, high, low, high), "true", "predicted", left_out
    )


def off_by(predicted: Float[AnyArray, "rows"], true: Float[AnyArray, "rows"]) -> Fit:
    """Return predicted - true over the prediction, and the level line of 0, which is in the middle."""
    predicted = np.asarray(predicted, dtype=np.float64)
    with np.errstate(all="ignore"):
        points, left_out = _finite(predicted, predicted - true)
    left, right, *_ = around(points) if len(points) else Extent()
    most = float(np.abs(points[:, 1]).max(initial=0.0)) or 1.0
    return Fit(
        points, np.array([[left, 0.0], [right, 0.0]]), Extent(left, right, -most, most), "predicted", "off", left_out
    )


def over_input(
    x: Float[AnyArray, "rows"], true: Float[AnyArray, "rows"], x_name: str = "x1", label_name: str = "label"
) -> Fit:
    """Return labels over one input, with no line."""
    points, left_out = _finite(x, true)
    extent = around(points) if len(points) else Extent()
    return Fit(points, np.empty((0, 2)), extent, x_name, label_name, left_out)


PLACES = 400
"""For how many places of the one input a curve is calculated: as many as a wide terminal has dots, about."""


def curve(
    network: Network, weights: Weights, x: Float[AnyArray, "rows"], true: Float[AnyArray, "rows"], output: int = 0
) -> Fit:
    """Return labels over the one input, and the curve of what ``network`` predicts from the least to the largest.

    Raises:
        Refused: the network has another number of inputs than one.
    """
    data = over_input(x, true)
    across = np.linspace(data.extent.left, data.extent.right, PLACES)
    with np.errstate(all="ignore"):
        outputs = predict(network, weights, across[:, np.newaxis])[:, output]
    line, _ = _finite(across, outputs)
    drawn = np.concatenate([data.points, line])
    return replace(data, line=line, extent=around(drawn)) if len(drawn) else data


STEPS = 5
"""In how many steps numbers are told apart on the plane."""


def steps(labels: Float[AnyArray, "rows"]) -> tuple[float, ...]:
    """Return from where on a number is a step higher: each step has as many of the labels, or there are fewer steps."""
    finite = labels[np.isfinite(labels)].astype(np.float64)
    if not len(finite):
        return ()
    # Where many labels are equal, some steps would be empty.
    edges = np.unique(np.quantile(finite, np.arange(1, STEPS) / STEPS))
    return tuple(edges[edges > finite.min()].tolist())


def step_of(values: Float[AnyArray, "..."], edges: tuple[float, ...]) -> Int[np.ndarray, "..."]:
    """Return on which step each of ``values`` is, counted from 0; -1 for what is not a number."""
    return np.where(np.isnan(values), -1, np.searchsorted(np.asarray(edges), values, side="right"))


def _finite(across: AnyArray, up: AnyArray) -> tuple[Float[Array, "points 2"], int]:
    """Return both as points, and how many there are not, since they are not finite."""
    points = np.column_stack([np.asarray(across, dtype=np.float64), np.asarray(up, dtype=np.float64)])
    finite = np.isfinite(points).all(axis=1)
    return points[finite], int((~finite).sum())
