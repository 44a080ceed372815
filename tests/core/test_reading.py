"""What is no ordinary file is refused at once, whatever asks for it, and a file that stands for another says so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.chunks import Stopped
from core.editing.npy import load_npy
from core.errors import Refused
from core.model.between import PIECE
from core.model.keras_file import MAX_FILE, read_file
from core.reading import open_file

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 14000000\n" % (b"0" * 64)

linux = pytest.mark.skipif(sys.platform != "linux", reason="its folders are Linux's")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "x.keras"
    os.mkfifo(path)
    return path


def test_a_pipe_is_refused_and_not_waited_for(pipe: Path) -> None:
    with pytest.raises(Refused, match=r"expected a model file, got x\.keras, which is a device or pipe; choose a file"):
        read_file(pipe)
    with pytest.raises(Refused, match=r"expected a \.npy file"):
        load_npy(pipe, (1,))


def test_a_pipe_that_takes_a_files_name_after_the_first_look_is_refused_too(
    pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary = Path(__file__).stat()
    monkeypatch.setattr(Path, "stat", lambda _: ordinary)
    with pytest.raises(Refused, match="device or pipe"):
        open_file(pipe, "a model file")


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_refused(name: str) -> None:
    with pytest.raises(Refused, match=r"device or pipe|no file"):
        read_file(Path(name))


@linux
@pytest.mark.parametrize("name", ["/proc/self/mem", "/proc/self/status", "/proc/kcore", "/proc", "/sys/kernel/notes"])
def test_the_systems_own_files_are_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        read_file(Path(name))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["x\0.keras", "\ud800.keras", "x" * 300])
def test_a_name_that_no_file_can_have_is_a_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read_file(tmp_path / name)


def test_a_pointer_of_git_lfs_says_that_it_is_one_and_how_to_get_the_model(tmp_path: Path) -> None:
    (tmp_path / "x.h5").write_bytes(POINTER)
    with pytest.raises(Refused, match=r"got x\.h5, in which Git LFS says where that is; get it with git lfs pull"):
        read_file(tmp_path / "x.h5")


def test_of_a_file_in_no_known_format_no_more_than_its_beginning_is_read(tmp_path: Path) -> None:
    with (tmp_path / "x.keras").open("wb") as file:
        # Nothing of it is on the disk, and to read it would take all of that in memory.
        file.truncate(MAX_FILE)
    with pytest.raises(Refused, match="which is none of these; choose another file"):
        read_file(tmp_path / "x.keras")


@pytest.mark.parametrize("ending", ["csv", "TSV", "xlsx"])
def test_a_data_file_in_place_of_a_model_is_told_where_it_goes(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"mine.{ending}"
    path.write_text("a,b,y\n1,2,0\n")
    with pytest.raises(Refused, match="which is none of these; data are opened by o on Data, or --data"):
        read_file(path)


def test_a_file_that_grows_while_it_is_read_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.keras").write_bytes(b"PK\x03\x04" + bytes(1000))
    monkeypatch.setattr("core.model.keras_file.size_of", lambda _: 100)
    with pytest.raises(Refused, match="was changed while it was read"):
        read_file(tmp_path / "x.keras")


def test_it_is_told_how_far_a_file_is_read_and_can_be_ended(tmp_path: Path) -> None:
    path, told = tmp_path / "x.keras", list[float]()
    path.write_bytes(b"PK\x03\x04" + bytes(5 * PIECE))
    assert read_file(path, told.append).size == path.stat().st_size
    assert len(told) > 3 and told == sorted(told) and 0.2 < told[0] < 0.5 and told[-1] == 1.0

    def end(share: float) -> None:
        if share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        read_file(path, end)
