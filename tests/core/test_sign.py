"""Who else on this machine has a file open, wherever he keeps his journals."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from core.journal import shelf, sign
from core.journal.journal import Journal
from core.journal.telling import elsewhere_in_words
from tests.core.journals import held_by_another

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such names")


def test_another_process_is_seen_until_it_ends_and_this_one_never(tmp_path: Path) -> None:
    file, other, link = tmp_path / "mine.keras", tmp_path / "other.keras", tmp_path / "link.keras"
    link.symlink_to(file)
    own = sign.Sign(1.0)
    own.at(file)
    assert sign.seen(file) is None
    with held_by_another(file) as process:
        # A file that is saved is another one under the same name.
        file.write_bytes(b"new")
        for path in (file, link):
            found = sign.seen(path)
            assert found is not None and (found.process, found.begun) == (process.pid, 2.0)
        assert sign.seen(other) is None
        process.kill()
        process.wait()
        assert sign.seen(file) is None
    own.take_away()


def test_a_sign_moves_with_the_file_that_is_open(tmp_path: Path) -> None:
    first, second = tmp_path / "a.keras", tmp_path / "b.keras"
    with held_by_another(first, second):
        assert sign.seen(first) is None and sign.seen(second) is not None
    with held_by_another(first, None):
        assert sign.seen(first) is None


def test_no_list_no_folder_and_no_descriptor_are_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign, "SIGNS", tmp_path / "none")
    assert sign.seen(tmp_path / "mine.keras") is None

    def none_left(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("socket.socket", none_left)
    sign.Sign(1.0).at(tmp_path / "mine.keras")


def test_a_name_that_another_made_up_is_at_most_another_who(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, file = tmp_path / "listed", tmp_path / "mine.keras"
    monkeypatch.setattr(sign, "SIGNS", listed)
    name = f"0000: 00000002 00000000 00000000 0001 01 7 @{sign.NAME}/{sign._key(file)}"
    listed.write_bytes(f"{name}/1/{'9' * 40}\n{name}/x/1\n{name}/1/2/3\n".encode() + b"\xff@\n")
    assert sign.seen(file) is None
    listed.write_text(f"{name}/{os.getpid()}/1\n{name}/9999999999/9999999999\n")
    found = sign.seen(file)
    assert found is not None and "mine.keras is open in another byhand, on " in elsewhere_in_words(found)


def test_a_journal_has_a_sign_of_the_file_while_it_goes_on(tmp_path: Path) -> None:
    file, begun = tmp_path / "mine.keras", int(time.time())
    with held_by_another(file, journal=True) as process:
        found = shelf.open_elsewhere(file, None)
        assert isinstance(found, sign.Elsewhere)
        assert found.process == process.pid and begun <= found.begun
    journal = Journal(shelf.new_path(), file, print)
    assert f"/{os.getpid()}/" in sign.SIGNS.read_text() and shelf.open_elsewhere(file, journal.path) is None
    journal.discard()
    assert f"@{sign.NAME}/{sign._key(file)}" not in sign.SIGNS.read_text()
