"""Thrift: of what is written to a terminal, only what changes it, so that a slow line carries few bytes.

Textual draws widgets anew as a whole, with every colour spelt out for every piece of text. A terminal that already
shows the same character in the same style need not be told again: what it shows is remembered cell by cell, and what
is written is compared with that. Moves, colours and text are understood; everything else passes through as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"\x1b\[(?P<style>[0-9;]*)m"
    r"|\x1b\[(?P<row>[0-9]+);(?P<column>[0-9]+)H"
    r"|(?P<line>\r?\n)"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<other>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[^\[\]]|[\x00-\x1f\x7f])",
    re.DOTALL,
)

_FORGETS = re.compile(r"\x1b\[[0-3]?J|\x1b\[\?(?:1049|47|1047)[hl]|\x1bc|\x1b\[!p|\x1b\[[0-9;]*r")
"""What changes the whole screen: clearing it, changing to the other one, resetting, a scrolling region."""

_QUIET = re.compile(
    r"\x1b\[\?(?:2026|25|1000|1002|1003|1006|1015|1016|2004|1004|2048)[hl]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""What changes neither what is shown nor where the cursor is: frames, the cursor's looks, mouse modes, titles."""

# What a style consists of: its colours, and each attribute with the number that ends it.
_ATTRIBUTES = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29", "53": "55"}
_SEEN_ON_SPACES = frozenset({"4", "7", "9", "53"})


class _Style(NamedTuple):
    """A style taken apart: its foreground, its background, and its attributes."""

    foreground: str
    background: str
    attributes: frozenset[str]


PLAIN = _Style("", "", frozenset())

Cell = tuple[str, _Style]


class Thrift:
    """Remembers what a terminal of ``columns`` and ``rows`` shows."""

    def __init__(self, columns: int, rows: int) -> None:
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Forget what is shown: the terminal has another size, or its screen was changed by something else."""
        self.columns, self.rows = columns, rows
        self._shown: list[list[Cell | None]] = [[None] * columns for _ in range(rows)]
        # Where Textual believes the cursor to be and which style it has set, and what the terminal really has.
        self._row, self._column, self._style, self._moved = 0, 0, PLAIN, False
        self._real: tuple[int, int] | None = None
        self._real_style: _Style | None = None
        self._put_by: dict[tuple[int, int], Cell] = {}

    def rewritten(self, data: str) -> str:
        """Return what must be sent instead of ``data`` for the terminal to show the same."""
        out: list[str] = []
        for text in self._texts(data, out):
            self._write(text, out)
        self._stand(out)
        return "".join(out)

    def put_by(self, data: str) -> str:
        """Remember what ``data`` draws until :meth:`caught_up`; return the rest of it, such as modes, to be sent."""
        out: list[str] = []
        for text in self._texts(data, out):
            for piece, width in _pieces(text):
                for column in range(self._column, self._column + width):
                    self._forget(self._row, column)
                self._put_by[self._row, self._column] = (piece, self._style)
                self._column += width
        return "".join(out)

    def _forget(self, row: int, column: int) -> None:
        """Forget what was put by there; half of a wide character is blank once the other is overwritten."""
        piece, style = self._put_by.pop((row, column), (" ", PLAIN))
        if cell_len(piece) == 2:
            self._put_by.setdefault((row, column + 1), (" ", style))

    def caught_up(self) -> str:
        """Return what must be sent for the terminal to show what was put by."""
        out: list[str] = []
        put_by, self._put_by = sorted(self._put_by.items()), {}
        at = self._row, self._column, self._style
        for (self._row, self._column), (piece, self._style) in put_by:
            self._write(piece, out)
        self._row, self._column, self._style = at
        self._stand(out)
        return "".join(out)

    def _texts(self, data: str, out: list[str]) -> Iterator[str]:
        """Yield each text of ``data`` while the cursor and the style are those that it is to have; pass the rest."""
        for token in _TOKEN.finditer(data):
            match token.lastgroup:
                case "style":
                    self._style = _taken_apart(token["style"])
                case "column":
                    self._row, self._column, self._moved = int(token["row"]) - 1, int(token["column"]) - 1, True
                case "line":
                    self._row, self._column = self._row + 1, 0
                case "text":
                    self._moved = False
                    yield token["text"]
                case _:
                    self._pass(token["other"], out)

    def _stand(self, out: list[str]) -> None:
        """Move the cursor to where a lone move left it: it says where to compose what is typed."""
        if self._moved and self._real != (self._row, self._column):
            out.append(f"\x1b[{self._row + 1};{self._column + 1}H")
            self._real = (self._row, self._column)
        self._moved = False

    def _pass(self, sequence: str, out: list[str]) -> None:
        out.append(sequence)
        if _FORGETS.fullmatch(sequence):
            self.resize(self.columns, self.rows)
        elif not _QUIET.fullmatch(sequence):
            self._real = None

    # Text

    def _write(self, text: str, out: list[str]) -> None:
        if not 0 <= self._row < self.rows or not 0 <= self._column < self.columns:
            self._send(text, self._row, self._column, out)
            return
        if text.isascii():
            widths = [1] * len(text)
        else:
            widths = [cell_len(character) for character in text]
            if not all(widths):
                # What joins the character before it cannot be sent by itself.
                self._send_whole(text, out)
                return
        shown, style = self._shown[self._row], self._style
        for character, width in zip(text, widths, strict=True):
            column = self._column
            cell = (character, style)
            if column + width > self.columns:
                break
            if not _looks_like(shown[column], cell) or (width == 2 and shown[column + 1] is not None):
                self._send(character, self._row, column, out, width)
                self._remember(shown, column, cell, width)
            self._column += width

    def _remember(self, shown: list[Cell | None], column: int, cell: Cell, width: int) -> None:
        # Half of a wide character that is overwritten takes its other half with it.
        for beside in (column - 1, column + width):
            if 0 <= beside < self.columns:
                neighbour = shown[beside]
                if neighbour is not None and not neighbour[0].isascii() and cell_len(neighbour[0]) == 2:
                    shown[beside] = None
        shown[column] = cell
        if width == 2:
            shown[column + 1] = None

    def _send_whole(self, text: str, out: list[str]) -> None:
        self._send(text, self._row, self._column, out)
        self._real = None
        self._shown[self._row] = [None] * self.columns
        self._column = min(self._column + cell_len(text), self.columns)

    def _send(self, text: str, row: int, column: int, out: list[str], width: int = 1) -> None:
        """Write ``text`` there in the present style, with as short a move and as few colours as will do."""
        if self._real != (row, column):
            out.append(self._move(row, column))
        if self._real_style != self._style:
            out.append(_change(self._real_style, self._style))
            self._real_style = self._style
        out.append(text)
        # At the end of a line a terminal waits with the wrap, each in its own way.
        self._real = (row, column + width) if column + width < self.columns else None

    def _move(self, row: int, column: int) -> str:
        if self._real is not None and self._real[0] == row and column > self._real[1]:
            steps = column - self._real[1]
            return f"\x1b[{'' if steps == 1 else steps}C"
        return f"\x1b[{row + 1};{column + 1}H"


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Yield the characters of ``text``, with each those that join it, and how many columns they take."""
    piece, taken = "", 0
    for character in text:
        width = cell_len(character)
        if width and piece:
            yield piece, taken
            piece, taken = "", 0
        piece, taken = piece + character, taken + width
    if piece:
        yield piece, taken


@lru_cache(maxsize=512)
def _taken_apart(parameters: str) -> _Style:
    """Return the style that ``parameters`` set after a reset, which is how Textual writes all of them."""
    parts = parameters.split(";")
    foreground = background = ""
    attributes = set()
    while parts:
        part = parts.pop(0)
        if part in ("38", "48"):
            size = 2 if parts[:1] == ["5"] else 4
            colour = ";".join([part, *parts[:size]])
            del parts[:size]
            foreground, background = (colour, background) if part == "38" else (foreground, colour)
        elif part in _ATTRIBUTES:
            attributes.add(part)
        elif part in ("0", ""):
            foreground = background = ""
            attributes.clear()
        elif part.isdecimal() and (30 <= int(part) <= 37 or 90 <= int(part) <= 97 or part == "39"):
            foreground = part
        else:
            background = part
    return _Style(foreground, background, frozenset(attributes))


@lru_cache(maxsize=512)
def _change(old: _Style | None, new: _Style) -> str:
    """Return the shorter of: what differs, and everything after a reset."""
    whole = [part for part in (*sorted(new.attributes), new.foreground, new.background) if part]
    anew = f"\x1b[{';'.join(['0', *whole])}m" if whole else "\x1b[0m"
    if old is None:
        return anew
    ended = {_ATTRIBUTES[one] for one in old.attributes - new.attributes}
    # One number ends both bold and dim: what is to stay is set again.
    begun = {one for one in new.attributes if one not in old.attributes or _ATTRIBUTES[one] in ended}
    parts = [*sorted(ended), *sorted(begun)]
    if new.foreground != old.foreground:
        parts.append(new.foreground or "39")
    if new.background != old.background:
        parts.append(new.background or "49")
    differing = f"\x1b[{';'.join(parts)}m" if parts else ""
    return min(differing, anew, key=len)


def _looks_like(shown: Cell | None, wanted: Cell) -> bool:
    """Return whether a cell need not be written: it has the same looks, be it another colour on a space."""
    if shown is None:
        return False
    if shown == wanted:
        return True
    if shown[0] != " " or wanted[0] != " ":
        return False
    old, new = shown[1], wanted[1]
    special = (old.attributes | new.attributes) & _SEEN_ON_SPACES
    return old.background == new.background and not special
