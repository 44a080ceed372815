"""One layer of config.json to a Layer; what is not followed becomes a sealed layer that says why.

The settings are those of Keras 3 (Keras 3 documentation, "Layers API"): a layer's fields are its settings, so that
making the layer is the check of its config.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from core.activations import OVER_ALL_UNITS
from core.errors import Refused, shorten
from core.layers.layer import Function, Layer, OneByOne, Size, fields_of
from core.layers.nested import Model, sealed_in
from core.layers.operations import OPERATIONS, OfKeras, Operation
from core.layers.operations_with_settings import WITH_SETTINGS
from core.layers.registry import LAYERS
from core.layers.sealed import Sealed
from core.limits import allowing, most
from core.model.archive.gate import Json, mapping, name_of, share, shown
from core.model.archive.own_class import MODELS
from core.model.archive.penalties import read_penalty
from core.model.files.of_keras import may_be_asked
from core.model.files.of_tensorflow import LAMBDAS
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WITHOUT_EFFECT = frozenset(
    {
        *("autocast", "batch_input_shape", "batch_shape", "build_input_shape", "dtype", "input_dim", "input_length"),
        *("implementation", "seed", "stateful", "synchronized", "unroll", "fused", "rng_type"),
        *("unit_forget_bias", "sparse"),
    }
)
"""Settings that change no number of a model that has its weights already."""

OPERATIONS_OF_KERAS = ("keras.src.ops.", "keras.ops")
"""Where Keras has what is called like a function and stands in a model like a layer."""

MOST = 100_000_000
"""The largest whole number of a setting: sizes beyond it are no layer's."""

LAST = ("channels_last", None)

OWN = ("keras", "keras.layers", "keras.models")
WITHIN = ("keras.layers.", "keras.models.", "keras.src.layers.", "keras.src.models.", "keras.src.engine.")
"""Where Keras has its own layers, and has had them."""

FROM_1 = frozenset(
    {
        *("units", "filters", "kernel_size", "pool_size", "strides", "dilation_rate", "size", "input_dim"),
        *("output_dim", "num_heads", "key_dim", "value_dim", "n", "depth_multiplier", "num_tokens"),
    }
)
"""Settings whose whole numbers begin at 1."""

WIDEST_CLASS = 60
"""In how many columns the name of a class is said: Keras's longest has 43 letters."""

SHARES = frozenset({"rate", "dropout", "recurrent_dropout"})
"""Settings that are a share, from 0 to 1."""


def read_layer(entry: Json) -> Layer:
    """Return the layer that ``entry`` describes: its class and its settings.

    Raises:
        Refused: it has no name, or a setting is no value that Keras takes.
    """
    config = mapping("a layer's config", entry.get("config"))
    kind, name = entry.get("class_name"), name_of("a layer's name", config.get("name"))
    if not isinstance(kind, str):
        raise Refused(f"expected the class of {shorten(name)} as text, got {shown(kind)}; the file is damaged")
    if kind in MODELS and _is_keras_own(entry):
        return _model(entry)
    module = str(entry.get("module"))
    if module.startswith(OPERATIONS_OF_KERAS):
        operation = _operation(name, kind, module, config)
        if operation is None or operation.of_whole_batch:
            return sealed(entry, (_NO_OPERATION if operation is None else _OF_ALL).format(shorten(kind)))
        return operation
    why = _why_sealed(entry, kind, config)
    if why:
        return sealed(entry, why)
    try:
        return _with_parts_followed(_converted(LAYERS[kind], config), entry)
    except Refused:
        raise
    except (TypeError, ValueError) as reason:
        raise Refused(f"expected {shorten(name)} as {kind} is: {reason}; the file is damaged") from None


def _with_parts_followed(layer: Layer, entry: Json) -> Layer:
    """Return the layer; if one within it is sealed, all of it is."""
    within = (getattr(layer, name) for name in layer.__struct_fields__)
    parts = (part for held in within for part in (held if isinstance(held, tuple) else (held,)))
    part = next((sealed for part in parts if isinstance(part, Layer) for sealed in _sealed_of(part)), None)
    return layer if part is None else sealed(entry, f"with {shorten(part.name)!r} within it, {part.why}")


def _sealed_of(part: Layer) -> Iterator[Sealed]:
    """Give what is sealed of a layer within another: it itself, or layers of it if it is a model."""
    if isinstance(part, Sealed):
        yield part
    if isinstance(part, Model):
        yield from (layer for _, layer in sealed_in(part.graph))


def _model(entry: Json) -> Layer:
    """Return the model that a layer, such as a TimeDistributed, has within it."""
    # A model is made of layers, and this is a layer of which one is part.
    from core.model.files.graph_config import read_model

    return read_model(entry)


def sealed(entry: Json, why: str) -> Sealed:
    """Return the layer that ``entry`` describes as one that is not followed, and ``why`` it is not."""
    described = {key: value for key, value in entry.items() if key not in ("inbound_nodes", "name")}
    config, trainable = entry["config"], entry["config"].get("trainable", True) is not False
    kind = shorten(str(entry["class_name"]), WIDEST_CLASS)
    return Sealed(
        config["name"],
        kind,
        why,
        json.dumps(described, sort_keys=True),
        is_asked=may_be_asked(entry),
        trainable=trainable,
    )


_NO_OPERATION = "of the operation {}, which is not followed with its settings yet"
_OF_ALL = "of the operation {} over all points of a batch at once"


def _operation(name: str, kind: str, module: str, config: Json) -> OfKeras | None:
    """Return one of Keras's operations, if it is followed with its settings."""
    own = WITH_SETTINGS.get(kind)
    usual = {"name": None} if own is None else {one: field.default for one, field in fields_of(own).items()}
    # None is a value of its own where it is not the usual one: an axis of None are all, those of the points too.
    given = {
        one: value
        for one, value in config.items()
        if _matters(one, value) or (one in usual and (value is not None or usual[one] is not None))
    }
    if kind in ("OnesLike", "ZerosLike"):
        # Truths, where Keras makes a mask: 0 and 1 in any type.
        given.pop("dtype", None)
    if not set(given) <= set(usual):
        return None
    if own is None:
        return Operation(name, kind, module=module) if kind in OPERATIONS else None
    try:
        made = _converted(own, {**given, "module": module})
    except (Refused, TypeError):
        # Such as numbers of a type that is not followed.
        return None
    return made if isinstance(made, OfKeras) else None


def _why_sealed(entry: Json, kind: str, config: Json) -> str:
    """Return why the layer's arithmetic is not followed; nothing if it is."""
    if kind in LAMBDAS:
        return f"of TensorFlow's function {shown(config.get('function'))}, which is not followed with its settings yet"
    if not _is_keras_own(entry):
        return "a class of the person who saved it"
    if kind == "Lambda":
        return "a Lambda, whose code is in the file and not run"
    if kind not in LAYERS:
        return f"of the class {shorten(kind)}, which is not followed yet"
    if config.get("data_format") not in LAST and "data_format" not in LAYERS[kind].__struct_fields__:
        return f"with {shown(config['data_format'])}, which is not followed yet"
    if config.get("data_format") not in LAST and str(config.get("activation")) in OVER_ALL_UNITS:
        # Keras takes the last axis, which is not that of the channels.
        return f"with {shown(config['activation'])} and channels_first, which is not followed yet"
    dtype = _dtype(config.get("dtype"))
    if dtype not in (None, "float32"):
        return f"in {shown(dtype)}, which is not followed yet"
    fields = set(LAYERS[kind].__struct_fields__) - (set() if LAYERS[kind].counts_outputs else {"activity_regularizer"})
    unknown = sorted(name for name in set(config) - fields - WITHOUT_EFFECT if _matters(name, config[name]))
    unknown += [name for name, known in LAYERS[kind].followed_for.items() if config.get(name, known[0]) not in known]
    if unknown:
        return f"with {shorten(unknown[0])} {shown(config[unknown[0]])}, which is not followed yet"
    objects = [name for name, value in config.items() if name.endswith("activation") and _is_other_object(value)]
    return f"with an object as its {shorten(objects[0])}, which is not followed yet" if objects else ""


def _is_other_object(value: object) -> bool:
    """Return whether an activation is an object that is neither a function by its name nor a layer that is one."""
    if not isinstance(value, dict) or value.get("class_name", "function") == "function":
        return False
    kind = value.get("class_name")
    return not (isinstance(kind, str) and issubclass(LAYERS.get(kind, Layer), OneByOne) and _is_keras_own(value))


def _matters(name: str, value: object) -> bool:
    is_default = value is None or value is False or value in ([], {})
    return not (is_default or name == "data_format" or name.endswith("_initializer"))


def _is_keras_own(entry: Json) -> bool:
    """Return whether the class that is named is Keras's own, not one that a file brings along."""
    # Keras says that a class of the person who saved it is of the module null; of its own it may say none.
    module, registered, kind = entry.get("module", OWN[0]), entry.get("registered_name"), entry.get("class_name")
    of_module = LAYERS[kind].of_module if kind in LAYERS else OWN[0]
    in_layers = isinstance(module, str) and (module in OWN or module.startswith(WITHIN))
    own = in_layers if of_module in OWN else module == of_module
    # In HDF5 a class that was registered is known by the sign between its package and its name.
    return own and registered in (None, kind) and ">" not in str(kind)


def _dtype(value: object) -> object:
    if isinstance(value, dict):
        inner = value.get("config")
        plain = isinstance(inner, dict) and value.get("class_name") in ("DTypePolicy", "Policy")
        return inner.get("name") if isinstance(inner, dict) and plain else f"policy {value.get('class_name')}"
    return value


def _converted(kind: type[Layer], config: Json) -> Layer:
    fields = fields_of(kind)
    called = shorten(str(config.get("name")))
    settings = {
        name: _setting(kind, name, f"{name} of {called}", field.type, config[name])
        for name, field in fields.items()
        if name in config and not (name == "data_format" and config[name] in LAST)
    }
    for name, usual in kind.unsaid.items():
        if isinstance(usual, int):
            settings.setdefault(name, (usual,) * axes_of(kind))
        elif settings.get(name) is None and usual in settings:
            settings[name] = settings[usual]
    kept = {name: value for name, value in settings.items() if value is not None or not fields[name].required}
    return _made(kind, kept)


def _made(kind: type[Layer], settings: dict[str, Any]) -> Layer:
    """Return the layer, each of whose settings is checked to be of its field's type."""
    types = {name: field.type for name, field in fields_of(kind).items()}
    checked = {name: _checked(settings.get("name"), name, value, types[name]) for name, value in settings.items()}
    # Every layer has its own fields, which the base class does not know.
    make: Callable[..., Layer] = kind
    return make(**checked)


def _checked(layer: object, name: str, value: object, wanted: object) -> object:
    """Return a setting that is of the type that is ``wanted``.

    Raises:
        Refused: it is of another.
    """
    if _is_of_layers(value):
        return value
    try:
        checked: object = msgspec.convert(value, str if wanted == Function else wanted)
    except msgspec.ValidationError as reason:
        which = f"{name} of {shorten(str(layer))}"
        raise Refused(f"expected {which} as Keras has it, got {shown(value)}: {reason}; the file is damaged") from None
    return checked


def _is_of_layers(value: object) -> bool:
    """Return whether a setting is a layer, or several, which were read and so checked already."""
    return isinstance(value, Layer) or (isinstance(value, tuple) and any(isinstance(one, Layer) for one in value))


def _setting(kind: type[Layer], name: str, of: str, wanted: object, value: object) -> object:
    """Return a setting as its field has it: sizes for every axis, an activation by its name, layers as layers.

    A refusal calls it what it is ``of``: ``units of hidden``.
    """
    among = (wanted, *get_args(wanted))
    if Regularizer in among or Constraint in among:
        return read_penalty(kind.__name__, name, value)
    if isinstance(value, dict) and "class_name" in value:
        inner = mapping(of, value)
        return inner.get("config") if inner.get("class_name") == "function" else read_layer(inner)
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return tuple(read_layer(mapping(of, one)) for one in value)
    _require_size(of, name, value)
    if name in SHARES:
        share(of, value)
    if isinstance(value, list):
        return _as_tuple(value)
    one_for_all = wanted == tuple[int, ...] or (tuple[int, ...] in among and {int, Size}.isdisjoint(among))
    if type(value) is int and one_for_all:
        return (value,) * axes_of(kind)
    return value


def _require_size(of: str, name: str, value: object) -> None:
    if isinstance(value, list):
        for one in value:
            _require_size(of, name, one)
    elif isinstance(value, int) and abs(value) > most(MOST):
        raise Refused(f"expected {of} to be at most {most(MOST):,}, got {shown(value)}; {allowing(abs(value), MOST)}")
    elif name in FROM_1 and isinstance(value, int) and value < 1:
        raise Refused(f"expected {of} to be 1 or more, got {shown(value)}; the file is damaged")


def _as_tuple(values: Iterable[object]) -> tuple[object, ...]:
    return tuple(_as_tuple(value) if isinstance(value, list) else value for value in values)


def axes_of(kind: type[msgspec.Struct]) -> int:
    """Return how many axes a layer's window moves along: the number in its class's name, 1 if there is none."""
    name = kind.__name__.removesuffix("Transpose")
    return int(name[-2]) if name[-1] == "D" and name[-2].isdecimal() else 1
