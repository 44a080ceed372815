"""What a model of any inputs is given: numbers, by the inputs' names or not, or a file of arrays, rows or a picture."""

from __future__ import annotations

import re
import zipfile
import zlib
from bisect import bisect_left
from functools import partial
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.running import require_fitting
from core.data.array_file import MAX_BYTES
from core.data.arrays import ZIP, archive
from core.data.checks import require_bytes
from core.data.choices import AS_UNDERSTOOD, ChoiceRefused, Choices, Role
from core.data.files import ARRAYS, SHEETS, TEXTS, take, understood
from core.data.named_file import PICTURES, named_file
from core.data.npy_header import Header
from core.errors import Refused, shorten
from core.formatting import count
from core.model.literal import parse_array, parse_numbers
from core.names import listed_within
from core.paths import typed_path
from core.reading import open_file, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.arrays import AnyArray
    from core.data.dataset import Dataset
    from core.data.named_file import NamedFile
    from core.model.graph import Graph, Input

ROWS = (Choices(labels=(), weight="", without=()), Choices(labels=(), weight=""), AS_UNDERSTOOD)
"""Which columns of a table are inputs, the first that are as many as the model has: all; all but an index; all but
labels and weights too.
"""

NAMES_SHOWN = 80

_STRANGE = re.compile(r"[\s,;]([^\s,;=]+)\s*=")


def model_inputs(text: str, graph: Graph) -> list[AnyArray]:
    """Return the points that ``text`` says, an array for each input, with the points as first axis.

    It is a point's numbers, all inputs' in a row, points as a list of lists, or the name of a file: ``.npz`` with
    arrays called as the inputs or x0, x1 ..., ``.npy``, a table whose rows are points, or a picture. After the name may
    stand which row is taken alone, and of a picture its scale (:mod:`core.data.named_file`). Of several inputs each may
    have something of its own, as in ``one=0.1,0.2 two=two.npy``. Arrays without the axis of points are one point.

    Raises:
        Refused: there is no such file, or it has something else; inputs are missing or of other shapes.
    """
    named = _by_name(text, graph.inputs)
    if named is None:
        arrays = _of(text.strip(), graph.inputs)
    else:
        arrays = [array for given in graph.inputs for array in _of(named[given.name], (given,))]
    require_fitting(graph, arrays)
    return arrays


class Point(NamedTuple):
    """An array for each input, without the axis of points, and that it is ``told`` to be the first of several if so."""

    arrays: list[AnyArray]
    told: str


def one_point(text: str, graph: Graph) -> Point:
    """Return the first of the points that ``text`` says, as :func:`model_inputs` reads it.

    Raises:
        Refused: as there, or there is no point.
    """
    arrays = model_inputs(text, graph)
    if not all(map(len, arrays)):
        raise Refused(f"expected a point in {shorten(text)}, the points first, got none")
    return Point([array[0] for array in arrays], _first_of(text, len(arrays[0])) if arrays else "")


def _first_of(text: str, points: int) -> str:
    """Return which of several points is taken, and how another one is; nothing of a point that is alone."""
    if points == 1:
        return ""
    try:
        file = named_file(text)
    except Refused:
        file = None
    if file is None:
        named = re.search(r"\.[A-Za-z]", text)
        another = "'row 2' after a file's name takes the second" if named else "another is typed alone"
        return f"x is the first of {points:,} points; {another}"
    return f"x is row 1 of {points:,}; '{shorten(text.strip(), NAMES_SHOWN)} row 2' takes the second"


def _by_name(text: str, inputs: Sequence[Input]) -> dict[str, str] | None:
    """Return what ``text`` says of each input by its name or as x0, x1 ...; None if it has no such names."""
    names = {f"x{at}": given.name for at, given in enumerate(inputs)} | {given.name: given.name for given in inputs}
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    found = list(re.finditer(rf"(?:^|[\s,;])({either})\s*=", text))
    if not found or text[: found[0].start()].strip():
        _require_no_other_name(text, inputs)
        return None
    ends = [*(one.start() for one in found[1:]), len(text)]
    said = [(names[one[1]], text[one.end() : end].strip(" ,;\n")) for one, end in zip(found, ends, strict=True)]
    if sorted(name for name, _ in said) != sorted(given.name for given in inputs):
        # What is in the numbers of another is a name that the model doesn't have.
        got = ", ".join(one for name, typed in said for one in (name, *_STRANGE.findall(typed)))
        raise Refused(f"expected each of the inputs {_names(inputs)} once, got {shorten(got, NAMES_SHOWN)}")
    return dict(said)


def _require_no_other_name(text: str, inputs: Sequence[Input]) -> None:
    """Refuse a name before = that none of the inputs has, if it is not that of a file."""
    other = re.match(r"\s*([^\s,;=/.]+)\s*=", text)
    if other is None:
        return
    try:
        file = named_file(text)
    except Refused:
        file = None
    if file is None or not _is_there(str(file.path)):
        got = shorten(other[1], NAMES_SHOWN)
        raise Refused(f"expected a name of the inputs ({_names(inputs)}) before =, got {got!r}")


def _is_there(name: str) -> bool:
    try:
        return typed_path(name).exists()
    except (Refused, OSError, ValueError):
        return False


def _of(text: str, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return what ``text`` has for each of ``inputs``, the points first."""
    file = named_file(text)
    if file is None:
        return _points(inputs, _numbers_typed(text, inputs))
    if file.is_picture:
        return [_pictured(file, inputs)]
    ends_as_arrays = file.path.suffix.lower() in ARRAYS
    arrays = _points(inputs, _arrays_in(file.path, inputs) if ends_as_arrays else _rows_in(file.path, inputs))
    if file.row is None:
        return arrays
    rows = min(map(len, arrays))
    if file.row > rows:
        raise Refused(f"expected a row from 1 to {rows:,} of {shorten(file.path.name)}, got {file.row:,}")
    return [array[file.row - 1 : file.row] for array in arrays]


def _points(inputs: Sequence[Input], arrays: Sequence[AnyArray]) -> list[AnyArray]:
    for given, array in zip(inputs, arrays, strict=True):
        _require_held(given, array)
    return [_as_points(given, array) for given, array in zip(inputs, arrays, strict=True)]


def _require_held(given: Input, array: AnyArray) -> None:
    """Refuse numbers that Keras's type of the input does not hold: it would calculate with others, without a word."""
    if given.most is None or not array.size:
        return
    least, greatest = given.most
    # What is no number has a sentence of its own.
    for got in (np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)):
        if got <= least - 1 or got >= greatest + 1:
            raise Refused(
                f"expected numbers from {least:,} to {greatest:,} for {shorten(given.name)!r}, as its type holds them, "
                f"got {got:,.10g}; Keras would take another number for it"
            )


def _pictured(file: NamedFile, inputs: Sequence[Input]) -> AnyArray:
    if len(inputs) != 1:
        example = f"{shorten(inputs[0].name)}={shorten(file.path.name)} ..." if inputs else "numbers"
        raise Refused(f"expected something for each of {_names(inputs)}, as in {example}, got one picture")
    # Importing what asks for pictures takes long, and most points are none.
    from core.data.pictures import picture

    return picture(file, inputs[0])[None]


def _numbers_typed(text: str, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return numbers that were typed; what is none of them but a file is refused as such."""
    try:
        return _typed(text, inputs)
    except Refused:
        if _is_there(text):
            endings = ", ".join((*ARRAYS, *TEXTS, *SHEETS, *PICTURES))
            raise Refused(f"expected a file that ends in {endings}, got {shorten(text)}") from None
        raise


def _typed(text: str, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return numbers that were typed: points as a list of lists for one input, or one point, all inputs' in a row."""
    if text.startswith(("[[", "[ [")):
        return _listed(parse_array(text), inputs)
    separated = text.replace(";", ",").count(",") + 1
    typed = len(text.split()) if separated == 1 else separated
    # Spaces separate too where commas are decimal ones: how many there should be says which it is.
    numbers = typed if any(None in given.shape for given in inputs) else _numbers(inputs, 1)
    if not _is_row(numbers, inputs):
        raise Refused(_wanted(inputs, numbers))
    if len(inputs) > 1 and numbers not in (separated, len(text.split())):
        named = " ".join(f"{shorten(given.name)}=..." for given in inputs[:2])
        raise Refused(
            f"expected {count(numbers, 'number')}, those of {_names(inputs)} in a row, or {named}, got {typed:,}; an "
            ".npz file may have them as x0, x1 ..."
        )
    return _cut(parse_numbers(text, numbers)[None], inputs)


def _listed(array: AnyArray, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return points as a list of lists: of several inputs each has all inputs' numbers in a row."""
    if len(inputs) == 1:
        return [array]
    if array.ndim != 2 or not _is_row(array.shape[1], inputs):
        named = " ".join(f"{shorten(given.name)}=..." for given in inputs[:2])
        raise Refused(
            f"expected a list of rows, each of all the numbers of {_names(inputs)}, or {named}, got shape {array.shape}"
        )
    return _cut(array, inputs)


def _wanted(inputs: Sequence[Input], numbers: int) -> str:
    """Return which numbers of numbers would do for inputs of no fixed length."""
    some = ", ".join(f"{_numbers(inputs, length):,}" for length in (1, 2, 3))
    sizes = " and ".join(" x ".join("any" if size is None else str(size) for size in one.shape) for one in inputs)
    return f"expected {some} numbers or so on, because {_names(inputs)} is {sizes}, got {numbers:,}"


def _numbers_in(path: Path, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the arrays of a file, none of which takes more memory than the file has or than one may.

    Raises:
        Refused: one would.
    """
    name = shorten(path.name)
    with open_file(path, "a file of arrays") as file:
        if file.read(len(ZIP)) != ZIP:
            file.seek(0)
            Header(file, name).require_within(size_of(file))
            # Of a large array only what is calculated is in memory.
            return [np.load(path, allow_pickle=False, mmap_mode="r")]
        file.seek(0)
        with archive(file, name) as held:
            chosen = _chosen(held.names, path, inputs)
            for one in chosen:
                header = held.header(one, f"{name}, {one}")
                require_bytes(f"{name}, {one}", prod(header.shape) * header.dtype.itemsize, MAX_BYTES)
            return [held.load(one) for one in chosen]


def _arrays_in(path: Path, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the arrays of an .npz file by their names, or the one array of an .npy file."""
    try:
        arrays = _numbers_in(path, inputs)
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
            if wanted[0] == "x0" and (more := f"x{len(inputs)}") in names:
                raise Refused(
                    f"expected {', '.join(wanted)} for {_names(inputs)} in {shorten(path.name)}, got {more} too"
                )
            return wanted
    held = listed_within(names, NAMES_SHOWN) or "no array"
    raise Refused(
        f"expected the inputs as x0, x1 ... or as {_names(inputs)} in {shorten(path.name)}, got other names: {held}"
    )


def _rows_in(path: Path, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the rows of a table, cut into the numbers of each input."""
    widths = []
    try:
        for choices in ROWS:
            read = understood(path, choices)
            widths.append(sum(column.role is Role.INPUT for column in read.columns))
            if _is_row(widths[-1], inputs):
                return _cut(_without_gaps(take(path, read), path), inputs)
    except ChoiceRefused as refused:
        raise Refused(refused.what) from None
    wanted = sum(prod(size or 1 for size in given.shape) for given in inputs)
    what_to_do = "take the others out of it" if widths[0] > wanted else "a row needs all of them"
    raise Refused(
        f"expected rows of {count(wanted, 'number')} for {_names(inputs)}, got {shorten(path.name)} with "
        f"{count(widths[0], 'column')}; {what_to_do}"
    )


def _without_gaps(data: Dataset, path: Path) -> AnyArray:
    """Return the points of a table, none of whose rows is empty between others: what is made of each stands beside it.

    Raises:
        Refused: one is.
    """
    if data.file_rows is not None:
        empty = int(np.flatnonzero(data.file_rows != np.arange(len(data)))[0]) + 1
        raise Refused(f"{shorten(path.name)}, row {empty:,} is empty: fill it in, or take it out")
    return data.points


def _numbers(inputs: Sequence[Input], length: int) -> int:
    """Return how many numbers a point has if all lengths that are not fixed are this one."""
    return sum(prod(length if size is None else size for size in given.shape) for given in inputs)


def _length(numbers: int, inputs: Sequence[Input]) -> int:
    """Return the length by which a point has so many numbers, or the next longer one; 1 if all are fixed."""
    free = any(None in given.shape for given in inputs)
    return bisect_left(range(1, numbers + 1), numbers, key=partial(_numbers, inputs)) + 1 if free else 1


def _is_row(numbers: int, inputs: Sequence[Input]) -> bool:
    """Return whether so many numbers in a row are those of all inputs, with one length where it is not fixed."""
    return _numbers(inputs, _length(numbers, inputs)) == numbers


def _cut(rows: AnyArray, inputs: Sequence[Input]) -> list[AnyArray]:
    """Return the numbers of rows as those of each input, the rows first."""
    length = _length(rows.shape[1], inputs)
    shapes = [tuple(length if size is None else size for size in given.shape) for given in inputs]
    parts = np.split(rows, np.cumsum([prod(shape) for shape in shapes])[:-1], axis=1)
    return [part.reshape(len(rows), *shape) for part, shape in zip(parts, shapes, strict=True)]


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
    return listed_within([given.name for given in inputs], NAMES_SHOWN)
