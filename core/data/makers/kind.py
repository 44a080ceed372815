"""What makers of data share: the model that one suits, and labels of two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, KerasArray


class Suited(NamedTuple):
    """A model that can learn the data: its layers as text, and its loss by Keras's name."""

    layers: str
    loss: str


def labelled(positive: AnyArray) -> Float[KerasArray, "points 1"]:
    """Return labels of +1 where ``positive`` is true and -1 elsewhere, one a row."""
    return np.where(positive, np.float32(1.0), np.float32(-1.0)).reshape(-1, 1)
