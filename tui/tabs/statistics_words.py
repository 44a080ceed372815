"""Statistics of an array as the narrow column beside its matrix shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.formatting import number, percent
from tui.tabs.words import size

if TYPE_CHECKING:
    from core.findings.histogram import Histogram
    from core.findings.statistics import Statistics

BINS = 6
"""Rows of the histogram."""

WIDTH = 24
"""Columns beside the matrix."""


def statistics_words(label: str, measured: Statistics, digits: int) -> str:
    """Return what an array amounts to: its shape and size, its numbers, and the histogram in rows of #."""
    shape = " x ".join(f"{side:,}" for side in measured.shape)
    rows = [
        ("min", measured.minimum),
        ("max", measured.maximum),
        ("mean", measured.mean),
        ("std", measured.standard_deviation),
        ("norm", measured.norm),
    ]
    lines = [f"{name:<5}{number(value, digits):>{WIDTH - 6}}" for name, value in rows]
    odd = f"NaN {measured.nans:,}  inf {measured.infinities:,}"
    head = [f"{label} {shape}".strip(), f"{measured.dtype}, {size(measured.bytes)}"]
    return "\n".join([*head, *lines, f"zeros {percent(measured.zero_share)}", odd, *_histogram(measured.histogram)])


def brief_words(measured: Statistics, digits: int) -> str:
    """Return what an array amounts to in three lines."""
    low, high, mean, spread, norm = (
        number(value, digits)
        for value in (measured.minimum, measured.maximum, measured.mean, measured.standard_deviation, measured.norm)
    )
    odd = f"NaN {measured.nans:,}  inf {measured.infinities:,}"
    return f"min {low}  max {high}\nmean {mean}  std {spread}\nnorm {norm}  zeros {percent(measured.zero_share)}  {odd}"


def _histogram(histogram: Histogram) -> list[str]:
    """Return a row for each bin: where it begins, and a bar."""
    if len(histogram.counts) < 2:
        return []
    coarse = histogram.coarser(BINS)
    fullest = int(coarse.counts.max())
    starts = [f"{edge:.3g}" for edge in coarse.edges[:-1].tolist()]
    width = max(map(len, starts))
    room = WIDTH - width - 2
    bars = ["#" * -(-int(amount) * room // fullest) for amount in coarse.counts.tolist()]
    return [f"{start:>{width}} {bar}".rstrip() for start, bar in zip(starts, bars, strict=True)]
