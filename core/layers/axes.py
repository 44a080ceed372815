"""Axes: Keras counts a layer's axes with the batch, which is axis 0 there; here a point has none."""

from __future__ import annotations

from core.errors import Refused

PLACES = {1: ("step",), 2: ("row", "column"), 3: ("depth", "row", "column")}
"""What a window moves along, for so many axes."""

WEIGHTS = {
    1: ("unit",),
    2: ("input", "unit"),
    **{places + 2: (*names, "channel", "filter") for places, names in PLACES.items()},
}
"""What the axes of a weight mostly are: of a bias, of a kernel, of the kernel of a window."""


def with_unit(rank: int) -> tuple[str, ...]:
    """Return the axes of what has one number for each unit, at every step if there are several."""
    return ("step", "unit")[2 - rank :] if rank in (1, 2) else ()


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
