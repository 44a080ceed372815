"""A model that was opened from HDF5 is saved to it again: its arrays in place, all else as it was; Keras is asked."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import h5py
import keras
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.running import predictions
from core.errors import Refused
from core.model.archive.put import Places
from core.model.archive.whole import read_archive, write_archive
from core.model.files.opening import OpenedModel, open_model
from core.model.initial import initial_weights
from core.model.save_model import save_model
from core.model.weights import Weights
from core.training.recipe import Recipe
from tests.core.made_earlier import drawn as drawn_weights
from tests.core.made_earlier import renamed, spelled_otherwise
from tests.hdf5_files import BIAS, CHAIN, CHAIN_FILE, CHAIN_MAKES, KERNEL, POINTS, drawn, hdf5, layer, saved_with

if TYPE_CHECKING:
    from pathlib import Path

X = np.random.default_rng(0).normal(size=(32, 6, 3)).astype("f4")


def compiled() -> keras.Model:
    """Return a model with all that an HDF5 file can have, trained for a moment."""
    keras.utils.set_random_seed(3)
    x = keras.Input((6, 3), name="x")
    y = keras.layers.LSTM(4, name="lstm")(x)
    inner = [keras.Input((4,)), keras.layers.Dense(4, name="inner"), keras.layers.BatchNormalization(name="norm")]
    within = keras.Sequential(inner, name="within")
    y = within(keras.layers.Dropout(0.2)(y))
    y = keras.layers.Dense(3, "relu", kernel_regularizer="l2", name="dense")(y)
    model = keras.Model(x, keras.layers.Dense(1, "sigmoid", name="out")(y))
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, np.arange(32).reshape(32, 1) % 2, epochs=2, verbose=0)
    return model


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hdf5") / "model.h5"
    compiled().save(path)
    return path


def contents(data: bytes) -> dict[str, Any]:
    """Return every attribute and array of an HDF5 file."""
    found: dict[str, Any] = {}

    def visit(path: str, one: Any) -> None:
        found.update({f"{path}@{name}": str(value) for name, value in one.attrs.items()})
        if isinstance(one, h5py.Dataset):
            found[path] = (one.dtype.str, one.shape, one[()].tobytes())

    with h5py.File(io.BytesIO(data)) as file:
        visit("", file)
        file.visititems(visit)
    return found


def other(opened: OpenedModel) -> Weights:
    return initial_weights(opened.network, seed=9)


@pytest.mark.limited
@pytest.mark.parametrize("suffix", ["h5", "hdf5", "keras"])
def test_keras_has_of_the_saved_file_what_is_calculated_here(suffix: str, saved: Path, tmp_path: Path) -> None:
    opened, path = open_model(saved), tmp_path / f"new.{suffix}"
    weights = other(opened)
    save_model(path, opened.network, weights, opened.recipe, opened.archive)
    loaded = keras.models.load_model(path)
    made = predictions(opened.network.graph, weights.by_name(opened.network), [X])[0]
    np.testing.assert_allclose(loaded.predict(X, verbose=0), made, rtol=1e-5, atol=1e-6)
    again = open_model(path)
    assert again.weights.equal(weights) and again.network.config == opened.network.config


def test_only_the_layers_arrays_are_changed_so_that_keras_has_the_optimizers_too(saved: Path, tmp_path: Path) -> None:
    opened, path = open_model(saved), tmp_path / "new.h5"
    save_model(path, opened.network, other(opened), opened.recipe, opened.archive)
    before, after = contents(saved.read_bytes()), contents(path.read_bytes())
    changed = {name for name in before if before[name] != after[name]}
    assert list(before) == list(after) and len(path.read_bytes()) == saved.stat().st_size
    assert changed and all(name.startswith("model_weights/") and "@" not in name for name in changed)
    loaded, first = keras.models.load_model(path), keras.models.load_model(saved)
    assert int(loaded.optimizer.iterations) == 2
    kept = zip(loaded.optimizer.variables, first.optimizer.variables, strict=True)
    assert all(np.array_equal(one, held) for one, held in kept)


def test_what_was_opened_is_saved_byte_for_byte(saved: Path, tmp_path: Path) -> None:
    opened = open_model(saved)
    save_model(tmp_path / "new.h5", opened.network, opened.weights, opened.recipe, opened.archive)
    assert (tmp_path / "new.h5").read_bytes() == saved.read_bytes()


def test_another_loss_is_said_in_the_file(saved: Path, tmp_path: Path) -> None:
    opened, path = open_model(saved), tmp_path / "new.h5"
    assert opened.recipe is not None
    recipe = msgspec.structs.replace(opened.recipe, loss="huber", loss_options=(("delta", 2.0),))
    save_model(path, opened.network, opened.weights, recipe, opened.archive)
    again = open_model(path).recipe
    assert again is not None and (again.loss, dict(again.loss_options)["delta"]) == ("huber", 2.0)
    loss = keras.models.load_model(path).loss
    assert float(loss(np.zeros((1, 1)), np.full((1, 1), 4.0))) == 2 * (4 - 2 / 2)


def frozen(opened: OpenedModel, name: str) -> OpenedModel:
    return replace(opened, network=opened.network.with_trained([opened.network.index(name)], False))


def test_a_frozen_layer_is_frozen_in_the_file_and_the_optimizer_begins_anew(saved: Path, tmp_path: Path) -> None:
    opened, path = frozen(open_model(saved), "dense"), tmp_path / "new.h5"
    save_model(path, opened.network, opened.weights, opened.recipe, opened.archive)
    loaded = keras.models.load_model(path)
    assert not loaded.get_layer("dense").trainable and loaded.get_layer("out").trainable
    assert int(loaded.optimizer.iterations) == 0
    before = {one.path: one.numpy().tobytes() for one in keras.models.load_model(saved).weights}
    assert {one.path: one.numpy().tobytes() for one in loaded.weights} == before
    assert open_model(path).weights.equal(opened.weights)


def test_a_layer_of_a_model_within_is_frozen_only_as_keras(saved: Path, tmp_path: Path) -> None:
    opened = frozen(open_model(saved), "within/inner")
    with pytest.raises(Refused, match=r"got within/inner otherwise: .* save it as \.keras"):
        save_model(tmp_path / "new.h5", opened.network, opened.weights, opened.recipe, opened.archive)
    save_model(tmp_path / "new.keras", opened.network, opened.weights, opened.recipe, opened.archive)
    assert not keras.models.load_model(tmp_path / "new.keras").get_layer("within").get_layer("inner").trainable


def test_an_old_file_stays_one_of_its_keras(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    path.write_bytes(CHAIN_FILE)
    opened = open_model(path)
    weights = Weights.for_network(opened.network, [(KERNEL + 1, BIAS - 1)])
    save_model(path, opened.network, weights, opened.recipe, opened.archive)
    again = open_model(path)
    assert again.weights.equal(weights) and "saved by Keras 2.1.3" in again.notes[0]
    before, after = contents(CHAIN_FILE), contents(path.read_bytes())
    assert {name for name in before if before[name] != after[name]} == {
        "model_weights/hidden/hidden/kernel:0", "model_weights/hidden/hidden/bias:0"
    }  # fmt: skip
    np.testing.assert_allclose(np.tanh(POINTS @ KERNEL + BIAS), CHAIN_MAKES)


def of_gates(activation: str = "sigmoid") -> bytes:
    arrays = {f"lstm_{part}_{gate}": drawn(*shape) for gate in "icfo" for part, shape in GATE.items()}
    config = layer("LSTM", "lstm", batch_input_shape=[None, 5, 3], output_dim=2, inner_activation=activation)
    return hdf5({"class_name": "Sequential", "config": [config]}, "1.2.2", {"lstm": arrays})


GATE = {"W": (3, 2), "U": (2, 2), "b": (2,)}


def halves() -> bytes:
    arrays = {"hidden/kernel:0": KERNEL.astype("f2"), "hidden/bias:0": BIAS.astype("f2")}
    return hdf5({"class_name": "Sequential", "config": [CHAIN]}, "2.1.3", {"hidden": arrays})


def along_one_axis(shape: tuple[int, ...]) -> bytes:
    conv = layer("Convolution1D", "conv", batch_input_shape=[None, 5, 2], nb_filter=3, filter_length=2,
                 border_mode="valid", subsample_length=1, activation="linear", bias=True)  # fmt: skip
    arrays = {"conv_W": drawn(*shape), "conv_b": drawn(3)}
    return hdf5({"class_name": "Sequential", "config": [conv]}, "1.2.2", {"conv": arrays})


OLD = {
    "an array for every gate": of_gates(),
    "an array for every gate, and Keras 2's hard_sigmoid": of_gates("hard_sigmoid"),
    "a kernel of an axis more": along_one_axis((2, 1, 2, 3)),
    "a kernel of an axis more, turned": along_one_axis((3, 2, 2, 1)),
}


@pytest.mark.parametrize("name", OLD)
def test_arrays_that_are_joined_or_turned_when_read_are_written_where_they_come_from(name: str) -> None:
    data = OLD[name]
    held = read_archive(data)
    weights = initial_weights(held.network, seed=9)
    patched = saved_with(data, held.network, weights)
    assert read_archive(patched).weights.equal(weights) and not held.weights.equal(weights)
    assert saved_with(patched, held.network, held.weights) == data


def test_what_the_file_cannot_hold_is_refused_and_saved_as_keras(tmp_path: Path) -> None:
    path, data = tmp_path / "old.h5", halves()
    path.write_bytes(data)
    opened = open_model(path)
    with pytest.raises(
        Refused, match=r"as numbers that float16 holds, as the file has it, got others: .*; save it as \.keras"
    ):
        save_model(path, opened.network, other(opened), opened.recipe, opened.archive)
    assert path.read_bytes() == data
    save_model(tmp_path / "new.keras", opened.network, other(opened), opened.recipe, opened.archive)
    assert open_model(tmp_path / "new.keras").weights.equal(other(opened))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("new.weights.h5", "expected a name of a whole model"),
        ("new.h5", "HDF5 is for models opened from HDF5"),
        ("new.txt", "expected a name that ends in .keras"),
    ],
)
def test_names_are_those_of_what_is_written(name: str, said: str, tmp_path: Path) -> None:
    network = read_archive(CHAIN_FILE).network
    with pytest.raises(Refused, match=said):
        save_model(tmp_path / name, network, initial_weights(network, 0), None, None)
    assert not list(tmp_path.iterdir())


def test_a_file_of_other_layers_is_refused() -> None:
    held = read_archive(CHAIN_FILE)
    other_file = CHAIN_FILE.replace(b"hidden", b"hidder")
    with pytest.raises(Refused, match=r"expected the layers that the file was opened with.*as \.keras"):
        saved_with(other_file, held.network, held.weights)


BITS = st.lists(st.integers(0, 2**32 - 1), min_size=9, max_size=9)


@settings(max_examples=40, deadline=None)
@given(bits=BITS)
def test_reading_saving_and_reading_again_changes_no_bit(bits: list[int]) -> None:
    numbers = np.array(bits, "<u4").view("<f4")
    arrays = {"hidden/kernel:0": numbers[:6].reshape(2, 3), "hidden/bias:0": numbers[6:]}
    data = hdf5({"class_name": "Sequential", "config": [CHAIN]}, "2.1.3", {"hidden": arrays})
    held = read_archive(data)
    assert b"".join(one.tobytes() for one in held.weights.layers[0]) == numbers.tobytes()
    assert saved_with(data, held.network, held.weights) == data
    patched = saved_with(CHAIN_FILE, held.network, held.weights)
    as_keras = write_archive(held.network, held.weights, Recipe(), "2026-01-01@00:00:00")
    for again in (patched, as_keras, saved_with(as_keras, held.network, held.weights)):
        assert read_archive(again).weights.equal(held.weights)


def test_the_configuration_is_read_as_it_was_written(saved: Path) -> None:
    with h5py.File(saved) as file:
        assert json.loads(file.attrs["model_config"])["class_name"] == "Functional"


def test_a_bias_that_the_file_has_in_two_is_not_written_and_all_others_are(tmp_path: Path) -> None:
    model = drawn_weights(keras.Sequential(next(renamed())))
    _, data = spelled_otherwise(model)
    (tmp_path / "old.h5").write_bytes(data)
    opened = open_model(tmp_path / "old.h5")
    lstm, gru, dense = opened.weights.layers
    others = opened.weights.with_layer(1, tuple(array * 2 for array in gru)).with_layer(2, (dense[0] * 2, dense[1]))
    save_model(tmp_path / "new.h5", opened.network, others, opened.recipe, opened.archive)
    assert open_model(tmp_path / "new.h5").weights.equal(others)
    with pytest.raises(Refused, match="got two of a CuDNNLSTM: that can't be in place"):
        changed = opened.weights.with_layer(0, tuple(array * 2 for array in lstm))
        save_model(tmp_path / "new.h5", opened.network, changed, opened.recipe, opened.archive)


def test_places_take_four_bytes_each_as_long_as_these_tell_them_apart() -> None:
    some = SimpleNamespace(shape=(2, 3))
    places = Places(SimpleNamespace(stored=lambda *_: SimpleNamespace(size=6)))  # type: ignore[arg-type]
    assert places.of(some, "a").dtype == np.int32
    assert places.of(some, "b").tolist() == [[6, 7, 8], [9, 10, 11]]
    places._begins.append(np.iinfo(np.int32).max)
    assert places.of(some, "c").dtype == np.int64


BLOCK = b"a block of its author's own"


def stored_otherwise(data: bytes, block: int = 0, **how: Any) -> bytes:
    """Return the same file with its arrays stored in another way, and a user block before it."""
    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(data)) as old, h5py.File(buffer, "w", userblock_size=block or None) as new:
        old.copy("model_weights", new)
        new.attrs.update(old.attrs)
        arrays = list[str]()
        new.visititems(lambda path, one: arrays.append(path) if isinstance(one, h5py.Dataset) else None)
        for path in arrays:
            values = new[path][()]
            del new[path]
            new.create_dataset(path, data=values, **how)
    made = buffer.getvalue()
    return BLOCK + made[len(BLOCK) :] if block else made


def compact(data: bytes) -> bytes:
    """Return the same file with its arrays beside their names, as HDF5 can keep small ones."""
    buffer = io.BytesIO(data)
    with h5py.File(buffer, "r+") as file:
        group = file["model_weights/hidden/hidden"]
        for name in ("kernel:0", "bias:0"):
            values, kept = group[name][()], h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            del group[name]
            kept.set_layout(h5py.h5d.COMPACT)
            space = h5py.h5s.create_simple(values.shape)
            h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, kept).write(
                h5py.h5s.ALL, h5py.h5s.ALL, values
            )
    return buffer.getvalue()


STORED = {
    "behind a block": lambda: stored_otherwise(CHAIN_FILE, 512),
    "behind a large block": lambda: stored_otherwise(CHAIN_FILE, 1 << 20),
    "behind a block, packed": lambda: stored_otherwise(CHAIN_FILE, 1024, compression="gzip", chunks=True),
    "by lzf": lambda: stored_otherwise(CHAIN_FILE, compression="lzf", chunks=True),
    "with a checksum": lambda: stored_otherwise(
        CHAIN_FILE, compression="gzip", shuffle=True, fletcher32=True, chunks=True
    ),
    "big end first": lambda: stored_otherwise(CHAIN_FILE, dtype=">f4"),
    "beside their names": lambda: compact(CHAIN_FILE),
}


@pytest.mark.parametrize("stored", STORED)
def test_arrays_are_read_and_saved_however_hdf5_stores_them(stored: str, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(data := STORED[stored]())
    model = open_model(path)
    made = predictions(model.network.graph, model.weights.by_name(model.network), [POINTS])[0]
    np.testing.assert_allclose(made, CHAIN_MAKES, atol=1e-6)
    other = Weights.of_names(
        model.network, {name: one * 2 for name, one in model.weights.by_name(model.network).items()}
    )
    save_model(path, model.network, other, None, model.archive, model.stamp)
    again = path.read_bytes()
    assert again[: len(BLOCK)] == data[: len(BLOCK)]
    assert open_model(path).weights.equal(other)
    before, after = contents(data), contents(again)
    assert {name for name in before if before[name] != after[name]} == {
        f"model_weights/hidden/hidden/{name}:0" for name in ("kernel", "bias")
    }


def test_arrays_in_a_model_that_keras_loaded_frozen_are_found_by_their_names(tmp_path: Path) -> None:
    # Of a ConvLSTM1D that was frozen in its file Keras trains the cell, and so saves its arrays first.
    x, kl = keras.Input((3, 2, 2)), keras.layers
    deeper = keras.Sequential([x, kl.GroupNormalization(1), kl.Dense(2)], name="deeper")
    within = keras.Sequential([x, deeper, kl.ConvLSTM1D(2, 1), kl.BatchNormalization()], name="within")
    within.trainable = False
    keras.Model(x, kl.Dense(1)(within(x))).save(tmp_path / "frozen.keras")
    model = keras.models.load_model(tmp_path / "frozen.keras")
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.1, 1, array.shape) for array in model.get_weights()])
    model.save(tmp_path / "frozen.h5")
    opened = open_model(tmp_path / "frozen.h5")
    arrays = [array.tobytes() for layer in opened.weights.layers for array in layer]
    assert arrays == [array.tobytes() for array in model.get_weights()]
    changed = opened.weights.with_number(0, 0, (1,), 0.25)
    save_model(tmp_path / "changed.h5", opened.network, changed, opened.recipe, opened.archive)
    expected = [array.tobytes() for layer in changed.layers for array in layer]
    assert [one.tobytes() for one in keras.models.load_model(tmp_path / "changed.h5").get_weights()] == expected
