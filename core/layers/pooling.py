"""Pooling: of what lies under a window, for every channel, the largest number or the mean.

Formula: Keras 3 documentation, "MaxPooling2D layer" and "AveragePooling2D layer". Padding is no number: it is never the
largest, and the mean does not count it (TensorFlow documentation, "tf.nn.max_pool" and "tf.nn.avg_pool").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from core.layers.axes import PLACES
from core.layers.layer import WithChannels
from core.layers.windows import fits_under, moved_over, padded_by, steps_along

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Int

    from core.arrays import Array
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

    Under = Int[npt.NDArray[np.int64], "after window"]


class Pooling(WithChannels, frozen=True):
    """Of what is under a window, of every channel, one number; the channels come last."""

    unsaid = {"strides": "pool_size"}

    pool_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Literal["valid", "same"] = "valid"

    takes: ClassVar[Literal["max", "average"]]

    @property
    def in_words(self) -> str:
        """What it takes of what size of window: ``max of 2x2``."""
        return f"{self.takes} of {'x'.join(map(str, self.pool_size))}"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the largest number, or each number's share in the mean, added up; padding is none of them."""
        self.expect(*fits_under(inputs, self.pool_size, self.padding), inputs)
        axes = len(self.pool_size)
        if self.takes == "max":
            seen = moved_over(inputs, self.pool_size, self.strides, self.padding, outside=-np.inf)
            return on.along(seen.over("largest", *range(1, 2 * axes, 2), keep=False), *PLACES[axes], "channel")
        seen = moved_over(inputs, self.pool_size, self.strides, self.padding)
        letters = "xiyjzk"[: 2 * axes]
        within = [name for place in PLACES[axes] for name in (place, f"{place} in the window")]
        share = on.name("share", on.constant(self._shares(inputs.shape)), *within)
        total = seen.dot(f"{letters}c,{letters}->{letters[::2]}c", share)
        total = on.name("weighted sum", total, *PLACES[axes], "channel")
        return on.name("pre-activation", total)

    def _shares(self, shape: Shape) -> Array:
        """Return, for every place of the window and every number under it, 1 divided by how many it sees there."""
        made = np.ones(())
        for size, wide, stride in zip(shape, self.pool_size, self.strides, strict=False):
            before, _ = padded_by(size, wide, stride, self.padding)
            starts = np.arange(steps_along(size, wide, stride, self.padding)) * stride - before
            seen = np.minimum(starts + wide, size) - np.maximum(starts, 0)
            made = made[..., np.newaxis, np.newaxis] / seen[:, np.newaxis].repeat(wide, axis=1)
        return made


class MaxPooling1D(Pooling, frozen=True, tag="MaxPooling1D"):
    """The largest number under a window that moves along one axis."""

    takes = "max"
    unsaid = {"pool_size": 2, "strides": "pool_size"}


class MaxPooling2D(Pooling, frozen=True, tag="MaxPooling2D"):
    """The largest number under a window that moves along two axes."""

    takes = "max"
    unsaid = {"pool_size": 2, "strides": "pool_size"}


class MaxPooling3D(Pooling, frozen=True, tag="MaxPooling3D"):
    """The largest number under a window that moves along three axes."""

    takes = "max"
    unsaid = {"pool_size": 2, "strides": "pool_size"}


class AveragePooling1D(Pooling, frozen=True, tag="AveragePooling1D"):
    """The mean under a window that moves along one axis."""

    takes = "average"


class AveragePooling2D(Pooling, frozen=True, tag="AveragePooling2D"):
    """The mean under a window that moves along two axes."""

    takes = "average"


class AveragePooling3D(Pooling, frozen=True, tag="AveragePooling3D"):
    """The mean under a window that moves along three axes."""

    takes = "average"
