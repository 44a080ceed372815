"""What arrays of weights amount to, what their units do, and what changed in them, as JSON-ready objects.

None stands for NaN, the infinities and what there is no number for; everything counts from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.export.json_numbers import Json, fields, plain

if TYPE_CHECKING:
    from core.findings.comparison import ArrayComparison, Comparison
    from core.findings.statistics import Statistics


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
    change = ("layer", "array", "index", "old", "new", "difference", "relative")
    return {
        "bit_equal": comparison.bit_equal,
        "layers": [
            {"layer": layer.name, "bit_equal": layer.bit_equal, "arrays": [_array(array) for array in layer.arrays]}
            for layer in comparison.layers
        ],
        "largest": [fields(one, *change) for one in comparison.largest()],
    }


def _array(array: ArrayComparison) -> Json:
    norms = ("norm", "old_norm", "relative_norm", "largest_relative")
    return {"array": array.name, **fields(array, "shape", "bit_equal", "differing", *norms, "from_zero", "not_finite")}
