"""How much data there may be, in a file usually, and the checks that all makers of data share."""

from __future__ import annotations

import numpy as np

from core.errors import Refused, require_between
from core.model.initial import MAX_SEED

MAX_POINTS = 1_000_000
MAX_INPUTS = 1_000_000
MAX_NOISE = 10.0
MAX_NUMBERS = 20_000_000


def times_allowed(rows: int, inputs: int) -> int:
    """Return how many times as much as usual has to be allowed for data from a file of so many rows and inputs."""
    return max(-(-rows // MAX_POINTS), -(-inputs // MAX_INPUTS), -(-rows * inputs // MAX_NUMBERS))


def require_drawn(points: int, inputs: int, seed: int, most: int = MAX_POINTS) -> None:
    """Refuse settings that no points can be drawn by.

    Raises:
        Refused: there are no points or inputs, or too many of them, or the seed is none.
    """
    require_between("points", points, 1, most)
    require_between("inputs", inputs, 1, MAX_INPUTS)
    require_between("a seed", seed, 0, MAX_SEED)
    if points * inputs > MAX_NUMBERS:
        raise Refused(f"expected at most {MAX_NUMBERS:,} numbers in all, got {points:,} points x {inputs:,} inputs")


def require_noise(noise: float, most: float = MAX_NOISE) -> None:
    """Refuse noise that is none, or above ``most``.

    Raises:
        Refused: it is below 0, above that, or no number.
    """
    if not 0.0 <= noise <= most:
        raise Refused(f"expected noise from 0 to {most:g}, got {noise:g}")


def require_finite(what: str, value: float) -> None:
    """Refuse a value that is not finite.

    Raises:
        Refused: it is infinite or NaN.
    """
    if not np.isfinite(value):
        raise Refused(f"expected a finite {what}, got {value}")
