"""JSON of a file, held against bounds before anything is made of it: a small text can ask for much memory."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused
from core.limits import DEEPEST, allowing, most, most_deep

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 1 << 26
MAX_VALUES = 1_000_000
MAX_LEVELS = 200
"""How deep lists and objects may lie in each other: 50 models within each other, which is the most, need 150."""

TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
OPENING = tuple(b"[{")


def read_json(
    what: str, text: bytes | str, once: Callable[[list[tuple[str, Any]]], dict[str, Any]] | None = None
) -> object:
    """Return what ``text``, which is called ``what``, says; ``once`` makes an object of its pairs, else :class:`dict`.

    Raises:
        Refused: it is no JSON in UTF-8, too long, or has too many values, or too many within each other.
    """
    data = text.encode() if isinstance(text, str) else text
    if len(data) > most(MAX_BYTES):
        raise Refused(
            f"expected {what} of at most {most(MAX_BYTES) >> 20:,} MiB, got {len(data) >> 20:,} MiB; "
            f"{allowing(len(data), MAX_BYTES)}"
        )
    # What is no JSON ends the reading where it begins to be none, and up to there this sees the same brackets.
    bare = TEXT.sub(b"", data)
    values = sum(map(bare.count, (b",", b"[", b"{"))) + 1
    if values > most(MAX_VALUES):
        raise Refused(
            f"expected {what} of at most {most(MAX_VALUES):,} values, got {values:,}; {allowing(values, MAX_VALUES)}"
        )
    brackets = np.frombuffer(bare.translate(None, NO_BRACKET), np.uint8)
    levels = int(np.cumsum(np.where(np.isin(brackets, OPENING), 1, -1)).max(initial=0))
    if levels > most_deep(MAX_LEVELS):
        advice = allowing(levels, MAX_LEVELS, DEEPEST)
        raise Refused(f"expected {what} of at most {most_deep(MAX_LEVELS):,} levels, got {levels:,}; {advice}")
    # Told to be UTF-8, because the reader would also take what was not looked at: UTF-16.
    try:
        read: object = json.loads(data.decode(), object_pairs_hook=once)
    except ValueError:
        raise Refused(f"expected {what} as JSON in UTF-8, got other text; the file is damaged") from None
    return read
