"""``config.json`` of a ``.keras`` file to Network and back, for a chain of Dense, Activation and Dropout layers.

The format is Keras 3's own ("Serialization utilities" in the Keras 3 documentation). Nothing is built or run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import HALVING, activation
from core.errors import Refused, shorten
from core.model.archive.chain import chain
from core.model.archive.gate import Json, flag, mapping, name_of, require_built_in, share, shown, whole
from core.model.network import MAX_LAYERS, MAX_UNITS, Activation, Dense, Dropout, Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.network import Layer

COMMON = frozenset({"name", "trainable", "dtype"})

USED = {
    "InputLayer": {"batch_shape", "sparse", "ragged", "optional"},
    "Dense": {"units", "activation", "use_bias"},
    "Activation": {"activation"},
    "Dropout": {"rate"},
}
"""Layer's class -> the settings that the arithmetic here follows."""

WITHOUT_EFFECT = {"Dense": {"kernel_initializer", "bias_initializer"}, "Dropout": {"seed"}}
"""Layer's class -> settings that change no number of a model that has its weights already."""

NOT_USED = {
    "Dense": {
        *("kernel_regularizer", "bias_regularizer", "activity_regularizer"),
        *("kernel_constraint", "bias_constraint"),
    },
    "Activation": {"activity_regularizer"},
    "Dropout": {"noise_shape"},
}
"""Layer's class -> settings that change training only; each that is set becomes a note."""


def read_model(model: object) -> tuple[Network, list[str]]:
    """Return the network that ``model``, the content of config.json, describes, and notes on what it leaves out.

    Raises:
        Refused: it is not a chain of layers that can be shown here, or not one that Keras wrote.
    """
    model = mapping("a model", model)
    # How it was compiled is read apart: there an unknown name only means that there is no recipe.
    require_built_in({key: value for key, value in model.items() if key != "compile_config"})
    config = mapping("a model's config", model.get("config"))
    if "dtype" in config:
        _require_float32("the model", config["dtype"])
    first, *rest = chain(model.get("class_name"), config)
    if not 1 <= len(rest) <= MAX_LAYERS:
        raise Refused(f"expected 1 to {MAX_LAYERS:,} layers after the input, got {len(rest):,}")
    notes = [note for layer in (first, *rest) for note in _checked_settings(layer)]
    trains = _trains(model)
    layers = tuple(_layer(layer, trains) for layer in rest)
    network = Network(_inputs(first["config"]), layers, name_of("the model's name", config.get("name")))
    _require_halving_last(network)
    return network, notes


def _checked_settings(layer: Json) -> list[str]:
    """Return the notes on a layer's settings after refusing those that would change its arithmetic."""
    kind, config = layer["class_name"], layer["config"]
    name = shorten(config["name"])
    _require_float32(name, config.get("dtype", "float32"))
    known = COMMON | USED[kind] | WITHOUT_EFFECT.get(kind, set())
    flag(f"trainable of {name}", config.get("trainable", True))
    notes = []
    for setting, value in config.items():
        if setting in known or value is None:
            continue
        if setting not in NOT_USED.get(kind, set()):
            raise Refused(
                f"expected {name} without {shorten(str(setting))!r}, got {shown(value)}; it can't be shown here"
            )
        words = value.get("class_name", "set") if isinstance(value, dict) else "set"
        notes.append(f"{name} has a {setting} ({shorten(str(words))}): kept in the file, not used here.")
    return notes


def _require_float32(name: str, dtype: object) -> None:
    if isinstance(dtype, dict):
        dtype = mapping("a dtype's config", dtype.get("config")).get("name")
    if dtype != "float32":
        raise Refused(f"expected {name} in float32, got {shown(dtype)}; build the model again in float32")


def _inputs(config: Json) -> int:
    shape = config.get("batch_shape")
    if config.get("sparse") or config.get("ragged") or config.get("optional"):
        raise Refused("expected a plain input, got a sparse, ragged or optional one; it can't be shown here")
    if not isinstance(shape, list) or len(shape) != 2 or shape[0] is not None:
        sizes = shape if isinstance(shape, list) else [shape]
        text = ", ".join("None" if size is None else shown(size) for size in sizes)
        raise Refused(f"expected inputs of shape (None, n), got ({shorten(text)}); build the model with Input((n,))")
    return whole("the number of inputs", shape[1], 1, MAX_UNITS)


def _trains(model: Json) -> bool:
    """Return whether the model as a whole is trainable: a Functional one that is not freezes all of its layers.

    A Sequential one has the setting too, but Keras does not read it again.
    """
    trainable = model["config"].get("trainable")
    return model["class_name"] != "Functional" or trainable is None or flag("trainable of the model", trainable)


def _layer(layer: Json, trains: bool) -> Layer:
    config = layer["config"]
    name: str = config["name"]
    short = shorten(name)
    match layer["class_name"]:
        case "Dense":
            units = whole(f"units of {short}", config.get("units"), 1, MAX_UNITS)
            use_bias = flag(f"use_bias of {short}", config.get("use_bias", True))
            return Dense(name, units, _activation(short, config), use_bias, trains and config.get("trainable", True))
        case "Activation":
            return Activation(name, _activation(short, config))
        case _:
            return Dropout(name, share(f"rate of {short}", config.get("rate")))


def _activation(name: str, config: Json) -> str:
    value = config.get("activation")
    if not isinstance(value, str):
        raise Refused(f"expected the activation of {name} as a name, got {shown(value)}")
    return activation(value).name


def _require_halving_last(network: Network) -> None:
    # Keras plans the next layer for the full width, so a halving one that is not the last fails when it is run.
    last = len(network.layers) - 1
    for place, (layer, width) in enumerate(zip(network.layers, network.widths(), strict=False)):
        if isinstance(layer, Dropout) or layer.activation not in HALVING:
            continue
        units = layer.units if isinstance(layer, Dense) else width
        if place != last or units % 2:
            raise Refused(
                f"expected {layer.activation}, which halves its units, on a last layer of even width only, "
                f"got it on {shorten(layer.name)} of width {units:,}"
            )


def with_trainable(model: Json, network: Network) -> Json:
    """Return ``model``, the content of config.json, with its Dense layers as trainable as those of ``network``.

    Everything else is as it was, but for a Functional model that was frozen as a whole: it is so no more if one of
    its layers is trainable now.
    """
    wanted = {layer.name: layer.trainable for layer in network.layers if isinstance(layer, Dense)}

    def patched(layer: Json) -> Json:
        name = layer["config"]["name"]
        return {**layer, "config": {**layer["config"], "trainable": wanted[name]}} if name in wanted else layer

    config = {**model["config"], "layers": [patched(layer) for layer in model["config"]["layers"]]}
    if any(wanted.values()) and not _trains(model):
        config["trainable"] = True
    return {**model, "config": config}


def functional_config(network: Network) -> Json:
    """Return ``network`` as Keras describes a Functional model.

    Raises:
        Refused: a name is one that Keras does not take, or there is no layer.
    """
    names = [name_of("a layer's name", layer.name) for layer in network.layers]
    if len(set(names)) != len(names) or not names:
        raise Refused(f"expected layers with a name of their own each, got {shorten(', '.join(names), 80)!r}")
    source = _free_name("inputs", names)
    layers = [_node("InputLayer", {"batch_shape": [None, network.inputs], "name": source}, None, 0)]
    for layer, before, width in zip(network.layers, [source, *names], network.widths(), strict=False):
        layers.append(_node(type(layer).__name__, _settings(layer), before, width))
    config = {
        "name": name_of("the model's name", network.name),
        "trainable": True,
        "layers": layers,
        "input_layers": [[source, 0, 0]],
        "output_layers": [[names[-1], 0, 0]],
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def _free_name(wanted: str, taken: Sequence[str]) -> str:
    candidates = [wanted, *(f"{wanted}_{place}" for place in range(1, len(taken) + 1))]
    return next(name for name in candidates if name not in taken)


def _settings(layer: Layer) -> Json:
    match layer:
        case Dense(name, units, function, use_bias, trainable):
            settings = {"name": name, "units": units, "activation": function, "use_bias": use_bias}
            return {**settings, "trainable": trainable}
        case Activation(name, function):
            return {"name": name, "activation": function}
        case Dropout(name, rate):
            return {"name": name, "rate": rate}


def _node(kind: str, settings: Json, before: str | None, width: int) -> Json:
    nodes = [] if before is None else [{"args": [_tensor(before, width)], "kwargs": {}}]
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {**settings, "dtype": "float32"},
        "registered_name": None,
        "name": settings["name"],
        "inbound_nodes": nodes,
    }


def _tensor(before: str, width: int) -> Json:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, width], "dtype": "float32", "keras_history": [before, 0, 0]},
    }
