"""A model within a model, called as a layer is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.errors import Refused
from core.formatting import count
from core.layers.layer import Layer
from core.layers.sealed import Sealed
from core.model.graph import Graph, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.model.graph import Call, Constant
    from core.operations.program import Value


class Model(Layer, frozen=True, tag="Model"):
    """A Functional or Sequential model that is a layer of another."""

    keeps_masks = True

    graph: Graph
    keras_class: str = "Functional"

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Results:
        """Write down the model's own calls."""
        outputs = self.graph.write(on, inputs)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    @property
    def in_words(self) -> str:
        """Its class, and the layers in it."""
        return f"{self.keras_class} of {count(len(self.graph.layers), 'layer')}"

    def with_model(self, other: Callable[[Layer], Layer]) -> Layer:
        """Return another model in place of this."""
        return other(self)

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return the layers of the model."""
        return {"layers": self.graph.layers}

    def parts_called(self) -> dict[tuple[str, ...], Layer]:
        """Return the layers of the model, and what those call."""
        return {
            (layer.name, *names): one
            for layer in self.graph.layers
            for names, one in {(): layer, **layer.parts_called()}.items()
        }


Path = tuple[str, ...]
"""Where a layer is: the names of the models that it is in, then its own."""


def layers_in(graph: Graph) -> Iterator[tuple[Path, Layer]]:
    """Give every layer that is called with where it is, in the order of first calls; of a model within, its layers."""
    layers = {layer.name: layer for layer in graph.layers}
    for name in dict.fromkeys(call.layer for call in graph.calls):
        layer = layers[name]
        if isinstance(layer, Model):
            yield from (((name, *path), one) for path, one in layers_in(layer.graph))
        else:
            yield (name,), layer


def paths_of(graph: Graph) -> list[Path]:
    """Return where every layer is, as :func:`layers_in` gives them."""
    return [path for path, _ in layers_in(graph)]


def layer_at(graph: Graph, path: Path) -> Layer:
    """Return the layer at ``path``."""
    layer = graph.layer(path[0])
    return layer_at(layer.graph, path[1:]) if isinstance(layer, Model) and path[1:] else layer


def sealed_in(graph: Graph) -> Iterator[tuple[Path, Sealed]]:
    """Give every sealed layer that is called, with where it is."""
    return ((path, layer) for path, layer in layers_in(graph) if isinstance(layer, Sealed))


def write_as_far(on: Writer, graph: Graph, inputs: Sequence[Value]) -> tuple[list[Value], str]:
    """Write down the calculation as far as it is known; return the outputs, and why it stops, if it does.

    Arrays of sealed layers are among the weights, whether the calculation comes to them or not.
    """
    try:
        return graph.write(on, inputs), ""
    except Refused as reason:
        for path, layer in sealed_in(graph):
            on.list_weights(layer, path)
        return [], str(reason)


def made_by(graph: Graph, source: Source | Constant) -> tuple[Layer, int] | Source | Constant:
    """Return the layer that makes a tensor, and as which of its outputs; layers that pass it on are looked through.

    What no layer makes is an input of ``graph``, or a plain number.
    """
    layers, counted = {layer.name: layer for layer in graph.layers}, Counter[str]()
    calls: dict[tuple[str, int], Call] = {}
    for call in graph.calls:
        calls[call.layer, counted[call.layer]] = call
        counted[call.layer] += 1
    while isinstance(source, Source) and source.layer in layers:
        layer, call = layers[source.layer], calls[source.layer, source.call]
        if isinstance(layer, Model):
            made = made_by(layer.graph, layer.graph.outputs[source.output])
            if not isinstance(made, Source):
                return made
            source = call.sources[[one.name for one in layer.graph.inputs].index(made.layer)]
        elif layer.passes_on:
            source = call.sources[0]
        else:
            return layer, source.output
    return source


def with_layer_at(graph: Graph, path: Path, layer: Layer) -> Graph:
    """Return ``graph`` with another layer at ``path``."""
    held = graph.layer(path[0])
    if isinstance(held, Model) and path[1:]:
        layer = replace(held, graph=with_layer_at(held.graph, path[1:], layer))
    return replace(graph, layers=tuple(layer if one is held else one for one in graph.layers))


def with_trainable(graph: Graph) -> Graph:
    """Return ``graph`` with all layers trainable, at any depth."""
    return replace(graph, layers=tuple(with_trained(layer, True) for layer in graph.layers))


def with_trained(layer: Layer, trained: bool) -> Layer:
    """Return ``layer`` and all that are within it trainable or frozen, as Keras has it where ``trainable`` is set."""

    def each(one: Layer) -> Layer:
        return with_trained(one, trained)

    if isinstance(layer, Model):
        layer = replace(layer, graph=replace(layer.graph, layers=tuple(map(each, layer.graph.layers))))
    return replace(layer.with_each_within(each), trainable=trained)
