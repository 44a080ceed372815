"""Going on after sealed layers with what Keras makes of them: what is to be asked, one call after the other.

For losses and checks all that is followed is a model of its own: what Keras made is a further input of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from core.calculation.calculated import calculated
from core.calculation.running import in_a_row, lengths_of
from core.errors import Refused, shorten
from core.layers.nested import Model, sealed_in
from core.layers.sealed import Sealed
from core.layers.writer import called, layers_of
from core.model.graph import Input, Source, sources_of, with_sources
from core.model.network import Network
from core.model.weights import Weights
from core.model.written import write_graph
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.arrays import AnyArray, Array, KerasArray
    from core.calculation.calculated import Calculated, Outside
    from core.layers.writer import Weight
    from core.model.files.opening import OpenedGraph
    from core.model.graph import Call, Graph
    from core.model.written import OutsideShapes
    from core.operations.rounding import Carry

Place = tuple[str, int]
"""A layer's name, and which of its calls; an input has one."""


@dataclass(frozen=True, eq=False)
class Question:
    """What Keras is asked: what ``layer`` makes in a call, with these ``arrays`` by the file's names, of ``inputs``.

    The inputs are those that the exact calculation by hand has there, without the batch, in float32; ``listed`` says
    that the layer is given them as one list, and ``named`` are further settings of the call.
    """

    call: tuple[str, ...]
    layer: Sealed
    arrays: tuple[tuple[str, KerasArray], ...]
    inputs: tuple[KerasArray, ...]
    listed: bool
    named: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, eq=False)
class Beyond:
    """One point through a model as far as it goes: ``outside`` are the outputs of sealed layers that Keras made.

    ``refused`` says why Keras could not make the next one, if it could not.
    """

    model: OpenedGraph
    inputs: Sequence[AnyArray]
    outside: Outside = field(default_factory=lambda: MappingProxyType({}))
    refused: str = ""

    @cached_property
    def weights(self) -> Mapping[Weight, AnyArray]:
        """The numbers of every weight that the calculation needs, as far as it goes."""
        return self.model.weights_for(tuple(array.shape for array in self.inputs), self.shapes)

    @property
    def shapes(self) -> OutsideShapes:
        """The shapes of Keras's outputs."""
        return tuple((call, tuple(one.shape for one in outputs)) for call, outputs in sorted(self.outside.items()))

    def calculated(self, carry: Carry) -> Calculated:
        """Return the calculation; raises what :func:`~core.calculation.calculated.calculated` does."""
        return calculated(self.model.graph, self.weights, self.inputs, carry, outside=self.outside)

    def question(self) -> Question | None:
        """Return what Keras is to be asked for to go on; None if the calculation ends, or Keras can't be asked."""
        written = write_graph(self.model.graph, tuple(array.shape for array in self.inputs), self.shapes)
        stopped = written.stopped
        if stopped is None or not stopped.is_asked or self.refused:
            return None
        done = self.calculated(EXACT)
        with np.errstate(over="ignore"):
            inputs = tuple(np.asarray(done.numbers[source], dtype=np.float32) for source in stopped.sources)
        path = layers_of(stopped.call)
        arrays = tuple((weight.name, array) for weight, array in self.model.weights.items() if weight.layer == path)
        return Question(stopped.call, stopped.layer, arrays, inputs, stopped.listed, stopped.named)

    def answered(self, question: Question, outputs: Sequence[KerasArray]) -> Beyond:
        """Return the calculation with Keras's ``outputs`` of a call; as it was if the file lacks what follows needs."""
        beyond = replace(self, outside={**self.outside, question.call: tuple(outputs)})
        try:
            beyond.weights  # noqa: B018 - it is kept
        except Refused as reason:
            return self.without(str(reason))
        return beyond

    def without(self, reason: str) -> Beyond:
        """Return the calculation that ends before what Keras can't make, and why."""
        return replace(self, refused=reason)


def gone_on(model: OpenedGraph, inputs: Sequence[AnyArray], ask: Callable[[Question], Sequence[KerasArray]]) -> Beyond:
    """Return one point as far as it goes where Keras, asked by ``ask``, makes what is not followed here.

    Raises:
        Refused: an input's shape is not the model's.
    """
    beyond = Beyond(model, inputs)
    while (question := beyond.question()) is not None:
        try:
            beyond = beyond.answered(question, ask(question))
        except Refused as reason:
            return beyond.without(str(reason))
    return beyond


# What is followed as a model


class Cut(NamedTuple):
    """A model that is followed to its end, its weights, and a point of it, all inputs in a row.

    The calls that are ``left`` out are not calculated here: those of layers that are not followed, and what comes
    behind. ``whole``: whether its outputs begin with all of the model that was cut.
    """

    network: Network
    weights: Weights
    x: Array
    left: tuple[str, ...] = ()
    whole: bool = True


def cut_for_losses(beyond: Beyond) -> Cut:
    """Return what leads to the model's outputs.

    Raises:
        Refused: an output is not calculated here.
    """
    opened = _Opened(beyond)
    missing = next((one.layer for one in opened.outputs if not opened.has(one)), None)
    if missing is not None:
        raise Refused(
            f"expected outputs to go by that are calculated here, got that of {shorten(missing)}, which is Keras's own "
            "or follows a layer within another model that Keras is asked for; leave out --check and --loss"
        )
    return opened.cut(opened.outputs)


def cut_for_check(beyond: Beyond) -> Cut:
    """Return all that is calculated here: its outputs are the model's, if they are, then all else that ends somewhere.

    Raises:
        Refused: that is nothing.
    """
    opened = _Opened(beyond)
    ends = dict.fromkeys(one for one in (*opened.outputs, *opened.given) if opened.has(one))
    if not ends:
        raise Refused("expected layers that are calculated here to compare with Keras, got none; leave out --check")
    return opened.cut(tuple(ends))


class _Opened:
    """A model with sealed layers, of whose outputs those that Keras made are inputs."""

    def __init__(self, beyond: Beyond) -> None:
        self._beyond, self._whole = beyond, beyond.model.graph
        self._sealed = {
            layer.name
            for layer in self._whole.layers
            if isinstance(layer, Sealed) or (isinstance(layer, Model) and any(sealed_in(layer.graph)))
        }
        self._inputs: dict[Source, Input] = {}
        self._values = {one.name: array for one, array in zip(self._whole.inputs, beyond.inputs, strict=True)}
        self._lost: dict[Place, str] = {}
        # By hand nothing is calculated behind the first that is lost, whether it depends on that or not.
        reached = {value.call[0] for value in beyond.calculated(EXACT).values if value.call}
        given = list[Source]()
        for at, call in _numbered(self._whole):
            name, sources = called(call.layer, at + 1), [*sources_of(call)]
            sealed, depends = call.layer in self._sealed, any((one.layer, one.call) in self._lost for one in sources)
            if sealed and not depends and (name,) in beyond.outside:
                self._take(call.layer, at, beyond.outside[name,])
            elif sealed or depends or name not in reached:
                self._lost[call.layer, at] = name
            else:
                continue
            given += sources
        self.given = tuple(map(self._other, given))
        """What is given to the calls that are left out."""
        self.outputs = tuple(map(self._other, self._whole.outputs))
        """The model's own outputs."""

    def _take(self, layer: str, at: int, made: Sequence[AnyArray]) -> None:
        """Make inputs of what Keras made of a call."""
        for output, array in enumerate(made):
            name = layer if (at, output) == (0, 0) else f"{layer} {at + 1}.{output + 1}"
            while name in self._values or (name != layer and name in self._whole.names):
                name += "_"
            self._inputs[Source(layer, at, output)] = Input(name, array.shape)
            self._values[name] = array

    def _other(self, source: Source) -> Source:
        return Source(self._inputs[source].name) if source in self._inputs else source

    def has(self, source: Source) -> bool:
        """Say whether what stands there is calculated here."""
        return source.layer not in self._values and (source.layer, source.call) not in self._lost

    def cut(self, outputs: tuple[Source, ...]) -> Cut:
        """Return what leads to ``outputs``."""
        graph = self._leading_to(outputs)
        point = [self._values[one.name] for one in graph.inputs]
        network = Network.of(graph, lengths_of(graph, point))
        whole = outputs[: len(self.outputs)] == self.outputs
        weights = Weights.of_names(network, self._beyond.weights)
        return Cut(network, weights, in_a_row(point), tuple(self._lost.values()), whole)

    def _leading_to(self, outputs: tuple[Source, ...]) -> Graph:
        """Return what of the model leads to ``outputs``; calls that are gone are not counted any more."""
        wanted, kept = {(one.layer, one.call) for one in outputs}, dict[Place, "Call"]()
        for at, call in reversed([*_numbered(self._whole)]):
            if call.layer not in self._sealed and (call.layer, at) in wanted:
                kept[call.layer, at] = with_sources(call, self._other)
                wanted |= {(one.layer, one.call) for one in sources_of(kept[call.layer, at])}
        before, places = Counter[str](), dict[Place, int]()
        for layer, at in reversed(kept):
            places[layer, at] = before[layer]
            before[layer] += 1

        def counted(source: Source) -> Source:
            return msgspec.structs.replace(source, call=places.get((source.layer, source.call), source.call))

        inputs = (*self._whole.inputs, *self._inputs.values())
        return msgspec.structs.replace(
            self._whole,
            inputs=tuple(one for one in inputs if (one.name, 0) in wanted),
            layers=tuple(layer for layer in self._whole.layers if layer.name in before),
            calls=tuple(with_sources(call, counted) for call in reversed(kept.values())),
            outputs=tuple(map(counted, outputs)),
        )


def _numbered(graph: Graph) -> Iterator[tuple[int, Call]]:
    """Give every call with how many there are of its layer before."""
    before = Counter[str]()
    for call in graph.calls:
        yield before[call.layer], call
        before[call.layer] += 1
