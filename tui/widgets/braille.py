"""Braille: lines as dots, of which a cell of the terminal has two by four, each cell in the ink drawn in it last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from jaxtyping import Int

    Dots = Int[npt.NDArray[np.int64], "dots 2"]
    Spans = Int[npt.NDArray[np.int64], "columns 3"]
    """Of every column of dots the place across, and from where down to where it is drawn."""

ACROSS, DOWN = 2, 4
"""Dots in one cell."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""Which bit of a character each dot is, from the top, from the left (Unicode Standard, "Braille Patterns")."""

_CHARACTERS = [" ", *(chr(0x2800 + bits) for bits in range(1, 256))]

BLANK = -1
"""The ink of a cell without a dot."""


class Braille:
    """A picture of ``columns`` times ``rows`` cells; dots are (across, down), from the upper left corner."""

    def __init__(self, columns: int, rows: int) -> None:
        self._bits = np.zeros((rows, columns), np.uint8)
        self._inks = np.full((rows, columns), BLANK, np.int64)

    def draw(self, dots: Dots, ink: int) -> None:
        """Put ``dots``, all of which lie in the picture, upon what is drawn already."""
        across, down = dots.T
        cells = (down // DOWN, across // ACROSS)
        np.bitwise_or.at(self._bits, cells, _BITS[down % DOWN, across % ACROSS])
        self._inks[cells] = ink

    def row(self, row: int) -> list[tuple[str, int]]:
        """Return the character and the ink of every cell in ``row``."""
        characters = map(_CHARACTERS.__getitem__, self._bits[row].tolist())
        return list(zip(characters, self._inks[row].tolist(), strict=True))


def middles(spans: Spans) -> Dots:
    """Return one dot for each of ``spans``."""
    return np.column_stack([spans[:, 0], (spans[:, 1] + spans[:, 2]) // 2])


def joined(spans: Spans) -> Dots:
    """Return the dots of ``spans``, one a column, and those that lead from each to the next, half of them in either."""
    if not len(spans):
        return np.empty((0, 2), np.int64)
    across, top, bottom = spans.T
    # Halfway between the ends that face each other, or where two columns overlap, within both.
    between = (np.maximum(top[:-1], top[1:]) + np.minimum(bottom[:-1], bottom[1:])) // 2
    before, after = np.append(top[0], between), np.append(between, bottom[-1])
    first, last = np.minimum(top, np.minimum(before, after)), np.maximum(bottom, np.maximum(before, after))
    lengths = last - first + 1
    steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.column_stack([np.repeat(across, lengths), np.repeat(first, lengths) + steps])
