"""A layer's settings by Keras 1, by the names and values that Keras 2 has for them.

Both names stand beside each other in "Keras 2 release notes" (Keras documentation, 2017).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.model.archive.gate import Json, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.model.files.first_arrays import Named

CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Keras 1's class -> Keras 2's."""

SETTINGS = {
    "output_dim": "units",
    "nb_filter": "filters",
    "border_mode": "padding",
    "bias": "use_bias",
    "p": "rate",
    "inner_activation": "recurrent_activation",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "subsample": "strides",
    "subsample_length": "strides",
    "filter_length": "kernel_size",
    "pool_length": "pool_size",
    "stride": "strides",
    "length": "size",
    "atrous_rate": "dilation_rate",
    "sigma": "stddev",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}
"""Keras 1's setting -> Keras 2's."""

LEFT_OUT = frozenset(
    {
        *("init", "inner_init", "forget_bias_init", "input_dtype", "consume_less", "dim_ordering"),
        *("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3", "mode", "weights", "sparse"),
        *("transform_bias", "alpha_init", "beta_init", "t_left_init", "a_left_init", "t_right_init", "a_right_init"),
    }
)
"""Settings that say no more than how a layer begins, how it is calculated, or what is read apart."""

ORDERS: dict[tuple[str, object], tuple[int, ...]] = {
    ("Convolution2D", "th"): (2, 3, 1, 0),
    ("AtrousConvolution2D", "th"): (2, 3, 1, 0),
    ("Convolution3D", "th"): (2, 3, 4, 1, 0),
    ("Deconvolution2D", "th"): (2, 3, 0, 1),
    ("Deconvolution2D", "tf"): (0, 1, 3, 2),
}
"""Class and ``dim_ordering`` -> today's order of a kernel's axes, each by which it was in Keras 1."""

PADDED = {"ZeroPadding1D": ("left", "right"), "ZeroPadding2D": ("top", "bottom", "left", "right"), "ZeroPadding3D": ()}
"""Layers of zeros around -> the ends that Keras 1 had names for, two for each axis."""

MERGING = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
}
"""The ``mode`` of Keras 1's Merge -> the class that it became."""


SHARED = re.compile(r"^(.*)_(?:alphas|t_left)(?::0)?$")
"""What Keras 1 called the first array of an activation that has some, after the layer."""

WITH_ARRAYS = ("PReLU", "ParametricSoftplus", "SReLU")
"""Activations that have some."""


def from_keras_1(entry: Json) -> Json:
    """Return ``entry``, a layer as Keras 1 describes it, as Keras 2 does; one that can't be said so as it is."""
    kind, config = entry.get("class_name"), mapping("a layer's config", entry.get("config"))
    if not isinstance(kind, str):
        return entry
    if kind == "Merge":
        return entry
    if kind == "TimeDistributedDense":
        dense = from_keras_1({"class_name": "Dense", "config": config})
        return {**entry, **dense}
    made = {SETTINGS.get(name, name): value for name, value in config.items() if name not in LEFT_OUT}
    if kind == "Embedding" and "units" in made:
        made["output_dim"] = made.pop("units")
        # What it dropped in a training is of the rows, which no layer of today's does.
        made.pop("dropout", None)
    for sides in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        if sides[0] in config:
            made["kernel_size"] = [config.get(side) for side in sides]
    if kind == "Deconvolution2D":
        made = _deconvolution(made, config)
    if kind == "ConvLSTM2D":
        made.setdefault("strides", [1, 1])
    if kind in PADDED:
        made["padding"] = _ends(made.get("padding"), PADDED[kind])
    if config.get("dim_ordering") is not None:
        made["data_format"] = "channels_last" if config["dim_ordering"] == "tf" else "channels_first"
    if kind == "BatchNormalization" and config.get("mode") not in (0, None):
        # By the numbers of each batch or of each point: neither is a setting any more.
        made["mode"] = config["mode"]
    for name in ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "activity_regularizer"):
        if isinstance(made.get(name), dict):
            made[name] = _regularizer(made[name])
    return {**entry, "class_name": CLASSES.get(kind, kind), "config": made}


def _deconvolution(made: Json, config: Json) -> Json:
    """Return the settings of a Deconvolution2D, which said what its outputs' shape is, with by how much that is longer
    than the shortest: today's are as long as the window and the strides make them.
    """
    shape = made.pop("output_shape", None)
    sizes, strides = made.get("kernel_size"), made.get("strides")
    places = slice(2, 4) if config.get("dim_ordering") == "th" else slice(1, 3)
    ends = shape[places] if isinstance(shape, list) and len(shape) == 4 else None
    whole = all(isinstance(one, list) and all(type(n) is int and n > 0 for n in one) for one in (ends, sizes, strides))
    if not whole or ends is None or not isinstance(sizes, list) or not isinstance(strides, list):
        return {**made, "output_shape": shape}
    same = made.get("padding") == "same"
    longer = [_longer(*one, same) for one in zip(ends, sizes, strides, strict=True)]
    as_usual = all(more == usual for more, usual in longer)
    return made if as_usual else {**made, "output_padding": [more for more, _ in longer]}


def _longer(end: int, wide: int, stride: int, same: bool) -> tuple[int, int]:
    """Return by how much outputs ``end`` long are longer than the shortest, and by how much they usually are."""
    size = -(-end // stride) if same else (end - wide) // stride + 1
    shortest = (size - 1) * stride + (wide % 2 if same else wide)
    usual = size * stride if same else shortest + max(stride - wide, 0)
    return end - shortest, usual - shortest


def _ends(padding: object, names: tuple[str, ...]) -> object:
    """Return how much is padded at both ends of every axis: Keras 1 had a number for an axis or an end, or names."""
    if isinstance(padding, dict):
        padding = [padding.get(f"{name}_pad", 0) for name in names]
    given = padding if isinstance(padding, list) else [padding]
    if not all(isinstance(one, int) for one in given):
        return padding
    if len(names) == len(given):
        ends = [given[at : at + 2] for at in range(0, len(given), 2)]
    else:
        ends = [[one, one] for one in given]
    return ends[0] if len(names) == 2 else ends


def _regularizer(value: Mapping[str, Any]) -> Json:
    given = {name: value[name] for name in ("l1", "l2") if value.get(name)}
    return {"class_name": "L1L2", "config": given} if set(value) <= {"name", "l1", "l2"} else dict(value)


def kernels_in_order(model: object) -> dict[str, tuple[int, ...]]:
    """Return in which order the axes of kernels are to be, by the kernels' names, where Keras 1 had another.

    With channels first, ``dim_ordering`` "th", it had a kernel's filters and channels before its window; and the
    kernel of a Deconvolution2D has its channels before its filters in any.
    """
    found, waiting = dict[str, tuple[int, ...]](), [model]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and isinstance(config := value.get("config"), dict):
            order = ORDERS.get((str(value.get("class_name")), config.get("dim_ordering")))
            found |= {f"{config.get('name')}_W": order} if order else {}
        within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [one for one in within if isinstance(one, dict | list)]
    return found


def from_merge(entry: Json) -> Json:
    """Return ``entry``, a Merge, which the first of Keras 2 had too, as what it became; as it is if that is nothing."""
    config = mapping("a layer's config", entry.get("config"))
    kind = MERGING.get(str(config.get("mode")))
    if kind is None or config.get("layers"):
        return entry
    made: Json = {"name": config.get("name")}
    if kind == "Dot":
        made["axes"] = config.get("dot_axes", -1)
    if kind == "Concatenate":
        made["axis"] = config.get("concat_axis", -1)
    return {**entry, "class_name": kind, "config": made}


def with_shared_axes(model: Json, arrays: Iterable[Named]) -> Json:
    """Return ``model`` with the axes that activations share ``arrays`` along: those where these have one number."""
    found = ((SHARED.match(name), array) for name, array in arrays)
    shared = {alphas[1]: [at + 1 for at, size in enumerate(one.shape) if size == 1] for alphas, one in found if alphas}

    def told(entry: Json) -> Json:
        config = entry["config"]
        if isinstance(config.get("layers"), list):
            return {**entry, "config": {**config, "layers": [told(one) for one in config["layers"]]}}
        own = entry.get("class_name") in WITH_ARRAYS and shared.get(config.get("name"))
        return {**entry, "config": {"shared_axes": own, **config}} if own else entry

    return told(model) if any(shared.values()) else model
