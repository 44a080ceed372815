"""Classes: labels that name one of k classes, answered by the largest of k outputs, in a row or at each place of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.data.choices import LABELS_SAID, listed
from core.errors import shorten
from core.tasks.scores import NONE, Answers

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    from core.arrays import AnyArray, KerasArray

NAMED = 4
"""Names of classes that a sentence has; of more there is the number."""


@dataclass(frozen=True)
class Classes:
    """Labels of k ``classes``, in the order of the outputs that stand for them.

    ``values`` are the labels that name them, one column; where there are none, labels are one-hot, a column for each
    class. A loss of class numbers gets these (``sparse``), any other a 1 for the label's class and 0 for the others.
    Outputs that are a sequence or an image have so many ``columns`` of labels as places, and k outputs for each, those
    of one place after those of the other. A label that the loss leaves out and no output stands for, ``left_out``, has
    the place behind the last class; every output has a class then.
    """

    classes: tuple[str, ...]
    values: tuple[float, ...] = ()
    sparse: bool = False
    columns: int = 1
    left_out: float | None = None

    name: ClassVar[str] = "classes"
    metric: ClassVar[str] = "accuracy"

    @property
    def labels(self) -> tuple[str, ...]:
        """What a label of each place is called: the classes, and behind them what the loss leaves out."""
        return self.classes if self.left_out is None else (*self.classes, f"{self.left_out:g} (left out)")

    def places(self, labels: Float[AnyArray, "rows columns"]) -> Int[np.ndarray, "rows"]:
        """Return which class each row's first label is."""
        return self.all_places(labels)[:, 0]

    def all_places(self, labels: Float[AnyArray, "rows numbers"]) -> Int[np.ndarray, "rows columns"]:
        """Return which of :attr:`labels` each label is, one for each place."""
        if not self.values:
            return np.asarray(labels.reshape(len(labels), self.columns, len(self.classes)).argmax(axis=2))
        places = np.searchsorted(np.asarray(self.values, dtype=labels.dtype), labels)
        return places if self.left_out is None else np.where(labels == self.left_out, len(self.classes), places)

    def targets(self, labels: Float[AnyArray, "rows columns"], outputs: int) -> Float[KerasArray, "rows columns"]:
        """Return the labels as Keras gets them for a model of so many ``outputs``."""
        places = self.all_places(labels)
        if self.sparse:
            ignored = places == len(self.classes)
            return np.where(ignored, np.float32(self.left_out or 0.0), places.astype(np.float32))
        targets = np.zeros((places.size, outputs // self.columns), dtype=np.float32)
        targets[np.arange(places.size), places.ravel()] = 1.0
        return targets.reshape(len(labels), outputs)

    def answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows"]:
        """Return which output of each row's first place is the largest, the first of equal ones; NaN answers nothing.

        A zero with a minus sign is below one without, as for Keras's ``argmax`` on TensorFlow.
        """
        return self._all_answers(outputs)[:, 0]

    def _all_answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows columns"]:
        outputs = outputs.reshape(len(outputs), self.columns, outputs.shape[1] // self.columns)
        below = -np.finfo(outputs.dtype).tiny
        signed = np.where((outputs == 0) & np.signbit(outputs), below, outputs)
        return np.where(np.isnan(outputs).any(axis=2), NONE, signed.argmax(axis=2))

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows columns"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> Answers:
        """Count the answers against the labels, at the places that are kept.

        Outputs beyond the last class are classes without a name.
        """
        answers, size = self._all_answers(outputs), outputs.shape[1] // self.columns
        names = (*self.classes, *(f"output {place + 1}" for place in range(len(self.classes), size)))
        left = None if kept is None else kept[:, ::size]
        return Answers.of(names, self.all_places(labels), answers, answers == NONE, kept=left, counted="place")

    def label_text(self, label: Float[AnyArray, "columns"]) -> str:
        """Return one row's label as it is said."""
        named = [shorten(self.labels[place]) for place in self.all_places(label[np.newaxis])[0]]
        return named[0] if self.columns == 1 else listed(named, LABELS_SAID)

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        size = len(self.classes)
        names = ", ".join(shorten(name, 16) for name in self.classes[:NAMED]) + (", ..." if size > NAMED else "")
        counted = not self.values or self.values == tuple(range(size))
        each = "an output for each" if counted else "an output for each, in this order"
        at, there = (f" at each of {self.columns:,} places", " there") if self.columns > 1 else ("", "")
        ignored = "" if self.left_out is None else f"; the loss leaves out {self.left_out:g}, which no output answers"
        return f"{size:,} classes ({names}){at}, {each}; the largest output{there} is the answer{ignored}"
