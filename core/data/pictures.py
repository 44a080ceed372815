"""A picture as what a model is given: decoded in a process of its own, in the input's shape and the scale asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.data.checks import require_bytes
from core.data.named_file import SCALES
from core.data.picture_asked import SMALLER, Answer, Decoded, PictureAsked, Unfit
from core.errors import Refused, shorten
from core.limits import allowing_more, most
from core.model.between import FileInMemory
from core.model.limited import exchange
from core.reading import open_file, size_of

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import KerasArray
    from core.data.named_file import NamedFile
    from core.model.graph import Input

COMMAND = (sys.executable, "-I", "-m", "core.data.picture_process")
TIMEOUT = 60
"""Seconds after which a process that does nothing at all is given up; what is busy has a limit on processor time."""

MAX_FILE = 1 << 27
"""Bytes that a picture's file may have."""

MOST = 1 << 24
"""Bytes that an answer may have: room for all numbers that are made of a picture."""

CHANNELS = (1, 3, 4)
"""Of grey, of colour, of colour and how opaque it is."""

_answers: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Answer)


def picture(file: NamedFile, given: Input) -> KerasArray:
    """Return the picture as one point of an input, as ``keras.utils.load_img`` and ``img_to_array`` give it, scaled.

    Channels are last, or first where the input's are. A row of numbers takes the picture that has as many.

    Raises:
        Refused: there is no such file, it is no such picture, or the input is for none.
    """
    name, wanted = shorten(file.path.name), _wanted(given)
    made = _decoded(PictureAsked(_read(file.path, name), *wanted, file.resized), name)
    array = np.frombuffer(made.data, np.uint8).reshape(made.height, made.width, made.channels).astype(np.float32)
    scaled = _scaled(array, file.scale)
    if _channels_first(given):
        return np.ascontiguousarray(scaled.transpose(2, 0, 1))
    return scaled.reshape(-1) if len(given.shape) == 1 else scaled.reshape(scaled.shape[: len(given.shape)])


def _wanted(given: Input) -> tuple[int | None, int | None, int | None, int | None]:
    """Return the channels, the height, the width and, of a row, the numbers that an input wants.

    Raises:
        Refused: it is for no picture.
    """
    match given.shape:
        case (int(numbers),):
            return None, None, None, numbers
        case (None,):
            return 1, None, None, None
        case (height, width):
            return 1, height, width, None
        case (height, width, int(channels)) if channels in CHANNELS:
            return channels, height, width, None
        case (int(channels), height, width) if channels in CHANNELS:
            return channels, height, width, None
    raise Refused(f"expected an input for a picture, got {shorten(given.name)!r} of shape {given.shape}; give numbers")


def _channels_first(given: Input) -> bool:
    return len(given.shape) == 3 and given.shape[-1] not in CHANNELS


def _scaled(numbers: KerasArray, scale: str) -> KerasArray:
    """Return numbers of 0 to 255 as ``scale`` says, in float32 as Keras's own layers and functions do it."""
    if scale == SCALES[0]:
        return numbers
    return numbers / np.float32(255) if scale == SCALES[1] else numbers / np.float32(127.5) - np.float32(1)


def _read(path: Path, name: str) -> bytes:
    """Return the bytes of a picture's file.

    Raises:
        Refused: there is none, or it can't be read.
    """
    try:
        with open_file(path, "a picture") as file:
            size = size_of(file)
            require_bytes(name, size, MAX_FILE, SMALLER)
            return file.read(size)
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except OSError as problem:
        raise Refused(f"{name} could not be read: {problem.strerror}; choose another file") from None


def _decoded(asked: PictureAsked, name: str) -> Decoded:
    """Return what the limited process makes of a picture.

    Raises:
        Refused: it refused, crashed, took too long or could not be started.
    """
    try:
        status, data = exchange(msgspec.msgpack.encode(asked), FileInMemory(), most(MOST), most(TIMEOUT), COMMAND)
        crashed = f"it is damaged or too large: reading it crashed; {SMALLER} or, {allowing_more()}"
        answer = _answers.decode(data) if status == 0 else Unfit(crashed)
    except TimeoutError:
        answer = Unfit(f"it is damaged or too large: reading it took too long; {SMALLER} or, {allowing_more()}")
    except OSError as problem:
        raise Refused(f"the program that reads pictures could not start: {problem.strerror}; try again") from None
    except (msgspec.MsgspecError, ValueError):
        answer = Unfit("it is damaged: reading it gave nonsense")
    if isinstance(answer, Unfit):
        raise Refused(f"{name}: {answer.message}")
    made: Decoded = answer
    return made
