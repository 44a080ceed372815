"""What is typed at the questions of a command: one line after the other, and the words that are the same everywhere."""

from __future__ import annotations

import sys

from core.half_width import half_width

LONGEST_ENTRY = 10_000
"""Characters of one line of input; what is beyond is taken as the next line."""

LEAVING = frozenset({"stop", "quit", "q"})
"""The words that leave."""

HINT = frozenset({"?", "hint"})
"""The words that ask for a hint."""


def next_line() -> str | None:
    """Return the next line that is typed, without its end and the spaces around it; None at the end of the input."""
    line = "" if sys.stdin is None else sys.stdin.readline(LONGEST_ENTRY)
    return half_width(line).strip() if line else None


def tolerate_bad_bytes() -> None:
    """A byte that is not UTF-8 is a wrong answer or none, and not the end."""
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
