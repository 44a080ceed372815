"""A model file of any Keras as it is: its description, its arrays, how it was saved; in the limited process only.

Damaged files crash the HDF5 library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.limits import allowing, most
from core.model.alone import WeightsAlone
from core.model.archive.described import JSON, OF_KERAS_3, Described, Saved, version_of
from core.model.archive.earlier_files import read_hdf5, read_zip
from core.model.archive.gate import is_description, is_hdf5, mapping, shown
from core.model.archive.h5 import every_array
from core.model.archive.json_text import MAX_BYTES, read_json
from core.model.archive.npz import is_npz
from core.model.archive.own_class import of_usual_class
from core.model.archive.safetensors import is_safetensors
from core.model.archive.zip_file import checked_zip, content_of

if TYPE_CHECKING:
    import zipfile

    from core.model.archive.gate import Json
    from core.model.between import Content

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
MEMBERS = (METADATA, CONFIG, WEIGHTS)

JSON_RATIO = 100
FREE_JSON = 1 << 20
"""JSON may be packed up to so many times, and in any case have so many bytes: a thousand equal layers pack to 1/40."""


def described(data: Content) -> Described:
    """Return what the model file ``data`` holds.

    Raises:
        Refused: it is no such file.
        WeightsAlone: it has weights and no model.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    return of_usual_class(_described(data))


def _described(data: Content) -> Described:
    if is_hdf5(data):
        return read_hdf5(data)
    if is_safetensors(data, len(data)):
        raise WeightsAlone
    if is_description(data):
        return _described_alone(bytes(data))
    with opened(data) as archive:
        version, weights = _version(archive), content_of(archive, WEIGHTS, data)
        if version.startswith("2."):
            return read_zip(_json(archive, CONFIG), version, weights)
        if not version.startswith("3."):
            raise Refused(
                f"expected a model saved by Keras 3, got Keras version {shown(version)}; save it with Keras 3"
            )
        model = _json(archive, CONFIG)
    held = every_array(weights)
    saved = Saved(OF_KERAS_3, shorten(version), of_optimizer=held.of_optimizer)
    return Described(model, saved, groups=held.arrays, owners=held.owners)


def _described_alone(data: bytes) -> Described:
    """Return the model that ``to_json`` of a Keras described; today's says no version, and which modules."""
    model = mapping("the file", read_json("the file", data))
    if not isinstance(model.get("class_name"), str) or "config" not in model:
        raise Refused("expected a model as to_json of Keras describes it, got other JSON")
    version = "3.0" if "module" in model else version_of(model.pop("keras_version", None))
    return Described(model, Saved(JSON, version, shorten(str(model.pop("backend", "")))))


def opened(data: Content) -> zipfile.ZipFile:
    """Return the zip of a model that Keras saved.

    Raises:
        Refused: it is another zip.
        WeightsAlone: it has weights and no model.
    """
    archive = checked_zip(data)
    names = archive.namelist()
    if is_npz(names):
        raise WeightsAlone
    for name in MEMBERS:
        if name not in names:
            raise Refused(f"expected a model saved by Keras with a member {name}, got a zip file without it")
    return archive


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
