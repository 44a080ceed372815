"""Journals for tests: left as by a session that ended; one part changed, as a damaged or a hostile one has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.journal.journal import Journal
from core.journal.records import MAGIC, framed, records
from core.journal.shelf import new_path
from core.journal.writing import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from core.session.session import Session

    Change = Callable[[dict[str, Any]], object]


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
