"""Running models over many points: the program of a model is written once for given shapes, and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.calculation.axes import axes_of_lines
from core.errors import Refused, shorten
from core.layers.writer import Weight, Writer
from core.operations.program import Value
from core.operations.run import Ready, Tracer, made_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import AnyArray, Array
    from core.layers.layer import Layer
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.operation import Shape
    from core.operations.program import Program

CHUNK = 1 << 22
"""How many numbers of one value are held at once when many points are calculated."""


@dataclass(frozen=True, eq=False)
class Written:
    """A program with the numbers of its inputs, of its weights, and of what it is for."""

    program: Program
    inputs: tuple[int, ...]
    weights: dict[Weight, int]
    outputs: tuple[int, ...]
    stops: str = ""
    """Why the program ends before the outputs, if it does: a layer is sealed, or a shape doesn't fit."""

    @cached_property
    def tracer(self) -> Tracer:
        """The program ready to be run over one point."""
        return Tracer(self.program)

    @cached_property
    def axes(self) -> list[tuple[str, ...]]:
        """The names of every value's axes, as far as they have some."""
        return axes_of_lines(self.program)

    def of_call(self, call: tuple[str, ...]) -> dict[str, int]:
        """Return the numbers of what has a name in a call, and of the layer's weights, by their names."""
        return self._by_call.get(call, {})

    @cached_property
    def _by_call(self) -> dict[tuple[str, ...], dict[str, int]]:
        found: dict[tuple[str, ...], dict[str, int]] = {}
        for weight, number in self.weights.items():
            found.setdefault(weight.layer, {})[weight.name] = number
        for number, name in self.program.names.items():
            found.setdefault(name.call, {})[name.value] = number
        return found

    @cached_property
    def largest(self) -> int:
        """How many numbers of one point the largest value has: a layer's outputs, or all that a window sees."""
        moving = made_of(self.program, self.inputs)
        return max(1, *(prod(self.program.lines[number].shape) for number in moving))

    def rows(self) -> int:
        """Return how many points can be calculated at once within :data:`CHUNK`."""
        return max(1, CHUNK // self.largest)

    def ready(self, weights: Mapping[Weight, AnyArray]) -> Ready:
        """Return the program with its weights, to be run over points."""
        numbers = {number: np.asarray(weights[weight], dtype=np.float64) for weight, number in self.weights.items()}
        return Ready(self.program, numbers, self.inputs, self.outputs)


def predictions(graph: Graph, weights: Mapping[Weight, AnyArray], inputs: Sequence[AnyArray]) -> list[Array]:
    """Return every output of ``graph`` for all points, in float64; each of ``inputs`` has the points as first axis.

    Raises:
        Refused: an input's shape is not the model's, or its calculation can't be done here.
    """
    require_fitting(graph, inputs)
    written = write_graph(graph, tuple(array.shape[1:] for array in inputs))
    if written.stops:
        raise Refused(written.stops)
    ready, rows = written.ready(weights), written.rows()
    parts = [
        ready(*(np.asarray(array[start : start + rows], dtype=np.float64) for array in inputs))
        for start in range(0, len(inputs[0]), rows)
    ]
    shapes = [written.program.lines[number].shape for number in written.outputs]
    return [
        np.concatenate([part[at] for part in parts]) if parts else np.empty((0, *shape))
        for at, shape in enumerate(shapes)
    ]


def require_fitting(graph: Graph, inputs: Sequence[AnyArray]) -> None:
    """Refuse inputs, the points first, that are not of the model's shapes.

    Raises:
        Refused: another number of inputs, another shape, or not as many points of each.
    """
    if len(inputs) != len(graph.inputs):
        named = ", ".join(shorten(given.name) for given in graph.inputs)
        raise Refused(f"expected {len(graph.inputs)} inputs ({named}), got {len(inputs)}")
    for given, array in zip(graph.inputs, inputs, strict=True):
        fits = len(given.shape) == array.ndim - 1 and all(
            size in (None, got) for size, got in zip(given.shape, array.shape[1:], strict=True)
        )
        if not fits:
            wanted = ", ".join("any" if size is None else f"{size}" for size in (None, *given.shape))
            raise Refused(f"expected {shorten(given.name)!r} of shape ({wanted}), got {array.shape}")
    if len({len(array) for array in inputs}) > 1:
        raise Refused(f"expected as many points of each input, got {', '.join(str(len(array)) for array in inputs)}")


@lru_cache(maxsize=16)
def write_graph(graph: Graph, shapes: tuple[Shape, ...]) -> Written:
    """Return the program of ``graph`` over inputs of such shapes, as far as it is known."""
    on, stops = Writer(), ""
    inputs, outputs = [on.input(shape) for shape in shapes], list[Value]()
    try:
        outputs = graph.write(on, inputs)
    except Refused as reason:
        stops = str(reason)
    written = _written(on, [value.number for value in inputs], [value.number for value in outputs])
    return replace(written, stops=stops)


def _written(on: Writer, inputs: Sequence[int], outputs: Sequence[int]) -> Written:
    weights = {weight: value.number for weight, value in on.weights.items()}
    return Written(on.program, tuple(inputs), weights, tuple(outputs))


@lru_cache(maxsize=64)
def write_chain(layers: tuple[Layer, ...], shape: Shape) -> Written:
    """Return the program of layers one after the other, each called by its place, over rows of numbers."""
    on = Writer()
    value = given = on.input((prod(shape),))
    value = value.reshape(*shape)
    for at, layer in enumerate(layers):
        made = on.call(msgspec.structs.replace(layer, name=str(at)), value)
        assert not isinstance(made, tuple)
        value = made
    return _written(on, [given.number], [value.reshape(-1).number])


def by_place(layers: Sequence[Sequence[AnyArray]], written: Written) -> dict[Weight, AnyArray]:
    """Return every array by the weight that it is; a layer's weights are in the order of its arrays."""
    placed = dict.fromkeys(range(len(layers)), 0)
    found = {}
    for weight in written.weights:
        at = int(weight.layer[0])
        found[weight] = layers[at][placed[at]]
        placed[at] += 1
    return found


def numbers_held(network: Network) -> int:
    """Return how many numbers of one point are held at once at most by a chain of layers."""
    return write_chain(network.layers, network.shapes()[0]).largest


@lru_cache(maxsize=2)
def ready_chain(network: Network, weights: Weights) -> tuple[Ready, int]:
    """Return a chain of layers ready to be run over rows of numbers, and how many rows can be calculated at once."""
    written = write_chain(network.layers, network.shapes()[0])
    return written.ready(by_place(weights.layers, written)), written.rows()


def layer_output(layer: Layer, arrays: Sequence[AnyArray], inputs: Array, shape: Shape) -> Array:
    """Return what one layer, with its ``arrays``, makes of many points' ``inputs``, each of ``shape`` in a row."""
    written = write_chain((layer,), shape)
    (made,) = written.ready(by_place([arrays], written))(inputs)
    return made
