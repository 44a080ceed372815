"""A histogram as text: a row of # for each bin, or one line of ASCII between its two ends."""

from __future__ import annotations

from math import ceil, log10
from typing import TYPE_CHECKING

from core.formatting import DEFAULT_DIGITS, DIGITS, number

if TYPE_CHECKING:
    from core.findings.histogram import Histogram

BAR = 40
"""Characters of the longest bar."""


def histogram_rows(histogram: Histogram, digits: int = DEFAULT_DIGITS, width: int = BAR) -> list[str]:
    """Return a row for each bin: its edges, how many numbers it has, and a bar; the longest has ``width`` characters.

    A bin holds what is from its first edge up to, but not including, its second.
    """
    if not histogram.counts.size:
        return []
    edges = _edges(histogram, digits)
    counts = [f"{amount:,}" for amount in histogram.counts.tolist()]
    edge_width, count_width = max(map(len, edges)), max(map(len, counts))
    fullest = int(histogram.counts.max())
    return [
        f"{low:>{edge_width}} .. {high:>{edge_width}}  {text:>{count_width}} {_bar(amount, fullest, width)}".rstrip()
        for low, high, text, amount in zip(edges, edges[1:], counts, histogram.counts.tolist(), strict=False)
    ]


def _bar(amount: int, fullest: int, width: int) -> str:
    return "#" * -(-amount * width // fullest)


def _edges(histogram: Histogram, digits: int) -> list[str]:
    """Return the edges with ``digits`` decimal places, or with as many as it takes to tell one from the next."""
    width = float(histogram.edges[1] - histogram.edges[0])
    telling = max(digits, ceil(-log10(width)))
    if telling > DIGITS[-1]:
        return [f"{edge:.8e}" for edge in histogram.edges.tolist()]
    return [number(edge, telling) for edge in histogram.edges.tolist()]
