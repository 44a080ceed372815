"""byhand practise --worksheet --key: a sheet to be done on paper, written into files, with nothing asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from core.errors import shorten
from tui.headless.output import write
from tui.headless.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.export.formats import Format
    from core.practice.sheet import Sheet

WANTED = ("worksheet", "key")
"""The options, and what the formats call their files."""


def is_asked_for(arguments: Namespace) -> bool:
    """Return whether the exercise is to be written into files.

    Raises:
        UsageError: the options don't go together, or a file's ending names no format.
    """
    files = [path for name in WANTED if (path := getattr(arguments, name)) is not None]
    if not files:
        return False
    if arguments.save is not None:
        raise UsageError("expected --worksheet and --key without --save: nothing is asked, so there is nothing to save")
    if len(files) > len(set(map(os.path.realpath, files))):
        raise UsageError(f"expected two files for --worksheet and --key, got {shorten(str(files[0]))} twice")
    for path in files:
        if path.exists() and arguments.model.exists() and path.samefile(arguments.model):
            raise UsageError(f"expected another file than the model, got {shorten(str(path))}")
    for name in WANTED:
        _format(arguments, name)
    return True


def write_worksheet(arguments: Namespace, sheet: Sheet) -> None:
    """Write the sheet with its blanks, its key, or both, and say so.

    Raises:
        Refused: none of the blanks is on the page, or a file cannot be written.
    """
    from core.formatting import count
    from core.saving import write_whole

    for name in WANTED:
        if (asked := _format(arguments, name)) is not None:
            path: Path = getattr(arguments, name)
            data = asked.data(sheet)
            write_whole(path, data)
            write(f"{asked.words}: {count(len(data), 'byte')}, saved as {path}\n")


def _format(arguments: Namespace, name: str) -> Format | None:
    """Return the format that the ending of a file names, or None if that file is not asked for."""
    from core.export.formats import PAPER_FORMATS

    path: Path | None = getattr(arguments, name)
    if path is None:
        return None
    formats = {one.suffix: one for one in PAPER_FORMATS if one.stem == name}
    if path.suffix.lower() not in formats:
        endings = ", ".join(formats)
        raise UsageError(f"expected a file for --{name} that ends in {endings}, got {shorten(str(path))}")
    return formats[path.suffix.lower()]
