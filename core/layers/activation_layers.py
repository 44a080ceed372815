"""Activations that stand as layers of their own.

Formulas: Keras 3 documentation, "Activation layers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.activations import activated
from core.layers.layer import Layer
from core.model.penalised import Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Activation(Layer, frozen=True, tag="Activation"):
    """Any activation that Keras knows by name."""

    activation: str
    activity_regularizer: Regularizer | None = None

    passes_mask = True

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the activation of the inputs."""
        return activated(on.name("pre-activation", inputs), self.activation)
