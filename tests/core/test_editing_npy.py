"""Arrays from .npy files: as NumPy saves them, and nothing that a hostile file could do."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.editing.npy import MAX_HEADER, load_npy
from core.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

VALUES = [[1, 2, 3], [4, 5, 60]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npy") / "w.npy"


def written(path: Path, header: str, data: bytes = b"", version: int = 1) -> Path:
    """Write a file by hand, as the format says."""
    text = header.encode("latin-1")
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + text + data)
    return path


@pytest.mark.parametrize(
    "dtype", ["<f4", ">f4", "<f8", ">f8", "<f2", "i1", "u1", "<i2", ">i4", "<i8", "<u2", ">u4", "<u8"]
)
def test_floats_and_whole_numbers_of_every_width_and_byte_order(path: Path, dtype: str) -> None:
    np.save(path, np.array(VALUES, dtype=dtype))
    loaded = load_npy(path, (2, 3))
    assert loaded.dtype == np.float32 and loaded.dtype.isnative and loaded.flags.c_contiguous
    assert loaded.tolist() == VALUES


@pytest.mark.parametrize("shape", [(), (6,), (1, 6), (2, 3), (1, 2, 3, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_rank_and_order(path: Path, shape: tuple[int, ...], order: Any) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    np.save(path, np.asarray(values, order=order))
    assert np.array_equal(load_npy(path, shape), values)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_both_versions_of_the_format(path: Path, version: tuple[int, int]) -> None:
    with path.open("wb") as file:
        np.lib.format.write_array(file, np.array(VALUES, dtype=np.float32), version=version)
    assert load_npy(path, (2, 3)).tolist() == VALUES


def test_a_header_as_another_program_writes_it(path: Path) -> None:
    header = "{'shape':(2,3),'fortran_order':False,'descr':'<i2'}\n"
    written(path, header, np.array(VALUES, dtype="<i2").tobytes())
    assert load_npy(path, (2, 3)).tolist() == VALUES


def test_what_comes_after_the_array_is_not_read(path: Path) -> None:
    np.save(path, np.array(VALUES, dtype=np.float32))
    path.write_bytes(path.read_bytes() + b"more")
    assert load_npy(path, (2, 3)).tolist() == VALUES


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((3, 2)), r"w.npy: expected an array of shape \(2, 3\), got \(3, 2\)"),
        (np.ones(6), r"got \(6,\)"),
        (np.array([["a"] * 3] * 2), "expected floats or whole numbers, got text"),
        (np.ones((2, 3), dtype=complex), "got complex numbers"),
        (np.ones((2, 3), dtype=bool), "got true and false"),
        (np.ones((2, 3), dtype="datetime64[s]"), "expected one array of numbers"),
        (np.ones((2, 3), dtype=[("a", "<f4")]), "expected one array of numbers"),
        (np.array([[1, 2, np.nan], [4, 5, 6]]), "row 1, column 3 is nan; nothing is changed"),
        (np.array([[1, 2, 3], [-np.inf, 5, 6]]), "row 2, column 1 is -inf"),
        (np.array([[1, 2, 3], [4, 1e39, 6]]), r"row 2, column 2 is 1e\+39, and float32 ends at 3.4e38"),
    ],
)
def test_other_arrays_are_refused(path: Path, array: np.ndarray, message: str) -> None:
    np.save(path, array)
    with pytest.raises(Refused, match=message):
        load_npy(path, (2, 3))


def test_python_objects_are_never_unpickled(path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os._exit, (9,)

    np.save(path, np.array([[Trap()] * 3] * 2), allow_pickle=True)
    with pytest.raises(Refused, match=r"expected floats or whole numbers, got Python objects \(\|O\)"):
        load_npy(path, (2, 3))


def test_a_huge_shape_is_refused_before_memory_is_taken(path: Path) -> None:
    huge = 10**15
    written(path, f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({huge}, {huge}), }}\n")
    with pytest.raises(Refused, match=r"expected an array of shape \(2, 3\), got \(10{15}, 10{15}\)"):
        load_npy(path, (2, 3))


def test_a_long_header_is_refused_before_it_is_read(path: Path) -> None:
    path.write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{")
    with pytest.raises(Refused, match=f"expected a header of at most {MAX_HEADER:,} bytes, got 4,294,967,295"):
        load_npy(path, (2, 3))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{}",
        "(" * MAX_HEADER,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0, 3), }",
        "{'descr': '<f4', 'fortran_order': maybe, 'shape': (2, 3), }",
        "{'descr': '<f4', 'shape': (2, 3), }",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': 'f4, f4', 'fortran_order': False, 'shape': (2, 3), }",
    ],
)
def test_a_header_that_says_no_such_array_is_refused(path: Path, header: str) -> None:
    written(path, header, bytes(24))
    with pytest.raises(Refused, match="expected one array of numbers, got ") as refusal:
        load_npy(path, (2, 3))
    assert len(str(refusal.value)) < 120


def test_a_file_that_is_cut_off_is_refused(path: Path) -> None:
    np.save(path, np.array(VALUES, dtype=np.float32))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Refused, match=r"^w\.npy: expected "):
            load_npy(path, (2, 3))
    path.write_bytes(whole[:-1])
    with pytest.raises(Refused, match="expected 6 numbers, got 5; the file is cut off"):
        load_npy(path, (2, 3))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    np.save(path, np.array(VALUES, dtype=np.float32))
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        assert load_npy(path, (2, 3)).shape == (2, 3)
    except Refused as refusal:
        assert str(refusal).isprintable()


def test_an_archive_of_several_arrays_is_no_npy(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", np.ones(3))
    with pytest.raises(Refused, match=r"w\.npz: expected a \.npy file with one array, .* an \.npz file holds several"):
        load_npy(tmp_path / "w.npz", (3,))


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    for path in (tmp_path, tmp_path / "pipe.npy"):
        with pytest.raises(Refused, match=r"expected a \.npy file, got"):
            load_npy(path, (3,))
    with pytest.raises(Refused, match=r"can't read none\.npy: No such file"):
        load_npy(tmp_path / "none.npy", (3,))
    with pytest.raises(Refused, match=r"can't read a\?b\.npy: No such file"):
        load_npy(tmp_path / "a\x1bb.npy", (3,))


@pytest.mark.parametrize("version", [0, 3, 9])
def test_another_version_of_the_format_is_refused(path: Path, version: int) -> None:
    written(path, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", bytes(4), version)
    with pytest.raises(Refused, match="got another version of the format"):
        load_npy(path, (1,))
