"""Axes: Keras counts a layer's axes with the batch, which is axis 0 there; here a point has none."""

from __future__ import annotations

from core.errors import Refused


def of_point(layer: str, axis: int, rank: int) -> int:
    """Return which axis of a point of ``rank`` axes Keras's ``axis`` is, counted from 0.

    Raises:
        Refused: it is the batch's axis, or there are not so many.
    """
    if axis in (0, -rank - 1) or not -rank <= axis <= rank:
        raise Refused(
            f"{layer}: expected an axis of 1 to {rank}, or -1 to -{rank}, for inputs of {rank} axes, got {axis}"
        )
    return axis - 1 if axis > 0 else axis + rank


def of_points(layer: str, axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return which axes of a point Keras's ``axes`` are, in their order.

    Raises:
        Refused: one of them is the batch's axis, or there are not so many.
    """
    return tuple(of_point(layer, axis, rank) for axis in axes)
