"""NamedArray: one array of a model's weights with the names that Keras gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.arrays import KerasArray
    from core.model.array_axes import ArrayAxes


@dataclass(frozen=True, eq=False)
class NamedArray:
    """The array called ``name`` (kernel, bias) of the layer called ``layer``."""

    layer: str
    name: str
    values: KerasArray
    axes: ArrayAxes | None = None
    """What its axes are called, if that is known."""

    @property
    def path(self) -> str:
        """Both names, as in the path of a Keras variable."""
        return f"{self.layer}/{self.name}"


Arrays = NamedArray | tuple[NamedArray, ...]
"""One array by itself, or those of a layer or of a model, of which there may be just one too."""


def several(arrays: Arrays) -> tuple[NamedArray, ...]:
    """Return ``arrays`` as a tuple in any case."""
    return (arrays,) if isinstance(arrays, NamedArray) else arrays
