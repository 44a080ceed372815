"""A whole model file made: a ``.keras`` file, a zip of three members.

Used in the limited process only (:mod:`core.model.archive.maker`): damaged files crash the HDF5 library.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.archive.compile_settings import compile_config
from core.model.archive.h5_written import new_weights
from core.model.archive.model_file import MEMBERS, described
from core.model.files.assembled import Assembled, assembled
from core.model.files.earlier import as_keras_3
from core.model.todays import require_todays

if TYPE_CHECKING:
    from core.model.between import Content
    from core.model.network import Network
    from core.model.weights import Weights
    from core.training.recipe import Recipe

WRITTEN_FOR = "3.15.1"
"""The version of Keras whose format new files have."""

EPOCH = (1980, 1, 1, 0, 0, 0)


def read_archive(data: Content) -> Assembled:
    """Return what the model file ``data`` holds.

    Raises:
        Refused: it is no such file, or of a kind whose calculation can't be done here to its end.
        Exception: it is damaged, as for :func:`~core.model.archive.model_file.described`.
    """
    return assembled(as_keras_3(described(data)))


def write_archive(network: Network, weights: Weights, recipe: Recipe | None, date: str) -> bytes:
    """Return a new ``.keras`` file that says it was saved at ``date``; the same input gives the same bytes.

    Raises:
        Refused: the network has names that Keras does not take.
    """
    if not network.layers:
        raise Refused("expected a model with layers to save, got one without any")
    require_todays(network)
    model = json.loads(network.config)
    if recipe is not None:
        model["compile_config"] = compile_config(recipe, network.outputs, network.each_output)
    metadata = {"keras_version": WRITTEN_FOR, "date_saved": date}
    contents = (json.dumps(metadata).encode(), json.dumps(model).encode(), new_weights(network, weights))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in zip(MEMBERS, contents, strict=True):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    data = buffer.getvalue()
    held = read_archive(data)
    # Here, because an old file must not give way to one that can't be opened.
    if held.network.config != network.config or not held.weights.equal(weights):
        raise Refused("expected to read back what was written, got something else; save the model under a new name")
    return data
