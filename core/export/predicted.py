"""What a model makes of many points, as files: NumPy's, or a table with a row for each point."""

from __future__ import annotations

import csv
import io
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.errors import Refused, shorten
from core.export.arrays import NamedArray
from core.export.formats import ARRAY_FORMATS
from core.no_formula import no_formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.arrays import Array

SUFFIXES = (".npz", ".npy", ".csv")


def require_writable(suffix: str, outputs: Sequence[str]) -> None:
    """Refuse a kind of file that the outputs with these names can't be written as.

    Raises:
        Refused: it is none of :data:`SUFFIXES`, or an ``.npy`` for several outputs.
    """
    if suffix not in SUFFIXES:
        raise Refused(f"expected --out with a name that ends in {', '.join(SUFFIXES)}, got {shorten(suffix) or 'none'}")
    if suffix == ".npy" and len(outputs) != 1:
        raise Refused(f"expected --out with a name that ends in .npz or .csv for {len(outputs)} outputs, got .npy")


def predicted_file(suffix: str, names: Sequence[str], outputs: Sequence[Array]) -> bytes:
    """Return the ``outputs``, the points first, as a file: y0, y1 ..., one array, or a table with ``names`` above.

    Raises:
        Refused: as for :func:`require_writable`.
    """
    require_writable(suffix, names)
    if suffix == ".csv":
        return _table(names, outputs).encode()
    return ARRAY_FORMATS[suffix[1:]].data(tuple(NamedArray("", f"y{at}", output) for at, output in enumerate(outputs)))


def _table(names: Sequence[str], outputs: Sequence[Array]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([cell for name, output in zip(names, outputs, strict=True) for cell in _head(name, output)])
    rows = [output.reshape(len(output), -1) for output in outputs]
    for row in range(len(outputs[0])):
        writer.writerow([repr(number) for output in rows for number in output[row].tolist()])
    return text.getvalue()


def _head(name: str, output: Array) -> Iterator[str]:
    """Give what stands above the numbers of an output: its name, and places from 1 if it has several numbers."""
    shape = output.shape[1:]
    for place in np.ndindex(shape):
        at = ",".join(str(index + 1) for index in place)
        yield no_formula(f"{shorten(name)}[{at}]" if prod(shape) > 1 else shorten(name))
