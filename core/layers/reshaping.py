"""Layers that only move numbers.

Keras 3 documentation, "Reshaping layers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.layer import Layer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Flatten(Layer, frozen=True, tag="Flatten"):
    """Makes one row of an image, row by row, the channels last; no number changes."""

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Lay the numbers in a row."""
        return inputs.reshape(-1)
