"""A data file, read in two steps: what is understood of it by its beginning, and then all of it, as that says."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from core.data.array_file import beside, take_arrays, understood_arrays
from core.data.arrays import archive, single
from core.data.checks import require_bytes
from core.data.choices import AS_UNDERSTOOD, Choices, NotThere
from core.data.csv_file import take_csv, understood_csv
from core.data.sheets import take_sheet, understood_sheet
from core.errors import Refused, shorten
from core.paths import typed_path
from core.reading import open_file, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import BinaryIO

    from core.data.arrays import Arrays
    from core.data.choices import Understood
    from core.data.dataset import Dataset

TEXTS = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".data")
SHEETS = (".parquet", ".pq", ".xlsx", ".xlsm")
ARRAYS = (".npz", ".npy")

MAX_BYTES = 1 << 29
"""Of a file that is read: room for 20 million numbers, the most that data may have, with all their digits."""


def understood(path: Path, choices: Choices = AS_UNDERSTOOD) -> Understood:
    """Return what is understood of the data file at ``path`` by its beginning; what was chosen is as it was chosen.

    Raises:
        Refused: there is no such file, or it can't be read, or what was chosen is not in it.
    """
    with _opened(path) as (file, name):
        if choices.part and path.suffix.lower() != ".npz":
            raise NotThere(
                f"{name}: expected an .npz file, whose {choices.part} part is taken alone, got another kind; take all "
                "there is (without --part)"
            )
        match path.suffix.lower():
            case suffix if suffix in ARRAYS:
                choices = _with_labels_beside(path, choices)
                with _arrays(path, file, name, choices) as arrays:
                    return understood_arrays(arrays, name, choices)
            case suffix if suffix in SHEETS:
                return understood_sheet(file, name, choices)
        return understood_csv(file, name, choices)


def take(path: Path, as_understood: Understood, progress: Callable[[float], None] = lambda _share: None) -> Dataset:
    """Return the data in the file at ``path``, which was understood so.

    Of a table ``progress`` is told, between two parts, the share that was read, from 0 to 1; what it raises ends that.

    Raises:
        Refused: the file can't be read, or holds what can't be trained on; the sentence names row and column.
    """
    with _opened(path) as (file, name):
        size = max(1, path.stat().st_size)

        def pause() -> None:
            progress(min(1.0, file.tell() / size))

        match path.suffix.lower():
            case suffix if suffix in ARRAYS:
                with _arrays(path, file, name, as_understood.choices) as arrays:
                    return take_arrays(arrays, as_understood)
            case suffix if suffix in SHEETS:
                return take_sheet(file, as_understood, progress)
        return take_csv(file, as_understood, pause)


def open_data(path: Path, choices: Choices = AS_UNDERSTOOD) -> Dataset:
    """Return the data in the file at ``path``; what :func:`core.data.saved.save_data` wrote comes back as it was.

    Raises:
        Refused: there is no such file, or it can't be read, or holds what can't be trained on.
    """
    return take(path, understood(path, choices))


def require_data_name(path: Path) -> None:
    """Refuse a name that is no data file's by its ending."""
    known = (*TEXTS, *ARRAYS, *SHEETS)
    if path.suffix.lower() not in known:
        raise Refused(
            f"expected a data file, whose name ends in one of {' '.join(known)}, got "
            f"{shorten(path.name or str(path))!r}; save it as one of these"
        )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    name = shorten(path.name or str(path))
    require_data_name(path)
    try:
        with open_file(path, "a data file") as file:
            require_bytes(name, size_of(file), MAX_BYTES)
            yield file, name
    except FileNotFoundError as missing:
        raise Refused(f"there is no file {shorten(str(missing.filename or path), 80)}; check the name") from None
    except OSError as problem:
        raise Refused(f"{name} could not be read: {problem.strerror}; choose another file, or try again") from None


def _with_labels_beside(path: Path, choices: Choices) -> Choices:
    """Return ``choices`` with the labels' file for a ``.npy`` of points: the one named as labels, or one beside it."""
    if path.suffix.lower() != ".npy" or choices.label_file or choices.labels == ():
        return choices
    if choices.labels and choices.labels[0].lower().endswith(".npy"):
        return msgspec.structs.replace(choices, label_file=choices.labels[0], labels=None)
    others = (path.with_name(f"{stem}{path.suffix}") for stem in beside(path.stem))
    found = next((other for other in others if other.is_file()), None)
    return choices if found is None else msgspec.structs.replace(choices, label_file=str(found))


def _arrays(path: Path, file: BinaryIO, name: str, choices: Choices) -> AbstractContextManager[Arrays]:
    if path.suffix.lower() == ".npz":
        return archive(file, name)
    paths = {"points": path}
    if choices.label_file and choices.labels != ():
        labels = typed_path(choices.label_file)
        labels = labels if labels.exists() else path.parent / labels
        if labels.suffix.lower() != ".npy":
            raise Refused(
                f"expected the labels of {name} in a .npy file, got {shorten(labels.name)!r}; name such a file"
            )
        with open_file(labels, "a data file") as file:
            require_bytes(shorten(labels.name), size_of(file), MAX_BYTES)
        paths["labels"] = labels
    return single(paths, name)
