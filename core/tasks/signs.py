"""Signs: labels of -1 and +1, each answered by the sign of its output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.data.choices import LABELS_SAID, listed
from core.tasks.scores import NONE, Answers

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    from core.arrays import AnyArray, KerasArray


@dataclass(frozen=True)
class Signs:
    """Labels of -1 and +1; other labels of two values, ``pair``, are taken as these, the smaller as -1.

    An output above ``at`` answers +1, one below it -1; on it, it answers neither. Of several ``columns`` of labels each
    has an output.
    """

    pair: tuple[float, float] = (-1.0, 1.0)
    at: float = 0.0
    columns: int = 1

    name: ClassVar[str] = "signs"
    metric: ClassVar[str] = "sign_accuracy"
    classes: ClassVar[tuple[str, str]] = ("-1", "+1")

    def targets(self, labels: Float[AnyArray, "rows columns"], _outputs: int = 1) -> Float[KerasArray, "rows columns"]:
        """Return the labels as Keras gets them."""
        return np.where(labels == self.pair[1], np.float32(1.0), np.float32(-1.0))

    def places(self, labels: Float[AnyArray, "rows columns"]) -> Int[np.ndarray, "rows"]:
        """Return which class each row's first label is."""
        return np.asarray(labels[:, 0] == self.pair[1], dtype=np.int64)

    def values(self, outputs: Float[AnyArray, "rows outputs"]) -> Float[AnyArray, "rows"]:
        """Return the one number a row that answers +1 where it is above 0; of several outputs that of the first."""
        return outputs[:, 0] - np.asarray(self.at, outputs.dtype)

    def answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows"]:
        """Return which class each row's first output answers, or that it answers none."""
        return self._all_answers(outputs)[:, 0]

    def _all_answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows outputs"]:
        at = np.asarray(self.at, outputs.dtype)
        return np.where(outputs > at, 1, np.where(outputs < at, 0, NONE))

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows columns"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> Answers:
        """Count the answers against the labels, those of every output at the places that are kept."""
        targets = self.targets(labels)
        wanted = (targets > 0).astype(np.int64)
        zeros_and_ones = (outputs > 0.5) == targets
        return Answers.of(self.classes, wanted, self._all_answers(outputs), np.isnan(outputs), zeros_and_ones, kept)

    def label_text(self, label: Float[AnyArray, "columns"]) -> str:
        """Return one row's label as it is said."""
        return listed([self.classes[int(one == self.pair[1])] for one in label], LABELS_SAID)

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        taken = "" if self.pair == (-1.0, 1.0) else f" ({self.pair[0]:g} is taken as -1, {self.pair[1]:g} as +1)"
        if self.columns > 1:
            taken += f", {self.columns} of them"
        whose = "each output answers its label" if self.columns > 1 else "the output is the answer"
        read = f"an output above {self.at:g} answers +1" if self.at else f"the sign of {whose}"
        return f"signs: labels -1 and +1{taken}; {read}"
