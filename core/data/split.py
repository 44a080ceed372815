"""The validation split as Keras takes it: the last part, before any shuffling; what both parts hold, and its traps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.data.dataset import Dataset

SHOWN = 5
"""Labels of a part that are shown."""

MOST_CLASSES, ROWS_A_CLASS = 100, 2
"""Whole numbers are counted each only where they are no more than these, with so many rows for each on average."""

LEAST_SORTED = 5
"""Rows of measured numbers that can come in order by chance are fewer than these."""


def training_points(points: int, validation_split: float) -> int:
    """Return how many of ``points`` are trained on; the rest, at the end, validate.

    As Keras 3's ``fit`` does it: floor(points * (1 - validation_split)).

    Raises:
        Refused: the split is outside [0, 1) or leaves no point on one of the sides.
    """
    if not 0.0 <= validation_split < 1.0:
        raise Refused(f"expected a validation split from 0 up to, not including, 1, got {validation_split:g}")
    # Where there are no data yet, settings can be chosen all the same.
    if points == 0 or validation_split == 0.0:
        return points
    training = math.floor(points * (1.0 - validation_split))
    if not 0 < training < points:
        raise Refused(
            f"expected a split that leaves points on both sides, got {validation_split:g} of {count(points, 'point')}: "
            f"{training:,} to train on and {points - training:,} to validate"
        )
    return training


class Part(msgspec.Struct, frozen=True):
    """How many rows a part has, and of each label how many; None where labels are measured numbers, or none."""

    rows: int
    by_label: dict[str, int] | None


class SplitParts(msgspec.Struct, frozen=True):
    """What is trained on and what validates, and the traps in that, a sentence each."""

    training: Part
    validation: Part
    traps: tuple[str, ...] = ()

    def rows_in_words(self) -> str:
        """Return which rows are which, shortly."""
        first, last = self.training.rows, self.training.rows + self.validation.rows
        if first == last:
            return f"All {count(first, 'row')} train: no validation split."
        return f"{_rows(1, first)} {_verb('train', first)}, {_rows(first + 1, last)} {_verb('validate', last - first)}."

    def in_words(self, advice: str) -> str:
        """Return which rows are which, what labels both parts hold, and the traps with what to do, ``advice``."""
        first, last = self.training.rows, self.training.rows + self.validation.rows
        if first == last:
            return self.rows_in_words()
        train = f"{_rows(1, first)} {_verb('train', first)}{_held(self.training)}"
        validate = f"{_rows(first + 1, last)} {_verb('validate', last - first)}{_held(self.validation)}."
        told = f"{train}, {validate}"
        if not self.traps:
            return told
        return f"{told} {' '.join(self.traps)} Keras takes the last rows, before any shuffling: {advice}."


def _rows(first: int, last: int) -> str:
    return f"row {first:,}" if first == last else f"rows {first:,} to {last:,}"


def _verb(verb: str, rows: int) -> str:
    return f"{verb}s" if rows == 1 else verb


def _held(part: Part) -> str:
    if part.by_label is None:
        return ""
    shown = list(part.by_label.items())[:SHOWN]
    rest = ", ..." if len(part.by_label) > SHOWN else ""
    return " (" + ", ".join(f"{shorten(name, 16)}: {rows:,}" for name, rows in shown) + rest + ")"


def split_parts(dataset: Dataset, validation_split: float) -> SplitParts:
    """Return what both parts of a split hold, and what is wrong with that: Keras takes the last rows, unshuffled.

    Raises:
        Refused: the split is none, or leaves no row on one of the sides.
    """
    first = training_points(len(dataset), validation_split)
    names, places = _labels(dataset)
    if names is None:
        traps = _traps_of_numbers(dataset.labels, first)
        return SplitParts(Part(first, None), Part(len(dataset) - first, None), tuple(traps))
    counts = [np.bincount(part, minlength=len(names)).tolist() for part in (places[:first], places[first:])]
    training, validation = (Part(sum(one), dict(zip(names, one, strict=True))) for one in counts)
    return SplitParts(training, validation, tuple(_traps(counts, names, places)) if validation.rows else ())


def _labels(dataset: Dataset) -> tuple[tuple[str, ...] | None, npt.NDArray[np.intp]]:
    """Return what the labels are called, and the place of each row's; None where they are measured numbers."""
    if dataset.one_hot:
        names = dataset.classes or tuple(f"{place}" for place in range(dataset.labels.shape[1]))
        return names, dataset.labels.argmax(axis=1)
    distinct = dataset.distinct
    if dataset.classes:
        return dataset.classes, dataset.labels[:, 0].astype(np.intp)
    if distinct is None or len(distinct) > MOST_CLASSES or not all(value.is_integer() for value in distinct):
        return None, np.empty(0, np.intp)
    if len(distinct) > 2 and len(dataset) < ROWS_A_CLASS * len(distinct):
        return None, np.empty(0, np.intp)
    signs = set(distinct) <= {-1.0, 1.0}
    names = tuple(f"{value:+g}" if signs else f"{value:g}" for value in distinct)
    return names, np.searchsorted(distinct, dataset.labels[:, 0])


def _traps(counts: list[list[int]], names: tuple[str, ...], places: npt.NDArray[np.intp]) -> Iterator[str]:
    there = sum(bool(one + other) for one, other in zip(*counts, strict=True))
    if there < 2:
        return
    for held, part in zip(counts, ("training", "validation"), strict=True):
        if sum(map(bool, held)) == 1:
            alone = names[next(place for place, rows in enumerate(held) if rows)]
            yield f"The {part} part has {shorten(alone, 16)} alone."
    missing = [names[place] for place, (one, other) in enumerate(zip(*counts, strict=True)) if other and not one]
    if missing:
        shown = ", ".join(shorten(name, 16) for name in missing[:SHOWN]) + (", ..." if len(missing) > SHOWN else "")
        yield f"Nothing is trained on {shown}, which {'validates' if len(missing) == 1 else 'validate'}."
    if len(places) > there and _sorted(places):
        yield "The rows are sorted by label."


def _traps_of_numbers(labels: KerasArray, first: int) -> Iterator[str]:
    """Give the traps of labels that are measured numbers: in order, the parts hold others."""
    if labels.shape[1] != 1 or first == len(labels) or len(labels) < LEAST_SORTED:
        return
    column = labels[:, 0]
    if column[0] != column[-1] and _sorted(column):
        yield "The rows are sorted by label, so that the parts have other labels."


def _sorted(values: npt.NDArray[np.intp] | KerasArray) -> bool:
    return bool((values[1:] >= values[:-1]).all() or (values[1:] <= values[:-1]).all())
