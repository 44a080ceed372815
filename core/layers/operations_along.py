"""Keras's operations along axes, such as ``keras.ops.mean(x, axis=1)``.

Axes count the batch, as everywhere in Keras. Keras 3 documentation, "Ops API".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from core.layers import activations
from core.layers.axes import of_point, of_points
from core.layers.layer import Size
from core.layers.normalization import LEAST, moments, of_length_one
from core.layers.operations import OfKeras, is_true
from core.operations.over import Made

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

NUMPY, NN, CORE, MATH = (f"keras.src.ops.{part}" for part in ("numpy", "nn", "core", "math"))
"""Where Keras has its operations."""

Axes = int | tuple[int, ...] | None


class Over(OfKeras, frozen=True, kw_only=True):
    """One number of all along ``axis``, which is left as an axis of 1 with ``keepdims``."""

    axis: Axes = None
    keepdims: bool = False

    made: ClassVar[Made]

    @property
    def of_whole_batch(self) -> bool:
        """Whether it goes over all points too."""
        return self.axis is None or 0 in self._axes

    @property
    def _axes(self) -> tuple[int, ...]:
        return (self.axis,) if isinstance(self.axis, int) else self.axis or ()

    def along(self, rank: int) -> tuple[int, ...]:
        """Return which axes of a point that is."""
        return of_points(self.name, self._axes, rank)

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the one number."""
        return x.over(self.made, *self.along(x.rank), keep=self.keepdims)


class Mean(Over, frozen=True, tag="ops.Mean"):
    """The mean."""

    made = "mean"


class Sum(Over, frozen=True, tag="ops.Sum"):
    """The sum."""

    made = "sum"


class Max(Over, frozen=True, tag="ops.Max"):
    """The largest number."""

    made = "largest"


class Min(Over, frozen=True, tag="ops.Min"):
    """The smallest number."""

    made = "smallest"


class Amax(Max, frozen=True, tag="ops.Amax"):
    """The largest number."""


class Amin(Min, frozen=True, tag="ops.Amin"):
    """The smallest number."""


class Any_(Over, frozen=True, tag="ops.Any"):
    """Whether any of them is true."""

    keras_class = "Any"

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down 1 where one is, else 0."""
        return is_true(x).over("largest", *self.along(x.rank), keep=self.keepdims)


class All(Over, frozen=True, tag="ops.All"):
    """Whether all of them are true."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down 1 where all are, else 0."""
        return is_true(x).over("smallest", *self.along(x.rank), keep=self.keepdims)


class Argmax(Over, frozen=True, tag="ops.Argmax"):
    """The first place of the largest number along an axis, counted from 0."""

    axis: int | None = None

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the smallest of the places of numbers that none is above."""
        (axis,) = self.along(x.rank)
        size = x.shape[axis]
        self.expect(size > 0, f"at least a number along axis {self.axis}", x)
        places = on.constant(np.arange(size).reshape(-1, *[1] * (x.rank - axis - 1)))
        below = self.others(x, axis)
        return below.each("where", float(size), places).over("smallest", axis, keep=self.keepdims)

    def others(self, x: Value, axis: int) -> Value:
        """Return 1 for the numbers that another is above."""
        return x.over("largest", axis).above(x)


class Argmin(Argmax, frozen=True, tag="ops.Argmin"):
    """The first place of the smallest number along an axis, counted from 0."""

    def others(self, x: Value, axis: int) -> Value:
        """Return 1 for the numbers that another is below."""
        return x.above(x.over("smallest", axis))


class Norm(Over, frozen=True, kw_only=True, tag="ops.Norm"):
    """The length of the numbers along axes: the root of the sum of their squares, or with 1 the sum of their sizes."""

    module: str = "keras.src.ops.linalg"
    ord: Literal[1, 2] | None = None

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the one number."""
        along = self.along(x.rank)
        # Over two axes these are norms of matrices.
        self.expect(len(along) == 1 or self.ord is None, f"one axis for the norm {self.ord}", x)
        if self.ord == 1:
            return x.each("absolute").over("sum", *along, keep=self.keepdims)
        return x.each("square").over("sum", *along, keep=self.keepdims).each("sqrt")


class Var(Over, frozen=True, tag="ops.Var"):
    """The variance: the mean square of how far they are from their mean."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down mean and variance."""
        axes = self.along(x.rank)
        _, variance = moments(on, x, *axes)
        return variance if self.keepdims else variance.squeeze(*axes)


class Std(Var, frozen=True, tag="ops.Std"):
    """The root of the variance."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down mean, variance and its root."""
        return super().call(on, w, x).each("sqrt")


class Logsumexp(Over, frozen=True, kw_only=True, tag="ops.Logsumexp"):
    """The logarithm of the sum of the exponentials."""

    module: str = MATH

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the logarithm, of what is 0 at most before the largest is added again."""
        axes = self.along(x.rank)
        largest = x.over("largest", *axes)
        made = (x - largest).each("exp").over("sum", *axes).each("log") + largest
        return made if self.keepdims else made.squeeze(*axes)


class AlongAxis(OfKeras, frozen=True, kw_only=True):
    """What goes along one ``axis``."""

    axis: int = -1

    @property
    def of_whole_batch(self) -> bool:
        """Whether it goes along the points."""
        return self.axis == 0


class Softmax(AlongAxis, frozen=True, kw_only=True, tag="ops.Softmax"):
    """Each number's exponential as a share of all of them."""

    module: str = NN

    @property
    def last_activation(self) -> str:
        """The softmax that makes its outputs."""
        return "softmax"

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the shares."""
        return activations.softmax(on.name("pre-activation", x), of_point(self.name, self.axis, x.rank))


class LogSoftmax(AlongAxis, frozen=True, kw_only=True, tag="ops.LogSoftmax"):
    """The logarithm of each number's share."""

    module: str = NN

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the logarithms."""
        axis = of_point(self.name, self.axis, x.rank)
        shifted = x - x.over("largest", axis)
        return shifted - shifted.each("exp").over("sum", axis).each("log")


class Normalize(AlongAxis, frozen=True, kw_only=True, tag="ops.Normalize"):
    """Divided by its length along the axis."""

    module: str = NN
    order: Literal[2] = 2
    epsilon: float | None = None

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the numbers, divided by their length."""
        least = LEAST if self.epsilon is None else self.epsilon
        return of_length_one(x, least, of_point(self.name, self.axis, x.rank))


class Concatenate(AlongAxis, frozen=True, tag="ops.Concatenate"):
    """Sources one after the other."""

    def call(self, on: Writer, w: Weights, *sources: Value) -> Value:
        """Write them down one after the other."""
        return on.join(sources, of_point(self.name, self.axis, sources[0].rank))


class Stack(AlongAxis, frozen=True, tag="ops.Stack"):
    """Sources of one shape beside each other along a new axis."""

    def call(self, on: Writer, w: Weights, *sources: Value) -> Value:
        """Write them down beside each other."""
        return on.stack(sources, of_point(self.name, self.axis, sources[0].rank + 1))


class Cumsum(AlongAxis, frozen=True, tag="ops.Cumsum"):
    """Each number and all before it, added up."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down a sum for each place."""
        axis = of_point(self.name, self.axis, x.rank)
        sums = [x.slice(axis, 0, 1)]
        for at in range(1, x.shape[axis]):
            sums.append(sums[-1] + x.slice(axis, at, 1))
        return on.join(sums, axis)


class ExpandDims(AlongAxis, frozen=True, tag="ops.ExpandDims"):
    """A new axis of 1."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay the same numbers out with one axis more."""
        return x.expand(of_point(self.name, self.axis, x.rank + 1))


class Flip(AlongAxis, frozen=True, tag="ops.Flip"):
    """The other way round."""

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Turn the numbers round."""
        return x.flip(of_point(self.name, self.axis, x.rank))


class Repeat(AlongAxis, frozen=True, kw_only=True, tag="ops.Repeat"):
    """Each number so many times in a row."""

    repeats: Size

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay every number down again and again."""
        return x.repeat(of_point(self.name, self.axis, x.rank), self.repeats)


class Split(AlongAxis, frozen=True, kw_only=True, tag="ops.Split"):
    """So many equal parts, or parts that begin at these places."""

    indices_or_sections: Size | tuple[int, ...]

    def call(self, on: Writer, w: Weights, x: Value) -> tuple[Value, ...]:
        """Give the parts.

        Raises:
            Refused: they are not equal, or don't begin one after the other.
        """
        axis = of_point(self.name, self.axis, x.rank)
        size, parts = x.shape[axis], self.indices_or_sections
        if isinstance(parts, int):
            self.expect(size % parts == 0, f"a size of axis {self.axis} that {parts} divides", x)
            parts = tuple(range(size // parts, size, size // parts))
        ends = (*parts, size)
        starts = (0, *parts)
        self.expect(all(a < b for a, b in zip(starts, ends, strict=True)), f"parts that begin at {parts}", x)
        return tuple(x.slice(axis, start, end - start) for start, end in zip(starts, ends, strict=True))


class Unstack(AlongAxis, frozen=True, kw_only=True, tag="ops.Unstack"):
    """What is at each place of the axis, by itself."""

    module: str = CORE
    num: int | None = None

    def call(self, on: Writer, w: Weights, x: Value) -> tuple[Value, ...]:
        """Give what is at each place."""
        axis = of_point(self.name, self.axis, x.rank)
        return tuple(x.at(axis, place) for place in range(x.shape[axis]))


class OneHot(AlongAxis, frozen=True, kw_only=True, tag="ops.OneHot"):
    """1 at the place that a whole number says, 0 at the other ``num_classes`` places."""

    module: str = NN
    num_classes: Size
    dtype: Literal["float32", "int32"] | None = None

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down ones and zeros."""
        axis = of_point(self.name, self.axis, x.rank + 1)
        places = np.arange(self.num_classes).reshape(-1, *[1] * (x.rank - axis))
        return x.whole().expand(axis).each("equal", on.constant(places))
