"""Merging: one value of several sources, number by number, or one after the other, or their products added up.

Formulas: Keras 3 documentation, "Merging layers".
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from core.errors import Refused
from core.layers.axes import of_point
from core.layers.layer import Layer
from core.layers.normalization import of_length_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

FOR_EACH_PLACE = "expected masks of all axes of their sources but the last"

LETTERS = "abcdefgh"
"""They stand for the axes of a product of two sources; "i" is the one along which it is added up."""


class Merge(Layer, frozen=True):
    """One value of several sources, number by number; a source of fewer axes has axes of 1 before them.

    What it makes is masked where all sources are, and nowhere if one of them has no mask. Keras 2 had it masked where
    any source is, and went by no mask for its numbers.
    """

    masks_of_keras_2: Literal[True] | None = None

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Value:
        """Write down what is made of the sources.

        Raises:
            Refused: there are none, or their shapes do not go together.
        """
        try:
            np.broadcast_shapes(*(source.shape for source in inputs))
        except ValueError:
            raise Refused(f"{self.name}: expected sources that go together, got {_shapes(inputs)}") from None
        if not inputs:
            raise Refused(f"{self.name}: expected one source or more, got none")
        made = self.merged(inputs)
        # What is made of one source has a mask of its own, so it is a value of its own.
        made = on.join([made], 0) if made in inputs else made
        masks = [source.mask for source in inputs]
        made.mask = all_of(masks) if self.masks_of_keras_2 else either(masks)
        return made

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return what is made of the sources."""
        raise NotImplementedError


class Add(Merge, frozen=True, tag="Add"):
    """The sum of the sources."""

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return the sources added up."""
        return reduce(lambda total, source: total + source, inputs)


class Average(Merge, frozen=True, tag="Average"):
    """The mean of the sources."""

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return the sources added up and divided by how many they are."""
        return reduce(lambda total, source: total + source, inputs) / float(len(inputs))


class Subtract(Merge, frozen=True, tag="Subtract"):
    """The first of two sources less the second."""

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Value:
        """Write down the difference.

        Raises:
            Refused: there are not two sources, or their shapes do not go together.
        """
        if len(inputs) != 2:
            raise Refused(f"{self.name}: expected two sources, got {len(inputs)}")
        return super().call(on, w, *inputs)

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return the difference."""
        return inputs[0] - inputs[1]


class OfUnmasked(Merge, frozen=True):
    """What is made of the numbers of those sources that are not masked at a step.

    ``function`` is what Keras calls what two numbers make.
    """

    function: ClassVar[str]

    def beside(self, inputs: Sequence[Value]) -> list[Value | None]:
        """Return each source's mask beside its numbers; that of one with fewer axes than others plays no part.

        Raises:
            Refused: a mask has not one number for each place of its source, as Keras wants it here.
        """
        if self.masks_of_keras_2:
            return [None] * len(inputs)
        rank = max(source.rank for source in inputs)
        masks = [None if source.rank < rank else source.mask for source in inputs]
        if any(mask is not None and mask.rank != rank - 1 for mask in masks):
            raise Refused(f"{self.name}: {FOR_EACH_PLACE}, got {_shapes(inputs)}")
        return [None if mask is None else mask.expand(-1) for mask in masks]


class Multiply(OfUnmasked, frozen=True, tag="Multiply"):
    """The product of the sources: a masked step of one counts as 1, and where all are masked it is 0."""

    function = "multiply"

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return the product."""
        masks = self.beside(inputs)
        factors = [
            source if mask is None else mask.each("where", source, 1.0)
            for source, mask in zip(inputs, masks, strict=True)
        ]
        product = reduce(lambda total, factor: total * factor, factors)
        seen = either(masks)
        return product if seen is None else seen.each("where", product, 0.0)


class Choice(OfUnmasked, frozen=True):
    """One of the sources' numbers."""

    def merged(self, inputs: Sequence[Value]) -> Value:
        """Return the number that is chosen, source by source; at a step where one is masked it is the other's."""
        (seen, *masks), (made, *others) = self.beside(inputs), inputs
        for source, mask in zip(others, masks, strict=True):
            other = source if mask is None else mask.each("where", source, made)
            made = made if seen is None else seen.each("where", made, other)
            made = made.each(self.function, other)
            seen = either([seen, mask])
        return made


class Maximum(Choice, frozen=True, tag="Maximum"):
    """The largest of the sources' numbers."""

    function = "maximum"


class Minimum(Choice, frozen=True, tag="Minimum"):
    """The smallest of the sources' numbers."""

    function = "minimum"


class Concatenate(Layer, frozen=True, tag="Concatenate"):
    """The sources one after the other along ``axis``.

    What it makes is masked at a step where all of its numbers are, and in Keras 2 where any of them was.
    """

    axis: int = -1
    masks_of_keras_2: Literal[True] | None = None

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Value:
        """Write down the sources one after the other.

        Raises:
            Refused: their other axes are not the same, or a mask has not all axes of its source but the last.
        """
        if not inputs:
            raise Refused(f"{self.name}: expected one source or more, got none")
        axis = of_point(self.name, self.axis, inputs[0].rank)
        if len({(*source.shape[:axis], 0, *source.shape[axis + 1 :]) for source in inputs}) > 1:
            raise Refused(f"{self.name}: expected sources of one shape but for axis {self.axis}, got {_shapes(inputs)}")
        made = on.join(inputs, axis)
        if any(source.mask is not None for source in inputs):
            if any(source.mask is not None and source.mask.rank != source.rank - 1 for source in inputs):
                raise Refused(f"{self.name}: {FOR_EACH_PLACE}, got {_shapes(inputs)}")
            masks = on.join([_whole_mask(on, source) for source in inputs], axis)
            made.mask = masks.over("smallest" if self.masks_of_keras_2 else "largest", -1, keep=False)
        return made


class Dot(Layer, frozen=True, tag="Dot"):
    """The products of two sources, added up along an axis of each; ``normalize`` makes both of length 1 along it."""

    axes: int | tuple[int, int]
    normalize: bool = False

    def call(self, on: Writer, w: Weights, *inputs: Value) -> Value:
        """Write down the sums of products: the axes left of the first source, then those of the second.

        Raises:
            Refused: there are not two sources, or their axes are not of one size.
        """
        if len(inputs) != 2:
            raise Refused(f"{self.name}: expected two sources, got {len(inputs)}")
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        along = [of_point(self.name, axis, source.rank) for axis, source in zip(axes, inputs, strict=True)]
        if inputs[0].shape[along[0]] != inputs[1].shape[along[1]]:
            raise Refused(f"{self.name}: expected axes {axes} of one size, got {_shapes(inputs)}")
        first, second = (
            on.name(f"{place} of length 1", of_length_one(source, 1e-7, axis)) if self.normalize else source
            for place, source, axis in zip(("first", "second"), inputs, along, strict=True)
        )
        ours, theirs = LETTERS[: first.rank - 1], LETTERS[first.rank - 1 :][: second.rank - 1]
        spec = ",".join(f"{left[:at]}i{left[at:]}" for left, at in zip((ours, theirs), along, strict=True))
        made = first.dot(f"{spec}->{ours}{theirs}", second)
        return made if made.rank else made.reshape(1)


def either(masks: Sequence[Value | None]) -> Value | None:
    """Return 1 where any of the masks has it, or None if one of them is None."""
    there = [mask for mask in masks if mask is not None]
    return reduce(lambda some, mask: some.each("maximum", mask), there) if len(there) == len(masks) else None


def all_of(masks: Sequence[Value | None]) -> Value | None:
    """Return 1 where all of the masks that are there have it, or None if none is."""
    there = [mask for mask in masks if mask is not None]
    return reduce(lambda some, mask: some.each("minimum", mask), there) if there else None


def _whole_mask(on: Writer, source: Value) -> Value:
    """Return the mask of every number of a source, 1 for all of one without a mask."""
    mask = on.constant(1.0) if source.mask is None else source.mask.expand(-1)
    return mask.broadcast_to(source.shape)


def _shapes(inputs: Sequence[Value]) -> str:
    return " and ".join(str(source.shape) for source in inputs)
