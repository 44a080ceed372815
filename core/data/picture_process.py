"""The limited process that decodes a picture: one on stdin, its numbers on stdout, and it is gone.

Pillow reads bytes of anybody's in C. Here that can cost this process, which has no files, no network and not much
memory; nobody else imports Pillow.
"""

from __future__ import annotations

import io
import sys

import msgspec
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from core.data.picture_asked import LENGTH, SMALLER, Answer, Decoded, PictureAsked, Unfit
from core.errors import Refused
from core.limits import allowing_more, most, or_allowing, raise_limits
from core.model.archive.confined import confine

KINDS = {b"\x89PNG\r\n\x1a\n": PngImageFile, b"\xff\xd8\xff": JpegImageFile}
"""The formats that are read, by how their files begin; Pillow itself would try all that it knows."""

MAX_PIXELS = 50_000_000
"""How many a picture may say that it has, which is known before any of them is decoded."""

MAX_NUMBERS = 12_000_000
"""How many numbers are made of one: 2,000 x 2,000 pixels in colour. A larger one can be resized."""

COLOURS = {1: "L", 3: "RGB", 4: "RGBA"}
"""What Pillow calls pixels of so many channels, as ``keras.utils.load_img`` asks for them."""

DEEP = "IF"
"""What the names of grey with more than 8 bits begin with."""

NEAREST = 0
"""How Pillow resizes where ``load_img`` is not told otherwise."""


def main() -> None:
    """Answer the request on stdin."""
    raise_limits(int(sys.argv[1]))
    data = sys.stdin.buffer.read()
    confine(len(data))
    found = msgspec.msgpack.encode(answer(msgspec.msgpack.decode(data, type=PictureAsked)))
    sys.stdout.buffer.write(len(found).to_bytes(LENGTH, "big") + found)
    sys.stdout.buffer.flush()


def answer(asked: PictureAsked) -> Answer:
    """Return the numbers of a picture; whatever goes wrong becomes a sentence."""
    try:
        return decoded(asked)
    except Refused as reason:
        return Unfit(str(reason))
    except MemoryError:
        return Unfit(f"it wants more memory than a picture may; {SMALLER} or, {allowing_more()}")
    except Exception as problem:
        # Pillow raises a dozen unrelated classes for damage, and their texts are for programmers.
        return Unfit(f"it is damaged or cut off ({type(problem).__name__}); get it again")


def decoded(asked: PictureAsked) -> Decoded:
    """Return the numbers as ``keras.utils.load_img`` and ``img_to_array`` give them.

    Raises:
        Refused: it is no PNG or JPEG, too large, of more than 8 bits, or of another size than is wanted.
    """
    kind = next((kind for start, kind in KINDS.items() if asked.data.startswith(start)), None)
    if kind is None:
        raise Refused("expected a PNG or JPEG picture, got something else; save it as one of these")
    with kind(io.BytesIO(asked.data)) as image:
        width, height = image.size
        size = f"{width:,} x {height:,}"
        _require_most("pixels", width * height, MAX_PIXELS, size)
        if image.mode.startswith(tuple(DEEP)):
            raise Refused("expected 8 bits for each number, got grey of more; save the picture with 8")
        channels = asked.channels or _channels(asked.numbers or 0, width * height, size)
        wanted = asked.width or width, asked.height or height
        if wanted != image.size and not asked.resized:
            raise Refused(
                f"expected {wanted[0]:,} x {wanted[1]:,} pixels, width by height, got {size}; the word resized after "
                "its name resizes it"
            )
        _require_most("numbers", wanted[0] * wanted[1] * channels, MAX_NUMBERS, f"{size} pixels")
        coloured = image if image.mode == COLOURS[channels] else image.convert(COLOURS[channels])
        made = coloured if wanted == image.size else coloured.resize(wanted, NEAREST)
        return Decoded(wanted[1], wanted[0], channels, made.tobytes())


def _require_most(what: str, got: int, usual: int, size: str) -> None:
    if got > most(usual):
        raise Refused(f"expected at most {most(usual):,} {what}, got {size}; {or_allowing(SMALLER, got, usual)}")


def _channels(numbers: int, pixels: int, size: str) -> int:
    """Return with how many channels so many pixels are so many numbers."""
    for channels in COLOURS:
        if pixels * channels == numbers:
            return channels
    raise Refused(
        f"expected a picture of {numbers:,} numbers, one a pixel or 3 in colour, got {size} pixels; resize it"
    )


if __name__ == "__main__":
    main()
