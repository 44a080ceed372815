"""Embedding and Masking: what sequences begin with, numbers for words and a mask of the steps that count.

Formula: Keras 3 documentation, "Embedding layer" and "Masking layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.layer import Layer, Size
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class Embedding(Layer, frozen=True, tag="Embedding"):
    """For every index its row of the embeddings; with ``mask_zero`` an index of 0 is no step.

    What is behind an index's point is cut off, and a negative one counts from the last row, as in Keras. An index that
    is no row's makes NaN, where Keras on a CPU refuses it.
    """

    initializers = {"embeddings": "random_uniform"}

    input_dim: Size
    output_dim: Size
    embeddings_regularizer: Regularizer | None = None
    embeddings_constraint: Constraint | None = None
    mask_zero: bool = False

    axes_of_weights = {"embeddings": ("index", "unit")}

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return embeddings of (input_dim, output_dim)."""
        return {"embeddings": (self.input_dim, self.output_dim)}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the row that each index says."""
        index = inputs.whole()
        row = index.at_least(0.0).each("where", index, index + float(self.input_dim))
        mask = on.name("mask", 1.0 - inputs.each("equal", 0.0), *["step"] * inputs.rank) if self.mask_zero else None
        return on.along(w["embeddings"].pick(row), *["step"] * inputs.rank, "unit").with_mask(mask)


class Masking(Layer, frozen=True, tag="Masking"):
    """Passes its inputs on, and masks the steps that are ``mask_value`` throughout; they become 0."""

    mask_value: float = 0.0

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down which steps have another number than ``mask_value``, and 0 for the others."""
        # Keras's inputs are float32: they are never 0.1, but float32's 0.1.
        other = 1.0 - inputs.each("equal", float(np.float32(self.mask_value)))
        counts = other.over("largest", -1)
        return counts.each("where", inputs, 0.0).with_mask(
            on.name("mask", counts.squeeze(-1), *["step"] * (inputs.rank - 1))
        )
