"""Cells of a table as numbers: with a decimal point or comma, marks between thousands, or missing."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from core.arrays import Array

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "?", "null", "nil"})
"""What stands in a cell that has no value, in small letters."""

MISSING_NUMBERS = MISSING | {"none", "-", "--", "."}
"""The same where a number is wanted; among labels these may be names."""

TRUTHS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("off", "on"))
"""Pairs of words for 0 and 1, in small letters."""

SPACES = " \u00a0\u2009\u202f'\u2019"
"""Marks that stand between thousands whatever the decimal sign is."""

_PLAIN = r"[+-]?(?:\d+{sign}?\d*|{sign}\d+)(?:[eE][+-]?\d+)?"
_GROUPED = r"[+-]?[1-9]\d{{0,2}}(?:(?P<mark>[{marks}])\d{{3}})(?:(?P=mark)\d{{3}})*(?:{sign}\d*)?"

POINT, COMMA = ".", ","

PLAIN = {sign: re.compile(_PLAIN.format(sign=re.escape(sign)), re.ASCII) for sign in (POINT, COMMA)}
GROUPED = {
    sign: re.compile(_GROUPED.format(marks=other + SPACES, sign=re.escape(sign)), re.ASCII)
    for sign, other in ((POINT, COMMA), (COMMA, POINT))
}
EVERY = (*PLAIN.values(), *GROUPED.values())
SPACED = re.compile(_GROUPED.format(marks=SPACES, sign=r"\."), re.ASCII)

EITHER_WAY = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""A number that is 1.234 in one country and 1234 in another."""

TRUE_FALSE = {"true": 1.0, "false": 0.0}
"""Words that are numbers in an input column."""

ENOUGH = 500
"""Numbers that show the decimal sign; after so many no more are looked at."""

NO_NUMBERS = re.compile(r"[+-]?(?:inf|infinity)", re.IGNORECASE)

AS_TYPED = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("\u2212\uff0d\ufe63\u2012\u2013", "-"),
        "\uff0b": "+",
        "\uff0e": ".",
        "\uff0c": ",",
        "\uff45": "e",
        "\uff25": "E",
        "\u3000": " ",
    }
)
"""Full-width characters and other minus signs, as they are typed in numbers."""


class BadCell(ValueError):
    """A cell is no number; ``place`` counts cells from 0."""

    def __init__(self, place: int, wanted: str) -> None:
        super().__init__(wanted)
        self.place, self.wanted = place, wanted


def is_missing(text: str) -> bool:
    """Say whether a cell, whose kind is not known, has no value."""
    return text.strip().casefold() in MISSING


def is_number(text: str) -> bool:
    """Say whether a cell is a number for one decimal sign or the other."""
    plain = as_typed(text)
    return any(one.fullmatch(plain) for one in EVERY)


def as_typed(text: str) -> str:
    """Return a cell without spaces around it, full-width characters and other minus signs as they are typed."""
    return (text if text.isascii() else text.translate(AS_TYPED)).strip()


def decimal_of(cells: Iterable[str]) -> str:
    """Return the decimal sign of numbers, of which some may be none; "" where none of them shows it."""
    seen = {POINT: 0, COMMA: 0}
    for cell in cells:
        if POINT not in cell and COMMA not in cell and cell.isascii():
            continue
        text = as_typed(cell)
        readings = {sign: PLAIN[sign].fullmatch(text) or GROUPED[sign].fullmatch(text) for sign in (POINT, COMMA)}
        for sign, other in ((POINT, COMMA), (COMMA, POINT)):
            seen[sign] += bool(readings[sign] and not readings[other])
        if sum(seen.values()) >= ENOUGH:
            break
    if not any(seen.values()):
        return ""
    return POINT if seen[POINT] >= seen[COMMA] else COMMA


def plain_numbers(lines: Sequence[str], separator: str, decimal: str) -> Array | None:
    """Return what NumPy reads in lines of a table, in float64; None if a cell is no plain, finite number."""
    # NumPy warns of lines that are all empty.
    if not lines[0].strip() or (decimal and decimal == separator):
        return None
    text, mark = "\n".join(lines), {POINT: COMMA, COMMA: POINT}.get(decimal, "")
    dressed = '"' in text or bool(mark and mark != separator and mark in text)
    bare = _bare(text, separator, mark, decimal) if dressed else text
    if bare is None:
        return None
    if decimal == COMMA:
        bare = bare.replace(COMMA, POINT)
    try:
        between = None if separator == " " else separator
        rows = lines if bare is text else bare.splitlines()
        values = np.loadtxt(rows, np.float64, comments=None, delimiter=between, ndmin=2)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _bare(text: str, separator: str, mark: str, decimal: str) -> str | None:
    """Return lines of a table without quotes around whole cells and without every ``mark`` between thousands.

    None if one of them stands elsewhere, or something between quotes that ends a cell without them.
    """
    if not text.isascii() or not separator.isascii():
        return None
    held = np.frombuffer(f"\n{text}\n".encode(), np.uint8)
    quote = held == ord('"')
    quotes, inside = np.flatnonzero(quote), np.logical_xor.accumulate(quote)
    ends = _among(held, f"{separator}\t\r\n" if separator == " " else f"{separator}\r\n")
    marks = (held == ord(mark)) & (inside | (mark != separator)) if mark else np.zeros_like(quote)
    if len(quotes) % 2 or not ends[quotes[::2] - 1].all() or not ends[quotes[1::2] + 1].all():
        return None
    if (ends & inside & ~marks).any():
        return None
    if marks.any():
        cells = held.copy()
        cells[quote | (ends & ~inside)] = ord("\n")
        if not _between_thousands(cells.tobytes(), mark, decimal):
            return None
    left: bytes = held[~(quote | marks)].tobytes()
    return left.decode()


def _between_thousands(text: bytes, mark: str, decimal: str) -> bool:
    """Say whether every ``mark`` in cells, a line each, stands between thousands as in ``GROUPED``.

    For all of them at once, which a regular expression takes six times as long for.
    """
    if b"e" in text or b"E" in text:
        return False
    held = np.frombuffer(b"    %s    " % text, np.uint8)
    marks = np.flatnonzero(held == ord(mark))
    digit = (held >= ord("0")) & (held <= ord("9"))
    behind = digit[marks + 1] & digit[marks + 2] & digit[marks + 3] & _among(held[marks + 4], f"{mark}{decimal} \n")
    digits = digit[marks - 1].astype(np.intp)
    for place in (2, 3):
        digits += (digits == place - 1) & digit[marks - place]
    before, first = held[marks - digits - 1], held[marks - digits]
    begins = _among(before, "+- \n") & (first != ord("0"))
    return bool((behind & (digits > 0) & (begins | ((before == ord(mark)) & (digits == 3)))).all())


def _among(characters: npt.NDArray[np.uint8], of: str) -> npt.NDArray[np.bool_]:
    # Ten times as fast as numpy.isin where these are a few.
    found = np.zeros(characters.shape, np.bool_)
    for one in of.encode():
        found |= characters == one
    return found


@dataclass(frozen=True)
class Numbers:
    """Reads cells as numbers with one decimal sign; with "" as with a point, but a comma is never taken for a mark."""

    decimal: str = ""

    def read(self, cells: Sequence[str]) -> Array:
        """Return the numbers of ``cells`` in float64, NaN where one is missing.

        Raises:
            BadCell: one is no number, or infinite.
        """
        values = self._at_once(cells)
        return np.array([self._one(place, cell) for place, cell in enumerate(cells)]) if values is None else values

    def _at_once(self, cells: Sequence[str]) -> Array | None:
        """Return the numbers of cells that are all plain ones, or grouped in the usual way; else None."""
        text = "\n".join(cells)
        # Python reads 1_000 and the digits of every script; whoever wrote them meant a name or a date.
        if "_" in text or not text.isascii():
            return None
        other = COMMA if self.decimal == POINT else POINT
        if self.decimal and other in text:
            if not _between_thousands(text.encode(), other, self.decimal):
                return None
            text = text.replace(other, "")
        plain = text.replace(COMMA, POINT) if self.decimal == COMMA else text
        split = plain.split("\n")
        if len(split) != len(cells):
            return None
        try:
            values = np.fromiter(map(float, split), np.float64, len(cells))
        except ValueError:
            return None
        return values if np.isfinite(values).all() else None

    def _one(self, place: int, cell: str) -> float:
        with suppress(ValueError):
            # Most cells of a table that has a few others are plain ones.
            if self.decimal != COMMA and cell.isascii() and "_" not in cell and isfinite(value := float(cell)):
                return value
        text = as_typed(cell)
        if text.casefold() in MISSING_NUMBERS:
            return np.nan
        if text.casefold() in TRUE_FALSE:
            return TRUE_FALSE[text.casefold()]
        if self._plain.fullmatch(text):
            return float(text.replace(",", "."))
        if self._grouped.fullmatch(text):
            text = re.sub(f"[{SPACES}{'.' if self.decimal == COMMA else ','}]", "", text)
            return float(text.replace(",", "."))
        raise BadCell(place, self._wanted(text))

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        return PLAIN[self.decimal or POINT]

    @cached_property
    def _grouped(self) -> re.Pattern[str]:
        return GROUPED[self.decimal] if self.decimal else SPACED

    def _wanted(self, text: str) -> str:
        if NO_NUMBERS.fullmatch(text):
            return "a finite number"
        if not self.decimal and EITHER_WAY.fullmatch(text):
            return "to know whether the comma is the decimal sign: write 1234, or 1.234 with a point"
        example = "-0,25 or 1e-3" if self.decimal == COMMA else "-0.25 or 1e-3"
        mark, other = ("comma", POINT) if self.decimal == COMMA else ("point", COMMA)
        return f"a number such as {example}" + (f", with a decimal {mark}" if PLAIN[other].fullmatch(text) else "")
