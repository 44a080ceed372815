"""Arrays as rows and columns: CSV to calculate with, Markdown and LaTeX to read."""

from __future__ import annotations

import csv as standard
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from core.chunks import CHUNK
from core.errors import Refused, shorten
from core.export.arrays import NamedArray, several
from core.export.latex_text import number_in_math
from core.export.markdown import escaped, table_rows
from core.formatting import number
from core.model.array_axes import ArrayAxes
from core.no_formula import no_formula

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.export.arrays import Arrays

MOST_READ = 10_000
"""Markdown and LaTeX of more numbers than this are nothing to read."""

AMSMATH_COLUMNS = 10
"""Columns of a bmatrix, unless LaTeX is told otherwise."""


def csv(arrays: Arrays) -> bytes:
    """Return the arrays as CSV with all digits: the same float32 numbers when they are read.

    One array of one or two axes is its rows alone, as a spreadsheet and ``numpy.loadtxt`` take them; one axis is one
    row. Others are a row for each number, behind its layer, array and index, which counts from 0.
    """
    found = several(arrays)
    if len(found) == 1 and found[0].values.ndim <= 2:
        return b"".join(_matrix_lines(np.atleast_2d(found[0].values)))
    axes = max((array.values.ndim for array in found), default=0)
    heading = ",".join(["layer", "array", *(f"axis_{axis}" for axis in range(axes)), "value"])
    return b"".join([heading.encode(), b"\n", *(line for array in found for line in _number_lines(array, axes))])


def _matrix_lines(values: npt.NDArray[Any]) -> Iterator[bytes]:
    # Not all at once: as text, numbers take eight times the memory.
    step = max(1, CHUNK // max(1, values.shape[1]))
    for start in range(0, len(values), step):
        yield from (b",".join(row) + b"\n" for row in values[start : start + step].astype(np.bytes_).tolist())


def _number_lines(array: NamedArray, axes: int) -> Iterator[bytes]:
    names = io.StringIO()
    # With both characters of a line's end, a name that has one of them is quoted.
    standard.writer(names, lineterminator="\r\n").writerow([no_formula(array.layer), no_formula(array.name)])
    beginning = names.getvalue().removesuffix("\r\n").encode()
    missing = b"," * (axes - array.values.ndim)
    numbers = array.values.reshape(-1)
    for start in range(0, numbers.size, CHUNK):
        texts = numbers[start : start + CHUNK].astype(np.bytes_).tolist()
        places = np.unravel_index(np.arange(start, start + len(texts)), array.values.shape)
        indices = [axis.astype(np.bytes_).tolist() for axis in places]
        yield from (
            b",".join([beginning, *index, missing + text]) + b"\n" for *index, text in zip(*indices, texts, strict=True)
        )


def markdown(arrays: Arrays, digits: int | None = None) -> str:
    """Return a table for each array, or for each slice of one, with the names of its axes; one axis is one row.

    Raises:
        Refused: an array is empty, or there are more than ``MOST_READ`` numbers.
    """
    _require_readable(arrays)
    parts = []
    for array in _slices(arrays):
        axes = array.axes or ArrayAxes(("row", "column")[-max(array.values.ndim, 1) :])
        rows = _texts(array.values, digits)
        name = shorten(array.name).replace("|", r"\|")
        head = [name, *(axes.word(len(axes.names) - 1, place) for place in range(len(rows[0])))]
        several = len(axes.names) > 1
        named = [[axes.word(0, place) if several else "", *row] for place, row in enumerate(rows)]
        table = "\n".join(table_rows([head, *named])) + "\n"
        heading = escaped(shorten(array.layer or array.name))
        parts.append(table if isinstance(arrays, NamedArray) else f"**{heading}**\n\n{table}")
    return "\n".join(parts)


def latex(arrays: Arrays, digits: int | None = None) -> str:
    """Return a ``bmatrix`` for each array, or for each slice of one, for math mode with the package amsmath.

    One axis is one row.

    Raises:
        Refused: an array is empty, or there are more than ``MOST_READ`` numbers.
    """
    _require_readable(arrays)
    parts = []
    slices = _slices(arrays)
    for array in slices:
        rows = [" & ".join(map(number_in_math, row)) for row in _texts(array.values, digits)]
        lines = [r"\begin{bmatrix}", *(f"  {row} \\\\" for row in rows[:-1]), f"  {rows[-1]}", r"\end{bmatrix}"]
        columns = np.atleast_2d(array.values).shape[1]
        if columns > AMSMATH_COLUMNS:
            lines.insert(0, rf"\setcounter{{MaxMatrixCols}}{{{columns}}}")
        if not isinstance(arrays, NamedArray) or len(slices) > 1:
            lines.insert(0, f"% {shorten(array.layer)}: {shorten(array.name)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _require_readable(arrays: Arrays) -> None:
    found = several(arrays)
    size = sum(array.values.size for array in found)
    if size > MOST_READ:
        raise Refused(
            f"expected at most {MOST_READ:,} numbers to read, got {size:,}; CSV, .npy and .npz hold any number"
        )
    for array in found:
        if not array.values.size:
            shape = " x ".join(map(str, array.values.shape))
            raise Refused(
                f"expected arrays with numbers, got the {array.name} of {shorten(array.layer)} of {shape}; "
                "CSV, .npy and .npz hold any shape"
            )


def _slices(arrays: Arrays) -> list[NamedArray]:
    """Return the arrays, those of more than two axes as tables of the first two: ``kernel[:, :, 2, 1]`` and so on.

    The first two axes of a convolution's kernel are those of its window, or its window's and its input's channels.
    """
    found = []
    for array in several(arrays):
        if array.values.ndim <= 2:
            found.append(array)
            continue
        for place in np.ndindex(array.values.shape[2:]):
            name = f"{array.name}[:, :, {', '.join(str(position + 1) for position in place)}]"
            axes = array.axes and ArrayAxes(array.axes.names[:2])
            found.append(NamedArray(array.layer, name, array.values[(slice(None), slice(None), *place)], axes))
    return found


def _texts(values: npt.NDArray[Any], digits: int | None) -> list[list[str]]:
    """Return the numbers as text, row by row, with ``digits`` decimal places or all digits."""
    return [[str(value) if digits is None else number(value, digits) for value in row] for row in np.atleast_2d(values)]
