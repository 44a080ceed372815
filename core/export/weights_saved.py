"""A file's arrays saved: in a copy of the file, all else in it as it was, or alone, as a new file of another format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused, shorten
from core.export.arrays import as_held
from core.export.formats import ARRAY_FORMATS
from core.export.weight_files import KEPT
from core.model.archive.held_array import OF_ZIP
from core.model.archive.making import PatchWeights
from core.model.archive.protocol import HeldTensor
from core.model.keras_file import ALONE, OLDER
from core.model.keras_file import SUFFIX as MODEL
from core.model.save_model import made
from core.saving import is_same_file, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.between import Content
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp

NPZ, SAFETENSORS = ".npz", ".safetensors"

OF_KERAS_3 = "HDF5, as Keras 3 saves weights"


class Endings(NamedTuple):
    """What names end in of files that a file's arrays are saved as: of its copies, and of those with them alone."""

    copies: tuple[str, ...]
    alone: tuple[str, ...]


def endings(opened: WeightsFile) -> Endings:
    """Return how the arrays of the file that was ``opened`` can be saved under another name."""
    other = OLDER if opened.format.startswith("HDF5") else (NPZ if "npz" in opened.format else SAFETENSORS,)
    copies = {OF_ZIP: (MODEL,), OF_KERAS_3: (ALONE,)}.get(opened.format, other)
    for_keras = (ALONE,) if all(KEPT.fullmatch(one.path) for one in opened.arrays) else ()
    return Endings(copies, tuple(one for one in (NPZ, SAFETENSORS, *for_keras) if one not in copies))


def save_weights(
    path: Path, held: WeightsFile, opened: WeightsFile, known: Stamp | None = None
) -> tuple[Stamp, WeightsFile]:
    """Save ``held`` at ``path``, and return the file's stamp and what is opened then: that, if it is a copy.

    In a copy of the file that was ``opened`` only those arrays are others that changed since; all else stays: a model,
    what is no array of numbers, names, metadata.

    Raises:
        ChangedMeanwhile: the file there is another one than that ``known``.
        Refused: the name ends in something else, or it can't be written there.
    """
    ending = ALONE if path.name.endswith(ALONE) else path.suffix
    copies, alone = endings(opened)
    is_its_own = opened.path is not None and is_same_file(path, opened.path)
    if is_its_own or (opened.content and ending in copies):
        data = _copy(held, opened)
        stamp = write_whole(path, data, known)
        return stamp, replace(held, path=path, stamp=stamp, content=data)
    if ending not in alone:
        raise Refused(_other_ending(path.name, opened))
    data = ARRAY_FORMATS[ending.removeprefix(".")].data(as_held(held.arrays))
    return write_whole(path, data, known), opened


def _other_ending(name: str, opened: WeightsFile) -> str:
    copies, alone = endings(opened)
    words = f"expected a name that ends in {', '.join((*copies, *alone))}, got {shorten(name)!r}"
    if opened.of_model and name.endswith((MODEL, *OLDER)) and not name.endswith(ALONE):
        return f"{words}: Keras saves a model in another format, with its author's classes if it has such layers"
    return words


def _copy(held: WeightsFile, opened: WeightsFile) -> Content:
    pairs = zip(held.arrays, opened.arrays, strict=True)
    changed = tuple(HeldTensor.of(one) for one, before in pairs if one is not before)
    if not changed:
        return opened.content
    name = shorten("the file" if opened.path is None else opened.path.name)
    return made(PatchWeights(changed), name, opened.content)
