"""Reading data from NumPy's .npz: points, labels, perhaps weights; of each the header is read before its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.lib import format as npy

from core.data.checks import dataset_of, require_held, require_size
from core.data.dataset import generate
from core.data.makers import Maker, SumRule
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from typing import BinaryIO

    from core.arrays import KerasArray
    from core.data.dataset import Dataset

ZIP = b"PK"

KINDS = {"O": "Python objects", "U": "text", "S": "text", "c": "complex numbers", "V": "named fields"}

MAX_RULE = 1_000
"""Characters of a rule; the longest has about 100."""

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(file: BinaryIO, name: str) -> Dataset:
    """Return the data in ``file``, which is called ``name``; nothing in it is run.

    Raises:
        Refused: it is damaged, or holds something else than data, or a number that can't be trained on.
    """
    start = file.read(len(ZIP))
    if start != ZIP:
        got = "nothing" if not start else "another kind of file"
        raise Refused(f"{name}: expected an .npz file, as numpy.savez writes it, got {got}; save it again")
    file.seek(0)
    try:
        with np.load(file, allow_pickle=False) as found:
            return _dataset(found, name)
    except Refused:
        raise
    # What a damaged archive makes zipfile, zlib and NumPy raise is in no document.
    except Exception as error:
        reason = shorten(str(error), 80) or type(error).__name__
        raise Refused(f"{name} is damaged and could not be read ({reason}); get it again") from None


def _dataset(found: Any, name: str) -> Dataset:
    shape = _shape(found, "points", name)
    if len(shape) != 2:
        raise Refused(f"{name}, points: expected two dimensions, rows and inputs, got {_shown(shape)}; reshape them")
    require_size(f"{name}, points", *shape)
    points = require_held(f"{name}, points", found["points"], ())
    labels = _column(found, "labels", len(points), name)[:, np.newaxis]
    weights = _column(found, "weights", len(points), name) if "weights" in found.files else None
    if weights is None and "rule" in found.files and (made := _made_by_its_rule(found, points, labels)) is not None:
        return made
    return dataset_of(name, (), points, labels, weights)


def _column(found: Any, what: str, rows: int, name: str) -> KerasArray:
    shape = _shape(found, what, name)
    if shape not in ((rows,), (rows, 1)):
        raise Refused(f"{name}, {what}: expected {rows:,}, one for each point, got {_shown(shape)}; give as many")
    return require_held(name, found[what].reshape(rows, 1), (what.removesuffix("s"),))[:, 0]


def _shape(found: Any, what: str, name: str) -> tuple[int, ...]:
    """Return the shape of an array of real numbers, before any memory is taken for it."""
    if what not in found.files:
        there = ", ".join(map(shorten, found.files[:5])) or "nothing"
        raise Refused(f"{name}: expected arrays called points and labels, got {there}; save them by these names")
    with found.zip.open(f"{what}.npy") as member:
        read = HEADERS.get(npy.read_magic(member))
        if read is None:
            raise Refused(f"{name}, {what}: expected an array of numbers, got one of named fields; save numbers alone")
        shape, _, dtype = read(member)
    if dtype.kind not in "fiub":
        got = KINDS.get(dtype.kind, "something else")
        raise Refused(f"{name}, {what}: expected an array of numbers, got {got} ({dtype}); save them as floats")
    return tuple(shape)


def _made_by_its_rule(found: Any, points: KerasArray, labels: KerasArray) -> Dataset | None:
    """Return the generated set again, if its rule is one and really makes these arrays."""
    with found.zip.open("rule.npy") as member:
        read = HEADERS.get(npy.read_magic(member))
        shape, _, dtype = read(member) if read else ((1,), False, np.dtype(object))
    if shape != () or dtype.kind != "U" or dtype.itemsize > 4 * MAX_RULE:
        return None
    try:
        rule = _maker(str(found["rule"]))
    except msgspec.MsgspecError:
        return None
    if (rule.points, rule.inputs) != points.shape:
        return None
    made = generate(rule)
    same = np.array_equal(made.points, points) and np.array_equal(made.labels[:, 0], labels)
    return made if same else None


def _maker(text: str) -> Maker:
    try:
        maker: Maker = msgspec.json.decode(text, type=Maker)
    except msgspec.ValidationError:
        # Files of the time when there was but the tutorial's rule say no type.
        maker = msgspec.json.decode(text, type=SumRule)
    return maker


def _shown(shape: tuple[int, ...]) -> str:
    return f"the shape {shorten(str(shape), 60)}"
