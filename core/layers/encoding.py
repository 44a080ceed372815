"""Numbers as classes: in which bin one lies, and a place for each class that is 1 where a number is it.

Formulas: Keras 3 documentation, "Discretization layer" and "CategoryEncoding layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from core.layers.layer import Layer, Size
from core.limits import require_most
from core.operations.axes import usual

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

MOST_CLASSES = 1_000_000


class CategoryEncoding(Layer, frozen=True, kw_only=True, tag="CategoryEncoding"):
    """For each of the inputs, or for all, ``num_tokens`` numbers: 1 at the place that an input says, or how many do.

    What is behind an input's point is cut off; one that is no place is left out.
    """

    num_tokens: Size
    output_mode: Literal["one_hot", "multi_hot", "count"] = "multi_hot"

    def call(self, on: Writer, w: Weights, inputs: Value, count_weights: Value | None = None) -> Value:
        """Write down the places; of ``count_weights`` each is what its input counts."""
        return _encoded(self, on, inputs.whole(), self.num_tokens, self.output_mode, count_weights)


class Discretization(Layer, frozen=True, kw_only=True, tag="Discretization"):
    """In which bin each number lies, from 0 on; a boundary is in the bin above it."""

    knows_trainable = False

    bin_boundaries: tuple[float, ...] | None = None
    num_bins: int | None = None
    epsilon: float = 0.01
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = "int"

    @property
    def dtype(self) -> str:
        """The type in which Keras leaves what it makes."""
        return "int32" if self.output_mode == "int" else "float32"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down how many boundaries are not above each number, as it is or as places."""
        boundaries = np.asarray(self.bin_boundaries or (), dtype=np.float32)
        rises = self.bin_boundaries is not None and bool((np.diff(boundaries) >= 0).all())
        self.expect(rises, "boundaries of its bins, the smallest first", inputs)
        # Counted so, what is no number is in the last bin, as in Keras.
        above = on.constant(boundaries.astype(np.float64)).above(inputs.expand(-1)).over("sum", -1, keep=False)
        counted = float(len(boundaries)) - above if len(boundaries) else inputs * 0.0
        which = on.name("bin", counted, *usual(inputs.rank))
        if self.output_mode == "int":
            return which
        return _encoded(self, on, which, len(boundaries) + 1, self.output_mode, None)


def _encoded(layer: Layer, on: Writer, index: Value, classes: int, mode: str, counts: Value | None) -> Value:
    """Return places for whole numbers: for each by itself, or for all of a point how many say it, or whether one does.

    Raises:
        Refused: there are more axes than a row's for that.
    """
    require_most(f"classes of {layer.name}", classes, MOST_CLASSES)
    layer.expect(index.rank == 1 or mode == "one_hot", "a row of numbers", index)
    if mode == "one_hot" and index.shape[-1] == 1:
        index = index.squeeze(-1)
    hot = index.expand(-1).each("equal", on.constant(np.arange(float(classes))))
    if mode == "one_hot":
        return on.along(hot, *usual(index.rank + 1)[:-1], "class")
    hot = hot if counts is None else hot * counts.expand(-1)
    return on.along(hot.over("sum" if mode == "count" else "largest", 0, keep=False), "class")
