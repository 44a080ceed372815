"""Images of another size: each new place lies somewhere between old ones, and takes of the nearest or of both.

Places are squares whose middles are compared, so that the new ones' are at ``(place + 0.5) old / new - 0.5`` of the old
(TensorFlow documentation, "tf.image.resize"; Keras 3 documentation, "Resizing layer" and "CenterCrop layer").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from core.layers.layer import Size, WithChannels

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

Interpolation = Literal["nearest", "bilinear"]


def resized(on: Writer, image: Value, sizes: tuple[int, int], how: Interpolation) -> Value:
    """Write down an image, its channels last, in other ``sizes``: its rows first, then its columns."""
    for axis, size in enumerate(sizes):
        if size != image.shape[axis]:
            turned = (axis, *(one for one in range(image.rank) if one != axis))
            image = _along(on, image.transpose(*turned), size, how).transpose(*np.argsort(turned).tolist())
    return image


def _along(on: Writer, image: Value, size: int, how: Interpolation) -> Value:
    """Write down an image with as many rows as ``size``."""
    old = image.shape[0]
    # TensorFlow has the places in float32, of the old size divided by the new.
    share = np.float32(old) / np.float32(size)
    middles = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * share
    if how == "nearest":
        return image.pick(on.constant(np.minimum(np.floor(middles), old - 1)))
    places = middles - np.float32(0.5)
    low, high = np.maximum(np.floor(places), 0), np.minimum(np.ceil(places), old - 1)
    above = image.pick(on.constant(high))
    below = image.pick(on.constant(low))
    between = on.constant((places - np.floor(places)).reshape(-1, *[1] * (image.rank - 1)))
    return below + (above - below) * between


class Resizing(WithChannels, frozen=True, kw_only=True, tag="Resizing"):
    """Images in the size of ``height`` and ``width``, whatever becomes of their shape."""

    followed_for = {
        "crop_to_aspect_ratio": (False,),
        "pad_to_aspect_ratio": (False,),
        "antialias": (False,),
        "interpolation": ("bilinear", "nearest"),
    }

    height: Size
    width: Size
    interpolation: Interpolation = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    fill_mode: str = "constant"
    fill_value: float = 0.0
    antialias: bool = False

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down what each new place takes of the old ones."""
        self.expect(inputs.rank == 3, "images of rows, columns and channels", inputs)
        return resized(on, inputs, (self.height, self.width), self.interpolation)


class CenterCrop(WithChannels, frozen=True, kw_only=True, tag="CenterCrop"):
    """The middle of images, of ``height`` and ``width``."""

    height: Size
    width: Size

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Keep the middle."""
        fits = inputs.rank == 3 and inputs.shape[0] >= self.height and inputs.shape[1] >= self.width
        self.expect(fits, f"images of {self.height} rows and {self.width} columns or more, and channels", inputs)
        for axis, size in enumerate((self.height, self.width)):
            inputs = inputs.slice(axis, (inputs.shape[axis] - size) // 2, size)
        return inputs
