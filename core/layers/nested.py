"""A model within a model, called as a layer is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.layer import Layer
from core.model.graph import Graph

if TYPE_CHECKING:
    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Model(Layer, frozen=True, tag="Model"):
    """A Functional or Sequential model that is a layer of another."""

    graph: Graph
    keras_class: str = "Functional"

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Results:
        """Write down the model's own calls."""
        outputs = self.graph.write(on, inputs)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)
