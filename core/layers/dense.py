"""Dense: the weighted sums of ``activation(inputs @ kernel + bias)``.

Formula: Keras 3 documentation, "Dense layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.formatting import count
from core.layers.activations import finished
from core.layers.axes import with_unit
from core.layers.layer import Function, Layer, Size
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class Dense(Layer, frozen=True, tag="Dense"):
    """``activation(inputs @ kernel + bias)`` over the last axis; without ``use_bias`` there is no bias."""

    units: Size
    activation: Function = "linear"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None

    passes_mask = True

    kernel_is_matrix = True

    summed = ("kernel", "bias")

    @property
    def in_words(self) -> str:
        """Its units and, if it is not linear, its activation: ``5 tanh``."""
        return f"{self.units}" if self.activation == "linear" else f"{self.units} {self.activation}"

    @property
    def in_full(self) -> str:
        """Its units and its activation: ``5 units, tanh``."""
        return f"{count(self.units, 'unit')}, {self.activation}"

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (inputs, units) and, if it is used, a bias of (units,)."""
        shapes_of: dict[str, Shape] = {"kernel": (shapes[0][-1], self.units)}
        return shapes_of | {"bias": (self.units,)} if self.use_bias else shapes_of

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the weighted sums, the pre-activations and their activation."""
        before = "abcdefgh"[: inputs.rank - 1]
        total = inputs.dot(f"{before}i,iu->{before}u", w["kernel"])
        return finished(on, w, total, self.activation, *with_unit(total.rank))
