"""Frozen layers in ``.keras`` files that are saved again, with Keras itself as the witness."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import h5py
import keras
import numpy as np
import pytest

from core.engine.built import build
from core.errors import Refused
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


def wrapped() -> keras.Model:
    """Return a model of layers within layers, one of which is frozen alone."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.TimeDistributed(layers.Dense(3), name="each"),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="both"),
            layers.RNN([layers.GRUCell(2), layers.GRUCell(2)], name="cells"),
            layers.Dense(1, name="out"),
        ]
    )
    model.layers[1].forward_layer.trainable = False
    return model


def test_what_keras_can_t_be_told_is_frozen_is_not_told_so(tmp_path: Path) -> None:
    layers = keras.layers
    within = keras.Sequential([keras.Input((4, 3)), layers.SpatialDropout1D(0.3), layers.Conv1D(2, 2)], name="within")
    functional = keras.Model(x := keras.Input((4, 3)), layers.SpatialDropout1D(0.3)(within(x * 2.0)), name="functional")
    model = keras.Sequential([keras.Input((2, 4, 3)), layers.TimeDistributed(functional, name="each")])
    model.save(tmp_path / "m.keras")
    opened = open_model(tmp_path / "m.keras")
    network = opened.network.with_trained((opened.network.index("each"),), False)
    for name, archive in (("copy", opened.archive), ("new", None)):
        save_model(tmp_path / f"{name}.keras", network, opened.weights, None, archive)
        assert not keras.models.load_model(tmp_path / f"{name}.keras").trainable_weights
    assert not build(network).trainable_weights


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", ["each", "both", "cells", "out"])
def test_a_layer_is_frozen_and_thawed_with_all_that_is_within_it(suffix: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{suffix}"
    (model := wrapped()).save(path)
    opened = open_model(path)
    place, held = opened.network.index(name), {layer.name: len(layer.trainable_weights) for layer in model.layers}
    network = opened.network
    if (name, suffix) == ("both", ".h5"):
        # Its arrays are in the order of what is trained, here those of its second layer first.
        with pytest.raises(Refused, match=r"got both otherwise: that can't be in place in it; save it as \.keras"):
            save_model(path, network.with_trained((place,), False), opened.weights, None, opened.archive)
        path, opened = tmp_path / "new.keras", replace(opened, archive=None)
    for trains in (False, True):
        network = network.with_trained((place,), trains)
        save_model(path, network, opened.weights, None, opened.archive)
        again, loaded = open_model(path), keras.models.load_model(path)
        assert again.network == network
        (layer,) = (one for one in loaded.layers if one.name == name)
        assert len(layer.trainable_weights) == trains * len(layer.weights)
        others = {one.name: len(one.trainable_weights) for one in loaded.layers if one.name in {*held} - {name}}
        assert others == {other: count for other, count in held.items() if other != name}
