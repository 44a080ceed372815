"""Parquet and Excel as rows of text, where their readers are installed: from there on they are tables as any other."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from core.data.above import title_above
from core.data.dialect import has_header
from core.data.table import take_rows, understood_table
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from core.chunks import Pause
    from core.data.choices import Choices, Understood
    from core.data.dataset import Dataset

ROWS = 500
"""Rows that a table is understood by."""

AT_ONCE = 4_096
"""Rows of a Parquet file that are turned into text at once."""

INSTALL = "install it with byhand's extra: pip install 'byhand[tables]'"


def understood_sheet(file: BinaryIO, name: str, choices: Choices) -> Understood:
    """Return what is understood of a Parquet or Excel file.

    Raises:
        Refused: its reader is not installed, it is damaged or empty, or what was chosen is not there.
    """
    with _rows(file, name) as every:
        head = list(islice(every, ROWS + 1))
        skip = choices.skip if choices.skip is not None else 0 if _is_parquet(name) else title_above(head)
        first = list(_table(iter(head), skip, name))
        if not first:
            raise Refused(f"{name} is empty: expected rows of numbers, perhaps below a first row of names")
        header = (_is_parquet(name) or has_header(first)) if choices.header is None else choices.header
        names = (
            [cell.strip() for cell in first[0]] if header else [f"column {place + 1}" for place in range(len(first[0]))]
        )
        complete = msgspec.structs.replace(choices, header=header, decimal=choices.decimal or ".", skip=skip)
        how = "Parquet" if _is_parquet(name) else f"Excel, {'names in the first row' if header else 'no row of names'}"
        return understood_table(name, names, first[1:] if header else first, complete, how)


def take_sheet(file: BinaryIO, understood: Understood, pause: Pause) -> Dataset:
    """Return the data in a Parquet or Excel file as it was ``understood``.

    Raises:
        Refused: it is damaged, or a cell is none that can be taken.
    """
    choices = understood.choices
    with _rows(file, understood.name) as every:
        rows = _table(every, choices.skip or 0, understood.name)
        return take_rows(understood, islice(rows, int(bool(choices.header)), None), pause)


def _is_parquet(name: str) -> bool:
    return name.lower().endswith((".parquet", ".pq"))


@contextmanager
def _rows(file: BinaryIO, name: str) -> Iterator[Iterator[list[str]]]:
    """Open a file as rows of text, the first of a Parquet file its names.

    Raises:
        Refused: its reader is not installed, or it is damaged.
    """
    try:
        yield _of_parquet(file) if _is_parquet(name) else _of_excel(file)
    except (Refused, OSError):
        raise
    except ImportError as error:
        what = f"{error.name or 'a reader'}".split(".")[0]
        raise Refused(
            f"{name}: expected the package {what}, which reads such files, and it is not here; {INSTALL}"
        ) from None
    # What a damaged file makes these readers raise is in no document.
    except Exception as error:
        reason = shorten(str(error), 80) or type(error).__name__
        raise Refused(f"{name} is damaged and could not be read ({reason}); get it again") from None


def _of_parquet(file: BinaryIO) -> Iterator[list[str]]:
    from pyarrow import parquet

    found = parquet.ParquetFile(file)
    yield list(found.schema_arrow.names)
    for batch in found.iter_batches(AT_ONCE):
        columns = [map(_text, column.to_pylist()) for column in batch.columns]
        yield from map(list, zip(*columns, strict=True))


def _of_excel(file: BinaryIO) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    try:
        rows = (list(map(_text, row)) for row in book.worksheets[0].iter_rows(values_only=True))
        yield from (row for row in rows if any(row))
    finally:
        book.close()


def _table(every: Iterator[list[str]], skip: int, name: str) -> Iterator[list[str]]:
    """Give the rows of a sheet from ``skip`` on, of Excel's with the cells that the first one has.

    There, columns may be empty but for their look.
    """
    rows = islice(every, skip, None)
    if _is_parquet(name):
        yield from rows
        return
    first = next(rows, [])
    width = len(first) - next((place for place, cell in enumerate(reversed(first)) if cell), 0)
    for row in chain([first] if first else [], rows):
        longer = row[width:]
        yield row[:width] + [""] * (width - len(row)) + (longer if any(longer) else [])


def _text(value: Any) -> str:
    return "" if value is None else str(value)
