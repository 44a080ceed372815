"""Binary: labels of 0 and 1, each answered by the side of a threshold that its output is on."""

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


@dataclass(frozen=True)
class Binary:
    """Labels of 0 and 1, of which ``classes`` are the names, one for each output.

    Other labels of two values, ``pair``, are taken as these, the smaller as 0. An output above ``at`` answers 1, any
    other number 0, as Keras's ``BinaryAccuracy`` has it.
    """

    classes: tuple[str, str] = ("0", "1")
    pair: tuple[float, float] = (0.0, 1.0)
    at: float = 0.5
    columns: int = 1

    name: ClassVar[str] = "binary"

    @property
    def metric(self) -> str:
        """What ``History`` calls the share of right answers: Keras's ``accuracy`` goes by 0.5 alone."""
        return "accuracy" if self.at == 0.5 else "sign_accuracy"

    def targets(self, labels: Float[AnyArray, "rows columns"], _outputs: int = 1) -> Float[KerasArray, "rows columns"]:
        """Return the labels as Keras gets them."""
        return np.asarray(labels == self.pair[1], dtype=np.float32)

    def places(self, labels: Float[AnyArray, "rows columns"]) -> Int[np.ndarray, "rows"]:
        """Return which class each row's first label is."""
        return np.asarray(labels[:, 0] == self.pair[1], dtype=np.int64)

    def values(self, outputs: Float[AnyArray, "rows outputs"]) -> Float[AnyArray, "rows"]:
        """Return the one number a row that answers 1 where it is above 0; of several outputs that of the first."""
        return outputs[:, 0] - np.asarray(self.at, outputs.dtype)

    def answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows"]:
        """Return what each row's first output answers; NaN answers nothing."""
        return self._all_answers(outputs)[:, 0]

    def _all_answers(self, outputs: Float[AnyArray, "rows outputs"]) -> Int[np.ndarray, "rows outputs"]:
        return np.where(np.isnan(outputs), NONE, (outputs > self.at).astype(np.int64))

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows columns"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> Answers:
        """Count the answers against the labels, those of every output at the places that are kept."""
        wanted = (labels == self.pair[1]).astype(np.int64)
        zeros_and_ones = (outputs > 0.5) == wanted
        return Answers.of(self.classes, wanted, self._all_answers(outputs), np.isnan(outputs), zeros_and_ones, kept)

    def label_text(self, label: Float[AnyArray, "columns"]) -> str:
        """Return one row's label as it is said."""
        return listed([self.classes[int(one == self.pair[1])] for one in label], LABELS_SAID)

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        named = tuple(shorten(name, 20) for name in self.classes)
        pair = tuple(f"{value:g}" for value in self.pair)
        taken = "" if named == ("0", "1") else f" (0 is {named[0]}, 1 is {named[1]})"
        if named == ("0", "1") and pair != ("0", "1"):
            taken = f" ({pair[0]} is taken as 0, {pair[1]} as 1)"
        several = f", {self.columns} of them" if self.columns > 1 else ""
        return f"binary: labels 0 and 1{taken}{several}; an output above {self.at:g} answers 1"
