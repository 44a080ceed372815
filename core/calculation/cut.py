"""A model cut at its sealed layers: what Keras made of these is a further input, so that all else is followed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from core.calculation.running import in_a_row, lengths_of
from core.errors import Refused, shorten
from core.layers.nested import Model, sealed_in
from core.layers.sealed import Sealed
from core.layers.writer import called
from core.model.graph import Input, Source, sources_of, with_sources
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import Array
    from core.calculation.beyond import Beyond
    from core.layers.layer import Layer
    from core.model.graph import Call, Graph

Place = tuple[str, int]
"""A layer's name, and which of its calls; an input has one."""


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
        self._sealed = {layer.name for layer in self._whole.layers if _has_sealed(layer)}
        self._inputs: dict[Source, Input] = {}
        self._values = {one.name: array for one, array in zip(self._whole.inputs, beyond.inputs, strict=True)}
        self._lost: dict[Place, str] = {}
        reached = {value.call[0] for value in beyond.calculated(EXACT).values if value.call}
        given = list[Source]()
        for at, call in _numbered(self._whole):
            name, sources = called(call.layer, at + 1), [*sources_of(call)]
            depends = any((one.layer, one.call) in self._lost for one in sources)
            if call.layer in self._sealed and not depends:
                self._take(call.layer, at)
                given += sources
            elif depends or name not in reached:
                # By hand nothing is calculated behind the first that is lost, whether it depends on that or not.
                self._lost[call.layer, at] = name
                given += sources
        self.given = tuple(map(self._other, given))
        """What is given to the calls that are left out."""
        self.outputs = tuple(map(self._other, self._whole.outputs))
        """The model's own outputs."""

    def _take(self, layer: str, at: int) -> None:
        """Make inputs of what Keras made of a call, if it did."""
        call = called(layer, at + 1)
        if (call,) not in self._beyond.outside:
            self._lost[layer, at] = call
            return
        for output, array in enumerate(self._beyond.outside[call,]):
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
        calls = (call for call in self._whole.calls if call.layer not in self._sealed)
        opened = replace(
            self._whole,
            inputs=(*self._whole.inputs, *self._inputs.values()),
            layers=tuple(layer for layer in self._whole.layers if layer.name not in self._sealed),
            calls=tuple(with_sources(call, self._other) for call in calls),
            outputs=outputs,
        )
        graph = _leading_to_outputs(opened)
        point = [self._values[one.name] for one in graph.inputs]
        network = Network.of(graph, lengths_of(graph, point))
        whole = outputs[: len(self.outputs)] == self.outputs
        weights = Weights.of_names(network, self._beyond.weights)
        return Cut(network, weights, in_a_row(point), tuple(self._lost.values()), whole)


def _has_sealed(layer: Layer) -> bool:
    return isinstance(layer, Sealed) or (isinstance(layer, Model) and any(True for _ in sealed_in(layer.graph)))


def _numbered(graph: Graph) -> Iterator[tuple[int, Call]]:
    """Give every call with how many there are of its layer before."""
    before = Counter[str]()
    for call in graph.calls:
        yield before[call.layer], call
        before[call.layer] += 1


def _leading_to_outputs(graph: Graph) -> Graph:
    """Return what of ``graph`` leads to its outputs; calls that are gone are not counted any more."""
    wanted: set[Place] = {(one.layer, one.call) for one in graph.outputs}
    kept = dict[Place, "Call"]()
    for at, call in reversed([*_numbered(graph)]):
        if (call.layer, at) in wanted:
            kept[call.layer, at] = call
            wanted |= {(one.layer, one.call) for one in sources_of(call)}
    before, places = Counter[str](), dict[Place, int]()
    for layer, at in reversed(kept):
        places[layer, at] = before[layer]
        before[layer] += 1

    def other(source: Source) -> Source:
        return replace(source, call=places.get((source.layer, source.call), source.call))

    return replace(
        graph,
        inputs=tuple(one for one in graph.inputs if (one.name, 0) in wanted),
        layers=tuple(layer for layer in graph.layers if layer.name in before),
        calls=tuple(with_sources(call, other) for call in reversed(kept.values())),
        outputs=tuple(map(other, graph.outputs)),
    )
