"""A whole model file: read one of any Keras; make a ``.keras`` file, a zip of three members.

Used in the limited process only (:mod:`core.model.archive.process`): damaged files crash the HDF5 library.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused, shorten
from core.limits import allowing, most
from core.model.alone import WeightsAlone
from core.model.archive.compile_settings import compile_config, read_compile
from core.model.archive.earlier import read_hdf5, read_zip
from core.model.archive.gate import is_hdf5, mapping, shown
from core.model.archive.h5 import in_groups, new_weights, read_weights
from core.model.archive.hdf5 import Hdf5
from core.model.archive.json_text import MAX_BYTES, read_json
from core.model.archive.npz import is_npz
from core.model.archive.penalties import unfollowed
from core.model.archive.protocol import Saved
from core.model.archive.remembered import of_optimizer
from core.model.archive.safetensors import is_safetensors
from core.model.archive.zip_file import checked_zip, content_of
from core.model.files.earlier_config import version_of
from core.model.files.file_arrays import InGroups, InOrder, weights_in
from core.model.files.graph_config import read_graph
from core.model.network import Network, require_todays
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.archive.earlier import Earlier
    from core.model.archive.gate import Json
    from core.model.between import Content
    from core.training.recipe import Recipe

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
MEMBERS = (METADATA, CONFIG, WEIGHTS)

WRITTEN_FOR = "3.15.1"
"""The version of Keras whose format new files have."""

JSON_RATIO = 100
FREE_JSON = 1 << 20
"""JSON may be packed up to so many times, and in any case have so many bytes: a thousand equal layers pack to 1/40."""


EPOCH = (1980, 1, 1, 0, 0, 0)


class Held(NamedTuple):
    """What a ``.keras`` file holds, and what of it is not used; see :class:`core.model.archive.protocol.Opened`."""

    network: Network
    weights: Weights
    recipe: Recipe | None
    notes: tuple[str, ...]
    not_followed: tuple[str, ...]
    patches: bool = True


def read_archive(data: Content) -> Held:
    """Return what the model file ``data`` holds, and notes on what of it is not used.

    Raises:
        Refused: it is no such file, or of a kind that can't be shown here.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    earlier = _read_earlier(data)
    if earlier is not None:
        return _held_earlier(earlier)
    with _opened(data) as archive:
        model = _read_config(archive)
        network, notes, penalties = _read_network(model)
        compiled = read_compile(model.get("compile_config"), network.outputs, network.each_output)
        weights = read_weights(content_of(archive, WEIGHTS, data), network)
    not_followed = (*penalties, *compiled.not_followed)
    return Held(network, weights, compiled.recipe, (*notes, *compiled.notes), not_followed)


def _read_earlier(data: Content) -> Earlier | None:
    """Return the model of a file that is no zip of Keras 3's."""
    if is_hdf5(data):
        return read_hdf5(data)
    if is_safetensors(data, len(data)):
        raise WeightsAlone
    with _opened(data) as archive:
        if not is_of_2(archive):
            return None
        return read_zip(_json(archive, CONFIG), _version(archive), content_of(archive, WEIGHTS, data))


def _held_earlier(earlier: Earlier) -> Held:
    network, notes, penalties = _read_network(earlier.model)
    compiled = read_compile(earlier.model.get("compile_config"), network.outputs, network.each_output)
    lines, numbers = network.written.program.lines, network.written.weights
    needed = {weight: lines[number].shape for weight, number in numbers.items()}
    weights = Weights.of_names(network, weights_in(network.graph, needed, earlier.arrays, whole=True))
    not_followed = (*penalties, *compiled.not_followed)
    said = (*earlier.notes, *notes, *compiled.notes)
    return Held(network, weights, compiled.recipe, said, not_followed, patches=isinstance(earlier.arrays, InOrder))


def _read_network(model: Json) -> tuple[Network, list[str], list[str]]:
    """Return the network that ``model`` describes, notes on what of it is not followed, and those of them for a loss.

    Raises:
        Refused: it is none, or can't be calculated to its end here.
    """
    network = Network.of(read_graph(model))
    if network.written.stops:
        raise Refused(network.written.stops)
    if not network.layers:
        raise Refused("expected a model with layers, got one without any; its inputs are its outputs")
    losses, of_training = unfollowed(model)
    return network, [*_of_inputs(model), *losses, *of_training], losses


def _of_inputs(model: Json) -> Iterator[str]:
    """Say of every input that isn't plain in Keras that it is given plainly here, which changes no number."""
    for layer in model["config"]["layers"]:
        config = layer["config"]
        how = next((kind for kind in ("sparse", "ragged") if config.get(kind)), None)
        if layer.get("class_name") == "InputLayer" and how is not None:
            yield f"Its input {shorten(config['name'])} is {how} in Keras; here all of its numbers are given."


def read_parts(data: Content) -> tuple[bytes, InGroups | InOrder, Saved]:
    """Return config.json as Keras 3 has it, all arrays of the layers, and how it was saved, of the file ``data``.

    Raises:
        Refused: it is no such file.
        Exception: it is damaged, as for :func:`read_archive`.
    """
    earlier = _read_earlier(data)
    if earlier is not None:
        return json.dumps(earlier.model).encode(), earlier.arrays, earlier.saved
    with _opened(data) as archive:
        config = json.dumps(_read_config(archive)).encode()
        with Hdf5(content_of(archive, WEIGHTS, data)) as file:
            saved = Saved("zip of Keras 3", shorten(_version(archive)), of_optimizer=of_optimizer(file))
            return config, in_groups(file, file.any_numbers), saved


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


def _opened(data: Content) -> zipfile.ZipFile:
    archive = checked_zip(data)
    names = archive.namelist()
    if is_npz(names):
        raise WeightsAlone
    for name in MEMBERS:
        if name not in names:
            raise Refused(f"expected a model saved by Keras with a member {name}, got a zip file without it")
    return archive


def _read_config(archive: zipfile.ZipFile) -> Json:
    version = _version(archive)
    if not version.startswith("3."):
        raise Refused(f"expected a model saved by Keras 3, got Keras version {shown(version)}; save it with Keras 3")
    return _json(archive, CONFIG)


def is_of_2(archive: zipfile.ZipFile) -> bool:
    """Say whether Keras 2 saved the zip."""
    return _version(archive).startswith("2.")


def _version(archive: zipfile.ZipFile) -> str:
    return version_of(_json(archive, METADATA).get("keras_version", "nothing"))


def _json(archive: zipfile.ZipFile, name: str) -> Json:
    member = archive.getinfo(name)
    usual = min(MAX_BYTES, max(FREE_JSON, JSON_RATIO * member.compress_size))
    if member.file_size > most(usual):
        raise Refused(
            f"expected {name} of at most {most(usual) >> 20:,} MiB for its size in the zip, got {member.file_size:,} "
            f"bytes; {allowing(member.file_size, usual)}"
        )
    return mapping(name, read_json(name, archive.read(name)))
