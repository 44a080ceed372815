"""What a person's own data must be: checked as arrays, whatever file they come from; a refusal names the row."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data.choices import listed
from core.data.dataset import DataFile, Dataset
from core.data.limits import MAX_INPUTS, MAX_NUMBERS, MAX_POINTS, times_allowed
from core.errors import Refused, shorten
from core.formatting import count
from core.limits import most, or_allowing, times

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.arrays import KerasArray

LARGEST = float(np.finfo(np.float32).max)

PART = "take a part of them"
"""What to do with too much data."""

WEIGHTS_WANTED = "expected a weight of 0 or more"


def require_size(where: str, rows: int, inputs: int, more: str = "") -> None:
    """Refuse more rows, inputs or numbers than data may have, or none; ``more`` stands before how many rows came.

    Raises:
        Refused: the sentence says which, and begins with ``where``.
    """
    if not rows or not inputs:
        what = "a row of numbers, got none" if inputs else "an input beside the label, got none"
        raise Refused(f"{where}: expected at least {what}; add {'rows' if inputs else 'a column of numbers'}")
    if (needed := times_allowed(rows, inputs)) > times():
        raise Refused(
            f"{where}: expected at most {most(MAX_POINTS):,} rows, {most(MAX_INPUTS):,} inputs and "
            f"{most(MAX_NUMBERS):,} numbers in all, got {more}{count(rows, 'row')} of {count(inputs, 'input')}; "
            f"{or_allowing(PART, needed, 1)}"
        )


def require_labels(where: str, rows: int, labels: int) -> None:
    """Refuse more numbers of labels than data may have of inputs.

    Raises:
        Refused: there are more; the sentence begins with ``where``.
    """
    if (needed := -(-rows * labels // MAX_NUMBERS)) > times():
        raise Refused(
            f"{where}: expected at most {most(MAX_NUMBERS):,} numbers of labels, got {count(rows, 'row')} of "
            f"{labels:,}; {or_allowing(PART, needed, 1)}"
        )


def require_bytes(where: str, size: int, usual: int, instead: str = "take a part of it") -> None:
    """Refuse more bytes than are usual, or than the limits were raised to.

    Raises:
        Refused: there are more; the sentence begins with ``where``, and says what to do ``instead`` of raising those.
    """
    if size > most(usual):
        raise Refused(
            f"{where}: expected at most {most(usual) >> 20:,} MB, got {-(-size >> 20):,}; "
            f"{or_allowing(instead, size, usual)}"
        )


def require_held(where: str, values: npt.NDArray[np.generic], names: tuple[str, ...], first: int = 0) -> KerasArray:
    """Return rows of numbers, (rows, columns), in float32; the first of them is row ``first`` of the whole.

    Raises:
        Refused: one is not finite, or too large for float32.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        held = values.astype(np.float32)
    bad = np.argwhere(~np.isfinite(held))
    if bad.size:
        row, column = bad[0].tolist()
        got = values[row, column]
        wanted = f"a number of at most {LARGEST:.1e}, which is what Keras's float32 holds" if np.isfinite(got) else ""
        raise Refused(
            f"{where}, row {first + row + 1:,}, {name_of(names, column)}: expected {wanted or 'a finite number'}, "
            f"got {float(got):g}; correct it, or leave the row out"
        )
    return held


def name_of(names: tuple[str, ...], column: int) -> str:
    """Return what a column is called in a refusal."""
    return f"column {shorten(names[column]) if names else f'x{column + 1}'}"


def require_weights(where: str, weights: KerasArray) -> None:
    """Refuse weights of rows, all finite, with which Keras could not train.

    Raises:
        Refused: one is below 0, or all are 0.
    """
    bad = np.flatnonzero(weights < 0)
    if bad.size:
        raise Refused(
            f"{where}, row {bad[0] + 1:,}, column weight: {WEIGHTS_WANTED}, got {weights[bad[0]]:g}; "
            "0 leaves a row out of the training"
        )
    if not weights.any():
        raise Refused(f"{where}, column weight: {WEIGHTS_WANTED}, above 0 in some row, got 0 in every row; give others")


def require_one_kind(class_weights: tuple[float, ...], weights: object | None) -> None:
    """Refuse weights of classes beside weights of rows, as ``fit`` does with ``class_weight`` and ``sample_weight``.

    Raises:
        Refused: there are both.
    """
    if weights is not None and class_weights:
        weigh = ", ".join(f"{weight:g}" for weight in class_weights)
        raise Refused(
            f"expected weights of rows or of classes, got both (the data have their own, classes weigh {weigh}), "
            "and Keras takes only one of them: take the classes' away"
        )


def require_inputs(dataset: Dataset, inputs: int) -> None:
    """Refuse data for a model of another number of ``inputs``.

    Raises:
        Refused: they have more or fewer.
    """
    if dataset.inputs != inputs:
        raise Refused(
            f"expected data of {count(inputs, 'input')} for this model, got data of {dataset.inputs:,}; "
            f"{_other_columns(dataset, inputs)}take other data, or another model"
        )


def _other_columns(dataset: Dataset, inputs: int) -> str:
    """Return how the columns of a table can be read so that a model of so many ``inputs`` takes them."""
    origin, columns = dataset.origin, dataset.inputs + dataset.labels.shape[1]
    if not isinstance(origin, DataFile) or origin.name.lower().endswith((".npz", ".npy")):
        return ""
    if dataset.inputs > inputs:
        return (
            "name all label columns (--labels; in the dialog: label columns) and those that are no inputs (--without; "
            "in the dialog: left out), "
        )
    if origin.left_out and inputs in (dataset.inputs + len(origin.left_out), columns + len(origin.left_out)):
        return f"take {listed(origin.left_out)} as an input (--without none; in the dialog: left out: none), "
    if columns == inputs:
        return (
            f"{'its label is' if columns == dataset.inputs + 1 else 'its labels are'} among the {inputs:,} columns: "
            "for predictions alone take all of them as inputs (--labels none; in the dialog: label columns: none), "
        )
    return ""


def data_of(
    origin: DataFile,
    points: KerasArray,
    labels: KerasArray,
    weights: KerasArray | None = None,
    classes: tuple[str, ...] = (),
    shape: tuple[int, ...] = (),
) -> Dataset:
    """Return the data of a file, whose numbers are all finite, and a column of labels for each number of one.

    Raises:
        Refused: weights are no such ones, labels name no class, or points have no such shape.
    """
    if weights is not None:
        require_weights(origin.name, weights)
    if classes and not _places(labels, len(classes)):
        raise Refused(
            f"{origin.name}: expected labels from 0 to {len(classes) - 1:,}, a place among its "
            f"classes each, got others; give the class that they are of"
        )
    if shape and prod(shape) != points.shape[1]:
        raise Refused(
            f"{origin.name}: expected points of {points.shape[1]:,} numbers in a shape, got one of {prod(shape):,}"
        )
    held = None if weights is None else frozen(weights)
    return Dataset(frozen(points), frozen(labels), origin, held, classes, shape)


def _places(labels: KerasArray, classes: int) -> bool:
    return labels.shape[1] == 1 and bool(np.isin(labels, np.arange(classes)).all())
