"""Extent: the part of the plane of two inputs that a picture shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray


class Extent(NamedTuple):
    """From ``left`` to ``right`` in x1, from ``bottom`` to ``top`` in x2; each end is below the other."""

    left: float = 0.0
    right: float = 1.0
    bottom: float = 0.0
    top: float = 1.0


UNIT = Extent()
"""The square that the tutorial's points are drawn from."""

AROUND_ZERO = Extent(-6.0, 6.0, -6.0, 6.0)
"""The square that TensorFlow Playground shows."""


def around(points: Float[AnyArray, "points 2"]) -> Extent:
    """Return the extent from the least to the largest of each input; where all are equal, half a unit more or so."""
    low, high = points.min(axis=0).astype(float).tolist(), points.max(axis=0).astype(float).tolist()
    return Extent(*_apart(low[0], high[0]), *_apart(low[1], high[1]))


def _apart(low: float, high: float) -> tuple[float, float]:
    # A number so large that half a unit does not change it is moved by a part of itself.
    margin = max(0.5, abs(low) / 1000) if low == high else 0.0
    return low - margin, high + margin
