"""How sums and products are written in a line, as one writes them on paper."""

from __future__ import annotations

MAX_TERMS = 12
"""How many products a line writes out in full."""

ENDS = 2
"""Of a longer line, how many products are written out at either end; those between are counted and summed."""


def times(first: str, second: str) -> str:
    """Return a product as one writes it on paper, a negative factor in brackets."""
    return "*".join(f"({text})" if text.startswith("-") else text for text in (first, second))


def ends(size: int, most: int = MAX_TERMS) -> list[int]:
    """Return the places of the products that are written out: all up to ``most``, or the first and last few."""
    if size <= most:
        return list(range(size))
    return [*range(ENDS), *range(size - ENDS, size)]
