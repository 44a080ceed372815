"""A data set changed: cells typed, rows added, taken out and shuffled, noise added; each change makes a new one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data.checks import require_held, require_size, require_weights
from core.data.dataset import DataFile, Dataset
from core.data.labelling import require_few
from core.errors import Refused, require_between, shorten
from core.formatting import count
from core.model.initial import MAX_SEED
from core.model.literal import parse_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


EDITED = "edited"
MADE = "made data"
"""What data are called that a rule made and a person changed."""

MAX_SIGMA = 1e6


def columns(dataset: Dataset) -> int:
    """Return how many numbers a row has: its inputs, its labels, its weight if there are any."""
    return dataset.inputs + int(dataset.labels.shape[1]) + (dataset.weights is not None)


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


def with_cell(dataset: Dataset, row: int, column: int, text: str) -> Dataset:
    """Return the data with what was typed into one cell; a class that there was none of yet is a new one.

    Raises:
        Refused: it is no number, or none that can stand there.
    """
    place = column - dataset.inputs
    if place < 0:
        return with_number(dataset, row, column, parse_number(text))
    if place < dataset.labels.shape[1]:
        return with_label(dataset, row, text, place)
    assert dataset.weights is not None
    weights = dataset.weights.copy()
    weights[row] = _number(text, f"the weight of row {row + 1:,}")
    require_weights(_name(dataset), weights)
    return replace(_edited(dataset), weights=frozen(weights))


def with_number(dataset: Dataset, row: int, column: int, value: float) -> Dataset:
    """Return the data with another number in an input of one row.

    Raises:
        Refused: float32 does not hold it.
    """
    held = require_held(_name(dataset), np.array([[value]]), (_input_name(dataset, column),), row)
    points = dataset.points.copy()
    points[row, column] = held[0, 0]
    return replace(_edited(dataset), points=frozen(points))


def with_label(dataset: Dataset, row: int, text: str, column: int = 0) -> Dataset:
    """Return the data with another label of one row: a number, or a class by its name.

    Raises:
        Refused: it is neither, or there would be too many classes.
    """
    value, classes = _label(dataset, text.strip())
    labels = dataset.labels.copy()
    labels[row, column] = value
    return replace(_edited(dataset), labels=frozen(labels), classes=classes)


def _label(dataset: Dataset, text: str) -> tuple[float, tuple[str, ...]]:
    """Return a label that was typed as it is held, and the classes that there are with it."""
    if not dataset.classes:
        return _number(text, "a label"), ()
    if text in dataset.classes:
        return float(dataset.classes.index(text)), dataset.classes
    alike = [place for place, name in enumerate(dataset.classes) if name.casefold() == text.casefold()]
    if len(alike) == 1:
        return float(alike[0]), dataset.classes
    if not text:
        raise Refused(f"expected a class, such as {shorten(dataset.classes[0])}, got nothing; type its name")
    require_few(_name(dataset), len(dataset.classes) + 1)
    # After the others, so that every other label stays what it is.
    return float(len(dataset.classes)), (*dataset.classes, text)


def _number(text: str, what: str) -> float:
    try:
        value = parse_number(text)
    except Refused as refusal:
        raise Refused(f"{what}: {refusal}") from None
    with np.errstate(over="ignore"):
        if not np.isfinite(np.float32(value)):
            raise Refused(f"expected {what} as a number that float32 holds, got {value:g}; type a smaller one")
    return value


CELLS = re.compile(r"\s*[;\t]\s*")


def with_row(dataset: Dataset, text: str) -> Dataset:
    """Return the data with a row more at their end: inputs, labels and weight as they stand in the table.

    Cells are separated by commas, or by semicolons or tabs.

    Raises:
        Refused: there are more or fewer, or one is none that can stand there.
    """
    cells = CELLS.split(text.strip()) if re.search(r"[;\t]", text) else [cell.strip() for cell in text.split(",")]
    wanted = columns(dataset)
    if len(cells) != wanted:
        raise Refused(f"expected {count(wanted, 'cell')}, as the other rows have, got {len(cells):,}; type as many")
    require_size(_name(dataset), len(dataset) + 1, dataset.inputs)
    longer = Dataset(
        frozen(np.vstack([dataset.points, dataset.points[-1:]])),
        frozen(np.vstack([dataset.labels, dataset.labels[-1:]])),
        dataset.origin,
        None if dataset.weights is None else frozen(np.append(dataset.weights, dataset.weights[-1:])),
        dataset.classes,
        dataset.shape,
    )
    for column, cell in enumerate(cells):
        longer = with_cell(longer, len(dataset), column, cell)
    return longer


def without_rows(dataset: Dataset, rows: Sequence[int]) -> Dataset:
    """Return the data without some rows.

    Raises:
        Refused: none would be left.
    """
    if len(set(rows)) >= len(dataset):
        raise Refused("expected a row that stays, got all of them; leave one")
    return _picked(dataset, np.delete(np.arange(len(dataset)), list(rows)))


def shuffled(dataset: Dataset, seed: int) -> Dataset:
    """Return the data with their rows in an order that ``seed`` draws.

    Raises:
        Refused: the seed is none.
    """
    require_between("a seed", seed, 0, MAX_SEED)
    return _picked(dataset, np.random.default_rng(seed).permutation(len(dataset)))


def _picked(dataset: Dataset, rows: npt.NDArray[np.intp]) -> Dataset:
    weights = dataset.weights
    if weights is not None:
        require_weights(_name(dataset), weights[rows])
    edited = _edited(dataset)
    held = None if weights is None else frozen(weights[rows])
    return replace(edited, points=frozen(dataset.points[rows]), labels=frozen(dataset.labels[rows]), weights=held)


def with_noise(dataset: Dataset, sigma: float, seed: int) -> Dataset:
    """Return the data with a normal error of standard deviation ``sigma`` added to every input; labels stay.

    Raises:
        Refused: sigma or seed is none, or a number would be larger than float32 holds.
    """
    if not 0 < sigma <= MAX_SIGMA:
        raise Refused(f"expected a standard deviation above 0, up to {MAX_SIGMA:g}, got {sigma:g}")
    require_between("a seed", seed, 0, MAX_SEED)
    errors = np.random.default_rng(seed).standard_normal(dataset.points.shape)
    points = require_held(_name(dataset), dataset.points + sigma * errors, _input_names(dataset))
    return replace(_edited(dataset), points=frozen(points))


def _edited(dataset: Dataset) -> Dataset:
    """Return the data as a person's own, changed."""
    origin = dataset.origin if isinstance(dataset.origin, DataFile) else DataFile(MADE)
    if EDITED in origin.note.split("; "):
        return replace(dataset, origin=origin)
    note = f"{origin.note}; {EDITED}" if origin.note else EDITED
    return replace(dataset, origin=DataFile(origin.name, origin.inputs, origin.targets, note))


def _name(dataset: Dataset) -> str:
    return dataset.origin.name if isinstance(dataset.origin, DataFile) else MADE


def _input_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.origin.inputs if isinstance(dataset.origin, DataFile) else ()


def _input_name(dataset: Dataset, column: int) -> str:
    names = _input_names(dataset)
    return names[column] if names else f"x{column + 1}"
