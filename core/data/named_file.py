"""NamedFile: a file as a person names it for a model's input: which one, which row of it, how a picture is scaled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from core.data.files import ARRAYS, SHEETS, TEXTS
from core.errors import Refused, shorten
from core.half_width import half_width
from core.paths import typed_path

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = (".png", ".jpg", ".jpeg")

SCALES = ("0..255", "0..1", "-1..1")
"""From where to where the numbers of a picture go; the first is how they stand in it."""

RESIZED = "resized"

_ENDS = "|".join(re.escape(ending) for ending in (*ARRAYS, *TEXTS, *SHEETS, *PICTURES))
_NAMED = re.compile(rf"(?P<path>.*?(?:{_ENDS}))(?:\s+(?P<words>.*))?", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"row\s*([0-9]{1,12})", re.IGNORECASE)


class NamedFile(NamedTuple):
    """A file, and what is taken of it: a ``row``, counted from 1, or of a picture its numbers in that ``scale``.

    A picture of another size than the input is ``resized``, or else refused.
    """

    path: Path
    row: int | None = None
    scale: str = SCALES[0]
    resized: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture by its name."""
        return self.path.suffix.lower() in PICTURES


def named_file(text: str) -> NamedFile | None:
    """Return the file that ``text`` names, as in ``points.csv row 7`` or ``cat.png resized 0..1``; None if it is none.

    Raises:
        Refused: what stands after the name is nothing that can be made of such a file.
    """
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        return None
    file, words = NamedFile(typed_path(found["path"])), half_width(found["words"] or "").strip()
    if not file.is_picture:
        row = _ROW.fullmatch(words)
        if words and (row is None or int(row[1]) == 0):
            raise Refused(
                f"expected nothing after {shorten(file.path.name)}, or which row, as in 'row 7', got {shorten(words)!r}"
            )
        return file if row is None else file._replace(row=int(row[1]))
    for word in words.lower().split():
        if word not in (*SCALES, RESIZED):
            raise Refused(
                f"expected {', '.join(SCALES)} or {RESIZED} after {shorten(file.path.name)}, got {shorten(word)!r}"
            )
        file = file._replace(resized=True) if word == RESIZED else file._replace(scale=word)
    return file
