"""The functions that operations written in Python call by name: a script that has them needs nothing but NumPy.

Their source is copied into scripts as it stands here, without annotations, so each is plain and complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.arrays import Array


def spread(values: Array, axis: int, size: int, start: int, step: int = 1, padding: float = 0.0) -> Array:
    """Set values out along an axis of another size, with padding between and around them."""
    made = np.full((*values.shape[:axis], size, *values.shape[axis + 1 :]), padding)
    places = start + step * np.arange(values.shape[axis])
    inside = (places >= 0) & (places < size)
    np.moveaxis(made, axis, 0)[places[inside]] = np.moveaxis(values, axis, 0)[inside]
    return made


def window(values: Array, axis: int, size: int, stride: int, dilation: int) -> Array:
    """Return what lies under a window at each of its places along an axis, as an axis after that of the places."""
    starts = np.arange(0, values.shape[axis] - (size - 1) * dilation, stride)
    return values.take(starts[:, None] + dilation * np.arange(size), axis=axis)


def pick(rows: Array, which: Array) -> Array:
    """Return the rows that whole numbers say; one that is no row's makes NaN."""
    known = (which >= 0) & (which < len(rows)) & (which == np.floor(which))
    made = rows[np.where(known, which, 0).astype(int)]
    return np.where(known.reshape(known.shape + (1,) * (rows.ndim - 1)), made, np.nan)


def factors(spec: str, first: Array, second: Array) -> tuple[Array, Array, tuple[int, ...]]:
    """Lay two arrays out so that, multiplied, they give every product; return along which axes these are added up."""
    sources, made = spec.split("->")
    one, other = sources.split(",")
    letters = made + "".join(letter for letter in one if letter not in made)
    laid = []
    for values, own in ((first, one), (second, other)):
        order = [own.index(letter) for letter in letters if letter in own]
        shape = [values.shape[own.index(letter)] if letter in own else 1 for letter in letters]
        laid.append(values.transpose(order).reshape(shape))
    return laid[0], laid[1], tuple(range(len(made), len(letters)))
