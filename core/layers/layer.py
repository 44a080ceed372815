"""Layer: what every layer of Keras has, and what each says: its weights and its arithmetic, in operations.

A layer is a paragraph. Its fields are Keras's own settings, by Keras's names and with Keras's defaults;
:meth:`Layer.weights` gives the shapes of its weights, by Keras's names and in Keras's order; and ``call`` says the
arithmetic, once: shapes, numbers, terms, slopes and bounds follow from the operations that it writes down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.operations.operation import Shape
    from core.operations.program import Value

    Weights = Mapping[str, Value]
    Results = Value | tuple[Value, ...]


class Named(msgspec.Struct, frozen=True):
    """What has a name of its own in a model."""

    name: str


class Layer(Named, frozen=True, kw_only=True):
    """A layer of Keras; a training leaves the weights of one that is not ``trainable``, a frozen one, as they are.

    ``passes_mask``: whether what it makes has the mask of its first source, as in Keras ("supports_masking").
    """

    trainable: bool = True

    passes_mask: ClassVar[bool] = False

    kept_in: ClassVar[Mapping[str, str]] = {}
    """Under which part of the layer Keras's files keep its arrays, by what is before the last slash of their names."""

    axes_of_weights: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What the axes of its weights are called, where that is not what is usual for so many of them."""

    if TYPE_CHECKING:
        call: ClassVar[Callable[..., Results]]
        """``call(on, w, source, ...)``: write down with ``on`` what the layer makes of its sources.

        ``w`` has its weights by name. Arguments have Keras's names; lists of sources come one by one.
        """

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the shapes of its weights over sources of such shapes, those that are no training's last."""
        return {}

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return what the axes of a weight are called; nothing where that is what is usual."""
        return self.axes_of_weights.get(weight, ())

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return the layers within it, by the names that Keras's files keep them under."""
        return {}

    def expect(self, fits: bool, expected: str, inputs: Value) -> None:
        """Refuse ``inputs`` unless their shape ``fits``.

        Raises:
            Refused: the shape does not fit; it says what was expected and what came.
        """
        if not fits:
            raise Refused(f"{self.name} expects {expected}, got the shape {inputs.shape}")
