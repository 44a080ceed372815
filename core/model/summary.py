"""What a model is made of, call by call: each layer's class, the shape that it makes, its numbers, its sources."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.layers.nested import Model
from core.layers.sealed import Sealed
from core.layers.writer import called
from core.model.files.layer_arrays import NOT_TRAINED
from core.model.files.needed import LENGTHS, written_for
from core.model.graph import Source, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.arrays import AnyArray
    from core.layers.layer import Layer
    from core.layers.writer import Outside, Weight
    from core.model.graph import Graph, Input
    from core.operations.operation import Shape

    AnyShape = tuple[int | None, ...]

FLOAT32 = 4
WIDTHS = {"float64": 8, "float16": 2, "bfloat16": 2}
"""Bytes of a number of what Keras keeps otherwise than in float32; layers of such types are sealed."""

NOTHING: Mapping[Weight, AnyArray] = MappingProxyType({})

NOWHERE: Outside = MappingProxyType({})

PAIRS = tuple((length, length + 1) for length in LENGTHS[1:])
"""Pairs of lengths that stand for one that is not fixed, until one is long enough; sizes that differ then are open."""


FIXED = ((8, 8),)
"""What stands for them where there are none."""


@dataclass(frozen=True)
class WeightRow:
    """An array of a layer: its name, with the names of the layers within the layer, its shape, how many bytes each of
    its numbers takes in Keras, and whether a training changes it.
    """

    name: str
    shape: Shape
    width: int = FLOAT32
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


@dataclass(frozen=True)
class LayerRow:
    """One call of a layer, with the ``path`` of the calls that it is in, and how many models that are, its ``depth``.

    None in a shape is a length that is not fixed.

    ``shape`` is None where it is not known here, and ``sealed`` says why its arithmetic is not, if it is not.
    A layer's weights are those of its first call; another call of it has the same, and none here.
    ``inside`` has the calls of a model that is a layer. A sealed layer has its ``settings`` too.
    """

    path: tuple[str, ...]
    name: str
    keras_class: str
    depth: int
    shape: AnyShape | None
    weights: tuple[WeightRow, ...]
    made_of: tuple[Source, ...]
    trainable: bool
    sealed: str
    inside: Calls | None = None
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """What it is made of, in words."""
        return tuple(_said(source) for source in self.made_of)

    @property
    def parameters(self) -> int:
        """How many numbers its own arrays have, without those of the calls inside."""
        return sum(weight.size for weight in self.weights)

    @property
    def trained(self) -> int:
        """How many of those a training changes."""
        return sum(weight.size for weight in self.weights if weight.trainable)

    @property
    def numbers(self) -> int:
        """How many numbers its arrays have, with those of the calls inside."""
        return self.parameters + (0 if self.inside is None else self.inside.parameters)

    @property
    def is_frozen(self) -> bool:
        """Whether it has numbers that no training changes, and no others."""
        if self.inside is None:
            return bool(self.parameters) and not self.trainable
        held = [row for row in self.inside.rows if row.numbers]
        return bool(held) and all(row.is_frozen for row in held)

    @property
    def is_first(self) -> bool:
        """Whether its layer was not called before."""
        return self.path[-1] == self.name


@dataclass(frozen=True)
class Calls:
    """A model's inputs, its calls in order, and which are its outputs."""

    inputs: tuple[Input, ...]
    rows: tuple[LayerRow, ...]
    outputs: tuple[Source, ...]

    def every(self) -> Iterator[LayerRow]:
        """Give every call, each followed by those inside it."""
        for row in self.rows:
            yield row
            if row.inside is not None:
                yield from row.inside.every()

    def once(self) -> Iterator[LayerRow]:
        """Give what :meth:`every` does, but the calls inside a model only where that is called first."""
        for row in self.rows:
            yield row
            if row.inside is not None and row.is_first:
                yield from row.inside.once()

    @property
    def parameters(self) -> int:
        """How many numbers all arrays have that the calculation needs."""
        return sum(row.parameters for row in self.every())


@dataclass(frozen=True)
class Summary:
    """A model's calls, and why its calculation stops, if it does."""

    calls: Calls
    stops: str

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """Every call; those inside a model where that is called first."""
        return tuple(self.calls.once())

    @property
    def parameters(self) -> int:
        """How many numbers all arrays have that the calculation needs."""
        return self.calls.parameters

    @property
    def arrays(self) -> list[WeightRow]:
        """Every array that the calculation needs, and those of layers that it does not come to."""
        return [weight for row in self.calls.every() for weight in row.weights]

    @property
    def sealed(self) -> list[LayerRow]:
        """Every sealed layer, at its first call."""
        return [row for row in self.rows if row.sealed and row.is_first]


def summary(graph: Graph, weights: Mapping[Weight, AnyArray] = NOTHING, outside: Outside = NOWHERE) -> Summary:
    """Return what ``graph`` is made of; of what comes after a layer that stops the calculation no shapes are known.

    Arrays of layers that it does not come to are those of the ``weights`` that are held. ``outside`` has shapes of what
    Keras makes of sealed layers, for inputs of fixed lengths.
    """
    fixed = not any(None in given.shape for given in graph.inputs)
    for lengths in FIXED if fixed else PAIRS:
        written = [_Written(graph, length, weights, outside if fixed else NOWHERE) for length in lengths]
        if not written[0].stops:
            break
    return Summary(_calls(graph, written, (), True), written[0].stops)


class _Written:
    """A model written for one length, as far as that goes; of layers beyond it has the arrays that are held."""

    def __init__(self, graph: Graph, length: int, weights: Mapping[Weight, AnyArray], outside: Outside) -> None:
        on, self.stops = written_for(graph, length, tuple(outside.items()))
        lines = on.program.lines
        self.shapes = {
            name.call: lines[number].shape
            for number, name in on.program.names.items()
            if name.value == "output" and not name.at
        }
        self.weights: dict[tuple[str, ...], list[tuple[Weight, Shape]]] = {}
        needed = {weight: value.shape for weight, value in on.weights.items()}
        beyond = {weight: array.shape for weight, array in weights.items()} if self.stops else {}
        for weight, shape in (beyond | needed).items():
            for depth in range(1, len(weight.layer) + 1):
                self.weights.setdefault(weight.layer[:depth], []).append((weight, shape))

    def rows(self, layer: Layer, path: tuple[str, ...]) -> Iterator[WeightRow]:
        """Give the arrays of ``layer``, which is at ``path``."""
        width = _width(layer)
        for weight, shape in self.weights.get(path, ()):
            names = weight.layer[len(path) :]
            trainable = layer.trainable and layer.part(names).trainable and weight.name not in NOT_TRAINED
            yield WeightRow("/".join((*names, weight.name)), shape, width, trainable)


def _width(layer: Layer) -> int:
    """Return how many bytes a number of the layer's arrays takes in Keras."""
    dtype = layer.settings.get("dtype") if isinstance(layer, Sealed) else None
    if isinstance(dtype, dict) and isinstance(dtype.get("config"), dict):
        dtype = dtype["config"].get("name")
    return WIDTHS.get(dtype, FLOAT32) if isinstance(dtype, str) else FLOAT32


def _calls(graph: Graph, written: list[_Written], outer: tuple[str, ...], first: bool) -> Calls:
    return Calls(graph.inputs, tuple(_rows(graph, written, outer, first)), graph.outputs)


def _rows(graph: Graph, written: list[_Written], outer: tuple[str, ...], first: bool) -> Iterator[LayerRow]:
    """Give the calls of ``graph``, which is called at ``outer``, for the ``first`` time or again."""
    layers, calls = {layer.name: layer for layer in graph.layers}, Counter[str]()
    for call in graph.calls:
        layer = layers[call.layer]
        calls[call.layer] += 1
        new = first and calls[call.layer] == 1
        path = (*outer, called(call.layer, calls[call.layer]))
        inside = _calls(layer.graph, written, path, new) if isinstance(layer, Model) else None
        yield LayerRow(
            path,
            call.layer,
            layer.keras_class,
            len(outer),
            _common([one.shapes.get(path) for one in written]),
            tuple(written[0].rows(layer, (*outer, call.layer))) if new and inside is None else (),
            tuple(sources_of(call)),
            layer.trainable,
            layer.why if isinstance(layer, Sealed) else "",
            inside,
            layer.settings if isinstance(layer, Sealed) else {},
        )


def _common(shapes: list[Shape | None]) -> AnyShape | None:
    """Return a shape with None where two that were made of different lengths differ."""
    first, second = shapes
    if first is None or second is None or len(first) != len(second):
        return None
    return tuple(size if size == other else None for size, other in zip(first, second, strict=True))


def _said(source: Source) -> str:
    return called(source.layer, source.call + 1) + (f" output {source.output + 1}" if source.output else "")
