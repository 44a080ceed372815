"""Parquet and Excel as rows of text, told by a limited process: from there on they are tables as any other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import chain, islice
from select import select
from typing import TYPE_CHECKING

import msgspec

from core.data.above import title_above
from core.data.dialect import has_header
from core.data.lines import PART
from core.data.sheet_told import LENGTH, Ended, Told
from core.data.table import take_rows, understood_table
from core.errors import Refused, shorten
from core.limits import most, or_allowing, times
from core.model.limited import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from core.data.choices import Choices, Understood
    from core.data.dataset import Dataset

    Rows = Iterator[list[str]]

ROWS = 500
"""Rows that a table is understood by."""

COMMAND = (sys.executable, "-I", "-m", "core.data.sheet_process")

LARGEST = 1 << 27
"""Bytes of what is told at once."""

PIECE, TICK, TIMEOUT = 1 << 16, 0.2, 60
"""Bytes that are read at once; seconds after which reading can be stopped, and after which nothing comes any more."""

_decoder: msgspec.msgpack.Decoder[Told | Ended] = msgspec.msgpack.Decoder(Told | Ended)

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


def take_sheet(file: BinaryIO, understood: Understood, progress: Callable[[float], None]) -> Dataset:
    """Return the data in a Parquet or Excel file as it was ``understood``.

    Raises:
        Refused: it is damaged, or a cell is none that can be taken.
    """
    choices = understood.choices
    with _rows(file, understood.name, progress) as every:
        rows = _table(every, choices.skip or 0, understood.name)
        return take_rows(understood, islice(rows, int(bool(choices.header)), None))


def _is_parquet(name: str) -> bool:
    return name.lower().endswith((".parquet", ".pq"))


@contextmanager
def _rows(file: BinaryIO, name: str, progress: Callable[[float], None] = lambda _share: None) -> Iterator[Rows]:
    """Open a file as rows of text, the first of a Parquet file its names.

    Raises:
        Refused: its reader is not installed, or it is damaged.
    """
    kind, package = ("parquet", "pyarrow") if _is_parquet(name) else ("excel", "openpyxl")
    if find_spec(package) is None:
        raise Refused(f"{name}: expected the package {package}, which reads such files, and it is not here; {INSTALL}")
    handle = file.fileno()
    command = (*COMMAND, kind, str(times()), str(handle))
    nowhere, env = subprocess.DEVNULL, environment()
    with subprocess.Popen(
        command, stdin=nowhere, stdout=subprocess.PIPE, stderr=nowhere, env=env, pass_fds=(handle,)
    ) as process:
        try:
            yield _told(process, name, progress)
        finally:
            process.kill()


def _told(process: subprocess.Popen[bytes], name: str, progress: Callable[[float], None]) -> Rows:
    """Give the rows that a process tells.

    Raises:
        Refused: the file is damaged, or wants more than one may.
    """
    assert process.stdout is not None
    share = 0.0
    while True:
        try:
            # Python's own buffer would wait for more than there is.
            length = int.from_bytes(_read(process.stdout.fileno(), LENGTH, partial(progress, share)), "big")
            if length > most(LARGEST):
                raise MemoryError
            told = _decoder.decode(_read(process.stdout.fileno(), length, partial(progress, share)))
        except (MemoryError, EOFError, TimeoutError, msgspec.MsgspecError):
            told = Ended(too_much=True)
        if isinstance(told, Ended):
            break
        share = told.share
        yield from told.rows
    if told.too_much:
        raise Refused(f"{name} is damaged, or wants too much memory or time; {or_allowing(PART, 4 * times(), 1)}")
    if told.damage:
        raise Refused(f"{name} is damaged and could not be read ({shorten(told.damage, 80)}); get it again")


def _read(pipe: int, size: int, pause: Callable[[], None]) -> bytes:
    """Return so many bytes of a pipe; meanwhile reading may be stopped.

    Raises:
        EOFError: there are less.
        TimeoutError: nothing comes.
    """
    parts: list[bytes] = []
    end = time.monotonic() + TIMEOUT * times()
    while size:
        pause()
        if not select([pipe], [], [], TICK)[0]:
            if time.monotonic() > end:
                raise TimeoutError
            continue
        parts.append(os.read(pipe, min(size, PIECE)))
        if not parts[-1]:
            raise EOFError
        size -= len(parts[-1])
    return b"".join(parts)


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
