"""Whether today's Keras has all that a model is made of; and what earlier versions calculated otherwise, as one of
today's with the same numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from core.arrays import KerasArray, frozen
from core.errors import Refused
from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.layer import OF_KERAS_2, Layer
from core.layers.nested import Model, layer_at
from core.layers.no_longer import NO_MORE
from core.layers.today import FACTOR, before, for_today, times
from core.layers.writer import Weight
from core.model.graph import Call, Source
from core.names import listed_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.arrays import AnyArray
    from core.layers.nested import Path
    from core.model.graph import Graph
    from core.model.network import Network


def is_todays(network: Network) -> bool:
    """Say whether today's Keras has all of its layers and activations, and goes by masks as it does."""
    return not any(json.dumps(name) in network.config for name in (OLD_HARD_SIGMOID, OF_KERAS_2, NO_MORE))


def require_todays(network: Network) -> None:
    """Refuse to save a network with what only earlier versions of Keras had.

    Raises:
        Refused: Keras could not open it.
    """
    if is_todays(network):
        return
    gone = dict.fromkeys(layer.keras_class for layer in network.layers if layer.of_module == NO_MORE)
    if gone:
        raise Refused(
            f"expected layers that today's Keras has, got {', '.join(gone)}, which it has no more; save it as .h5, if "
            "it was opened from that, or take its weights away as arrays"
        )
    got = "activations that today's Keras has, got Keras 2's hard_sigmoid, 0.2 x + 0.5, which it has not"
    if json.dumps(OLD_HARD_SIGMOID) not in network.config:
        got = "layers that go by masks as today's Keras has them, got some that do as Keras 2's did"
    raise Refused(
        f"expected {got}; "
        "save it as .h5, if it was opened from that: byhand convert makes a .keras of it; else take its weights "
        "away as arrays"
    )


class Todays(NamedTuple):
    """The model, the numbers of its weights, and what is otherwise in it, in sentences."""

    graph: Graph
    weights: dict[Weight, KerasArray]
    said: tuple[str, ...]


def todays(graph: Graph, weights: Mapping[Weight, AnyArray]) -> Todays:
    """Return ``graph`` with ``weights`` as today's Keras has one.

    Arrays are multiplied in float64 and rounded once, to float32.

    Raises:
        Refused: Keras has nothing that some layer could become.
    """
    made, multiplied = dict[Weight, KerasArray](), dict[str, None]()
    for weight, array in weights.items():
        factor = times(_owner(graph, weight.layer)).get(weight.name)
        if factor is not None:
            multiplied["/".join(weight.layer)] = None
        made[weight] = frozen(array if factor is None else np.asarray(array, dtype=np.float64) * factor)
    new, rescaled = _graph(graph)
    return Todays(new, made, tuple(_said(list(multiplied), rescaled)))


def _said(multiplied: Sequence[str], rescaled: Sequence[str]) -> Iterable[str]:
    if multiplied:
        yield (
            f"kernels and biases are {FACTOR} times as large where hard_sigmoid comes after them, in "
            f"{_named(multiplied)}, because it was 0.2 x + 0.5 and is x / 6 + 0.5 today; a training goes otherwise"
        )
    if rescaled:
        yield (
            f"a Rescaling of {FACTOR} comes before hard_sigmoid, {_named(rescaled)}, because it was 0.2 x + 0.5 and is "
            "x / 6 + 0.5 today"
        )


def _named(names: Sequence[str]) -> str:
    return listed_within(names, 200)


def _owner(graph: Graph, path: Path) -> Layer:
    """Return the layer, at any depth, that an array of that path is of; the arrays of some have groups of their own."""
    layer = layer_at(graph, path)
    depth = next(at for at in range(1, len(path) + 1) if not isinstance(layer_at(graph, path[:at]), Model))
    return layer.part(path[depth:])


def _graph(graph: Graph) -> tuple[Graph, list[str]]:
    """Return ``graph`` of today's layers, and the names of those that were put in, at any depth."""
    layers, put, names = list[Layer](), dict[str, str](), set(graph.names)
    rescaled = list[str]()
    for layer in graph.layers:
        model = _model(layer)
        if model is not None:
            layers.append(model[0])
            rescaled += model[1]
            continue
        one = before(layer, _free(f"{layer.name}_rescaling", names))
        if one is not None:
            put[layer.name] = one.name
            rescaled.append(one.name)
            layers.append(one)
        layers.append(for_today(layer))
    return replace(graph, layers=tuple(layers), calls=tuple(_calls(graph, put))), rescaled


def _model(layer: Layer) -> tuple[Layer, list[str]] | None:
    """Return what :func:`_graph` does for a model that is a layer, or is called by one; None for other layers."""
    put = list[str]()

    def of_today(model: Layer) -> Layer:
        graph, names = _graph(model.graph) if isinstance(model, Model) else (None, [])
        put.extend(f"{layer.name}/{name}" for name in names)
        return model if graph is None else replace(model, graph=graph)

    made = layer.with_model(of_today)
    return None if made is layer else (made, put)


def _calls(graph: Graph, put: Mapping[str, str]) -> Iterable[Call]:
    """Give the calls of ``graph``, those of a layer each after one of what is ``put`` before it."""
    count = dict.fromkeys(put, 0)
    for call in graph.calls:
        if call.layer not in put:
            yield call
            continue
        name, at = put[call.layer], count[call.layer]
        yield Call(name, call.sources)
        yield replace(call, sources=(Source(name, at),))
        count[call.layer] += 1


def _free(name: str, names: set[str]) -> str:
    """Return ``name``, or one like it that no layer has, and have it taken."""
    while name in names:
        name += "_"
    names.add(name)
    return name
