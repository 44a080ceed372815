"""A model in config.json to a Graph: Functional or Sequential, with models within it.

The format is Keras 3's own ("Serialization utilities" in the Keras 3 documentation). Nothing is built or run.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from math import prod
from typing import TYPE_CHECKING, Any

import msgspec

from core.errors import Refused, shorten
from core.layers.nested import Model, with_trained
from core.layers.whole_numbers import calculated_whole, is_whole
from core.limits import require_depth, require_most
from core.model.archive.gate import TENSOR, Json, mapping, name_of, sequence, shown
from core.model.archive.own_class import MODELS
from core.model.files.earlier_config import MAX_DEPTH, TRAINS_ALWAYS
from core.model.files.kept import snake_case
from core.model.files.layer_config import read_layer, sealed
from core.model.files.operation_calls import is_array, numbers_of, with_settings_of_calls
from core.model.graph import Argument, Call, Constant, Graph, Input, Source, chain, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

    from core.layers.layer import Layer
    from core.layers.sealed import Sealed

MAX_LAYERS = 10_000

HOLDS = {
    "bool": (0, 1),
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32)},
}
"""Which numbers Keras's types of whole ones hold; those of 64 bits hold more than float64 tells apart."""

TRAINS = "called as in a training even where the model predicts"
GIVEN_MORE = "called with more than outputs of layers, which is not followed yet"
NEVER_BUILT = "given inputs of no known shape (the model was never built)"
"""Why a layer is sealed that would do otherwise than is written down here."""


def read_graph(model: object, depth: int = 0, trains: bool = True) -> Graph:
    """Return the model that ``model``, the content of config.json, describes; all frozen unless it ``trains``.

    Raises:
        Refused: it is no Functional or Sequential model, or not one that Keras wrote.
    """
    entry = mapping("a model", model)
    kind, config = entry.get("class_name"), mapping("a model's config", entry.get("config"))
    require_depth("models", depth, MAX_DEPTH)
    if kind not in MODELS or "layers" not in config:
        raise Refused(f"expected a Sequential or Functional model, got {shown(kind)}; its code is not in the file")
    listed = sequence("layers", config["layers"])
    entries = [*map(with_settings_of_calls, _with_names([mapping("a layer", one) for one in listed]))]
    require_most("layers", len(entries), MAX_LAYERS)
    name = name_of("the model's name", config.get("name", "model"))
    inputs = {_name(one): _input(one) for one in entries if one.get("class_name") == "InputLayer"}
    # Keras does not read the setting of a Sequential model again.
    trains = trains and (kind == "Sequential" or config.get("trainable") is not False)
    layers = [_layer(one, depth, trains) for one in entries if one.get("class_name") != "InputLayer"]
    if len({layer.name for layer in layers} | set(inputs)) != len(entries):
        raise Refused("expected layers with a name of their own each, got two of the same name; rename one")
    if kind == "Sequential":
        graph = _sequential(name, list(inputs.values()), layers, config)
    else:
        graph = _functional(name, inputs, layers, entries, config)
    return _sealed_where_whole(graph, entries)


def _sealed_where_whole(graph: Graph, entries: list[Json]) -> Graph:
    """Return ``graph`` with those layers sealed that Keras would calculate in whole numbers, with another result."""
    by_name = {_name(entry): entry for entry in entries}
    given = {one.name: by_name.get(one.name, {}).get("config", {}).get("dtype") for one in graph.inputs}
    types = {name: str(dtype) for name, dtype in given.items() if is_whole(dtype)}
    with_real = {
        Source(name, at)
        for name, entry in by_name.items()
        for nodes in [entry.get("inbound_nodes")]
        for at, node in enumerate(nodes if isinstance(nodes, list) else ())
        if isinstance(node, dict) and any(isinstance(one, float) for one in _flat(node.get("args")))
    }
    why = dict(calculated_whole(types, graph.layers, graph.calls, with_real))
    if not why:
        return graph
    layers = (
        msgspec.structs.replace(sealed(by_name[layer.name], why[layer.name]), is_asked=False)
        if layer.name in why
        else layer
        for layer in graph.layers
    )
    return msgspec.structs.replace(graph, layers=tuple(layers))


def _with_names(entries: list[Json]) -> list[Json]:
    """Return layers each with a name in its config; some people's own classes leave it out: then Keras gives one."""
    taken, made = [_held_name(entry) for entry in entries], []
    for place, entry in enumerate(entries, start=1):
        name, kind = _held_name(entry), entry.get("class_name")
        if name is None and isinstance(kind, str):
            name = snake_case(kind)
            name = f"{name}_{place}" if name in taken else name
            taken.append(name)
        config = entry.get("config")
        made.append({**entry, "config": {**config, "name": name}} if isinstance(config, dict) else entry)
    return made


def _held_name(entry: Json) -> Any:
    """Return the name that a layer's config has, or what is there instead; else that beside the config."""
    config = entry.get("config")
    return config["name"] if isinstance(config, dict) and "name" in config else entry.get("name")


def _layer(entry: Json, depth: int, trains: bool) -> Layer:
    if entry.get("class_name") not in MODELS:
        layer = read_layer(entry)
        nodes = entry.get("inbound_nodes")
        why = _why_not_called_so(nodes) if isinstance(nodes, list) else ""
        if why:
            # Keras, called otherwise, would make something else.
            layer = _never_asked(entry, why)
        # What is within a frozen layer is frozen, whatever the file says of it.
        return layer if trains and layer.trainable else with_trained(layer, False)
    model = read_model(entry, depth + 1, trains)
    why = _why_not_called_so(sequence(f"the calls of {shorten(model.name)}", entry.get("inbound_nodes") or []))
    return sealed(entry, why) if why else model


def _never_asked(entry: Json, why: str) -> Sealed:
    return msgspec.structs.replace(sealed(entry, why), is_asked=False)


def read_model(entry: Json, depth: int = 0, trains: bool = True) -> Model:
    """Return a model that is a layer; see :func:`read_graph`."""
    graph = read_graph(entry, depth, trains)
    return Model(graph.name, graph, str(entry["class_name"]))


def _why_not_called_so(nodes: list[object]) -> str:
    """Return why a layer's calls are not followed; nothing if they are."""
    if any(map(_trains_always, nodes)):
        return TRAINS
    return GIVEN_MORE if any(map(_is_given_more, nodes)) else ""


def _is_given_more(node: object) -> bool:
    """Return whether a call has arguments of its own besides sources, plain numbers, and settings that are a flag."""
    if not isinstance(node, dict):
        return False
    named = node.get("kwargs")
    flags = [one for one in named.values() if not isinstance(one, bool)] if isinstance(named, dict) else []
    numbers = [one for one in _flat(node.get("args")) if not isinstance(one, int | float) or isinstance(one, bool)]
    return not all(one is None or _is_tensor(one) or is_array(one) for one in (*numbers, *_flat(flags)))


def _is_tensor(value: object) -> bool:
    return isinstance(value, dict) and value.get("class_name") == TENSOR


def _flat(value: object) -> Iterator[object]:
    """Give what stands in ``value``, at any depth of lists and of keys, in Keras's order: that of the keys."""
    if isinstance(value, dict) and "class_name" not in value:
        value = [one for _, one in sorted(value.items())]
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _trains_always(node: object) -> bool:
    return isinstance(node, dict) and node.get(TRAINS_ALWAYS) is True


def _name(entry: Json) -> str:
    return name_of("a layer's name", mapping("a layer's config", entry.get("config")).get("name"))


def _input(entry: Json) -> Input:
    config = mapping("an input's config", entry.get("config"))
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    dtype = config.get("dtype")
    whole = isinstance(dtype, str) and dtype.startswith(("int", "uint"))
    return Input(_name(entry), _without_batch(shape), whole, HOLDS.get(str(dtype)))


def _without_batch(shape: object) -> tuple[int | None, ...]:
    sizes = sequence("the shape of an input", shape)[1:]
    for size in sizes:
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
            raise Refused(f"expected the shape of an input in whole numbers, got {shown(size)}; the file is damaged")
    if prod(size or 1 for size in sizes) > 1 << 40:
        raise Refused("expected inputs of a size that memory can hold, got a larger one; the file is damaged")
    return tuple(sizes)


def _sequential(name: str, inputs: list[Input], layers: list[Layer], config: Json) -> Graph:
    if len(inputs) > 1:
        raise Refused(f"expected one input of a Sequential model, got {len(inputs)}; the file is damaged")
    if inputs:
        return chain(name, inputs[0], layers)
    shape = config.get("build_input_shape")
    if shape is None and layers and isinstance(layers[0], Model):
        shape = [None, *layers[0].graph.inputs[0].shape]
    if shape is None and not layers:
        raise Refused("expected a model with layers, got one without any")
    if shape is None:
        layers = [_never_asked(config["layers"][0], NEVER_BUILT), *layers[1:]]
    return chain(name, Input(f"{name} input", _without_batch(shape or [None, None])), layers)


def _functional(name: str, inputs: dict[str, Input], layers: list[Layer], entries: list[Json], config: Json) -> Graph:
    calls = {
        Source(_name(entry), at): call
        for entry in entries
        if entry.get("class_name") != "InputLayer"
        for at, call in enumerate(_calls(entry))
    }
    known = {Source(given) for given in inputs} | set(calls)
    needs = {place: {_first(source) for source in sources_of(call)} for place, call in calls.items()}
    for place, sources in needs.items():
        for source in sources - known:
            raise Refused(f"expected {shorten(place.layer)!r} to be called with what is there, got {source.layer!r}")
    for place in needs:
        if place.call:
            # Calls of one layer count by their order, so they keep it.
            needs[place].add(Source(place.layer, place.call - 1))
    order = _in_order(needs)
    ends = config.get("output_layers")
    outputs = tuple(_from_first_call(_ends("output", ends), entries))
    starts = [source.layer for source in _ends("input", config.get("input_layers"))]
    if sorted(starts) != sorted(inputs):
        named = shorten(", ".join(inputs), 80)
        raise Refused(f"expected the model's inputs to be {named}, got {shorten(', '.join(starts), 80)!r}")
    given = tuple(inputs[name] for name in starts)
    for source in outputs:
        if _first(source) not in known:
            raise Refused(f"expected the outputs to be made by layers of the model, got {shorten(source.layer)!r}")
    names = tuple(sorted(ends)) if isinstance(ends, dict) and len(ends) == len(outputs) else ()
    return Graph(name, given, tuple(layers), tuple(calls[place] for place in order if place in calls), outputs, names)


def _in_order(needs: Mapping[Source, Set[Source]]) -> list[Source]:
    """Return what needs others after them, and else in the order given, which is the same in every process.

    Raises:
        Refused: they need each other in a circle.
    """
    rank = {place: at for at, place in enumerate(needs)}
    sorter, ready, order = TopologicalSorter(needs), list[tuple[int, Source]](), list[Source]()
    try:
        sorter.prepare()
    except CycleError:
        raise Refused("expected layers one after the other, got a circle; the file is damaged") from None
    while sorter.is_active():
        for place in sorter.get_ready():
            heappush(ready, (rank.get(place, -1), place))
        _, place = heappop(ready)
        order.append(place)
        sorter.done(place)
    return order


def _from_first_call(ends: Iterable[Source], entries: list[Json]) -> Iterator[Source]:
    """Give a model's outputs with their calls counted from 0.

    Keras counts, here alone, the making of a model within this one as a call of it, which it doesn't write down.
    """
    models = [entry for entry in entries if "output_layers" in entry["config"]]
    calls = {_name(entry): len(entry.get("inbound_nodes") or ()) for entry in models}
    for end in ends:
        # One that is counted from 0 all the same is the last for Keras.
        before = end.call or calls.get(end.layer, 0)
        yield msgspec.structs.replace(end, call=before - 1) if end.layer in calls else end


def _first(source: Source) -> Source:
    """Return the first output of the call that ``source`` is an output of."""
    return Source(source.layer, source.call)


def _ends(what: str, ends: object) -> Iterator[Source]:
    """Give what ``[name, call, output]`` says, alone or in lists of such."""
    if isinstance(ends, dict):
        # Keras numbers them in the order of their keys.
        for _, end in sorted(ends.items()):
            yield from _ends(what, end)
    elif isinstance(ends, list) and len(ends) == 3 and isinstance(ends[0], str):
        yield _source(ends)
    elif isinstance(ends, list):
        for end in ends:
            yield from _ends(what, end)
    else:
        raise Refused(f"expected the {what}s of the model by name, got {shown(ends)}; the file is damaged")


def _source(history: object) -> Source:
    match history:
        case [str(layer), int(call), int(output)] if call >= 0 and output >= 0:
            return Source(layer, call, output)
    raise Refused(f"expected an output of a layer as its name and two numbers, got {shown(history)}")


def _calls(entry: Json) -> Iterator[Call]:
    name = _name(entry)
    for node in sequence(f"the calls of {shorten(name)}", entry.get("inbound_nodes", [])):
        called = mapping(f"a call of {shorten(name)}", node)
        kwargs = mapping(f"the arguments of {shorten(name)}", called.get("kwargs") or {})
        sources = tuple(_sources_in(called.get("args")))
        # Whatever stands there, a model of Keras 3's tells its layers itself whether it trains.
        given = {key: value for key, value in kwargs.items() if value is not None and key != "training"}
        args = called.get("args")
        listed = (
            isinstance(args, list) and len(args) == 1 and isinstance(args[0], list | dict) and not _is_tensor(args[0])
        )
        yield Call(name, sources, tuple((key, _argument(value)) for key, value in given.items()), listed)


def _sources_in(value: object) -> Iterator[Source | Constant]:
    """Give what stands in a call's arguments, at any depth, in order: outputs of layers, and plain numbers.

    With whatever else is in them a layer is sealed.
    """
    for one in _flat(value):
        if isinstance(one, int | float) and not isinstance(one, bool):
            yield float(one)
        elif isinstance(one, dict) and is_array(one):
            yield numbers_of(one)
        else:
            yield from _tensors(one)


def _tensors(value: object) -> Iterator[Source]:
    """Give the outputs of layers that stand in ``value``, at any depth, in order."""
    for one in _flat(value):
        if isinstance(one, dict) and one.get("class_name") == TENSOR:
            yield _source(mapping("a call's source", one.get("config")).get("keras_history"))


def _argument(value: object) -> Argument:
    if isinstance(value, bool):
        return value
    each = list(_flat(value))
    sources = tuple(next(_tensors(one), None) for one in each)
    if _is_tensor(value) and sources[0] is not None:
        return sources[0]
    # A list of nothing but None says that no source has a mask, whatever it came with.
    return sources if any(sources) or all(one is None for one in each) else ()
