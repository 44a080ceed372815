"""Text from outside as plain text: no markup, no control characters, one line."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

CUT = "..."
"""Stands where there was no room for more."""


def plain(text: str) -> str:
    """Return ``text`` with everything that a terminal would act on replaced by a question mark."""
    return "".join(character if character.isprintable() else "?" for character in text)


def fit(text: str, width: int) -> str:
    """Return ``text`` as plain text of exactly ``width`` columns, wide characters counted as two; if cut, with dots."""
    safe = plain(text)
    if cell_len(safe) <= width:
        return set_cell_size(safe, width)
    return set_cell_size(safe, max(width - len(CUT), 0)) + CUT[:width]


def fit_ends(text: str, width: int) -> str:
    """Return ``text`` as :func:`fit` does, but cut in its middle: its end, such as a place or a value, stays."""
    safe = plain(text)
    if cell_len(safe) <= width or width < 3 * len(CUT):
        return fit(safe, width)
    ends = (width - len(CUT)) // 2
    tail = set_cell_size(safe[::-1], ends)[::-1]
    return set_cell_size(safe, width - len(CUT) - ends) + CUT + tail


def fit_right(text: str, width: int) -> str:
    """Return ``text`` as plain text that ends at column ``width``."""
    safe = plain(text)
    return " " * (width - cell_len(safe)) + safe if cell_len(safe) <= width else fit(safe, width)
