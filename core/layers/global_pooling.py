"""Global pooling: of all places, for every channel, the largest number or the mean.

Formula: Keras 3 documentation, "GlobalMaxPooling2D layer" and "GlobalAveragePooling1D layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from core.layers.axes import PLACES
from core.layers.layer import WithChannels
from core.operations.over import Made

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class GlobalPooling(WithChannels, frozen=True):
    """Of all places, of every channel, one number; the channels come last. With ``keepdims`` axes of 1 are left."""

    keepdims: bool = False

    axes: ClassVar[int]
    takes: ClassVar[Made]

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down one number of all places."""
        self.expect(inputs.rank == self.axes + 1, f"{self.axes + 1} axes, the channels last", inputs)
        return on.along(inputs.over(self.takes, *range(self.axes), keep=self.keepdims), *self._named())

    def _named(self) -> tuple[str, ...]:
        return (*(PLACES[self.axes] if self.keepdims else ()), "channel")


class GlobalMaxPooling1D(GlobalPooling, frozen=True, tag="GlobalMaxPooling1D"):
    """The largest number of all steps."""

    axes, takes = 1, "largest"


class GlobalMaxPooling2D(GlobalPooling, frozen=True, tag="GlobalMaxPooling2D"):
    """The largest number of an image."""

    axes, takes = 2, "largest"


class GlobalMaxPooling3D(GlobalPooling, frozen=True, tag="GlobalMaxPooling3D"):
    """The largest number along three axes."""

    axes, takes = 3, "largest"


class GlobalAveragePooling1D(GlobalPooling, frozen=True, tag="GlobalAveragePooling1D"):
    """The mean of all steps, or of those that a mask lets count."""

    axes, takes = 1, "mean"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the mean; with a mask the sum of the steps that count, and how many these are."""
        if inputs.mask is None:
            return super().call(on, w, inputs)
        counts = inputs.mask.expand(-1)
        total = on.name("sum", counts.each("where", inputs, 0.0).over("sum", 0, keep=self.keepdims), *self._named())
        return total / on.name("steps that count", counts.over("sum", 0, keep=self.keepdims), *self._named())


class GlobalAveragePooling2D(GlobalPooling, frozen=True, tag="GlobalAveragePooling2D"):
    """The mean of an image."""

    axes, takes = 2, "mean"


class GlobalAveragePooling3D(GlobalPooling, frozen=True, tag="GlobalAveragePooling3D"):
    """The mean along three axes."""

    axes, takes = 3, "mean"
