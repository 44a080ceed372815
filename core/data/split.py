"""The validation split as Keras takes it: the last part, before any shuffling."""

from __future__ import annotations

import math

from core.errors import Refused
from core.formatting import count


def training_points(points: int, validation_split: float) -> int:
    """Return how many of ``points`` are trained on; the rest, at the end, validate.

    As Keras 3's ``fit`` does it: floor(points * (1 - validation_split)).

    Raises:
        Refused: the split is outside [0, 1) or leaves no point on one of the sides.
    """
    if not 0.0 <= validation_split < 1.0:
        raise Refused(f"expected a validation split from 0 up to, not including, 1, got {validation_split:g}")
    if validation_split == 0.0:
        return points
    training = math.floor(points * (1.0 - validation_split))
    if not 0 < training < points:
        raise Refused(
            f"expected a split that leaves points on both sides, got {validation_split:g} of {count(points, 'point')}: "
            f"{training:,} to train on and {points - training:,} to validate"
        )
    return training
