"""Two weights of the same architecture, side by side: what is bit-equal, how far apart the rest is, and where most."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from itertools import zip_longest
from math import inf, isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from core.chunks import Pause, go_on, pieces
from core.errors import Refused, shorten

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.model.network import Network
    from core.model.weights import LayerArrays, Weights

LARGEST = 10
"""How many of the largest changes of each array are listed, unless another number is asked for."""


@dataclass(frozen=True)
class Change:
    """One number before and after; ``index`` counts from 0."""

    layer: str
    array: str
    index: tuple[int, ...]
    old: float
    new: float

    @property
    def difference(self) -> float:
        """The new number minus the old one, in float64; NaN if that is no number."""
        return self.new - self.old

    @property
    def relative(self) -> float | None:
        """The difference over the old number's size; None where the old number is 0, which has no such share."""
        return self.difference / abs(self.old) if self.old else None

    @property
    def size(self) -> float:
        """How large the change is; what became or was NaN or infinite changed most."""
        return abs(self.difference) if isfinite(self.difference) else inf


@dataclass(frozen=True)
class ArrayComparison:
    """One array: how many of its numbers differ bit for bit, by how much, and the largest changes, largest first.

    ``norm`` is that of the finite differences (the root of the sum of squares), ``old_norm`` that of the old array's
    finite numbers. ``largest_relative`` is the largest difference in shares of the old number, over the numbers that
    were not 0; ``from_zero`` is how many were 0 and no longer are. ``not_finite`` is how many differences are none,
    because a number that changed is NaN or infinite.
    """

    name: str
    shape: tuple[int, ...]
    differing: int
    norm: float
    old_norm: float
    largest_relative: float
    from_zero: int
    not_finite: int
    largest: tuple[Change, ...]

    @property
    def bit_equal(self) -> bool:
        """Whether every number is the same, NaN included."""
        return self.differing == 0

    @property
    def relative_norm(self) -> float | None:
        """The norm of the difference over that of the old array; None if that one is 0."""
        return self.norm / self.old_norm if self.old_norm else None


@dataclass(frozen=True)
class LayerComparison:
    """One layer's arrays; a layer without any is bit-equal."""

    name: str
    arrays: tuple[ArrayComparison, ...]

    @property
    def bit_equal(self) -> bool:
        """Whether all its arrays are."""
        return all(array.bit_equal for array in self.arrays)


@dataclass(frozen=True)
class Comparison:
    """Every layer of a network, in order."""

    layers: tuple[LayerComparison, ...]

    @property
    def bit_equal(self) -> bool:
        """Whether all layers are."""
        return all(layer.bit_equal for layer in self.layers)

    def largest(self, most: int = LARGEST) -> list[Change]:
        """Return the largest changes of all arrays, largest first."""
        changes = [change for layer in self.layers for array in layer.arrays for change in array.largest]
        return nsmallest(most, changes, key=lambda change: -change.size)


def compare(network: Network, old: Weights, new: Weights, pause: Pause = go_on, largest: int = LARGEST) -> Comparison:
    """Return what changed from ``old`` to ``new``, both weights of ``network``, with ``largest`` changes an array.

    The arrays are gone through in pieces, with a ``pause`` before each.

    Raises:
        Refused: their arrays are not of the same shapes; the first layer that differs is named.
    """
    names, labels = [layer.name for layer in network.layers], network.weight_names
    _require_same_architecture(network, old, new)
    return Comparison(
        tuple(
            LayerComparison(
                name,
                tuple(
                    _Comparing(name, label, before, after, largest).made(pause)
                    for label, before, after in zip(of_layer, olds, news, strict=True)
                ),
            )
            for name, of_layer, olds, news in zip(names, labels, old.layers, new.layers, strict=True)
        )
    )


def _require_same_architecture(network: Network, old: Weights, new: Weights) -> None:
    labels = network.weight_names
    for place, (before, after) in enumerate(zip_longest(old.layers, new.layers)):
        named = labels[place] if place < len(labels) else ()
        if _shapes(named, before) != _shapes(named, after):
            name = f" ({shorten(network.layers[place].name)})" if place < len(labels) else ""
            raise Refused(
                f"expected weights of the same architecture, got layer {place + 1}{name} with {_shapes(named, before)} "
                f"in the old and {_shapes(named, after)} in the new; only the same shapes can be compared"
            )


def _shapes(names: tuple[str, ...], arrays: LayerArrays | None) -> str:
    """Return the shapes of a layer's arrays in words, which are different ones for different shapes."""
    if arrays is None:
        return "no such layer"
    named = zip((*names, *["array"] * len(arrays)), arrays, strict=False)
    return " and ".join(f"{name} {' x '.join(map(str, array.shape))}" for name, array in named) or "no weights"


class _Comparing:
    """Goes through two arrays of one shape, and keeps of what it saw no more than the result needs."""

    def __init__(self, layer: str, name: str, old: KerasArray, new: KerasArray, largest: int) -> None:
        self._layer, self._name, self._shape, self._most = layer, name, old.shape, largest
        self._old, self._new = old.reshape(-1), new.reshape(-1)
        self._squares = self._old_squares = self._relative = 0.0
        self._differing = self._from_zero = self._not_finite = 0
        self._places: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._sizes: Float[Array, "changes"] = np.empty(0)

    def made(self, pause: Pause) -> ArrayComparison:
        for piece in pieces(self._old.size, pause):
            self._take(piece)
        return ArrayComparison(
            name=self._name,
            shape=self._shape,
            differing=self._differing,
            norm=sqrt(self._squares),
            old_norm=sqrt(self._old_squares),
            largest_relative=self._relative,
            from_zero=self._from_zero,
            not_finite=self._not_finite,
            largest=tuple(self._change(int(place)) for place in self._places),
        )

    def _take(self, piece: slice) -> None:
        before = self._old[piece].astype(np.float64)
        squares = np.square(before)
        self._old_squares += float(np.sum(squares, where=np.isfinite(squares)))
        # Bits, because NaN is equal to nothing, and -0.0 equal to 0.0.
        changed = np.flatnonzero(self._old[piece].view(np.uint32) != self._new[piece].view(np.uint32))
        if not changed.size:
            return
        with np.errstate(invalid="ignore"):
            self._take_changed(changed + piece.start, before[changed], self._new[piece][changed].astype(np.float64))

    def _take_changed(self, places: npt.NDArray[np.intp], before: Array, after: Array) -> None:
        sizes = np.abs(after - before)
        finite = np.isfinite(sizes)
        self._differing += places.size
        self._not_finite += places.size - int(np.count_nonzero(finite))
        self._squares += float(np.sum(np.square(sizes), where=finite))
        self._from_zero += int(np.count_nonzero((before == 0) & (after != 0)))
        shares = finite & (before != 0)
        if shares.any():
            self._relative = max(self._relative, float(np.max(sizes[shares] / np.abs(before[shares]))))
        self._keep_largest(places, np.where(finite, sizes, np.inf))

    def _keep_largest(self, places: npt.NDArray[np.intp], sizes: Float[Array, "changes"]) -> None:
        """Keep the largest of those that were kept and these; of equal ones, those that come first in the array."""
        sizes, places = np.concatenate([self._sizes, sizes]), np.concatenate([self._places, places])
        if sizes.size > self._most:
            smallest = np.partition(sizes, sizes.size - self._most)[sizes.size - self._most]
            larger, as_large = np.flatnonzero(sizes > smallest), np.flatnonzero(sizes == smallest)
            kept = np.concatenate([larger, as_large[: self._most - larger.size]])
            sizes, places = sizes[kept], places[kept]
        order = np.lexsort((places, -sizes))
        self._sizes, self._places = sizes[order], places[order]

    def _change(self, place: int) -> Change:
        index = tuple(int(position) for position in np.unravel_index(place, self._shape))
        return Change(self._layer, self._name, index, float(self._old[place]), float(self._new[place]))
