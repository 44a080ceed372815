"""A graph, or a layer of it, as Keras 3 describes one: what :mod:`core.model.files.graph_config` reads, written.

The format is Keras 3's own ("Serialization utilities" in the Keras 3 documentation).
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from core.errors import Refused, shorten
from core.layers.layer import Layer, fields_of
from core.layers.nested import Model
from core.layers.normalization import Clipping
from core.layers.operations import OfKeras
from core.layers.sealed import Sealed
from core.model.archive.gate import ARRAY, TENSOR, Json, name_of
from core.model.archive.penalties import written_penalty
from core.model.graph import Source
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.model.graph import Call, Constant, Graph
    from core.operations.operation import Shape

    Shapes = Mapping[Source, Shape]

OF_CALLS = frozenset({"module", "keras_class", "key", "constant_values"})
"""What an operation has here beside its settings: Keras has it elsewhere in a description, or of layers alone."""


def graph_config(graph: Graph) -> Json:
    """Return ``graph`` as Keras describes a Functional model.

    Raises:
        Refused: a name is one that Keras does not take, or two have the same.
    """
    names = [name_of("a layer's name", name) for name in graph.names]
    if len(set(names)) != len(names):
        raise Refused(f"expected layers with a name of their own each, got {shorten(', '.join(names), 80)!r}")
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": _functional(graph),
        "registered_name": "Functional",
    }


def _functional(graph: Graph) -> Json:
    calls = defaultdict[str, list[Json]](list)
    for call in graph.calls:
        calls[call.layer].append(_node(call, graph.layer(call.layer)))
    inputs = [_entry(_input(given.shape, given.name, given.whole), []) for given in graph.inputs]
    return {
        "name": name_of("the model's name", graph.name),
        "trainable": True,
        "layers": [*inputs, *(_entry(keras_config(layer), calls[layer.name]) for layer in graph.layers)],
        "input_layers": _alone_or_all([[given.name, 0, 0] for given in graph.inputs]),
        "output_layers": _outputs(graph),
    }


def _outputs(graph: Graph) -> Json | list[Any]:
    """Return the outputs of the model as Keras's gives them: by names, alone, or in a list."""
    ends = [_end(graph, source) for source in graph.outputs]
    return dict(zip(graph.output_names, ends, strict=True)) if graph.output_names else _alone_or_all(ends)


def _alone_or_all(ends: list[list[object]]) -> list[Any]:
    """Return the one end, or the list of them: of a list of one Keras's model makes a list of one."""
    return ends[0] if len(ends) == 1 else ends


def _end(graph: Graph, source: Source) -> list[object]:
    """Return an output of the model; here alone Keras counts the making of a model within it as a call of that."""
    layer = next((one for one in graph.layers if one.name == source.layer), None)
    made = isinstance(layer, Model) and layer.keras_class != "Sequential"
    return [source.layer, source.call + made, source.output]


def _sequential(graph: Graph) -> Json:
    (given,) = graph.inputs
    layers = [_input(given.shape, given.name, given.whole), *map(keras_config, graph.layers)]
    return {"name": graph.name, "trainable": True, "layers": layers}


def _input(shape: tuple[int | None, ...], name: str, whole: bool) -> Json:
    dtype = "int32" if whole else "float32"
    config = {"batch_shape": [None, *shape], "dtype": dtype, "sparse": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def _entry(described: Json, nodes: list[Json]) -> Json:
    return {**described, "name": described["config"]["name"], "inbound_nodes": nodes}


def _node(call: Call, layer: Layer) -> Json:
    """Return a call; several sources are a list, as merging layers take them, but where Keras names them one by one."""
    sources = [_source(one) for one in call.sources]
    named = {name: _argument(value) for name, value in call.named}
    more = layer.more_of_call if isinstance(layer, OfKeras) else ()
    return {"args": [*([sources] if call.listed else sources), *more], "kwargs": named}


def _source(one: Source | Constant) -> object:
    if isinstance(one, Source):
        return _tensor(one)
    return {"class_name": ARRAY, "config": {"value": one, "dtype": "float32"}} if isinstance(one, tuple) else one


def _argument(value: Any) -> object:
    match value:
        case Source():
            return _tensor(value)
        case tuple():
            return [one and _tensor(one) for one in value]
    return value


def _tensor(source: Source) -> Json:
    # Keras goes by the history; it only wants some shape to be there.
    history = [source.layer, source.call, source.output]
    return {"class_name": TENSOR, "config": {"shape": [None], "dtype": "float32", "keras_history": history}}


def keras_config(layer: Layer) -> Json:
    """Return ``layer`` as Keras 3 serializes one: its class and its settings; what is not set is left out."""
    match layer:
        case Model(graph=graph, keras_class="Sequential"):
            described = {"module": "keras", "class_name": "Sequential", "config": _sequential(graph)}
            return {**described, "registered_name": None}
        case Model(graph=graph):
            return graph_config(graph)
        case OfKeras(keras_class=kind, module=module):
            settings = {name: value for name, value in _settings(layer).items() if name not in OF_CALLS}
            return {"module": module, "class_name": kind, "config": settings, "registered_name": kind}
        case Sealed(entry=entry):
            found: Json = json.loads(entry)
            return found
    kind, module = type(layer).__name__, layer.of_module
    registered = None if module == Layer.of_module else kind
    return {"module": module, "class_name": kind, "config": _settings(layer), "registered_name": registered}


def _settings(layer: Layer) -> Json:
    # Without it Keras goes by a setting of the person who loads the file.
    config: Json = {"data_format": "channels_last"} if layer.has_data_format else {}
    for setting in fields_of(type(layer)).values():
        value = getattr(layer, setting.name)
        unsaid = setting.name == "trainable" and (value is True or not layer.knows_trainable)
        if not unsaid and not (value in (None, ()) and value == setting.default):
            config[setting.name] = _written(value)
    return config


def _written(value: object) -> object:
    match value:
        case Layer():
            return keras_config(value)
        case Regularizer() | Constraint():
            return written_penalty(value)
        case Clipping():
            return msgspec.to_builtins(value)
        case tuple():
            return [_written(one) for one in value]
    return value
