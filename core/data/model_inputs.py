"""What a model of any inputs is given: numbers, by the inputs' names or not, or a file of arrays or rows of numbers."""

from __future__ import annotations

import re
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.running import require_fitting
from core.data.choices import AS_UNDERSTOOD, Choices, Role
from core.data.files import SHEETS, TEXTS, take, understood
from core.errors import Refused, shorten
from core.formatting import count
from core.model.literal import parse_array, parse_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.arrays import AnyArray
    from core.model.graph import Graph, Input

ROWS = (Choices(labels=(), weight="", without=()), Choices(labels=(), weight=""), AS_UNDERSTOOD)
"""Which columns of a table are inputs, the first that are as many as the model has: all; all but an index; all but
labels and weights too.
"""

NAMES_SHOWN = 80


def model_inputs(text: str, graph: Graph) -> list[AnyArray]:
    """Return the points that ``text`` says, an array for each input, with the points as first axis.

    It is a point's numbers, points as a list of lists, or the name of a file: ``.npz`` with arrays called as the inputs
    or x0, x1 ..., ``.npy``, or a table whose rows are points, each all inputs' numbers in a row. Of several inputs each
    may have something of its own, as in ``one=0.1,0.2 two=two.npy``. Arrays without the axis of points are one point.

    Raises:
        Refused: there is no such file, or it has something else; inputs are missing or of other shapes.
    """
    named = _by_name(text, graph.inputs)
    if named is None:
        found = _of(text.strip(), graph.inputs)
    else:
        found = [array for given in graph.inputs for array in _of(named[given.name], (given,))]
    arrays = [_as_points(given, array) for given, array in zip(graph.inputs, found, strict=True)]
    require_fitting(graph, arrays)
    return arrays


def one_point(text: str, graph: Graph) -> list[AnyArray]:
    """Return the first of the points that ``text`` says, as :func:`model_inputs` reads it, without the axis of points.

    Raises:
        Refused: as there, or there is no point.
    """
    arrays = model_inputs(text, graph)
    if not all(map(len, arrays)):
        raise Refused(f"expected a point in {shorten(text)}, the points first, got none")
    return [array[0] for array in arrays]


def _by_name(text: str, inputs: Sequence[Input]) -> dict[str, str] | None:
    """Return what ``text`` says of each input by its name or as x0, x1 ...; None if it has no such names."""
    names = {f"x{at}": given.name for at, given in enumerate(inputs)} | {given.name: given.name for given in inputs}
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    found = list(re.finditer(rf"(?:^|[\s,;])({either})\s*=", text))
    if not found or text[: found[0].start()].strip():
        return None
    ends = [*(one.start() for one in found[1:]), len(text)]
    said = [(names[one[1]], text[one.end() : end].strip(" ,;\n")) for one, end in zip(found, ends, strict=True)]
    if sorted(name for name, _ in said) != sorted(given.name for given in inputs):
        got = ", ".join(name for name, _ in said)
        raise Refused(f"expected each of the inputs {_names(inputs)} once, got {shorten(got, NAMES_SHOWN)}")
    return dict(said)


def _of(text: str, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return what ``text`` has for each of ``inputs``."""
    path = Path(text)
    match path.suffix.lower():
        case ".npy" | ".npz":
            return _arrays_in(path, inputs)
        case suffix if suffix in (*TEXTS, *SHEETS):
            return _rows_in(path, inputs)
    return [_typed(text, inputs)]


def _typed(text: str, inputs: Sequence[Input]) -> AnyArray:
    if len(inputs) != 1:
        example = f"{shorten(inputs[0].name)}=0.1,0.2 ..." if inputs else "x0=..."
        raise Refused(
            f"expected --x as an .npz file with x0, x1 ... for {_names(inputs)}, or as {example}, got numbers"
        )
    if text.startswith(("[[", "[ [")):
        return parse_array(text)
    shape = inputs[0].shape
    fixed = prod(size for size in shape if size is not None)
    numbers = text.replace(";", ",").count(",") + 1 if None in shape else fixed
    if not _is_row(numbers, inputs):
        raise Refused(
            f"expected --x as an .npy file of shape (1, ...) for inputs of shape {shape}, got {numbers} numbers"
        )
    return parse_numbers(text, numbers).reshape(1, *_with_length(shape))


def _arrays_in(path: Path, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the arrays of an .npz file by their names, or the one array of an .npy file."""
    try:
        if path.exists() and not path.is_file():
            raise Refused(f"expected a file of arrays, got {shorten(path.name)}, which is a folder, device or pipe")
        # Of a large array only what is calculated is in memory.
        held = np.load(path, allow_pickle=False, mmap_mode="r")
        arrays = [held] if isinstance(held, np.ndarray) else [held[name] for name in _chosen(held.files, path, inputs)]
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except Refused:
        raise
    except (ValueError, OSError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        raise Refused(f"expected arrays of numbers in {shorten(path.name)}, got something else") from None
    if len(arrays) != len(inputs):
        raise Refused(f"expected an .npz file with an array for each of {_names(inputs)}, got {shorten(path.name)}")
    for array in arrays:
        if array.dtype.kind not in "fiub":
            raise Refused(f"expected arrays of numbers, got {array.dtype} of shape {array.shape}")
    return arrays


def _chosen(names: Sequence[str], path: Path, inputs: Sequence[Input]) -> list[str]:
    """Return which arrays of an .npz file are the inputs': by their names, as x0 ... or arr_0 ..., or the only one."""
    ways: tuple[Callable[[int], str], ...] = (
        lambda at: inputs[at].name,
        lambda at: f"x{at}",
        lambda at: f"arr_{at}",
        lambda _: "x",
        lambda _: "points",
        lambda _: names[0] if len(names) == 1 else "",
    )
    for way in ways[: len(ways) if len(inputs) == 1 else 3]:
        wanted = [way(at) for at in range(len(inputs))]
        if set(wanted) <= set(names):
            return wanted
    held = shorten(", ".join(names), NAMES_SHOWN) or "no array"
    raise Refused(
        f"expected the inputs as x0, x1 ... or as {_names(inputs)} in {shorten(path.name)}, got other names: {held}"
    )


def _rows_in(path: Path, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the rows of a table, cut into the numbers of each input."""
    widths = []
    for choices in ROWS:
        read = understood(path, choices)
        widths.append(sum(column.role is Role.INPUT for column in read.columns))
        if _is_row(widths[-1], inputs):
            return _cut(take(path, read).points, inputs)
    wanted = sum(prod(size or 1 for size in given.shape) for given in inputs)
    raise Refused(
        f"expected rows of {count(wanted, 'number')} for {_names(inputs)}, got {shorten(path.name)} with {widths[0]:,} "
        "columns; leave the others out"
    )


def _is_row(numbers: int, inputs: Sequence[Input]) -> bool:
    """Return whether so many numbers in a row are those of all inputs, of which one may have one length of its own."""
    fixed = sum(prod(size for size in given.shape if size is not None) for given in inputs)
    lengths = sum(size is None for given in inputs for size in given.shape)
    if lengths == 0:
        return numbers == fixed
    return lengths == 1 and len(inputs) == 1 and numbers > 0 and fixed > 0 and numbers % fixed == 0


def _cut(rows: AnyArray, inputs: Sequence[Input]) -> list[AnyArray]:
    if len(inputs) == 1:
        return [rows.reshape(len(rows), *_with_length(inputs[0].shape))]
    ends = np.cumsum([prod(_with_length(given.shape)) for given in inputs])
    parts = np.split(rows, ends[:-1], axis=1)
    return [part.reshape(len(rows), *_with_length(given.shape)) for part, given in zip(parts, inputs, strict=True)]


def _with_length(shape: Sequence[int | None]) -> tuple[int, ...]:
    return tuple(-1 if size is None else size for size in shape)


def _as_points(given: Input, array: AnyArray) -> AnyArray:
    """Return ``array`` with the points first; as in Keras, a last axis of one may be there or not.

    Raises:
        Refused: it is of another shape than the input.
    """
    sizes = array.shape

    def fits(found: tuple[int, ...]) -> bool:
        return len(found) == len(given.shape) and all(
            size in (None, got) for size, got in zip(given.shape, found, strict=True)
        )

    if sizes and fits(sizes[1:]):
        return array
    if fits(sizes):
        return array[None]
    if sizes and fits((*sizes[1:], 1)):
        return array[..., None]
    if len(sizes) > 1 and sizes[-1] == 1 and fits(sizes[1:-1]):
        return array[..., 0]
    wanted = ", ".join("any" if size is None else f"{size}" for size in given.shape)
    many = f"(any, {wanted})" if wanted else "(any)"
    raise Refused(f"expected {shorten(given.name)!r} of shape {many}, or ({wanted}) for one point, got {sizes}")


def _names(inputs: Sequence[Input]) -> str:
    return shorten(", ".join(given.name for given in inputs), NAMES_SHOWN)
