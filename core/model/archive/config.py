"""``config.json`` of a ``.keras`` file with other layers frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model.archive.gate import Json, flag

if TYPE_CHECKING:
    from core.model.network import Network


def with_trainable(model: Json, network: Network) -> Json:
    """Return ``model``, the content of config.json, with its layers as trainable as those of ``network``.

    Everything else is as it was, but for a Functional model that was frozen as a whole: it is so no more if one of
    its layers is trainable now.
    """
    held = zip(network.paths, network.layers, network.weight_names, strict=True)
    return _with_trainable(model, {path: layer.trainable for path, layer, arrays in held if arrays})


def _with_trainable(model: Json, wanted: dict[tuple[str, ...], bool]) -> Json:
    def patched(layer: Json) -> Json:
        name = layer["config"]["name"]
        if (name,) in wanted:
            return _as_trainable(layer, wanted[(name,)])
        within = {path[1:]: trains for path, trains in wanted.items() if path[0] == name}
        return _with_trainable(layer, within) if within else layer

    config = {**model["config"], "layers": [patched(layer) for layer in model["config"]["layers"]]}
    if any(wanted.values()) and not _trains(model):
        config["trainable"] = True
    return {**model, "config": config}


PARTS = ("layer", "backward_layer", "cell", "cells", "layers")
"""Where a layer's settings have layers within it."""


def _as_trainable(layer: Json, trains: bool) -> Json:
    """Return a layer with all that is within it trainable or frozen: Keras would train what is not said to be."""
    if layer["class_name"] == "InputLayer":
        return layer
    parts = {name: held for name, held in layer["config"].items() if name in PARTS and held is not None}
    within = {
        name: [_as_trainable(one, trains) for one in held] if isinstance(held, list) else _as_trainable(held, trains)
        for name, held in parts.items()
    }
    return {**layer, "config": {**layer["config"], **within, "trainable": trains}}


def _trains(model: Json) -> bool:
    """Return whether the model as a whole is trainable: a Functional one that is not freezes all of its layers.

    A Sequential one has the setting too, but Keras does not read it again.
    """
    trainable = model["config"].get("trainable")
    return model["class_name"] != "Functional" or trainable is None or flag("trainable of the model", trainable)
