"""The limited process that makes and changes model files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine.protocol import to_arrays
from core.errors import Refused
from core.model.archive import whole
from core.model.archive.making import PatchArchive, PatchWeights, WriteArchive, WriteWeights, Written, read_request
from core.model.archive.patched import patch_weights
from core.model.archive.patched_model import Trained, patch_model
from core.model.archive.process import serve
from core.model.archive.written import new_weights_file
from core.model.weights import Weights

if TYPE_CHECKING:
    from core.model.archive.making import Request
    from core.model.between import Content

MAX_ANSWER = (1 << 32) - 1
"""What one answer can carry: MessagePack counts bytes in 32 bits."""


def make(data: bytes, file: Content) -> Written:
    """Return the file that is asked for.

    Raises:
        Refused: there can't be such a one.
    """
    made = _made(read_request(data), file)
    if len(made) > MAX_ANSWER:
        raise Refused(f"expected a file below 4 GiB to be made, got one of {len(made):,} bytes; take arrays away alone")
    return Written(bytes(made))


def _made(request: Request, file: Content) -> Content:
    match request:
        case PatchWeights(changed):
            return patch_weights(file, changed)
        case WriteWeights(arrays):
            return new_weights_file(arrays)
        case WriteArchive(network, layers, recipe, date):
            weights = Weights.for_network(network, to_arrays(layers))
            return whole.write_archive(network, weights, recipe, date)
        case PatchArchive(given, network, recipe):
            others = {weight: sent.array() for weight, sent in given}
            return patch_model(file, others, None if network is None else Trained(network, recipe))


if __name__ == "__main__":
    serve(make)
