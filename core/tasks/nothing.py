"""No labels: rows to predict for, and nothing to compare a prediction with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NoReturn

import numpy as np

from core.data.choices import NAME_LABELS
from core.errors import Refused

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from core.arrays import AnyArray, KerasArray


@dataclass(frozen=True)
class NoLabels:
    """Data whose rows have no label, or a model whose outputs have no loss here: ``no_loss`` says why."""

    no_loss: str = ""

    name: ClassVar[str] = "none"
    metric: ClassVar[str] = ""

    def targets(self, labels: Float[AnyArray, "rows columns"], _outputs: int = 1) -> Float[KerasArray, "rows 0"]:
        """Return what Keras would get: nothing for each row."""
        return np.zeros((len(labels), 0), dtype=np.float32)

    def judged(
        self, _outputs: AnyArray, _labels: AnyArray, _kept: Bool[np.ndarray, "rows outputs"] | None = None
    ) -> NoReturn:
        """Refuse to count: there is nothing to compare with.

        Raises:
            Refused: always.
        """
        raise Refused(self.why)

    @property
    def why(self) -> str:
        """Why there is nothing to hold a prediction against."""
        if self.no_loss:
            return self.no_loss
        return f"expected data with labels, got rows without any; {NAME_LABELS}"

    def label_text(self, _label: Float[AnyArray, "columns"]) -> str:
        """Return what is said for a row's label."""
        return "none"

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        if self.no_loss:
            return "no labels for the model's outputs: predictions alone"
        return "no labels: predictions alone, and nothing to train on or to count"
