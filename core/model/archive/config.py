"""``config.json`` of a ``.keras`` file to Network and back, for a chain of layers.

The format is Keras 3's own ("Serialization utilities" in the Keras 3 documentation). Nothing is built or run.
"""

from __future__ import annotations

from math import prod

from core.activations import HALVING
from core.errors import Refused, shorten
from core.layers.activation_layers import Activation
from core.model.archive.chain import chain
from core.model.archive.gate import Json, flag, mapping, name_of, require_built_in, shown, whole
from core.model.archive.layers import checked_settings, read_layer
from core.model.archive.penalties import not_followed, without_foreign
from core.model.archive.shapes import require_shapes
from core.model.layers_text import MAX_LAYERS
from core.model.network import MAX_UNITS, Network, Weighted, units_of


def read_model(model: object) -> tuple[Network, list[str], list[str]]:
    """Return the network that ``model``, the content of config.json, describes, and notes on what it leaves out.

    The last are those of the notes that say what Keras would add to a loss and is not followed here.

    Raises:
        Refused: it is not a chain of layers that can be shown here, or not one that Keras wrote.
    """
    model = mapping("a model", model)
    # How it was compiled is read apart: there an unknown name only means that there is no recipe.
    checked = mapping("a model", without_foreign(model))
    require_built_in({key: value for key, value in checked.items() if key != "compile_config"})
    config = mapping("a model's config", model.get("config"))
    if "dtype" in config:
        _require_float32("the model", config["dtype"])
    first, *rest = chain(model.get("class_name"), config)
    if not 1 <= len(rest) <= MAX_LAYERS:
        raise Refused(f"expected 1 to {MAX_LAYERS:,} layers after the input, got {len(rest):,}")
    notes = [note for layer in (first, *rest) for note in _checked(layer)]
    penalties = [not_followed(layer) for layer in rest]
    losses = [f"{what}, which is kept in the file and not followed here." for found, _ in penalties for what in found]
    notes += [*losses, *(note for _, of_training in penalties for note in of_training)]
    trains = _trains(model)
    layers = tuple(read_layer(layer, trains) for layer in rest)
    shape = _input_shape(first["config"])
    flat = () if len(shape) == 1 else shape
    network = Network.chain(prod(shape), layers, name_of("the model's name", config.get("name")), flat)
    require_shapes(network)
    _require_halving_last(network)
    return network, notes, losses


def _checked(layer: Json) -> list[str]:
    config = layer["config"]
    _require_float32(shorten(config["name"]), config.get("dtype", "float32"))
    return checked_settings(layer)


def _require_float32(name: str, dtype: object) -> None:
    if isinstance(dtype, dict):
        dtype = mapping("a dtype's config", dtype.get("config")).get("name")
    if dtype != "float32":
        raise Refused(f"expected {name} in float32, got {shown(dtype)}; build the model again in float32")


def _input_shape(config: Json) -> tuple[int, ...]:
    """Return the shape of one input, without the batch."""
    shape = config.get("batch_shape")
    if config.get("sparse") or config.get("ragged") or config.get("optional"):
        raise Refused("expected a plain input, got a sparse, ragged or optional one; it can't be shown here")
    if not isinstance(shape, list) or not 2 <= len(shape) <= 4 or None in shape[1:]:
        given = shape if isinstance(shape, list) else [shape]
        text = ", ".join("None" if size is None else shown(size) for size in given)
        raise Refused(
            f"expected inputs of shape (None, n), (None, steps, channels) or (None, rows, columns, channels), "
            f"got ({shorten(text)}); build the model with Input((n,)), say"
        )
    sizes = tuple(whole("the number of inputs", size, 1, MAX_UNITS) for size in shape[1:])
    whole("the number of inputs", prod(sizes), 1, MAX_UNITS)
    return sizes


def _trains(model: Json) -> bool:
    """Return whether the model as a whole is trainable: a Functional one that is not freezes all of its layers.

    A Sequential one has the setting too, but Keras does not read it again.
    """
    trainable = model["config"].get("trainable")
    return model["class_name"] != "Functional" or trainable is None or flag("trainable of the model", trainable)


def _require_halving_last(network: Network) -> None:
    # Keras plans the next layer for the full width, so a halving one that is not the last fails when it is run.
    last = len(network.layers) - 1
    for place, (layer, shape) in enumerate(zip(network.layers, network.shapes(), strict=False)):
        if not isinstance(layer, Weighted | Activation) or layer.activation not in HALVING:
            continue
        units = units_of(layer) if isinstance(layer, Weighted) else shape[-1]
        if place != last or units % 2:
            raise Refused(
                f"expected {layer.activation}, which halves its units, on a last layer of even width only, "
                f"got it on {shorten(layer.name)} of width {units:,}"
            )


def with_trainable(model: Json, network: Network) -> Json:
    """Return ``model``, the content of config.json, with its layers as trainable as those of ``network``.

    Everything else is as it was, but for a Functional model that was frozen as a whole: it is so no more if one of
    its layers is trainable now.
    """
    held = zip(network.paths, network.layers, network.weight_names(), strict=True)
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
