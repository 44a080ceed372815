"""The configuration of a model that Keras 1 or 2 saved, as Keras 3 would describe the same model.

The spellings are those of Keras 1 and 2 themselves (their documentation, "Layers", and "Serialization and saving").
What Keras 3 writes passes unchanged, so that a file need not say of which version each of its parts is.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

from core.errors import Refused
from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.no_longer import LAST_KERAS
from core.layers.operations import OPERATIONS
from core.layers.operations_with_settings import WITH_SETTINGS, module_of
from core.layers.registry import LAYERS
from core.limits import most_deep, require_depth
from core.model.archive.gate import TENSOR, Json, mapping, sequence, shown
from core.model.archive.own_class import MODELS
from core.model.files.first_config import from_keras_1, from_merge
from core.model.files.first_sequential import as_functional, merges
from core.model.files.node_def import from_node_def
from core.model.files.of_keras import NOT_FOLLOWED
from core.model.files.of_tensorflow import CONSTANT, LAMBDAS, from_tensorflow
from core.model.files.second_config import from_keras_2, with_masks, with_own_classes
from core.model.files.slashes import sign_for_slash, without_slashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 50
"""How many models and layers may be within each other."""

ACTIVATIONS = ("activation", "recurrent_activation")

OF_EARLIER = {"hard_sigmoid": OLD_HARD_SIGMOID, "softmax_v2": "softmax"}
"""What Keras 1 and 2 called an activation -> what it is called here; TensorFlow 2.0 had a name of its own for one."""

SAID_ELSEWHERE = frozenset({"batch_input_shape", "query_shape", "key_shape", "value_shape"})
"""Settings of Keras's own layers that say of which shapes their sources are."""

OWN = "keras.layers"

OF_APPLICATIONS = {
    "LayerScale": "_layer_scale",
    "StochasticDepth": "_stochastic_depth",
    "CustomScaleLayer": "custom_scale_layer",
}
"""Classes of Keras's applications -> what is in the names of such layers there."""

WITHIN = ("layer", "backward_layer", "cell", *ACTIVATIONS)
"""Settings that are a layer."""

MORE = frozenset({"trainable", "dtype"})
"""Settings that every layer of Keras 3's has, and no operation."""

TRAINS_ALWAYS = "trains always"
"""What is said here, beside its arguments, of a call in which the Keras that saved it trains even while it predicts."""


def earlier_config(model: object, version: str) -> Json:
    """Return ``model``, a whole model's configuration by the Keras of ``version``, as Keras 3 would have it.

    Raises:
        Refused: it is no model as any Keras describes one.
    """
    given, sign = mapping("a model", model), sign_for_slash(model)
    keras = int(version[0])
    given = with_own_classes(given, version) if keras < 3 else given
    made = _model(without_slashes(given, sign) if sign else given, keras, 0)
    is_model = made.get("class_name") in MODELS and isinstance(made["config"].get("layers"), list)
    return with_masks(made, version) if keras < 3 and is_model else made


def _model(entry: Json, keras: int, depth: int) -> Json:
    require_depth("models", depth, MAX_DEPTH)
    kind, config = entry.get("class_name"), entry.get("config")
    if isinstance(config, list):
        config = {**{name: entry[name] for name in ("name",) if name in entry}, "layers": config}
    config = mapping("a model's config", config)
    if kind not in MODELS or "layers" not in config:
        return entry
    layers = [mapping("a layer", one) for one in sequence("layers", config["layers"])]
    if kind == "Sequential" and layers and merges(layers[0]):
        config, kind = as_functional(config, _input_before_any, most_deep(MAX_DEPTH) - depth), "Functional"
        layers = config["layers"]
    given = _input_before(layers[0]) if kind == "Sequential" and layers else []
    layers = [*given, *(_entry(layer, keras, depth + 1) for layer in layers)]
    config = {**config, "layers": layers if kind == "Sequential" else _called(layers)}
    if kind != "Sequential" and keras < 3:
        config = _from_first_call(config)
    kind = "Sequential" if kind == "Sequential" else "Functional"
    described = {**entry, "module": "keras", "class_name": kind, "registered_name": kind}
    return {**described, "config": config}


def _entry(entry: Json, keras: int, depth: int) -> Json:
    """Return a layer, or a model within a model, without its calls translated: those need the names of all layers."""
    if entry.get("class_name") in MODELS:
        made = _model(entry, keras, depth)
        name = entry.get("name")
        return made if not isinstance(name, str) else {**made, "config": {**made["config"], "name": name}}
    if entry.get("class_name") == "Custom>CustomScaleLayer":
        entry = {**entry, "class_name": "CustomScaleLayer"}
    if keras == 1:
        entry = from_keras_1(entry)
    if keras < 3 and entry.get("class_name") == "Merge":
        entry = from_merge(entry)
    if keras == 2 and entry.get("class_name") in LAMBDAS:
        entry = from_tensorflow(entry)
    if keras == 2 and entry.get("class_name") == "TensorFlowOpLayer":
        entry = from_node_def(entry)
    if str(entry.get("module")).startswith("keras.src.ops."):
        return entry
    config = mapping("a layer's config", entry.get("config"))
    if keras < 3 and isinstance(entry.get("class_name"), str) and _is_own(entry, keras):
        entry = from_keras_2(entry)
        config = entry["config"]
    kind = entry.get("class_name")
    require_depth("layers", depth, MAX_DEPTH)
    is_operation = MORE.isdisjoint(config) or kind not in LAYERS
    if keras > 2 and "module" not in entry and is_operation and kind in {*OPERATIONS, *WITH_SETTINGS, *LAYERS}:
        # Of its operations Keras 3's HDF5 files say the class alone, and some are called as a layer of its is.
        return {**entry, "module": module_of(str(kind))}
    made = {name: _setting(name, value) for name, value in config.items() if not name.endswith("_initializer")}
    for name in WITHIN:
        if isinstance(made.get(name), dict) and not isinstance(made[name].get("config"), str):
            made[name] = _with_name(_entry(made[name], keras, depth + 1))
    if isinstance(made.get("cells"), list):
        made["cells"] = [_entry(mapping("a cell", one), keras, depth + 1) for one in made["cells"]]
    if kind == "InputLayer" and "batch_input_shape" in made:
        made["batch_shape"] = made.pop("batch_input_shape")
    known = isinstance(kind, str) and (kind in LAYERS or kind == "InputLayer" or (kind in NOT_FOLLOWED and keras > 1))
    if known and _is_own(entry, keras):
        made = made if kind == "InputLayer" else _renamed(str(kind), made, keras)
        of_module = LAYERS[kind].of_module if kind in LAYERS else OWN
        entry = {**entry, "module": of_module, "registered_name": None}
    elif kind in LAYERS and LAYERS[kind].of_module != OWN and "module" not in entry:
        entry = {**entry, "module": None, "registered_name": kind}
    return {**entry, "config": made}


def _with_name(entry: Json) -> Json:
    """Return a layer within another with a name, which Keras gave no Sequential model until 2.2.3."""
    config = entry["config"]
    return {**entry, "config": {"name": "sequential", **config}} if entry.get("class_name") in MODELS else entry


def _is_own(entry: Json, keras: int) -> bool:
    """Return whether no module is named, or one where that Keras had its own layers."""
    kind, module, registered = entry.get("class_name"), entry.get("module", OWN), entry.get("registered_name")
    if kind in OF_APPLICATIONS:
        # Others have classes of these names too: without a module it goes by what Keras calls such layers.
        named = OF_APPLICATIONS[kind] in str(entry["config"].get("name"))
        fits = named if "module" not in entry else str(module).removeprefix("tf_") == LAYERS[kind].of_module
        return fits and registered in (None, kind, f"Custom>{kind}")
    if keras > LAST_KERAS.get(str(kind), keras):
        return False
    own = isinstance(module, str) and module.startswith(("keras.", "tensorflow.python.keras."))
    return own and registered in (None, kind)


def _setting(name: str, value: object) -> object:
    """Return a setting; an array within it as the numbers that it has, what is Keras's own with its module."""
    if not isinstance(value, dict):
        return value
    if value.get("type") == "ndarray":
        return value.get("value")
    if name.endswith(("_regularizer", "_constraint")) and "module" not in value and "class_name" in value:
        return {**value, "module": f"keras.{name.rpartition('_')[2]}s", "registered_name": None}
    return value


def _renamed(kind: str, config: Json, keras: int) -> Json:
    """Return the settings of a layer of Keras's own with the names and values that Keras 3 has for them."""
    made = {name: value for name, value in config.items() if name not in SAID_ELSEWHERE}
    if kind != "Embedding":
        made.pop("input_dim", None)
    if kind == "LeakyReLU" and "alpha" in made:
        made["negative_slope"] = made.pop("alpha")
    if kind == "BatchNormalization" and isinstance(made.get("axis"), list) and len(made["axis"]) == 1:
        (made["axis"],) = made["axis"]
    if made.get("groups") == 1 and kind in LAYERS and "groups" not in LAYERS[kind].__struct_fields__:
        del made["groups"]
    if keras < 3:
        if kind == "Discretization":
            # That of its outputs, where they are bins.
            made.pop("dtype", None)
        if kind in ("GRU", "GRUCell"):
            made.setdefault("reset_after", False)
        for name in ACTIVATIONS:
            if isinstance(made.get(name), str):
                made[name] = OF_EARLIER.get(made[name], made[name])
    return made


def _input_before(first: Json) -> list[Json]:
    """Return the input before a Sequential model's first layer, if that says of which shape it is."""
    config = first.get("config")
    if first.get("class_name") in ("InputLayer", *MODELS) or not isinstance(config, dict):
        return []
    inner = config.get("layer")
    within = inner.get("config") if isinstance(inner, dict) else None
    shape = config.get("batch_input_shape") or (within or {}).get("batch_input_shape")
    if shape is None:
        return []
    dtype = "int32" if first.get("class_name") == "Embedding" else "float32"
    settings = {"batch_shape": shape, "dtype": dtype, "name": f"{config.get('name')}_input"}
    return [{"module": "keras.layers", "class_name": "InputLayer", "config": settings, "registered_name": None}]


def _input_before_any(first: Json) -> list[Json]:
    """Return the input before a layer, or before the model that stands first, if it says of which shape that is."""
    config, depth = first.get("config"), 0
    while first.get("class_name") == "Sequential" and isinstance(config, list) and config and depth < MAX_DEPTH:
        first, depth = mapping("a layer", config[0]), depth + 1
        config = first.get("config")
    return [first] if first.get("class_name") == "InputLayer" else _input_before(first)


def _called(layers: list[Json]) -> list[Json]:
    """Return a Functional model's layers with their calls as Keras 3 writes them."""
    names = {str(layer["config"].get("name")) for layer in layers}
    return [
        {**layer, "inbound_nodes": [_node(node, names, layer) for node in sequence("the calls", nodes)]}
        if (nodes := layer.get("inbound_nodes")) is not None
        else layer
        for layer in layers
    ]


def _from_first_call(config: Json) -> Json:
    """Return a Functional model's settings with the calls of models within it counted as Keras 3 does.

    Keras 2 counted the making of such a model as a call of it, which it did not write down, but in its numbers; Keras 3
    does so for the model's outputs alone, and where it is no Sequential one.
    """
    layers = config["layers"]
    nodes = [layer.get("inbound_nodes") for layer in layers]
    ends: Json = {name: config[name] for name in ("input_layers", "output_layers") if name in config}
    last: dict[str, int] = {}
    for name, call in _histories([nodes, *ends.values()]):
        last[name] = max(call, last.get(name, 0))
    calls = {layer["config"].get("name"): len(layer.get("inbound_nodes") or ()) for layer in layers}
    models = {layer["config"].get("name") for layer in layers if layer.get("class_name") in MODELS}
    late = {name for name, call in last.items() if name in models and call and call == calls[name]}
    layers = [
        layer if own is None else {**layer, "inbound_nodes": _later(-1, own, late)}
        for layer, own in zip(layers, nodes, strict=True)
    ]
    counted = {layer["config"].get("name") for layer in layers if "output_layers" in layer["config"]}
    held: Json = {name: _later(1, _later(-1, end, late), counted) for name, end in ends.items()}
    return {**config, **held, "layers": layers}


def _histories(value: object) -> Iterator[tuple[str, int]]:
    """Give the name and the number of every call that stands in ``value``, at any depth."""
    match value:
        case [str(name), int(call), int()]:
            yield name, call
        case list() | dict():
            for one in value.values() if isinstance(value, dict) else value:
                yield from _histories(one)


def _later(by: int, value: object, layers: set[str]) -> object:
    """Return ``value`` with the calls of these layers that stand in it counted so much higher."""
    match value:
        case [str(name), int(call), int(output)] if name in layers and call + by >= 0:
            return [name, call + by, output]
        case list():
            return [_later(by, one, layers) for one in value]
        case dict():
            return {key: _later(by, one, layers) for key, one in value.items()}
    return value


def _node(node: object, names: set[str], layer: Json) -> Json:
    """Return one call: ``[[name, call, output, arguments], ...]``, or one such alone."""
    if isinstance(node, dict):
        return node
    given = sequence("a call", node)
    given = [given] if given and isinstance(given[0], str) else given
    sources, named = list[object](), Json()
    for one in given:
        match one:
            case [str(name), int(), value, *rest] if name == CONSTANT:
                sources.append(value)
                named |= mapping("a call's arguments", rest[0]) if rest else {}
            case [str(), int(), int(), *rest]:
                sources.append(_tensor(one))
                named |= mapping("a call's arguments", rest[0]) if rest else {}
            case _:
                raise Refused(f"expected calls as Keras 2 writes them, got {shown(one)}; the file is damaged")
    followed = layer.get("class_name") in LAYERS or layer.get("class_name") in MODELS
    kwargs = {name: _argument(value, names) for name, value in named.items() if value is not None}
    if not followed:
        kwargs = {name: value for name, value in kwargs.items() if any(_tensors(value))}
    if len(sources) > 1 and _takes_states(layer):
        sources, kwargs = sources[:1], {"initial_state": sources[1:], **kwargs}
    trains = kwargs.pop("training", False) is not False
    called: Json = {"args": [sources] if len(sources) > 1 else sources, "kwargs": kwargs}
    return {**called, TRAINS_ALWAYS: True} if trains else called


def _takes_states(layer: Json) -> bool:
    """Return whether further sources of a call are states, which Keras 2 wrote in one list with the first."""
    kind = layer.get("class_name")
    return kind in LAYERS and "initial_state" in signature(LAYERS[kind].call).parameters


def _tensor(source: Sequence[object]) -> Json:
    return {"class_name": TENSOR, "config": {"shape": [None], "dtype": "float32", "keras_history": list(source[:3])}}


def _argument(value: object, names: set[str]) -> object:
    match value:
        case [str(name), int(), int(), *_] if name in names:
            return _tensor(value)
        case list():
            return [_argument(one, names) for one in value]
    return value


def _tensors(value: object) -> Iterator[bool]:
    """Give True for every output of a layer in an argument, False for whatever else is in it."""
    if isinstance(value, list):
        for one in value:
            yield from _tensors(one)
    else:
        yield isinstance(value, dict) and value.get("class_name") == TENSOR
