"""Layers that pass their inputs on when a model predicts, and do something only while it is trained, or nothing at all.

Keras 3 documentation, "Regularization layers" and "Identity layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from core.errors import Refused
from core.layers.layer import DataFormat, Layer, Share, Size
from core.model.penalised import Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Unchanging(Layer, frozen=True):
    """Makes of its inputs the same numbers again."""

    passes_mask = True

    @property
    def passes_on(self) -> bool:
        """Whether Keras's layer gives back the very tensor that it got: it does."""
        return True

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Pass the inputs on."""
        return inputs


NoiseShape = tuple[Size | None, ...] | None
"""The shape of what is drawn, the batch first: along an axis of size 1 all is alike, None is the size of the inputs."""


class Identity(Unchanging, frozen=True, tag="Identity"):
    """Stands where a layer could be."""


class Dropout(Unchanging, frozen=True, tag="Dropout"):
    """Sets a share ``rate`` of its inputs to 0 while training, and passes them on unchanged otherwise."""

    rate: Share
    noise_shape: NoiseShape = None

    @property
    def while_training(self) -> str:
        """That it was on, if it does anything."""
        return f"{type(self).__name__} was on" if self.rate else ""

    @property
    def in_words(self) -> str:
        """That it drops, and which share."""
        return f"dropout {self.rate:g}"


class SpatialDropout(Unchanging, frozen=True):
    """Sets a share ``rate`` of the channels to 0 while training, each at all its places."""

    knows_trainable = False

    rate: Share

    @property
    def while_training(self) -> str:
        """That it was on, if it does anything."""
        return f"{type(self).__name__} was on" if self.rate else ""

    places: ClassVar[int]

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Pass the inputs on.

        Raises:
            Refused: they have more axes than the places and the channels, or fewer.
        """
        if inputs.rank != self.places + 1:
            raise Refused(f"{self.name}: expected inputs of {self.places + 1} axes, got the shape {inputs.shape}")
        return inputs


class SpatialDropout1D(SpatialDropout, frozen=True, tag="SpatialDropout1D"):
    """Leaves out whole channels of a sequence while training."""

    places = 1


class SpatialDropout2D(SpatialDropout, frozen=True, tag="SpatialDropout2D"):
    """Leaves out whole channels of an image while training."""

    has_data_format = True

    data_format: DataFormat | None = None

    places = 2


class SpatialDropout3D(SpatialDropout, frozen=True, tag="SpatialDropout3D"):
    """Leaves out whole channels of a volume while training."""

    has_data_format = True

    data_format: DataFormat | None = None

    places = 3


class GaussianNoise(Unchanging, frozen=True, tag="GaussianNoise"):
    """Adds numbers of a normal distribution, ``stddev`` wide, while training."""

    stddev: float

    @property
    def while_training(self) -> str:
        """That it was on, if it does anything."""
        return f"{type(self).__name__} was on" if self.stddev else ""


class GaussianDropout(Unchanging, frozen=True, tag="GaussianDropout"):
    """Multiplies with numbers around 1 while training, ``sqrt(rate / (1 - rate))`` wide."""

    rate: Share

    @property
    def while_training(self) -> str:
        """That it was on, if it does anything."""
        return f"{type(self).__name__} was on" if self.rate else ""


class AlphaDropout(Unchanging, frozen=True, tag="AlphaDropout"):
    """Sets a share ``rate`` to SELU's lowest number while training, and keeps the mean and the variance."""

    rate: Share
    noise_shape: NoiseShape = None

    @property
    def while_training(self) -> str:
        """That it was on, if it does anything."""
        return f"{type(self).__name__} was on" if self.rate else ""


class ActivityRegularization(Unchanging, frozen=True, tag="ActivityRegularization"):
    """Adds to the loss ``l1`` times the sizes and ``l2`` times the squares of its inputs, added up."""

    l1: float = 0.0
    l2: float = 0.0

    counts_outputs = False

    @property
    def of_outputs(self) -> Regularizer:
        """What it adds to the loss, as other layers have it."""
        return Regularizer(self.l1, self.l2)
