"""``config.json`` of a ``.keras`` file with other layers frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.layer import Layer
from core.layers.nested import Model
from core.model.archive.gate import Json, flag

if TYPE_CHECKING:
    from core.layers.nested import Path
    from core.model.network import Network


def with_trainable(model: Json, network: Network) -> Json:
    """Return ``model``, the content of config.json, with its layers as trainable as those of ``network``.

    Everything else is as it was, but for a Functional model that was frozen as a whole: it is so no more if one of
    its layers is trainable now.
    """
    held = zip(network.paths, network.layers, network.weight_names, strict=True)
    return _with_trainable(model, {path: layer for path, layer, arrays in held if arrays})


def _with_trainable(model: Json, wanted: dict[Path, Layer]) -> Json:
    def patched(layer: Json) -> Json:
        name = layer["config"]["name"]
        if (name,) in wanted:
            return _as_trainable(layer, wanted[(name,)])
        within = {path[1:]: one for path, one in wanted.items() if path[0] == name}
        return _with_trainable(layer, within) if within else layer

    config = {**model["config"], "layers": [patched(layer) for layer in model["config"]["layers"]]}
    if any(layer.trainable for layer in wanted.values()) and not _trains(model):
        config["trainable"] = True
    return {**model, "config": config}


def _as_trainable(entry: Json, layer: Layer) -> Json:
    """Return what describes ``layer``, and the layers within it, as trainable as they are."""
    if not layer.knows_trainable:
        return entry
    if isinstance(layer, Model):
        # Keras does not read the setting of a Sequential model again.
        return _with_trainable(entry, {(part.name,): part for part in layer.graph.layers})
    config = {**entry["config"], "trainable": layer.trainable}
    for name in layer.__struct_fields__:
        match getattr(layer, name), config.get(name):
            case Layer() as one, dict(held):
                config[name] = _as_trainable(held, one)
            case (Layer(), *_) as several, list(held):
                config[name] = [_as_trainable(*pair) for pair in zip(held, several, strict=True)]
    return {**entry, "config": config}


def _trains(model: Json) -> bool:
    """Return whether the model as a whole is trainable: a Functional one that is not freezes all of its layers.

    A Sequential one has the setting too, but Keras does not read it again.
    """
    trainable = model["config"].get("trainable")
    return model["class_name"] != "Functional" or trainable is None or flag("trainable of the model", trainable)
