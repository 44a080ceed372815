"""Files of weights that other programs read, made of arrays, or saved with all else in them as it was.

Sources: "Format" in the documentation of safetensors; of Keras's layout see :mod:`core.model.files.kept`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.export.arrays import as_held, require_own_names, several
from core.export.formats import ARRAY_FORMATS
from core.model.archive.held_array import BFLOAT16, OF_ZIP
from core.model.archive.protocol import HeldTensor, PatchWeights, Sent, WriteWeights, Written
from core.model.archive.safetensors import BF16, LENGTH, METADATA, TYPES, to_bfloat16
from core.model.keras_file import ALONE, OLDER, ask, read_file
from core.model.keras_file import SUFFIX as MODEL
from core.saving import is_same_file, stamp_at, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.export.arrays import Arrays, NamedArray
    from core.model.between import Content
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp

ALIGNED = 8
"""The numbers of a ``.safetensors`` begin at a multiple of so many bytes."""

KEPT = re.compile(r"(.+/)?vars/\d+")
"""What Keras 3 calls arrays where it keeps them."""

NAMES = {np.dtype(numpy): name for name, numpy in TYPES.items() if name != BF16}

NEW = (".npz", ".safetensors", ALONE)
"""What the names of new files end in."""

OF_KERAS_3 = "HDF5, as Keras 3 saves weights"


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
    if array.dtype == BFLOAT16:
        return BF16, to_bfloat16(array.values)
    values = array.values.astype(array.values.dtype.newbyteorder("<"), copy=False)
    return NAMES[values.dtype], values


def weights_h5(arrays: Arrays) -> bytes:
    """Return the arrays as Keras 3's ``.weights.h5``, bit for bit, each where ``load_weights`` looks for it.

    Raises:
        Refused: they are not all of a model, it isn't known where Keras 3 keeps one of them, or they are too large for
            one file.
    """
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
    answer = ask(WriteWeights(tuple(made)), "weights.h5")
    if not isinstance(answer, Written):
        raise Refused("the .weights.h5 could not be made: its writer answered something else; try again")
    return answer.data


def save_weights(path: Path, held: WeightsFile, opened: WeightsFile, known: Stamp | None = None) -> Stamp:
    """Save ``held`` at ``path`` and return the file's stamp.

    Where that is of the format of the file that was ``opened``, only the arrays that changed since are, and all else in
    it stays: what is no array of numbers, names, metadata.

    Raises:
        ChangedMeanwhile: the file there is another one than that ``known``.
        Refused: the name ends in something else, the file that was opened is gone or has other arrays now, or it can't
            be written there.
    """
    source = opened.path
    if source is not None and _is_there(path, opened, source) and _is_of_its_format(path, opened, source):
        data = _patched(source, held, opened)
    elif not path.name.endswith(NEW):
        raise Refused(f"expected a name that ends in {', '.join(NEW)}, got {shorten(path.name)!r}")
    else:
        name = next(one for one in NEW if path.name.endswith(one))
        data = ARRAY_FORMATS[name.removeprefix(".")].data(as_held(held.arrays))
    return write_whole(path, data, known)


def _is_there(path: Path, opened: WeightsFile, source: Path) -> bool:
    """Say whether the file that was opened is there; of a changed one no other file is made."""
    return source.is_file() and (is_same_file(path, source) or opened.stamp in (None, stamp_at(source)))


def _is_of_its_format(path: Path, opened: WeightsFile, source: Path) -> bool:
    if path.name.endswith(ALONE) and path != source:
        return opened.format == OF_KERAS_3
    if opened.format == OF_ZIP:
        return path.suffix == MODEL
    if opened.format.startswith("HDF5"):
        return path.suffix in OLDER
    return path.suffix == (".npz" if "npz" in opened.format else ".safetensors")


def _patched(source: Path, held: WeightsFile, opened: WeightsFile) -> Content:
    pairs = zip(held.arrays, opened.arrays, strict=True)
    changed = tuple(HeldTensor.of(one) for one, before in pairs if one is not before)
    file, name = read_file(source), shorten(source.name)
    if not changed:
        return file.content
    answer = ask(PatchWeights(changed), name, file)
    if not isinstance(answer, Written):
        raise Refused(f"{name} could not be saved: its writer answered something else; try again")
    return answer.data
