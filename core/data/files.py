"""A data set as a file: ``.npz`` for NumPy, with the rule that made it, or ``.csv`` for everything else."""

from __future__ import annotations

import csv
import io
import stat
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.data.csv_file import LABEL, WEIGHT, read_csv
from core.data.dataset import DataFile
from core.data.npz_file import read_npz
from core.errors import Refused, shorten
from core.saving import write_whole

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from core.data.dataset import Dataset

READERS = {".npz": read_npz, ".csv": read_csv}

MAX_BYTES = 1 << 29
"""Of a file that is read: room for 20 million numbers, the most that data may have, with all their digits."""

NUMBERS_AT_ONCE = 100_000
"""How many numbers are turned into text at once: NumPy takes 128 bytes for each."""


def save_data(path: Path, dataset: Dataset) -> None:
    """Save ``dataset`` at ``path`` in the format that its suffix names.

    Raises:
        Refused: another suffix than ``.npz`` or ``.csv``, or the file can't be written there.
    """
    match path.suffix:
        case ".npz":
            write_whole(path, _npz(dataset))
        case ".csv":
            write_whole(path, _csv(dataset))
        case _:
            raise Refused(f"expected a name that ends in .npz or .csv, got {shorten(path.name)!r}")


def open_data(path: Path) -> Dataset:
    """Return the data in the ``.npz`` or ``.csv`` file at ``path``; what :func:`save_data` wrote comes back as it was.

    Raises:
        Refused: there is no such file, or it can't be read, or holds what can't be trained on.
    """
    name = shorten(path.name or str(path))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Refused(f"expected a data file, whose name ends in .npz or .csv, got {name!r}; save it as one of these")
    try:
        # Asked before opening: opening a pipe waits for its other end.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"expected a data file, got {name}, which is a folder, device or pipe; choose a file")
        if status.st_size > MAX_BYTES:
            raise Refused(
                f"{name}: expected at most {MAX_BYTES >> 20:,} MB, got {status.st_size >> 20:,}; take a part of it"
            )
        with path.open("rb") as file:
            return reader(file, name)
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except OSError as problem:
        raise Refused(f"{name} could not be read: {problem.strerror}; choose another file, or try again") from None


def _npz(dataset: Dataset) -> bytes:
    """Return ``points``, ``labels``, ``weights`` if there are any, and a ``rule`` as JSON, which needs no pickle."""
    arrays: dict[str, Any] = {"points": dataset.points, "labels": dataset.labels}
    if dataset.weights is not None:
        arrays["weights"] = dataset.weights
    if not isinstance(dataset.origin, DataFile):
        arrays["rule"] = np.array(msgspec.json.encode(dataset.origin).decode())
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _csv(dataset: Dataset) -> bytes:
    """Return a row for each point; every number as the shortest text that gives back the same float32."""
    columns = [dataset.points, dataset.labels]
    header = [*_names(dataset), LABEL]
    if dataset.weights is not None:
        columns.append(dataset.weights[:, np.newaxis])
        header.append(WEIGHT)
    rows = max(1, NUMBERS_AT_ONCE // len(header))
    parts = [_line(header)]
    for start in range(0, len(dataset), rows):
        texts = np.hstack([part[start : start + rows] for part in columns]).astype(str).tolist()
        parts.extend(",".join(row) + "\n" for row in texts)
    return "".join(parts).encode()


def _names(dataset: Dataset) -> list[str]:
    own = dataset.origin.inputs if isinstance(dataset.origin, DataFile) else ()
    return list(own) or [f"x{place + 1}" for place in range(dataset.inputs)]


def _line(names: list[str]) -> str:
    """Return names between commas, those in quotes that need them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue()
