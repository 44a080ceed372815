"""Writer: what a layer writes its arithmetic with; it keeps the calls, the weights and the names of values."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused
from core.layers.axes import WEIGHTS
from core.limits import allowing_more, most, require_most
from core.operations.operation import Misfit
from core.operations.program import KERAS, Given, Name, Program
from core.operations.take import Reshape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from core.layers.layer import Layer, Results
    from core.layers.sealed import Sealed
    from core.operations.operation import Shape
    from core.operations.program import Value


CALL = " (call "
"""What comes after a layer's name where it was called before."""

MOST_STEPS = 20_000
"""Each step of a recurrent layer is written down by itself, in about 0.1 ms."""

MOST_CALLS = 25_000
"""Calls of layers, those within others too: of models within each other, each called twice, there are 2, 4, 8 ..."""


def called(layer: str, count: int) -> str:
    """Return the name of a call of ``layer``, of which it is so manyeth one where it is called."""
    return layer if count == 1 else f"{layer}{CALL}{count})"


def channels_last(source: Value) -> Value:
    """Return a source whose first axis are channels with these as its last."""
    return source.transpose(*range(1, source.rank), 0).with_mask(source.mask)


def layers_of(call: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the layers that a call is of, without which of their calls it is."""
    return tuple(part.partition(CALL)[0] for part in call)


class Weight(NamedTuple):
    """Which weight: the names of the layers that it is in, from the outermost one, and its own."""

    layer: tuple[str, ...]
    name: str


class SealedCall(NamedTuple):
    """A call of a sealed layer that no outputs are given for: of which values it is, and whether they are one list.

    ``named`` are settings of the call. ``is_asked``: whether Keras could be asked for what it makes.
    """

    call: tuple[str, ...]
    layer: Sealed
    sources: tuple[int, ...]
    listed: bool
    named: tuple[tuple[str, bool], ...]
    is_asked: bool


Outside = Mapping[tuple[str, ...], tuple["Shape", ...]]
"""Calls of sealed layers -> the shapes of their outputs, which Keras gives."""


class Writer:
    """Writes a program for given shapes. Called ``on`` where layers use it: ``on.name("pre-activation", ...)``.

    Outputs of the calls in ``outside`` are given.
    """

    def __init__(self, outside: Outside = MappingProxyType({})) -> None:
        self.program = Program()
        self.outside: dict[tuple[str, ...], tuple[int, ...]] = {}
        """The numbers of the values that are given for calls."""
        self.stopped: SealedCall | None = None
        """The call of a sealed layer that could not be written down, if there is one."""
        self._shapes_outside = outside
        self.weights: dict[Weight, Value] = {}
        """Every weight that was needed, in the order in which they were."""
        self.side_by_side: dict[int, tuple[str, ...]] = {}
        """The numbers of weights with several parts along their last axis -> what those are called."""
        self._layers: tuple[str, ...] = ()
        self._calls: tuple[str, ...] = ()
        self._at: tuple[int, ...] = ()
        self._calls_made = 0
        self._count: dict[tuple[tuple[str, ...], tuple[int, ...]], int] = {}

    def input(self, shape: Shape) -> Value:
        """Return what stands for an input of that shape."""
        return self.program.given(Given("input"), shape)

    def constant(self, numbers: npt.ArrayLike, name: str = "") -> Value:
        """Return numbers that are always the same; a layer's setting has its ``name`` in formulas."""
        return self.program.constant(numbers, name)

    def join(self, sources: Sequence[Value], axis: int) -> Value:
        """Return sources one after the other along an axis."""
        return self.program.join(sources, axis)

    def stack(self, sources: Sequence[Value], axis: int = 0) -> Value:
        """Return sources of one shape beside each other along a new axis."""
        return self.program.stack(sources, axis)

    def name(self, name: str, value: Value, *axes: str) -> Value:
        """Return ``value`` as one that a person writes down: it has a name, and its axes may have some.

        It has a number of its own if the value is given or has another name already.
        """
        line = self.program.lines[value.number]
        is_input = line.given is not None and line.given.kind != KERAS
        if is_input or value.number in self.program.names:
            value = self.program.write(Reshape(value.shape, value.shape), value).with_mask(value.mask)
        self.program.names[value.number] = Name(self._calls, name, self._at)
        return self.along(value, *axes) if axes else value

    def along(self, value: Value, *axes: str) -> Value:
        """Return ``value`` with names for its axes if it has so many; what is made of it by places keeps them."""
        if len(axes) == value.rank:
            self.program.axes[value.number] = axes
        return value

    def each_step(self, value: Value, backwards: bool = False) -> Iterator[Value]:
        """Give what is at each place of the first axis; what is named meanwhile belongs to that step.

        Its mask is what the value's mask has for that step.
        """
        before, steps = self._at, range(value.shape[0])
        require_most("steps, each written down by itself", len(steps), MOST_STEPS)
        for step in reversed(steps) if backwards else steps:
            self._at = (*before, step)
            yield value.at(0, step).with_mask(value.mask.at(0, step) if value.mask and value.mask.rank else None)
        self._at = before

    def call(self, layer: Layer, *sources: Value, **named: Value | bool | None) -> Results:
        """Return what ``layer`` makes of its sources; its values belong to this call, its weights to the layer."""
        results = self.results(layer, *sources, **named)
        return results if len(results) > 1 else results[0]

    def results(self, layer: Layer, *sources: Value, **named: Value | bool | None) -> tuple[Value, ...]:
        """Return what :meth:`call` does, and of a layer with one output that alone in a tuple."""
        with self._within(layer.name):
            if layer.channels_first:
                sources = tuple(channels_last(source) for source in sources)
            shapes = layer.weights(*(source.shape for source in sources))
            weights = {name: self._weight(layer, name, shape) for name, shape in shapes.items()}
            try:
                made = layer.call(self, weights, *sources, **named)
            except Misfit as misfit:
                raise Refused(f"{layer.name}: {misfit}") from None
            outputs = made if isinstance(made, tuple) else (made,)
            if layer.channels_first:
                outputs = tuple(one.transpose(one.rank - 1, *range(one.rank - 1)) for one in outputs)
            passed = sources[0].mask if layer.passes_mask else None
            masks = [passed if one in sources or one.mask is None else one.mask for one in outputs]
            names = ["output", *(f"output {at}" for at in range(2, len(outputs) + 1))]
            return tuple(
                self.name(name, one).with_mask(mask) for name, one, mask in zip(names, outputs, masks, strict=True)
            )

    def from_keras(
        self, layer: Sealed, inputs: Sequence[Value], listed: bool, named: Mapping[str, object]
    ) -> tuple[Value, ...] | None:
        """Return the outputs that are given for the present call of ``layer``; None, and note the call, without any."""
        if self._calls in self._shapes_outside:
            shapes = self._shapes_outside[self._calls]
            given = [self.program.given(Given(KERAS, self._calls), shape) for shape in shapes]
            self.outside[self._calls] = tuple(value.number for value in given)
            return tuple(given)
        settings = tuple((name, value) for name, value in named.items() if isinstance(value, bool))
        is_plain = len(settings) == len(named) and all(value.mask is None for value in inputs)
        sources = tuple(value.number for value in inputs)
        self.stopped = SealedCall(
            self._calls, layer, sources, listed, settings, layer.is_asked and is_plain and not self._at
        )
        return None

    def list_weights(self, layer: Layer, path: tuple[str, ...]) -> None:
        """Note the weights of the layer at ``path``, which is not called."""
        before, self._layers = self._layers, path
        for name, shape in layer.weights().items():
            self._weight(layer, name, shape)
        self._layers = before

    def _weight(self, layer: Layer, name: str, shape: Shape) -> Value:
        weight = Weight(self._layers, name)
        if weight not in self.weights:
            given = self.program.given(Given("weight", *weight), shape)
            kernel = name.endswith("kernel") or len(shape) == 1
            axes = layer.axes_of(name) or (WEIGHTS.get(len(shape), ()) if kernel else ())
            self.weights[weight] = self.along(given, *axes)
            if parts := layer.side_by_side(name):
                self.side_by_side[given.number] = parts
        return self.weights[weight]

    @contextmanager
    def _within(self, layer: str) -> Iterator[None]:
        """Make what is written down meanwhile part of a call of ``layer``, the next one of it here, at this step."""
        self._calls_made += 1
        if self._calls_made > most(MOST_CALLS):
            raise Refused(
                f"expected at most {most(MOST_CALLS):,} calls of layers, got more: the calculation stops there; "
                f"{allowing_more()}"
            )
        before = self._layers, self._calls, self._at
        self._layers = (*self._layers, layer)
        call = (*self._calls, layer)
        count = self._count[call, self._at] = self._count.get((call, self._at), 0) + 1
        self._calls = (*self._calls, called(layer, count))
        try:
            yield
        finally:
            self._layers, self._calls, self._at = before
