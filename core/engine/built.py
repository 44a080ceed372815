"""The Keras model of a network: built of Keras's own layers, given weights, asked layer by layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from math import prod
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import keras
import msgspec
import numpy as np

from core.engine.along import InARow, OfRows
from core.engine.earlier_layers import EARLIER, with_earlier
from core.errors import Refused, shorten
from core.layers.nested import Model, layer_at
from core.layers.sealed import Sealed
from core.model.files.written_config import graph_config
from core.model.graph import Source, with_sources

if TYPE_CHECKING:
    from core.arrays import KerasArray
    from core.layers.layer import Layer
    from core.layers.nested import Path
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import LayerArrays

KerasModel = Any
"""A ``keras.Model``; Keras has no types."""

ROWS, WHOLE = "rows", "model"
"""The input of rows that stands before a model of other inputs than one row, and that model within."""

PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True, eq=False)
class _Built:
    """What a Keras model was built of: the graph with the names that Keras has, and its layers by their paths."""

    graph: Graph
    shapes: tuple[tuple[int, ...], ...]
    layers: Mapping[Path, Any]
    own: tuple[Any, ...]


_BUILT: WeakKeyDictionary[KerasModel, _Built] = WeakKeyDictionary()


def build(network: Network) -> KerasModel:
    """Return the Functional model of ``network`` over rows, with initial weights.

    Raises:
        Refused: it has a layer that is not Keras's own, or that is not followed.
    """
    _require_known(network.graph)
    graph, names = _with_safe_names(network.graph)
    config = with_earlier(graph_config(_of_fixed_shapes(graph, network.input_shapes)))
    inner = keras.saving.deserialize_keras_object(config, EARLIER)
    model = inner if _is_of_rows(inner) else _over_rows(inner, network)
    for layer in inner._flatten_layers(include_self=False):
        if hasattr(layer, "finalize_state"):
            _calculate_from_arrays(layer)
    layers = dict(_layers(graph, inner, ()))
    frozen = (layer for path, layer in layers.items() if not layer_at(graph, path).trainable)
    for variable in (one for layer in frozen for one in getattr(layer, "weights", ())):
        # Keras's ConvLSTM1D and its like don't tell their cells.
        variable.trainable = False
    own = tuple(layers[tuple(_renamed(path, names))] for path in network.paths)
    for layer, made in zip(network.layers, own, strict=True):
        # Keras makes parts of some, as of a MultiHeadAttention, that would be trained in a frozen layer; it does
        # nothing where a layer is told what it is already, so that each part is told.
        for part in made._flatten_layers() if not layer.trainable and isinstance(made, keras.Layer) else ():
            part.trainable = False
    _BUILT[model] = _Built(graph, network.input_shapes, layers, own)
    return model


def _calculate_from_arrays(layer: Any) -> None:
    """Have a layer go by its arrays as they are at each call.

    Keras copies them into constants, as a Normalization's mean, when they are adapted or loaded from a file, and a
    program that was traced before would keep the old ones.
    """
    call = layer.call

    @wraps(call)
    def from_arrays(*inputs: Any, **settings: Any) -> Any:
        layer.finalize_state()
        return call(*inputs, **settings)

    layer.call = from_arrays


def _require_known(graph: Graph) -> None:
    for layer in graph.layers:
        if isinstance(layer, Sealed):
            raise Refused(f"expected layers that Keras can be given, got {shorten(layer.name)!r}, {layer.why}")
        if isinstance(layer, Model):
            _require_known(layer.graph)


def _is_of_rows(model: KerasModel) -> bool:
    ends = (*model.inputs, *model.outputs)
    return len(ends) == 2 and all(len(end.shape) == 2 for end in ends)


def _over_rows(inner: KerasModel, network: Network) -> KerasModel:
    """Return a model of one row that is cut into the inputs of ``inner``, with each output in a row."""
    row = keras.Input((network.inputs,), name=ROWS)
    given, start = [], 0
    for shape, described in zip(network.input_shapes, network.graph.inputs, strict=True):
        part = row if len(network.input_shapes) == 1 else row[:, start : start + prod(shape)]
        start += prod(shape)
        part = part if len(shape) == 1 else keras.layers.Reshape(shape)(part)
        given.append(keras.ops.cast(part, "int32") if described.whole else part)
    made = keras.tree.flatten(inner(given[0] if len(given) == 1 else given))
    flat = [one if len(one.shape) == 2 else InARow()(one) for one in made]
    if len(flat) == 1:
        return keras.Model(row, flat[0])
    model = OfRows(row, flat)
    # What Keras calls losses and metrics by.
    pairs = zip(network.graph.called, inner.output_names, strict=True)
    model.output_names = [own if PLAIN_NAME.fullmatch(own) else name for own, name in pairs]
    return model


def _of_fixed_shapes(graph: Graph, shapes: Sequence[tuple[int, ...]]) -> Graph:
    inputs = (msgspec.structs.replace(one, shape=shape) for one, shape in zip(graph.inputs, shapes, strict=True))
    return msgspec.structs.replace(graph, inputs=tuple(inputs), name=WHOLE)


def _layers(graph: Graph, model: KerasModel, outer: Path) -> Iterator[tuple[Path, Any]]:
    """Give every layer of ``model`` at any depth, and those of its operations that stand there like layers."""
    by_name = {one.name: one for one in getattr(model, "operations", model.layers)}
    for layer in graph.layers:
        yield (*outer, layer.name), by_name[layer.name]
        if isinstance(layer, Model):
            yield from _layers(layer.graph, by_name[layer.name], (*outer, layer.name))


Names = Mapping[str, tuple[str, "Names"]]
"""A layer's name -> the one that Keras has for it, and the names of the layers within."""


def _with_safe_names(graph: Graph) -> tuple[Graph, Names]:
    """Return ``graph`` with names that Keras takes, its own unless they are odd, and which they are."""
    taken = {ROWS, WHOLE}
    names: dict[str, tuple[str, Names]] = {}
    layers: list[Layer] = []
    for place, own in enumerate(graph.names, start=1):
        name = own if PLAIN_NAME.fullmatch(own) and own not in taken else f"layer_{place}"
        while name in taken:
            name += "_"
        taken.add(name)
        names[own] = name, {}
        if place > len(graph.inputs):
            layer, inner = _called(graph.layers[place - 1 - len(graph.inputs)], name)
            names[own] = name, inner
            layers.append(layer)

    def renamed(source: Source) -> Source:
        return msgspec.structs.replace(source, layer=names[source.layer][0])

    calls = (msgspec.structs.replace(call, layer=names[call.layer][0]) for call in graph.calls)
    return (
        msgspec.structs.replace(
            graph,
            inputs=tuple(msgspec.structs.replace(one, name=names[one.name][0]) for one in graph.inputs),
            layers=tuple(layers),
            calls=tuple(with_sources(call, renamed) for call in calls),
            outputs=tuple(map(renamed, graph.outputs)),
        ),
        names,
    )


def _called(layer: Layer, name: str) -> tuple[Layer, Names]:
    """Return ``layer`` under another name, and the names of the layers within if it is a model."""
    if isinstance(layer, Model):
        graph, names = _with_safe_names(layer.graph)
        return msgspec.structs.replace(layer, name=name, graph=msgspec.structs.replace(graph, name=name)), names
    layer = layer.with_model(lambda model: _called(model, f"{name}_within")[0])
    return msgspec.structs.replace(layer, name=name), {}


def _renamed(path: Path, names: Names) -> Iterator[str]:
    for name in path:
        new, names = names[name]
        yield new


def own_layers(model: KerasModel) -> Sequence[Any]:
    """Return the layers of the network that ``model`` was built of, in the network's order."""
    if model in _BUILT:
        return _BUILT[model].own
    return [one for one in model.layers if not isinstance(one, keras.layers.InputLayer)]


def set_weights(model: KerasModel, layers: Sequence[LayerArrays]) -> None:
    """Give every layer its arrays by Keras's own ``set_weights``."""
    for layer, arrays in zip(own_layers(model), layers, strict=True):
        if arrays:
            layer.set_weights(arrays)


def get_weights(model: KerasModel) -> tuple[LayerArrays, ...]:
    """Return what every layer's ``get_weights`` gives; an operation that stands there like a layer has none."""
    return tuple(tuple(layer.get_weights()) if hasattr(layer, "get_weights") else () for layer in own_layers(model))


def layer_outputs(model: KerasModel, point: KerasArray) -> list[KerasArray]:
    """Return what every layer, called by itself, makes of ``point`` and of what the layers before it made, in a row."""
    return [np.asarray(made, dtype=np.float32).reshape(-1) for made in called_one_by_one(model, point[np.newaxis])]


def called_one_by_one(model: KerasModel, rows: Any, *, training: bool = False) -> list[Any]:
    """Return what every layer of the network makes of ``rows`` at its first call, each layer called by itself."""
    built = _BUILT[model]
    inputs, start = [], 0
    for shape, given in zip(built.shapes, built.graph.inputs, strict=True):
        part = keras.ops.reshape(rows[:, start : start + prod(shape)], (-1, *shape))
        inputs.append(keras.ops.cast(part, "int32" if given.whole else "float32"))
        start += prod(shape)
    made: dict[Path, Any] = {}
    _call(built, built.graph, (), inputs, made, training=training)
    by_layer = {id(layer): path for path, layer in built.layers.items()}
    return [made[by_layer[id(layer)]] for layer in built.own]


def _call(
    built: _Built, graph: Graph, outer: Path, inputs: Sequence[Any], made: dict[Path, Any], *, training: bool
) -> list[Any]:
    """Call the layers of ``graph`` in order, note in ``made`` what each makes first, and return the outputs."""
    values = {Source(one.name): value for one, value in zip(graph.inputs, inputs, strict=True)}
    layers, calls = {layer.name: layer for layer in graph.layers}, Counter[str]()
    for call in graph.calls:
        path, layer = (*outer, call.layer), layers[call.layer]
        sources = [values[one] if isinstance(one, Source) else one for one in call.sources]
        if isinstance(layer, Model):
            outputs = _call(built, layer.graph, path, sources, made, training=training)
        else:
            named = {name: _argument(value, values) for name, value in call.named}
            if getattr(built.layers[path], "_call_has_training_arg", False):
                named["training"] = training
            more = keras.saving.deserialize_keras_object(list(getattr(layer, "more_of_call", ())))
            args = [*([sources] if call.listed else sources), *more]
            outputs = keras.tree.flatten(built.layers[path](*args, **named))
            made.setdefault(path, outputs[0])
        for output, value in enumerate(outputs):
            values[Source(call.layer, calls[call.layer], output)] = value
        calls[call.layer] += 1
    return [values[source] for source in graph.outputs]


def _argument(value: Any, values: Mapping[Source, Any]) -> Any:
    match value:
        case Source():
            return values[value]
        case tuple():
            return [one and values[one] for one in value]
    return value
