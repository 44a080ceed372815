"""A data set as a file: ``.npz`` for NumPy, with the rule that made it, or ``.csv`` for everything else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.saving import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.data.dataset import Dataset

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


def _npz(dataset: Dataset) -> bytes:
    """Return the arrays ``points``, ``labels`` and ``rule``, the last as JSON text, which needs no pickle."""
    buffer = io.BytesIO()
    rule = np.array(msgspec.json.encode(dataset.rule).decode())
    np.savez(buffer, points=dataset.points, labels=dataset.labels, rule=rule)
    return buffer.getvalue()


def _csv(dataset: Dataset) -> bytes:
    """Return a row for each point; every number as the shortest text that gives back the same float32."""
    header = [*(f"x{place + 1}" for place in range(dataset.inputs)), "label"]
    rows = max(1, NUMBERS_AT_ONCE // len(header))
    parts = [",".join(header) + "\n"]
    for start in range(0, len(dataset), rows):
        labels = dataset.labels[start : start + rows, np.newaxis]
        texts = np.hstack([dataset.points[start : start + rows], labels]).astype(str).tolist()
        parts.extend(",".join(row) + "\n" for row in texts)
    return "".join(parts).encode()
