"""The parts of a journal as a session's values again: what they name is found, held against each other, and checked.

A journal is byhand's own file, but not trusted for that: nothing of it is run, and a model that was in it is read by
the same gate as any other when it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from core.arrays import fixed, point
from core.data.checks import data_of, require_held, require_size
from core.data.dataset import generate
from core.data.editing import Moved
from core.errors import Refused, shorten
from core.journal import parts
from core.journal.records import records
from core.limits import most
from core.model.keras_file import MAX_FILE
from core.model.weights import Weights
from core.reading import read_bytes
from core.saving import Stamp
from core.session.history import Growing, History, KeptWeights
from core.session.runs import named_by_end
from core.session.state import Model, Pinned, Run, Saved, State
from core.session.trail import Step, Steps
from core.training.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from core.arrays import Array
    from core.data.dataset import Dataset
    from core.model.between import Content
    from core.model.network import Network

T = TypeVar("T")
P = TypeVar("P", bound=parts.Part)

ENDED = "byhand ended before it did"
"""Why a training came to no end that was under way."""


@dataclass(frozen=True)
class Found:
    """The parts of a journal that are whole, and where the last of them ends."""

    held: list[parts.AnyPart] = field(default_factory=list)
    bulk: list[memoryview] = field(default_factory=list)
    end: int = 0

    @property
    def begun(self) -> parts.BegunPart | None:
        """Who wrote it; None if it is no journal."""
        first = self.held[0] if self.held else None
        return first if isinstance(first, parts.BegunPart) else None

    @property
    def path(self) -> Path | None:
        """The file that the session had open at last."""
        path = next((part.path for part in reversed(self.held) if isinstance(part, parts.AtPart)), None)
        return None if path is None else Path(path)

    @property
    def now(self) -> parts.NowPart | None:
        """Where the session stood at last; None if nothing of it was written."""
        return next((part for part in reversed(self.held) if isinstance(part, parts.NowPart)), None)

    @property
    def steps(self) -> parts.StepsPart | None:
        """The steps that were written last; None if none were."""
        return next((part for part in reversed(self.held) if isinstance(part, parts.StepsPart)), None)


def find(data: memoryview) -> Found:
    """Return the parts in ``data``, up to the first that is not whole or is none."""
    found, end = Found(), 0
    for record in records(data):
        try:
            part: parts.AnyPart = msgspec.msgpack.decode(record.part, type=parts.AnyPart)
        except (msgspec.MsgspecError, UnicodeDecodeError, Refused):
            break
        found.held.append(part)
        found.bulk.append(record.bulk)
        end = record.end
    return replace(found, end=end)


class Reader:
    """Makes values of the parts that were found; each is made once, however often it is named.

    Every method raises ``Refused`` where a part does not fit the others.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._made: dict[object, Any] = {}
        # The trainings that were under way when the journal ended.
        self._cut_short: set[object] = set()

    def state(self) -> tuple[State, Steps]:
        """Return where the session stood at last, and its steps.

        Raises:
            Refused: nothing of it was written, or a part does not fit the others.
        """
        now = self._found.now
        if now is None:
            raise Refused("expected a session in the journal, got none that is whole; throw it away")
        dataset, steps = self._dataset(now.data), self.steps(self._part(now.steps, parts.StepsPart))
        model, steps = self._cut_off(self._model(now.model), steps)
        last = steps.undo[-1] if steps.undo else None
        state = State(
            dataset,
            model,
            now.recipe,
            self._x(now.x, model.network),
            row=now.row if now.row is None or now.row < len(dataset) else None,
            given=now.given,
            path=None if now.path is None else Path(now.path),
            files={Path(one.path): self._in_file(one) for one in now.files},
            before=None if last is None or last.opened else last.model,
            previous=None if now.previous is None else self._training(now.previous),
            saved_data=None if now.saved_data is None else self._dataset(now.saved_data),
            pinned=tuple(map(self._pinned, now.pinned)),
            done=tuple(step.name for step in steps.undo),
            undone=tuple(step.name for step in steps.redo),
        )
        return state, steps

    def steps(self, held: parts.StepsPart) -> Steps:
        """Return steps back and forth.

        Raises:
            Refused: a part does not fit the others.
        """
        undo, redo = tuple(map(self._step, held.undo)), tuple(map(self._step, held.redo))
        return Steps(undo, redo, held.beginning, held.saved_as)

    def _cut_off(self, model: Model, steps: Steps) -> tuple[Model, Steps]:
        """Return a model and the steps to it as they are after the end of a training that was under way."""
        if model.run is None or model.run.identity not in self._cut_short or not steps.undo:
            return model, steps
        *before, last = steps.undo
        if model.run.epochs <= model.run.since:
            return last.model, replace(steps, undo=tuple(before))
        return model, replace(steps, undo=(*before, replace(last, name=named_by_end(last.name, model.run))))

    def _part(self, place: int, kind: type[P]) -> P:
        part = self._found.held[place] if place < len(self._found.held) else None
        if not isinstance(part, kind):
            raise Refused(f"expected {kind.__name__} at place {place} of the journal, got another; throw it away")
        return part

    def _once(self, key: object, make: Callable[[], T]) -> T:
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    # Arrays

    def _array(self, place: int) -> npt.NDArray[Any]:
        return self._once(("array", place), lambda: self._new_array(place))

    def _new_array(self, place: int) -> npt.NDArray[Any]:
        changes, base = list[int](), place
        # Not by calls within calls: a thousand edits are a thousand changes.
        while ("array", base) not in self._made and isinstance(self._found.held[base], parts.ChangedPart):
            changes.append(base)
            base = self._before(base)
        array = self._array(base) if base != place else self._whole(place)
        if not changes:
            return array
        array = array.copy()
        for change in reversed(changes):
            self._change(array, change)
        return fixed(array)

    def _before(self, place: int) -> int:
        of = self._part(place, parts.ChangedPart).of
        if of >= place:
            raise Refused("expected a change of an earlier array in the journal, got one of a later; throw it away")
        return of

    def _change(self, array: npt.NDArray[Any], place: int) -> None:
        part, bulk = self._part(place, parts.ChangedPart), self._found.bulk[place]
        if len(bulk) != part.count * (8 + array.itemsize):
            raise Refused("expected a place for each changed number in the journal, got others; throw it away")
        places = np.frombuffer(bulk[: 8 * part.count], "<i8")
        if part.count and not (places.min() >= 0 and places.max() < array.size):
            raise Refused("expected changed numbers within their array in the journal, got others; throw it away")
        array.reshape(-1)[places] = np.frombuffer(bulk[8 * part.count :], array.dtype)

    def _whole(self, place: int) -> npt.NDArray[Any]:
        part = self._found.held[place] if place < len(self._found.held) else None
        if isinstance(part, parts.WithinPart):
            content, kind, start = self._file(part.file), "<f4", part.start
        else:
            part = self._part(place, parts.ArrayPart)
            content, kind, start = self._found.bulk[place], part.dtype, 0
        size = prod(part.shape)
        if len(content) < start + size * np.dtype(kind).itemsize:
            raise Refused("expected all numbers of an array in the journal, got fewer; throw it away")
        array = np.frombuffer(content, kind, size, start).reshape(part.shape)
        # In the file it stands as the file that is kept with it does.
        return array if isinstance(part, parts.WithinPart) else fixed(array.copy())

    def _numbers(self, place: int, kind: str, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
        """Return an array of a type, and of a shape in which None is any size."""
        array = self._array(place)
        sizes = zip(array.shape, shape, strict=False)
        fits = array.ndim == len(shape) and all(wanted in (None, size) for size, wanted in sizes)
        if array.dtype != np.dtype(kind) or not fits:
            raise Refused(f"expected {kind} numbers of {shape} in the journal, got {array.dtype}; throw it away")
        return array

    # What is made of arrays

    def _network(self, place: int) -> Network:
        network = self._part(place, parts.DescriptionPart).network
        if network.written.stops:
            raise Refused(network.written.stops)
        return network

    def _weights(self, network: int, place: int) -> Weights:
        def make() -> Weights:
            layers = self._part(place, parts.WeightsPart).layers
            fitting = Weights.for_network(self._network(network), [list(map(self._array, one)) for one in layers])
            # A network with other layers frozen has the very same weights.
            return self._once(("weights", place), lambda: fitting)

        return self._once(("weights", network, place), make)

    def _model(self, place: int) -> Model:
        return self._once(("model", place), lambda: self._new_model(self._part(place, parts.ModelPart)))

    def _new_model(self, part: parts.ModelPart) -> Model:
        file = None if part.file is None else self._file(part.file)
        initial, weights = self._weights(part.network, part.initial), self._weights(part.network, part.weights)
        run = None if part.training is None else self._training(part.training)
        model = Model(self._network(part.network), initial, weights, run, archive=file)
        shapes = [[array.shape for array in one] for one in weights.layers]
        if run is None or shapes != [[array.shape[1:] for array in one] for one in run.kept.stacked]:
            return replace(model, run=None)
        known = part.epoch is not None and run.kept.has(part.epoch, weights)
        return replace(model, epoch=part.epoch if known else None)

    def _file(self, place: int) -> Content:
        return self._once(("file", place), lambda: self._new_file(place))

    def _new_file(self, place: int) -> Content:
        if place < len(self._found.held) and isinstance(self._found.held[place], parts.OpenedFilePart):
            return bytes(self._found.bulk[place])
        part = self._part(place, parts.FileElsewherePart)
        path = Path(part.path)
        content = read_bytes(path, "the file that this session began from", most(MAX_FILE))
        if blake2b(content, digest_size=32).digest() != part.digest:
            raise Refused(
                f"expected {shorten(path.name)} as it was when it was opened, got another file: it is too large to be "
                "kept with the session; put the file back that it was"
            )
        return content

    def _dataset(self, place: int) -> Dataset:
        return self._once(("dataset", place), lambda: self._new_dataset(place))

    def _new_dataset(self, place: int) -> Dataset:
        part = self._found.held[place] if place < len(self._found.held) else None
        if isinstance(part, parts.MadePart):
            return generate(part.origin)
        part = self._part(place, parts.DataPart)
        points = self._numbers(part.points, "<f4", (None, None))
        require_size("the journal's data", *points.shape)
        labels = self._numbers(part.labels, "<f4", (len(points), None))
        weights = None if part.weights is None else self._numbers(part.weights, "<f4", (len(points),))
        for array in (points, labels, *([] if weights is None else [weights[:, np.newaxis]])):
            require_held("the journal's data", array, ())
        made = data_of(part.file, points, labels, weights, part.classes, part.shape)
        rows = None if part.file_rows is None else self._numbers(part.file_rows, "<i8", (len(points),))
        return replace(made, file_rows=rows)

    def _training(self, place: int) -> Run:
        return self._once(("training", place), lambda: self._new_training(place))

    def _new_training(self, place: int) -> Run:
        chain = [self._part(place, parts.TrainingPart)]
        while (before := chain[-1].after) is not None:
            if before >= place:
                raise Refused("expected a training after an earlier one in the journal, got a later; throw it away")
            place = before
            chain.append(self._part(place, parts.TrainingPart))
        chain.reverse()
        last = chain[-1]
        history = self._history(chain)
        kept = self._kept_weights(chain, history.best)
        dataset = None if last.data is None else self._dataset(last.data)
        identity = self._once(("identity", place), object)
        run = Run(
            last.recipe, kept, history, last.seconds, False, None, last.stopped, last.method, last.reason, dataset,
            last.compiling, identity=identity, since=last.since, standing=self._standing(last.standing),
        )  # fmt: skip
        if not last.running:
            return run
        self._cut_short.add(identity)
        return run.ended(last.seconds, stopped=True, reason=ENDED)

    def _standing(self, place: int | None) -> Standing | None:
        if place is None:
            return None
        self._part(place, parts.StandingPart)
        return self._once(("standing", place), lambda: _decoded(self._found.bulk[place]))

    def _history(self, chain: list[parts.TrainingPart]) -> History:
        names = next((list(part.columns) for part in reversed(chain) if part.columns), [])
        columns = {
            name: np.concatenate(
                [self._numbers(part.columns[name], "<f8", (None,)) for part in chain if name in part.columns]
            )
            for name in names
        }
        if len({len(column) for column in columns.values()}) > 1:
            raise Refused("expected as many of each number of a training's epochs, got others; throw it away")
        return History(columns)

    def _kept_weights(self, chain: list[parts.TrainingPart], best: int) -> KeptWeights:
        epochs = np.concatenate([self._numbers(part.epochs, "<i8", (None,)) for part in chain])
        if not len(epochs) or epochs[0] != 0 or (np.diff(epochs) <= 0).any():
            raise Refused("expected the epochs of a training in order from 0, got others; throw it away")
        if len({tuple(map(len, part.stacked)) for part in chain}) > 1:
            raise Refused("expected the same layers after each epoch of a training, got others; throw it away")

        def together(layer: int, array: int) -> Growing:
            pieces = [self._array(part.stacked[layer][array]) for part in chain]
            counts = [len(self._array(part.epochs)) for part in chain]
            alike = {(piece.dtype, piece.shape[1:]) for piece in pieces} == {(np.dtype("<f4"), pieces[0].shape[1:])}
            if not alike or [piece.shape[:1] for piece in pieces] != [(count,) for count in counts]:
                raise Refused("expected weights after each epoch of a training, got others; throw it away")
            return Growing(np.concatenate(pieces))

        layers = enumerate(chain[0].stacked)
        arrays = tuple(tuple(together(layer, array) for array in range(len(one))) for layer, one in layers)
        return KeptWeights(epochs, arrays, chain[-1].budget).thinned(best)

    def _pinned(self, pinned: parts.PinnedTraining) -> Pinned:
        run = self._training(pinned.training)
        return Pinned(shorten(pinned.name), self._dataset(pinned.data), self._model(pinned.model), run)

    def _in_file(self, held: parts.InFile) -> Saved:
        stamp = None if held.stamp is None else Stamp(*held.stamp)
        network, weights = self._network(held.network), self._weights(held.network, held.weights)
        return Saved(network, weights, stamp, held.recipe)

    def _step(self, place: int) -> Step:
        return self._once(("step", place), lambda: self._new_step(self._part(place, parts.StepPart)))

    def _new_step(self, part: parts.StepPart) -> Step:
        model, dataset = self._model(part.model), self._dataset(part.data)
        x, path = self._x(part.x, model.network), None if part.path is None else Path(part.path)
        moved = None if part.moved is None else self._moved(part.moved)
        return Step(part.name, dataset, model, x, part.recipe, path, part.opened, moved)

    def _moved(self, place: int) -> Moved:
        rows = self._part(place, parts.RowsPart).places
        return Moved(None if rows is None else self._numbers(rows, "<i8", (None,)))

    def _x(self, place: int, network: Network) -> Array:
        x = self._numbers(place, "<f8", (network.inputs,))
        if not np.isfinite(x).all():
            raise Refused("expected a point of finite numbers in the journal, got others; throw it away")
        # The same point is the same row, by which the row in hand stays in hand.
        return self._once(("x", place), lambda: point(x))


def _decoded(bulk: memoryview) -> Standing | None:
    """Return where a training stood; None as another version wrote it: the training begins that anew, and says so."""
    try:
        return msgspec.msgpack.decode(bulk, type=Standing)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
