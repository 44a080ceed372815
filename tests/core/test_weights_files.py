"""Weights without a model: what Keras 1, 2 and 3, NumPy and safetensors write is read; hostile files are refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from core.errors import Refused
from core.model.alone import WeightsAlone
from core.model.archive import hdf5
from core.model.archive.alone import every_array, every_weight
from core.model.archive.protocol import HeldWeights, ReadWeights, Refusal
from core.model.files.opening import open_model
from core.model.weights_file import WeightsFile, open_weights
from tests import reading
from tests.hdf5_files import CHAIN_FILE, drawn
from tests.weight_files import by_place, listed, made, npz, safetensors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KERNEL, BIAS = drawn(2, 3), drawn(3)

KERAS_2 = listed(
    {"input_1": {}, "hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}, "rnn": {"rnn/cell/bias:0": BIAS}},
    "2.12.0",
)
KERAS_1 = listed({"dense_1": {"dense_1_W": KERNEL, "dense_1_b": BIAS}}, None)
KERAS_3 = by_place(
    {
        **{f"layers/dense/vars/{at}": drawn(at + 1) for at in range(11)},
        "layers/dense_1/vars/0": KERNEL,
        "optimizer/vars/0": np.array(380),
        "optimizer/vars/1": drawn(4),
    }
)
HALVES = np.array([0x3FC0, 0xC000], "<u2")
SAFE = safetensors(
    {
        "__metadata__": {"format": "pt"},
        "a.kernel": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]},
        "b": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [16, 20]},
    },
    np.array([0.1, 1e300]).tobytes() + HALVES.tobytes(),
)
NPZ = npz(**{"hidden/kernel": KERNEL, "b": np.asfortranarray(np.arange(6).reshape(2, 3)), "names": np.array(["x"])})


def opened(data: bytes, folder: Path, name: str = "x.h5") -> WeightsFile:
    path = folder / name
    path.write_bytes(data)
    return open_weights(path)


def test_keras_2_weights_are_in_the_order_that_it_lists_with_its_names(tmp_path: Path) -> None:
    held = opened(KERAS_2, tmp_path)
    assert (held.format, held.saved_by) == ("HDF5, as Keras 1 and 2 save weights", "Keras 2.12.0")
    assert [one.path for one in held.arrays] == ["hidden/kernel:0", "hidden/bias:0", "rnn/cell/bias:0"]
    assert [one.layer for one in held.arrays] == ["hidden", "hidden", "rnn"]
    assert held.arrays[0].values.tobytes() == KERNEL.tobytes() and not held.arrays[0].values.flags.writeable
    assert held.parameters == 12


def paths(data: bytes) -> list[str]:
    held = every_weight(data)
    return [f"{one.layer}/{one.name}" if one.layer else one.name for one in held.arrays]


def test_keras_1_weights_are_told_from_those_of_keras_2() -> None:
    assert every_weight(KERAS_1).saved_by == "Keras 1"
    assert paths(KERAS_1) == ["dense_1/dense_1_W", "dense_1/dense_1_b"]


def test_keras_3_weights_stand_in_the_order_of_their_numbers_and_the_optimizers_last(tmp_path: Path) -> None:
    held = opened(KERAS_3, tmp_path, "x.weights.h5")
    names = [f"layers/dense/vars/{at}" for at in range(11)]
    assert [one.path for one in held.arrays] == [
        *names,
        "layers/dense_1/vars/0",
        "optimizer/vars/0",
        "optimizer/vars/1",
    ]
    assert (held.arrays[-2].dtype, held.arrays[-2].values.item()) == ("int64", 380)
    assert (held.parameters, held.remembered) == (66 + 6, 5)


def test_npz_and_safetensors_keep_types_and_every_bit(tmp_path: Path) -> None:
    held = opened(NPZ, tmp_path, "x.npz")
    assert [(one.layer, one.name) for one in held.arrays] == [("hidden", "kernel"), ("", "b")]
    assert held.left_out == ("names",)
    assert held.arrays[1].values.tolist() == [[0, 1, 2], [3, 4, 5]]
    held = opened(SAFE, tmp_path, "x.safetensors")
    assert (held.format, held.saved_by) == ("safetensors", "pt")
    assert held.arrays[0].values.tolist() == [0.1, 1e300]
    assert (held.arrays[1].dtype, held.arrays[1].values.tolist()) == ("bfloat16", [[1.5], [-2.0]])


def test_an_array_of_a_type_that_is_not_known_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    header = {
        "later": tensor([8], 0, 4, "F4"),
        "eights": tensor([2], 4, 6, "F8_E4M3"),
        "flag": tensor([], 6, 7, "BOOL"),
        "none": tensor([0, 3], 7, 7, "F16"),
    }
    held = opened(safetensors(header, bytes([0, 0, 0, 0, 0x38, 0xC4, 1])), tmp_path, "x.safetensors")
    assert held.left_out == ("later",)
    assert [(one.path, one.dtype, one.values.tolist()) for one in held.arrays] == [
        ("eights", "float8_e4m3fn", [1.0, -3.0]),
        ("flag", "bool", True),
        ("none", "float16", []),
    ]


def test_bfloat16_of_keras_3_is_read_exactly() -> None:
    def make(file: h5py.File) -> None:
        file["layers/dense/vars/0"] = HALVES.view("V2")
        file["layers/dense/vars/0"].attrs["dtype"] = "bfloat16"

    _, (one,) = every_array(made(make))
    assert (one.dtype, one.values.dtype.str, one.values.tolist()) == ("bfloat16", "<f4", [1.5, -2.0])


def test_names_of_windows_are_those_of_other_systems() -> None:
    assert paths(by_place({"layers\\dense\\vars\\0": BIAS})) == ["layers/dense/vars/0"]


def test_a_whole_models_weights_are_read_too() -> None:
    assert paths(CHAIN_FILE) == ["hidden/kernel:0", "hidden/bias:0"]


@pytest.mark.parametrize(("name", "data"), {"x.h5": KERAS_2, "x.npz": NPZ, "x.safetensors": SAFE}.items())
def test_weights_are_not_opened_as_a_model_and_it_is_said_what_can_be_done(
    name: str, data: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(WeightsAlone, match="got weights alone; byhand summary and byhand weights show them"):
        open_model(tmp_path / name)


# Hostile ones


def linked(link: object) -> bytes:
    return made(lambda file: file.__setitem__("layers/dense/vars/0", link))


def of_elsewhere(file: h5py.File) -> None:
    file.create_dataset("a", (2,), "f4", external=[("/etc/passwd", 0, 8)])


def hollow(file: h5py.File) -> None:
    file.create_dataset("a", (1 << 20, 1 << 10), "f4", chunks=(1, 1))


def round_and_round(file: h5py.File) -> None:
    group = file.create_group("a")
    group["b"] = group


def wide_and_wider(file: h5py.File) -> None:
    before = file.create_group("0")
    for level in range(1, 40):
        group = file.create_group(f"{level}")
        group["a"], group["b"] = before, before
        before = group


def shared(file: h5py.File) -> None:
    file["a0"] = np.zeros(100_000, "f4")
    for at in range(1, 50):
        file[f"a{at}"] = file["a0"]


def pickled() -> bytes:
    return npz(a=np.array([{"x": 1}], dtype=object))


def member(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return buffer.getvalue()


def npy(shape: str, numbers: bytes) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + numbers


def tensor(shape: list[int], begin: int, end: int, dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a soft link": (lambda: linked(h5py.SoftLink("/elsewhere")), "got a link to elsewhere"),
    "an external link": (lambda: linked(h5py.ExternalLink("other.h5", "/a")), "got a link to elsewhere"),
    "numbers of another file": (lambda: made(of_elsewhere), "stored in the file itself, got it elsewhere"),
    "numbers that are not there": (lambda: made(hollow), "expected arrays that the file has room for"),
    "a group in itself": (lambda: made(round_and_round), "too many or too deep ones"),
    "one array many times": (lambda: made(shared), "expected arrays that the file has room for"),
    "a list of arrays that are not there": (
        lambda: listed({"a": {"b" * 50: BIAS}}, "2.0.0").replace(b"b" * 50, b"c" * 50, 1),
        "the file is damaged",
    ),
    "a name of 10,000 characters": (lambda: by_place({"a" * 10_000: BIAS}), "at most 1,000 characters"),
    "Python objects": (pickled, "got Python objects"),
    "a pickle": (lambda: member("a.npy", pickle.dumps(print)), "it could not be read"),
    "more than is there": (lambda: member("a.npy", npy("(1073741824,)", b"")), "got another number of them"),
    "no size": (lambda: member("a.npy", npy("(-4,)", bytes(16))), "of a shape that a weight has"),
    "a bomb": (lambda: member("a.npy", npy("(25000000,)", bytes(100_000_000))), "unpacked of a file of this size"),
    "a header of 4 GiB": (lambda: (1 << 32).to_bytes(8, "little") + b"{" + bytes(99), "it could not be read"),
    "a header of nonsense": (lambda: safetensors([])[:8] + b"{]", "expected the header as JSON in UTF-8"),
    "a place beyond the end": (lambda: safetensors({"a": tensor([4], 0, 16)}), "whole number from 0 to 0, got 16"),
    "bytes of another": (
        lambda: safetensors({"a": tensor([1], 0, 4), "b": tensor([1], 0, 4)}, bytes(4)), "bytes of its own"
    ),
    "a huge shape": (
        lambda: safetensors({"a": tensor([1 << 40, 0, 1 << 40], 0, 0)}), "of a shape that a weight has"
    ),
    "no type": (lambda: safetensors({"a": tensor([4], 0, 4, 8)}, bytes(4)), "expected the type of the array a, such"),
    "brackets in brackets": (
        lambda: safetensors({"a": 0})[:8] + b'{"a":' + b"[" * 100_000, "expected the header as JSON in UTF-8"
    ),
    "no text": (lambda: safetensors({"\ud800": tensor([1], 0, 4)}, bytes(4)), "it could not be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str) -> None:
    make, said = HOSTILE[name]
    answer = reading.answer(ReadWeights(), make())
    assert isinstance(answer, Refusal) and said in answer.message, answer


def test_links_that_grow_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "FREE_LINKS", 1_000)
    with pytest.raises(Refused, match="too many or too deep ones"):
        every_weight(made(wide_and_wider))


def test_what_is_no_array_of_numbers_is_left_out() -> None:
    def make(file: h5py.File) -> None:
        file["a"], file["text"] = BIAS, "words"
        file["to"] = file["a"].ref
        file["none"] = h5py.Empty("f4")

    held = every_weight(made(make))
    assert isinstance(held, HeldWeights)
    assert [one.name for one in held.arrays] == ["a"]
    assert sorted(held.left_out) == ["none", "text", "to"]


def test_a_file_without_any_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="got a file without any array of numbers"):
        opened(made(lambda file: file.create_group("a")), tmp_path)
