"""Weights alone with a number changed, saved into their file or as another; no other bit is another."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.export.weights_saved import endings, save_weights
from core.model.archive.alone import every_array
from core.model.archive.narrow import NARROW, STORED, widened
from core.model.archive.patched import patch_weights
from core.model.archive.protocol import HeldTensor
from core.model.weights_edited import with_number
from core.model.weights_file import WeightsFile, open_weights
from core.saving import ChangedMeanwhile
from tests.hdf5_files import drawn, hdf5
from tests.hostile_files import members, zipped
from tests.weight_files import by_place, listed, made, npz, safetensors

if TYPE_CHECKING:
    from pathlib import Path

    import h5py

KERNEL, BIAS = drawn(2, 3), drawn(3)
HALVES = np.array([0x3FC0, 0xC000], "<u2")


def compressed(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def halves_of_keras(file: h5py.File) -> None:
    file["layers/dense/vars/0"] = KERNEL
    file["layers/dense/vars/1"] = HALVES.view("V2")
    file["layers/dense/vars/1"].attrs["dtype"] = "bfloat16"
    file["words"] = "left out"


FILES = {
    "keras_1.h5": listed({"dense_1": {"dense_1_W": KERNEL, "dense_1_b": BIAS}}, None),
    "keras_2.h5": listed({"dense": {"dense/kernel:0": KERNEL, "dense/bias:0": BIAS}}, "2.12.0"),
    "keras_3.weights.h5": by_place({"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": BIAS}),
    "windows.h5": by_place({"layers\\dense\\vars\\0": KERNEL, "layers\\dense\\vars\\1": BIAS}),
    "halves.weights.h5": made(halves_of_keras),
    "plain.npz": npz(**{"dense/kernel": np.asfortranarray(KERNEL), "bias": BIAS, "words": np.array(["x"])}),
    "packed.npz": compressed(kernel=KERNEL.astype("f8"), bias=BIAS.astype("f2")),
    "some.safetensors": safetensors(
        {
            "__metadata__": {"format": "pt"},
            "a.kernel": {"dtype": "F64", "shape": [2, 3], "data_offsets": [4, 52]},
            "b": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
        },
        HALVES.tobytes() + KERNEL.astype("<f8").tobytes(),
    ),
    "eights.safetensors": safetensors(
        {
            "a": {"dtype": "F8_E5M2", "shape": [2, 3], "data_offsets": [0, 6]},
            "of_later_years": {"dtype": "F4", "shape": [4], "data_offsets": [6, 8]},
            "b": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [8, 10]},
        },
        bytes(range(10)),
    ),
}


def opened(folder: Path, name: str) -> WeightsFile:
    path = folder / name
    path.write_bytes(FILES[name])
    return open_weights(path)


def edited(held: WeightsFile, place: int, at: tuple[int, ...], text: str) -> WeightsFile:
    return with_number(held, place, at, text).held


def bits(held: WeightsFile) -> list[tuple[str, str, bytes]]:
    return [(one.path, one.dtype, one.values.tobytes()) for one in held.arrays]


@pytest.mark.limited
@pytest.mark.parametrize("name", FILES)
def test_a_number_changed_is_saved_into_its_file_and_no_other_bit(name: str, tmp_path: Path) -> None:
    held = opened(tmp_path, name)
    changed = edited(edited(held, 0, (1, 2), "0.1"), 1, (1,), "1/3")
    assert held.path is not None
    save_weights(held.path, changed, held, held.stamp)
    again = open_weights(held.path)
    assert bits(again) == bits(changed) != bits(held)
    assert (again.format, again.saved_by, again.left_out) == (held.format, held.saved_by, held.left_out)
    assert again.arrays[0].values[0].tobytes() == held.arrays[0].values[0].tobytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [name]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_weights_are_saved_in_another_format(name: str, suffix: str, tmp_path: Path) -> None:
    held = opened(tmp_path, name)
    changed = edited(held, 1, (1,), "2.5")
    save_weights(tmp_path / f"new{suffix}", changed, held)
    found = {path: (dtype, numbers) for path, dtype, numbers in bits(open_weights(tmp_path / f"new{suffix}"))}
    for path, dtype, numbers in bits(changed):
        wide = "float32" if dtype in NARROW and suffix == ".npz" else dtype
        assert found[path] == (wide, numbers)
    assert (tmp_path / name).read_bytes() == FILES[name]


def test_what_is_packed_stays_packed_and_what_is_no_array_stays(tmp_path: Path) -> None:
    held = opened(tmp_path, "packed.npz")
    save_weights(tmp_path / "new.npz", edited(held, 0, (0, 0), "7"), held)
    with zipfile.ZipFile(tmp_path / "new.npz") as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    held = opened(tmp_path, "plain.npz")
    save_weights(tmp_path / "new.npz", edited(held, 0, (0, 0), "7"), held)
    with np.load(tmp_path / "new.npz") as archive:
        assert archive["words"].tolist() == ["x"] and archive["dense/kernel"][0, 0] == 7


ODD = np.array([1, 2], "i1"), np.array([True, False]), np.array([1.0], "f2"), np.array([1], "u8")


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [(0, " -128", -128), (1, "False", False), (2, "0.1", np.float16(0.1)), (3, f"{2**64 - 1}", 2**64 - 1)],
)  # fmt: skip
def test_a_number_is_what_its_array_can_hold(place: int, text: str, value: Any, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(npz(**{f"a{at}": one for at, one in enumerate(ODD)}))
    held = edited(open_weights(tmp_path / "x.npz"), place, (0,), text)
    assert held.arrays[place].values[0] == value and held.arrays[place].values.dtype == ODD[place].dtype


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        (0, "128", "expected a whole number from -128 to 127, got '128'"),
        (0, "1.5", "expected a whole number"),
        (1, "2", "expected true or false, got '2'"),
        (2, "1e5", "expected a number that float16 holds, got '1e5'"),
        (2, "much", "expected a number such as"),
    ],
)
def test_what_the_array_cannot_hold_is_refused(place: int, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(npz(**{f"a{at}": one for at, one in enumerate(ODD)}))
    with pytest.raises(Refused, match=said):
        edited(open_weights(tmp_path / "x.npz"), place, (0,), text)


@pytest.mark.parametrize(
    ("text", "value"), [("1.00390625", 1.0), ("1.01171875", 1.015625), ("0.1", 0.10009765625), ("-3", -3.0)]
)
def test_bfloat16_is_rounded_to_the_nearest_and_halves_to_even(text: str, value: float, tmp_path: Path) -> None:
    held = edited(opened(tmp_path, "some.safetensors"), 1, (0,), text)
    assert held.arrays[1].values[0] == value
    with pytest.raises(Refused, match="expected a number that bfloat16 holds"):
        edited(held, 1, (0,), "3.4e38")


def test_a_file_changed_gone_or_of_other_arrays_is_said_to_be(tmp_path: Path) -> None:
    held = opened(tmp_path, "keras_2.h5")
    changed = edited(held, 0, (0, 0), "7")
    assert held.path is not None
    held.path.write_bytes(listed({"dense": {"dense/kernel:0": KERNEL + 1, "dense/bias:0": BIAS + 1}}, "2.12.0"))
    with pytest.raises(ChangedMeanwhile):
        save_weights(held.path, changed, held, held.stamp)
    held.path.unlink()
    with pytest.raises(ChangedMeanwhile, match="is not there any more"):
        save_weights(held.path, changed, held, held.stamp)
    save_weights(held.path, changed, held)
    assert bits(open_weights(held.path)) == bits(changed)


@pytest.mark.parametrize(
    ("name", "copies", "alone"),
    [
        ("keras_2.h5", (".h5", ".hdf5"), (".npz", ".safetensors")),
        ("keras_3.weights.h5", (".weights.h5",), (".npz", ".safetensors")),
        ("plain.npz", (".npz",), (".safetensors",)),
        ("some.safetensors", (".safetensors",), (".npz",)),
        ("model.keras", (".keras",), (".npz", ".safetensors")),
        ("model.h5", (".h5", ".hdf5"), (".npz", ".safetensors")),
    ],
)
def test_what_is_taken_is_what_is_said_and_is_read_again(
    name: str, copies: tuple[str, ...], alone: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name] if name in FILES else MAKE[path.suffix](of_type("float32", bytes(range(48)))))
    held = open_weights(path)
    changed = edited(held, 0, (0,) * held.arrays[0].values.ndim, "2")
    path.unlink()
    assert endings(held) == (copies, alone)
    for ending in (".keras", ".h5", ".hdf5", ".weights.h5", ".npz", ".safetensors", ".txt"):
        new = tmp_path / f"new{ending}"
        if ending in (*copies, *alone):
            _, opened_then = save_weights(new, changed, held)
            assert (opened_then is held) == (ending in alone)
            again = {one.path: one.values.tobytes() for one in open_weights(new).arrays}
            assert again == {one.path: one.values.tobytes() for one in changed.arrays}
        else:
            with pytest.raises(Refused, match=f"expected a name that ends in {re.escape(copies[0])}, "):
                save_weights(new, changed, held)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), numbers=st.binary(min_size=24, max_size=24), place=st.integers(0, 1))
def test_any_bits_go_into_any_file_and_all_others_stay(name: str, numbers: bytes, place: int) -> None:
    _, before = every_array(FILES[name])
    one = before[place]
    if one.dtype in NARROW:
        values = widened(np.frombuffer(numbers, STORED[one.dtype], one.values.size), one.dtype)
    else:
        values = np.frombuffer((numbers * 2)[: one.values.nbytes], one.values.dtype)
    values = values.reshape(one.values.shape)
    new = HeldTensor.of(replace(one, values=values))
    _, after = every_array(patch_weights(FILES[name], (new,)))
    assert after[place].values.tobytes() == values.tobytes()
    assert after[1 - place].values.tobytes() == before[1 - place].values.tobytes()


# Every type in every format


def of_type(dtype: str, numbers: bytes) -> np.ndarray:
    """Return 2 x 3 numbers of a type, of these bits; bfloat16 as Keras puts it into HDF5."""
    stored = np.dtype("V2" if dtype == "bfloat16" else dtype)
    return np.frombuffer(numbers[: 6 * stored.itemsize], stored).reshape(2, 3)


def in_zip(array: np.ndarray) -> bytes:
    return zipped({**members(), "model.weights.h5": by_place({"layers/dense/vars/0": array, "b": BIAS})})


def in_safetensors(array: np.ndarray) -> bytes:
    name = {"V": "BF16", "f": "F", "i": "I"}[array.dtype.kind]
    name += "" if name == "BF16" else str(8 * array.dtype.itemsize)
    header = {"a": {"dtype": name, "shape": [2, 3], "data_offsets": [0, array.nbytes]}}
    return safetensors(header, array.tobytes())


MAKE = {
    ".keras": in_zip,
    ".h5": lambda array: hdf5({"class_name": "Sequential", "config": []}, "3.15.1", {"dense": {"dense/kernel": array}}),
    ".weights.h5": lambda array: by_place({"layers/dense/vars/0": array, "layers/dense/vars/1": BIAS}),
    ".npz": lambda array: npz(a=array, b=BIAS),
    ".safetensors": in_safetensors,
}
TYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int32", "int64")


def held_in(data: bytes) -> WeightsFile:
    read, arrays = every_array(data)
    return WeightsFile(read.format, read.saved_by, tuple(arrays), tuple(read.left_out), of_model=read.of_model)


@settings(max_examples=80, deadline=None)
@given(
    suffix=st.sampled_from(sorted(MAKE)),
    dtype=st.sampled_from(TYPES),
    numbers=st.binary(min_size=48, max_size=48),
    at=st.tuples(st.integers(0, 1), st.integers(0, 2)),
    typed=st.one_of(st.integers(-128, 127).map(str), st.floats(-1e4, 1e4).map(repr)),
)
def test_of_any_type_in_any_format_one_number_changes_and_no_other_bit(
    suffix: str, dtype: str, numbers: bytes, at: tuple[int, int], typed: str
) -> None:
    if (suffix, dtype) == (".npz", "bfloat16"):
        return  # NumPy has none
    data = MAKE[suffix](of_type(dtype, numbers))
    held = held_in(data)
    place = next(place for place, one in enumerate(held.arrays) if one.values.shape == (2, 3))
    assert held.arrays[place].dtype == dtype
    if dtype.startswith("int") and "." in typed:
        with pytest.raises(Refused, match="expected a whole number"):
            with_number(held, place, at, typed)
        return
    changed, rounded = with_number(held, place, at, typed)
    again = held_in(patch_weights(data, (HeldTensor.of(changed.arrays[place]),)))
    assert bits(again) == bits(changed)
    for one, (before, after) in enumerate(zip(held.arrays, again.arrays, strict=True)):
        same = before.values.view(f"u{before.values.itemsize}") == after.values.view(f"u{after.values.itemsize}")
        others = np.ones(before.values.shape, bool)
        if one == place:
            others[at] = False
        assert same[others].all() and before.dtype == after.dtype
    # Of no number of this type it is further than of the one that it became, which is said if it is not that.
    value = again.arrays[place].values[at]
    assert (float(str(value)) == float(typed)) == (rounded == "")
    for beside in (_next(value, dtype, -1), _next(value, dtype, 1)):
        assert abs(float(value) - float(typed)) <= abs(beside - float(typed))


def _next(value: Any, dtype: str, direction: int) -> float:
    """Return the number of a type that is next to ``value``."""
    if dtype.startswith("int"):
        return float(int(value) + direction)
    if dtype != "bfloat16":
        return float(np.nextafter(value, np.dtype(dtype).type(direction * np.inf)))
    step = abs(float(value)) / 256 or 1e-40
    return float(value) + direction * step


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_the_arrays_of_a_model_are_saved_into_its_file_and_all_else_in_it_stays(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(MAKE[suffix](of_type("bfloat16", bytes(range(48)))))
    before = path.read_bytes()
    held = open_weights(path)
    place = next(place for place, one in enumerate(held.arrays) if one.dtype == "bfloat16")
    changed = edited(held, place, (0, 0), "1.5")
    assert held.of_model
    save_weights(path, changed, held, held.stamp)
    assert bits(open_weights(path)) == bits(changed)
    save_weights(path, held, replace(changed, path=path, content=path.read_bytes()))
    assert bits(open_weights(path)) == bits(held)
    if suffix == ".keras":
        with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(path) as new:
            names = old.namelist()
            assert new.namelist() == names
            assert [old.read(name) == new.read(name) for name in names] == [True] * len(names)
