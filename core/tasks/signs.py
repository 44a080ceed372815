"""Signs: labels of -1 and +1, answered by the sign of the one output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.tasks.scores import NONE, Answers

if TYPE_CHECKING:
    from jaxtyping import Float, Int

    from core.arrays import AnyArray, KerasArray


@dataclass(frozen=True)
class Signs:
    """Labels of -1 and +1; other labels of two values, ``pair``, are taken as these, the smaller as -1.

    An output above ``at`` answers +1, one below it -1; on it, it answers neither.
    """

    pair: tuple[float, float] = (-1.0, 1.0)
    at: float = 0.0

    name: ClassVar[str] = "signs"
    metric: ClassVar[str] = "sign_accuracy"
    classes: ClassVar[tuple[str, str]] = ("-1", "+1")

    def targets(self, labels: Float[AnyArray, "rows 1"], _outputs: int = 1) -> Float[KerasArray, "rows 1"]:
        """Return the labels as Keras gets them."""
        return np.where(labels == self.pair[1], np.float32(1.0), np.float32(-1.0))

    def places(self, labels: Float[AnyArray, "rows 1"]) -> Int[np.ndarray, "rows"]:
        """Return which class each label is."""
        return np.asarray(labels[:, 0] == self.pair[1], dtype=np.int64)

    def values(self, outputs: Float[AnyArray, "rows outputs"]) -> Float[AnyArray, "rows"]:
        """Return the one number a row that answers +1 where it is above 0."""
        return outputs[:, 0] - np.asarray(self.at, outputs.dtype)

    def answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows"]:
        """Return which class each row's output answers, or that it answers none."""
        values = self.values(outputs)
        return np.where(values > 0, 1, np.where(values < 0, 0, NONE))

    def judged(self, outputs: Float[AnyArray, "rows outputs"], labels: Float[AnyArray, "rows 1"]) -> Answers:
        """Count the answers against the labels."""
        answers, nan = self.answers(outputs), int(np.isnan(outputs[:, 0]).sum())
        zeros_and_ones = float(((outputs > 0.5) == self.targets(labels)).mean())
        wanted = self.places(labels)
        return Answers.of(self.classes, wanted[:, np.newaxis], answers[:, np.newaxis], nan, zeros_and_ones)

    def label_text(self, label: Float[AnyArray, "1"]) -> str:
        """Return one row's label as it is said."""
        return self.classes[int(label[0] == self.pair[1])]

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        taken = "" if self.pair == (-1.0, 1.0) else f" ({self.pair[0]:g} is taken as -1, {self.pair[1]:g} as +1)"
        read = f"an output above {self.at:g} answers +1" if self.at else "the sign of the output is the answer"
        return f"signs: labels -1 and +1{taken}; {read}"
