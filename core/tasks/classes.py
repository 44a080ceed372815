"""Classes: labels that name one of k classes, answered by the largest of k outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

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
    """

    classes: tuple[str, ...]
    values: tuple[float, ...] = ()
    sparse: bool = False

    name: ClassVar[str] = "classes"
    metric: ClassVar[str] = "accuracy"

    def places(self, labels: Float[AnyArray, "rows columns"]) -> Int[np.ndarray, "rows"]:
        """Return which class each label is."""
        if not self.values:
            return np.asarray(labels.argmax(axis=1))
        return np.searchsorted(np.asarray(self.values, dtype=labels.dtype), labels[:, 0])

    def targets(self, labels: Float[AnyArray, "rows columns"], outputs: int) -> Float[KerasArray, "rows columns"]:
        """Return the labels as Keras gets them for a model of so many ``outputs``."""
        places = self.places(labels)
        if self.sparse:
            return places[:, np.newaxis].astype(np.float32)
        targets = np.zeros((len(labels), outputs), dtype=np.float32)
        targets[np.arange(len(labels)), places] = 1.0
        return targets

    def answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows"]:
        """Return which output of each row is the largest, the first of equal ones; NaN answers nothing.

        A zero with a minus sign is below one without, as for Keras's ``argmax`` on TensorFlow.
        """
        below = -np.finfo(outputs.dtype).tiny
        signed = np.where((outputs == 0) & np.signbit(outputs), below, outputs)
        return np.where(np.isnan(outputs).any(axis=1), NONE, signed.argmax(axis=1))

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows columns"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> Answers:
        """Count the answers against the labels; outputs beyond the last class are classes without a name."""
        answers = self.answers(outputs)[:, np.newaxis]
        names = (*self.classes, *(f"output {place + 1}" for place in range(len(self.classes), outputs.shape[1])))
        left = None if kept is None else kept[:, :1]
        return Answers.of(names, self.places(labels)[:, np.newaxis], answers, answers == NONE, kept=left)

    def label_text(self, label: Float[AnyArray, "columns"]) -> str:
        """Return one row's label as it is said."""
        return shorten(self.classes[int(self.places(label[np.newaxis])[0])])

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        size = len(self.classes)
        names = ", ".join(shorten(name, 16) for name in self.classes[:NAMED]) + (", ..." if size > NAMED else "")
        counted = not self.values or self.values == tuple(range(size))
        each = "an output for each" if counted else "an output for each, in this order"
        return f"{size:,} classes ({names}), {each}; the largest output is the answer"
