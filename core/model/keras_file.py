"""Opens model files and saves ``.keras`` files without running or even parsing anything of them in this process."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from core.engine.protocol import to_tensors
from core.errors import Refused, shorten
from core.limits import allowing, allowing_more, most, times
from core.model.alone import WORDS, WeightsAlone
from core.model.archive.gate import HDF5, is_hdf5
from core.model.archive.protocol import (
    Answer,
    HeldWeights,
    Opened,
    PatchArchive,
    ReadArchive,
    ReadParts,
    ReadWeights,
    Refusal,
    Request,
    WriteArchive,
    Written,
    encode,
    read_answer,
)
from core.model.archive.safetensors import is_safetensors
from core.model.between import FileInMemory
from core.model.limited import exchange, new_file
from core.model.weights import Weights
from core.reading import open_file, size_of
from core.saving import GONE, Stamp, stamp_at, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.between import Content
    from core.model.network import Network
    from core.training.recipe import Recipe

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

ZIP = b"PK\x03\x04"

LFS = b"version https://git-lfs"
"""What the small file begins with that Git has in place of a large one."""

START = 64
"""Bytes by which a format is known."""

OUTSIDE_PYTHON = 1
"""The exit status of a Python that could not even import the program."""


class NoAnswer(Refused):
    """The limited process came to no answer: it crashed, took too long, gave nonsense, or could not be started."""


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model file's content; ``notes`` say what of it is not used, ``archive`` is the file itself, for saving,
    if it is one that can be given other weights: a ``.keras`` file of Keras 3's, or one in HDF5.

    ``not_followed`` are those of the notes by which Keras's loss of this model would be another one: with any of them
    a loss calculated here is not what Keras's ``evaluate`` gives.
    """

    network: Network
    weights: Weights
    recipe: Recipe | None
    notes: tuple[str, ...]
    archive: Content | None
    not_followed: tuple[str, ...] = ()
    stamp: Stamp = GONE
    """That of the file when it was read."""


def open_model(path: Path) -> OpenedModel:
    """Return what the model file at ``path`` holds: a ``.keras`` file, or a whole model in HDF5.

    Raises:
        Refused: there is no such file, it can't be read, is damaged, or holds what can't be shown here.
    """
    # First: a file that is changed while it is read is another one than this.
    stamp, file = stamp_at(path), read_file(path)
    name = shorten(path.name)
    try:
        opened = ask(ReadArchive(), name, file)
    except WeightsAlone as alone:
        alone.stamp = stamp
        raise
    if not isinstance(opened, Opened):
        raise Refused(f"{name} could not be opened: its reader answered something else; try again")
    try:
        layers = [[sent.array(file.content) for sent in arrays] for arrays in opened.layers]
        weights = Weights.for_network(opened.network, layers)
    except (ValueError, ArithmeticError):
        raise Refused(f"{name} is damaged: its weights don't fit its layers; get it again") from None
    if not opened.network.on_one_page:
        # Whoever opens a file has time; whoever shows it has none.
        opened.network.summary  # noqa: B018
    kept = file.content if opened.patches else None
    return OpenedModel(opened.network, weights, opened.recipe, opened.notes, kept, opened.not_followed, stamp)


def save_model(
    path: Path,
    network: Network,
    weights: Weights,
    recipe: Recipe | None,
    archive: Content | None,
    known: Stamp | None = None,
) -> Stamp:
    """Save ``network`` with ``weights`` at ``path``, so that Keras can load it, and return the file's stamp.

    With ``archive``, the file that the network was opened from, only its weights are changed, and its loss where that
    of ``recipe`` is another: regularizers, the optimizer's state and how else it was compiled live on. A name that ends
    in ``.h5`` is for such a file in HDF5; as ``.keras`` that becomes a new one.

    Raises:
        ChangedMeanwhile: the file there is another one than that ``known``.
        Refused: it can't be written there, or ``archive`` is of another network. An old file is as it was.
    """
    name = shorten(path.name)
    _require_suffix(path, archive)
    if archive is None or (is_hdf5(archive) and path.suffix == SUFFIX):
        now = datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
        answer = ask(WriteArchive(network, to_tensors(weights.layers), recipe, now), name)
    else:
        request = PatchArchive.of(weights.by_name(network), network, recipe)
        answer = ask(request, name, FileInMemory.of(archive))
    if not isinstance(answer, Written):
        raise Refused(f"{name} could not be saved: its writer answered something else; try again")
    return write_whole(path, answer.data, known)


def _require_suffix(path: Path, archive: Content | None) -> None:
    name = shorten(path.name)
    if path.name.endswith(ALONE):
        raise Refused(f"expected a name of a whole model, got {name!r}; {ALONE} is for weights that are taken away")
    if path.suffix in OLDER and not is_hdf5(archive):
        raise Refused(f"expected a name that ends in {SUFFIX}, got {name!r}: HDF5 is for models opened from HDF5")
    if path.suffix not in (SUFFIX, *OLDER):
        raise Refused(f"expected a name that ends in {SUFFIX}, as Keras wants it, got {name!r}")


def read_file(path: Path) -> FileInMemory:
    """Return the model file at ``path`` as it is now, in memory.

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
            came = len(start) + read.take(file, size - len(start))
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
    if not start.startswith((ZIP, HDF5)) and not is_safetensors(start, size):
        raise Refused(
            f"expected a {SUFFIX} file or one in HDF5 ({', '.join(OLDER)}), or weights (.npz, .safetensors), got "
            f"{name}, which is neither; choose another file"
        )


def ask(request: Request, name: str, file: FileInMemory | None = None) -> Answer:
    """Return the limited process's answer on ``file``, which is called ``name``.

    Raises:
        WeightsAlone: a model was asked for, and there are weights alone.
        NoAnswer: it crashed, took too long or could not be started.
        Refused: it refused.
    """
    sent, file = encode(request), new_file() if file is None else file
    size = len(sent) + len(file.content)
    largest, seconds = most(FREE_ANSWER + ANSWER_PER_BYTE * size), times() * (TIMEOUT + size / BYTES_PER_SECOND)
    try:
        status, data = exchange(sent, file, largest, seconds)
        if status != 0:
            raise NoAnswer(_ending_in_words(request, name, status))
        answer = read_answer(data)
    except NoAnswer:
        raise
    except TimeoutError:
        raise NoAnswer(_failed(request, name, "took too long")) from None
    except OSError as problem:
        raise NoAnswer(f"the program that reads model files could not start: {problem.strerror}; try again") from None
    except (msgspec.MsgspecError, ValueError):
        raise NoAnswer(_failed(request, name, "gave nonsense")) from None
    if isinstance(answer, Refusal):
        raise Refused(f"{name}: {answer.message}")
    if isinstance(answer, HeldWeights) and not isinstance(request, ReadWeights):
        raise WeightsAlone(f"{name}: {WORDS}", answer, file.content)
    return answer


def _ending_in_words(request: Request, name: str, status: int) -> str:
    if status == OUTSIDE_PYTHON:
        return "the program that reads model files could not start; install byhand again"
    return _failed(request, name, "took too long" if status == -getattr(signal, "SIGXCPU", 0) else "crashed")


def _failed(request: Request, name: str, how: str) -> str:
    if isinstance(request, ReadArchive | ReadParts | ReadWeights):
        return f"{name} is damaged or too large: reading it {how}; get it again or, {allowing_more()}"
    return f"{name} could not be saved: making the file {how}; it is as it was, save under a new name"
