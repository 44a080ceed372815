"""Graph: a model as calls of layers, each with its sources: branches, several inputs and outputs, shared layers.

A source is addressed as Keras does it ("keras_history"): the layer, which of its calls, which of that call's outputs.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from inspect import signature
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.layers.layer import Layer
from core.layers.sealed import Sealed
from core.operations.program import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.layers.writer import Writer


SOURCES = ("inputs", "sequences", "query", "value", "key")
"""What Keras calls the sources that a layer may be given by name, as in ``attention(query=x, value=x)``."""


class Source(msgspec.Struct, frozen=True, order=True):
    """What a call is given: an input of the model by its name, or an output of a call of a layer before."""

    layer: str
    call: int = 0
    output: int = 0


STATES = "initial_state"
"""What Keras calls the states that a recurrent layer may be given by name."""

Argument = Source | tuple[Source | None, ...] | bool
"""What a call has under a name: sources, or a setting of the call such as ``use_causal_mask``.

Of masks there is one for each source, None for one without.
"""


class Input(msgspec.Struct, frozen=True):
    """An input of the model: the shape of one point, None where its length is not fixed, and whether it is whole.

    ``most`` are the least and the greatest number that Keras's type of a whole one holds; others begin anew there.
    """

    name: str
    shape: tuple[int | None, ...]
    whole: bool = False
    most: tuple[int, int] | None = None


Constant = float | tuple[Any, ...]
"""What a call is given that is always the same: a plain number, or an array of such as tuples within each other."""


class Call(msgspec.Struct, frozen=True):
    """One use of a layer: of which sources or plain numbers, in order, and with which further arguments.

    ``listed`` says that Keras is given the sources as one list, as merging layers want them.
    """

    layer: str
    sources: tuple[Source | Constant, ...]
    named: tuple[tuple[str, Argument], ...] = ()
    listed: bool = False


def sources_of(call: Call) -> Iterator[Source]:
    """Give the sources of a call, those under names too."""
    for argument in (*call.sources, *(one for _, one in call.named)):
        for one in argument if isinstance(argument, tuple) else (argument,):
            if isinstance(one, Source):
                yield one


def with_sources(call: Call, other: Callable[[Source], Source]) -> Call:
    """Return a call of other sources, in order and under names; plain numbers and settings stay."""

    def of(argument: Argument) -> Argument:
        if isinstance(argument, Source):
            return other(argument)
        return tuple(one and other(one) for one in argument) if isinstance(argument, tuple) else argument

    sources = tuple(other(one) if isinstance(one, Source) else one for one in call.sources)
    return msgspec.structs.replace(call, sources=sources, named=tuple((name, of(one)) for name, one in call.named))


class Graph(msgspec.Struct, frozen=True):
    """A model: its inputs, its layers, each with a name of its own, its calls in order, and which are its outputs.

    A call may have inputs and outputs of earlier calls for sources. ``output_names`` are what a model that gives its
    outputs by names calls them, in Keras's order, which is that of the names; else they are called as their layers.
    """

    name: str
    inputs: tuple[Input, ...]
    layers: tuple[Layer, ...]
    calls: tuple[Call, ...]
    outputs: tuple[Source, ...]
    output_names: tuple[str, ...] = ()

    @property
    def called(self) -> tuple[str, ...]:
        """What its outputs are called, each."""
        return self.output_names or tuple(source.layer for source in self.outputs)

    @property
    def names(self) -> list[str]:
        """The names of the inputs and of the layers."""
        return [*(one.name for one in self.inputs), *(one.name for one in self.layers)]

    @property
    def is_chain(self) -> bool:
        """Whether it has one input and one output, and calls each layer once, with what the one before made."""
        if len(self.inputs) != 1:
            return False
        before = [Source(self.inputs[0].name), *(Source(call.layer) for call in self.calls)]
        in_turn = all(
            not call.named and call.sources == (source,) for call, source in zip(self.calls, before, strict=False)
        )
        return in_turn and self.outputs == (before[-1],) and len(set(before)) == len(before)

    def layer(self, name: str) -> Layer:
        """Return the layer called ``name``.

        Raises:
            Refused: there is no such layer.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        known = ", ".join(layer.name for layer in self.layers)
        raise Refused(f"expected the name of a layer ({shorten(known, 200)}), got {shorten(name)!r}")

    def write(self, on: Writer, inputs: Sequence[Value]) -> list[Value]:
        """Write down the whole calculation with ``on``, and return the outputs.

        Raises:
            Refused: shapes don't fit, or a layer's arithmetic is not known; the sentence names the layer.
        """
        layers = {layer.name: layer for layer in self.layers}
        values = {
            Source(given.name): value.whole() if given.whole else value
            for given, value in zip(self.inputs, inputs, strict=True)
        }
        calls: Counter[str] = Counter()
        for call in self.calls:
            named: dict[str, Any] = {name: _values(argument, values) for name, argument in call.named}
            sources = [_made(one, values) if isinstance(one, Source) else _plain(on, one) for one in call.sources]
            layer = layers[call.layer]
            named |= {"listed": True} if call.listed and isinstance(layer, Sealed) else {}
            made = _called(on, layer, _ordered(layer, sources, named), named)
            for output, value in enumerate(made if isinstance(made, tuple) else (made,)):
                values[Source(call.layer, calls[call.layer], output)] = value
            calls[call.layer] += 1
        return [_made(source, values) for source in self.outputs]


def _ordered(layer: Layer, sources: list[Value], named: dict[str, Any]) -> list[Value]:
    """Return the sources of a call as the layer takes them, with those given by name, which leave ``named``."""
    parameters = _parameters(type(layer))
    if "mask" in named and "mask" not in parameters:
        # Keras gives some layers by name what others take from their sources.
        sources = _masked(layer, sources, named.pop("mask"))
    for name in parameters[3 + len(sources) :]:
        if name not in SOURCES or name not in named:
            break
        sources.append(named.pop(name))
    if STATES in parameters and STATES in named:
        given = named.pop(STATES)
        sources.extend(given if isinstance(given, tuple) else (given,))
    for name in named:
        if name not in parameters and not isinstance(layer, Sealed):
            raise Refused(f"{layer.name} is called with {shorten(name)}, which is not followed here")
    return sources


@cache
def _parameters(kind: type[Layer]) -> tuple[str, ...]:
    """Return the names of all that ``call`` of a class of layers takes; to find them takes long."""
    return tuple(signature(kind.call).parameters)


def _plain(on: Writer, numbers: Constant) -> Value:
    """Write down plain numbers as Keras has them, in float32: what is compared with 0.1 is float32's 0.1."""
    with np.errstate(over="ignore"):
        return on.constant(np.asarray(numbers, dtype=np.float32))


def _made(source: Source, values: dict[Source, Value]) -> Value:
    if source not in values:
        place = f"output {source.output + 1} of its call {source.call + 1}"
        raise Refused(f"expected {place} of {shorten(source.layer)!r}, got none; the file is damaged")
    return values[source]


def _called(on: Writer, layer: Layer, sources: Sequence[Value], named: dict[str, Any]) -> Value | tuple[Value, ...]:
    """Return what a layer makes; a call that no layer of its class can be called with is refused by its name."""
    try:
        return on.call(layer, *sources, **named)
    except Refused:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        kind = type(layer).__name__
        raise Refused(
            f"expected {shorten(layer.name)!r} to be called as a {kind} is, got sources or settings that don't fit "
            f"({type(problem).__name__}); the file is damaged"
        ) from None


def _masked(layer: Layer, sources: Sequence[Value], mask: Value | tuple[Value | None, ...]) -> list[Value]:
    masks = mask if isinstance(mask, tuple) else (mask,)
    for source, given in zip(sources, masks, strict=False):
        if isinstance(given, Value):
            sizes = source.shape[: given.rank]
            if any(got not in (1, size) for size, got in zip_longest(sizes, given.shape)):
                raise Refused(f"{layer.name} expects a mask of the shape {sizes}, got {given.shape}")
    pairs = zip(sources, masks, strict=False)
    made = [one if given is None and layer.keeps_masks else one.with_mask(given) for one, given in pairs]
    return [*made, *sources[len(masks) :]]


def _values(argument: Argument, values: dict[Source, Value]) -> object:
    if isinstance(argument, Source):
        return _made(argument, values)
    return tuple(one and _made(one, values) for one in argument) if isinstance(argument, tuple) else argument


def chain(name: str, given: Input, layers: Sequence[Layer]) -> Graph:
    """Return a model in which each layer is called once, with what the one before made."""
    before = [Source(given.name), *(Source(layer.name) for layer in layers)]
    calls = tuple(Call(layer.name, (source,)) for layer, source in zip(layers, before, strict=False))
    return Graph(name, (given,), tuple(layers), calls, (before[-1],))
