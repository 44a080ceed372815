"""Tables of text as files: what dialect one has is found by its beginning; its rows are read as they come."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

import msgspec

from core.data.above import comments_above, names_in_comment, title_lines
from core.data.choices import ChoiceRefused
from core.data.dialect import SEPARATORS, cells_of, has_header, separator_called, separator_of
from core.data.encoding import codec_called, decoded, encoding_of, in_words
from core.data.lines import LONGEST, LongRow, lines_of, some_lines
from core.data.table import Table, collected, understood_table
from core.errors import Refused
from core.limits import most

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from core.arrays import KerasArray
    from core.chunks import Pause
    from core.data.choices import Choices, Understood
    from core.data.dataset import Dataset

HEAD = 1 << 18
"""Bytes at the beginning of a file that it is understood by; of a first line that is longer, all of it."""

ENDS = re.compile(r"[\r\n]")

ROWS = 500
"""Rows that a table is understood by, at most."""

IN_UTF_8, ANOTHER = "save it as UTF-8", "choose another encoding"

SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""A first line that says to a spreadsheet what separates cells."""


def understood_csv(file: BinaryIO, name: str, choices: Choices) -> Understood:
    """Return what is understood of ``file``, a table of text, by its beginning.

    Raises:
        Refused: it is empty or no text, or what was chosen is not there.
    """
    head = file.read(HEAD)
    whole = len(head) < HEAD
    encoding = codec_called(choices.encoding) if choices.encoding else encoding_of(head)
    text = decoded(head, encoding)
    if text is None:
        raise ChoiceRefused(f"{name}: expected text in {in_words(encoding)}, got something else; {IN_UTF_8}", ANOTHER)
    # No character takes more than 4 bytes.
    while not whole and not ENDS.search(text) and len(head) < 4 * most(LONGEST) and len(text) < most(LONGEST):
        more = file.read(len(head))
        head, whole = head + more, not more
        text = decoded(head, encoding) or ""
    # What is read of a text as if it were a file has 4 bytes for each character.
    lines = list(lines_of(io.StringIO(text, newline=""), name)) if ENDS.search(text) else [text]
    lines = list(_without_sep(iter(lines if whole or len(lines) == 1 else lines[:-1])))
    said = SEP.fullmatch(text[: text.find("\n") + 1] or text)
    known = separator_called(choices.separator) if choices.separator else said[1] if said else ""
    lines, skip, separator = _table_in(lines, known, choices.skip)
    rows = _first_rows(lines, separator, name)
    complete = msgspec.structs.replace(choices, encoding=encoding, separator=separator, skip=skip)
    return _understood(rows, name, complete)


def _table_in(lines: list[str], known: str, skip: int | None) -> tuple[list[str], int, str]:
    """Return the lines of the table, how many first ones are none of it, and what separates cells if not the known."""
    if skip is None:
        comments = comments_above(lines)
        below = lines[comments:]
        if comments and (names := names_in_comment(lines, comments, known or _separator_of(below))):
            place = max(place for place in range(comments) if lines[place].strip())
            return [names, *below], place, known or _separator_of(below)
        title, mark = title_lines(below, known)
        skip = comments + title
        known = mark if title else known
    table = lines[skip:]
    return table, skip, known or _separator_of(table)


def _separator_of(lines: list[str]) -> str:
    return separator_of([line for line in lines if line.strip()])


def _first_rows(lines: list[str], separator: str, name: str) -> list[list[str]]:
    found = cells_of(lines, separator)
    rows: list[list[str]] = []
    try:
        rows.extend(islice(found, ROWS))
    except LongRow as error:
        if not rows:
            raise error.refusal(name) from None
    except csv.Error as error:
        if not rows:
            raise _out_of_order(name, 1, separator, error) from None
    if not rows:
        raise Refused(f"{name} is empty: expected rows of numbers, perhaps below a first line of names")
    return rows


def _understood(rows: list[list[str]], name: str, choices: Choices) -> Understood:
    header = has_header(rows) if choices.header is None else choices.header
    names = [cell.strip() for cell in rows[0]] if header else [f"column {place + 1}" for place in range(len(rows[0]))]
    rows = rows[1:] if header else rows
    more = [row for row in rows if len(row) == len(names) + 1]
    if header and rows and len(more) == len(rows):
        # R names no column of row names; others write a separator after the last cell.
        names = [*names, ""] if all(not row[-1].strip() for row in rows) else ["", *names]
    mark = choices.separator
    how = [in_words(choices.encoding), f"separator {SEPARATORS.get(mark, mark)}"]
    how += ["names in the first line" if header else "no line of names"]
    complete = msgspec.structs.replace(choices, header=header)
    return understood_table(name, names, rows, complete, ", ".join(how))


def take_csv(file: BinaryIO, understood: Understood, pause: Pause) -> Dataset:
    """Return the data in ``file`` as it was ``understood``.

    Raises:
        Refused: it is no such table, or a cell is none that can be taken.
    """
    choices, name = understood.choices, understood.name
    text = io.TextIOWrapper(file, encoding=choices.encoding, newline="")
    try:
        table = Table(understood)
        lines = islice(_without_sep(lines_of(text, name, pause)), choices.skip, None)
        return collected(table, _parts(table, lines), cells_of(lines, choices.separator), pause)
    except UnicodeDecodeError as error:
        where, byte = _first_bad_line(file, choices.encoding), error.object[error.start]
        raise ChoiceRefused(
            f"{name}{where}: expected text in {in_words(choices.encoding)}, got the byte 0x{byte:02x}; {IN_UTF_8}",
            f"{ANOTHER}, such as cp932 or latin-1",
        ) from None
    except UnicodeError:
        raise ChoiceRefused(f"{name}: expected text in {in_words(choices.encoding)}; {IN_UTF_8}", ANOTHER) from None
    except LongRow as error:
        raise error.refusal(name) from None
    except csv.Error as error:
        line = _line_out_of_order(lines_of(_from_start(text), name, pause), choices.separator)
        raise _out_of_order(name, line, choices.separator, error) from None
    finally:
        text.detach()


def _parts(table: Table, lines: Iterator[str]) -> Iterator[KerasArray]:
    """Give the rows in ``lines`` as numbers, some at once."""
    separator = table.understood.choices.separator
    if table.understood.choices.header:
        next(cells_of(lines, separator), None)
    read = 0
    while some := some_lines(lines, table.at_once, separator):
        part = table.of_plain_lines(some, separator, read)
        if part is None:
            if any('"' in line for line in some):
                # A quoted cell may go on in the next lines.
                yield from table.parts_of_rows(cells_of(chain(some, lines), separator), read)
                return
            part = table.of_rows(list(cells_of(some, separator)), read)
        yield part
        read += len(part)


def _without_sep(lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, "")
    return lines if SEP.fullmatch(first) else chain([first], lines)


def _from_start(text: io.TextIOWrapper) -> io.TextIOWrapper:
    text.seek(0)
    return text


def _line_out_of_order(lines: Iterator[str], separator: str) -> int:
    """Return which line is the first whose quotes are not in order."""
    read = [0]

    def counted() -> Iterator[str]:
        for read[0], line in enumerate(lines, 1):
            yield line

    with suppress(csv.Error, UnicodeError):
        deque(cells_of(counted(), separator), maxlen=0)
    return read[0]


def _out_of_order(name: str, line: int, separator: str, error: csv.Error) -> Refused:
    between = SEPARATORS.get(separator, separator)
    return Refused(
        f"{name}, line {line:,}: expected cells between separators ({between}), but one is not in order: {error}; "
        "correct it"
    )


def _first_bad_line(file: BinaryIO, encoding: str) -> str:
    """Return the first line that is no text in ``encoding``, the header being line 1."""
    file.seek(0)
    if encoding.startswith(("utf-16", "utf-32")):
        return ""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    while some := file.read(HEAD):
        try:
            decoder.decode(some)
        except UnicodeDecodeError as error:
            return f", line {line + error.object[: error.start].count(10):,}"
        line += some.count(10)
    return f", line {line:,}"
