"""Layers that Keras's own applications bring along: ConvNeXt's LayerScale and StochasticDepth, Inception-ResNet's sum.

Formulas: "Going deeper with Image Transformers" (Touvron et al., 2021), "Deep Networks with Stochastic Depth" (Huang et
al., 2016), "Inception-v4, Inception-ResNet ..." (Szegedy et al., 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.layers.identity import Unchanging
from core.layers.layer import Layer, Share, Size

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class LayerScale(Layer, frozen=True, kw_only=True, tag="LayerScale"):
    """The inputs times ``gamma``, which has a number for each of ``projection_dim`` channels."""

    of_module = "keras.src.applications.convnext"

    init_values: float
    projection_dim: Size

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return gamma, of the channels."""
        return {"gamma": (self.projection_dim,)}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the products."""
        self.expect(inputs.shape[-1:] == (self.projection_dim,), f"{self.projection_dim} channels last", inputs)
        return inputs * w["gamma"]


class StochasticDepth(Unchanging, frozen=True, kw_only=True, tag="StochasticDepth"):
    """Leaves out all of it, now and then, while training."""

    of_module = "keras.src.applications.convnext"

    drop_path_rate: Share

    passes_mask = False

    @property
    def while_training(self) -> str:
        """That it was on."""
        return f"{self.name} left out paths" if self.drop_path_rate else ""


class CustomScaleLayer(Layer, frozen=True, kw_only=True, tag="CustomScaleLayer"):
    """The first of two sources, plus ``scale`` times the second."""

    of_module = "keras.src.applications.inception_resnet_v2"

    scale: float

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Value:
        """Write down the sum.

        Raises:
            Refused: there are not two sources of one shape.
        """
        if len(inputs) != 2 or inputs[0].shape != inputs[1].shape:
            shapes = " and ".join(str(source.shape) for source in inputs)
            raise Refused(f"{self.name}: expected two sources of one shape, got {shapes}")
        return inputs[0] + inputs[1] * self.scale
