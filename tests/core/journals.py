"""Journals for tests: left as by a session that ended; one part changed, as a damaged or a hostile one has it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from core.journal import sign
from core.journal.journal import Journal
from core.journal.records import MAGIC, framed, records
from core.journal.shelf import new_path
from core.journal.writing import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from core.session.session import Session

    Change = Callable[[dict[str, Any]], object]


ELSEWHERE = """
import os, sys, time
from pathlib import Path
from core.journal import shelf, sign
from core.journal.journal import Journal
sign.NAME, journal, *files = sys.argv[1:]
files = [Path(file) if file else None for file in files]
if journal:
    held = Journal(shelf.new_path(), files[0], print)
else:
    held = sign.Sign(2.0)
    for file in files:
        held.at(file)
print("ready", flush=True)
sys.stdin.read()
os._exit(0)
"""
"""A program that has the last of the files open that it is given, with a journal or a sign alone."""


@contextmanager
def held_by_another(*files: Path | None, journal: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Have another process open files one after the other, with a state folder of its own; it ends with this."""
    names = [str(file or "") for file in files]
    with (
        tempfile.TemporaryDirectory() as state,
        subprocess.Popen(
            [sys.executable, "-c", ELSEWHERE, sign.NAME, "journal" if journal else "", *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": state, "PYTHONPATH": str(Path(__file__).parents[2])},
        ) as process,
    ):
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
        process.communicate()


def changed(data: bytes, kind: str, change: Change, last: bool = True) -> bytes:
    """``data`` with the last part of a kind, or the first one, as ``change`` makes it; its checksum is right."""
    found = [(msgspec.msgpack.decode(record.part), bytes(record.bulk)) for record in records(memoryview(data))]
    places = [place for place, (part, _) in enumerate(found) if part["type"] == kind]
    change(found[places[-1 if last else 0]][0])
    return MAGIC + b"".join(b"".join(framed(msgspec.msgpack.encode(part), [bulk])) for part, bulk in found)


def left_behind(
    session: Session,
    opened: Path | None = None,
    beside: Mapping[str, Callable[[], bytes]] | None = None,
    unsaved: str = "weights",
) -> None:
    """Leave a journal as the process of ``session`` does that ends with something unsaved."""
    told: list[str] = []
    journal = Journal(new_path(), opened, told.append)
    journal.take(Moment(session.state, session.trail.steps, opened, unsaved, beside or {}))
    assert journal.close(300) and not told
    # As the end of a process does, and with it goes the lock.
    journal._file.close()
