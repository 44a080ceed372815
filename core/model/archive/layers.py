"""One layer of config.json to a Layer and back: which settings are followed, which change nothing, which must be so.

The settings are those of Keras 3 (Keras 3 documentation, "Dense layer", "Conv2D layer", "MaxPooling2D layer" ...).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.activations import activation
from core.errors import Refused, shorten
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.archive.gate import Json, flag, sequence, share, shown, whole
from core.model.archive.penalties import PENALISED, penalties
from core.model.network import MAX_UNITS

if TYPE_CHECKING:
    from core.layers.layer import Layer

COMMON = frozenset({"name", "trainable", "dtype"})

_CONVOLUTIONS: dict[str, type[Conv1D | Conv2D]] = {"Conv1D": Conv1D, "Conv2D": Conv2D}
_POOLINGS: dict[str, type[MaxPooling1D | MaxPooling2D | AveragePooling1D | AveragePooling2D]] = {
    "MaxPooling1D": MaxPooling1D,
    "MaxPooling2D": MaxPooling2D,
    "AveragePooling1D": AveragePooling1D,
    "AveragePooling2D": AveragePooling2D,
}
AXES = {kind: int(kind[-2]) for kind in (*_CONVOLUTIONS, *_POOLINGS)}
_CONVOLUTION_USES = {"filters", "kernel_size", "strides", "padding", "activation", "use_bias"}
_POOLING_USES = {"pool_size", "strides", "padding"}

USED = {
    "InputLayer": {"batch_shape", "sparse", "ragged", "optional"},
    "Dense": {"units", "activation", "use_bias"},
    "Activation": {"activation"},
    "Dropout": {"rate"},
    **dict.fromkeys(_CONVOLUTIONS, _CONVOLUTION_USES),
    **dict.fromkeys(_POOLINGS, _POOLING_USES),
    "Flatten": set[str](),
}
"""Layer's class -> the settings that the arithmetic here follows."""

_INITIALIZERS = {"kernel_initializer", "bias_initializer"}

WITHOUT_EFFECT = {"Dense": _INITIALIZERS, **dict.fromkeys(_CONVOLUTIONS, _INITIALIZERS), "Dropout": {"seed"}}
"""Layer's class -> settings that change no number of a model that has its weights already."""

NOT_USED = {"Dropout": {"noise_shape"}}
"""Layer's class -> settings that change training only; each that is set becomes a note."""


_LAST: dict[str, tuple[object, ...]] = {"data_format": ("channels_last",)}

ONLY: dict[str, dict[str, tuple[object, ...]]] = {
    **{
        kind: {**_LAST, "dilation_rate": (1, [1] * axes), "groups": (1,)}
        for kind, axes in AXES.items()
        if kind in _CONVOLUTIONS
    },
    **dict.fromkeys(_POOLINGS, _LAST),
    "Flatten": _LAST,
}
"""Layer's class -> settings that are followed for these values only; the first is the one to build the model with."""

PADDINGS: tuple[Literal["valid", "same"], ...] = ("valid", "same")


def checked_settings(layer: Json) -> list[str]:
    """Return the notes on a layer's settings, those that :mod:`core.model.archive.penalties` reads left out.

    Raises:
        Refused: a setting would change its arithmetic in a way that is not followed here.
    """
    kind, config = layer["class_name"], layer["config"]
    name = shorten(config["name"])
    flag(f"trainable of {name}", config.get("trainable", True))
    known = COMMON | USED[kind] | set(PENALISED.get(kind, ())) | WITHOUT_EFFECT.get(kind, set())
    only = ONLY.get(kind, {})
    notes = []
    for setting, value in config.items():
        if setting in known or value is None:
            continue
        if setting in only:
            _require_one_of(f"{setting} of {name}", value, only[setting])
        elif setting in NOT_USED.get(kind, set()):
            notes.append(f"{name} has a {setting}: kept in the file, not used here.")
        else:
            raise Refused(
                f"expected {name} without {shorten(str(setting))!r}, got {shown(value)}; it can't be shown here"
            )
    return notes


def _require_one_of(what: str, value: object, values: tuple[object, ...]) -> None:
    # True is 1 for Python, and no number of a file.
    if isinstance(value, bool) or value not in values:
        got = ", ".join(map(shown, value)) if isinstance(value, list) else shown(value)
        raise Refused(f"expected {what} to be {values[0]}, got {shorten(got)}; it can't be shown here")


def read_layer(layer: Json, trains: bool) -> Layer:
    """Return the layer that ``layer`` describes; in a model that does not train it is frozen.

    Raises:
        Refused: a setting is missing or is no value that Keras takes.
    """
    config, kind = layer["config"], layer["class_name"]
    name: str = config["name"]
    short = shorten(name)
    match kind:
        case "Dense":
            units = whole(f"units of {short}", config.get("units"), 1, MAX_UNITS)
            use_bias = flag(f"use_bias of {short}", config.get("use_bias", True))
            trainable = trains and config.get("trainable", True)
            return Dense(
                name, units, _activation(short, config), use_bias, trainable=trainable, **penalties(kind, config)
            )
        case "Activation":
            return Activation(name, _activation(short, config), **penalties(kind, config))
        case "Dropout":
            return Dropout(name, share(f"rate of {short}", config.get("rate")))
        case "Flatten":
            return Flatten(name)
    return _convolution(kind, config, trains) if kind in _CONVOLUTIONS else _pooling(kind, config)


def _convolution(kind: str, config: Json, trains: bool) -> Conv1D | Conv2D:
    name, axes = config["name"], AXES[kind]
    short = shorten(name)
    return _CONVOLUTIONS[kind](
        name,
        whole(f"filters of {short}", config.get("filters"), 1, MAX_UNITS),
        _sizes(f"kernel_size of {short}", config.get("kernel_size"), axes),
        _sizes(f"strides of {short}", config.get("strides", 1), axes),
        _padding(short, config),
        _activation(short, config),
        flag(f"use_bias of {short}", config.get("use_bias", True)),
        trainable=trains and config.get("trainable", True),
        **penalties(kind, config),
    )


def _pooling(kind: str, config: Json) -> MaxPooling1D | MaxPooling2D | AveragePooling1D | AveragePooling2D:
    axes = AXES[kind]
    short = shorten(config["name"])
    size = _sizes(f"pool_size of {short}", config.get("pool_size"), axes)
    strides = config.get("strides")
    moves = size if strides is None else _sizes(f"strides of {short}", strides, axes)
    return _POOLINGS[kind](config["name"], size, moves, _padding(short, config))


def _sizes(what: str, value: object, axes: int) -> tuple[int, ...]:
    """Return a size for every axis: one number stands for all of them, as in Keras."""
    values = [value] * axes if not isinstance(value, list) else sequence(what, value)
    if len(values) != axes:
        raise Refused(f"expected {what} as {axes} whole numbers, got {len(values)}; the file is damaged")
    return tuple(whole(what, one, 1, MAX_UNITS) for one in values)


def _padding(name: str, config: Json) -> Literal["valid", "same"]:
    value = config.get("padding", "valid")
    for padding in PADDINGS:
        if value == padding:
            return padding
    raise Refused(f"expected the padding of {name} to be valid or same, got {shown(value)}; it can't be shown here")


def _activation(name: str, config: Json) -> str:
    value = config.get("activation")
    if not isinstance(value, str):
        raise Refused(f"expected the activation of {name} as a name, got {shown(value)}")
    return activation(value).name
