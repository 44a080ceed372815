"""Names of the inputs of pictures and sequences, from which their shape can be read again: x1_1, x1_2 ..."""

from __future__ import annotations

import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACE = re.compile(r"x\d{1,7}(?:_\d{1,7})+", re.ASCII)


def names_of(shape: tuple[int, ...]) -> list[str]:
    """Return a name for each number of a point of ``shape``, row by row: of (2, 2) x1_1, x1_2, x2_1, x2_2."""
    return ["x" + "_".join(str(place + 1) for place in index) for index in product(*map(range, shape))]


def shape_of(names: Sequence[str]) -> tuple[int, ...]:
    """Return the shape that ``names`` are those of, or () if they are others."""
    if not names or not _PLACE.fullmatch(names[-1]):
        return ()
    shape = tuple(int(place) for place in names[-1][1:].split("_"))
    return shape if prod(shape) == len(names) and names_of(shape) == list(names) else ()
