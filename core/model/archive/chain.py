"""The order of a model's layers: one chain from the input to the output, each layer called exactly once."""

from __future__ import annotations

from core.errors import Refused, shorten
from core.model.archive.gate import LAYERS, TENSOR, Json, mapping, name_of, sequence, shown


def chain(kind: object, config: Json) -> list[Json]:
    """Return the layers of a model of class ``kind`` in the order in which they are called, the input first.

    Raises:
        Refused: it is not Sequential or Functional, not one chain, or has a layer of another class.
    """
    layers = [_checked(layer) for layer in sequence("layers", config.get("layers"))]
    by_name = {layer["config"]["name"]: layer for layer in layers}
    if len(by_name) != len(layers):
        raise Refused("expected layers with a name of their own each, got two of the same name; rename one")
    if kind == "Functional":
        layers = _called_in_turn(by_name, config)
    elif kind != "Sequential":
        raise Refused(f"expected a Sequential or Functional model, got {shown(kind)}; it can't be shown here")
    kinds = [layer["class_name"] for layer in layers]
    if kinds[:1] != ["InputLayer"] or "InputLayer" in kinds[1:]:
        raise Refused("expected one input, at the beginning, got none or several; build the model with one Input")
    return layers


def _checked(layer: object) -> Json:
    layer = mapping("a layer", layer)
    kind = layer.get("class_name")
    if kind not in LAYERS:
        raise Refused(
            f"expected {', '.join(LAYERS)} layers, got {shown(kind)} inside the model; it can't be shown here"
        )
    name_of("a layer's name", mapping("a layer's config", layer.get("config")).get("name"))
    return layer


def _called_in_turn(by_name: dict[str, Json], config: Json) -> list[Json]:
    """Return a Functional model's layers, found by walking back from its output."""
    _require_used_once(by_name)
    waiting = dict(by_name)
    source = _only_end("input", config.get("input_layers"))
    name: str | None = _only_end("output", config.get("output_layers"))
    backwards = []
    while name is not None:
        if name not in waiting:
            raise Refused(f"expected one chain of layers, got {shorten(name)!r} missing or called twice")
        layer = waiting.pop(name)
        backwards.append(layer)
        name = _before(name, layer)
    if waiting:
        raise Refused(f"expected one chain of layers, got {shorten(next(iter(waiting)))!r} outside it")
    if backwards[-1]["config"]["name"] != source:
        raise Refused(f"expected one chain of layers from the input {shorten(source)!r} to the output, got another")
    return backwards[::-1]


def _require_used_once(by_name: dict[str, Json]) -> None:
    """Refuse a layer that is called several times; what is called after it speaks of its second output or a later one.

    Raises:
        Refused: there is such a layer.
    """
    for name, layer in by_name.items():
        nodes = layer.get("inbound_nodes")
        if isinstance(nodes, list) and len(nodes) > 1:
            raise Refused(
                f"expected a chain in which each layer is used once, got {shorten(name)!r}, which is used "
                f"{len(nodes):,} times with the same weights; it can't be shown here"
            )


def _only_end(what: str, ends: object) -> str:
    """Return the layer's name in ``[name, 0, 0]`` or, as Keras also writes it, ``[[name, 0, 0]]``."""
    if isinstance(ends, list) and len(ends) == 1:
        (ends,) = ends
    if isinstance(ends, list) and len(ends) > 1 and all(isinstance(end, list) for end in ends):
        raise Refused(f"expected a chain with one {what}, got a model with {len(ends):,}; it can't be shown here")
    if not isinstance(ends, list) or ends[1:] != [0, 0] or not isinstance(ends[0], str):
        raise Refused(f"expected the name of one {what}, got something else; the file is damaged")
    return ends[0]


def _before(name: str, layer: Json) -> str | None:
    """Return the name of the layer whose output ``layer`` is called with, or None for the input."""
    short = shorten(name)
    if layer.get("name") != name:
        raise Refused(f"expected the layer {short!r} under one name, got {shown(layer.get('name'))} too")
    nodes = sequence(f"the calls of {short}", layer.get("inbound_nodes"))
    if layer["class_name"] == "InputLayer" and not nodes:
        return None
    if len(nodes) != 1:
        raise Refused(f"expected the layer {short!r} to be called once, got no call of it; the file is damaged")
    node = mapping(f"the call of {short}", nodes[0])
    _require_plain_call(short, node.get("kwargs"))
    args = node.get("args")
    if not isinstance(args, list) or len(args) != 1:
        raise Refused(f"expected the layer {short!r} to be called with one input, got another call")
    return _history(short, args[0])


def _require_plain_call(name: str, kwargs: object) -> None:
    # Dropout(...)(x, training=True) drops while predicting too, so an argument with a value is not passed over.
    for key, value in mapping(f"the call's arguments of {name}", kwargs or {}).items():
        if value is not None and not (key == "training" and value is False):
            raise Refused(f"expected {name!r} to be called without {shorten(str(key))!r}, got {shown(value)}")


def _history(name: str, tensor: object) -> str:
    tensor = mapping(f"the input of {name}", tensor)
    history = mapping(f"the input of {name}", tensor.get("config")).get("keras_history")
    if tensor.get("class_name") != TENSOR or not isinstance(history, list) or len(history) != 3:
        raise Refused(f"expected the input of {name!r} to be another layer's output, got something else")
    if not isinstance(history[0], str) or history[1:] != [0, 0]:
        raise Refused(f"expected the input of {name!r} to be a layer's first output, got another")
    return history[0]
