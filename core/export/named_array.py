"""NamedArray: one array of a model's weights with the names that Keras gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.formatting import count
from core.model.in_layer import InLayer

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.model.array_axes import ArrayAxes


@dataclass(frozen=True, eq=False)
class NamedArray(InLayer):
    """The array called ``name`` (kernel, bias) of the layer called ``layer``.

    Keras's are float32; in a file of weights there are others, and such as are under no layer.
    """

    layer: str
    name: str
    values: npt.NDArray[Any]
    axes: ArrayAxes | None = None
    """What its axes are called, if that is known."""
    kept: str = ""
    """Where Keras 3's files of weights have it, if that is known: ``layers/dense/vars/0``."""
    in_all: int = 0
    """How many arrays its model has, or the file that it is of, if that is known."""
    dtype: str = ""
    """What a file calls its numbers, if NumPy has no such ones: bfloat16."""


Arrays = NamedArray | tuple[NamedArray, ...]
"""One array by itself, or those of a layer or of a model, of which there may be just one too."""


def several(arrays: Arrays) -> tuple[NamedArray, ...]:
    """Return ``arrays`` as a tuple in any case."""
    return (arrays,) if isinstance(arrays, NamedArray) else arrays


def require_own_names(arrays: tuple[NamedArray, ...]) -> None:
    """Refuse arrays of which two have the same names."""
    if len({array.path for array in arrays}) != len(arrays):
        raise Refused(f"expected layers with a name of their own each, got {count(len(arrays), 'array')} with fewer")
