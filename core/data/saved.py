"""A data set as a file: ``.npz`` for NumPy, with the rule that made it, or ``.csv`` for everything else."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.data.array_file import CLASSES, INPUT_NAMES, RULE, TARGET_NAMES
from core.data.cells import is_missing
from core.data.dataset import DataFile
from core.data.labelling import in_order
from core.data.roles import CLASS, INDEX, INPUT, LABEL, LABELS, NUMBERED, WEIGHTS, mark_of
from core.data.roles import CLASSES as CLASSES_OF
from core.data.shapes import names_of
from core.errors import Refused, shorten
from core.no_formula import in_a_cell, is_formula
from core.saving import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.data.dataset import Dataset

NUMBERS_AT_ONCE = 100_000
"""How many numbers are turned into text at once: NumPy takes 128 bytes for each."""


def save_data(path: Path, dataset: Dataset) -> None:
    """Save ``dataset`` at ``path`` in the format that its suffix names; ``open_data`` gives it back as it is.

    Raises:
        Refused: another suffix than ``.npz`` or ``.csv``, or the file can't be written there.
    """
    if not len(dataset):
        raise Refused("expected data to save, got none; leave their name empty")
    match path.suffix:
        case ".npz":
            write_whole(path, _npz(dataset))
        case ".csv":
            write_whole(path, _csv(dataset))
        case _:
            raise Refused(f"expected a name that ends in .npz or .csv, got {shorten(path.name)!r}")


def _npz(dataset: Dataset) -> bytes:
    """Return ``points``, ``labels``, ``weights``, names and a ``rule`` as JSON: those that there are."""
    arrays: dict[str, Any] = {"points": dataset.points.reshape(len(dataset), *(dataset.shape or (dataset.inputs,)))}
    if dataset.labels.shape[1]:
        arrays["labels"] = dataset.labels
    if dataset.weights is not None:
        arrays["weights"] = dataset.weights
    match dataset.origin:
        case DataFile() as file:
            names = {CLASSES: dataset.classes, INPUT_NAMES: file.inputs, TARGET_NAMES: file.targets}
            arrays |= {name: np.array(held, str) for name, held in names.items() if held}
        case maker:
            arrays[RULE] = np.array(msgspec.json.encode(maker).decode())
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _csv(dataset: Dataset) -> bytes:
    """Return a row for each point; every number as the shortest text that gives back the same float32."""
    header = [*_input_names(dataset), *_label_names(dataset)]
    parts = [_line([*header, "weight"] if dataset.weights is not None else header)]
    write = _rows_of_names if dataset.classes else _rows_of_numbers
    rows = max(1, NUMBERS_AT_ONCE // len(header))
    for start in range(0, len(dataset), rows):
        parts.extend(write(dataset, slice(start, start + rows)))
    return "".join(parts).encode()


def _rows_of_numbers(dataset: Dataset, rows: slice) -> list[str]:
    labels = dataset.labels[rows]
    columns = [_text(dataset.points[rows]), _text(labels)]
    if not labels.shape[1]:
        columns[1] = np.full((len(labels), 1), "")
    if dataset.weights is not None:
        columns.append(_text(dataset.weights[rows, np.newaxis]))
    return [",".join(row) + "\n" for row in np.hstack(columns).tolist()]


def _rows_of_names(dataset: Dataset, rows: slice) -> list[str]:
    cells = list(map(in_a_cell, dataset.classes))
    names = [cells[int(place)] for place in dataset.labels[rows, 0]]
    columns: list[Any] = [*_text(dataset.points[rows]).T.tolist(), names]
    if dataset.weights is not None:
        columns.append(_text(dataset.weights[rows]).tolist())
    return [_line(list(row)) for row in zip(*columns, strict=True)]


def _text(numbers: np.ndarray) -> np.ndarray:
    return numbers.astype(str)


def _input_names(dataset: Dataset) -> list[str]:
    own = dataset.origin.inputs if isinstance(dataset.origin, DataFile) else ()
    if not own:
        return names_of(dataset.shape) if dataset.shape else [f"x{place + 1}" for place in range(dataset.inputs)]
    usual: list[Callable[[str], object]] = [
        lambda name: name.casefold() in LABELS,
        lambda name: name in WEIGHTS,
        INDEX.fullmatch,
        NUMBERED.fullmatch,
        lambda name: mark_of(name).role,
        is_formula,
    ]
    return [INPUT + name if any(taken(name) for taken in usual) else name for name in own]


def _label_names(dataset: Dataset) -> list[str]:
    """Return the names of the label columns, marked where they would be read otherwise without."""
    own = dataset.origin.targets if isinstance(dataset.origin, DataFile) else ()
    columns = dataset.labels.shape[1]
    if not columns:
        return ["label"]
    if dataset.classes:
        return [_class_mark(dataset) + (own[0] if own else "label")]
    plain = columns == 1 and not own
    names = own or (("label",) if columns == 1 else tuple(f"label {place + 1}" for place in range(columns)))
    return list(names) if plain else [LABEL + name for name in names]


def _class_mark(dataset: Dataset) -> str:
    """Return what says that labels are classes; all of them, if the rows do not."""
    classes = dataset.classes
    every = len(np.unique(dataset.labels)) == len(classes)
    plain = not any(is_missing(name) or name != name.strip() or in_a_cell(name) != name for name in classes)
    if every and plain and tuple(sorted(classes, key=in_order)) == classes:
        return CLASS
    return f"{CLASSES_OF}{json.dumps(classes, ensure_ascii=not all(map(str.isprintable, classes)))}: "


def _line(cells: list[str]) -> str:
    """Return cells with commas between, those in quotes that need them."""
    text = io.StringIO()
    # A line that begins so would be read as a comment.
    if cells[0].startswith("#"):
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    else:
        csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
