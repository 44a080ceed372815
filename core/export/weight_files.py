"""Files of weights that other programs read, made of arrays.

Sources: "Format" in the documentation of safetensors; of Keras's layout see :mod:`core.model.files.kept`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.export.arrays import require_own_names, several
from core.model.archive.making import WriteWeights
from core.model.archive.narrow import narrowed
from core.model.archive.protocol import HeldTensor, Sent
from core.model.archive.safetensors import LENGTH, METADATA, NARROW_TYPES, TYPES

if TYPE_CHECKING:
    from core.export.arrays import Arrays, NamedArray

ALIGNED = 8
"""The numbers of a ``.safetensors`` begin at a multiple of so many bytes."""

KEPT = re.compile(r"(.+/)?vars/\d+")
"""What Keras 3 calls arrays where it keeps them."""

NAMES = {np.dtype(numpy): name for name, numpy in TYPES.items() if name not in NARROW_TYPES}
NARROW_NAMES = {narrow: name for name, narrow in NARROW_TYPES.items()}


def safetensors(arrays: Arrays) -> bytes:
    """Return the arrays as a ``.safetensors`` file, bit for bit, each as ``layer/array``.

    Raises:
        Refused: two arrays have one name, or one has the name that the format keeps for itself.
    """
    given = several(arrays)
    require_own_names(given)
    stored = {array.path: _stored(array) for array in given}
    if METADATA in stored:
        raise Refused(f"expected an array of another name than {METADATA}, which is the format's own; save it as .npz")
    places, end = dict[str, list[int]](), 0
    # The widest first, so that every number is at a multiple of its own width.
    for path in sorted(stored, key=lambda one: -stored[one][1].itemsize):
        places[path] = [end, end + stored[path][1].nbytes]
        end += stored[path][1].nbytes
    header = {
        path: {"dtype": name, "shape": list(values.shape), "data_offsets": places[path]}
        for path, (name, values) in stored.items()
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNED)
    return b"".join([len(text).to_bytes(LENGTH, "little"), text, *(stored[path][1].tobytes() for path in places)])


def _stored(array: NamedArray) -> tuple[str, np.ndarray[Any, Any]]:
    """Return what the format calls the array's numbers, and these as it has them."""
    if array.dtype in NARROW_NAMES:
        return NARROW_NAMES[array.dtype], narrowed(array.values, array.dtype)
    values = array.values.astype(array.values.dtype.newbyteorder("<"), copy=False)
    return NAMES[values.dtype], values


def weights_h5(arrays: Arrays) -> bytes:
    """Return the arrays as Keras 3's ``.weights.h5``, bit for bit, each where ``load_weights`` looks for it.

    Raises:
        Refused: they are not all of a model, it isn't known where Keras 3 keeps one of them, or they are too large for
            one file.
    """
    from core.model.save_model import made as make

    made, whole = [], several(arrays)
    if whole[0].in_all > len(whole):
        # Keras takes no part of them.
        raise Refused(
            f"expected all {whole[0].in_all:,} arrays for .weights.h5, got {len(whole):,}; take all away, or these as "
            ".safetensors or .npz"
        )
    for array in whole:
        place = array.kept or (array.path if KEPT.fullmatch(array.path) else "")
        if not place:
            raise Refused(
                f"expected whole arrays of a model, or of a file of Keras 3's, for .weights.h5, got "
                f"{shorten(array.path, 60)!r}; give them to a model first, or save them as .safetensors or .npz"
            )
        values = np.asarray(array.values)
        dtype = array.dtype or values.dtype.name
        made.append(HeldTensor("", place, dtype, Sent.of(values)))
    return bytes(make(WriteWeights(tuple(made)), "weights.h5"))
