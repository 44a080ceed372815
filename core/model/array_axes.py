"""What the axes of a layer's arrays are called, and what lies side by side along the last of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from core.operations.axes import usual
from core.operations.dot import Dot
from core.operations.take import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.network import Network
    from core.model.written import Written

SHORT = {
    "input gate": "i-gate",
    "output gate": "o-gate",
    "candidate": "cand.",
    **{f"{gate} gate": gate for gate in ("forget", "update", "reset")},
}
"""What stands for parts of arrays where there is little room: ``input`` alone is what goes into a layer."""

INDEX = "index"
"""The axis whose places stand as numbers in what goes into a model: it counts from 0, as they do."""


class ArrayAxes(NamedTuple):
    """The names of an array's axes; along the last there may be ``parts`` side by side, each of ``width`` units."""

    names: tuple[str, ...]
    parts: tuple[str, ...] = ()
    width: int = 0

    def counted(self, axis: int, place: int) -> int:
        """Return the number of a place along an axis: from 1, or from 0 where it is an index."""
        return place if self.names[axis] == INDEX else place + 1

    def word(self, axis: int, place: int) -> str:
        """Return what is at a place along an axis, such as ``input 2`` or ``forget gate 1``."""
        name = self.names[axis]
        if self.parts and axis == len(self.names) - 1:
            part, place = divmod(place, self.width)
            name = self.parts[part]
        return f"{name} {self.counted(axis, place):,}"

    def words(self, index: Sequence[int]) -> str:
        """Return where a number of the array is, such as ``forget gate 1 of input 2``."""
        return " of ".join(self.word(axis, index[axis]) for axis in reversed(range(len(index))))

    def column(self, place: int) -> str:
        """Return what is at a place along the last axis, in little room: ``forget 1`` for ``forget gate 1``."""
        if not self.names:
            return ""
        name, _, number = self.word(len(self.names) - 1, place).rpartition(" ")
        return f"{SHORT.get(name, name)} {number}"


@lru_cache(maxsize=4)
def axes_of_arrays(network: Network) -> tuple[tuple[ArrayAxes, ...], ...]:
    """Return, for every layer, the axes of its arrays, in the order of its ``get_weights()``."""
    written = network.written
    found: list[list[ArrayAxes]] = [[] for _ in network.layers]
    for weight, (place, _) in network.places.items():
        found[place].append(axes_of_value(written, written.weights[weight]))
    return tuple(map(tuple, found))


def axes_of_value(written: Written, number: int) -> ArrayAxes:
    """Return the axes of the value of a program that has this number."""
    shape = written.program.lines[number].shape
    parts = _side_by_side(written, number)
    named = written.axes[number]
    return ArrayAxes(
        named if len(named) == len(shape) else usual(len(shape)), parts, shape[-1] // len(parts) if parts else 0
    )


def _side_by_side(written: Written, number: int) -> tuple[str, ...]:
    """Return what lies side by side along the last axis of a value: of a weight, and of sums of products with one."""
    line = written.program.lines[number]
    match line.operation:
        case Dot():
            kernel = line.sources[-1]
            return _side_by_side(written, kernel) if written.program.lines[kernel].shape[-1:] == line.shape[-1:] else ()
        case Slice(before=before, axis=axis, start=start, count=count) if axis == len(before) - 1:
            parts = _side_by_side(written, line.sources[0])
            width = before[-1] // max(len(parts), 1)
            return parts[start // width : (start + count) // width] if parts else ()
    return written.side_by_side.get(number, ())
