"""Data from arrays: points, labels and weights are found by their names; rows of train stand before those of test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, takewhile
from math import floor, prod
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.arrays import frozen
from core.data import labelling
from core.data.checks import PART, data_of, require_bytes, require_held, require_labels, require_size
from core.data.choices import PARTS, NotThere, Understood, listed
from core.data.dataset import DataFile, generate
from core.data.limits import times_allowed
from core.data.makers import Maker, SumRule
from core.errors import Refused, shorten
from core.formatting import count
from core.limits import most, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.data.arrays import Arrays
    from core.data.choices import Choices
    from core.data.dataset import Dataset
    from core.data.labelling import Labels

POINTS = ("points", "x", "features", "data", "images", "arr_0")
LABELS = ("labels", "label", "y", "targets", "target", "arr_1")
WEIGHTS = ("weights", "weight", "sample_weights", "sample_weight")
"""Names of arrays, in any case; the first that is there is taken."""

CLASSES, INPUT_NAMES, TARGET_NAMES, RULE = "classes", "input_names", "target_names", "rule"
"""What a saved file has beside them."""

KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "V": "named fields"}

MAX_BYTES = 1 << 29
"""Of one array in memory; an archive may be packed."""

MAX_TEXT = 1 << 27
"""Of labels that are text, which are sorted in memory."""

MAX_RULE = 1_000
"""Characters of a rule; the longest has about 100."""

MAX_NAME = 40

MOST_NAMED = 200
"""Columns of several arrays that have names."""

Beside = tuple[str, ...]
"""The names of arrays whose numbers stand beside each other in a row."""


@dataclass(frozen=True)
class _Found:
    """The arrays that points, labels and weights are in: of each part of the rows, those that stand beside each other.

    There are two parts where a file has train and test, and several arrays beside each other for a model of several
    inputs or outputs.
    """

    points: tuple[Beside, ...]
    labels: tuple[Beside, ...]
    weights: str | None

    @property
    def points_named(self) -> str:
        """The arrays of the points."""
        return " and ".join(chain.from_iterable(self.points))


def understood_arrays(arrays: Arrays, name: str, choices: Choices) -> Understood:
    """Return what is understood of ``arrays``, the file called ``name``.

    Raises:
        Refused: there are no points, or what was chosen is not there.
    """
    found = _found(arrays.names, name, choices)
    labelled = tuple(chain.from_iterable(found.labels))
    every = (*chain.from_iterable(found.points), *labelled, *((found.weights,) if found.weights else ()))
    shapes = [f"{one} {_times(_header(arrays, one, name, text=one in labelled))}" for one in every]
    complete = msgspec.structs.replace(choices, labels=labelled, weight=found.weights or "")
    labels, classes = _labels(arrays, found, name, [slice(None)] * len(found.labels))
    words = labelling.in_words(_target_names(arrays, found), labels, classes)
    return Understood(
        name=name,
        choices=complete,
        columns=(),
        rows=(),
        labels=words,
        how=", ".join(shapes),
        problems=tuple(_problems(arrays, name, found, complete)),
    )


def _problems(arrays: Arrays, name: str, found: _Found, choices: Choices) -> Iterator[str]:
    """Give what the headers alone show to be more than can be taken."""
    shapes = [[arrays.header(one, one).shape for one in beside] for beside in found.points]
    try:
        if all(map(all, shapes)):
            sizes = _sizes([part[0][0] for part in shapes], choices.rows)
            _require_size(name, found, sizes, sum(prod(shape[1:]) for shape in shapes[0]))
    except Refused as refusal:
        yield str(refusal)


def take_arrays(arrays: Arrays, understood: Understood) -> Dataset:
    """Return the data in ``arrays`` as they were understood.

    Raises:
        Refused: an array has another shape or type than it must, or a number that can't be trained on.
    """
    name, choices = understood.name, understood.choices
    found = _found(arrays.names, name, choices)
    shapes = [[_header(arrays, one, name) for one in beside] for beside in found.points]
    first, every = shapes[0], list(chain.from_iterable(shapes))
    of_a_row = [[shape[1:] for shape in part] for part in shapes]
    if not all(every) or any(part != of_a_row[0] for part in of_a_row):
        raise Refused(f"{name}, {found.points_named}: expected rows of numbers, got {_shown(*every)}; reshape them")
    sizes = _sizes([part[0][0] for part in shapes], choices.rows)
    _require_size(name, found, sizes, sum(prod(shape[1:]) for shape in first))
    parts = [slice(size) for size in sizes]
    points = _joined(arrays, found.points, name, parts, points=True)
    labels, classes = _labels(arrays, found, name, parts)
    weights = None
    if found.weights:
        weights = _numbers(arrays, found.weights, name, slice(sum(sizes) if choices.rows else None))
    _require_rows(name, len(points), found, labels if found.labels else None, weights)
    if weights is None and RULE in arrays.names and (made := _made_by_its_rule(arrays, points, labels)) is not None:
        return made
    called = _names(arrays, INPUT_NAMES) or _names_beside(arrays, found.points)
    origin = DataFile(name, called, _target_names(arrays, found), _note(found, sizes))
    held = None if weights is None else weights[:, 0]
    labels = labels if found.labels else np.empty((len(points), 0), np.float32)
    return data_of(origin, points, labels, held, classes, first[0][1:] if len(first) == 1 and len(first[0]) > 2 else ())


def _found(names: Sequence[str], file: str, choices: Choices) -> _Found:
    points: tuple[Beside, ...]
    labels: tuple[Beside, ...]
    folded = {name.casefold(): name for name in reversed(names)}
    sets = tuple(one for one in PARTS if f"x_{one}" in folded)
    if choices.part:
        _require_part(choices.part, names, file)
        sets = (choices.part,)
    if sets:
        points = tuple((folded[f"x_{one}"],) for one in sets)
        labels = tuple((folded[f"y_{one}"],) for one in sets if f"y_{one}" in folded)
        labels = labels if len(labels) == len(points) else ()
    else:
        points = _part_of(_of_model(names, choices.inputs, "x") or [folded[one] for one in POINTS if one in folded][:1])
        labels = _part_of(
            _of_model(names, choices.outputs, "y") or [folded[one] for one in LABELS if one in folded][:1]
        )
    if not points:
        called = f"{listed(choices.inputs)}, or " if len(choices.inputs) > 1 else ""
        raise Refused(
            f"{file}: expected an array called points, x, features or x_train, got {listed(tuple(names))}; save it by "
            f"such a name, of several inputs an array for each: {called}x0, x1 ..."
        )
    if choices.labels is not None:
        chosen = [_chosen(one, names, file) for one in choices.labels]
        if len(points) > 1 and chosen and len(chosen) != len(points):
            raise NotThere(
                f"{file}: expected {count(len(points), 'array')} of labels, got {listed(choices.labels)}; name as many"
            )
        labels = tuple((one,) for one in chosen) if len(points) > 1 else _part_of(chosen)
    weights = next((folded[one] for one in WEIGHTS if one in folded), None)
    if choices.weight is not None:
        weights = _chosen(choices.weight, names, file) if choices.weight else None
    return _Found(points, labels, weights)


def _part_of(beside: Sequence[str]) -> tuple[Beside, ...]:
    """Return arrays beside each other as the one part that there is; none where there are none."""
    return (tuple(beside),) if beside else ()


def _of_model(names: Sequence[str], called: Sequence[str], letter: str) -> list[str]:
    """Return the arrays that are called as a model's inputs or outputs, or as x0, x1 ..., as ``predict`` takes them."""
    numbered = [f"{letter}{at}" for at in range(max(len(called), len(names)))]
    numbered = numbered[: len(called)] if len(called) > 1 else list(takewhile(set(names).__contains__, numbered))
    return next((list(way) for way in (called, numbered) if way and set(way) <= set(names)), [])


def _require_part(part: str, names: Sequence[str], file: str) -> None:
    if f"x_{part}" not in [name.casefold() for name in names]:
        raise NotThere(
            f"{file}: expected an array x_{part}, of which the {part} part is taken alone, got {listed(tuple(names))}; "
            "take all there is (without --part; in the dialog: part)"
        )


def _chosen(name: str, names: Sequence[str], file: str) -> str:
    if name not in names:
        raise NotThere(f"{file}: expected an array out of {listed(tuple(names))}, got {shorten(name)!r}; name one")
    return name


def _require_size(name: str, found: _Found, sizes: list[int], inputs: int) -> None:
    """Refuse more rows than data may have; of two parts that one of them can be had is said."""
    try:
        require_size(f"{name}, {found.points_named}", sum(sizes), inputs)
    except Refused as refusal:
        parts = zip(PARTS, sizes, strict=False)
        fits = [part for part, rows in parts if len(sizes) > 1 and 0 < times_allowed(rows, inputs) <= times()]
        if not fits:
            raise
        other = f": {' or '.join(fits)} alone can be taken (--part {fits[-1]}; in the dialog: part)"
        said, _, more = str(refusal).partition(f"; {PART}")
        raise Refused(f"{said}{other}{more}") from None


def _sizes(rows: list[int], most: int) -> list[int]:
    """Return how many rows of each array are taken: of train and test as large parts, at least a row of each."""
    total = sum(rows)
    if not most or total <= most:
        return rows
    first = min(rows[0], max(1, round(rows[0] / total * most)))
    return [first, *([max(0, most - first)] if len(rows) > 1 else [])]


def _header(arrays: Arrays, what: str, name: str, *, text: bool = False) -> tuple[int, ...]:
    """Return the shape of an array of real numbers, or of text where it may be, that can be read into memory."""
    where = f"{name}, {what}"
    header = arrays.header(what, where)
    if header.dtype.kind not in ("fiubU" if text else "fiub"):
        got = KINDS.get(header.dtype.kind, "something else")
        raise Refused(f"{where}: expected an array of numbers, got {got} ({header.dtype}); save them as floats")
    size = prod(header.shape) * header.dtype.itemsize
    if size > most(MAX_BYTES):
        require_size(where, header.shape[0], prod(header.shape[1:]))
    require_bytes(where, size, MAX_BYTES)
    return header.shape


def _numbers(arrays: Arrays, what: str, name: str, part: slice, *, points: bool = False) -> KerasArray:
    """Return the rows of one array, flat: those of ``points``, or of labels or weights, one for each point."""
    shape = _header(arrays, what, name)
    if not shape:
        raise Refused(f"{name}, {what}: expected one for each point, got {_shown(shape)}; reshape them")
    values = arrays.load(what)[part]
    flat = values.reshape(len(values), prod(shape[1:]))
    return require_held(f"{name}, {what}", flat, () if points else (what.removesuffix("s"),) * flat.shape[1])


def _joined(
    arrays: Arrays, found: tuple[Beside, ...], name: str, parts: list[slice], *, points: bool = False
) -> KerasArray:
    """Return the rows of all parts one after the other, in each the numbers of its arrays beside each other."""
    rows = []
    for beside, part in zip(found, parts, strict=True):
        held = [_numbers(arrays, one, name, part, points=points) for one in beside]
        if len({len(one) for one in held}) > 1:
            sizes = ", ".join(f"{one} {len(rows):,}" for one, rows in zip(beside, held, strict=True))
            raise Refused(f"{name}: expected arrays of as many rows, got {sizes}; save as many of each")
        rows.append(held[0] if len(held) == 1 else np.concatenate(held, axis=1))
    return np.concatenate(rows)


def _labels(arrays: Arrays, found: _Found, name: str, parts: list[slice]) -> Labels:
    if not found.labels:
        return np.empty((0, 0), np.float32), ()
    for one in found.labels[0]:
        header = arrays.header(one, f"{name}, {one}")
        if header.dtype.kind == "U" and len(found.labels[0]) == 1:
            return _of_text(arrays, tuple(only for (only,) in found.labels), name, parts)
        require_labels(f"{name}, {one}", 1, prod(header.shape))
    return frozen(_joined(arrays, found.labels, name, parts)), _names(arrays, CLASSES)


def _of_text(arrays: Arrays, labels: tuple[str, ...], name: str, parts: list[slice]) -> Labels:
    for one in labels:
        header = arrays.header(one, f"{name}, {one}")
        _header(arrays, one, name, text=True)
        require_bytes(f"{name}, {one}", prod(header.shape) * header.dtype.itemsize, MAX_TEXT)
    texts = [arrays.load(one)[part].astype(str) for one, part in zip(labels, parts, strict=True)]
    whole = np.concatenate(texts)
    if whole.size != len(whole):
        raise Refused(f"{name}, {labels[0]}: expected one name for each point, got {_shown(whole.shape)}; reshape")
    there, places = np.unique(whole.reshape(-1), return_inverse=True)
    return labelling.of_names(f"{name}, {labels[0]}", [str(text) for text in there], places)


def _require_rows(name: str, rows: int, found: _Found, labels: KerasArray | None, weights: KerasArray | None) -> None:
    """Refuse labels or weights that are more or fewer than the points.

    Raises:
        Refused: there are others.
    """
    for what, held, columns in ((found.labels[:1] and found.labels[0], labels, None), ((found.weights,), weights, 1)):
        if held is not None and (len(held) != rows or (columns is not None and held.shape[1] != columns)):
            got = f"{len(held):,}" if columns is None or held.shape[1] == columns else _shown(held.shape)
            raise Refused(f"{name}, {what[0]}: expected {rows:,}, one for each point, got {got}; give as many")


def _names(arrays: Arrays, what: str) -> tuple[str, ...]:
    """Return names that a saved file has beside its numbers; () if it has none."""
    if what not in arrays.names:
        return ()
    header = arrays.header(what, what)
    if header.dtype.kind != "U" or len(header.shape) != 1 or prod(header.shape) * header.dtype.itemsize > MAX_BYTES:
        return ()
    return tuple(shorten(str(one), MAX_NAME) for one in arrays.load(what))


def _target_names(arrays: Arrays, found: _Found) -> tuple[str, ...]:
    return _names(arrays, TARGET_NAMES) or _names_beside(arrays, found.labels)


def _names_beside(arrays: Arrays, found: tuple[Beside, ...]) -> tuple[str, ...]:
    """Return the names of the columns of several arrays beside each other, unless there are very many."""
    beside = found[0] if found else ()
    sizes = [prod(arrays.header(one, one).shape[1:]) for one in beside]
    if len(beside) < 2 or sum(sizes) > MOST_NAMED:
        return ()
    names = [(shorten(one, MAX_NAME), size) for one, size in zip(beside, sizes, strict=True)]
    return tuple(name if size == 1 else f"{name}[{at + 1}]" for name, size in names for at in range(size))


def _note(found: _Found, sizes: list[int]) -> str:
    """Return which part was taken; of two, which rows are those of test, and the split that validates on these."""
    if len(sizes) < 2:
        part = found.points[0][0].casefold().removeprefix("x_")
        return f"the {part} part alone" if part in PARTS else ""
    total = sum(sizes)
    shares = (round(sizes[1] / total, digits) for digits in range(2, 12))
    share = next((one for one in shares if floor(total * (1.0 - one)) == sizes[0]), None)
    kept = "" if share is None else f"; a validation split of {share:g} keeps the latter to validate"
    (first,), (second,) = found.points
    return f"{count(sizes[0], 'row')} of {first}, then {sizes[1]:,} of {second}{kept}"


def _made_by_its_rule(arrays: Arrays, points: KerasArray, labels: npt.NDArray[Any]) -> Dataset | None:
    """Return the generated set again, if its rule is one and really makes these arrays."""
    header = arrays.header(RULE, RULE)
    if header.shape != () or header.dtype.kind != "U" or header.dtype.itemsize > 4 * MAX_RULE:
        return None
    try:
        rule = _maker(str(arrays.load(RULE)))
    except msgspec.MsgspecError:
        return None
    if (rule.points, rule.inputs) != (len(points), points[:1].size):
        return None
    made = generate(rule)
    same = np.array_equal(made.points, points.reshape(made.points.shape)) and np.array_equal(made.labels, labels)
    return made if same else None


def _maker(text: str) -> Maker:
    try:
        made: Maker = msgspec.json.decode(text, type=Maker)
    except msgspec.ValidationError:
        # Files of the time when there was but the tutorial's rule say no type.
        return msgspec.json.decode(text, type=SumRule)
    return made


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape) or "one number"


def _shown(*shapes: tuple[int, ...]) -> str:
    return f"the shape {' and '.join(shorten(str(shape), 60) for shape in shapes)}"


PARTNERS = {
    "x": ("y",),
    "points": ("labels", "y"),
    "features": ("labels", "targets", "y"),
    "images": ("labels", "y"),
    "data": ("labels", "targets", "target", "y"),
    "inputs": ("targets", "labels", "outputs"),
}


def beside(stem: str) -> list[str]:
    """Return the names that the labels of points called ``stem`` may have: y_train for x_train."""
    found = []
    for word, partners in PARTNERS.items():
        match = re.search(rf"(?<![a-zA-Z]){word}(?![a-zA-Z])", stem, re.IGNORECASE)
        if match:
            for other in partners:
                same = other.upper() if match.group().isupper() else other
                found += [stem[: match.start()] + one + stem[match.end() :] for one in dict.fromkeys((same, other))]
    return found
