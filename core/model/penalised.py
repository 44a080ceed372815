"""What a layer can have besides its arithmetic: regularizers, which add to the loss, and constraints on its weights.

They are those of the Keras 3 documentation ("Layer weight regularizers", "Layer weight constraints").
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Regularizer(msgspec.Struct, frozen=True):
    """Adds to the loss ``l1`` times the sum of sizes, ``l2`` times the sum of squares, of what it is put on.

    With ``orthogonal`` above 0 it is Keras's OrthogonalRegularizer of that factor, over the ``mode`` of a matrix.
    """

    l1: float = 0.0
    l2: float = 0.0
    orthogonal: float = 0.0
    mode: Literal["rows", "columns"] = "rows"

    def in_words(self) -> str:
        """Return Keras's short name of it."""
        if self.orthogonal:
            return "orthogonality"
        return "l1_l2" if self.l1 and self.l2 else "l1" if self.l1 else "l2"


class Constraint(msgspec.Struct, frozen=True):
    """What Keras does to a kernel or bias after every step of a training: by its class, with that class's settings.

    ``axis`` is what the norms are taken along; numbers that the class does not have are None.
    """

    keras_class: Literal["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]
    axis: tuple[int, ...] = (0,)
    min_value: float | None = None
    max_value: float | None = None
    rate: float | None = None

    def settings(self) -> dict[str, object]:
        """Return what Keras's class is made with."""
        if self.keras_class == "NonNeg":
            return {}
        numbers = {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate}
        axis = self.axis[0] if len(self.axis) == 1 else list(self.axis)
        return {name: value for name, value in numbers.items() if value is not None} | {"axis": axis}
