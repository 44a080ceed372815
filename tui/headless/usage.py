"""What is wrong with a command line, told apart from what is wrong with a file or a run."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Refused
from core.paths import typed_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class UsageError(Refused):
    """The command line cannot be used as it is typed: exit code 2 instead of 1."""


@contextmanager
def usage() -> Iterator[None]:
    """Make what is refused inside the command line's fault, as it is where its values are read and checked."""
    try:
        yield
    except Refused as refused:
        raise UsageError(str(refused)) from refused


def file_named(text: str) -> Path:
    """Return the path of a file, as argparse has its values read."""
    try:
        return typed_path(text)
    except Refused as refused:
        raise ArgumentTypeError(str(refused)) from None
