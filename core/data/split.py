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

    from core.data.dataset import Dataset

SHOWN = 5
"""Labels of a part that are shown."""

MOST_CLASSES, ROWS_A_CLASS = 100, 2
"""Whole numbers are counted each only where they are no more than these, with so many rows for each on average."""

SHUFFLE = "shuffle the rows of the file first"


def training_points(points: int, validation_split: float) -> int:
    """Return how many of ``points`` are trained on; the rest, at the end, validate.

    As Keras 3's ``fit`` does it: floor(points * (1 - validation_split)).

    Raises:
        Refused: the split is outside [0, 1) or leaves no point on one of the sides.
    """
    if not 0.0 <= validation_split < 1.0:
        raise Refused(f"expected a validation split from 0 up to, not including, 1, got {validation_split:g}")
    if validation_split == 0.0:
        return points
    training = math.floor(points * (1.0 - validation_split))
    if not 0 < training < points:
        raise Refused(
            f"expected a split that leaves points on both sides, got {validation_split:g} of {count(points, 'point')}: "
            f"{training:,} to train on and {points - training:,} to validate"
        )
    return training


class Part(msgspec.Struct, frozen=True):
    """How many rows a part has, and of each label how many; None where labels are no classes."""

    rows: int
    by_label: dict[str, int] | None


class SplitParts(msgspec.Struct, frozen=True):
    """What is trained on and what validates, and the traps in that, each with what to do."""

    training: Part
    validation: Part
    traps: tuple[str, ...]

    def in_words(self) -> str:
        """Return in a sentence what the parts hold."""
        if not self.validation.rows:
            return f"All {count(self.training.rows, 'row')} are trained on: no validation split."
        parts = {"The first": self.training, "to train on; the last": self.validation}
        held = " ".join(f"{where} {count(part.rows, 'row')}{_held(part)}" for where, part in parts.items())
        return " ".join((f"{held} validate.", *self.traps))


def _held(part: Part) -> str:
    if part.by_label is None:
        return ""
    shown = list(part.by_label.items())[:SHOWN]
    rest = ", ..." if len(part.by_label) > SHOWN else ""
    return " (" + ", ".join(f"{shorten(name)}: {rows:,}" for name, rows in shown) + rest + ")"


def split_parts(dataset: Dataset, validation_split: float) -> SplitParts:
    """Return what both parts of a split hold, and what is wrong with that: Keras takes the last rows, unshuffled.

    Raises:
        Refused: the split is none, or leaves no row on one of the sides.
    """
    first = training_points(len(dataset), validation_split)
    names, places = _labels(dataset)
    if names is None:
        return SplitParts(Part(first, None), Part(len(dataset) - first, None), ())
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
    return tuple(f"{value:g}" for value in distinct), np.searchsorted(distinct, dataset.labels[:, 0])


def _traps(counts: list[list[int]], names: tuple[str, ...], places: npt.NDArray[np.intp]) -> Iterator[str]:
    there = sum(bool(one + other) for one, other in zip(*counts, strict=True))
    if there < 2:
        return
    for held, part in zip(counts, ("training", "validation"), strict=True):
        if sum(map(bool, held)) == 1:
            alone = names[next(place for place, rows in enumerate(held) if rows)]
            yield f"The {part} part has {shorten(alone)} alone."
    missing = [names[place] for place, (one, other) in enumerate(zip(*counts, strict=True)) if other and not one]
    if missing:
        yield f"Nothing is trained on {', '.join(map(shorten, missing[:SHOWN]))}, which validates."
    if len(places) > there and bool((np.diff(places) >= 0).all() or (np.diff(places) <= 0).all()):
        yield f"The rows are sorted by label, and the last part is taken before any shuffling: {SHUFFLE}."
    elif missing or any(sum(map(bool, held)) == 1 for held in counts):
        yield f"The last part is taken before any shuffling: {SHUFFLE}."
