"""History: what a training told of every epoch, as columns; and the weights of the epochs that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, PAGESIZE, mmap
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import numpy as np

from core.arrays import frozen
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import Array, KerasArray
    from core.model.weights import LayerArrays

BUDGET = 64 << 20
"""Bytes of weights that are kept of one training, unless another number is asked for."""


EpochNumbers = Mapping[str, float | None]
"""One epoch's numbers by the name that Keras's ``History`` gives them; None for one that the training lacks."""


@dataclass(frozen=True, eq=False)
class History:
    """Every epoch's numbers by the name that Keras gives them; a column that a training lacks is not there."""

    columns: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def extended(self, epochs: Sequence[EpochNumbers]) -> History:
        """Return this with the numbers of more epochs, each by name; None is a column that is lacking."""
        if not epochs:
            return self
        names = [name for name, value in epochs[0].items() if value is not None]
        return History(
            {
                name: np.concatenate([self.columns.get(name, np.empty(0)), [epoch[name] for epoch in epochs]])
                for name in names
            }
        )

    def until(self, epoch: int) -> History:
        """Return the first ``epoch`` epochs alone."""
        return History({name: column[:epoch] for name, column in self.columns.items()})

    def __getitem__(self, name: str) -> Array:
        """Return the column called ``name``; an empty one if the training lacks it."""
        return self.columns.get(name, np.empty(0))

    @property
    def best(self) -> int:
        """The epoch, counted from 1, with the smallest validation loss, or loss without validation; 0 if none."""
        column = self["val_loss"] if "val_loss" in self.columns else self["loss"]
        known = np.where(np.isfinite(column), column, np.inf)
        return int(np.argmin(known)) + 1 if known.size else 0


Stacked = tuple[tuple["KerasArray", ...], ...]
"""Every array of every layer with the epochs as its first axis."""


class Growing:
    """An array that grows at its end, in a buffer with room behind it; shorter views of it never change.

    A copy at every step would leave the heap as scattered as a training is long.
    """

    def __init__(self, values: KerasArray) -> None:
        self._buffer, self._used = values, len(values)

    @classmethod
    def with_room(cls, values: KerasArray, places: npt.NDArray[np.int64], size: int) -> Growing:
        """Return those of ``values`` at ``places`` in a buffer for ``size`` of them.

        It is memory of its own, which goes back to the system with it; the heap would keep most of it.
        """
        shape = (size, *values.shape[1:])
        memory = mmap(-1, max(prod(shape) * values.itemsize, 1), MAP_PRIVATE | MAP_ANONYMOUS)
        grown = cls(np.ndarray(shape, values.dtype, memory))
        # Where it belongs at once: a copy in between is taken from the heap. No place lies outside, so none is clipped.
        np.take(values, places, axis=0, out=grown._buffer[: len(places)], mode="clip")
        grown._used = len(places)
        return grown

    @property
    def held(self) -> tuple[int, int]:
        """What tells its buffer from all others, and how many bytes of memory that takes, in whole pages."""
        used = self._buffer[: self._used].nbytes
        return id(self._buffer), -(-max(used, 1) // PAGESIZE) * PAGESIZE

    def first(self, count: int) -> KerasArray:
        """Return the first ``count`` as they are."""
        return self._buffer[:count]

    def appended(self, count: int, new: KerasArray) -> Growing:
        """Return an array of the first ``count`` and ``new``: this very one, if nothing came after those yet."""
        size = count + len(new)
        grown = self
        if count != self._used or size > len(self._buffer):
            grown = Growing.with_room(self._buffer, np.arange(count), 2 * size)
        grown._buffer[count:size] = new
        grown._used = size
        return grown


@dataclass(frozen=True, eq=False)
class KeptWeights:
    """The weights after some epochs, in order; epoch 0 is what the training began with.

    Above ``budget`` bytes every second one is let go, and of those that come later as many; the first, the last
    and the best are always kept.
    """

    epochs: npt.NDArray[np.int64]
    arrays: tuple[tuple[Growing, ...], ...]
    budget: int = BUDGET
    stride: int = 1

    @classmethod
    def starting(cls, initial: Weights, budget: int = BUDGET) -> KeptWeights:
        """Return what is kept before the first epoch: the weights that the training begins with."""
        arrays = tuple(tuple(Growing(array[np.newaxis]) for array in layer) for layer in initial.layers)
        return cls(np.zeros(1, dtype=np.int64), arrays, budget)

    @property
    def stacked(self) -> Stacked:
        """Every array of every layer, with the kept epochs as its first axis."""
        return tuple(tuple(array.first(len(self)) for array in layer) for layer in self.arrays)

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def bytes(self) -> int:
        """How much memory the arrays take."""
        return sum(array.nbytes for arrays in self.stacked for array in arrays)

    def extended(self, epochs: Sequence[int], stacked: Stacked, best: int) -> KeptWeights:
        """Return this with the weights after more ``epochs``, thinned if they would be too many.

        What was once the last or the best stays until then: to take single ones out would copy all others.
        """
        new = np.asarray(epochs, dtype=np.int64)
        wanted = _wanted(new, self.stride, best)
        count = len(self)
        arrays = tuple(
            tuple(old.appended(count, more[wanted]) for old, more in zip(olds, news, strict=True))
            for olds, news in zip(self.arrays, stacked, strict=True)
        )
        return KeptWeights(np.concatenate([self.epochs, new[wanted]]), arrays, self.budget, self.stride).thinned(best)

    def thinned(self, best: int) -> KeptWeights:
        """Return this with every second one let go, or more, until it is within the budget."""
        if self.bytes <= self.budget:
            return self
        stride, one = self.stride, self.bytes / len(self)
        places = np.arange(len(self))
        while len(places) * one > self.budget and len(places) > LEAST:
            stride *= 2
            places = np.flatnonzero(_wanted(self.epochs, stride, best))
        room = 2 * len(places)
        arrays = tuple(tuple(Growing.with_room(array, places, room) for array in layer) for layer in self.stacked)
        return KeptWeights(self.epochs[places], arrays, self.budget, stride)

    @cached_property
    def _made(self) -> WeakValueDictionary[int, Weights]:
        # A training that was played through would be held twice, and its second copy is many small arrays.
        return WeakValueDictionary()

    def weights(self, epoch: int) -> Weights:
        """Return the weights after ``epoch``: the same object, with the same version, for as long as it is held.

        Raises:
            KeyError: that epoch is not kept.
        """
        place = int(np.searchsorted(self.epochs, epoch))
        if place == len(self) or self.epochs[place] != epoch:
            raise KeyError(epoch)
        made = self._made.get(epoch)
        if made is None:
            made = self._made[epoch] = Weights(tuple(self._at(arrays, place) for arrays in self.stacked))
        return made

    def has(self, epoch: int, weights: Weights) -> bool:
        """Say whether ``weights`` are those after ``epoch``; if so, they are what is returned for it from then on."""
        if epoch not in self or not self.weights(epoch).equal(weights):
            return False
        self._made[epoch] = weights
        return True

    @staticmethod
    def _at(arrays: tuple[KerasArray, ...], place: int) -> LayerArrays:
        # A view would hold the whole buffer for as long as one epoch's weights are used.
        return tuple(frozen(array[place]) for array in arrays)

    def __contains__(self, epoch: int) -> bool:
        return bool(np.isin(epoch, self.epochs))

    @property
    def last(self) -> int:
        """The last epoch whose weights are kept."""
        return int(self.epochs[-1])

    def towards(self, epoch: int, epochs: int) -> int:
        """Return the kept epoch that is ``epochs`` on from ``epoch`` (back if negative), or the next in that direction.

        It stays within the first and the last.
        """
        if epochs > 0:
            place = int(np.searchsorted(self.epochs, epoch + epochs, side="left"))
        else:
            place = int(np.searchsorted(self.epochs, epoch + epochs, side="right")) - 1
        return int(self.epochs[min(max(place, 0), len(self) - 1)])

    def nearest(self, epoch: int) -> int:
        """Return the kept epoch that is nearest to ``epoch``."""
        return int(self.epochs[np.abs(self.epochs - epoch).argmin()])

    def path(self, layer: int, array: int, index: tuple[int, ...]) -> Array:
        """Return one number over the kept epochs."""
        shape = self.stacked[layer][array].shape[1:]
        flat = int(np.ravel_multi_index(index, shape))
        return np.asarray(self.stacked[layer][array].reshape(len(self), -1)[:, flat], dtype=np.float64)


LEAST = 3
"""The first, the last and the best."""


def _wanted(epochs: npt.NDArray[np.int64], stride: int, best: int) -> npt.NDArray[np.bool_]:
    """Say which of some ``epochs`` in order are kept: one in ``stride``, the best, and the last of them."""
    wanted: npt.NDArray[np.bool_] = (epochs % stride == 0) | (epochs == best)
    wanted[-1:] = True
    return wanted
