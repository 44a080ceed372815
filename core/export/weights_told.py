"""What arrays of weights amount to, and what changed in them, as text and as JSON-ready objects.

In JSON None stands for NaN, the infinities and what there is no number for, and everything counts from 0.
"""

from __future__ import annotations

from math import ceil, isfinite, log10, prod
from typing import TYPE_CHECKING

from core.cells import cell_width, padded, padded_before
from core.errors import shorten
from core.export.json_numbers import Json, fields, plain
from core.formatting import DEFAULT_DIGITS, DIGITS, count, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.findings.comparison import ArrayComparison, Change, Comparison
    from core.findings.histogram import Histogram
    from core.findings.statistics import Statistics
    from core.model.giving import Giving


BAR = 40
"""Characters of the longest bar of a histogram."""

GIVING_HEAD = ["weight", "shape", "gets", "by"]


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape such as ``2 x 5``."""
    return " x ".join(f"{side:,}" for side in shape) or "one number"


def giving_lines(giving: Giving) -> list[str]:
    """Return a table of which array of a file each weight gets, and by what that is known."""
    rows = [GIVING_HEAD]
    for one in giving.goes:
        rows.append([shorten(one.words, 60), shape_text(one.values.shape), shorten(one.array, 60), one.by])
    return _table(rows, len(GIVING_HEAD))


def _table(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return rows with what stands in their first ``left`` columns to the left, and numbers to the right."""
    sides = [padded] * left + [padded_before] * (len(rows[0]) - left)
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    cells = [[side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True)] for row in rows]
    return ["  ".join(row).rstrip() for row in cells]


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
    table = _table([HEAD, *(_row(change, digits) for change in comparison.largest())], 1)
    lines += ["", "the largest changes (rows and columns count from 1)"]
    return [*lines, *(f"  {line}" for line in table)]


def _array_line(array: ArrayComparison, digits: int) -> str:
    if array.bit_equal:
        return f"{array.name} {shape_text(array.shape)}: bit-equal"
    parts = [f"{array.differing:,} of {prod(array.shape):,} differ"]
    parts.append(f"norm of the difference {number(array.norm, digits)}")
    parts += [] if array.relative_norm is None else [f"{percent(array.relative_norm)} of the old norm"]
    parts += [f"{array.from_zero:,} were 0"] if array.from_zero else []
    parts += [f"{array.not_finite:,} nan or infinite"] if array.not_finite else []
    return f"{array.name} {shape_text(array.shape)}: {', '.join(parts)}"


HEAD = ["array", "place", "old", "new", "difference", "of the old"]


def _row(change: Change, digits: int) -> list[str]:
    place = ", ".join(f"{position + 1:,}" for position in change.index)
    numbers = [number(value, digits) for value in (change.old, change.new, change.difference)]
    share = "was 0" if change.relative is None else number(change.relative)
    if change.relative is not None and isfinite(change.relative):
        share = percent(change.relative)
    return [f"{shorten(change.layer, 20)} {change.array}", place, *numbers, share]


def histogram_rows(histogram: Histogram, digits: int = DEFAULT_DIGITS, width: int = BAR) -> list[str]:
    """Return a row for each bin: its edges, how many numbers it has, and a bar; the longest has ``width`` characters.

    A bin holds what is from its first edge up to, but not including, its second.
    """
    if not histogram.counts.size:
        return []
    edges, amounts = _edges(histogram, digits), histogram.counts.tolist()
    edge_width, count_width = max(map(len, edges)), max(len(f"{amount:,}") for amount in amounts)
    rows = []
    for low, high, amount in zip(edges, edges[1:], amounts, strict=False):
        bar = "#" * -(-amount * width // max(amounts))
        rows.append(f"{low:>{edge_width}} .. {high:>{edge_width}}  {amount:>{count_width},} {bar}".rstrip())
    return rows


def _edges(histogram: Histogram, digits: int) -> list[str]:
    """Return the edges with ``digits`` decimal places, or with as many as it takes to tell one from the next."""
    width = float(histogram.edges[1] - histogram.edges[0])
    telling = max(digits, ceil(-log10(width)))
    if telling > DIGITS[-1]:
        return [f"{edge:.8e}" for edge in histogram.edges.tolist()]
    return [number(edge, telling) for edge in histogram.edges.tolist()]


def statistics_json(layer: str, array: str, s: Statistics) -> Json:
    """Return the statistics of one array."""
    return {
        "layer": layer,
        "array": array,
        **fields(s, "shape", "dtype", "count", "bytes"),
        "min": plain(s.minimum),
        "max": plain(s.maximum),
        **fields(s, "mean", "standard_deviation", "norm", "zeros", "zero_share"),
        "nan": s.nans,
        "infinite": s.infinities,
        "histogram": fields(s.histogram, "edges", "counts"),
    }


def comparison_json(comparison: Comparison) -> Json:
    """Return what changed in each layer, and the largest changes of all."""
    norms = ("norm", "old_norm", "relative_norm", "largest_relative")
    differing = ("shape", "bit_equal", "differing", *norms, "from_zero", "not_finite")
    change = ("layer", "array", "index", "old", "new", "difference", "relative")
    return {
        "bit_equal": comparison.bit_equal,
        "layers": [
            {
                "layer": layer.name,
                "bit_equal": layer.bit_equal,
                "arrays": [{"array": array.name, **fields(array, *differing)} for array in layer.arrays],
            }
            for layer in comparison.layers
        ],
        "largest": [fields(one, *change) for one in comparison.largest()],
    }
