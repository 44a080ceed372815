"""A program: the operations of a calculation in order, each value numbered; and the values that it is written with.

A layer writes its arithmetic with :class:`Value` as one writes it with arrays. It is written once for given shapes and
run as often as one likes; shapes, terms, slopes and bounds are answers of its operations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.errors import Refused
from core.limits import allowing_more, most
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.operation import Misfit
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.take import Join, Repeat, Reshape, Slice, Spread, Transpose, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from core.operations.operation import Operation, Shape
    from core.operations.over import Made


TRUNCATE = "truncate"
"""What Keras makes whole numbers of others by."""

MOST = 1 << 33
"""How many numbers one value may have, those that a window sees at all its places counted: no machine here has more."""

MOST_LINES = 600_000
"""How many operations may be written down: a few calls within each other can ask for any number of them."""


@lru_cache(maxsize=1 << 12)
def _one(kind: Callable[..., Operation], *settings: object) -> Operation:
    """Return the operation with these settings, the same one each time: a thousand steps of an LSTM share theirs."""
    return kind(*settings)


KERAS = "keras"
"""The kind of what is given because only Keras can make it."""


class Given(NamedTuple):
    """A value that no operation makes: an input, a weight by layer and name, or a constant with its numbers.

    A constant has a name where it is a layer's setting.

    Of the kind :data:`KERAS` is what a layer makes that is not followed; ``layer`` is its call.
    """

    kind: str
    layer: tuple[str, ...] = ()
    name: str = ""
    numbers: Array | None = None


class Name(NamedTuple):
    """What a person would write down: in which call of which layers, as what and, of a series, at which step."""

    call: tuple[str, ...]
    value: str
    at: tuple[int, ...] = ()


class Line(NamedTuple):
    """One operation and the numbers of the values that it is of; or what is given."""

    operation: Operation | None
    sources: tuple[int, ...]
    shape: Shape
    given: Given | None = None


@dataclass
class Program:
    """The lines in order: each may use those before it, and its place is the number of its value.

    What has a name is written down, but for what is ``between``: that is only called something.
    """

    lines: list[Line] = field(default_factory=list)
    names: dict[int, Name] = field(default_factory=dict)
    axes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    between: frozenset[int] = frozenset()

    def value(self, number: int) -> Value:
        """Return the value of that number, to write on with."""
        return Value(self, number, self.lines[number].shape)

    def given(self, given: Given, shape: Shape) -> Value:
        """Write down what no operation makes."""
        return self._line(Line(None, (), shape, given))

    def constant(self, numbers: npt.ArrayLike, name: str = "") -> Value:
        """Write down numbers that are always the same; a layer's setting has its ``name`` in formulas."""
        array = np.asarray(numbers, dtype=np.float64)
        return self.given(Given("constant", name=name, numbers=array), array.shape)

    def write(self, operation: Operation, *sources: Value) -> Value:
        """Write down an operation."""
        return self._line(Line(operation, tuple([source.number for source in sources]), operation.shape))

    def join(self, sources: Sequence[Value], axis: int) -> Value:
        """Write down sources one after the other along an axis."""
        axis = axis % len(sources[0].shape)
        return self.write(_one(Join, tuple(source.shape for source in sources), axis), *sources)

    def stack(self, sources: Sequence[Value], axis: int = 0) -> Value:
        """Write down sources of one shape beside each other, along a new axis."""
        return self.join([source.expand(axis) for source in sources], axis)

    def _line(self, line: Line) -> Value:
        if len(self.lines) >= most(MOST_LINES):
            raise Refused(
                f"expected a calculation of at most {most(MOST_LINES):,} operations, got more: it stops there; "
                f"{allowing_more()}"
            )
        # What a file holds as weights is compared with its arrays.
        if (size := prod(line.shape)) > MOST and (line.given is None or line.given.kind == "input"):
            raise Refused(f"expected at most {MOST:,} numbers at once, got {size:,}: the calculation stops there")
        self.lines.append(line)
        return Value(self, len(self.lines) - 1, line.shape)


class Value:
    """One value of a program that is being written: what is done with it is written down, and makes another.

    ``mask`` is another value or None: 1 for every step of it that counts, 0 for one that is to be left out.
    """

    __slots__ = ("mask", "number", "on", "shape")

    def __init__(self, on: Program, number: int, shape: Shape) -> None:
        self.on, self.number, self.shape = on, number, shape
        self.mask: Value | None = None

    @property
    def rank(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def is_constant(self) -> bool:
        """Whether its numbers are always the same."""
        given = self.on.lines[self.number].given
        return given is not None and given.kind == "constant"

    def with_mask(self, mask: Value | None) -> Value:
        """Return the same value, with that mask."""
        same = Value(self.on, self.number, self.shape)
        same.mask = mask
        return same

    def each(self, function: str, *others: Value | float) -> Value:
        """Return ``function`` of it and of others, number by number; a lower rank is filled up with axes before it."""
        values = [self, *(one if isinstance(one, Value) else self.on.constant(one) for one in others)]
        rank = max(len(value.shape) for value in values)
        values = [
            value if len(value.shape) == rank else value.reshape(*[1] * (rank - value.rank), *value.shape)
            for value in values
        ]
        return self.on.write(_one(Each, function, tuple([value.shape for value in values])), *values)

    def __add__(self, other: Value | float) -> Value:
        return self.each("add", other)

    def __radd__(self, other: float) -> Value:
        return self.on.constant(other).each("add", self)

    def __sub__(self, other: Value | float) -> Value:
        return self.each("subtract", other)

    def __rsub__(self, other: float) -> Value:
        return self.on.constant(other).each("subtract", self)

    def __mul__(self, other: Value | float) -> Value:
        return self.each("multiply", other)

    def __rmul__(self, other: float) -> Value:
        return self.on.constant(other).each("multiply", self)

    def __truediv__(self, other: Value | float) -> Value:
        return self.each("divide", other)

    def __rtruediv__(self, other: float) -> Value:
        return self.on.constant(other).each("divide", self)

    def __neg__(self) -> Value:
        return self.each("negative")

    def above(self, other: Value | float) -> Value:
        """Return 1 where it is larger than the other, else 0."""
        return self.each("above", other)

    def at_least(self, other: Value | float) -> Value:
        """Return 1 where it is as large as the other or larger, else 0."""
        return self.each("at_least", other)

    def dot(self, spec: str, other: Value) -> Value:
        """Return the products with another, added up along the letters of ``spec`` that the result has not."""
        return self.on.write(_one(Dot, spec, (self.shape, other.shape)), self, other)

    def over(self, made: Made, *axes: int, keep: bool = True) -> Value:
        """Return the sum, mean, largest or smallest along ``axes``; without ``keep`` these are gone."""
        ordered = tuple(sorted(axis % self.rank - self.rank for axis in axes))
        result = self.on.write(_one(Over, made, ordered, self.shape), self) if ordered else self
        return result if keep else result.squeeze(*ordered)

    def reshape(self, *shape: int) -> Value:
        """Return the same numbers in order, in another shape; -1 stands for what is left."""
        if -1 in shape:
            known = prod(size for size in shape if size != -1)
            shape = tuple((prod(self.shape) // known if known else 0) if size == -1 else size for size in shape)
        if prod(shape) != prod(self.shape):
            raise Misfit(f"expected a shape of {prod(self.shape):,} numbers, got {shape}")
        return self if shape == self.shape else self.on.write(_one(Reshape, self.shape, shape), self)

    def expand(self, axis: int) -> Value:
        """Return it with an axis of 1 at ``axis``."""
        axis = axis % (self.rank + 1)
        return self.reshape(*self.shape[:axis], 1, *self.shape[axis:])

    def squeeze(self, *axes: int) -> Value:
        """Return it without these axes of 1."""
        gone = {axis % self.rank for axis in axes}
        return self.reshape(*(size for axis, size in enumerate(self.shape) if axis not in gone))

    def transpose(self, *order: int) -> Value:
        """Return it with the axes in another order."""
        return self if order == tuple(range(self.rank)) else self.on.write(_one(Transpose, self.shape, order), self)

    def slice(self, axis: int, start: int, count: int, step: int = 1) -> Value:
        """Return ``count`` numbers along an axis, from ``start`` on, ``step`` after each other."""
        axis = axis % self.rank
        if (start, count, step) == (0, self.shape[axis], 1):
            return self
        return self.on.write(_one(Slice, self.shape, axis, start, count, step), self)

    def at(self, axis: int, place: int) -> Value:
        """Return what is at one place of an axis, without that axis."""
        return self.slice(axis, place, 1).squeeze(axis)

    def flip(self, axis: int) -> Value:
        """Return it the other way round along an axis."""
        size = self.shape[axis % self.rank]
        return self.slice(axis, size - 1, size, -1)

    def split(self, axis: int, parts: int) -> Iterator[Value]:
        """Give so many equal parts along an axis, one after the other."""
        size = self.shape[axis % self.rank] // parts
        return (self.slice(axis, part * size, size) for part in range(parts))

    def spread(self, axis: int, size: int, start: int, step: int = 1, padding: float = 0.0) -> Value:
        """Return it set out along an axis of ``size``, from ``start`` on and ``step`` apart, ``padding`` elsewhere."""
        axis = axis % self.rank
        if (start, step, size) == (0, 1, self.shape[axis]):
            return self
        return self.on.write(_one(Spread, self.shape, axis, size, start, step, padding), self)

    def pad(self, axis: int, before: int, after: int, padding: float = 0.0) -> Value:
        """Return it with so many more before and after, along an axis; negative numbers take some away."""
        return self.spread(axis, before + self.shape[axis % self.rank] + after, before, 1, padding)

    def repeat(self, axis: int, times: int) -> Value:
        """Return it with each number along an axis so many times in a row."""
        return self if times == 1 else self.on.write(_one(Repeat, self.shape, axis % self.rank, times), self)

    def window(self, axis: int, size: int, stride: int = 1, dilation: int = 1) -> Value:
        """Return what lies under a window at each of its places along an axis, as an axis after that of the places."""
        return self.on.write(_one(Window, self.shape, axis % self.rank, size, stride, dilation), self)

    def whole(self) -> Value:
        """Return it without what is behind the points of its numbers, as Keras makes whole numbers of others."""
        made = self.on.lines[self.number].operation
        return self if isinstance(made, Each) and made.function == TRUNCATE else self.each(TRUNCATE)

    def pick(self, which: Value) -> Value:
        """Return its rows that the whole numbers ``which`` say."""
        return self.on.write(_one(Pick, (self.shape, which.shape)), self, which)

    def broadcast_to(self, shape: Shape) -> Value:
        """Return it with each axis of 1 repeated as often as ``shape`` says."""
        value = self.reshape(*[1] * (len(shape) - self.rank), *self.shape)
        for axis, size in enumerate(shape):
            value = value.repeat(axis, size // value.shape[axis]) if value.shape[axis] != size else value
        return value

    def summed_to(self, shape: Shape) -> Value:
        """Return it added up along the axes that were broadcast from ``shape``, and repeated where it is 1 itself."""
        axes = [axis for axis, size in enumerate(shape) if size == 1 and self.shape[axis] != 1]
        return self.over("sum", *axes).broadcast_to(shape)
