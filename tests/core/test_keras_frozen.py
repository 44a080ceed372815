"""Frozen layers in ``.keras`` files that are saved again, with Keras itself as the witness."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from core.model.files.opening import open_model
from core.model.save_model import save_model
from tests.core.frozen import frozen, trained
from tests.core.keras_oracle import load
from tests.hdf5_files import saved_with

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("small", ("hidden",)),
        ("small", ("hidden", "output")),
        ("mixed", ("dense", "dense_1")),
        ("deferred", ("dense_4",)),
        ("asleep", ("one",)),
        ("half", ()),
        # As many arrays of the optimizer as before, and of other shapes.
        ("half", ("output",)),
    ],
)
def test_an_opened_file_is_saved_with_other_layers_frozen(
    saved: tuple[Path, dict[str, Any]], tmp_path: Path, name: str, names: tuple[str, ...]
) -> None:
    folder, witness = saved
    before = open_model(folder / f"{name}.keras")
    assert witness[name]["trained"] == trained(before.network)
    network, path = frozen(before.network, *names), tmp_path / "frozen.keras"
    assert network != before.network
    save_model(path, network, before.weights, None, before.archive)
    found, after = load(path), open_model(path)
    assert found["trained"] == trained(network)
    for what in ("outputs", "weights", "loss", "rate"):
        assert found[what] == witness[name][what]
    assert (after.network, after.recipe, after.notes) == (network, before.recipe, before.notes)


@pytest.mark.parametrize("name", ["small", "mixed", "plain", "deferred", "asleep", "half"])
def test_freezing_changes_nothing_else_in_the_file(saved: tuple[Path, dict[str, Any]], name: str) -> None:
    opened = open_model(saved[0] / f"{name}.keras")
    network = frozen(opened.network, *(layer.name for layer in opened.network.layers[:1] if name != "half"))
    archive = (saved[0] / f"{name}.keras").read_bytes()
    before, after = members(archive), members(saved_with(archive, network, opened.weights))
    configs = [json.loads(held["config.json"]) for held in (before, after)]
    assert configs[0] != configs[1]
    for config in configs:
        for part in (config["config"], *(layer["config"] for layer in config["config"]["layers"])):
            part.pop("trainable", None)
    assert configs[0] == configs[1]
    held, kept = (arrays_in(archive["model.weights.h5"]) for archive in (before, after))
    left_out = held.keys() - kept.keys()
    assert all(place.startswith("optimizer/") and np.ndim(held[place]) for place in left_out)
    assert kept == {place: numbers for place, numbers in held.items() if place not in left_out}
    changing = {"config.json", "model.weights.h5"}
    assert list(before) == list(after)
    assert all(before[member] == after[member] for member in before if member not in changing)


def arrays_in(data: bytes) -> dict[str, Any]:
    """Return every dataset of an HDF5 file as lists, by its place."""
    found: dict[str, Any] = {}
    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(lambda place, held: found.update({place: held[()].tolist()} if hasattr(held, "dtype") else {}))
    return found


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}
