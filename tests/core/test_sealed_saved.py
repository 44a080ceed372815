"""A model with a layer of its author's and a Lambda is saved as a copy of its file: no other bit is another."""

# What is made later says what it is made of as a default, of which mypy can't tell the type.
# mypy: disable-error-code="misc"

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import Refused
from core.layers.sealed import Sealed
from core.layers.writer import Weight
from core.model.archive import model_file
from core.model.archive.alone import every_array
from core.model.archive.gate import is_hdf5
from core.model.archive.patched_model import patch_model
from core.model.files.earlier import as_keras_3
from core.model.files.file_arrays import arrays_of
from core.model.files.layer_config import read_layer
from core.model.files.opening import OpenedGraph, open_any
from core.model.files.saved_graph import save_graph
from core.model.files.whole_graph import WholeGraph
from core.saving import ChangedMeanwhile
from tests.core.made_earlier import spelled_2
from tui import cli

if TYPE_CHECKING:
    from core.model.between import Content

X = np.random.default_rng(0).normal(size=(16, 3)).astype("f4")
TODAY, EARLIER = (".keras", ".h5"), ("2.1.6", "2.2.4-tf", "2.15.0", "zip", "zip from Windows")


class Own(keras.layers.Layer):
    """A person's own layer, with a counter beside its kernel."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 4), name="kernel")
        self.steps = self.add_weight(shape=(), name="steps", dtype="int64", initializer="ones", trainable=False)

    def call(self, inputs: Any) -> Any:
        return 2 * keras.ops.matmul(inputs, self.kernel)


@cache
def trained() -> keras.Model:
    """Return a model with sealed layers, one of them within a model, trained for a moment."""
    keras.utils.set_random_seed(3)
    x = keras.Input((3,), name="x")
    y = Own(name="own")(keras.layers.Dense(4, "tanh", name="before")(x))
    y = keras.layers.Lambda(lambda t: t * 3, output_shape=(4,), name="lam")(y)
    inner = [keras.Input((4,)), keras.layers.Dense(2, name="inner"), Own(name="own_inner")]
    y = keras.layers.BatchNormalization(name="norm")(keras.Sequential(inner, name="within")(y))
    model = keras.Model(x, keras.layers.Dense(1, "sigmoid", name="out")(y))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(X, np.arange(16).reshape(16, 1) % 2, verbose=0)
    return model


@cache
def file_of(kind: str) -> bytes:
    if kind in EARLIER:
        return spelled_2(trained(), kind)[1]
    with TemporaryDirectory() as folder:
        trained().save(path := Path(folder, f"model{kind}"))
        return path.read_bytes()


def described(data: Content) -> WholeGraph:
    as_3 = as_keras_3(model_file.described(data))
    return WholeGraph.by(as_3.model, arrays_of(as_3))


def members(data: Content) -> dict[str, bytes]:
    if is_hdf5(data):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "model.weights.h5"}


def arrays(data: Content) -> dict[str, bytes]:
    """Return every array of a file, the optimizer's too."""
    return {one.path: one.values.tobytes() for one in every_array(data)[1]}


@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from((*TODAY, *EARLIER)), drawn=st.data())
def test_any_bits_of_any_array_are_saved_and_no_other_byte_is_another(kind: str, drawn: st.DataObject) -> None:
    data = file_of(kind)
    before = described(data)
    weight = drawn.draw(st.sampled_from(sorted(before.weights)))
    old = before.weights[weight]
    bits = drawn.draw(st.binary(min_size=old.nbytes, max_size=old.nbytes))
    made = patch_model(data, {weight: np.frombuffer(bits, old.dtype).reshape(old.shape)})
    after = described(made)
    assert after.graph.calls == before.graph.calls and after.weights[weight].tobytes() == bits
    others = before.weights.keys() - {weight}
    assert all(after.weights[one].tobytes() == before.weights[one].tobytes() for one in others)
    held, now = arrays(data), arrays(made)
    assert held.keys() == now.keys() and sum(held[path] != now[path] for path in held) <= 1
    assert members(made) == members(data)
    if kind in TODAY:
        # Beside the numbers, a zip says twice what they are checked by.
        changed = np.frombuffer(data, np.uint8) != np.frombuffer(made, np.uint8)
        assert changed.sum() <= old.nbytes + (0 if is_hdf5(data) else 8)
        assert patch_model(made, before.weights) == data


def written(folder: Path, suffix: str) -> tuple[Path, OpenedGraph]:
    path = folder / f"model{suffix}"
    path.write_bytes(file_of(suffix))
    opened = open_any(path)
    assert isinstance(opened, OpenedGraph)
    return path, opened


@pytest.mark.parametrize("suffix", TODAY)
def test_keras_loads_it_with_its_authors_classes_as_before(suffix: str, tmp_path: Path) -> None:
    path, opened = written(tmp_path, suffix)
    halved = {weight: (array / 2).astype(array.dtype) for weight, array in opened.weights.items()}
    save_graph(tmp_path / f"new{suffix}", opened, halved)
    both = [
        keras.models.load_model(one, custom_objects={"Own": Own}, safe_mode=False)
        for one in (path, tmp_path / f"new{suffix}")
    ]
    old, new = both
    assert [(one / 2).astype(one.dtype).tobytes() for one in old.get_weights()] == [
        one.tobytes() for one in new.get_weights()
    ]
    kept = zip(old.optimizer.variables, new.optimizer.variables, strict=True)
    assert all(np.array_equal(one, other) for one, other in kept)
    assert new.predict(X, verbose=0).shape == (16, 1) and new.get_compile_config() == old.get_compile_config()


def test_only_its_own_format_is_saved_and_a_file_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    kernel = Weight(("own",), "kernel")
    for suffix, other in ((".h5", ".keras"), (".keras", ".h5"), (".keras", ".weights.h5")):
        path, opened = written(tmp_path, suffix)
        with pytest.raises(Refused, match=r"got 'x\..*': a model with layers that are not followed here"):
            save_graph(tmp_path / f"x{other}", opened, {})
    with pytest.raises(Refused, match="expected the array own/kernel as it was opened"):
        save_graph(path, opened, {kernel: np.zeros((4, 4), "f4")})
    path.write_bytes(file_of(".keras")[:-1] + b" ")
    with pytest.raises(ChangedMeanwhile):
        save_graph(path, opened, {})
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model.h5", "model.keras"]


def test_a_registered_class_in_hdf5_is_its_authors_and_its_arrays_have_rows() -> None:
    entry = {"class_name": "mine>Own", "config": {"name": "own", "dtype": "float32"}}
    layer = read_layer(entry)
    assert isinstance(layer, Sealed) and layer.why == "a class of the person who saved it"
    held = replace(layer, arrays=(("kernel", (2, 3)), ("bias", (3,)), ("all", (2, 3, 4)), ("steps", ())))
    axes = [held.axes_of(name) for name in ("kernel", "bias", "all", "steps")]
    assert axes == [("row", "place"), ("row",), ("axis 1", "axis 2", "axis 3"), ()]


def test_a_file_of_another_name_is_saved_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(file_of(".h5"))
    opened = open_any(path)
    assert isinstance(opened, OpenedGraph)
    kernel = np.full((4, 4), 0.5, "f4")
    save_graph(path, opened, {Weight(("own",), "kernel"): kernel})
    again = open_any(path)
    assert isinstance(again, OpenedGraph)
    assert again.weights[Weight(("own",), "kernel")].tobytes() == kernel.tobytes()


def test_what_weights_writes_of_a_sealed_layer_set_weights_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = written(tmp_path, ".h5")
    new = tmp_path / "new.h5"
    assert cli.main(["weights", str(path), "own"]) == 0
    text = capsys.readouterr().out
    assert "dtype=np.int64" in text
    assert cli.main(["set-weights", str(path), "own", text, "--out", str(new)]) == 0
    assert "own now holds the 17 numbers given" in capsys.readouterr().out
    assert new.read_bytes() == path.read_bytes()
    assert cli.main(["set-weights", str(path), "own", text.replace("(1,", "(1.5,"), "--out", str(new)]) == 2
    assert "own: expected int64 numbers for steps, got 1.5" in capsys.readouterr().err


@pytest.mark.parametrize(("suffix", "other"), [TODAY, TODAY[::-1]])
def test_a_sealed_model_is_given_the_weights_of_another_file(suffix: str, other: str, tmp_path: Path) -> None:
    path, opened = written(tmp_path, suffix)
    giver, _ = written(tmp_path, other)
    zeros = tmp_path / f"zeros{suffix}"
    save_graph(zeros, opened, {weight: np.zeros_like(array) for weight, array in opened.weights.items()})
    assert cli.main(["weights", str(zeros), "--give", str(giver), "--out", str(tmp_path / f"new{suffix}")]) == 0
    assert (tmp_path / f"new{suffix}").read_bytes() == path.read_bytes() != zeros.read_bytes()
