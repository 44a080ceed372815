"""A whole model file made: a ``.keras`` file, a zip of three members, or one with other weights in it.

Used in the limited process only (:mod:`core.model.archive.maker`): damaged files crash the HDF5 library.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.archive.compile_settings import compile_config, with_loss
from core.model.archive.config import with_trainable
from core.model.archive.gate import mapping
from core.model.archive.h5_written import new_weights, with_weights, without_optimizer_arrays
from core.model.archive.json_text import read_json
from core.model.archive.model_file import CONFIG, MEMBERS, WEIGHTS, described, opened
from core.model.archive.zip_file import same_member
from core.model.files.assembled import Assembled, assembled
from core.model.files.earlier import as_keras_3
from core.model.network import require_todays

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
    return confirmed(buffer.getvalue(), network, weights)


def patch_archive(data: Content, network: Network, weights: Weights, recipe: Recipe | None = None) -> bytes:
    """Return the ``.keras`` file ``data``, which is one of ``network``, with ``weights`` in place of its own.

    Every other member, and whatever else is beside the layers' arrays, stays as it is. Where other layers are frozen
    than in ``data``, config.json says so, and the optimizer's arrays, which are of other weights then, are left out.
    Where ``recipe`` has another loss, or other settings of it, config.json says so too.

    Raises:
        Refused: it is a file of another network.
    """
    held = read_archive(data).network
    if held.unfrozen != network.unfrozen:
        raise Refused("expected the layers that the file was opened with, got others; save the model under a new name")
    buffer = io.BytesIO()
    with opened(data) as old, zipfile.ZipFile(buffer, "w") as new:
        new.comment = old.comment
        for member in old.infolist():
            content = old.read(member)
            if member.filename == WEIGHTS:
                content = with_weights(content, network, weights)
                content = content if held.config == network.config else without_optimizer_arrays(content)
            elif member.filename == CONFIG:
                content = _patched_config(content, network, held.config != network.config, recipe)
            new.writestr(same_member(member), content)
    return confirmed(buffer.getvalue(), network, weights)


def _patched_config(content: bytes, network: Network, freezes: bool, recipe: Recipe | None) -> bytes:
    """Return config.json with layers frozen as those of ``network`` are, if it ``freezes``, and ``recipe``'s loss."""
    model = mapping(CONFIG, read_json(CONFIG, content))
    patched = with_trainable(model, network) if freezes else model
    compiled = patched.get("compile_config")
    if recipe is not None and isinstance(compiled, dict):
        patched = {**patched, "compile_config": with_loss(compiled, recipe, network.outputs, network.each_output)}
    return content if patched == model else json.dumps(patched).encode()


def confirmed(data: bytes, network: Network, weights: Weights) -> bytes:
    """Return ``data`` after reading it back, because an old file must not give way to one that can't be opened."""
    held = read_archive(data)
    if held.network.config != network.config or not held.weights.equal(weights):
        raise Refused("expected to read back what was written, got something else; save the model under a new name")
    return data
