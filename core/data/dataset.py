"""Dataset: points with their labels as they are, made from a rule as the tutorial makes them or read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.arrays import KerasArray, frozen
from core.data.edits import Edits
from core.data.extent import around
from core.data.limits import MAX_INPUTS, MAX_NOISE, MAX_NUMBERS, MAX_POINTS
from core.data.makers import Maker, Nothing, SumRule, usual_threshold
from core.formatting import count
from core.model.initial import MAX_SEED
from core.names import listed_within

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.data.extent import Extent

__all__ = [
    "COUNTED_BY_ROWS",
    "MAX_INPUTS",
    "MAX_NOISE",
    "MAX_NUMBERS",
    "MAX_POINTS",
    "PRESETS",
    "DataFile",
    "Dataset",
    "Origin",
    "Preset",
    "SumRule",
    "fresh",
    "generate",
    "rule_of",
    "rule_over",
    "usual_threshold",
]


class DataFile(msgspec.Struct, frozen=True):
    """A person's own data: the name of their file, and the names of its inputs if they are others than x1, x2 ...

    ``targets`` are the names of its label columns, if it has any, ``left_out`` those of columns that are no inputs
    either, and ``note`` what is to be known of rows and columns.
    ``edits`` are what was changed here since; data that were ``made`` here are a person's own once they are changed.
    """

    name: str
    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    note: str = ""
    left_out: tuple[str, ...] = ()
    edits: Edits | None = None
    made: Maker | None = None

    def in_words(self) -> str:
        """Return where the labels are from."""
        return f"the labels of {self.name}"

    @property
    def named(self) -> str:
        """The name, and what was changed, as in "iris.csv, 2 rows changed"."""
        return self.name if self.edits is None else f"{self.name}, {self.edits.in_words()}"


COUNTED_BY_ROWS = "Weights count in the loss of a training alone; counts, accuracies and confusion go by rows."
"""What is said where data have weights."""

Origin = Maker | Nothing | DataFile
"""Where data are from: most makers can make more of them, a file has what it has; or there are none."""


class Preset(msgspec.Struct, frozen=True):
    """One part of the tutorial: its data and the layers that it trains on them."""

    title: str
    rule: SumRule
    shape: str


PRESETS = (
    Preset("two inputs, threshold 0.5, hidden 5", SumRule(250, 2, 0.5), "5 tanh, 1 tanh"),
    Preset("five inputs, threshold 2.5, hidden 20", SumRule(250, 5, 2.5), "20 tanh, 1 tanh"),
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Read-only ``points`` and ``labels``, where they are from, and what each weighs in a training's loss if not 1.

    Labels are as they were made or given, a column for each number that a label has; without labels there is no
    column. Where they name ``classes``, each is the place of one among them, 0, 1, 2 ... The points are pictures or
    sequences of ``shape``, if they have one, each as a row of its numbers in order. ``file_rows`` are the places that
    rows have in their file, where some of it were left out, and -1 for one that was added since.
    """

    points: Float[KerasArray, "points inputs"]
    labels: Float[KerasArray, "points columns"]
    origin: Origin
    weights: Float[KerasArray, "points"] | None = None
    classes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    file_rows: npt.NDArray[np.int64] | None = None

    MOST_DISTINCT: ClassVar[int] = 10_000
    """Different labels that are told apart; of more there are only numbers."""

    def __len__(self) -> int:
        return len(self.points)

    @property
    def inputs(self) -> int:
        """How many numbers a point has."""
        return int(self.points.shape[1])

    @cached_property
    def distinct(self) -> tuple[float, ...] | None:
        """The different labels in order; None if there are several columns, or more labels than are told apart."""
        return self.distinct_everywhere if self.labels.shape[1] == 1 else None

    @cached_property
    def distinct_everywhere(self) -> tuple[float, ...] | None:
        """The different labels of all columns in order; None if there are more than are told apart."""
        values = np.unique(self.labels)
        return tuple(values.tolist()) if len(values) <= self.MOST_DISTINCT else None

    def of_labels(self, start: int, stop: int) -> Dataset:
        """Return the same points with these columns of the labels alone."""
        if (start, stop) not in self._of_labels:
            origin = self.origin
            if isinstance(origin, DataFile):
                origin = msgspec.structs.replace(origin, targets=origin.targets[start:stop])
            labels = self.labels[:, start:stop]
            self._of_labels[start, stop] = Dataset(self.points, labels, origin, self.weights, (), self.shape)
        return self._of_labels[start, stop]

    @cached_property
    def _of_labels(self) -> dict[tuple[int, int], Dataset]:
        return {}

    @cached_property
    def zeros_and_ones(self) -> bool:
        """Whether every label is 0 or 1."""
        return bool(np.isin(self.labels, (0.0, 1.0)).all())

    @cached_property
    def signs(self) -> bool:
        """Whether every label is -1 or +1."""
        return bool(np.isin(self.labels, (-1.0, 1.0)).all())

    @property
    def one_hot(self) -> bool:
        """Whether labels have several columns, with a single 1 in each row and 0 elsewhere."""
        return self.one_hot_at(1)

    def one_hot_at(self, places: int) -> bool:
        """Whether labels have several columns for each of so many places, with a single 1 there and 0 elsewhere."""
        if places not in self._one_hot:
            columns, over = divmod(self.labels.shape[1], places)
            several = columns > 1 and not over and self.zeros_and_ones
            self._one_hot[places] = several and bool((self.labels.reshape(-1, columns).sum(axis=1) == 1).all())
        return self._one_hot[places]

    @cached_property
    def _one_hot(self) -> dict[int, bool]:
        return {}

    @cached_property
    def extent(self) -> Extent:
        """The part of the plane that a picture of the points shows; the maker's own, or all that they take up.

        Only where there are two inputs.
        """
        made = None if isinstance(self.origin, DataFile) else self.origin.extent
        return made or around(self.points)

    @cached_property
    def range(self) -> tuple[float, float]:
        """The least and the largest number of all points."""
        return float(self.points.min()), float(self.points.max())

    def in_words(self) -> str:
        """Return how many points of how many numbers there are, where from, and what is to be known of them."""
        match self.origin:
            case DataFile() as file:
                note = f" {file.note[0].upper()}{file.note[1:]}." if file.note else ""
                return f"{self.counted_in_words()}{note}"
            case Nothing() as nothing:
                return nothing.in_words()
            case maker:
                return f"{maker.drawn_in_words()}, seed {maker.seed}: {maker.in_words()}"

    def counted_in_words(self) -> str:
        """Return how many rows of how many inputs there are of a file."""
        assert isinstance(self.origin, DataFile)
        inputs = self.origin.inputs
        names = f" ({listed_within(inputs, 60)})" if inputs else ""
        size = f"{count(len(self), 'row')} of {count(self.inputs, 'input')}{names}"
        return f"{self.origin.named}: {size}{self._weights_in_words()}."

    def row_in_words(self, row: int) -> str:
        """Return what a row is called: its place here from 1 on, and its place in its file where that is another."""
        there = "" if self._file_row(row) is None else f" ({self._file_row(row):,} in the file)"
        return f"row {row + 1:,}{there}"

    def row_number(self, row: int) -> str:
        """Return the same in short, for the heading of a row."""
        return f"{row + 1}" if self._file_row(row) is None else f"{row + 1} ({self._file_row(row)})"

    def _file_row(self, row: int) -> int | None:
        if self.file_rows is None or self.file_rows[row] < 0:
            return None
        return int(self.file_rows[row]) + 1

    def _weights_in_words(self) -> str:
        if self.weights is None:
            return ""
        return f", weights from {float(self.weights.min()):.4g} to {float(self.weights.max()):.4g}"


def generate(maker: Maker | Nothing) -> Dataset:
    """Return the data set of ``maker``; the same settings give the same points."""
    points, labels = maker.make()
    return Dataset(frozen(points), frozen(labels), maker, classes=maker.label_names, shape=maker.shape)


def fresh(origin: Origin, points: int) -> Dataset | None:
    """Return ``points`` points of the same kind that are not those of its own seed; None where there are no others."""
    if isinstance(origin, DataFile | Nothing) or origin.fixed:
        return None
    seed = (origin.seed + 1) % (MAX_SEED + 1)
    return generate(msgspec.structs.replace(origin, points=points, seed=seed))


def rule_of(dataset: Dataset) -> SumRule:
    """Return the tutorial's rule if it made ``dataset``, which may be changed since, else one over as many inputs."""
    origin = dataset.origin
    made = origin.made if isinstance(origin, DataFile) else origin
    if isinstance(made, SumRule) and made.inputs == dataset.inputs:
        return made
    if isinstance(origin, Nothing):
        return SumRule()
    points = min(SumRule().points, MAX_NUMBERS // dataset.inputs)
    return SumRule(points, dataset.inputs, usual_threshold(dataset.inputs))


def rule_over(inputs: int, dataset: Dataset) -> SumRule:
    """Return the tutorial's rule over so many inputs, with the points and the seed of that of ``dataset``."""
    rule = rule_of(dataset)
    if rule.inputs == inputs:
        return rule
    points = min(rule.points, max(1, MAX_NUMBERS // inputs))
    return SumRule(points, inputs, usual_threshold(inputs), rule.seed)
