"""The machine's power cut at every call that a session makes to the disk: ``python -m tests.power_cuts [STATES]``.

What is recorded of a session that edits and saves is played on a disk that keeps what was synced; of what was not, it
keeps all, nothing, a part, or as many zeros, and the names of files as they were at some moment since their folder was.
Whatever is left then, the model's file must be one that was saved, no older than the last one that was said to be, and
the journal must have every edit that was said to be on the disk.
"""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from core.journal import journal as journal_module
from core.journal import shelf
from core.journal.journal import Journal
from core.journal.writing import Moment
from core.model import keras_file
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.session import kept_steps
from core.session.session import Session
from tests.hostile_files import GOOD
from tests.reading import exchange_here
from tests.system import handled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USUAL = 20
"""States of the disk that are tried after each call."""

EDITS, SAVES_AFTER = 12, 3


@dataclass
class File:
    """What was done to one file: each write, cut and sync with the number of its call."""

    done: list[tuple[int, str, Any]] = field(default_factory=list)

    def left(self, cut: int, choice: random.Random) -> bytes:
        """Return what may be left of it if the power is cut before call ``cut``."""
        synced = max((at for at, what, _ in self.done if what == "sync" and at < cut), default=-1)
        kept = b""
        for at, what, given in self.done:
            if at < synced:
                kept = _after(kept, what, given)
        full = kept
        for at, what, given in self.done:
            if synced <= at < cut:
                full = _after(full, what, given)
        match choice.choice(["all", "nothing", "a part", "zeros"]):
            case "all":
                return full
            case "a part" if len(full) > len(kept):
                return full[: choice.randint(len(kept), len(full))]
            case "zeros" if len(full) > len(kept):
                return kept + bytes(choice.randint(0, len(full) - len(kept)))
        return kept


def _after(content: bytes, what: str, given: Any) -> bytes:
    match what:
        case "write":
            return content + bytes(given)
        case "cut":
            return content[:given]
    return content


@dataclass
class Disk:
    """What a program did on the disk within ``root``; ``said`` is what it said was safe, after how many calls."""

    root: Path
    calls: int = 0
    files: list[File] = field(default_factory=list)
    names: list[tuple[int, str, Path, Any]] = field(default_factory=list)
    """Each change of a name: the number of the call, which it is, the path, and the file or the other path."""
    folders: list[tuple[int, Path]] = field(default_factory=list)
    """Each sync of a folder."""
    said: list[tuple[int, str, int]] = field(default_factory=list)
    _open: dict[int, File | Path] = field(default_factory=dict)
    _there: dict[Path, File] = field(default_factory=dict)

    def say(self, what: str, number: int) -> None:
        """Write down that something was said to be safe."""
        self.said.append((self.calls, what, number))

    def __call__(self, name: str, function: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        made = function(*given, **named)
        if (follow := getattr(self, f"on_{name}", None)) is not None:
            follow(made, *given)
        self.calls += 1
        return made

    def put(self, path: Path, content: bytes) -> None:
        """Have a file there from the beginning."""
        self._there[path] = File([(-2, "write", content), (-1, "sync", None)])
        self.files.append(self._there[path])
        self.names.append((-2, "made", path, self._there[path]))
        self.folders.append((-1, path.parent))

    def on_write(self, took: int, descriptor: int, data: Any) -> None:
        if isinstance(file := self._open.get(descriptor), File):
            file.done.append((self.calls, "write", bytes(data[:took])))

    def on_ftruncate(self, _: None, descriptor: int, size: int) -> None:
        if isinstance(file := self._open.get(descriptor), File):
            file.done.append((self.calls, "cut", size))

    def on_fsync(self, _: None, descriptor: int) -> None:
        match self._open.get(descriptor):
            case File() as file:
                file.done.append((self.calls, "sync", None))
            case Path() as folder:
                self.folders.append((self.calls, folder))

    on_fdatasync = on_fsync

    def on_close(self, _: None, descriptor: int) -> None:
        self._open.pop(descriptor, None)

    def on_replace(self, _: None, path: Path, other: Path) -> None:
        self._there[Path(other)] = self._there.pop(Path(path))
        self.names.append((self.calls, "renamed", Path(path), Path(other)))

    def on_unlink(self, _: None, path: Path) -> None:
        self._there.pop(Path(path), None)
        self.names.append((self.calls, "gone", Path(path), None))

    def on_open(self, descriptor: int, path: Any, flags: int, *_: Any) -> None:
        """Follow what is written to a file, or the sync of a folder."""
        path = Path(path)
        if not path.is_relative_to(self.root):
            return
        if path.is_dir():
            self._open[descriptor] = path
        elif flags & os.O_CREAT:
            self._there[path] = file = File()
            self.files.append(file)
            self.names.append((self.calls, "made", path, file))
            self._open[descriptor] = file

    def left(self, cut: int, choice: random.Random) -> dict[Path, bytes]:
        """Return the files that may be left if the power is cut before call ``cut``."""
        synced = {path: at for at, path in self.folders if at < cut}
        until = {folder: choice.randint(at, cut) for folder, at in synced.items()}
        there = dict[Path, File]()
        for at, what, path, given in self.names:
            if at >= min(cut, until.get(path.parent, choice.randint(0, cut))):
                continue
            match what:
                case "made":
                    there[path] = given
                case "renamed" if path in there:
                    there[given] = there.pop(path)
                case "gone":
                    there.pop(path, None)
        contents = {id(file): file.left(cut, choice) for file in there.values()}
        return {path: contents[id(file)] for path, file in there.items()}


def recorded(root: Path, edits: int, anew: bool) -> tuple[Disk, list[bytes]]:
    """Edit and save within ``root``; return what the disk was told, and each content of the model's file."""
    path, session, versions = root / "mine.keras", Session(), [GOOD]
    path.write_bytes(GOOD)
    disk = Disk(root)
    disk.put(path, GOOD)
    opened = open_model(path)
    session.open(opened, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_module, "LEAST_GROWTH", 1 if anew else 1 << 22)
        patch.setattr(journal_module, "GROWTH", 1 if anew else 4)
        with handled(disk):
            journal = Journal(shelf.new_path(), path, print)
        for edit in range(1, edits + 1):
            session.set_number(0, 0, (0, 0), float(edit))
            with handled(disk):
                journal._write(Moment(session.state, session.trail.steps, path, "weights"))
            disk.say("edit", edit)
            if edit % SAVES_AFTER == 0:
                model = session.state.model
                with handled(disk):
                    stamp = save_model(path, model.network, model.weights, None, model.archive)
                    kept_steps.keep(session.trail.steps, model.network, model.weights, path.name)
                session.saved(session.state, path, stamp)
                versions.append(path.read_bytes())
                disk.say("save", len(versions) - 1)
    journal.discard()
    return disk, versions


def wrong(disk: Disk, versions: list[bytes], cut: int, files: dict[Path, bytes], folder: Path) -> str:
    """Return what is wrong with the ``files`` that a cut of the power left, "" if nothing."""
    safe = {what: number for at, what, number in disk.said if at <= cut}
    content = files.get(disk.root / "mine.keras")
    if content not in versions:
        return "the model's file is damaged"
    if versions.index(content) < safe.get("save", 0):
        return f"saved {safe['save']} times, found {versions.index(content)}"
    for path, content in files.items():
        place = folder / path.relative_to(disk.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    steps = [len(shelf.read(one).steps.undo) for one in shelf.look().left if one.unsaved != shelf.DAMAGED]
    # The first step opened the file.
    found = max(steps, default=1) - 1
    return f"edit {safe['edit']} was on the disk, found {found}" if found < safe.get("edit", 0) else ""


def tried(edits: int, states: int, anew: bool) -> Iterator[tuple[int, str]]:
    """Cut the power before each call; give its number, and what is wrong, for each state that the disk may be in."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(keras_file, "exchange", exchange_here)
        (root := Path(name) / "before").mkdir()
        patch.setenv("XDG_STATE_HOME", str(root / "state"))
        disk, versions = recorded(root, edits, anew)
        for cut in range(disk.calls + 1):
            for state in range(states):
                with TemporaryDirectory() as after:
                    patch.setenv("XDG_STATE_HOME", str(Path(after) / "state"))
                    files = disk.left(cut, random.Random(f"{cut} {state}"))
                    yield cut, wrong(disk, versions, cut, files, Path(after))


def main() -> int:
    """Try, say what is wrong, and return 1 if anything is."""
    states = int((*sys.argv[1:], str(USUAL))[0])
    failed = 0
    for anew in (False, True):
        found = list(tried(EDITS, states, anew))
        wrongs = [(cut, why) for cut, why in found if why]
        failed += len(wrongs)
        calls = len({cut for cut, _ in found})
        way = "written anew at each edit" if anew else "written on"
        sys.stdout.write(f"| power cut at {calls} calls, journal {way} | {len(found)} | {len(wrongs)} |\n")
        for cut, why in wrongs[:10]:
            sys.stdout.write(f"  before call {cut}: {why}\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
