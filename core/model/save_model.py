"""Saves models, and asks the limited process that makes their files: nothing of an old one is parsed in this one."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

from core.engine.protocol import to_tensors
from core.errors import Refused, shorten
from core.model.archive.gate import is_hdf5
from core.model.archive.making import PatchArchive, Request, WriteArchive, Written, read_answer
from core.model.archive.protocol import encode
from core.model.between import FileInMemory
from core.model.keras_file import ALONE, OLDER, SUFFIX, answering, exchanged
from core.saving import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.between import Content
    from core.model.network import Network
    from core.model.weights import Weights
    from core.saving import Stamp
    from core.training.recipe import Recipe

MAKER = (sys.executable, "-I", "-m", "core.model.archive.maker")


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
    require_name(path, archive)
    if archive is None or (is_hdf5(archive) and path.suffix == SUFFIX):
        now = datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
        data = made(WriteArchive(network, to_tensors(weights.layers), recipe, now), name)
    else:
        request = PatchArchive.of(weights.by_name(network), network, recipe)
        data = made(request, name, archive)
    return write_whole(path, data, known)


def require_name(path: Path, archive: Content | None) -> None:
    """Refuse a name by whose ending a model that was opened from ``archive``, if from any, can't be saved."""
    name = shorten(path.name)
    if path.name.endswith(ALONE):
        raise Refused(f"expected a name of a whole model, got {name!r}; {ALONE} is for weights that are taken away")
    if path.suffix in OLDER and not is_hdf5(archive):
        raise Refused(f"expected a name that ends in {SUFFIX}, got {name!r}: HDF5 is for models opened from HDF5")
    if path.suffix not in (SUFFIX, *OLDER):
        raise Refused(f"expected a name that ends in {SUFFIX}, as Keras wants it, got {name!r}")


def made(request: Request, name: str, old: Content = b"") -> Content:
    """Return the file that the limited process makes, of an ``old`` one if that is changed; it is called ``name``.

    Raises:
        NoAnswer: it crashed, took too long or could not be started.
        Refused: it refused.
    """
    failed = f"{name} could not be saved: making the file {{}}; it is as it was, save under a new name"
    with answering(failed):
        answer = read_answer(exchanged(encode(request), FileInMemory.of(old), failed, MAKER))
    if not isinstance(answer, Written):
        raise Refused(f"{name}: {answer.message}")
    return answer.data
