"""One point through any model, every number kept: found by its call, its value's name and its index, and opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.calculation.expression import Opener, Place
from core.calculation.running import require_fitting
from core.errors import Refused, shorten
from core.model.array_axes import axes_of_value
from core.model.written import write_graph
from core.operations.bounds import offs
from core.operations.program import KERAS
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from core.arrays import AnyArray, Array
    from core.calculation.expression import Expression, Gathered, Rows
    from core.formatting import Notation
    from core.layers.writer import Weight
    from core.model.array_axes import ArrayAxes
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.written import Written
    from core.operations.operation import At, Index, Shape
    from core.operations.rounding import Carry

    Outside = Mapping[tuple[str, ...], Sequence[AnyArray]]

FROM_KERAS = "from Keras, not calculated here"

WHOLE = 2.0**31
"""Below this Keras holds whole numbers, as int32."""


class Spot(msgspec.Struct, frozen=True, order=True):
    """The address of one number, the same in every calculation of a model: of which call, which value, and where in it.

    ``call`` has the names of the layers that the call is in, as in :class:`Value`; an input of the model has none.
    """

    call: tuple[str, ...]
    value: str
    index: tuple[int, ...] = ()


@dataclass(frozen=True)
class Value:
    """A value that is written down: of which call, its name, and which of the program's values have its numbers.

    A value of a recurrent layer is made step by step, and has one part for each of its steps, which come first in
    :attr:`shape`. Inputs have no call, and weights that of their layer.
    """

    call: tuple[str, ...]
    name: str
    shape: Shape
    parts: Mapping[Index, int]

    @property
    def words(self) -> str:
        """The call and the name, as a person types them: ``lstm/hidden state``."""
        return "/".join((*self.call, self.name))

    def place(self, index: Index) -> Place:
        """Return where the number at ``index`` is in the program."""
        steps = len(next(iter(self.parts)))
        return Place(self.parts[index[:steps]], index[steps:])

    def spot(self, index: Index) -> Spot:
        """Return the address of the number at ``index``."""
        return Spot(self.call, self.name, index)


@dataclass(frozen=True, eq=False)
class Calculated:
    """Every number of one point's calculation, as it was written down."""

    graph: Graph
    written: Written
    numbers: Sequence[Array]
    carry: Carry

    @cached_property
    def opener(self) -> Opener:
        """What opens the numbers."""
        return Opener(self.written.program, self.numbers, self.carry)

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """The inputs, then every value that is written down, in order."""
        lines = self.written.program.lines
        given = [
            Value((), entry.name, lines[number].shape, {(): number})
            for entry, number in zip(self.graph.inputs, self.written.inputs, strict=True)
        ]
        parts: dict[tuple[tuple[str, ...], str], dict[Index, int]] = {}
        for number, name in sorted(self.written.program.names.items()):
            parts.setdefault((name.call, name.value), {})[name.at] = number
        made = [
            Value(call, name, (*(last + 1 for last in max(found)), *lines[next(iter(found.values()))].shape), found)
            for (call, name), found in parts.items()
        ]
        return (*given, *made)

    @cached_property
    def weights(self) -> tuple[Value, ...]:
        """Every weight that the calculation needs."""
        lines = self.written.program.lines
        return tuple(
            Value(weight.layer, weight.name, lines[number].shape, {(): number})
            for weight, number in self.written.weights.items()
        )

    @cached_property
    def _stacked(self) -> dict[int, Array]:
        """The steps of values that are made step by step, put together, as far as they were asked for."""
        return {}

    @cached_property
    def _by_number(self) -> dict[int, tuple[Value, Index]]:
        return {number: (value, at) for value in (*self.weights, *self.values) for at, number in value.parts.items()}

    @cached_property
    def _by_address(self) -> dict[tuple[tuple[str, ...], str], Value]:
        return {(value.call, value.name): value for value in (*self.weights, *self.values)}

    def value_of(self, spot: Spot) -> Value:
        """Return the value that the number at ``spot`` is of.

        Raises:
            Refused: the calculation has no such number.
        """
        value = self._by_address.get((spot.call, spot.value))
        if value is None or len(spot.index) != len(value.shape):
            raise Refused(f"expected a number of this calculation, got {shorten(spoken(spot), 120)}")
        if not all(0 <= at < size for at, size in zip(spot.index, value.shape, strict=True)):
            wanted = " x ".join(map(str, value.shape))
            raise Refused(f"expected a number within {wanted}, got {shorten(spoken(spot), 120)}")
        return value

    def place(self, spot: Spot) -> Place:
        """Return where the number at ``spot`` is in the program; raises what :meth:`value_of` does."""
        return self.value_of(spot).place(spot.index)

    def number(self, spot: Spot) -> float:
        """Return the number at ``spot``; raises what :meth:`value_of` does."""
        return self.opener.number(self.place(spot))

    def open(self, spot: Spot) -> Expression:
        """Return what made the number at ``spot``; raises what :meth:`value_of` does."""
        return self.opener.open(self.place(spot))

    def is_from_keras(self, value: Value) -> bool:
        """Return whether Keras made a value, as the output of a layer that is not followed."""
        given = (self.written.program.lines[part].given for part in value.parts.values())
        return all(one is not None and one.kind == KERAS for one in given)

    @property
    def from_keras(self) -> str:
        """What is said of the calls whose outputs Keras made; nothing where there are none."""
        calls = ", ".join(shorten("/".join(call)) for call in self.written.outside)
        return f"{FROM_KERAS}: {calls}" if calls else ""

    def notation(self, value: Value, usual: Notation) -> Notation:
        """Return how a value's numbers are written: with no places where they are whole ones to Keras, and all are."""
        if not self.written.whole.issuperset(value.parts.values()):
            return usual
        numbers = self.array(value)
        return replace(usual, digits=0) if np.all((numbers == np.trunc(numbers)) & (abs(numbers) < WHOLE)) else usual

    def in_words(self, spot: Spot) -> str:
        """Return what a number is, names shortened: ``the kernel of hidden, input 1, unit 2``."""
        value = self.value_of(spot)
        if not spot.call and len(spot.index) == len(self.graph.inputs) == 1:
            return f"input {spot.index[0] + 1:,}"
        what = f"the {value.name} of {'/'.join(value.call)}" if value.call else f"the input {value.name}"
        axes = self.array_axes(value)
        return ", ".join([shorten(what, 80), *(axes.word(axis, at) for axis, at in enumerate(spot.index))])

    def spot(self, place: Place) -> Spot | None:
        """Return the address of the number at ``place``; None if it has no name."""
        found = self.named(place)
        return None if found is None else found[0].spot(found[1])

    def made_of(self, spot: Spot, most: int) -> list[Spot]:
        """Return the written or given numbers that the one at ``spot`` is made of; of more than ``most`` the first."""
        places = self.opener.made_of(self.place(spot), most)
        return [source for place in places if (source := self.spot(place)) is not None]

    def origins(self, spot: Spot, most: int = 400) -> list[tuple[Value, At]]:
        """Return all that the number at ``spot`` is made of: of which values, and the indices in each, a row of them.

        It is what :meth:`made_of` returns, all of it and at once; what lies between without a name is looked into
        ``most`` times.
        """
        found = self.opener.made_at_once(self.place(spot), most)
        return [self._indices(value, at) for value, at in found.items() if value in self._by_number]

    def terms_of(self, gathered: Gathered) -> list[tuple[Value, Rows, At]]:
        """Return of which values the parts of a sum's terms are: which terms, and the indices in that value."""
        named = [found for found in gathered.origins() if found.value in self._by_number]
        placed = [self._indices(found.value, found.at) for found in named]
        return [(value, found.rows, at) for found, (value, at) in zip(named, placed, strict=True)]

    def _indices(self, number: int, at: At) -> tuple[Value, At]:
        """Return which value one of the program's is, or a part of, and ``at`` as indices in that."""
        value, steps = self._by_number[number]
        return value, np.concatenate([np.tile(np.array(steps, dtype=np.int64), (len(at), 1)), at], axis=1)

    def named(self, place: Place | None) -> tuple[Value, Index] | None:
        """Return which value the number at ``place`` is of, and its index in that; None if it has no name, or place."""
        found = None if place is None else self._by_number.get(place.value)
        return None if place is None or found is None else (found[0], (*found[1], *place.index))

    def setting(self, place: Place | None) -> str:
        """Return what the number at ``place`` is called if it is a layer's setting; "" if it is none."""
        given = None if place is None else self.written.program.lines[place.value].given
        return given.name if given is not None and given.numbers is not None else ""

    def value_at(self, number: int, index: Index) -> tuple[Value, Index]:
        """Return which value the number at ``index`` of one of the program's named values is of, and its index."""
        value, at = self._by_number[number]
        return value, (*at, *index)

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """The model's outputs; none if the calculation stops before them."""
        return tuple(self._whole(number) for number in self.written.outputs)

    @cached_property
    def off(self) -> list[Array]:
        """How far float32 may be off from each value of the program, where these are exact."""
        return offs(self.written.program, self.numbers)

    @cached_property
    def prediction(self) -> Array:
        """The numbers of all outputs in a row."""
        return np.concatenate([self.numbers[number].reshape(-1) for number in self.written.outputs])

    def _whole(self, number: int) -> Value:
        shape = self.written.program.lines[number].shape
        value, _ = self.value_at(number, ())
        return value if value.shape == shape else Value(value.call, value.name, shape, {(): number})

    def array(self, value: Value) -> Array:
        """Return a value's numbers; of one that is made step by step, all steps."""
        numbers = [number for _, number in sorted(value.parts.items())]
        if len(numbers) == 1:
            return self.numbers[numbers[0]].reshape(value.shape)
        if numbers[0] not in self._stacked:
            self._stacked[numbers[0]] = np.stack([self.numbers[number] for number in numbers]).reshape(value.shape)
        return self._stacked[numbers[0]]

    def axes_of(self, value: Value) -> tuple[str, ...]:
        """Return a name for each of a value's axes: their layer's, or else a usual one; steps come first."""
        return self.array_axes(value).names

    def array_axes(self, value: Value) -> ArrayAxes:
        """Return the axes of a value, and what lies side by side along the last of them; steps come first."""
        (at, part), *_ = value.parts.items()
        axes = axes_of_value(self.written, part)
        return axes._replace(names=(*["step"] * len(at), *axes.names))

    def find(self, words: str) -> Value:
        """Return the value that a person calls so: ``lstm/hidden state``, or a name that only one value has.

        Raises:
            Refused: there is none, or there are several.
        """
        everything = (*self.values, *self.weights)
        found = [value for value in everything if value.words == words] or [
            value for value in everything if value.name == words
        ]
        if len(found) == 1:
            return found[0]
        # Of a call that there is, its own values are enough to choose from.
        near = [value for value in everything if value.call and "/".join(value.call) == words.rpartition("/")[0]]
        known = ", ".join(value.words for value in found or near or everything)
        problem = f"{len(found)} of that name" if found else f"{shorten(words)!r}"
        raise Refused(f"expected the name of a value ({shorten(known, 300)}), got {problem}")


def addressed(made: Calculated, text: str) -> Spot:
    """Return the number that a person names: ``lstm/hidden state[3,1]``, counted from 1; of a layer its first output.

    An output of the model may be called as the model calls it.

    Raises:
        Refused: there is no such value, or no such place in it.
    """
    name, _, places = text.strip().removesuffix("]").partition("[")
    calls = {"/".join(value.call) for value in made.values}
    value = _called(made, name.strip(), calls)
    typed = [part.strip() for part in places.replace(";", ",").split(",") if part.strip()]
    if not typed and (name.strip() in calls or name.strip() in made.graph.called):
        typed = ["1"] * len(value.shape)
    inside = len(typed) == len(value.shape) and all(part.isdecimal() and len(part) < 16 for part in typed)
    index = tuple(int(part) - 1 for part in typed) if inside else ()
    if not inside or not all(0 <= at < size for at, size in zip(index, value.shape, strict=True)):
        shape = " x ".join(map(str, value.shape)) or "one number"
        example = f"{value.words}[{','.join('1' for _ in value.shape)}]" if value.shape else value.words
        raise Refused(f"expected a place of {value.words}, which is {shape}, such as {example}, got {shorten(text)!r}")
    return value.spot(index)


def _called(made: Calculated, name: str, calls: Container[str]) -> Value:
    """Return the value of that name, which may be that of a call, or of an output that nothing else is called by."""
    if name in calls:
        return made.find(f"{name}/output")
    outputs = dict(zip(made.graph.called, made.outputs, strict=False))
    own = any(value.words == name for value in (*made.values, *made.weights))
    return outputs[name] if name in outputs and not own else made.find(name)


def spoken(spot: Spot) -> str:
    """Return an address as a person writes it, counted from 1: ``lstm/hidden state[3,1]``."""
    index = f"[{','.join(str(at + 1) for at in spot.index)}]" if spot.index else ""
    return f"{'/'.join((*spot.call, spot.value))}{index}"


def addresses_of(network: Network) -> Calculated:
    """Return a model's calculation without its numbers: which values there are, and their places."""
    return Calculated(network.graph, write_graph(network.graph, network.input_shapes), (), EXACT)


def calculated(
    graph: Graph,
    weights: Mapping[Weight, AnyArray],
    inputs: Sequence[AnyArray],
    carry: Carry,
    instead: Mapping[Spot, float] = MappingProxyType({}),
    outside: Outside = MappingProxyType({}),
) -> Calculated:
    """Return every number of one point's calculation; ``inputs`` are those of the point, without the batch.

    Where the calculation stops (``written.stops`` says why), those before that. Numbers in ``instead`` stand for the
    given or calculated ones at their addresses, and are written down like those. ``outside`` has outputs of calls of
    sealed layers, which Keras made; from there the calculation goes on.

    Raises:
        Refused: an input's shape is not the model's, or there is no number at an address.
    """
    require_fitting(graph, [array[np.newaxis] for array in inputs])
    shapes = tuple((call, tuple(array.shape for array in outputs)) for call, outputs in sorted(outside.items()))
    written = write_graph(graph, tuple(array.shape for array in inputs), shapes)
    given = written.given(weights)
    given |= {number: np.asarray(array, dtype=np.float64) for number, array in zip(written.inputs, inputs, strict=True)}
    for call, numbers in written.outside.items():
        given |= {at: np.asarray(array, dtype=np.float64) for at, array in zip(numbers, outside[call], strict=True)}
    places = Calculated(graph, written, (), carry)
    changed: dict[int, dict[Index, float]] = {}
    for spot, number in instead.items():
        place = places.place(spot)
        changed.setdefault(place.value, {})[place.index] = number
    return Calculated(graph, written, written.tracer(given, carry, changed), carry)
