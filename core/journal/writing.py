"""A session's values as the parts of a journal: each once, named by its place wherever else it stands."""

from __future__ import annotations

import time
import weakref
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from core.data.dataset import DataFile
from core.errors import Refused
from core.journal import parts
from core.journal.records import framed
from core.reading import open_file, size_of
from core.saving import PIECE, stamp_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from core.data.dataset import Dataset
    from core.data.editing import Moved
    from core.journal.records import Bytes
    from core.model.between import Content
    from core.model.network import Network
    from core.model.weights import Weights
    from core.saving import Stamp
    from core.session.state import Model, Pinned, Run, Saved, State
    from core.session.trail import Step, Steps

    Numbers = npt.NDArray[np.generic]

LARGE_FILE = 64 << 20
"""Bytes of an opened file from which on it is named, not copied, as long as it is as it was."""

SMALL_ARRAY = 64
"""Numbers of an array up to which it is written whole: what of it changed would not be shorter by much."""


SMALL_STANDING = 1 << 20
"""Bytes up to which it is written of a training under way where that stands beside its weights."""


class Moment(NamedTuple):
    """A session as it stands: which file it has ``opened``, and what no file has of it, in words.

    ``beside`` gives the bytes of what else there is.
    """

    state: State
    steps: Steps
    opened: Path | None
    unsaved: str
    beside: Mapping[str, Callable[[], bytes]] = {}


class _Trained(NamedTuple):
    """How much of a training stands in the journal, and where its last part does."""

    place: int
    epochs: int
    kept: int


class _File(NamedTuple):
    """What was in a file that was opened, its place, and where and as what it still is if it was not copied."""

    content: Content
    place: int
    path: Path | None
    stamp: Stamp | None


class Writer:
    """Makes parts of values and hands their bytes to ``write``; what it has written it knows again while it lives."""

    def __init__(self, write: Callable[[Sequence[Bytes]], None]) -> None:
        self._write = write
        self._count = 0
        # By identity; a reference that is dead says that the identity is another value's by now.
        self._places: dict[int, tuple[weakref.ref[object], int]] = {}
        self._networks: dict[Network, int] = {}
        self._files: dict[int, _File] = {}
        self._trainings: dict[object, _Trained] = {}
        # The last of each shape, of which the next one is likely to be a change.
        self._weights: weakref.WeakValueDictionary[object, Weights] = weakref.WeakValueDictionary()
        self._data: weakref.WeakValueDictionary[object, Dataset] = weakref.WeakValueDictionary()

    def put(self, part: parts.Part, bulk: Sequence[Bytes] = ()) -> int:
        """Write a part, and return its place."""
        self._write(framed(msgspec.msgpack.encode(part), bulk))
        self._count += 1
        return self._count - 1

    def now(self, moment: Moment) -> None:
        """Write where a session stands."""
        state = moment.state
        self._forget_dead()
        self.put(
            parts.NowPart(
                time=time.time(),
                unsaved=moment.unsaved,
                model=self._model(state.model, state.path),
                data=self._dataset(state.dataset),
                recipe=state.recipe,
                x=self._array(state.x),
                row=state.row,
                given=state.given,
                path=None if state.path is None else _whole(state.path),
                files=tuple(self._in_file(path, held) for path, held in state.files.items()),
                previous=None if state.previous is None else self._training(state.previous),
                saved_data=None if state.saved_data is None else self._dataset(state.saved_data),
                pinned=tuple(self._pinned(one, state.path) for one in state.pinned),
                steps=self.steps(moment.steps),
                beside={name: made() for name, made in moment.beside.items()},
            )
        )

    def _in_file(self, path: Path, held: Saved) -> parts.InFile:
        network, weights = self._network(held.network), self._weights_of(held.weights)
        return parts.InFile(_whole(path), network, weights, held.stamp, held.recipe)

    def steps(self, steps: Steps) -> int:
        """Write steps; those that are written already are named alone."""
        undo, redo = tuple(map(self._step, steps.undo)), tuple(map(self._step, steps.redo))
        return self.put(parts.StepsPart(undo, redo, steps.beginning, steps.saved_as))

    def _once(self, value: object, make: Callable[[], int]) -> int:
        """Return the place of ``value``, which ``make`` writes if it is not there yet."""
        found = self._places.get(id(value))
        if found is not None and found[0]() is value:
            return found[1]
        place = make()
        self._places[id(value)] = weakref.ref(value), place
        return place

    def _forget_dead(self) -> None:
        self._places = {key: found for key, found in self._places.items() if found[0]() is not None}

    # Arrays

    def _array(self, array: Numbers, like: Numbers | None = None, file: int | None = None) -> int:
        """Write an array; what it is ``like`` and the file it may stand in are written already."""
        return self._once(array, lambda: self._new_array(array, like, file))

    def _new_array(self, array: Numbers, like: Numbers | None, file: int | None) -> int:
        if file is not None and (start := self._start_in_file(array, file)) is not None:
            return self.put(parts.WithinPart(file, start, array.shape))
        known = None if like is None else self._places.get(id(like))
        if known is not None and like is not None and (changes := _changes(like, array)) is not None:
            return self.put(parts.ChangedPart(known[1], len(changes[0])), [part.tobytes() for part in changes])
        kind = parts.TYPES[array.dtype.str]
        plain = np.ascontiguousarray(array, kind).reshape(-1)
        return self.put(parts.ArrayPart(kind, array.shape), [plain.view(np.uint8).data] if plain.size else [])

    def _start_in_file(self, array: Numbers, file: int) -> int | None:
        """Return at which byte of a written file an array stands; None if it doesn't."""
        content = next(one.content for one in self._files.values() if one.place == file)
        if array.dtype != np.dtype("<f4") or not array.flags.c_contiguous or not len(content):
            return None
        first = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
        start = int(array.__array_interface__["data"][0]) - int(first)
        return start if 0 <= start <= len(content) - array.nbytes else None

    # What is made of arrays

    def _network(self, network: Network) -> int:
        if network not in self._networks:
            self._networks[network] = self.put(parts.DescriptionPart(network))
        return self._networks[network]

    def _weights_of(self, weights: Weights, file: int | None = None) -> int:
        return self._once(weights, lambda: self._new_weights(weights, file))

    def _new_weights(self, weights: Weights, file: int | None) -> int:
        shapes = tuple(tuple(array.shape for array in arrays) for arrays in weights.layers)
        before = self._weights.get(shapes, weights)
        self._weights[shapes] = weights
        layers = tuple(
            tuple(self._array(array, like, file) for array, like in zip(arrays, likes, strict=True))
            for arrays, likes in zip(weights.layers, before.layers, strict=True)
        )
        return self.put(parts.WeightsPart(layers))

    def _model(self, model: Model, path: Path | None) -> int:
        return self._once(model, lambda: self._new_model(model, path))

    def _new_model(self, model: Model, path: Path | None) -> int:
        file = None if model.archive is None else self._file(model.archive, path)
        initial = self._weights_of(model.initial, file)
        weights = self._weights_of(model.weights, file)
        training = None if model.run is None else self._training(model.run)
        return self.put(parts.ModelPart(self._network(model.network), initial, weights, training, model.epoch, file))

    def _file(self, content: Content, path: Path | None) -> int:
        """Write what is in a file that was opened, from ``path`` if that is known."""
        if id(content) not in self._files:
            there = path if path is not None and len(content) > LARGE_FILE and _has(path, content) else None
            if there is None:
                place = self.put(parts.OpenedFilePart(), [content])
            else:
                place = self.put(parts.FileElsewherePart(_whole(there), _digest(content)))
            self._files[id(content)] = _File(content, place, there, None if there is None else stamp_at(there))
        return self._files[id(content)].place

    @property
    def outdated(self) -> bool:
        """Whether a file that is named in the journal, and not copied, is another one by now."""
        return any(file.path is not None and stamp_at(file.path) != file.stamp for file in self._files.values())

    def _dataset(self, dataset: Dataset) -> int:
        return self._once(dataset, lambda: self._new_dataset(dataset))

    def _new_dataset(self, dataset: Dataset) -> int:
        origin = dataset.origin
        if not isinstance(origin, DataFile):
            return self.put(parts.MadePart(origin))
        shapes = dataset.points.shape, dataset.labels.shape
        like, rows = self._data.get(shapes, dataset), dataset.file_rows
        self._data[shapes] = dataset
        return self.put(
            parts.DataPart(
                origin,
                self._array(dataset.points, like.points),
                self._array(dataset.labels, like.labels),
                None if dataset.weights is None else self._array(dataset.weights),
                dataset.classes,
                dataset.shape,
                None if rows is None else self._array(rows),
            )
        )

    def _training(self, run: Run) -> int:
        return self._once(run, lambda: self._new_training(run))

    def _new_training(self, run: Run) -> int:
        before = self._trainings.get(run.identity)
        new = run.kept.epochs > (-1 if before is None else before.kept)
        first = 0 if before is None else before.epochs
        columns = {name: self._array(column[first:]) for name, column in run.history.columns.items()}
        stacked = tuple(tuple(self._array(array[new]) for array in layer) for layer in run.kept.stacked)
        place = self.put(
            parts.TrainingPart(
                None if before is None else before.place,
                run.recipe,
                None if run.dataset is None else self._dataset(run.dataset),
                columns,
                self._array(run.kept.epochs[new]),
                stacked,
                run.kept.budget,
                run.seconds,
                run.running,
                run.stopped,
                run.method,
                run.reason,
                run.compiling,
                self._standing(run),
                run.since,
            )
        )
        self._trainings[run.identity] = _Trained(place, run.epochs, run.kept.last)
        return place

    def _standing(self, run: Run) -> int | None:
        """Write where a training stands: of one under way, which writes it each time, only if it is small."""
        standing = run.standing
        if standing is None or (run.running and standing.size > SMALL_STANDING):
            return None
        return self._once(standing, lambda: self.put(parts.StandingPart(), [msgspec.msgpack.encode(standing)]))

    def _pinned(self, pinned: Pinned, path: Path | None) -> parts.PinnedTraining:
        data, model = self._dataset(pinned.dataset), self._model(pinned.model, path)
        return parts.PinnedTraining(pinned.name, data, model, self._training(pinned.run))

    def _step(self, step: Step) -> int:
        return self._once(step, lambda: self._new_step(step))

    def _new_step(self, step: Step) -> int:
        return self.put(
            parts.StepPart(
                step.name,
                self._dataset(step.dataset),
                self._model(step.model, step.path),
                self._array(step.x),
                step.recipe,
                None if step.path is None else _whole(step.path),
                step.opened,
                None if step.moved is None else self._moved(step.moved),
            )
        )

    def _moved(self, moved: Moved) -> int:
        return self.put(parts.RowsPart(None if moved.rows is None else self._array(moved.rows)))


def _whole(path: Path) -> str:
    """Return a path that leads to the same file from every folder, its links as they are."""
    try:
        return str(path.absolute())
    except OSError:
        # The working folder was deleted.
        return str(path)


def _digest(content: Content) -> bytes:
    return blake2b(content, digest_size=32).digest()


def _has(path: Path, content: Content) -> bool:
    """Say whether the file at ``path`` has ``content``, nothing else."""
    try:
        with open_file(path, "a model file") as file:
            return size_of(file) == len(content) and all(
                file.read(PIECE) == content[start : start + PIECE] for start in range(0, len(content), PIECE)
            )
    except (OSError, ValueError, Refused):
        return False


def _changes(old: Numbers, new: Numbers) -> tuple[npt.NDArray[np.int64], Numbers] | None:
    """Return the places in C order of the numbers that changed, and what they are now; None if that is no less."""
    if old.shape != new.shape or old.dtype != new.dtype or new.size <= SMALL_ARRAY:
        return None
    # Bit for bit: NaN is NaN, and -0 is not 0.
    bits = f"u{new.itemsize}"
    places = np.flatnonzero(np.ascontiguousarray(old).view(bits) != np.ascontiguousarray(new).view(bits))
    if len(places) * (8 + new.itemsize) > new.nbytes // 2:
        return None
    return places.astype(np.int64), new.reshape(-1)[places]
