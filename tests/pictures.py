"""Pictures of every kind that PNG and JPEG have, and damaged ones, made as they are needed."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIZE = 5, 7
"""Height and width."""


def pictures() -> dict[str, bytes]:
    """Return files of every mode, by their names."""
    drawn = np.random.default_rng(0)
    grey = drawn.integers(0, 256, SIZE, dtype=np.uint8)
    colour = drawn.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    opaque = drawn.integers(0, 256, (*SIZE, 4), dtype=np.uint8)
    modes = {
        "L": Image.fromarray(grey),
        "RGB": Image.fromarray(colour),
        "RGBA": Image.fromarray(opaque),
        "LA": Image.fromarray(opaque).convert("LA"),
        "1": Image.fromarray(grey).convert("1"),
        "P": Image.fromarray(colour).quantize(8),
    }
    made = {f"{mode}.png": saved(image, "PNG") for mode, image in modes.items()}
    made["see-through.png"] = saved(modes["P"], "PNG", transparency=3)
    for mode in ("L", "RGB"):
        made[f"{mode}.jpg"] = saved(modes[mode], "JPEG")
    made["CMYK.jpeg"] = saved(modes["RGB"].convert("CMYK"), "JPEG")
    made["progressive.JPG"] = saved(modes["RGB"], "JPEG", progressive=True)
    return made


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    """Return an image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def deep() -> bytes:
    """Return a PNG of grey with 16 bits."""
    return saved(Image.fromarray(np.arange(35, dtype=np.uint16).reshape(SIZE) * 1000), "PNG")


def png(width: int, height: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of 8 bits of grey that says it has this size, with these rows, packed."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in parts)
