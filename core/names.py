"""Names in little room: cut so that it is seen, and so that different ones stay different."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from core.cells import cell_width, cut
from core.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

CUT = "..."


def listed_within(items: Iterable[str], width: int) -> str:
    """Return ``items`` with commas between in ``width`` columns; where not all have room the first of them, and dots.

    None of them is cut, since it would read as another one, as "1.0" of 1.074 does, unless the first alone is too wide.
    """
    texts = [shorten(item, width) for item in items]
    whole = ", ".join(texts)
    if cell_width(whole) <= width:
        return whole
    ends = accumulate(cell_width(text) + len(", ") for text in texts)
    shown = max(sum(end + len(CUT) <= width for end in ends), 1)
    return shorten(", ".join([*texts[:shown], CUT]), width)


@lru_cache(maxsize=16)
def told_apart(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Return ``names``, those that are wider than ``width`` columns cut to it, each with dots where it is cut.

    No two of them are alike: they are cut at the end where their beginnings differ, else in the middle, with so much
    of their ends that they do; what is behind the last "/" stays, unless it takes more than half. Of what differs in
    the very middle alone, the number of each stands before it.
    """
    known, ends = set(names), [cell_width(name[name.rfind("/") :]) if "/" in name else 0 for name in names]
    ends = [end if end <= width // 2 else 0 for end in ends]
    for kept in range(width - len(CUT)):
        shown = tuple(_cut(name, width, max(kept, end)) for name, end in zip(names, ends, strict=True))
        if len(set(shown)) == len(known):
            return shown
    return tuple(shorten(f"{place} {name}", max(width, len(CUT))) for place, name in enumerate(names, start=1))


def _cut(name: str, width: int, kept: int) -> str:
    """Return a name within ``width`` columns, the last ``kept`` of them its end."""
    if name.isascii() and name.isprintable():
        # Of ten thousand classes each, on the way to the screen.
        start = max(width - len(CUT) - kept, 0)
        return name if len(name) <= width else f"{name[:start]}{CUT}{name[len(name) - kept :]}"
    whole = "".join(character if character.isprintable() else "?" for character in name)
    if cell_width(whole) <= width:
        return whole
    end = cut(whole[::-1], kept)[::-1]
    return f"{cut(whole, width - len(CUT) - kept)}{CUT}{end}"
