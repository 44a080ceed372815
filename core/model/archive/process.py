"""The limited process that reads and writes model files: one request on stdin, one answer on stdout, and it is gone.

A damaged file can crash the HDF5 library or keep it busy for ever. Here that costs this process, not the session.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from core.engine.protocol import to_arrays
from core.errors import Refused
from core.limits import allowing_more, raise_limits
from core.model.alone import WeightsAlone
from core.model.archive import whole
from core.model.archive.alone import every_weight
from core.model.archive.confined import confine
from core.model.archive.patched import patch_weights
from core.model.archive.patched_model import Trained, patch_model
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
    Sent,
    WriteArchive,
    WriteWeights,
    Written,
    encode,
    read_request,
)
from core.model.archive.written import new_weights_file
from core.model.between import LENGTH, seen_by
from core.model.weights import Weights

if TYPE_CHECKING:
    from core.model.between import Content

MAX_ANSWER = (1 << 32) - 1
"""What one answer can carry: MessagePack counts bytes in 32 bits."""


def main() -> None:
    """Answer the request on stdin about a file in memory; arguments: how much is allowed, its descriptor."""
    data = sys.stdin.buffer.read()
    if not data:
        # Started ahead, and not needed.
        return
    allowed, handle = sys.argv[1:]
    raise_limits(int(allowed))
    file = seen_by(int(handle))
    confine(len(data) + len(file))
    found = answer(data, file)
    sys.stdout.buffer.write(len(found).to_bytes(LENGTH, "big") + found)
    sys.stdout.buffer.flush()


def answer(data: bytes, file: Content = b"") -> bytes:
    """Return the answer to the request ``data`` about ``file``; whatever goes wrong becomes a refusal."""
    try:
        return encode(_answered(read_request(data), file))
    except Refused as reason:
        return _refusal(str(reason))
    except MemoryError:
        return _refusal(f"it wants more memory than its size allows; get it again or, {allowing_more()}")
    except Exception as problem:
        # zipfile, json, zlib and h5py raise a dozen unrelated classes for damage, and their texts are for programmers.
        return _refusal(f"it is damaged: it could not be read ({type(problem).__name__}); get it again")


def _refusal(message: str) -> bytes:
    return encode(Refusal(message))


def _answered(request: Request, file: Content) -> Answer:
    """Return the answer; where a model is asked for and there are weights alone, these."""
    try:
        return _answer(request, file)
    except WeightsAlone:
        if isinstance(request, ReadArchive | ReadParts):
            return every_weight(file)
        raise


def _answer(request: Request, file: Content) -> Answer:
    match request:
        case ReadArchive():
            held = whole.read_archive(file)
            layers = tuple(tuple(Sent.of(array, file) for array in arrays) for arrays in held.weights.layers)
            return Opened(held.network, layers, held.recipe, held.notes, held.not_followed, held.patches)
        case ReadParts():
            return Parts.of(*whole.read_parts(file), file)
        case ReadWeights():
            return every_weight(file)
        case PatchWeights(changed):
            return _written(patch_weights(file, changed))
        case WriteWeights(arrays):
            return _written(new_weights_file(arrays))
        case WriteArchive(network, layers, recipe, date):
            weights = Weights.for_network(network, to_arrays(layers))
            return _written(whole.write_archive(network, weights, recipe, date))
        case PatchArchive(weights, network, recipe):
            given = {weight: sent.array() for weight, sent in weights}
            return _written(patch_model(file, given, None if network is None else Trained(network, recipe)))


def _written(data: Content) -> Written:
    if len(data) > MAX_ANSWER:
        raise Refused(f"expected a file below 4 GiB to be made, got one of {len(data):,} bytes; take arrays away alone")
    return Written(bytes(data))


if __name__ == "__main__":
    main()
