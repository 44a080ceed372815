"""Images: a row of data that is a picture, as one brightness for each place, made so small that it has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, Array

HALVES = 2
"""Columns of a place that is one row high: a character is about twice as high as wide."""


def is_image(shape: tuple[int, ...]) -> bool:
    """Return whether points of ``shape`` can be drawn: (rows, columns) or (rows, columns, channels)."""
    return len(shape) in (2, 3) and min(shape) > 0


def brightness(point: Float[AnyArray, "numbers"], shape: tuple[int, ...]) -> Float[Array, "rows columns"]:
    """Return the picture of one point; of several channels their mean."""
    return np.asarray(np.asarray(point, dtype=np.float64).reshape(*shape[:2], -1).mean(axis=2))


def places_in_one(shape: tuple[int, ...], rows: int, columns: int) -> int:
    """Return how many rows of a picture one row of characters has to stand for, to fit into so many of them."""
    return max(-(-shape[0] // rows), -(-HALVES * shape[1] // columns), 1)


def cells(picture: Float[Array, "height width"], places: int) -> Float[Array, "rows columns"]:
    """Return the mean of what each character stands for: ``places`` rows, and half as many columns."""
    halves = np.repeat(picture, HALVES, axis=1)
    height, width = (-(-size // places) for size in halves.shape)
    whole = np.full((height * places, width * places), np.nan)
    whole[: halves.shape[0], : halves.shape[1]] = halves
    return np.asarray(np.nanmean(whole.reshape(height, places, width, places), axis=(1, 3)))
