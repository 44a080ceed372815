"""Text from outside as plain text: no markup, no control characters, one line."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def plain(text: str) -> str:
    """Return ``text`` with everything that a terminal would act on replaced by a question mark."""
    return "".join(character if character.isprintable() else "?" for character in text)


def fit(text: str, width: int) -> str:
    """Return ``text`` as plain text that takes exactly ``width`` columns, wide characters counted as two."""
    return set_cell_size(plain(text), width)


def fit_right(text: str, width: int) -> str:
    """Return ``text`` as plain text that ends at column ``width``."""
    safe = plain(text)
    return set_cell_size(" " * (width - cell_len(safe)) + safe, width)
