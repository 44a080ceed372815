"""Holds a file that Keras made against the model that it was made of: opened here, predicted, saved again."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras.src.models.functional import Functional

from core.calculation.running import predictions
from core.errors import Refused
from core.layers.nested import sealed_in
from core.model import keras_file
from core.model.files.graph_config import read_graph
from core.model.files.opening import OpenedModel, open_any
from core.model.files.written_config import graph_config
from core.model.save_model import save_model
from core.model.summary import summary
from core.model.weights import Weights
from tests.core.made_earlier import every_earlier
from tests.core.made_layers import WITHOUT
from tests.core.made_models import every_make, points_for
from tests.reading import exchange_here

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.model.graph import Graph

    Said = dict[tuple[str, ...], tuple[str, list[Any]]]

CLOSE = 1e-5
"""How far predictions may be apart, as a share of the largest."""

CANT = (ImportError, TypeError, ValueError)
"""What Keras raises where it can't make or save one of its own: without scipy, or for want of a copy."""

OTHERWISE = "sparsemax"
"""What this Keras calculates otherwise than its paper says and byhand does."""

MERGED = "lora_rank"
"""In its own format Keras keeps of such a layer the kernel with what was adapted in it, and no more."""


@dataclass
class Tried:
    """How many files were opened, how many of those have a sealed layer, and what was wrong with which."""

    files: int = 0
    sealed: int = 0
    saved: int = 0
    faults: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    """The classes of the layers in them."""


def try_today(folder: Path, every: int, again: int) -> Tried:
    """Try the models, of many alike one in so many, as ``.keras`` and ``.h5``; save one in so many files again."""
    tried = Tried()
    for at, (name, make) in enumerate(every_make(every)):
        keras.utils.set_random_seed(at)
        try:
            model = make()
        except CANT:
            continue
        tried.kinds |= {type(layer).__name__ for _, layer in layers_of(model)}
        for suffix in (".keras", ".h5"):
            path = folder / f"{name}{suffix}"
            try:
                model.save(path)
            except CANT:
                continue
            _try(tried, model, path, resaved=not tried.files % again)
    return tried


def try_earlier(folder: Path) -> Tried:
    """Try what Keras 1 and 2 spelled otherwise."""
    tried = Tried()
    for name, make in every_earlier():
        model, suffix, data = make()
        path = folder / f"{name}{suffix}"
        path.write_bytes(data)
        _try(tried, model, path, resaved=False)
    return tried


def _try(tried: Tried, model: Any, path: Path, *, resaved: bool) -> None:
    tried.files += 1
    try:
        opened = open_any(path)
    except Refused as reason:
        tried.faults.append(str(reason))
        return
    whole = isinstance(opened, OpenedModel)
    graph = opened.network.graph if isinstance(opened, OpenedModel) else opened.graph
    arrays = opened.weights.by_name(opened.network) if isinstance(opened, OpenedModel) else opened.weights
    tried.sealed += not whole
    stops = "" if isinstance(opened, OpenedModel) or [*sealed_in(graph)] else opened.stops
    # Where a layer is sealed its own reason is said, else shapes or calls were taken otherwise than Keras takes them.
    found = [*filter(None, [stops]), *_otherwise_listed(model, graph, arrays, merged=path.suffix == ".keras")]
    if isinstance(opened, OpenedModel):
        if read_graph(graph_config(graph)) != graph:
            found.append("it is another graph once it was written and read again")
        found += _otherwise_predicted(model, graph, arrays)
        if resaved:
            tried.saved += 1
            found += _otherwise_saved(model, opened, path)
            found += _otherwise_new(model, opened, path)
    tried.faults += [f"{path.name} ({', '.join(graph.names)[:80]}): {one}" for one in found]


def layers_of(model: Any, outer: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every layer and operation of a model of Keras's at any depth, with where it is."""
    for layer in model.operations if isinstance(model, Functional) else model.layers:
        if isinstance(layer, keras.Model):
            yield from layers_of(layer, (*outer, layer.name))
        elif not isinstance(layer, keras.layers.InputLayer):
            yield (*outer, layer.name), layer


def _bits(array: Any) -> tuple[Any, ...]:
    # Numbers are shown here in float32, whatever their type in the file.
    return np.shape(array), np.asarray(array).astype(np.float32).tobytes()


def _otherwise_listed(model: Any, graph: Graph, arrays: Mapping[Any, Any], *, merged: bool) -> Iterator[str]:
    """Say where layers, their classes or their arrays are not those that Keras has."""
    right: Said = {}
    for path, layer in layers_of(model):
        held = layer.get_weights() if isinstance(layer, keras.Layer) else []
        if merged and getattr(layer, MERGED, None):
            held = [one.numpy() for one in layer.weights if "lora" not in one.name]
        right[path] = _in_code(type(layer).__name__), sorted(map(_bits, held))
    here: Said = {}
    for row in summary(graph, arrays).rows:
        if row.is_first and row.inside is None:
            held = [array for weight, array in arrays.items() if weight.layer[: len(row.path)] == row.path]
            here[row.path] = _in_code(row.keras_class), sorted(map(_bits, held))
            if row.parameters != sum(np.size(one) for one in held):
                yield f"{row.parameters} numbers are counted for {row.path}"
    for path in dict.fromkeys([*right, *here]):
        if right.get(path) != here.get(path):
            one, other = (
                [kind, [shape for shape, _ in held]]
                for kind, held in (side.get(path, ("nothing", [])) for side in (here, right))
            )
            yield f"{path} is {one}, in Keras {other}"


def _in_code(kind: str) -> str:
    """Return a class by the name that Keras's code has for it, without what it is registered under."""
    return {"GroupQueryAttention": "GroupedQueryAttention"}.get(kind, kind.rpartition(">")[2])


def _made_by(model: Any, points: list[Any]) -> list[Any] | None:
    """Return what Keras makes of ``points``; None where it can't run its own model."""
    struct = getattr(model, "_inputs_struct", None)
    given = dict(zip(sorted(struct), points, strict=True)) if isinstance(struct, dict) else points
    try:
        made = model(given if len(points) > 1 else points[0], training=False)
    except CANT:
        return None
    return [np.asarray(one, dtype=np.float64) for one in keras.tree.flatten(made)]


def _otherwise_predicted(model: Any, graph: Graph, arrays: Mapping[Any, Any]) -> Iterator[str]:
    if any(getattr(layer, "activation", None) is keras.activations.sparsemax for _, layer in layers_of(model)):
        return
    points = points_for(model)
    outputs = _made_by(model, points)
    if outputs is None:
        return
    for right, mine in zip(outputs, predictions(graph, arrays, points), strict=True):
        if mine.shape != right.shape:
            yield f"outputs of {mine.shape}, in Keras of {right.shape}"
        elif not np.abs(mine - right).max(initial=0.0) <= CLOSE * np.abs(right).max(initial=1e-30):
            yield f"outputs are {np.abs(mine - right).max():.1g} from Keras's"


def _loaded(path: Path) -> Any:
    try:
        return keras.models.load_model(path, safe_mode=False)
    except Exception:
        return None


def _otherwise_saved(model: Any, opened: OpenedModel, path: Path) -> Iterator[str]:
    """Say what Keras loads otherwise of a file that was saved again with other weights."""
    weights = Weights(tuple(tuple(array * np.float32(0.5) for array in arrays) for arrays in opened.weights.layers))
    again = path.with_stem(f"{path.stem}-again")
    save_model(again, opened.network, weights, opened.recipe, opened.archive)
    loaded = _loaded(again)
    if loaded is None:
        # Of some of its own files Keras loads none.
        yield from ["Keras loads the file, and not the one that was saved again"] if _loaded(path) else []
        return
    halved = [_bits(np.asarray(one) * np.float32(0.5)) for one in model.get_weights()]
    if [_bits(one) for one in loaded.get_weights()] != halved:
        yield "Keras loads other weights than were saved"
    if _state(loaded) != _state(model) and _state(loaded) != _state(_loaded(path)):
        yield "Keras loads another state of the optimizer than there was"


def _otherwise_new(model: Any, opened: OpenedModel, path: Path) -> Iterator[str]:
    """Say what Keras makes otherwise of a new file of the same model than of the model."""
    new = path.with_name(f"{path.stem}-new.keras")
    save_model(new, opened.network, opened.weights, opened.recipe, None)
    loaded, points = keras.models.load_model(new, safe_mode=False), points_for(model)
    right = _made_by(model, points)
    if right is None:
        return
    # In a new file inputs are in a list, and they are not of other types than float32 and int32.
    given = [np.asarray(one, dtype=held.dtype) for one, held in zip(points, loaded.inputs, strict=True)]
    for one, other in zip(right, _made_by(loaded, given) or [], strict=True):
        if one.shape != other.shape or not np.allclose(one, other, rtol=CLOSE, atol=CLOSE, equal_nan=True):
            yield "Keras makes other numbers of a new file"


def _state(model: Any) -> list[Any]:
    optimizer = getattr(model, "optimizer", None)
    return [] if optimizer is None else [*map(_bits, optimizer.variables)]


def main() -> None:
    """Try all of them; a fault, or a class of Keras's layers that none of them has, ends it with what it is."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras_file, "exchange", exchange_here)
        tried, earlier = try_today(Path(folder), every=1, again=1), try_earlier(Path(folder))
    missing = {one.__name__ for one in vars(keras.layers).values() if inspect.isclass(one)} - tried.kinds - WITHOUT
    sys.stdout.write(
        f"{tried.files + earlier.files:,} files that Keras made, {tried.sealed:,} with a sealed layer, {tried.saved:,} "
        f"of them saved again, {earlier.files:,} in earlier spellings\n"
    )
    if tried.faults or earlier.faults or missing:
        sys.exit("\n".join([*tried.faults, *earlier.faults, *(f"no model has a {kind}" for kind in missing)]))


if __name__ == "__main__":
    main()
