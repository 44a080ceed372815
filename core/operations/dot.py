"""Dot: a sum of products along shared axes, as ``numpy.einsum`` writes it: ``i,iu->u`` is a Dense layer's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.operations.operation import FLUSHED, Index, Misfit, Places, Shape, Terms
from core.operations.over import roundings
from core.operations.writing import ATOM, PRODUCT, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from jaxtyping import Int

    from core.arrays import Array
    from core.operations.program import Value
    from core.operations.rounding import Carry

OFF_PIECE = 1 << 20
"""How many numbers of a source are taken at once where bounds are added up."""

PIECE = 1 << 16
"""How many products are rounded at once: few enough to stay in the processor's memory."""


LONG = 16
"""From so many numbers beside each other on it is quicker to go over them where they lie than to lay them out anew."""


@dataclass(frozen=True)
class Dot:
    """The products of two sources, added up along the letters that the result has not.

    A letter stands for an axis; one that only one source has is in the result too.
    """

    spec: str
    before: tuple[Shape, Shape]

    def __post_init__(self) -> None:
        for letters, shape in zip(self.letters, self.before, strict=False):
            if len(letters) != len(shape):
                raise Misfit(f"expected {len(letters)} axes ({letters}), got the shape {shape}")
        first, second, made = self.letters
        both = set(first) & set(second)
        ours, theirs = self.before
        if any(ours[first.index(letter)] != theirs[second.index(letter)] for letter in both):
            raise Misfit(f"expected as many along both, got the shapes {ours} and {theirs}")
        if set(first) ^ set(second) != set(made) - both:
            raise ValueError(f"an axis that one source alone has is in the result too, not in {self.spec}")

    @cached_property
    def letters(self) -> tuple[str, str, str]:
        """The axes of both sources and of the result."""
        sources, made = self.spec.split("->")
        first, second = sources.split(",")
        return first, second, made

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Each letter's size."""
        return {
            letter: size
            for letters, shape in zip(self.letters, self.before, strict=False)
            for letter, size in zip(letters, shape, strict=True)
        }

    @property
    def products(self) -> int:
        """How many products there are in all."""
        return prod(self.sizes.values())

    @cached_property
    def shape(self) -> Shape:
        """The sizes of the result's letters."""
        return tuple(self.sizes[letter] for letter in self.letters[2])

    @cached_property
    def summed(self) -> str:
        """The letters along which products are added up."""
        first, _, made = self.letters
        return "".join(letter for letter in first if letter not in made)

    @cached_property
    def _groups(self) -> tuple[str, str, str]:
        """Letters of the result that both sources have, and those of the first and of the second alone."""
        first, second, made = self.letters
        return (
            "".join(letter for letter in made if letter in first and letter in second),
            "".join(letter for letter in made if letter not in second),
            "".join(letter for letter in made if letter not in first),
        )

    @cached_property
    def _is_product(self) -> bool:
        """Whether the result is the matrix product of the sources as they are."""
        first, second, made = self.letters
        return second == self.summed + second[1:] and len(second) == 2 and made == first[:-1] + second[1:]

    @cached_property
    def _stays_in_place(self) -> bool:
        """Whether sources would be laid out for matrices of one row or column, as a depthwise convolution's are."""
        both, left, right = self._groups
        own = min(prod(self.sizes[letter] for letter in letters) for letters in (left, right))
        beside = max((self.sizes[letters[-1]] for letters in self.letters[:2] if letters), default=0)
        return bool(both) and own == 1 and beside >= LONG

    def _in_place(self, first: Array, second: Array) -> Array:
        """Return the sums of products without laying the sources out anew."""
        ours, theirs, made = self.letters
        batches = ["Z" * (source.ndim - len(letters)) for source, letters in ((first, ours), (second, theirs))]
        spec = f"{batches[0]}{ours},{batches[1]}{theirs}->{max(batches)}{made}"
        return np.asarray(np.einsum(spec, first, second))

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return the sums of products; where numbers are rounded, each product is too, and the sum."""
        first, second = sources
        if self._is_product and carry.exact and first.ndim <= 2 and second.ndim == 2:
            return np.asarray(first @ second)
        if self._stays_in_place and carry.exact:
            return self._in_place(first, second)
        left, right = self._as_matrices(first, second)
        return self._as_result(_product(left, right) if carry.exact else _rounded_product(left, right, carry), sources)

    def inside_alone(self, carry: Carry, first: Array, second: Array, inside: Array) -> Array:
        """Return the same sums, of only those products whose first factor is ``inside``: 1, not 0, for each of them.

        So padding times an infinite weight is left out, where 0 times infinity would be no number.
        """
        left, right = self._as_matrices(first, second)
        within, _ = self._as_matrices(inside, second)
        total = np.zeros(1)
        for at in range(left.shape[-1]):
            product = carry.product(left[..., at, np.newaxis], right[..., at, np.newaxis, :])
            total = total + np.where(within[..., at, np.newaxis] != 0.0, product, 0.0)
        return self._as_result(carry(total), (first, second))

    def _as_matrices(self, first: Array, second: Array) -> tuple[Array, Array]:
        """Return both as matrices, of (batch, shared, own, summed) and of (batch, shared, summed, own) letters."""
        both, left, right = self._groups
        ours, theirs, _ = self.letters
        return self._laid(first, ours, (both, left, self.summed)), self._laid(
            second, theirs, (both, self.summed, right)
        )

    def _laid(self, source: Array, letters: str, groups: tuple[str, str, str]) -> Array:
        """Return ``source`` with each group of letters as one axis, after the batch, which is 1 if it has none."""
        batch = source.ndim - len(letters)
        order = [letters.index(letter) + batch for group in groups for letter in group]
        sizes = [prod(self.sizes[letter] for letter in group) for group in groups]
        laid = source.transpose(*range(batch), *order)
        return laid.reshape(len(source) if batch else 1, *sizes)

    def _as_result(self, product: Array, sources: tuple[Array, ...]) -> Array:
        """Return a product of matrices with its letters in the order of the result, without a batch if none had one."""
        laid = "".join(self._groups)
        batch = any(source.ndim > len(letters) for source, letters in zip(sources, self.letters, strict=False))
        made = product.reshape((*product.shape[:1] * batch, *(self.sizes[letter] for letter in laid)))
        return made.transpose(*range(batch), *(laid.index(letter) + batch for letter in self.letters[2]))

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return the pairs of numbers whose products are added up."""
        sizes = [self.sizes[letter] for letter in self.summed]
        along = np.indices(sizes, dtype=np.int64).reshape(len(sizes), prod(sizes))
        places = dict(zip(self.letters[2], index, strict=True)) | dict(zip(self.summed, along, strict=True))
        return Terms(
            tuple(
                Places(source, _as_rows([places[letter] for letter in letters], prod(sizes)))
                for source, letters in enumerate(self.letters[:2])
            )
        )

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return the sum of the products of both sources' numbers."""
        return float(carry(carry.product(*factors).sum()))

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        """Return the slope times the other source's numbers, added up along that one's own letters."""
        ours, theirs, letters = self.letters
        first, second = sources
        return [slope.dot(f"{letters},{theirs}->{ours}", second), slope.dot(f"{letters},{ours}->{theirs}", first)]

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return what the sum's roundings may come to, and what the sources' are off: by chance, and all one way."""
        left, right = self._as_matrices(*sources)
        left_off, right_off = self._as_matrices(*offs)
        is_off = bool(left_off.any()), bool(right_off.any())
        shape = (*np.broadcast_shapes(left.shape[:2], right.shape[:2]), left.shape[2], right.shape[3])
        sizes, squares, together = np.zeros((3, *shape))
        rows = max(1, OFF_PIECE // max(right.shape[-1], left.shape[-2], 1))
        for start in range(0, left.shape[-1], rows):
            here = slice(start, start + rows)
            ours, theirs = left[..., here], right[..., here, :]
            sizes += np.abs(ours) @ np.abs(theirs)
            for there, one, other in (
                (is_off[0], left_off[..., here], theirs),
                (is_off[1], ours, right_off[..., here, :]),
            ):
                if there:
                    squares += np.square(one) @ np.square(other)
                    together += one @ other
        count = left.shape[-1]
        # Terms that are much the same are off in much the same way: what they are off adds up.
        flushed = FLUSHED * (count + sizes) * (sizes > 0.0)
        made_off = roundings(count) * sizes + np.sqrt(squares + np.square(together)) + flushed
        return self._as_result(made_off, tuple(sources))

    def python(self, *sources: Written) -> Written:
        """Return a matrix product where it is one, else ``einsum``."""
        if self._is_product:
            return Written(f"{sources[0].within(PRODUCT)} @ {sources[1].within(ATOM)}", PRODUCT)
        return Written(f'np.einsum("{self.spec}", {sources[0].text}, {sources[1].text})')


def _as_rows(
    axes: Sequence[int | Int[npt.NDArray[np.int64], "terms"]], terms: int
) -> Int[npt.NDArray[np.int64], "terms rank"]:
    rows = np.empty((terms, len(axes)), dtype=np.int64)
    for at, places in enumerate(axes):
        rows[:, at] = places
    return rows


def _product(left: Array, right: Array) -> Array:
    if right.shape[:2] == (1, 1):
        # One matrix for the whole batch: all its rows go into one product.
        rows = np.asarray(left.reshape(-1, left.shape[-1]) @ right[0, 0])
        return rows.reshape(*left.shape[:-1], right.shape[-1])
    return np.asarray(left @ right)


def _rounded_product(left: Array, right: Array, carry: Carry) -> Array:
    total = np.zeros((*np.broadcast_shapes(left.shape[:2], right.shape[:2]), left.shape[2], right.shape[3]))
    rows = max(1, PIECE // max(total.size, 1))
    for start in range(0, left.shape[-1], rows):
        here = slice(start, start + rows)
        total += carry.product(left[..., here, np.newaxis], right[..., np.newaxis, here, :]).sum(axis=-2)
    return carry(total)
