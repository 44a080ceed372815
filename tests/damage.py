"""Good files with bytes changed, cut off, left out or put in, and the reader of files in a process that goes on."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from core.model.archive.protocol import HeldWeights, Parts, ReadParts, ReadWeights, Refusal, encode, read_answer
from core.model.between import LENGTH
from tests.hdf5_files import CHAIN_FILE
from tests.hostile_files import CHAIN_MODEL, GOOD, KERNEL, members, zipped
from tests.reading import as_opened
from tests.weight_files import by_place, listed, npz, safetensors

if TYPE_CHECKING:
    from core.model.archive.protocol import Answer
    from core.model.between import Content

    Way = type[ReadParts | ReadWeights]

KERAS_2 = {
    "metadata.json": json.dumps({"keras_version": "2.12.0", "date_saved": "2023-01-01@00:00:00"}).encode(),
    "config.json": json.dumps(CHAIN_MODEL).encode(),
    "model.weights.h5": by_place({"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": KERNEL[0]}),
}
ALONE = (
    listed({"hidden": {"hidden/kernel:0": KERNEL}}, "2.12.0"),
    by_place({"layers/dense/vars/0": KERNEL, "optimizer/vars/0": np.array(3)}),
    npz(**{"hidden/kernel": KERNEL, "b": np.arange(6).reshape(2, 3)}),
    safetensors({"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}, KERNEL.tobytes()),
)

CPU_SECONDS = 3

LOOP = f"""
import sys
from resource import RLIMIT_CPU, RUSAGE_SELF, getrlimit, getrusage, setrlimit
from core.model.archive import confined
from core.model.archive.process import answer
from core.model.archive.reader import read
confined.CPU_SECONDS = 1 << 30
confined.confine(100_000)
while size := int.from_bytes(sys.stdin.buffer.read(8), "big"):
    used = getrusage(RUSAGE_SELF)
    # Some damage keeps the HDF5 library busy for ever.
    setrlimit(RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + {CPU_SECONDS}, getrlimit(RLIMIT_CPU)[1]))
    file = sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8), "big"))
    found = answer(read, sys.stdin.buffer.read(size), file)
    sys.stdout.buffer.write(len(found).to_bytes({LENGTH}, "big") + found)
    sys.stdout.buffer.flush()
"""


def damaged(seed: int) -> tuple[bytes, Way]:
    """Return a file and how to read it, the same for the same seed.

    A zip's checksums would hide most damage from json and h5py, so in some of the cases the damage is inside a member
    and the checksum is right, and in some the file is in HDF5, or has weights alone.
    """
    choice = random.Random(seed)
    kind = choice.random()
    ways: list[Way] = [ReadParts, ReadWeights]
    (way,) = choice.choices(ways, (17, 3))
    if kind < 0.2:
        return spoilt(GOOD, choice), way
    if kind < 0.45:
        return spoilt(CHAIN_FILE, choice), way
    if kind < 0.7:
        return spoilt(choice.choice(ALONE), choice), ReadWeights
    contents = dict(members() if kind < 0.9 else KERAS_2)
    name = choice.choice(["config.json", "model.weights.h5", "model.weights.h5", "model.weights.h5"])
    contents[name] = spoilt(contents[name], choice)
    return zipped(contents, zipfile.ZIP_STORED), way


def spoilt(data: bytes, choice: random.Random) -> bytes:
    """Return ``data`` with some damage."""
    made = bytearray(data)
    kind = choice.choice(["bytes", "bits", "cut", "gone", "more"])
    place = choice.randrange(len(made))
    if kind == "cut":
        del made[place:]
    elif kind == "gone":
        del made[place : place + choice.randrange(1, 64)]
    elif kind == "more":
        made[place:place] = choice.randbytes(choice.randrange(1, 64))
    else:
        for _ in range(choice.choice([1, 4, 32])):
            place = choice.randrange(len(made))
            made[place] = choice.randrange(256) if kind == "bytes" else made[place] ^ (1 << choice.randrange(8))
    return bytes(made)


class Loop:
    """The reader of files, confined, in a process that goes on until damage crashes it, and is then started again."""

    def __init__(self) -> None:
        self.crashes = 0
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-I", "-c", LOOP]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def answer(self, request: ReadParts | ReadWeights, file: bytes) -> Answer | None:
        """Return the answer on ``file``, or None if it crashed or took too much processor time."""
        answer = self.asked(encode(request), file)
        return None if answer is None else read_answer(answer)

    def asked(self, sent: bytes, file: Content) -> bytes | None:
        """Return what is sent back to ``sent``, or None as :meth:`answer`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(len(sent).to_bytes(8, "big") + len(file).to_bytes(8, "big") + bytes(file) + sent)
        self._process.stdin.flush()
        size = self._process.stdout.read(LENGTH)
        if len(size) < LENGTH:
            self.close()
            self.crashes += 1
            self._start()
            return None
        return self._process.stdout.read(int.from_bytes(size, "big"))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def sweep(seeds: range) -> dict[str, int]:
    """Read a damaged file for each seed and return how often what came of it.

    Raises:
        AssertionError: a refusal can't be shown, or says that reading wanted another file.
    """
    loop, found = Loop(), {"opened": 0, "weights": 0, "refused": 0, "crashed": 0}
    try:
        for seed in seeds:
            data, way = damaged(seed)
            answer = loop.answer(way(), data)
            match as_opened(answer, data) if isinstance(answer, Parts) else answer:
                case Parts():
                    found["opened"] += 1
                case HeldWeights():
                    found["weights"] += 1
                case Refusal(said):
                    found["refused"] += 1
                    odd = not said.isprintable() or len(said) > 400 or "(ModuleNotFoundError)" in said
                    assert not odd and "(PermissionError)" not in said and "(ImportError)" not in said, (seed, said)
                case None:
                    found["crashed"] += 1
    finally:
        loop.close()
    return found
