"""How much a file from elsewhere may ask for: what is usual, times what whoever opens it said with ``--limits``.

Limits alone are raised so. That nothing in a file leads elsewhere, is code or a reference, is no matter of amounts.
"""

from __future__ import annotations

import sys

from core.errors import Refused

FLAG = "--limits"

MOST_TIMES = 1000

DEEPEST = 10
"""How many times as deep as usual things may lie within each other: that takes room that can't be had without end."""

FRAMES = 1000
"""How deep Python goes usually."""

_times = 1


def raise_limits(times: int) -> None:
    """Allow files ``times`` as much as usual from now on."""
    global _times
    _times = times
    sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES * min(times, DEEPEST)))


def times() -> int:
    """Return how many times as much as usual is allowed."""
    return _times


def most(usual: int) -> int:
    """Return what is allowed where ``usual`` is so usually."""
    return usual * _times


def most_deep(usual: int) -> int:
    """Return how deep things may lie within each other where ``usual`` is so usually."""
    return usual * min(_times, DEEPEST)


def require_most(what: str, got: int, usual: int) -> None:
    """Refuse more of ``what`` than are allowed where ``usual`` are so usually.

    Raises:
        Refused: there are more; the sentence says what is allowed, and how more can be.
    """
    if got > most(usual):
        raise Refused(f"expected at most {most(usual):,} {what}, got {got:,}; {allowing(got, usual)}")


def require_depth(what: str, depth: int, usual: int) -> None:
    """Refuse ``what`` lies deeper within each other than is allowed where so deep is usual.

    Raises:
        Refused: it does; the sentence says what is allowed, and how more can be.
    """
    if depth > most_deep(usual):
        raise Refused(
            f"expected at most {most_deep(usual)} {what} within each other, got more; {allowing_more(DEEPEST)}"
        )


def allowing(got: int, usual: int, most_times: int = MOST_TIMES) -> str:
    """Return the advice for what is refused, the end of a sentence: how ``got`` is allowed, if it can be."""
    needed = -(-got // usual)
    return _advice(needed) if needed <= most_times else "don't trust this file"


def or_allowing(instead: str, got: int, usual: int) -> str:
    """Return the advice for a file of data: what to do ``instead`` of raising the limits, and how to do that."""
    needed = -(-got // usual)
    return f"{instead} or, {_advice(needed)}" if needed <= MOST_TIMES else instead


def allowing_more(most_times: int = MOST_TIMES) -> str:
    """Return that advice where it is not known how much would be enough, if more than that is allowed by now."""
    return _advice(min(4 * _times, most_times)) if _times < most_times else "don't trust this file"


def _advice(times: int) -> str:
    return f"if you trust the file, {FLAG} {times} on the command line allows it"
