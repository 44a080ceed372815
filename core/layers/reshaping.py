"""Layers that only move numbers.

Keras 3 documentation, "Reshaping layers".
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from core.layers.layer import Layer, WithChannels
from core.layers.resizing import Interpolation, resized

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

Ends = tuple[int, int]
"""How many at the beginning and at the end of an axis."""


class Flatten(WithChannels, frozen=True, tag="Flatten"):
    """Makes one row of an image, row by row, the channels last; no number changes."""

    @property
    def in_words(self) -> str:
        """That it flattens."""
        return "flatten"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay the numbers in a row."""
        return inputs.reshape(-1)


class Reshape(Layer, frozen=True, tag="Reshape"):
    """The numbers in their order in the shape ``target_shape``, of which one may be -1: as many as are left."""

    target_shape: tuple[int, ...]

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay the numbers out in another shape."""
        count, known = prod(inputs.shape), prod(size for size in self.target_shape if size != -1)
        fits = known and count % known == 0 if -1 in self.target_shape else count == known
        self.expect(bool(fits), f"numbers that fill target_shape {self.target_shape}", inputs)
        return inputs.reshape(*self.target_shape)


class Permute(Layer, frozen=True, tag="Permute"):
    """The axes in the order of ``dims``, which counts them from 1."""

    dims: tuple[int, ...]

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Put the axes in another order."""
        self.expect(sorted(self.dims) == list(range(1, inputs.rank + 1)), f"the axes of dims {self.dims}", inputs)
        return inputs.transpose(*(axis - 1 for axis in self.dims))


class RepeatVector(Layer, frozen=True, tag="RepeatVector"):
    """A row of numbers ``n`` times."""

    n: int

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay the row down again and again."""
        self.expect(inputs.rank == 1, "one axis", inputs)
        return inputs.expand(0).repeat(0, self.n)


class ZeroPadding(WithChannels, frozen=True):
    """Zeros round the places of the inputs; the channels come last."""

    def padded(self, inputs: Value, ends: tuple[Ends, ...]) -> Value:
        """Return ``inputs`` with so many zeros more at the ends of each axis."""
        self.expect(inputs.rank == len(ends) + 1, f"{len(ends) + 1} axes, the channels last", inputs)
        for axis, (before, after) in enumerate(ends):
            inputs = inputs.pad(axis, before, after)
        return inputs


class ZeroPadding1D(ZeroPadding, frozen=True, tag="ZeroPadding1D"):
    """Zeros before and after the steps."""

    padding: Ends = (1, 1)

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Put zeros at both ends."""
        return self.padded(inputs, (self.padding,))


class ZeroPadding2D(ZeroPadding, frozen=True, tag="ZeroPadding2D"):
    """Zeros above and below, and left and right of an image."""

    padding: tuple[Ends, ...] = ((1, 1), (1, 1))

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Put zeros around."""
        return self.padded(inputs, self.padding)


class ZeroPadding3D(ZeroPadding2D, frozen=True, tag="ZeroPadding3D"):
    """Zeros at both ends of three axes."""

    padding: tuple[Ends, ...] = ((1, 1), (1, 1), (1, 1))


class Cropping(Layer, frozen=True):
    """What is left of the inputs when places are taken away at their ends; the channels come last."""

    def cropped(self, inputs: Value, ends: tuple[Ends, ...]) -> Value:
        """Return ``inputs`` with so many places less at the ends of each axis."""
        sizes = [size - sum(end) for size, end in zip(inputs.shape, ends, strict=False)]
        fits = inputs.rank == len(ends) + 1 and min(sizes) > 0
        self.expect(fits, f"{len(ends) + 1} axes, the channels last, longer than cropping {ends}", inputs)
        for axis, (size, (before, _)) in enumerate(zip(sizes, ends, strict=True)):
            inputs = inputs.slice(axis, before, size)
        return inputs


class Cropping1D(Cropping, frozen=True, tag="Cropping1D"):
    """Takes steps away at the beginning and at the end."""

    cropping: Ends = (1, 1)

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Keep what lies between."""
        return self.cropped(inputs, (self.cropping,))


class Cropping2D(Cropping, WithChannels, frozen=True, tag="Cropping2D"):
    """Takes away what is above and below, and left and right in an image."""

    cropping: tuple[Ends, ...] = ((0, 0), (0, 0))

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Keep what lies between."""
        return self.cropped(inputs, self.cropping)


class Cropping3D(Cropping2D, frozen=True, tag="Cropping3D"):
    """Takes away what is at both ends of three axes."""

    cropping: tuple[Ends, ...] = ((1, 1), (1, 1), (1, 1))


class UpSampling(Layer, frozen=True):
    """Every place several times in a row; the channels come last."""

    def repeated(self, inputs: Value, sizes: tuple[int, ...]) -> Value:
        """Return ``inputs`` with every place so many times along each axis."""
        self.expect(inputs.rank == len(sizes) + 1, f"{len(sizes) + 1} axes, the channels last", inputs)
        for axis, size in enumerate(sizes):
            inputs = inputs.repeat(axis, size)
        return inputs


class UpSampling1D(UpSampling, frozen=True, tag="UpSampling1D"):
    """Every step ``size`` times."""

    size: int = 2

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay every step down again and again."""
        return self.repeated(inputs, (self.size,))


class UpSampling2D(UpSampling, WithChannels, frozen=True, tag="UpSampling2D"):
    """Every point of an image as a rectangle of ``size``; "bilinear" those between as lying between."""

    followed_for = {"interpolation": ("nearest", "bilinear")}

    size: tuple[int, ...] = (2, 2)
    interpolation: Interpolation = "nearest"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay every point down again and again, or write down what each new place takes of the old ones."""
        if self.interpolation == "nearest":
            return self.repeated(inputs, self.size)
        self.expect(inputs.rank == 3, "3 axes, the channels last", inputs)
        rows, columns, _ = inputs.shape
        return resized(on, inputs, (rows * self.size[0], columns * self.size[1]), self.interpolation)


class UpSampling3D(UpSampling, WithChannels, frozen=True, tag="UpSampling3D"):
    """Every point along three axes as a block of ``size``."""

    size: tuple[int, ...] = (2, 2, 2)

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay every point down again and again."""
        return self.repeated(inputs, self.size)
