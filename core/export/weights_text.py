"""What arrays of weights amount to, what their units do, and what changed in them, as text."""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING

from core.cells import cell_width, padded, padded_before
from core.errors import shorten
from core.export.histogram import histogram_rows
from core.formatting import count, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.findings.comparison import ArrayComparison, Change, Comparison
    from core.findings.statistics import Statistics
    from core.model.giving import Giving


GIVING_HEAD = ["weight", "shape", "gets", "by"]


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape such as ``2 x 5``."""
    return " x ".join(f"{side:,}" for side in shape) or "one number"


def giving_lines(giving: Giving) -> list[str]:
    """Return a table of which array of a file each weight gets, and by what that is known."""
    rows = [GIVING_HEAD]
    for one in giving.goes:
        rows.append([shorten(one.words, 60), shape_text(one.values.shape), shorten(one.array, 60), one.by])
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def statistics_lines(layer: str, array: str, s: Statistics, digits: int) -> list[str]:
    """Return a heading, the numbers and the histogram of one array."""
    named = [("min", s.minimum), ("max", s.maximum), ("mean", s.mean), ("std", s.standard_deviation), ("norm", s.norm)]
    numbers = "   ".join(f"{name} {number(value, digits)}" for name, value in named)
    zeros = f"zeros {s.zeros:,} ({percent(s.zero_share)})   nan {s.nans:,}   infinite {s.infinities:,}"
    called = shorten(f"{layer} {array}".strip(), 80)
    heading = f"{called}   {shape_text(s.shape)} {s.dtype}   {count(s.count, 'number')}, {s.bytes:,} bytes"
    return [heading, *(f"  {line}" for line in (numbers, zeros, *histogram_rows(s.histogram, digits)))]


def comparison_lines(comparison: Comparison, digits: int) -> list[str]:
    """Return a line for each layer, what differs of its arrays, and the largest changes of all."""
    if comparison.bit_equal:
        return ["every layer is bit-equal"]
    lines = []
    for layer in comparison.layers:
        lines.append(f"{shorten(layer.name)}: {'bit-equal' if layer.bit_equal else 'differs'}")
        lines += [f"  {_array_line(array, digits)}" for array in layer.arrays if not layer.bit_equal]
    return [*lines, "", "the largest changes (rows and columns count from 1)", *_table(comparison.largest(), digits)]


def _array_line(array: ArrayComparison, digits: int) -> str:
    if array.bit_equal:
        return f"{array.name} {shape_text(array.shape)}: bit-equal"
    parts = [
        f"{array.differing:,} of {prod(array.shape):,} differ",
        f"norm of the difference {number(array.norm, digits)}",
    ]
    if array.relative_norm is not None:
        parts.append(f"{percent(array.relative_norm)} of the old norm")
    if array.from_zero:
        parts.append(f"{array.from_zero:,} were 0")
    if array.not_finite:
        parts.append(f"{array.not_finite:,} nan or infinite")
    return f"{array.name} {shape_text(array.shape)}: {', '.join(parts)}"


HEAD = ["array", "place", "old", "new", "difference", "of the old"]


def _table(changes: Sequence[Change], digits: int) -> list[str]:
    rows = [HEAD, *(_row(change, digits) for change in changes)]
    first, *widths = (max(cell_width(row[column]) for row in rows) for column in range(len(HEAD)))
    return [
        "  ".join([f"  {padded(name, first)}", *map(padded_before, numbers, widths)]).rstrip()
        for name, *numbers in rows
    ]


def _row(change: Change, digits: int) -> list[str]:
    place = ", ".join(f"{position + 1:,}" for position in change.index)
    numbers = [number(value, digits) for value in (change.old, change.new, change.difference)]
    return [f"{shorten(change.layer, 20)} {change.array}", place, *numbers, _relative(change.relative)]


def _relative(share: float | None) -> str:
    if share is None:
        return "was 0"
    return percent(share) if isfinite(share) else number(share)
