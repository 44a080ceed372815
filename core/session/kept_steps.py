"""The steps of a session in a file of byhand's own, found again by the weights that they led to.

A person's model file is left as Keras writes it: the steps stand beside it in byhand's state folder, under a name
made of the model's shape and weights, so that a file that was moved or renamed has them too. They begin where a file
was opened last, and say under which name they were saved, for whoever opens a copy. What is read is checked;
a file that cannot be used means that there are no steps to go back to, and nothing else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import numpy as np

from core.arrays import point
from core.data.checks import data_of, require_held, require_size
from core.data.dataset import DataFile, Dataset, generate
from core.data.makers import Maker, Nothing
from core.engine.protocol import Tensor
from core.errors import Refused, shorten
from core.layers.registry import LAYERS
from core.model.network import Network
from core.model.weights import Weights
from core.paths import typed_path
from core.reading import open_file, size_of
from core.saving import write_whole
from core.session.state import Model
from core.session.trail import Step, Steps
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from core.arrays import Array, KerasArray

T = TypeVar("T")

MOST_BYTES = 256_000_000
"""Of what all files of steps may take together, the oldest give way; of one that is larger, its oldest steps do."""

SUFFIX = ".steps"


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step; data, networks, weights and archives are places in the lists of the whole."""

    name: str
    data: int
    network: int
    initial: int
    weights: int
    archive: int | None
    x: list[float]
    recipe: Recipe | None


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Data as what makes them, or a file's as they are: points, labels, perhaps weights among the arrays.

    ``file_rows`` are the bytes of whole numbers of 64 bits.
    """

    rule: Maker | Nothing | None
    file: DataFile | None = None
    arrays: list[int] = []
    classes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    file_rows: bytes = b""


class _Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of steps: what several of them share stands in it once."""

    saved_as: str
    beginning: str
    arrays: list[Tensor]
    weights: list[list[list[int]]]
    data: list[_Data]
    archives: list[bytes]
    undo: list[_Kept]
    redo: list[_Kept]


class _Whole(_Parts, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of steps as it is written."""

    format: Literal["byhand steps 5"]
    networks: list[Network]


class _Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a network, which was always a chain, stood in files of the format before."""

    inputs: int
    layers: tuple[dict[str, Any], ...]

    name: str
    shape: tuple[int, ...]


class _Before(_Parts, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of the format before."""

    format: Literal["byhand steps 4"]
    networks: list[_Chain]


def file_of(network: Network, weights: Weights, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the steps that led to these weights are kept."""
    return _file_named_after(network, weights, environment)


def _file_named_after(network: Network | _Chain, weights: Weights, environment: Mapping[str, str] = os.environ) -> Path:
    made = blake2b(msgspec.msgpack.encode(network), digest_size=16)
    for arrays in weights.layers:
        for array in arrays:
            made.update(np.ascontiguousarray(array).data)
    return folder(environment) / f"{made.hexdigest()}{SUFFIX}"


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return byhand's own folder for steps, as the XDG Base Directory Specification places it.

    Raises:
        Refused: there is neither that nor a home folder.
    """
    base = environment.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else typed_path("~/.local/state")) / "byhand"


def keep(steps: Steps, network: Network, weights: Weights, saved_as: str) -> None:
    """Write the steps that led from the file that was opened to ``weights``, which were saved under a name.

    Older files give way if all are too large together.

    Raises:
        Refused: the file cannot be written.
    """
    path, steps = file_of(network, weights), replace(steps.since_opened(), saved_as=shorten(saved_as))
    data = encode(steps)
    while len(data) > MOST_BYTES and steps.undo:
        steps = replace(steps, undo=steps.undo[len(steps.undo) // 2 + 1 :], redo=(), beginning="")
        data = encode(steps)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, data)
    _make_room(path)


def _make_room(newest: Path) -> None:
    files = sorted(newest.parent.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MOST_BYTES and file != newest:
            file.unlink(missing_ok=True)


def taken_up(network: Network, weights: Weights) -> Steps | None:
    """Return the steps that once led to ``weights``, or None if there are none that can be used."""
    # To look for a file by all of a model's numbers takes long, and of so many none was kept.
    size = sum(array.nbytes for arrays in weights.layers for array in arrays)
    if size > MOST_BYTES:
        return None
    try:
        if not any(folder().glob(f"*{SUFFIX}")):
            return None
        path = file_of(network, weights)
        if not path.is_file() and network.graph.is_chain:
            layers = msgspec.to_builtins(network.layers)
            before = _Chain(network.inputs, layers, network.name, network.shape)
            path = _file_named_after(before, weights)
        with open_file(path, "a file of steps") as file:
            return decode(file.read()) if size_of(file) <= MOST_BYTES else None
    except (OSError, Refused, ValueError, LookupError, ArithmeticError, RuntimeError):
        return None


# Encoding


@dataclass
class _Shared:
    """Values that several steps have: each is written once, and named by its place."""

    places: dict[Hashable, int] = field(default_factory=dict)
    values: list[object] = field(default_factory=list)

    def place(self, key: Hashable, value: object) -> int:
        if key not in self.places:
            self.places[key] = len(self.values)
            self.values.append(value)
        return self.places[key]


def encode(steps: Steps) -> bytes:
    """Return ``steps``, none of which opened a file, as bytes; of trainings their last weights are kept, no epochs."""
    arrays, weights, networks, data, archives = (_Shared() for _ in range(5))

    def place_of(held: Weights) -> int:
        layers = [[arrays.place(id(array), Tensor.of(array)) for array in one] for one in held.layers]
        return weights.place(held.version, layers)

    def data_of(held: Dataset) -> int:
        if not isinstance(held.origin, DataFile):
            return data.place(held.origin, _Data(held.origin))
        if id(held) in data.places:
            return data.places[id(held)]
        parts = [part for part in (held.points, held.labels, held.weights) if part is not None]
        places = [arrays.place(id(part), Tensor.of(part)) for part in parts]
        rows = b"" if held.file_rows is None else held.file_rows.tobytes()
        return data.place(id(held), _Data(None, held.origin, places, held.classes, held.shape, rows))

    def kept(step: Step) -> _Kept:
        model, archive = step.model, step.model.archive
        return _Kept(
            step.name,
            data_of(step.dataset),
            networks.place(id(model.network), model.network),
            place_of(model.initial),
            place_of(model.weights),
            None if archive is None else archives.place(id(archive), archive),
            step.x.tolist(),
            step.recipe,
        )

    undo, redo = [kept(step) for step in steps.undo], [kept(step) for step in steps.redo]
    shared = {"arrays": arrays, "weights": weights, "networks": networks, "data": data, "archives": archives}
    lists = {name: one.values for name, one in shared.items()}
    names = {"format": "byhand steps 5", "saved_as": steps.saved_as, "beginning": steps.beginning}
    return msgspec.msgpack.encode({**names, **lists, "undo": undo, "redo": redo})


def decode(data: bytes) -> Steps:
    """Return the steps in ``data``.

    Raises:
        Refused: a part does not fit the others.
        ValueError: it is no file of steps.
        IndexError: it names a part that it does not have.
    """
    try:
        whole: _Whole | _Before = msgspec.msgpack.decode(data, type=_Whole)
    except msgspec.ValidationError:
        whole = msgspec.msgpack.decode(data, type=_Before)
    networks = [_network(held) for held in whole.networks]
    arrays = [tensor.array() for tensor in whole.arrays]
    datasets = [_dataset(data, arrays) for data in whole.data]
    layers = [[tuple(_at(arrays, place) for place in one) for one in held] for held in whole.weights]
    made: dict[tuple[int, int], Weights] = {}

    def weights(network: int, place: int) -> Weights:
        if (network, place) not in made:
            made[network, place] = Weights.for_network(_at(networks, network), tuple(_at(layers, place)))
        return made[network, place]

    def step(kept: _Kept) -> Step:
        network, dataset = _at(networks, kept.network), _at(datasets, kept.data)
        archive = None if kept.archive is None else _at(whole.archives, kept.archive)
        first, last = weights(kept.network, kept.initial), weights(kept.network, kept.weights)
        model = Model(network, first, last, archive=archive)
        return Step(kept.name, dataset, model, _x(kept, network), kept.recipe, path=None, opened=False)

    return Steps(tuple(map(step, whole.undo)), tuple(map(step, whole.redo)), whole.beginning, whole.saved_as)


def _network(held: Network | _Chain) -> Network:
    """Return a network that can be calculated.

    Raises:
        Refused: it is none.
    """
    network = held if isinstance(held, Network) else _of_before(held)
    if network.written.stops:
        raise Refused(network.written.stops)
    return network


def _of_before(held: _Chain) -> Network:
    layers = [msgspec.convert(layer, LAYERS[layer["type"]]) for layer in held.layers]
    return Network.chain(held.inputs, layers, held.name, held.shape)


def _dataset(data: _Data, arrays: Sequence[KerasArray]) -> Dataset:
    if data.rule is not None:
        return generate(data.rule)
    points, labels, *weights = (_at(arrays, place) for place in data.arrays)
    rows = points.shape[:1]
    each = labels.ndim == 2 and labels.shape[:1] == rows and all(one.shape == rows for one in weights[:1])
    if data.file is None or points.ndim != 2 or not each or len(weights) > 1:
        raise Refused("expected labels, and perhaps a weight, for each point of a step's data, got others")
    require_size("a step's data", *points.shape)
    for part in (points, labels, *(weight[:, np.newaxis] for weight in weights)):
        require_held("a step's data", part, ())
    made = data_of(data.file, points, labels, weights[0] if weights else None, data.classes, data.shape)
    file_rows = np.frombuffer(data.file_rows, np.int64)
    if file_rows.size not in (0, len(made)):
        raise Refused(f"expected the places of {len(made):,} rows in their file, got {file_rows.size:,}")
    return replace(made, file_rows=file_rows) if file_rows.size else made


def _at(values: Sequence[T], place: int) -> T:
    if place < 0:
        raise IndexError(place)
    return values[place]


def _x(kept: _Kept, network: Network) -> Array:
    if len(kept.x) != network.inputs or not np.isfinite(kept.x).all():
        raise Refused(f"expected a point of {network.inputs} numbers in a step, got {len(kept.x)}")
    return point(kept.x)
