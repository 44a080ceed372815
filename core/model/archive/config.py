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
            return {**layer, "config": {**layer["config"], "trainable": wanted[(name,)]}}
        within = {path[1:]: trains for path, trains in wanted.items() if path[0] == name}
        return _with_trainable(layer, within) if within else layer

    config = {**model["config"], "layers": [patched(layer) for layer in model["config"]["layers"]]}
    if any(wanted.values()) and not _trains(model):
        config["trainable"] = True
    return {**model, "config": config}


def _trains(model: Json) -> bool:
    """Return whether the model as a whole is trainable: a Functional one that is not freezes all of its layers.

    A Sequential one has the setting too, but Keras does not read it again.
    """
    trainable = model["config"].get("trainable")
    return model["class_name"] != "Functional" or trainable is None or flag("trainable of the model", trainable)
