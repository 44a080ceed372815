"""Damaged files of what byhand reads in its own process: read or refused, whatever is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.journal.reading import find
from core.journal.records import MAGIC, framed, records
from core.lessons import progress as kept
from core.model.weights_file import WeightsFile
from core.model.weights_kept import with_changes
from tests.mutants import KINDS, journals, lessons_under_way

if TYPE_CHECKING:
    from pathlib import Path

OF_EACH = 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    opened = 0
    for seed in range(OF_EACH):
        data = KINDS[kind].mutant(seed)
        try:
            opened += KINDS[kind].read(tmp_path, data)
        except Refused as refusal:
            assert str(refusal).isprintable()
    assert 0 < opened < OF_EACH


def no_utf_8(data: bytes, word: bytes) -> bytes:
    """Return ``data`` with a byte in a word that no text in UTF-8 has."""
    assert word in data
    return data.replace(word, b"\xff" + word[1:], 1)


def test_texts_that_are_not_utf_8_are_damage_like_any_other() -> None:
    with pytest.raises(Refused, match="expected a lesson that was under way"):
        kept.resume(no_utf_8(lessons_under_way()[0], b"weighted"))
    with pytest.raises(Refused, match="expected changed numbers"):
        with_changes(WeightsFile("npz", "", (), ()), b"\x91\x85\xa5array\xa1\xff")
    data = journals()[0]
    parts = [(bytes(record.part), [bytes(record.bulk)]) for record in records(memoryview(data))]
    last, bulk = parts.pop()
    torn = MAGIC + b"".join(b"".join(framed(*one)) for one in [*parts, (no_utf_8(last, b"weights"), bulk)])
    assert len(find(memoryview(torn)).held) == len(parts)
