"""No labels: rows to predict for, and nothing to compare a prediction with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class NoLabels:
    """Data whose rows have no label."""

    name: ClassVar[str] = "none"

    def in_words(self) -> str:
        """Return how labels and outputs are read."""
        return "no labels: predictions alone, and nothing to train on or to count"
