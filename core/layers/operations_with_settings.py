"""Keras's operations that have settings, such as ``keras.ops.clip(x, 0, 1)`` or ``x[:, 0]``; all of them by name.

Axes count the batch, as everywhere in Keras. Keras 3 documentation, "Ops API".
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Literal

from core.errors import Refused, shorten
from core.layers import activations, operations_along
from core.layers.axes import of_points
from core.layers.layer import Size, fields_of
from core.layers.operations import ACTIVATING, OfKeras, is_true
from core.layers.operations_along import CORE, MATH, NN, NUMPY, Axes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

ELSEWHERE = {"ConvertToTensor": CORE, "Erf": MATH, "Rsqrt": MATH, "Tanh": NUMPY}
"""Those without settings that are neither functions of its ``numpy`` nor activations of its ``nn`` -> where."""

SLICE, ELLIPSIS = "__slice__", "__ellipsis__"
"""What Keras calls the parts of ``x[1:, ..., None]`` in a description."""


class Squeeze(OfKeras, frozen=True, kw_only=True, tag="ops.Squeeze"):
    """Without axes of 1: these, or all."""

    axis: Axes = None

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay the same numbers out with fewer axes."""
        axes = tuple(at + 1 for at, size in enumerate(x.shape) if size == 1) if self.axis is None else self.axis
        gone = of_points(self.name, (axes,) if isinstance(axes, int) else axes, x.rank)
        self.expect(all(x.shape[axis] == 1 for axis in gone), f"a size of 1 for axis {self.axis}", x)
        return x.squeeze(*gone)


class Transpose(OfKeras, frozen=True, kw_only=True, tag="ops.Transpose"):
    """The axes in another order; that of the points stays the first."""

    axes: tuple[int, ...]

    @property
    def of_whole_batch(self) -> bool:
        """Whether the points' axis does not stay the first."""
        return self.axes[:1] != (0,)

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Put the axes in another order."""
        stays = self.axes[:1] == (0,) and sorted(self.axes) == list(range(x.rank + 1))
        self.expect(stays, f"as many axes as {self.axes}, of which the points' stays the first", x)
        return x.transpose(*(axis - 1 for axis in self.axes[1:]))


class Swapaxes(OfKeras, frozen=True, kw_only=True, tag="ops.Swapaxes"):
    """Two axes, one in the place of the other."""

    axis1: int
    axis2: int

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Put each in the place of the other."""
        one, other = of_points(self.name, (self.axis1, self.axis2), x.rank)
        order = list(range(x.rank))
        order[one], order[other] = other, one
        return x.transpose(*order)


class Reshape(OfKeras, frozen=True, kw_only=True, tag="ops.Reshape"):
    """The numbers in their order in another shape, each point by itself."""

    newshape: tuple[int | None, ...]

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay the numbers out in another shape.

        Raises:
            Refused: points would be laid together.
        """
        points, *shape = self.newshape or (0,)
        left = [-1 if size is None else size for size in shape]
        known = prod(size for size in left if size != -1)
        numbers = prod(x.shape)
        fits = numbers % known == 0 if left.count(-1) == 1 and known else numbers == known
        self.expect(fits and points in (-1, None), f"points that a shape {self.newshape} leaves apart", x)
        return x.reshape(*left)


class Tile(OfKeras, frozen=True, kw_only=True, tag="ops.Tile"):
    """All of it again and again, so many times along each axis."""

    repeats: tuple[Size, ...]

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write it down again and again."""
        repeats = (1,) * (x.rank + 1 - len(self.repeats)) + self.repeats
        self.expect(len(repeats) == x.rank + 1 and repeats[0] == 1, f"axes that {self.repeats} is of", x)
        for axis, times in enumerate(repeats[1:]):
            x = on.join([x] * times, axis) if times > 1 else x
        return x


class Pad(OfKeras, frozen=True, kw_only=True, tag="ops.Pad"):
    """So many numbers more at both ends of each axis: ``constant_values``, or its own turned round there."""

    pad_width: tuple[tuple[int, int], ...]
    mode: Literal["constant", "reflect", "symmetric"] = "constant"
    constant_values: float | None = None

    @property
    def more_of_call(self) -> tuple[Any, ...]:
        """What stands there."""
        return () if self.constant_values is None else (self.constant_values,)

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Put them there."""
        widths = self.pad_width * (x.rank + 1) if len(self.pad_width) == 1 else self.pad_width
        self.expect(len(widths) == x.rank + 1 and widths[0] == (0, 0), f"axes that {self.pad_width} is of", x)
        for axis, (before, after) in enumerate(widths[1:]):
            if self.mode == "constant":
                x = x.pad(axis, before, after, self.constant_values or 0.0)
            elif before or after:
                x = on.join(list(self._turned(x, axis, before, after)), axis)
        return x

    def _turned(self, x: Value, axis: int, before: int, after: int) -> Iterator[Value]:
        """Give what stands before, the numbers, and what stands after; the last one twice if "symmetric"."""
        size, apart = x.shape[axis], int(self.mode == "reflect")
        self.expect(max(before, after) <= size - apart, f"more places than {max(before, after)}", x)
        if before:
            yield x.slice(axis, apart, before).flip(axis)
        yield x
        if after:
            yield x.slice(axis, size - apart - after, after).flip(axis)


class GetItem(OfKeras, frozen=True, kw_only=True, tag="ops.GetItem"):
    """``x[key]``: of every axis a place, or places from one to another; None makes an axis of 1.

    A slice is a tuple of start, stop and step; "..." stands for all axes that are not said.
    """

    key: tuple[int | Literal["..."] | tuple[int | None, int | None, int | None] | None, ...]

    @property
    def of_whole_batch(self) -> bool:
        """Whether it takes some of the points."""
        return self.key[:1] not in (((None, None, None),), ("...",))

    @property
    def more_of_call(self) -> tuple[Any, ...]:
        """The key."""
        return ([_told(one) for one in self.key],)

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Take what the key says.

        Raises:
            Refused: it takes some of the points, or there are no such places.
        """
        said = sum(one is not None and one != "..." for one in self.key)
        self.expect(said <= x.rank + 1 and self.key.count("...") <= 1, f"at least {said - 1} axes", x)
        at = self.key.index("...") if "..." in self.key else len(self.key)
        rest = ((None, None, None),) * (x.rank + 1 - said)
        whole: list[Any] = [*self.key[:at], *rest, *self.key[at + 1 :]]
        points, key = whole[0], whole[1:]
        if points != (None, None, None):
            raise Refused(f"{self.name}: expected what is taken of every point, got what is taken of some points")
        axis = 0
        for one in key:
            if one is None:
                x = x.expand(axis)
            elif isinstance(one, int):
                self.expect(-x.shape[axis] <= one < x.shape[axis], f"a place {one} on axis {axis + 1}", x)
                x = x.at(axis, one % x.shape[axis])
                continue
            elif isinstance(one, tuple):
                places = range(x.shape[axis])[slice(*one)]
                self.expect(bool(places), f"places {one} on axis {axis + 1}", x)
                x = x.slice(axis, places.start, len(places), places.step)
            axis += 1
        return x


def _told(one: object) -> Any:
    """Return a part of a key as Keras describes it."""
    match one:
        case "...":
            return {"class_name": ELLIPSIS, "config": {}}
        case (start, stop, step):
            return {"class_name": SLICE, "config": {"start": start, "stop": stop, "step": step}}
    return one


class Clip(OfKeras, frozen=True, kw_only=True, tag="ops.Clip"):
    """What is below ``x_min`` or above ``x_max`` as that."""

    x_min: float
    x_max: float

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the numbers within both."""
        return activations.kept_in(x, self.x_min, self.x_max)


class Cast(OfKeras, frozen=True, kw_only=True, tag="ops.Cast"):
    """The numbers in another type; of whole ones without what is behind the point."""

    module: str = CORE
    dtype: Literal["float32", "float64", "int32", "int64", "bool"]

    @property
    def passes_on(self) -> bool:
        """Whether Keras gives back the very tensor that it got."""
        return self.dtype == "float32"

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the numbers as that type has them."""
        if self.dtype == "bool":
            return is_true(x)
        return x if self.dtype.startswith("float") else x.whole()


class LeakyRelu(OfKeras, frozen=True, kw_only=True, tag="ops.LeakyRelu"):
    """The numbers, and ``negative_slope`` of those below 0."""

    module: str = NN
    negative_slope: float = 0.2

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the numbers, those below 0 made smaller."""
        return activations.leaky_relu(x, self.negative_slope)


class Elu(OfKeras, frozen=True, kw_only=True, tag="ops.Elu"):
    """The numbers, and ``alpha (exp(x) - 1)`` of those below 0."""

    module: str = NN
    alpha: float = 1.0

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the numbers, those below 0 curved."""
        return activations.elu(x, self.alpha)


class Gelu(OfKeras, frozen=True, kw_only=True, tag="ops.Gelu"):
    """The numbers times the normal distribution's share below them."""

    module: str = NN
    approximate: bool = True

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Write down the products."""
        return activations.gelu(x, self.approximate)


class Einsum(OfKeras, frozen=True, kw_only=True, tag="ops.Einsum"):
    """Products of sources added up, as ``bij,bjk->bik`` says; "..." are all axes that have no letter."""

    subscripts: str

    @property
    def of_whole_batch(self) -> bool:
        """Whether the first letter, that of the points, is not the same of all."""
        return len({one.strip()[:1] for one in self.subscripts.replace("->", ",").split(",")}) > 1

    def call(self, on: Writer, w: Weights, *sources: Value) -> Value:
        """Write down the sums of products.

        Raises:
            Refused: points are not left apart, or it says something else of the sources.
        """
        spec = of_points_alone(self.subscripts, [source.rank for source in sources])
        if spec is None or len(sources) != 2:
            raise Refused(
                f"{self.name}: expected subscripts of two sources that leave points apart, got "
                f"{shorten(self.subscripts)}: the calculation stops before it"
            )
        return sources[0].dot(spec, sources[1])


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def of_points_alone(subscripts: str, ranks: list[int]) -> str | None:
    """Return ``subscripts`` for sources without their first axis, that of the points; None if that can't be said."""
    parts, arrow, made = subscripts.replace(" ", "").partition("->")
    terms = parts.split(",")
    if not arrow or len(terms) != len(ranks):
        return None
    said = [len(term.replace("...", "")) for term in terms]
    missing = [rank + 1 - letters for rank, letters in zip(ranks, said, strict=True)]
    if any((more and "..." not in term) or more < 0 for more, term in zip(missing, terms, strict=True)):
        return None
    most = max(missing)
    whole = [term.replace("...", LETTERS[most - more : most]) for term, more in zip(terms, missing, strict=True)]
    out = made.replace("...", LETTERS[:most])
    every = [*whole, out]
    alone = len({term[:1] for term in every}) == 1 and all(term and len(set(term)) == len(term) for term in every)
    ours = [set(term) for term in whole]
    # What one source alone has would have to be added up first.
    kept = all(letter in out or all(letter in one for one in ours) for term in whole for letter in term)
    return (
        f"{','.join(term[1:] for term in whole)}->{out[1:]}"
        if alone and kept and set(out) <= set.union(*ours)
        else None
    )


class DepthToSpace(OfKeras, frozen=True, kw_only=True, tag="ops.DepthToSpace"):
    """Of an image's channels blocks of ``block_size`` places both ways."""

    module: str = NN
    block_size: Size

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay the channels out as places."""
        size = self.block_size
        self.expect(x.rank == 3 and x.shape[-1] % size**2 == 0, f"3 axes, the last one of a size by {size**2}", x)
        rows, columns, channels = x.shape
        apart = x.reshape(rows, columns, size, size, channels // size**2).transpose(0, 2, 1, 3, 4)
        return apart.reshape(rows * size, columns * size, channels // size**2)


class SpaceToDepth(OfKeras, frozen=True, kw_only=True, tag="ops.SpaceToDepth"):
    """Of blocks of ``block_size`` places both ways of an image channels."""

    module: str = NN
    block_size: Size

    def call(self, on: Writer, w: Weights, x: Value) -> Value:
        """Lay the places out as channels."""
        size = self.block_size
        fits = x.rank == 3 and x.shape[0] % size == x.shape[1] % size == 0
        self.expect(fits, f"3 axes, the first two of sizes by {size}", x)
        rows, columns, channels = x.shape
        apart = x.reshape(rows // size, size, columns // size, size, channels).transpose(0, 2, 1, 3, 4)
        return apart.reshape(rows // size, columns // size, channels * size**2)


WITH_SETTINGS: dict[str, type[OfKeras]] = {
    str(kind.__struct_config__.tag).removeprefix("ops."): kind
    for kind in [*vars(operations_along).values(), *vars().values()]
    if isinstance(kind, type) and issubclass(kind, OfKeras) and kind.__struct_config__.tag is not None
    if kind.__module__ in (__name__, operations_along.__name__)
}
"""Keras's class -> the operation."""


def module_of(kind: str) -> str:
    """Return where Keras has an operation's class."""
    if kind in WITH_SETTINGS:
        return str(fields_of(WITH_SETTINGS[kind])["module"].default)
    return ELSEWHERE.get(kind, NN if kind in ACTIVATING else NUMPY)
