"""Scores: what predictions are worth against their labels, as counts of answers or as sizes of errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import shorten
from core.formatting import count, percent
from core.formatting import number as number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float, Int

    from core.arrays import AnyArray, Array

NAME = 20
"""Columns of an output's name in a sentence."""

NONE = -1
"""The answer of outputs that give none: a sign of 0, or NaN."""

LEFT_OUT = "The loss leaves out {:,}, which count as wrong, as for Keras's accuracy."
"""Of how many labels no answer is right."""


@dataclass(frozen=True, eq=False)
class Answers:
    """How often answers are the label, where a label is one of some ``classes``.

    ``confusion[i, j]`` counts the labels of class ``i`` that were answered by class ``j``; its last column those that
    were not answered, ``nan`` of them because an output is not a number. ``failures`` are the rows that are not right;
    of a row with several labels, each counts, and one that is wrong makes the row a failure; ``counted`` is what such
    a label is called. Where there are two classes and an output for each label, ``binary_accuracy`` is Keras's: how
    often an output, made 0 or 1 at 0.5, is the label as Keras gets it (Keras 3 documentation, "BinaryAccuracy").
    ``left_out`` labels are none of the classes, because the loss leaves them out: for Keras's accuracy no answer to
    them is right, but there is nothing to learn from them, so they are no failures.
    """

    classes: tuple[str, ...]
    rows: int
    confusion: Int[np.ndarray, "classes answers"]
    failures: Int[np.ndarray, "failures"]
    nan: int = 0
    binary_accuracy: float | None = None
    counted: str = "point"
    left_out: int = 0

    @classmethod
    def of(
        cls,
        classes: tuple[str, ...],
        labels: Int[np.ndarray, "rows columns"],
        answers: Int[np.ndarray, "rows columns"],
        nan: Bool[np.ndarray, "rows columns"],
        binary: Bool[np.ndarray, "rows columns"] | None = None,
        kept: Bool[np.ndarray, "rows columns"] | None = None,
        counted: str = "label",
    ) -> Answers:
        """Count the ``answers``, each the place of a class or :data:`NONE`, against the ``labels``.

        A label of the place behind the last class is left out. ``nan`` says which are not a number, ``binary`` which
        are right for Keras's BinaryAccuracy. Only those are counted that are ``kept``, as a mask leaves others out.
        """
        size, every = len(classes), np.ones(labels.shape, dtype=bool) if kept is None else kept
        left = every & (labels < size)
        confusion = np.zeros((size, size + 1), dtype=np.int64)
        np.add.at(confusion, (labels[left], np.where(answers < 0, size, answers)[left]), 1)
        failures = np.flatnonzero(((labels != answers) & left).any(axis=1))
        accuracy = None if binary is None else float(binary[left].mean()) if left.any() else np.nan
        counted = "point" if labels.shape[1] == 1 else counted
        return cls(
            classes,
            len(labels),
            confusion,
            failures,
            int((nan & left).sum()),
            accuracy,
            counted,
            int((every & ~left).sum()),
        )

    @property
    def points(self) -> int:
        """How many labels were counted: the rows, or of rows with several labels all of these."""
        return int(self.confusion.sum()) + self.left_out

    @property
    def correct(self) -> int:
        """How many answers are their label."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of the labels that were answered right; 0, as Keras has it, where masks leave out all of them."""
        return self.correct / max(self.points, 1)

    @property
    def unanswered(self) -> int:
        """How many have an output that stands for no class, such as a sign of 0; those that are NaN apart."""
        return int(self.confusion[:, -1].sum()) - self.nan

    @property
    def baseline(self) -> float:
        """The accuracy of always answering the commonest class."""
        return self.always(self.baseline_class)

    @property
    def baseline_class(self) -> int:
        """The commonest class; the last of those that are equally common."""
        totals = self.confusion.sum(axis=1)
        return len(totals) - 1 - int(np.argmax(totals[::-1]))

    def always(self, answer: int) -> float:
        """Return the accuracy of always answering the class at ``answer``."""
        return int(self.confusion[answer].sum()) / max(self.points, 1)

    def in_words(self) -> str:
        """Return accuracy and baseline as one sentence."""
        if not self.points:
            return f"No {self.counted} is counted: masks leave out all of them."
        return (
            f"{self.correct:,} of {count(self.points, self.counted)} right ({percent(self.accuracy)}); "
            f"always answering {self.classes[self.baseline_class]} would get {percent(self.baseline)}."
            + (f" {LEFT_OUT.format(self.left_out)}" if self.left_out else "")
        )

    @staticmethod
    def joined(parts: Sequence[Answers]) -> Answers:
        """Return the counts of the rows of all ``parts``, one behind the other."""
        starts = np.cumsum([0, *(part.rows for part in parts)])
        return Answers(
            classes=parts[0].classes,
            rows=int(starts[-1]),
            confusion=np.sum([part.confusion for part in parts], axis=0),
            failures=np.concatenate([part.failures + start for part, start in zip(parts, starts, strict=False)]),
            nan=sum(part.nan for part in parts),
            binary_accuracy=_mean([part.binary_accuracy for part in parts], [part.points for part in parts]),
            counted=parts[0].counted,
            left_out=sum(part.left_out for part in parts),
        )


@dataclass(frozen=True, eq=False)
class Errors:
    """How far outputs are from labels that are numbers, of each output: means over the rows.

    ``spread`` is the mean squared error of always answering the labels' mean, ``deviation`` the mean absolute error of
    always answering their median: the baselines. ``r2``, the coefficient of determination, is 1 - squared / spread,
    the mean over the outputs; of labels that are all equal it is 1 if they are met and else 0, as in Keras's R2Score.
    """

    rows: int
    squared: Float[Array, "outputs"]
    absolute: Float[Array, "outputs"]
    spread: Float[Array, "outputs"]
    deviation: Float[Array, "outputs"]
    nan: int = 0

    @classmethod
    def of(cls, outputs: Float[AnyArray, "rows outputs"], labels: Float[AnyArray, "rows outputs"]) -> Errors:
        """Measure the ``outputs`` against their ``labels``."""
        wanted = labels.astype(np.float64)
        if not len(wanted):
            # As Keras has it where masks leave out all.
            none = np.zeros(wanted.shape[1])
            return cls(0, none, none, none, none)
        with np.errstate(all="ignore"):
            off = outputs.astype(np.float64) - wanted
            squared, absolute = np.mean(off**2, axis=0), np.mean(np.abs(off), axis=0)
            spread = np.mean((wanted - wanted.mean(axis=0)) ** 2, axis=0)
            deviation = np.mean(np.abs(wanted - np.median(wanted, axis=0)), axis=0)
        return cls(len(labels), squared, absolute, spread, deviation, int(np.isnan(outputs).any(axis=1).sum()))

    @property
    def points(self) -> int:
        """How many rows were measured."""
        return self.rows

    @property
    def mean_squared_error(self) -> float:
        """The mean over rows and outputs."""
        return float(self.squared.mean())

    @property
    def mean_absolute_error(self) -> float:
        """The mean over rows and outputs."""
        return float(self.absolute.mean())

    @property
    def baseline(self) -> float:
        """The mean absolute error of always answering the median."""
        return float(self.deviation.mean())

    @property
    def baseline_squared(self) -> float:
        """The mean squared error of always answering the mean."""
        return float(self.spread.mean())

    @property
    def r2(self) -> float:
        """What share of the labels' spread the outputs explain; 1 is all of it, 0 what the mean does."""
        with np.errstate(all="ignore"):
            constant = np.where(self.squared == 0, 1.0, 0.0)
            of_each = np.where(self.spread > 0, 1.0 - self.squared / self.spread, constant)
        return float(of_each.mean())

    def in_words(self) -> str:
        """Return the errors and their baselines as one sentence."""
        if not self.rows:
            return "No number is counted: masks leave out all of them."
        return (
            f"{count(self.rows, 'point')}: mean absolute error {number_text(self.mean_absolute_error)} "
            f"(always the median: {number_text(self.baseline)}), mean squared error "
            f"{number_text(self.mean_squared_error)} (always the mean: {number_text(self.baseline_squared)}), "
            f"R2 {number_text(self.r2)}."
        )


@dataclass(frozen=True, eq=False)
class OfOutputs:
    """What predictions of a model of several outputs are worth: the scores of each, by its name."""

    parts: tuple[tuple[str, Answers | Errors], ...]

    @property
    def rows(self) -> int:
        """How many rows were counted or measured."""
        return self.parts[0][1].rows

    @property
    def points(self) -> int:
        """How many rows were counted or measured."""
        return self.rows

    @property
    def nan(self) -> int:
        """How many of all outputs' answers or rows are not a number."""
        return sum(scores.nan for _, scores in self.parts)

    def in_words(self) -> str:
        """Return what each output is worth as a sentence."""
        return "\n".join(f"{shorten(name, NAME)}: {scores.in_words()}" for name, scores in self.parts)


Scores = Answers | Errors | OfOutputs


def _mean(values: Sequence[float | None], rows: Sequence[int]) -> float | None:
    """Return the mean over all rows of what is a mean over parts of them; None where a part has none."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return sum(value * size for value, size in zip(known, rows, strict=True) if size) / max(sum(rows), 1)
