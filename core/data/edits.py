"""Edits: what a person changed of data that they opened or made, row by row and as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


class Edits(msgspec.Struct, frozen=True):
    """The rows that were ``changed`` and ``added``, where they stand now, how many were ``taken_out``.

    ``whole`` says what was done to all rows, in order, such as "shuffled (seed 1)". A row that was added is not
    counted as changed.
    """

    changed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    taken_out: int = 0
    whole: tuple[str, ...] = ()

    def with_changed(self, row: int) -> Edits:
        """Return these after a change of one row."""
        known = row in self.changed or row in self.added
        return self if known else msgspec.structs.replace(self, changed=(*self.changed, row))

    def with_added(self, row: int) -> Edits:
        """Return these after a new row came to stand at ``row``."""
        return msgspec.structs.replace(self, added=(*self.added, row))

    def with_whole(self, words: str) -> Edits:
        """Return these after something was done to all rows."""
        return msgspec.structs.replace(self, whole=(*self.whole, words))

    def picked(self, rows: npt.NDArray[np.intp], length: int) -> Edits:
        """Return these where of ``length`` rows there are ``rows``, in this order."""
        changed, added = (_places(marked, rows, length) for marked in (self.changed, self.added))
        gone_added = len(self.added) - len(added)
        taken_out = self.taken_out + length - len(rows) - gone_added
        return msgspec.structs.replace(self, changed=changed, added=added, taken_out=taken_out)

    def in_words(self) -> str:
        """Return what was changed, such as "2 rows changed, 1 row taken out, shuffled (seed 1)"."""
        numbers = {"changed": len(self.changed), "added": len(self.added), "taken out": self.taken_out}
        return ", ".join([*(f"{count(rows, 'row')} {how}" for how, rows in numbers.items() if rows), *self.whole])


def _places(marked: Sequence[int], rows: npt.NDArray[np.intp], length: int) -> tuple[int, ...]:
    mask = np.zeros(length, dtype=bool)
    mask[list(marked)] = True
    return tuple(np.flatnonzero(mask[rows]).tolist())
