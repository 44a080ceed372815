"""Sequential models of Keras 1 that begin with others, side by side, in a Merge; and those within one, without names.

Keras 1 wrote such a model as a list whose first layer has the models before it; its file lists the layers of all of
them as if they were of one (Keras 1.2 documentation, "Getting started with the Sequential model").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused
from core.limits import DEEPEST, allowing_more, most_deep
from core.model.archive.gate import Json, mapping, sequence, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    End = list[object]
    Inputs = Callable[[Json], list[Json]]


class Joined(NamedTuple):
    """Layers with their calls, and where they begin and end, each end as ``[name, call, output]``."""

    layers: list[Json]
    inputs: list[End]
    outputs: list[End]


def merges(entry: Json) -> bool:
    """Say whether a layer is a Merge that has the models before it within it."""
    config = entry.get("config")
    return entry.get("class_name") == "Merge" and isinstance(config, dict) and bool(config.get("layers"))


def as_functional(config: Json, inputs: Inputs, deepest: int) -> Json:
    """Return the settings of a Sequential model that begins with others as those of a Functional model.

    ``inputs`` gives the input before a layer that says of which shape it is.

    Raises:
        Refused: models are within each other too deep, or one of them says no shape.
    """
    made = _joined(sequence("layers", config["layers"]), inputs, deepest)
    return {**config, "layers": made.layers, "input_layers": made.inputs, "output_layers": made.outputs}


def _joined(entries: list[object], inputs: Inputs, deepest: int) -> Joined:
    """Return the layers of a Sequential model, one called with what the one before it makes."""
    if deepest < 0:
        raise Refused(f"expected at most {most_deep(50)} models within each other, got more; {allowing_more(DEEPEST)}")
    first, *rest = [mapping("a layer", one) for one in entries] or [{}]
    if merges(first):
        made = _merged(first, inputs, deepest)
    else:
        before = inputs(first)
        if not before:
            raise Refused(f"expected the shape of what goes into {shown(first.get('class_name'))}, got none")
        start = [_name(before[0]), 0, 0]
        made, rest = Joined([{**before[0], "inbound_nodes": []}], [start], [start]), [first, *rest]
    for entry in rest:
        called = {**entry, "inbound_nodes": [made.outputs]}
        made = Joined([*made.layers, called], made.inputs, [[_name(entry), 0, 0]])
    return made


def _merged(entry: Json, inputs: Inputs, deepest: int) -> Joined:
    """Return a Merge that is called with what the models within it make, after these."""
    config = mapping("a layer's config", entry["config"])
    branches = [_branch(mapping("a model", one), inputs, deepest) for one in sequence("models", config["layers"])]
    own = {name: value for name, value in config.items() if name != "layers"}
    called: Json = {**entry, "config": own, "inbound_nodes": [[end for one in branches for end in one.outputs]]}
    layers = [layer for one in branches for layer in one.layers]
    return Joined([*layers, called], [end for one in branches for end in one.inputs], [[_name(called), 0, 0]])


def _branch(entry: Json, inputs: Inputs, deepest: int) -> Joined:
    """Return one of the models that are merged: of one layer after the other, of calls, or a layer alone."""
    config = entry.get("config")
    if isinstance(config, dict) and "output_layers" in config:
        ends = [sequence("the ends of a model", config.get(name)) for name in ("input_layers", "output_layers")]
        return Joined([mapping("a layer", one) for one in sequence("layers", config.get("layers"))], *ends)
    return _joined(config if isinstance(config, list) else [entry], inputs, deepest - 1)


def _name(entry: Json) -> object:
    return mapping("a layer's config", entry.get("config")).get("name", entry.get("name"))


def with_names(model: Json, listed: Iterable[str]) -> Json:
    """Return ``model`` with names for the Sequential models right within it, which Keras gave none until 2.2.3.

    They are those of the ``listed`` layers of the file that no layer of the model has, one after the other.
    """
    config = model.get("config")
    if not isinstance(config, list):
        return model
    known = set(_names(config))
    return _named(model, iter([name for name in listed if name not in known]))


def _names(layers: list[object]) -> Iterator[object]:
    """Give the names of layers, and of those in the models that a Merge among them has within it."""
    for entry in layers:
        config = entry.get("config") if isinstance(entry, dict) else entry
        within = config.get("layers") if isinstance(config, dict) else config
        if isinstance(config, dict):
            yield str(config.get("name"))
        if isinstance(entry, dict) and isinstance(within, list) and merges(entry):
            for one in within:
                held = one.get("config") if isinstance(one, dict) else None
                yield from _names(held if isinstance(held, list) else [one])


def _named(entry: object, names: Iterator[str]) -> Json:
    entry = mapping("a layer", entry)
    layers = [mapping("a layer", one) for one in sequence("layers", entry["config"])]
    made = list[Json]()
    for one in layers:
        config = one.get("config")
        if merges(one):
            held = mapping("a layer's config", config)
            within = [_named(part, names) if _is_list(part) else part for part in sequence("models", held["layers"])]
            made.append({**one, "config": {**held, "layers": within}})
        elif _is_list(one) and "name" not in one and (name := next(names, None)) is not None:
            made.append({**one, "name": name})
        else:
            made.append(one)
    return {**entry, "config": made}


def _is_list(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("config"), list)
