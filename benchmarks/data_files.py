"""How long a data file of 100,000 rows takes to be read, against Python's ``csv`` going through its cells alone."""

from __future__ import annotations

import csv
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.row import Row
from core.data.files import open_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.row import Fact

ROWS = 100_000
INPUTS = 8
ROUNDS = 5
TARGET = 3.0


def _plain(values: np.ndarray) -> list[str]:
    return [f"{value:.4f}" for value in values]


def _quoted(values: np.ndarray) -> list[str]:
    return [f'"{value:.4f}"' for value in values]


def _thousands(values: np.ndarray) -> list[str]:
    """Return numbers as they are written where the comma is the decimal sign: 1.234.567,5."""
    return [f"{value * 1e6:_.1f}".replace(".", ",").replace("_", ".") for value in values]


def _quoted_thousands(values: np.ndarray) -> list[str]:
    """Return numbers as spreadsheets write them where the comma stands between thousands: "1,234,567.5"."""
    return [f'"{value * 1e6:,.1f}"' for value in values]


FILES: tuple[tuple[str, str, Callable[[np.ndarray], list[str]]], ...] = (
    ("plain numbers", ",", _plain),
    ("every cell in quotes", ",", _quoted),
    ("decimal commas, points between thousands", ";", _thousands),
    ("commas between thousands, in quotes", ",", _quoted_thousands),
)


def run() -> list[Row | Fact]:
    """Measure each kind of file in turn, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        return [_row(path, *file) for file in FILES]


def _row(path: Path, what: str, separator: str, text: Callable[[np.ndarray], list[str]]) -> Row:
    numbers = np.random.default_rng(0).random((ROWS, INPUTS))
    names = separator.join([*(f"x{place + 1}" for place in range(INPUTS)), "label"])
    lines = [separator.join([*text(row), f"{place % 2}"]) for place, row in enumerate(numbers)]
    path.write_text("\n".join([names, *lines, ""]))
    rounds = [(_seconds(lambda: open_data(path)), _seconds(lambda: _peer(path, separator))) for _ in range(ROUNDS)]
    ours, peer = (median(taken) for taken in zip(*rounds, strict=True))
    return Row(f"{ROWS:,} rows of CSV, {what}; peer: csv alone", ours * 1000, peer * 1000, "ms", TARGET)


def _peer(path: Path, separator: str) -> None:
    with path.open(newline="") as file:
        for _ in csv.reader(file, delimiter=separator):
            pass


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
