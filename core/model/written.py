"""A model's calculation, written down once as a program and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.layers.nested import write_as_far
from core.layers.writer import Weight, Writer
from core.operations.axes import axes_of_lines
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.program import TRUNCATE, Value
from core.operations.run import Ready, Tracer, made_of
from core.operations.take import Take

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import AnyArray, Array
    from core.layers.writer import SealedCall
    from core.model.graph import Graph
    from core.model.network import Network
    from core.operations.operation import Shape
    from core.operations.program import Program

    OutsideShapes = tuple[tuple[tuple[str, ...], tuple[Shape, ...]], ...]

CHUNK = 1 << 22
"""How many numbers of one value are held at once when many points are calculated."""


class Output(NamedTuple):
    """One of a model's outputs: what it is called, its shape, where it is in a row of all of them, and its mask."""

    name: str
    shape: Shape
    columns: slice
    mask: int | None

    @property
    def spread(self) -> Shape:
        """Its shape if it is an image or a sequence, else ()."""
        return self.shape if len(self.shape) > 1 else ()


@dataclass(frozen=True, eq=False)
class Written:
    """A program with the numbers of its inputs, of its weights, and of what it is for."""

    program: Program
    inputs: tuple[int, ...]
    weights: dict[Weight, int]
    outputs: tuple[int, ...]
    stops: str = ""
    """Why the program ends before the outputs, if it does: a layer is sealed, or a shape doesn't fit."""
    masks: tuple[int | None, ...] = ()
    """The mask that each output comes with, if one does: Keras leaves what has a 0 there out of losses and metrics."""
    stopped: SealedCall | None = None
    """The call of a sealed layer at which it ends, if that is why."""
    side_by_side: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The numbers of weights with several parts along their last axis -> what those are called."""
    outside: Mapping[tuple[str, ...], tuple[int, ...]] = field(default_factory=dict)
    """Calls of sealed layers whose outputs are given, as Keras's -> the numbers of those."""

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
    def whole(self) -> frozenset[int]:
        """The numbers of values that Keras takes for whole ones, such as indices, or that are such ones moved."""
        made, taken = set[int](), set[int]()
        for number, line in enumerate(self.program.lines):
            cuts = isinstance(line.operation, Each) and line.operation.function == TRUNCATE
            if cuts or (isinstance(line.operation, Take) and made.issuperset(line.sources)):
                made.add(number)
            if cuts:
                taken.update(line.sources)
        for number in range(max(taken, default=0), -1, -1):
            if number in taken and isinstance(self.program.lines[number].operation, Take):
                taken.update(self.program.lines[number].sources)
        return frozenset(made | taken)

    @cached_property
    def largest(self) -> int:
        """How many numbers of one point the largest value has: a layer's outputs, or all that a window sees."""
        moving = made_of(self.program, self.inputs)
        return max(1, *(prod(self.program.lines[number].shape) for number in moving))

    @cached_property
    def multiplications(self) -> int:
        """How many products the sums of one point are made of."""
        return sum(line.operation.products for line in self.program.lines if isinstance(line.operation, Dot))

    def rows(self) -> int:
        """Return how many points can be calculated at once within :data:`CHUNK`."""
        return max(1, CHUNK // self.largest)

    def given(self, weights: Mapping[Weight, AnyArray]) -> dict[int, Array]:
        """Return the numbers of every weight in float64, by which of the program's values it is."""
        return {number: np.asarray(weights[weight], dtype=np.float64) for weight, number in self.weights.items()}

    def ready(self, weights: Mapping[Weight, AnyArray], wanted: Sequence[int] | None = None) -> Ready:
        """Return the program with its weights, to be run over points: the outputs, or these values, are made."""
        return Ready(self.program, self.given(weights), self.inputs, self.outputs if wanted is None else wanted)


@lru_cache(maxsize=16)
def write_graph(graph: Graph, shapes: tuple[Shape, ...], outside: OutsideShapes = ()) -> Written:
    """Return the program of ``graph`` over inputs of such shapes, as far as it is known.

    ``outside`` has the shapes of the outputs that are given for calls of sealed layers.
    """
    on = Writer(dict(outside))
    inputs = [on.input(shape) for shape in shapes]
    return _written(on, graph, inputs, inputs)


@lru_cache(maxsize=64)
def write_rows(network: Network) -> Written:
    """Return the program of ``network`` over a row of the numbers of all inputs, as far as it is known.

    The outputs are, each by itself, in the order and shape that the model has them.
    """
    on, inputs, start = Writer(), list[Value](), 0
    row = on.input((network.inputs,))
    for shape in network.input_shapes:
        inputs.append(row.slice(0, start, prod(shape)).reshape(*shape))
        start += prod(shape)
    return _written(on, network.graph, [row], inputs)


def _written(on: Writer, graph: Graph, given: Sequence[Value], inputs: Sequence[Value]) -> Written:
    outputs, stops = write_as_far(on, graph, inputs)
    weights = {weight: value.number for weight, value in on.weights.items()}
    return Written(
        on.program,
        tuple(value.number for value in given),
        weights,
        tuple(value.number for value in outputs),
        stops,
        tuple(None if value.mask is None else value.mask.number for value in outputs),
        on.stopped,
        on.side_by_side,
        on.outside,
    )
