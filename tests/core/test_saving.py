"""Saving: the old file or the new one, whole, whenever it ends."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Refused
from core.saving import GONE, ChangedMeanwhile, free_name, stamp_at, write_whole

ROOT = Path(__file__).parents[2]

# Kills itself at the n-th line that core/saving.py runs, for n = 1, 2, ... until it gets to the end.
KILLED_AT_EVERY_LINE = """
import os, signal, sys
from pathlib import Path
from core import saving

path, old, new = Path(sys.argv[1]), b"old" * 100_000, b"new" * 200_000

def run_and_die_at(line):
    left = line
    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename != saving.__file__:
            return None
        left -= event == "line"
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    saving.write_whole(path, new)
    os._exit(0)

found = []
for line in range(1, 200):
    path.write_bytes(old)
    child = os.fork()
    if child == 0:
        run_and_die_at(line)
    _, status = os.waitpid(child, 0)
    content = path.read_bytes()
    found.append("old" if content == old else "new" if content == new else "DAMAGED")
    if status == 0:
        break
print(*found)
"""


def test_a_kill_at_any_line_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AT_EVERY_LINE, str(tmp_path / "model.keras")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = done.stdout.split()
    first_new = found.index("new")
    assert first_new > 10
    assert found == ["old"] * first_new + ["new"] * (len(found) - first_new)


KILLED_WHILE_WRITING = """
import sys
from pathlib import Path
from core.saving import GONE, ChangedMeanwhile, free_name, stamp_at, write_whole

path, size = Path(sys.argv[1]), 4 << 20
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        write_whole(path, letter * size)
"""


@pytest.mark.parametrize("moment", range(6))
def test_a_kill_at_some_moment_leaves_a_whole_file(tmp_path: Path, moment: int) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"a" * (4 << 20))
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01 + 0.013 * moment)
        process.kill()
    content = path.read_bytes()
    assert len(content) == 4 << 20 and len(set(content)) == 1


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_new_file_has_the_permissions_that_any_new_file_has(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_whole(tmp_path / "new", b"abc")
    assert (tmp_path / "new").read_bytes() == b"abc"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert names(tmp_path) == ["new", "other"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_an_old_files_permissions_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, there: bool) -> None:
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target"
    if there:
        target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("folder/target")
    write_whole(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new" and not target.is_symlink()
    assert names(tmp_path) == ["folder", "link"] and names(target.parent) == ["target"]


def test_a_name_in_the_current_folder_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_whole(Path("new"), b"")
    assert (tmp_path / "new").read_bytes() == b""


def test_the_longest_name_can_be_saved(tmp_path: Path) -> None:
    write_whole(tmp_path / ("x" * 255), b"abc")
    assert names(tmp_path) == ["x" * 255]
    with pytest.raises(Refused, match=r"could not save x+\.\.\.: the name is too long"):
        write_whole(tmp_path / ("x" * 256), b"abc")


@pytest.mark.parametrize(
    "name, message",
    [
        ("none/new", "could not save new: there is no such folder"),
        ("file/new", "a part of the path before the name is a file"),
        ("folder", "expected the name of a file, got the folder folder"),
        ("pipe", "expected an ordinary file, got the device or pipe pipe"),
        ("circle", "could not save circle: the links at that name lead in a circle"),
        ("nul\0", "expected the name of a file, got "),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    before = names(tmp_path)
    with pytest.raises(Refused, match=message):
        write_whole(tmp_path / name, b"new")
    assert names(tmp_path) == before and (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize("call", [(os, "fsync"), (os, "write"), (Path, "chmod"), (Path, "replace")])
@pytest.mark.parametrize(
    "problem, message",
    [
        (OSError(errno.ENOSPC, ""), "the disk is full"),
        (OSError(errno.EDQUOT, ""), "your share of the disk is used up"),
        (OSError(errno.EACCES, ""), "there is no permission"),
        (OSError(errno.EROFS, ""), "read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (KeyboardInterrupt(), None),
    ],
)
def test_a_failure_leaves_the_old_file_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: tuple[object, str],
    problem: BaseException,
    message: str | None,
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr(*call, fail)
        with pytest.raises(KeyboardInterrupt if message is None else Refused, match=message):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["model.keras"]


def test_a_read_only_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    # As root, every file can be written, whatever its permissions say.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Refused, match="could not save old: it is read-only"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_folder_that_cannot_be_flushed_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    write_whole(tmp_path / "new", b"abc")
    assert (tmp_path / "new").read_bytes() == b"abc"


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("new.keras", "new.keras"),
        ("w.keras", "w-4.keras"),
        ("w-3.keras", "w-4.keras"),
        ("a.b-1.keras", "a.b-1-2.keras"),
    ],
)
def test_a_free_name_is_one_that_no_file_has(tmp_path: Path, name: str, free: str) -> None:
    for taken in ("w.keras", "w-2.keras", "w-3.keras", "a.b-1.keras"):
        (tmp_path / taken).touch()
    assert free_name(tmp_path / name) == tmp_path / free


def test_what_a_kill_left_half_written_goes_and_nothing_else(tmp_path: Path) -> None:
    left, being_written = tmp_path / f".byhand-{'0' * 16}.tmp", tmp_path / f".byhand-{'1' * 16}.tmp"
    somebodys = tmp_path / ".byhand-notes.tmp"
    for path in (left, being_written, somebodys):
        path.touch()
    for path in (left, somebodys):
        os.utime(path, (0, 0))
    write_whole(tmp_path / "x", b"new")
    assert names(tmp_path) == sorted([being_written.name, somebodys.name, "x"])


# What others do to the file meanwhile


def test_the_stamp_that_is_returned_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert stamp_at(path) == GONE
    first = write_whole(path, b"one")
    assert first == stamp_at(path) != GONE
    assert write_whole(path, b"two", first) == stamp_at(path) != first


def test_a_file_that_somebody_else_changed_is_left_as_it_is(tmp_path: Path) -> None:
    path, link = tmp_path / "x", tmp_path / "link"
    link.symlink_to("x")
    known = write_whole(path, b"one")
    path.write_bytes(b"another's")
    for name in (path, link):
        with pytest.raises(ChangedMeanwhile, match="was changed by somebody else since"):
            write_whole(name, b"mine", known)
    assert path.read_bytes() == b"another's" and names(tmp_path) == ["link", "x"]


def test_a_file_that_was_deleted_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "x"
    known = write_whole(path, b"one")
    path.unlink()
    with pytest.raises(ChangedMeanwhile, match="x is not there any more: it was deleted or renamed"):
        write_whole(path, b"mine", known)
    assert names(tmp_path) == []
    write_whole(path, b"mine", GONE)
    with pytest.raises(ChangedMeanwhile, match="was changed by somebody else"):
        write_whole(path, b"once more", GONE)


def test_a_file_that_is_changed_while_the_new_one_is_written_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, flush = tmp_path / "x", os.fsync
    known = write_whole(path, b"one")

    def somebody_else(descriptor: int) -> None:
        path.write_bytes(b"another's")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", somebody_else)
    with pytest.raises(ChangedMeanwhile):
        write_whole(path, b"mine", known)
    assert path.read_bytes() == b"another's" and names(tmp_path) == ["x"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_an_old_files_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    write_whole(path, b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o640)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_a_file_of_somebody_else_does_not_become_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)

    def not_allowed(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", not_allowed)
    with pytest.raises(Refused, match="it belongs to somebody else and would be yours; choose another name"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["old"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another group")
def test_a_group_that_cannot_be_kept_gives_no_other_group_its_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    os.chown(path, 0, 2345)
    path.chmod(0o664)

    def not_allowed(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", not_allowed)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new" and stat.S_IMODE(path.stat().st_mode) == 0o644
