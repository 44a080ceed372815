"""A data set changed: rows typed, added, taken out and shuffled, noise added; each change makes a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.data.checks import require_held, require_size, require_weights
from core.data.dataset import DataFile, Dataset
from core.data.edits import Edits
from core.data.labelling import require_few
from core.data.makers import Nothing
from core.errors import Refused, require_between, shorten
from core.half_width import half_width
from core.model.initial import MAX_SEED
from core.model.literal import parse_number
from core.names import told_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray

    Cells = Mapping[int, str]
    """What was typed into some columns of a row."""

    Place = tuple[int, ...]

MADE = "made data"
"""What data are called that were made here and that a person changed."""

MAX_SIGMA = 1e6

NAME = 8
"""Columns of a label's name in the table."""


@dataclass(frozen=True, eq=False)
class Moved:
    """Where rows went: ``rows`` are the places that they had before, one for each row; None if they stayed."""

    rows: npt.NDArray[np.intp] | None = None

    def after(self, row: int) -> int | None:
        """Return where a row stands after the change, None if it is gone."""
        if self.rows is None:
            return row
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if found.size else None

    def before(self, row: int) -> int:
        """Return where a row stood before."""
        return row if self.rows is None else int(self.rows[row])


@dataclass(frozen=True, eq=False)
class Edited:
    """A change of data: what it is called, the data before and after, and where their rows went."""

    name: str
    before: Dataset
    after: Dataset
    moved: Moved


# Cells


def columns(dataset: Dataset) -> int:
    """Return how many numbers a row has: its inputs, its labels, its weight if there are any."""
    return dataset.inputs + int(dataset.labels.shape[1]) + (dataset.weights is not None)


def column_name(dataset: Dataset, column: int) -> str:
    """Return what a column of the table is called."""
    place, targets = column - dataset.inputs, dataset.labels.shape[1]
    if place < 0:
        names = _input_names(dataset)
        return names[column] if names else f"x{column + 1}"
    if place < targets:
        own = told_apart(dataset.origin.targets, NAME) if isinstance(dataset.origin, DataFile) else ()
        named = own if len(own) == targets else tuple(f"{number}" for number in range(1, targets + 1))
        return "label" if targets == 1 else f"label {named[place]}"
    return "weight"


def cell_text(dataset: Dataset, row: int, column: int) -> str:
    """Return a cell as it may be typed: a label that is a class by its name."""
    place = column - dataset.inputs
    if place < 0:
        return _text(dataset.points[row, column])
    if place < dataset.labels.shape[1]:
        label = dataset.labels[row, place]
        return dataset.classes[int(label)] if dataset.classes else _text(label)
    assert dataset.weights is not None
    return _text(dataset.weights[row])


def _text(value: np.float32) -> str:
    return str(value).removesuffix(".0")


def require_cell(dataset: Dataset, row: int, column: int, text: str) -> str:
    """Return what was typed into a cell, which can stand there.

    Raises:
        Refused: it can't.
    """
    if dataset.inputs <= column < dataset.inputs + dataset.labels.shape[1]:
        _label(dataset, text)
    else:
        value = _number(text, column_name(dataset, column))
        if column >= dataset.inputs and value < 0:
            raise Refused(
                f"expected a weight of 0 or more, got {value:g}; 0 leaves row {row + 1:,} out of the training"
            )
    return text


# Rows


def with_row_typed(dataset: Dataset, row: int, cells: Cells) -> Edited:
    """Return the change of what was typed into some cells of one row; a class that there was none of is a new one.

    Raises:
        Refused: something is no number, or none that can stand there.
    """
    after = _marked(_typed(dataset, row, cells), dataset, lambda edits: edits.with_changed(row))
    told = ", ".join(f"{column_name(dataset, at)} = {shorten(cell_text(after, row, at), 16)}" for at in cells)
    return Edited(f"row {row + 1:,}: {shorten(told, 48)}", dataset, after, Moved())


def with_row_added(dataset: Dataset, like: int, cells: Cells) -> Edited:
    """Return the change of a row more at the end: as row ``like`` is, but for what was typed into some cells.

    Raises:
        Refused: something is no number, or none that can stand there, or there would be too many rows.
    """
    require_size(_name(dataset), len(dataset) + 1, dataset.inputs)
    last, rows = len(dataset), np.append(np.arange(len(dataset)), like)
    longer = _picked(dataset, rows)
    if longer.file_rows is not None:
        longer.file_rows[last] = -1
    after = _marked(_typed(longer, last, cells), dataset, lambda edits: edits.with_added(last))
    return Edited(f"add row {last + 1:,}", dataset, after, Moved())


def _typed(dataset: Dataset, row: int, cells: Cells) -> Dataset:
    points: dict[Place, float] = {}
    labels: dict[Place, float] = {}
    weights: dict[Place, float] = {}
    classes = dataset
    for column, text in cells.items():
        place = column - dataset.inputs
        if place < 0:
            points[row, column] = _number(text, column_name(dataset, column))
        elif place < dataset.labels.shape[1]:
            labels[row, place], names = _label(classes, text)
            classes = replace(classes, classes=names)
        elif dataset.weights is not None:
            weights[(row,)] = _number(text, "weight")
    held = dataset.weights
    if held is not None and weights:
        held = _with(held, weights)
        require_weights(_name(dataset), held)
    return replace(classes, points=_with(dataset.points, points), labels=_with(dataset.labels, labels), weights=held)


def _with(array: KerasArray, typed: Mapping[Place, float]) -> KerasArray:
    """Return an array with other numbers in some places, the very one if there are none."""
    if not typed:
        return array
    changed = array.copy()
    for place, value in typed.items():
        changed[place] = value
    return _read_only(changed)


def _read_only(made: KerasArray) -> KerasArray:
    """Return an array that was just made here, read-only; a copy of a large one would take as long as the change."""
    made.setflags(write=False)
    return made


def _label(dataset: Dataset, text: str) -> tuple[float, tuple[str, ...]]:
    """Return a label that was typed as it is held, and the classes that there are with it."""
    if not dataset.classes:
        return _number(text, "label"), ()
    text = text.strip()
    if text in dataset.classes:
        return float(dataset.classes.index(text)), dataset.classes
    plain = _plain(text)
    alike = [place for place, name in enumerate(dataset.classes) if _plain(name) == plain]
    if len(alike) == 1:
        return float(alike[0]), dataset.classes
    if not text:
        raise Refused(f"expected a class, such as {shorten(dataset.classes[0])}, got nothing; type its name")
    require_few(_name(dataset), len(dataset.classes) + 1)
    # After the others, so that every other label stays what it is.
    return float(len(dataset.classes)), (*dataset.classes, text)


def _plain(name: str) -> str:
    return half_width(name).strip().casefold()


def _number(text: str, what: str) -> float:
    value = parse_number(text)
    with np.errstate(over="ignore"):
        if not np.isfinite(np.float32(value)):
            raise Refused(f"expected {what} as a number that float32 holds, got {value:g}; type a smaller one")
    return value


def without_rows(dataset: Dataset, rows: Sequence[int]) -> Edited:
    """Return the change of some rows taken out.

    Raises:
        Refused: none would be left, or none with a weight above 0.
    """
    if len(set(rows)) >= len(dataset):
        raise Refused("expected a row that stays, got all of them; leave one")
    kept = np.delete(np.arange(len(dataset)), list(rows))
    after = _marked(_picked(dataset, kept), dataset, lambda edits: edits.picked(kept, len(dataset)))
    name = f"row {rows[0] + 1:,}" if len(rows) == 1 else f"{len(rows):,} rows"
    return Edited(f"take out {name}", dataset, after, Moved(kept))


def shuffled(dataset: Dataset, seed: int) -> Edited:
    """Return the change of all rows to an order that ``seed`` draws.

    Raises:
        Refused: the seed is none.
    """
    require_between("a seed", seed, 0, MAX_SEED)
    rows = np.random.default_rng(seed).permutation(len(dataset))
    words = f"shuffled (seed {seed})"
    after = _marked(_picked(dataset, rows), dataset, lambda edits: edits.picked(rows, len(dataset)).with_whole(words))
    return Edited(f"shuffle, seed {seed}", dataset, after, Moved(rows))


def _picked(dataset: Dataset, rows: npt.NDArray[np.intp]) -> Dataset:
    weights = dataset.weights
    if weights is not None:
        require_weights(_name(dataset), weights[rows])
    held = None if weights is None else _read_only(weights[rows])
    points, labels = _read_only(dataset.points[rows]), _read_only(dataset.labels[rows])
    there = None if dataset.file_rows is None else dataset.file_rows[rows]
    return replace(dataset, points=points, labels=labels, weights=held, file_rows=there)


def with_noise(dataset: Dataset, sigma: float, seed: int) -> Edited:
    """Return the change of a normal error of standard deviation ``sigma`` added to every input; labels stay.

    Raises:
        Refused: sigma or seed is none, or a number would be larger than float32 holds.
    """
    if not 0 < sigma <= MAX_SIGMA:
        raise Refused(f"expected a standard deviation above 0, up to {MAX_SIGMA:g}, got {sigma:g}")
    require_between("a seed", seed, 0, MAX_SEED)
    noisy = np.random.default_rng(seed).standard_normal(dataset.points.shape)
    noisy *= sigma
    noisy += dataset.points
    points = require_held(_name(dataset), noisy, _input_names(dataset))
    words = f"noise {sigma:g} (seed {seed})"
    after = _marked(replace(dataset, points=_read_only(points)), dataset, lambda edits: edits.with_whole(words))
    return Edited(f"noise {sigma:g}, seed {seed}", dataset, after, Moved())


# Where they are from


def _marked(after: Dataset, before: Dataset, mark: Callable[[Edits], Edits]) -> Dataset:
    """Return the changed data as a person's own, whose origin says what was changed."""
    origin = before.origin
    if isinstance(origin, Nothing):
        raise Refused("expected rows to change, got none: there are no data")
    if not isinstance(origin, DataFile):
        note = f"before that {origin.drawn_in_words()}, seed {origin.seed}: {origin.in_words()}"
        origin = DataFile(MADE, note=note, made=origin)
    edits = mark(origin.edits or Edits())
    # A row that was added and taken out again leaves nothing to tell of.
    return replace(after, origin=msgspec.structs.replace(origin, edits=None if edits == Edits() else edits))


def _name(dataset: Dataset) -> str:
    return dataset.origin.name if isinstance(dataset.origin, DataFile) else MADE


def _input_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.origin.inputs if isinstance(dataset.origin, DataFile) else ()
