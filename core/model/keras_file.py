"""A model file taken into memory, and what the limited process finds in it: its bytes are not looked at in this one."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.errors import Refused, shorten
from core.limits import allowing, allowing_more, most, times
from core.model.alone import WeightsAlone
from core.model.archive.gate import HDF5, HDF5_BEGINS, ZIP, is_description, is_hdf5
from core.model.archive.protocol import (
    Answer,
    HeldWeights,
    ReadWeights,
    Refusal,
    Request,
    encode,
    read_answer,
)
from core.model.archive.safetensors import is_safetensors
from core.model.limited import exchange, new_file
from core.reading import open_file, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.model.between import FileInMemory, Progress

TIMEOUT = 120.0
BYTES_PER_SECOND = 1 << 22
"""Seconds after which a process that does nothing at all is given up: so many, and more for a large file.

What is busy ends by its limit on processor time, which a machine that has much else to do doesn't shorten.
"""

FREE_ANSWER = 1 << 26
ANSWER_PER_BYTE = 24
"""How large an answer may be: so many bytes, and so many for each of the request, as a zip unpacks to 20 times."""

MAX_FILE = 1 << 32
"""Bytes of a file, which is taken into memory."""

SUFFIX = ".keras"
OLDER = (".h5", ".hdf5")
"""What the names of models in HDF5, of which none is made anew, end in."""

ALONE = ".weights.h5"

LFS = b"version https://git-lfs"
"""What the small file begins with that Git has in place of a large one."""

START = HDF5_BEGINS[-1] + len(HDF5)
"""Bytes by which a format is known."""

OUTSIDE_PYTHON = 1
"""The exit status of a Python that could not even import the program."""


class NoAnswer(Refused):
    """The limited process came to no answer: it crashed, took too long, gave nonsense, or could not be started."""


def read_file(path: Path, progress: Progress = lambda _share: None) -> FileInMemory:
    """Return the model file at ``path`` as it is now, in memory; ``progress`` is told how far that is.

    Raises:
        Refused: there is none, it can't be read, or is of another format.
    """
    name = shorten(path.name or str(path))
    try:
        with open_file(path, "a model file") as file:
            size = size_of(file)
            _require_size(name, size)
            start = file.read(START)
            _require_format(name, start, size)
            # A file that grows meanwhile is not followed to its end.
            read = new_file()
            read.add(start)
            came = len(start) + read.take(file, size - len(start), progress)
    except FileNotFoundError:
        raise Refused(f"there is no file {shorten(str(path), 80)}; check the name") from None
    except PermissionError:
        raise Refused(f"there is no permission to read {name}; change it, or choose another file") from None
    except OSError as problem:
        raise Refused(f"{name} could not be read: {problem.strerror}; try again, or choose another file") from None
    except ValueError as problem:
        if isinstance(problem, Refused):
            raise
        raise Refused(f"expected the name of a file, got {name!r}; choose another") from None
    if came != size:
        raise Refused(f"{name} was changed while it was read; open it again when nothing writes to it")
    return read


def _require_size(name: str, size: int) -> None:
    if size == 0:
        raise Refused(f"expected a model file, got {name}, which is empty; choose another file")
    if size > most(MAX_FILE):
        raise Refused(
            f"expected a file of at most {most(MAX_FILE) >> 30} GiB, got {name} of {size / (1 << 30):,.1f} GiB; "
            f"{allowing(size, MAX_FILE)}"
        )


def _require_format(name: str, start: bytes, size: int) -> None:
    """Refuse a file of ``size`` bytes that begins with ``start`` unless it is of a format that is read."""
    if start.startswith(LFS):
        raise Refused(
            f"expected a model file, got {name}, in which Git LFS says where that is; get it with git lfs pull"
        )
    known = start.startswith(ZIP) or is_hdf5(start) or is_safetensors(start, size) or is_description(start)
    if not known:
        from core.data.files import SHEETS, TEXTS

        wanted = "choose another file"
        if Path(name).suffix.lower() in (*TEXTS, *SHEETS):
            wanted = "data are opened by o on Data, or --data"
        raise Refused(
            f"expected a {SUFFIX} file or one in HDF5 ({', '.join(OLDER)}), weights (.npz, .safetensors), or what "
            f"Keras's to_json wrote, got {name}, which is none of these; {wanted}"
        )


def ask(request: Request, name: str, file: FileInMemory) -> Answer:
    """Return the limited process's answer on ``file``, which is called ``name``.

    Raises:
        WeightsAlone: a model was asked for, and there are weights alone.
        NoAnswer: it crashed, took too long or could not be started.
        Refused: it refused.
    """
    failed = f"{name} is damaged or too large: reading it {{}}; get it again or, {allowing_more()}"
    with answering(failed):
        answer = read_answer(exchanged(encode(request), file, failed))
    if isinstance(answer, Refusal):
        raise Refused(f"{name}: {answer.message}")
    if isinstance(answer, HeldWeights) and not isinstance(request, ReadWeights):
        raise WeightsAlone(answer.of_class, name, answer, file.content)
    return answer


def exchanged(sent: bytes, file: FileInMemory, failed: str, command: Sequence[str] = ()) -> bytes:
    """Return the answer of a limited process, that which reads or another ``command``, on ``file``.

    Raises:
        NoAnswer: it crashed or took too long; ``failed`` is a sentence with a place for how.
        OSError: it could not be started.
    """
    size = len(sent) + len(file.content)
    largest, seconds = most(FREE_ANSWER + ANSWER_PER_BYTE * size), times() * (TIMEOUT + size / BYTES_PER_SECOND)
    try:
        status, data = exchange(sent, file, largest, seconds, command)
    except TimeoutError:
        raise NoAnswer(failed.format("took too long")) from None
    if status == OUTSIDE_PYTHON:
        raise NoAnswer("the program for model files could not start; install byhand again")
    if status != 0:
        raise NoAnswer(failed.format("took too long" if status == -getattr(signal, "SIGXCPU", 0) else "crashed"))
    return data


@contextmanager
def answering(failed: str) -> Iterator[None]:
    """Turn an answer that is none, or none at all, into a refusal; ``failed`` is as for :func:`exchanged`."""
    try:
        yield
    except Refused:
        raise
    except OSError as problem:
        raise NoAnswer(f"the program for model files could not start: {problem.strerror}; try again") from None
    except (msgspec.MsgspecError, ValueError):
        raise NoAnswer(failed.format("gave nonsense")) from None
