"""Data files that want more memory or time than data may have: each begins as an honest one and goes on without end."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIECE = 1 << 20


def _texts(size: int) -> dict[str, tuple[bytes, bytes]]:
    """Return for each file of text how it begins, and what follows again and again up to so many bytes."""
    return {
        "commas alone": (b"", b","),
        "one cell": (b"a,label\n", b"1"),
        "one line of numbers": (b"", b"1,"),
        "one line between spaces": (b"", b"1 "),
        "one line of tabs": (b"", b"\t"),
        "a name without end": (b"a,", b"n"),
        "many columns of three": (b"a,b,c\n", b"1,2,3,"),
        "a quote that is never closed": (b'a,label\n"', b"x\n"),
        "a quoted row without end": (b'a,label\n"1"', b',"\n"'),
        "names over many lines": (b'"a"', b',"\n"'),
        "empty lines": (b"a,label\n1,2\n", b"\n"),
        "short rows": (b"a,label\n", b"1,2\n"),
        "one column": (b"a\n", b"1\n"),
        "returns": (b"a,label\n1,2", b"\r"),
        "NUL": (b"a,label\n1,2\n", b"\0"),
        "NUL alone": (b"", b"\0"),
        "UTF-16 commas": ("\ufeffa,b\n".encode("utf-16-le"), ",".encode("utf-16-le")),
        "UTF-32 commas": ("\ufeffa,b\n".encode("utf-32-le"), ",".encode("utf-32-le")),
        "signs of four bytes": ("a,label\n\U0001f600".encode(), b","),
        "long texts as labels": (b"a,label\n", b"1," + b"t" * 100_000 + b"\n"),
        "texts left out": (b"a,text,label\n", b"1," + b"t" * 100_000 + b",2\n"),
        "no UTF-8 at its end": (b"a,label\n", b"1,2" * 1000 + b"\n"),
        "random": (b"a,label\n1,2\n", np.random.default_rng(0).integers(0, 256, 9_973, np.uint8).tobytes()),
        "many labels": (b"a," + b",".join(b"label %d" % place for place in range(100_000)) + b"\n", b""),
    }


def texts(size: int) -> dict[str, Callable[[Path], object]]:
    """Return makers of files of text of about ``size`` bytes, each writing one at a path."""

    def maker(begin: bytes, again: bytes) -> Callable[[Path], object]:
        def make(path: Path) -> None:
            piece = again * max(1, PIECE // max(1, len(again)))
            with path.open("wb") as file:
                file.write(begin)
                while piece and file.tell() + len(piece) <= size:
                    file.write(piece)

        return make

    found = {name: maker(*parts) for name, parts in _texts(size).items()}
    row = b"1," + b",".join([b"1"] * 100_000) + b"\n"
    begin, _ = _texts(size)["many labels"]
    return found | {"many labels": maker(begin, row)}


def npy(shape: tuple[int, ...], dtype: str = "<f8", data: bytes = b"", header: bytes | None = None) -> bytes:
    """Return a ``.npy`` file whose header says ``shape``, whatever ``data`` it has."""
    said = header if header is not None else f"{{'descr':'{dtype}','fortran_order':False,'shape':{shape},}}".encode()
    return b"\x93NUMPY\x02\0" + struct.pack("<I", len(said) + 1) + said + b"\n" + data


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of ``members``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def bomb(name: str, begin: bytes, unpacked: int) -> bytes:
    """Return a zip of one member that unpacks to ``begin`` and NUL bytes, so many of them in all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, crc, left = [packer.compress(begin)], zlib.crc32(begin), unpacked - len(begin)
    while left > 0:
        some = bytes(min(left, PIECE))
        packed.append(packer.compress(some))
        crc, left = zlib.crc32(some, crc), left - len(some)
    data = b"".join([*packed, packer.flush()])
    sizes = struct.pack("<HHHHIII", 8, 0, 0, 33, crc, len(data), unpacked)
    # "4.3.7 Local file header" and "4.3.12 Central directory structure" of PKWARE's APPNOTE.
    local = b"PK\3\4" + struct.pack("<HH", 20, 0) + sizes[:2] + sizes[4:] + struct.pack("<HH", len(name), 0)
    local += name.encode() + data
    directory = b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + sizes[:2] + sizes[4:]
    directory += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name.encode()
    return local + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)


def arrays(size: int) -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Return files of arrays that say or unpack to about ``size`` bytes, by their suffix and what makes them."""
    rows = size // 8
    small = npy((4, 2), data=np.arange(8.0).tobytes())
    return {
        "npy that says more than it has": (".npy", lambda: npy((rows // 20, 20))),
        "npy of absurd shape": (".npy", lambda: npy((1 << 60, 1 << 60))),
        "npy of negative shape": (".npy", lambda: npy((-1, 4))),
        "npy of no columns": (".npy", lambda: npy((1 << 60, 0))),
        "npy with a header without end": (".npy", lambda: npy((), header=b" " * size)),
        "npz that says more than it has": (".npz", lambda: zipped({"x.npy": npy((rows // 20, 20))})),
        "npz whose labels say more": (".npz", lambda: zipped({"x.npy": small, "y.npy": npy((rows,))})),
        "npz of labels": (".npz", lambda: zipped({"x.npy": small, "y.npy": npy((4, rows // 4), data=bytes(size))})),
        "npz whose header unpacks without end": (
            ".npz",
            lambda: bomb("x.npy", npy(())[:8] + b"\xff\xff\xff\x7f", size),
        ),
        "npz of zeros": (".npz", lambda: bomb("x.npy", npy((rows // 20, 20)), size)),
        "npz of text": (".npz", lambda: bomb_beside(small, npy((4,), f"<U{size // 16}"), size)),
        "npz packed by lzma": (".npz", lambda: zipped({"x.npy": small}, zipfile.ZIP_LZMA)),
        "npz of many members": (".npz", lambda: zipped({f"{place}": b"" for place in range(200_000)}, 0)),
        "npz of objects": (".npz", lambda: zipped({"x.npy": npy((4, 2), "|O", b"cos\nabort\n(tR.")})),
    }


def bomb_beside(points: bytes, begin: bytes, unpacked: int) -> bytes:
    """Return an ``.npz`` of points, and of labels that unpack to ``begin`` and NUL bytes."""
    return zipped({"x.npy": points, "y.npy": begin + bytes(unpacked)})
