"""The point that a model without data opens onto: for each input the mean that the model has of it, else zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.nested import Model
from core.model.graph import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.layers.nested import Path
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.operations.operation import Shape


def own_inputs(graph: Graph, weights: Mapping[Weight, AnyArray], shapes: Sequence[Shape]) -> list[Array]:
    """Return an array of these shapes for each input: the mean of a layer that it goes straight into, or zeros.

    Such a mean is that of the data that somebody adapted a Normalization to.
    """
    return [_own(graph, given.name, weights, shape) for given, shape in zip(graph.inputs, shapes, strict=True)]


def own_in_words(own: Sequence[AnyArray]) -> str:
    """Return what such a point is: zeros, or the means of a model's Normalization."""
    return "the mean that the model's Normalization has" if any(array.any() for array in own) else "zeros"


def _own(graph: Graph, name: str, weights: Mapping[Weight, AnyArray], shape: Shape) -> Array:
    for path, layer in _straight_into(graph, name, ()):
        arrays = {weight.name: array for weight, array in weights.items() if weight.layer[: len(path)] == path}
        mean = layer.mean_of_inputs(shape, arrays)
        if mean is not None and np.isfinite(mean).all():
            return np.array(mean, dtype=np.float64)
    return np.zeros(shape)


def _straight_into(graph: Graph, name: str, outer: Path) -> Iterator[tuple[Path, Layer]]:
    """Give the layers that are called with the input of that name, also within models that are called with it."""
    for call in graph.calls:
        for place, source in enumerate(call.sources):
            if source != Source(name):
                continue
            layer = graph.layer(call.layer)
            if isinstance(layer, Model):
                yield from _straight_into(layer.graph, layer.graph.inputs[place].name, (*outer, layer.name))
            else:
                yield (*outer, layer.name), layer
