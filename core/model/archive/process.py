"""The limited process that reads and writes model files: one request on stdin, one answer on stdout, and it is gone.

A damaged file can crash the HDF5 library or keep it busy for ever. Here that costs this process, not the session.
"""

from __future__ import annotations

import contextlib
import os
import sys

from core.engine.protocol import to_arrays, to_tensors
from core.errors import Refused
from core.model.alone import WeightsAlone
from core.model.archive import whole
from core.model.archive.alone import every_weight
from core.model.archive.gate import HDF5
from core.model.archive.h5_model import patch_hdf5
from core.model.archive.patched import patch_weights
from core.model.archive.protocol import (
    Answer,
    Opened,
    Parts,
    PatchArchive,
    PatchWeights,
    ReadArchive,
    ReadParts,
    ReadWeights,
    Refusal,
    Request,
    WriteArchive,
    WriteWeights,
    Written,
    encode,
    read_request,
)
from core.model.archive.written import new_weights_file
from core.model.weights import Weights

CPU_SECONDS = 10
BYTES_PER_CPU_SECOND = 1 << 25
"""How much processor time may be used: so much, and more for a large request."""

MEMORY = 2 << 30
MEMORY_PER_BYTE = 10
"""What may be used of memory: so much, and so much more for every byte of the request."""


def main() -> None:
    """Answer the request on stdin."""
    data = sys.stdin.buffer.read()
    _limit(len(data))
    sys.stdout.buffer.write(answer(data))
    sys.stdout.buffer.flush()


def answer(data: bytes) -> bytes:
    """Return the answer to the request ``data``; whatever goes wrong becomes a refusal."""
    try:
        return encode(_answered(read_request(data)))
    except Refused as reason:
        return _refusal(str(reason))
    except MemoryError:
        return _refusal("it wants more memory than its size allows, so it is damaged; get it again")
    except Exception as problem:
        # zipfile, json, zlib and h5py raise a dozen unrelated classes for damage, and their texts are for programmers.
        return _refusal(f"it is damaged: it could not be read ({type(problem).__name__}); get it again")


def _refusal(message: str) -> bytes:
    return encode(Refusal(message))


def _answered(request: Request) -> Answer:
    """Return the answer; where a model is asked for and there are weights alone, these."""
    try:
        return _answer(request)
    except WeightsAlone:
        if isinstance(request, ReadArchive | ReadParts):
            return every_weight(request.data)
        raise


def _answer(request: Request) -> Answer:
    match request:
        case ReadArchive(data):
            held = whole.read_archive(data)
            layers = to_tensors(held.weights.layers)
            return Opened(held.network, layers, held.recipe, held.notes, held.not_followed, held.patches)
        case ReadParts(data):
            return Parts.of(*whole.read_parts(data))
        case ReadWeights(data):
            return every_weight(data)
        case PatchWeights(data, changed):
            return Written(patch_weights(data, changed))
        case WriteWeights(arrays):
            return Written(new_weights_file(arrays))
        case WriteArchive(network, layers, recipe, date):
            weights = Weights.for_network(network, to_arrays(layers))
            return Written(whole.write_archive(network, weights, recipe, date))
        case PatchArchive(data, network, layers, recipe):
            weights = Weights.for_network(network, to_arrays(layers))
            patch = patch_hdf5 if data.startswith(HDF5) else whole.patch_archive
            return Written(patch(data, network, weights, recipe))


def _limit(request_size: int) -> None:
    """Bound processor time and memory, and forbid core dumps and writing files, as far as the system knows these."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        import resource
    except ImportError:
        return
    limits = {
        resource.RLIMIT_CPU: CPU_SECONDS + request_size // BYTES_PER_CPU_SECOND,
        resource.RLIMIT_AS: MEMORY + MEMORY_PER_BYTE * request_size,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for what, amount in limits.items():
        # macOS refuses a limit on memory; the others still help. The hard limit is above the soft one, because the
        # signal at the soft one says that it was the time, and the kill at the hard one says nothing.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (amount, amount + 1))


if __name__ == "__main__":
    main()
