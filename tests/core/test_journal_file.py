"""The file of a journal: written beside whatever goes on, whole after every fault, found again, given up for room."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from core.journal import journal as journal_module
from core.journal import shelf
from core.journal.journal import NEW, Journal
from core.journal.shelf import is_of, look, new_path, read, throw_away
from core.journal.telling import elsewhere_in_words
from core.journal.writing import Moment
from core.session.session import Session
from tests.core.journals import left_behind
from tests.system import FAULTS, FOR_EVER, FULL, SHORT, Fault, Faulty, handled


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(journal_module, "REST", 0.0)
    monkeypatch.setattr(journal_module, "AGAIN", 0.01)


def moment(session: Session) -> Moment:
    return Moment(session.state, session.trail.steps, session.state.path, "weights")


def begun(told: list[str] | None = None, opened: Path | None = None) -> Journal:
    return Journal(new_path(), opened, (told if told is not None else []).append)


def edited(value: float) -> Session:
    session = Session()
    session.set_number(0, 0, (0, 0), value)
    return session


def test_what_was_taken_is_found_once_the_session_has_ended() -> None:
    session = edited(2.5)
    left_behind(session, Path("/somewhere/a.keras"))
    (found,) = look().left
    assert found.steps == ("hidden w[1, 1] = 2.5",) and found.unsaved == "weights"
    assert found.process == os.getpid() and abs(found.changed - time.time()) < 3600
    recovered = read(found)
    assert recovered.state.model.weights.equal(session.state.model.weights)
    throw_away(found)
    assert look().left == () and list(shelf.folder().iterdir()) == []


def test_a_session_that_goes_on_is_seen_with_its_file_and_nobody_takes_it_for_one_that_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    path.touch()
    journal = begun(opened=path)
    (live,) = look().live
    assert is_of(live, path) and not is_of(live, tmp_path / "b.keras") and look().left == ()
    link = tmp_path / "link.keras"
    link.symlink_to(path)
    assert is_of(live, link)
    with pytest.raises(Refused, match="goes on"):
        throw_away(live)
    journal.discard()
    assert look() == shelf.Shelf()


def test_the_file_that_is_open_is_the_one_of_the_last_moment(tmp_path: Path) -> None:
    session = edited(1.0)
    session.saved(session.state, tmp_path / "b.keras")
    journal = begun(opened=tmp_path / "a.keras")
    journal.take(moment(session))
    journal.close(60)
    (live,) = look().live
    assert is_of(live, tmp_path / "b.keras")


def test_what_has_nothing_unsaved_is_no_session_to_go_on_with() -> None:
    journal = begun()
    journal.take(Moment(Session().state, Session().trail.steps, None, ""))
    assert journal.close(60)
    journal._file.close()
    assert look() == shelf.Shelf() and list(shelf.folder().iterdir()) == []


def test_a_journal_that_grew_is_written_anew_and_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LEAST_GROWTH", 1_000)
    session, journal = Session(), begun()
    sizes = []
    for place in range(60):
        session.set_number(0, 0, (place % 2, place % 5), float(place))
        journal._write(moment(session))
        sizes.append(journal.path.stat().st_size)
    assert any(after < before for before, after in pairwise(sizes))
    assert journal.close(60)
    journal._file.close()
    (found,) = look().left
    assert len(found.steps) == 60 and read(found).state.model.weights.equal(session.state.model.weights)
    assert [path.suffix for path in shelf.folder().iterdir()] == [shelf.SUFFIX]


def test_the_oldest_give_way_but_never_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (1.0, 2.0, 3.0):
        left_behind(edited(value))
    monkeypatch.setattr(shelf, "MOST_BYTES", 1)
    found = look()
    assert [session.steps for session in found.left] == [("hidden w[1, 1] = 3",)]
    assert [session.steps for session in found.gone] == [("hidden w[1, 1] = 2",), ("hidden w[1, 1] = 1",)]
    assert len(list(shelf.folder().iterdir())) == 1


def test_what_a_kill_left_half_written_goes_and_what_is_being_written_stays() -> None:
    folder = new_path().parent
    old, new = folder / f"a{NEW}", folder / f"b{NEW}"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    look()
    assert not old.exists() and new.exists()


@pytest.mark.parametrize("data", [b"", b"byhand journal 1\n", b"\0" * 5_000, b"byhand journal 1\n" + b"\xff" * 5_000])
def test_what_is_no_journal_is_none(data: bytes) -> None:
    new_path().write_bytes(data)
    assert look() == shelf.Shelf()


# Faults


def run_with(system: Faulty) -> tuple[list[str], list[int]]:
    """A session of four edits under faults; what was told, and after each edit how many of them are on the disk."""
    told: list[str] = []
    session, journal = Session(), begun(told)
    there = []
    for place in range(4):
        session.set_number(0, 0, (0, place), float(place + 1))
        try:
            with handled(system):
                journal._write(moment(session))
        except OSError as problem:
            told.append(str(problem))
        there.append(_on_disk(journal))
    journal.discard()
    return told, there


def _on_disk(journal: Journal) -> int:
    session = shelf._outline(journal.path)
    assert session is not None
    if session.unsaved in ("", shelf.DAMAGED):
        return 0
    recovered = read(session)
    first = recovered.state.model.weights.layers[0][0][0]
    assert first[: len(session.steps)].tolist() == [place + 1.0 for place in range(len(session.steps))]
    return len(session.steps)


@pytest.mark.parametrize(
    ("fault", "anew"), [*((fault, False) for fault in FAULTS), (FULL, True), (SHORT, True)], ids=str
)
def test_a_fault_at_any_call_damages_nothing_and_is_said(
    fault: Fault, anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if anew:
        # Each edit has the whole file written again.
        monkeypatch.setattr(journal_module, "LEAST_GROWTH", 1)
        monkeypatch.setattr(journal_module, "GROWTH", 1)
    whole = Faulty(fault, FOR_EVER)
    _, there = run_with(whole)
    assert there == [1, 2, 3, 4] and whole.calls > 10
    for at in range(1, whole.calls + 1):
        system = Faulty(fault, at)
        told, there = run_with(system)
        # The one that was not taken is there with the next; where nothing is said, nothing is lacking.
        assert told or there == [1, 2, 3, 4], (at, there)
        assert len(told) <= len(system.hit), (at, told)
        assert all(many >= place for place, many in enumerate(there)), (at, there)
        assert there == sorted(there)


@pytest.mark.parametrize("lasts", [1, 1000])
def test_a_disk_that_takes_a_part_at_a_time_loses_nothing(lasts: int) -> None:
    told, there = run_with(Faulty(SHORT, 1, lasts))
    if lasts == 1:
        assert not told and there == [1, 2, 3, 4]
    else:
        assert there == sorted(there)


def test_a_full_disk_is_said_once_and_so_is_that_it_is_kept_again() -> None:
    told: list[str] = []
    system = Faulty(FULL, 1, FOR_EVER)
    session, journal = Session(), begun(told)
    with handled(system):
        for place in range(3):
            session.set_number(0, 0, (0, place), 1.0)
            journal.take(moment(session))
            _until(lambda: bool(told))
        failed = len(system.hit)
        _until(lambda: len(system.hit) > failed + 3)
        assert len(told) == 1 and "the disk is full; make room" in told[0]
    _until(lambda: len(told) == 2)
    assert "kept again" in told[1] and _on_disk_steps(journal) == 3
    journal.discard()


def _on_disk_steps(journal: Journal) -> int:
    session = shelf._outline(journal.path)
    return 0 if session is None else len(session.steps)


def _until(true: Any) -> None:
    end = time.monotonic() + 300
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


KILLED = """
import os, sys, time
from core.journal.journal import Journal
from core.journal.shelf import new_path
from core.journal.writing import Moment
from core.session.session import Session
from tests.core.journals import left_behind
session, whole, written = Session(), [], Journal._written
Journal._written = lambda journal: whole.append(written(journal))
journal = Journal(new_path(), None, print)
for place in range(5):
    session.set_number(0, 0, (0, place), place + 1.0)
    journal.take(Moment(session.state, session.trail.steps, None, "The weights"))
while not whole:
    time.sleep(0.001)
print("there", flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_kill_loses_nothing_that_is_on_the_disk_and_gives_the_lock_up() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == -9 and done.stdout == "there\n", done.stderr
    (found,) = look().left
    assert len(found.steps) in range(1, 6)


def test_without_a_folder_for_it_there_is_no_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(OSError):
        new_path()
    assert look() == shelf.Shelf()


def test_a_journal_of_which_nothing_is_whole_is_said_to_be_and_kept() -> None:
    left_behind(edited(1.0))
    (path,) = shelf.folder().iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    (found,) = look().left
    assert found.unsaved == shelf.DAMAGED and path.exists()
    with pytest.raises(Refused, match="none that is whole; throw it away"):
        read(found)
    throw_away(found)
    assert look() == shelf.Shelf()


def test_who_goes_on_elsewhere_is_said_with_a_file_and_without(tmp_path: Path) -> None:
    journals = [Journal(new_path(), path, print) for path in (None, tmp_path / "mine.keras")]
    told = sorted(elsewhere_in_words(session).partition(", on ")[0] for session in look().live)
    assert told == ["a session without a file goes on in another byhand", "mine.keras is open in another byhand"]
    for journal in journals:
        journal.discard()
