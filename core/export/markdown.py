"""Markdown's two means that exports share: text that shows as it is, and tables."""

from __future__ import annotations

import re

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>#|~$&!@])")


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, whatever a file calls its layers."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def table_rows(rows: list[list[str]]) -> list[str]:
    """Return rows as a table with the numbers to the right; the first row is its head."""
    widths = [max(3, *(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    lines = [" | ".join(f"{text:>{width}}" for text, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, " | ".join(f"{'-' * (width - 1)}:" for width in widths))
    return [f"| {line} |" for line in lines]
