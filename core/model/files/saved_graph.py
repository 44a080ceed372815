"""Saving a model that has layers that are not followed: a copy of its file with other numbers for some weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.model.archive.described import JSON
from core.model.archive.gate import is_hdf5
from core.model.archive.making import PatchArchive
from core.model.keras_file import ALONE, OLDER, SUFFIX
from core.model.save_model import made
from core.saving import is_same_file, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.arrays import KerasArray
    from core.layers.writer import Weight
    from core.model.files.opening import OpenedGraph
    from core.saving import Stamp


def save_graph(path: Path, model: OpenedGraph, changed: Mapping[Weight, KerasArray]) -> Stamp:
    """Save ``model`` at ``path`` with other numbers for the ``changed`` weights, and return the file's stamp.

    All else is as in the file that it was opened from: what its author's layers need, the optimizer's state.

    Raises:
        ChangedMeanwhile: it is that file, and somebody else has changed it since.
        Refused: the name is one of another format, or it can't be written there. An old file is as it was.
    """
    require_own_name(path, model)
    data = made(PatchArchive.of(changed), shorten(path.name), model.archive)
    return write_whole(path, data, model.stamp if _is_its_own(path, model) else None)


def require_own_name(path: Path, model: OpenedGraph) -> None:
    """Refuse a name that is neither the model's own nor one of its file's format."""
    if model.saved.format == JSON:
        raise Refused(
            "expected a file with a model's arrays to save a copy of, got a description without any; Keras, with its "
            "author's classes, makes a whole one"
        )
    own = OLDER if is_hdf5(model.archive) else (SUFFIX,)
    if not _is_its_own(path, model) and (path.suffix not in own or path.name.endswith(ALONE)):
        raise Refused(
            f"expected a name that ends in {' or '.join(own)}, got {shorten(path.name)!r}: a model with layers that "
            "are not followed here is saved as a copy of its file; Keras, with its author's classes, saves it in "
            "another format"
        )


def _is_its_own(path: Path, model: OpenedGraph) -> bool:
    return model.path is not None and is_same_file(path, model.path)
