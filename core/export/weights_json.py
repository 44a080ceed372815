"""What arrays of weights amount to, what their units do, and what changed in them, as JSON-ready objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.export.json_numbers import finite

if TYPE_CHECKING:
    from core.findings.comparison import ArrayComparison, Change, Comparison
    from core.findings.statistics import Statistics

Json = dict[str, Any]
"""None stands for NaN, the infinities and what there is no number for; everything counts from 0."""


def statistics_json(layer: str, array: str, s: Statistics) -> Json:
    """Return the statistics of one array."""
    return {
        "layer": layer,
        "array": array,
        "shape": list(s.shape),
        "dtype": s.dtype,
        "count": s.count,
        "bytes": s.bytes,
        "min": finite(s.minimum),
        "max": finite(s.maximum),
        "mean": finite(s.mean),
        "standard_deviation": finite(s.standard_deviation),
        "norm": finite(s.norm),
        "zeros": s.zeros,
        "zero_share": s.zero_share,
        "nan": s.nans,
        "infinite": s.infinities,
        "histogram": {"edges": s.histogram.edges.tolist(), "counts": s.histogram.counts.tolist()},
    }


def comparison_json(comparison: Comparison) -> Json:
    """Return what changed in each layer, and the largest changes of all."""
    return {
        "bit_equal": comparison.bit_equal,
        "layers": [
            {"layer": layer.name, "bit_equal": layer.bit_equal, "arrays": [_array(array) for array in layer.arrays]}
            for layer in comparison.layers
        ],
        "largest": [_change(change) for change in comparison.largest()],
    }


def _array(array: ArrayComparison) -> Json:
    return {
        "array": array.name,
        "shape": list(array.shape),
        "bit_equal": array.bit_equal,
        "differing": array.differing,
        "norm": finite(array.norm),
        "old_norm": finite(array.old_norm),
        "relative_norm": None if array.relative_norm is None else finite(array.relative_norm),
        "largest_relative": finite(array.largest_relative),
        "from_zero": array.from_zero,
        "not_finite": array.not_finite,
    }


def _change(change: Change) -> Json:
    return {
        "layer": change.layer,
        "array": change.array,
        "index": list(change.index),
        "old": finite(change.old),
        "new": finite(change.new),
        "difference": finite(change.difference),
        "relative": None if change.relative is None else finite(change.relative),
    }
