"""Numbers: labels that are numbers, which the outputs come near to (regression)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.data.choices import LABELS_SAID, listed
from core.formatting import count
from core.names import listed_within
from core.tasks.scores import Errors

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, KerasArray


@dataclass(frozen=True)
class Numbers:
    """Labels of one number for each output; ``targets_named`` are what these are called."""

    named: tuple[str, ...]

    name: ClassVar[str] = "numbers"
    metric: ClassVar[str] = "mean_absolute_error"

    def targets(self, labels: Float[AnyArray, "rows outputs"], _outputs: int) -> Float[KerasArray, "rows outputs"]:
        """Return the labels as Keras gets them: as they are."""
        return labels.astype(np.float32)

    def judged(
        self,
        outputs: Float[AnyArray, "rows outputs"],
        labels: Float[AnyArray, "rows outputs"],
        kept: Bool[np.ndarray, "rows outputs"] | None = None,
    ) -> Errors:
        """Measure the outputs against the labels; where a mask leaves some out, over those that are kept."""
        if kept is not None:
            outputs, labels = outputs[kept][:, np.newaxis], labels[kept][:, np.newaxis]
        return Errors.of(outputs, labels)

    def label_text(self, label: Float[AnyArray, "outputs"]) -> str:
        """Return one row's label as it is said."""
        return listed([f"{value:g}" for value in label], LABELS_SAID)

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        size = len(self.named)
        names = f" ({listed_within(self.named, 40)})" if self.named != ("label",) else ""
        return f"numbers: {count(size, 'label')} a row{names}; an output is the answer itself"
