"""Layers that pass their inputs on when a model predicts, and do something only while it is trained.

Keras 3 documentation, "Regularization layers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.layer import Layer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Unchanging(Layer, frozen=True):
    """Makes of its inputs the same numbers again."""

    passes_mask = True

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Pass the inputs on."""
        return inputs


class Dropout(Unchanging, frozen=True, tag="Dropout"):
    """Sets a share ``rate`` of its inputs to 0 while training, and passes them on unchanged otherwise."""

    rate: float
