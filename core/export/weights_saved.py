"""Weights alone saved: into the file that they are of, all else in it as it was, or as a new one of another format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.export.arrays import ARRAY_FORMATS, as_held
from core.model.archive.held_array import OF_ZIP
from core.model.archive.making import PatchWeights
from core.model.archive.protocol import HeldTensor
from core.model.keras_file import ALONE, OLDER, read_file
from core.model.keras_file import SUFFIX as MODEL
from core.model.save_model import made
from core.saving import is_same_file, stamp_at, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.between import Content
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp

NEW = (".npz", ".safetensors", ALONE)
"""What the names of new files end in."""

OF_KERAS_3 = "HDF5, as Keras 3 saves weights"


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
    return made(PatchWeights(changed), name, file)
