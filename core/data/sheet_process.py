"""The limited process that reads Parquet or Excel: it is shown a file, gives rows of text until all are told, and ends.

Its readers are others' and large: what memory a file makes them take, or what time, nobody can say before. Here that
can cost this process alone, which has no other file, no network and not much memory; nobody else imports them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

from core.data.sheet_told import LENGTH, Ended, Told
from core.errors import shorten
from core.limits import raise_limits
from core.model.archive.confined import confine
from core.model.archive.seen import in_place
from core.model.between import seen_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    Rows = Iterator[tuple[float, list[str]]]
    """Rows of text, before each the share of all that is read by then."""

SECONDS = 600
"""Of a processor, which nobody has to wait for: whoever asked can stop it."""

CELLS_AT_ONCE = 20_000
CHARACTERS_AT_ONCE = 1 << 20
"""What is told at once, at most, but for a single row."""


def main() -> None:
    """Tell the rows of the file on the descriptor that is named."""
    kind, times, handle = sys.argv[1:]
    raise_limits(int(times))
    # Later no file can be opened, their own included.
    rows = _reader_of_parquet() if kind == "parquet" else _reader_of_excel()
    content = seen_by(int(handle))
    confine(len(content), SECONDS)
    try:
        for told in _at_once(rows(in_place(content))):
            _tell(told)
        _tell(Ended())
    except MemoryError:
        _tell(Ended(too_much=True))
    # What a damaged file makes these readers raise is in no document.
    except Exception as error:
        _tell(Ended(shorten(str(error), 80) or type(error).__name__))


def _reader_of_parquet() -> Callable[[BinaryIO], Rows]:
    import pyarrow
    import pyarrow.compute  # A cast would import it later.
    from pyarrow import parquet

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())

    def rows(file: BinaryIO) -> Rows:
        found = parquet.ParquetFile(file, pre_buffer=False)
        names = list(found.schema_arrow.names)
        yield 0.0, names
        total, read = max(1, found.metadata.num_rows), 0
        for batch in found.iter_batches(max(1, CELLS_AT_ONCE // max(1, len(names))), use_threads=False):
            columns = [map(_text, _without_zone(pyarrow, column).to_pylist()) for column in batch.columns]
            for row in zip(*columns, strict=True):
                read += 1
                yield read / total, list(row)

    return rows


def _without_zone(pyarrow: Any, column: Any) -> Any:
    """Return moments as they are in UTC: zones are read from files."""
    kind = column.type
    zoned = pyarrow.types.is_timestamp(kind) and kind.tz is not None
    return column.cast(pyarrow.timestamp(kind.unit)) if zoned else column


def _reader_of_excel() -> Callable[[BinaryIO], Rows]:
    from openpyxl import load_workbook

    def rows(file: BinaryIO) -> Rows:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        total = sheet.max_row or 0
        for place, cells in enumerate(sheet.iter_rows(values_only=True)):
            row = list(map(_text, cells))
            if any(row):
                yield min(1.0, place / total) if total else 0.0, row

    return rows


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _at_once(rows: Rows) -> Iterator[Told]:
    """Give rows in parts that are not large."""
    some: list[list[str]] = []
    cells = characters = 0
    share = 0.0
    for share, row in rows:
        some.append(row)
        cells += len(row)
        characters += len("".join(row))
        if cells > CELLS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
            yield Told(some, share)
            some, cells, characters = [], 0, 0
    yield Told(some, share)


def _tell(told: Told | Ended) -> None:
    data = msgspec.msgpack.encode(told)
    sys.stdout.buffer.write(len(data).to_bytes(LENGTH, "big") + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
