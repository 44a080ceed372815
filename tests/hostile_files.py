"""Files that want what no model wants, made here; the same for every way in."""

from __future__ import annotations

import io
import json
import stat
import warnings
import zipfile
from typing import TYPE_CHECKING

import h5py
import numpy as np

from core.model import tutorial
from core.model.archive import whole
from core.training.recipe import Recipe
from tests.hdf5_files import CHAIN, drawn, hdf5
from tests.weight_files import by_place, made

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Made = Callable[[], bytes]
    Shape = tuple[int, ...]
    MakeArray = Callable[[h5py.Group, str, Shape], None]

NETWORK, WEIGHTS = tutorial.trained()
GOOD = whole.write_archive(NETWORK, WEIGHTS, Recipe(), "2026-01-01@00:00:00")
CHAIN_MODEL = {"class_name": "Sequential", "config": [CHAIN]}
KERNEL, BIAS = drawn(2, 3), drawn(3)


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_member(name: str, content: bytes = b"", mode: int = 0) -> bytes:
    """Return the good file with one member more."""
    buffer = io.BytesIO(GOOD)
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def with_config(text: bytes) -> bytes:
    return zipped({**members(), "config.json": text}, zipfile.ZIP_STORED)


def encrypted() -> bytes:
    place = GOOD.index(b"PK\x01\x02") + 8
    return GOOD[:place] + b"\x01" + GOOD[place + 1 :]


def with_nul() -> bytes:
    return with_member("config.json.xpy").replace(b"config.json.xpy", b"config.json\0xpy")


def padded_with(value: str, times: int) -> bytes:
    """Return a configuration that is Keras's own, but for a setting with very much in it."""
    return (
        members()["config.json"].decode().rstrip("}").encode() + f'}}, "more": [{",".join([value] * times)}]}}'.encode()
    )


def nested(levels: int) -> bytes:
    return b'{"config": ' + b"[" * levels + b"]" * levels + b"}"


def wide_text() -> bytes:
    return json.dumps({"config": [[]] * 10}).encode("utf-16")


ZIPS: dict[str, tuple[Made, str]] = {
    "a member twice": (lambda: with_member("config.json", b"{}"), "got 'config.json' twice"),
    "a path upwards": (lambda: with_member("../evil.py"), "members within the file, got the path '../evil.py'"),
    "a path upwards in the middle": (lambda: with_member("assets/../../evil.py"), "members within the file"),
    "a path from the root": (lambda: with_member("/etc/passwd"), "members within the file, got the path '/etc/passwd'"),
    "a path of Windows": (lambda: with_member("C:\\evil.py"), "members within the file"),
    "a path of Windows upwards": (lambda: with_member("a\\..\\..\\evil.py"), "members within the file"),
    "a name with NUL": (with_nul, "every member once, got 'config.json?xpy' twice"),
    "a symbolic link": (
        lambda: with_member("assets/x", b"/etc/passwd", stat.S_IFLNK | 0o777), "plain members, got 'assets/x', a link"
    ),
    "a pipe": (lambda: with_member("assets/x", b"", stat.S_IFIFO | 0o666), "plain members, got 'assets/x'"),
    "a password": (encrypted, "expected a file without a password"),
    "a rare packing": (lambda: zipped(members(), zipfile.ZIP_LZMA), "stored or deflated"),
    "a bomb beside": (lambda: with_member("assets/x", bytes(40_000_000)), "at most 32 MiB unpacked"),
    "a bomb as weights": (
        lambda: zipped({**members(), "model.weights.h5": bytes(40_000_000)}), "at most 32 MiB unpacked"
    ),
    "a bomb as configuration": (
        lambda: zipped({**members(), "config.json": b" " * 40_000_000}), "at most 32 MiB unpacked"
    ),
    "a padded configuration": (
        lambda: zipped({**members(), "config.json": padded_with("1", 900_000)}), "config.json of at most 1 MiB for"
    ),
    "padded metadata": (
        lambda: zipped({**members(), "metadata.json": b" " * 2_000_000}), "metadata.json of at most 1 MiB for"
    ),
}  # fmt: skip

CONFIGS: dict[str, tuple[Callable[[], bytes], str]] = {
    "lists in lists": (lambda: nested(100_000), "of at most 200 levels, got 100,001"),
    "as deep as Python goes": (lambda: nested(900), "of at most 200 levels, got 901"),
    "empty lists": (lambda: padded_with("[]", 1_000_001), "of at most 1,000,000 values"),
    "numbers": (lambda: padded_with("1", 2_000_000), "of at most 1,000,000 values"),
    "objects": (lambda: padded_with('{"a": {}}', 600_000), "of at most 1,000,000 values"),
    "text without end": (lambda: b'{"a": "' + b"\\" * 99_999, "as JSON in UTF-8"),
    "UTF-16": (wide_text, "as JSON in UTF-8"),
    "a number of many digits": (lambda: b'{"config": ' + b"9" * 100_000 + b"}", "as JSON in UTF-8"),
}
"""What stands as the configuration of a model, in a zip or in HDF5."""


def plain(group: h5py.Group, name: str, shape: Shape) -> None:
    group.create_dataset(name, shape, "f4", np.ones(shape, "f4"))


def of_elsewhere(group: h5py.Group, name: str, shape: Shape) -> None:
    group.create_dataset(name, shape, "f4", external=[("/etc/passwd", 0, 40)])


def virtual(group: h5py.Group, name: str, shape: Shape) -> None:
    layout = h5py.VirtualLayout(shape, "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape, "f4")
    group.create_virtual_dataset(name, layout)


def hollow(group: h5py.Group, name: str, _: Shape) -> None:
    # Three gigabytes that nobody wrote, in a file of a few kilobytes.
    group.create_dataset(name, (3 << 10, 1 << 18), "f4", chunks=(1, 1 << 18))


def packed(group: h5py.Group, name: str, shape: Shape) -> None:
    group.create_dataset(name, shape, "f4", compression="gzip")


def filtered(group: h5py.Group, name: str, shape: Shape) -> None:
    # The number of a filter that is a plug-in; not needed to make the file, and needed to read it.
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk(shape)
    properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
    space = h5py.h5s.create_simple(shape)
    h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, properties)


def references(group: h5py.Group, name: str, shape: Shape) -> None:
    group.create_dataset(name, shape, h5py.ref_dtype)


def compact_objects(group: h5py.Group, name: str, shape: Shape) -> None:
    group.create_dataset(name, shape, h5py.string_dtype())


def soft(group: h5py.Group, name: str, _: Shape) -> None:
    group[name] = h5py.SoftLink("/elsewhere")


def outside(group: h5py.Group, name: str, _: Shape) -> None:
    group[name] = h5py.ExternalLink("/etc/passwd", "/x")


ARRAYS: dict[str, tuple[MakeArray, str]] = {
    "of another file": (of_elsewhere, "stored in the file itself, got it elsewhere"),
    "virtual": (virtual, "stored in the file itself, got it elsewhere"),
    "declared alone": (hollow, "that the file has room for|of shape"),
    "compressed, with nothing stored": (packed, "got only a part"),
    "of a plug-in": (filtered, "got it packed otherwise"),
    "references": (references, "numbers"),
    "texts": (compact_objects, "numbers"),
    "a soft link": (soft, "got a link to elsewhere"),
    "a link to another file": (outside, "got a link to elsewhere"),
}
"""What stands in the place of an array."""

KERNEL_AT = "layers/dense/vars/0"


def in_keras_3(make: MakeArray) -> bytes:
    """Return a ``.keras`` file whose first kernel is what ``make`` makes."""
    buffer = io.BytesIO(members()["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        del file[KERNEL_AT]
        make(file["layers/dense/vars"], "0", (2, 5))
    return zipped({**members(), "model.weights.h5": buffer.getvalue()}, zipfile.ZIP_STORED)


def in_keras_2(make: MakeArray) -> bytes:
    """Return a whole model in HDF5 whose kernel is what ``make`` makes."""
    data = hdf5(CHAIN_MODEL, "2.1.3", {"hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}})
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        del file["model_weights/hidden/hidden/kernel:0"]
        make(file["model_weights/hidden/hidden"], "kernel:0", (2, 3))
    return buffer.getvalue()


def in_zip_of_keras_2(make: MakeArray) -> bytes:
    """Return Keras 2's zip whose kernel is what ``make`` makes."""
    weights = made(lambda file: make(file.create_group("layers/dense/vars"), "0", (2, 3)))
    metadata = {"keras_version": "2.12.0", "date_saved": "2023-01-01@00:00:00"}
    contents = {
        "metadata.json": json.dumps(metadata).encode(),
        "config.json": json.dumps(CHAIN_MODEL).encode(),
        "model.weights.h5": weights,
    }
    return zipped(contents, zipfile.ZIP_STORED)


def alone(make: MakeArray) -> bytes:
    """Return weights without a model, one array of which is what ``make`` makes."""
    return made(lambda file: make(file.create_group("layers/dense/vars"), "0", (2, 3)))


PLACES: dict[str, Callable[[MakeArray], bytes]] = {
    "a .keras file": in_keras_3,
    "a whole model in HDF5": in_keras_2,
    "Keras 2's zip": in_zip_of_keras_2,
    "weights alone": alone,
}


def with_slash() -> bytes:
    """Return weights in which a link's own name is the path through a link to another file."""
    data = by_place({"layers/dense/vars_0": KERNEL})
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        file["layers/vars"] = h5py.ExternalLink("/etc/passwd", "/")
    return buffer.getvalue().replace(b"vars_0", b"vars/0")


def attribute_of(value: object, name: str) -> bytes:
    data = hdf5(CHAIN_MODEL, "2.1.3", {"hidden": {"hidden/kernel:0": KERNEL, "hidden/bias:0": BIAS}})
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        holder = file if name != "weight_names" else file["model_weights/hidden"]
        holder.attrs.create(
            name, value if value is not REFERENCE else file.ref, dtype=REFERENCE if value is REFERENCE else None
        )
    return buffer.getvalue()


REFERENCE = h5py.ref_dtype

ATTRIBUTES: dict[str, tuple[Made, str]] = {
    "a number as configuration": (lambda: attribute_of(3, "model_config"), "text as model_config"),
    "a reference as configuration": (lambda: attribute_of(REFERENCE, "model_config"), "text as model_config"),
    "two configurations": (lambda: attribute_of(["{}", "{}"], "model_config"), "one text as model_config"),
    "references as names": (lambda: attribute_of(REFERENCE, "weight_names"), "text as weight_names"),
    "numbers as names": (lambda: attribute_of(np.arange(3), "weight_names"), "text as weight_names"),
}
