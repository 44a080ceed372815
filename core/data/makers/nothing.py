"""No data: what there is for a model that was opened without any."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """No points at all, and so no labels: a file has a model and not the data that it was trained on."""

    kind: ClassVar[str] = "nothing"
    title: ClassVar[str] = "no data"
    points: ClassVar[int] = 0
    seed: ClassVar[int] = 0
    inputs: ClassVar[int] = 0
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = True

    def in_words(self) -> str:
        """Return that there are none."""
        return "No data, and so no labels: a model's file has none, and none were made up."

    def make(self) -> tuple[Float[KerasArray, "0 0"], Float[KerasArray, "0 0"]]:
        """Return no points and no labels."""
        return np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32)
