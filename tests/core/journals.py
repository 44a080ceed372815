"""Journals for tests: one part of them changed, as a damaged or a hostile one has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from core.journal.records import MAGIC, framed, records

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[dict[str, Any]], object]


def changed(data: bytes, kind: str, change: Change, last: bool = True) -> bytes:
    """``data`` with the last part of a kind, or the first one, as ``change`` makes it; its checksum is right."""
    found = [(msgspec.msgpack.decode(record.part), bytes(record.bulk)) for record in records(memoryview(data))]
    places = [place for place, (part, _) in enumerate(found) if part["type"] == kind]
    change(found[places[-1 if last else 0]][0])
    return MAGIC + b"".join(b"".join(framed(msgspec.msgpack.encode(part), [bulk])) for part, bulk in found)
