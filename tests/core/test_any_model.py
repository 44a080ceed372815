"""Models of any layers and calls, saved by Keras: opened, calculated, listed and opened number by number."""

from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
import pytest
from keras import layers as kl

from core.calculation.calculated import calculated
from core.calculation.running import predictions
from core.engine.built import build
from core.errors import Refused
from core.export.calculation.explanation import explain
from core.export.calculation.text import text_page
from core.export.opened import opened
from core.formatting import Notation
from core.layers.activation_layers import Activation
from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.dense import Dense
from core.model.files.opening import open_graph, open_model
from core.model.giving import giving
from core.model.graph import Input, chain
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.save_model import save_model
from core.model.summary import summary
from core.model.weights_file import open_weights
from core.operations.rounding import EXACT, Rounding
from tests.hdf5_files import CHAIN_FILE, CHAIN_MAKES, POINTS
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _recurrent() -> Any:
    words = keras.Input((None,), dtype="int32", name="words")
    x = kl.Embedding(7, 4, mask_zero=True, name="embedding")(words)
    x = kl.Bidirectional(kl.LSTM(3, return_sequences=True), name="both")(x)
    x = kl.TimeDistributed(kl.Dense(2, "relu"), name="each")(x)
    return keras.Model(words, kl.Dense(3, "softmax", name="classes")(kl.GRU(4, name="gru")(x)), name="words")


def _residual() -> Any:
    image = keras.Input((6, 6, 2), name="image")
    x = kl.BatchNormalization(name="norm")(kl.Conv2D(4, 3, padding="same", name="conv")(image))
    y = kl.DepthwiseConv2D(3, padding="same", name="depthwise")(kl.ReLU(name="relu")(x))
    added = kl.Add(name="add")([x, y])
    return keras.Model(
        image, kl.Dense(2, name="output")(kl.GlobalAveragePooling2D(name="mean")(added)), name="residual"
    )


def _u_net() -> Any:
    image = keras.Input((8, 8, 1), name="image")
    down = kl.Conv2D(3, 3, padding="same", activation="relu", name="down")(image)
    low = kl.Conv2D(4, 3, padding="same", activation="relu", name="low")(kl.MaxPooling2D(name="pool")(down))
    up = kl.Conv2DTranspose(3, 2, strides=2, name="up")(low)
    joined = kl.Concatenate(name="join")([down, up])
    return keras.Model(image, kl.Conv2D(1, 1, activation="sigmoid", name="mask")(joined), name="u_net")


def _transformer() -> Any:
    x = keras.Input((5, 8), name="steps")
    y = kl.MultiHeadAttention(2, 4, name="attention")(x, x)
    x1 = kl.LayerNormalization(name="first")(kl.Add(name="add")([x, y]))
    z = kl.Dense(8, name="out")(kl.Dense(12, "gelu", name="in")(x1))
    return keras.Model(x, kl.LayerNormalization(name="second")(kl.Add(name="again")([x1, z])), name="transformer")


def _siamese() -> Any:
    one, two = keras.Input((3,), name="one"), keras.Input((3,), name="two")
    tower = keras.Sequential([keras.Input((3,)), kl.Dense(4, "tanh"), kl.Dropout(0.5), kl.Dense(2)], name="tower")
    left, right = tower(one), tower(two)
    far = kl.Dense(1, "sigmoid", name="same")(kl.Subtract(name="difference")([left, right]))
    return keras.Model([one, two], [far, kl.Dot(-1, name="dot")([left, right])], name="siamese")


def _operations() -> Any:
    x, y = keras.Input((3,), name="x"), keras.Input((3,), name="y")
    z = keras.ops.exp(-(x * 2.0 - y / 3.0) * 0.5) + keras.ops.maximum(x, y)
    return keras.Model([x, y], [z, keras.ops.sqrt(1.0 + keras.ops.square(z))], name="operations")


def _video() -> Any:
    """Return an LSTM over what a model of images makes of each of them, all within a model."""
    layers = [kl.Conv2D(2, 2, activation="relu", name="conv"), kl.BatchNormalization(name="norm"), kl.Flatten()]
    still = keras.Sequential([keras.Input((3, 3, 1)), *layers, kl.Dense(2, "tanh", name="seen")], name="still")
    images = keras.Input((2, 3, 3, 1), name="images")
    moving = keras.Model(images, kl.LSTM(2)(kl.TimeDistributed(still, name="each")(images)), name="moving")
    random, given = np.random.default_rng(1), keras.Input((2, 3, 3, 1), name="given")
    still.set_weights([random.uniform(0.2, 1, array.shape) for array in still.get_weights()])
    return keras.Model(given, kl.Dense(1, "sigmoid", name="end")(moving(given)), name="video")


MODELS = {
    "words": _recurrent,
    "video": _video,
    "residual": _residual,
    "u_net": _u_net,
    "transformer": _transformer,
    "siamese": _siamese,
    "operations": _operations,
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[Any], list[Any]]]:
    """Every model as a file that Keras saved, two points for it, and what Keras makes of these."""
    folder, made = tmp_path_factory.mktemp("models"), {}
    random = np.random.default_rng(0)
    for name, make in MODELS.items():
        keras.utils.set_random_seed(1)
        model = make()
        for layer in model.layers:
            if isinstance(layer, kl.BatchNormalization):
                layer.set_weights([random.uniform(0.5, 1.5, array.shape) for array in layer.get_weights()])
        points = [random.random((2, *(4 if size is None else size for size in i.shape[1:]))) for i in model.inputs]
        points = [(point * 7).astype("int32") if name == "words" else point.astype("float32") for point in points]
        outputs = model(points if len(points) > 1 else points[0])
        path = folder / f"{name}.keras"
        model.save(path)
        model.save(path.with_suffix(".h5"))
        model.save_weights(path.with_suffix(".weights.h5"))
        made[name] = path, points, [np.array(one) for one in (outputs if isinstance(outputs, list) else [outputs])]
    return made


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_keras_saved_predicts_what_keras_predicts(name: str, ending: str, models: Any) -> None:
    path, points, right = models[name]
    opened_model = open_graph(path.with_suffix(ending))
    for ours, theirs in zip(predictions(opened_model.graph, opened_model.weights, points), right, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * float(np.abs(theirs).max()))


@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
@pytest.mark.parametrize("name", [name for name in MODELS if name != "operations"])
def test_weights_that_keras_saved_go_where_they_are_in_the_model(name: str, ending: str, models: Any) -> None:
    path, _, _ = models[name]
    model = open_model(path)
    made = giving(model.network, open_weights(path.with_suffix(ending)))
    assert made.weights(model.network).equal(model.weights)
    assert not made.left and {one.by for one in made.goes} == {"name"}


@pytest.mark.parametrize("name", MODELS)
def test_every_value_of_it_is_listed_and_its_outputs_are_opened(name: str, models: Any) -> None:
    path, points, right = models[name]
    opened_model = open_graph(path)
    inputs = [point[0] for point in points]
    made = calculated(opened_model.graph, opened_model.weights, inputs, EXACT)
    text = text_page(explain(opened_model.graph, opened_model.weights, inputs, Rounding.SHOWN, Notation(4)))
    for value in made.values:
        assert value.name in text
        assert made.array(value).shape == value.shape
    for output, theirs in zip(made.written.outputs, right, strict=True):
        index = (0,) * (theirs.ndim - 1)
        value, at = made.value_at(output, index)
        first, *lines = opened(made, value, at, Notation(6))
        assert first.startswith(f"{value.words}[") and lines
        assert float(first.rpartition("= ")[2]) == pytest.approx(float(theirs[0][index]), abs=2e-6, rel=2e-6)


def test_a_summary_has_every_call_with_shapes_numbers_and_sources(models: Any) -> None:
    rows = {row.name: row for row in summary(open_graph(models["words"][0]).graph).rows}
    assert rows["embedding"].shape == (None, 4) and rows["both"].shape == (None, 6)
    assert rows["both"].parameters == 2 * (4 * 12 + 3 * 12 + 12)
    assert rows["gru"].sources == ("each", "not_equal")
    twice = [row for row in summary(open_graph(models["siamese"][0]).graph).rows if row.name == "tower"]
    assert [row.sources for row in twice] == [("one",), ("two",)]


def test_a_summary_counts_what_kerass_own_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = keras.Input((4,), name="x")
    inner = keras.Sequential(
        [keras.Input((4,)), kl.Dense(3, name="one"), kl.BatchNormalization(name="two")], name="inner"
    )
    inner.get_layer("one").trainable = False
    held = kl.Dense(2, name="held", trainable=False)
    y = kl.Concatenate(name="both")([inner(x), kl.GaussianNoise(0.1)(held(x))])
    model = keras.Model(x, kl.Dense(1, name="end")(y))
    model.compile(
        optimizer=keras.optimizers.SGD(0.5, momentum=0.9), loss=keras.losses.BinaryCrossentropy(True), metrics=["mae"]
    )
    model.fit(np.zeros((2, 4)), np.zeros((2, 1)), verbose=0)
    for ending in (".keras", ".h5"):
        model.save(tmp_path / f"m{ending}")
        assert cli.main(["summary", str(tmp_path / f"m{ending}"), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        trainable = sum(weight.shape.num_elements() for weight in model.trainable_weights)
        assert (told["parameters"], told["trainable_parameters"]) == (model.count_params(), trainable)
        assert (told["bytes"], told["trainable_bytes"]) == (4 * model.count_params(), 4 * trainable)
        assert told["optimizer_parameters"] == sum(one.shape.num_elements() for one in model.optimizer.variables)
        assert told["saved_by"] == f"Keras {keras.__version__}"
        assert told["format"] == {".keras": "zip of Keras 3", ".h5": "HDF5"}[ending]
        layers = {row["path"]: row for row in told["layers"]}
        frozen = [path for path, row in layers.items() if not row["trainable"]]
        assert frozen == ["inner/one", "held"] or frozen == ["held", "inner/one"]
        assert (layers["inner/two"]["parameters"], layers["inner/two"]["trainable_parameters"]) == (12, 6)
        assert (
            told["compile"]["optimizer"]["class"] == "SGD"
            and told["compile"]["optimizer"]["settings"]["momentum"] == 0.9
        )
        assert told["compile"]["loss"]["settings"]["from_logits"] is True and told["compile"]["metrics"] == ["mae"]
        assert cli.main(["summary", str(tmp_path / f"m{ending}")]) == 0
        text = capsys.readouterr().out
        words = "compiled with optimizer SGD (learning_rate 0.5, momentum 0.9), loss BinaryCrossentropy (from_logits), "
        assert f"{words}metrics mae" in text


def test_shared_layers_have_one_set_of_weights_and_two_calls(models: Any) -> None:
    path, points, _ = models["siamese"]
    opened_model = open_graph(path)
    made = calculated(opened_model.graph, opened_model.weights, [point[0] for point in points], EXACT)
    assert len([value for value in made.weights if value.words.startswith("tower/")]) == 4
    calls = {value.call[0] for value in made.values if value.call}
    assert {"tower", "tower (call 2)"} <= calls


def test_the_commands_take_any_model(models: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, points, right = models["siamese"]
    given, taken = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(given, x0=points[0], x1=points[1])
    assert cli.main(["predict", str(path), "--x", str(given), "--out", str(taken)]) == 0
    with np.load(taken) as held:
        np.testing.assert_allclose(held["y0"], right[0], rtol=1e-5, atol=1e-6)
    capsys.readouterr()
    assert cli.main(["summary", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["name"] == "tower"
    assert cli.main(["explain", str(path), "--x", str(given), "--number", "difference/output[2]"]) == 0
    assert "tower/output[2] - tower (call 2)/output[2]" in capsys.readouterr().out
    assert cli.main(["explain", str(path), "--x", str(given), "--number", "difference"]) == 0
    assert "difference/output[1] = " in capsys.readouterr().out
    assert cli.main(["explain", str(path), "--x", str(given), "--number", "difference/output[3]"]) == 2
    assert "which is 2, such as difference/output[1], got" in capsys.readouterr().err
    assert cli.main(["explain", str(path), "--x", "0.1,0.2"]) == 2
    assert "expected 6 numbers, those of one, two in a row, or one=... two=..., got 2" in capsys.readouterr().err


def test_branches_are_drawn_beside_the_summary_in_signs_that_the_output_takes(
    models: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines() -> list[str]:
        assert cli.main(["summary", str(models["siamese"][0])]) == 0
        return capsys.readouterr().out.splitlines()

    piped = lines()
    assert all(line.isascii() for line in piped)
    (joined,) = (line for line in piped if "difference " in line and "Subtract" in line)
    assert joined.startswith("+-+-* ") and piped[1].startswith("# ") and piped[2].startswith("| # ")
    monkeypatch.setattr("tui.headless.summary.takes_signs", lambda: True)
    assert any(line.startswith("├─┼─● ") for line in lines()) and lines()[1].startswith("■ ")
    monkeypatch.setattr("tui.headless.summary.room", lambda: 40)
    assert lines()[1].startswith("one ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 no archive", "given.npz is damaged and could not be read"),
        ({"x0": np.ones((0, 3)), "x1": np.ones((0, 3))}, "got none"),
        (
            {"x0": np.ones((1, 4)), "x1": np.ones((1, 3))},
            "expected 'one' of shape (any, 3), or (3) for one point, got (1, 4)",
        ),
        ({"a": np.ones((1, 3))}, "expected the inputs as x0, x1"),
        ({"x0": np.array(["a"]), "x1": np.ones((1, 3))}, "expected arrays of numbers"),
    ],
)
def test_inputs_that_are_none_are_refused(
    models: Any, content: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "given.npz"
    given.write_bytes(content) if isinstance(content, bytes) else np.savez(given, **content)
    assert cli.main(["explain", str(models["siamese"][0]), "--x", str(given)]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told and "unexpected" not in told


def test_a_layer_that_is_not_followed_is_sealed_and_nothing_of_it_runs(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("person")
    class Twice(kl.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * 2

    x = keras.Input((2,), name="x")
    keras.Model(x, kl.Dense(1, name="after")(Twice(name="own")(kl.Dense(3, name="before")(x)))).save(
        tmp_path / "m.keras"
    )
    model = open_graph(tmp_path / "m.keras")
    rows = {row.name: row for row in summary(model.graph).rows}
    assert rows["own"].sealed == "a class of the person who saved it" and not rows["before"].sealed
    assert rows["before"].shape == (3,) and rows["after"].shape is None
    assert "'own', a class of the person who saved it" in model.stops
    with pytest.raises(Refused, match="'own', a class of the person who saved it: the calculation stops before it"):
        predictions(model.graph, model.weights, [np.zeros((1, 2))])


def test_a_class_of_ones_own_that_is_called_as_one_of_kerass_is_sealed(tmp_path: Path) -> None:
    dense = type("Dense", (kl.Layer,), {"__module__": "__main__", "call": lambda _self, x: x * 2})
    x = keras.Input((2,), name="x")
    keras.Model(x, dense(name="own")(x)).save(tmp_path / "m.keras")
    (row,) = summary(open_graph(tmp_path / "m.keras").graph).rows
    assert row.sealed == "a class of the person who saved it"


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_arrays_of_sealed_layers_and_of_those_beyond_are_the_files(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Mixed(kl.Layer):  # type: ignore[misc]
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.first, self.more = kl.Dense(3, name="first"), [kl.Dense(2, name="a"), kl.Dense(2, name="b")]

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(3,), initializer="uniform")

        def call(self, x: Any) -> Any:
            y = self.first(x) * self.scale
            return self.more[0](y) + self.more[1](y)

    images = keras.Input((3, 5, 5, 1), name="images")
    x = kl.SpectralNormalization(kl.Dense(2, name="dense"), name="mixing")(images)
    within = keras.Sequential([keras.Input((150,)), Mixed(name="mixed"), kl.Dense(4, name="inner")], name="within")
    y = kl.Dense(1, name="after")(within(kl.Flatten(name="flat")(x)))
    model, path = keras.Model(images, y), tmp_path / f"m{ending}"
    model.save(path)
    opened = open_graph(path)
    for layer in (model.get_layer("mixing"), *within.layers, model.get_layer("after")):
        held = [array for weight, array in opened.weights.items() if layer.name in weight.layer]
        right = layer.get_weights()
        assert sorted(map(np.ndarray.tobytes, held)) == sorted(array.tobytes() for array in right), layer.name
    assert summary(opened.graph, opened.weights).parameters == model.count_params()
    assert cli.main(["weights", str(path), "after", "--array", "kernel"]) == 0
    assert capsys.readouterr().out.startswith("np.array([[")
    assert cli.main(["summary", str(path), "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["layers"]}
    assert rows["mixing"]["sealed"] and rows["mixing"]["settings"]["power_iterations"] == 1
    assert rows["mixed"]["parameters"] == within.get_layer("mixed").count_params()
    assert cli.main(["summary", str(path)]) == 0
    told = capsys.readouterr().out
    assert "mixing: SpectralNormalization, sealed: of the class SpectralNormalization" in told
    assert "sealed: 2 layers: mixing (SpectralNormalization), within/mixed (Mixed)" in told


def test_what_is_converted_is_loaded_by_keras_with_the_old_numbers(tmp_path: Path) -> None:
    (tmp_path / "old.h5").write_bytes(CHAIN_FILE)
    assert cli.main(["convert", str(tmp_path / "old.h5"), str(tmp_path / "new.keras")]) == 0
    model = keras.models.load_model(tmp_path / "new.keras")
    np.testing.assert_allclose(np.array(model(POINTS)), CHAIN_MAKES, rtol=1e-6, atol=1e-7)
    assert model.optimizer.learning_rate == np.float32(0.1) and model.loss == "mean_squared_error"


@pytest.mark.parametrize("names", ["query value", "value", "query value key", "value key", "key value"])
def test_sources_that_are_given_by_name_are_the_layers(names: str, tmp_path: Path) -> None:
    given = {"query": keras.Input((5, 8)), "value": keras.Input((6, 4)), "key": keras.Input((6, 3))}
    named = {name: given[name] for name in names.split()}
    first = [given["query"]] if "query" not in named else []
    inputs = [*first, *named.values()]
    model = keras.Model(inputs, kl.MultiHeadAttention(2, 4, name="attention")(*first, **named))
    model.save(tmp_path / "m.keras")
    opened = open_graph(tmp_path / "m.keras")
    points = [np.random.default_rng(1).random((2, *one.shape[1:])).astype(np.float32) for one in inputs]
    np.testing.assert_allclose(
        predictions(opened.graph, opened.weights, points)[0], np.array(model(points)), rtol=1e-4, atol=1e-5
    )


def test_a_layer_with_a_sealed_one_within_it_is_sealed(tmp_path: Path) -> None:
    steps = keras.Input((3, 2), name="steps")
    keras.Model(steps, kl.TimeDistributed(kl.Lambda(lambda x: x * 2, name="own"), name="each")(steps)).save(
        tmp_path / "m.keras"
    )
    (row,) = summary(open_graph(tmp_path / "m.keras").graph).rows
    assert row.sealed == "with 'own' within it, a Lambda, whose code is in the file and not run"


def test_a_model_within_a_layer_is_saved_and_of_hdf5_not_frozen_in_place(models: Any, tmp_path: Path) -> None:
    path, points, _ = models["video"]
    for ending in (".keras", ".h5"):
        held = open_model(path.with_suffix(ending))
        changed = held.weights.with_number(0, 0, (0, 0, 0, 0), 0.25)
        ours = predictions(held.network.graph, changed.by_name(held.network), points)[0]
        for archive, name in ((held.archive, f"copy{ending}"), (None, f"new_{ending[1:]}.keras")):
            save_model(tmp_path / name, held.network, changed, None, archive)
            theirs = keras.models.load_model(tmp_path / name, compile=False)(points[0])
            np.testing.assert_allclose(ours, np.array(theirs), rtol=1e-5, atol=1e-5)
    with pytest.raises(Refused, match="got moving/each otherwise"):
        save_model(tmp_path / "frozen.h5", held.network.with_trained([0], False), changed, None, held.archive)


def test_a_number_of_one_step_leads_back_to_that_step_of_the_inputs(models: Any) -> None:
    path, points, _ = models["video"]
    model = open_graph(path)
    made = calculated(model.graph, model.weights, [points[0][0]], EXACT)
    value = next(one for one in made.values if one.call == ("moving", "each", "still", "conv") and one.name == "output")
    reached = waiting = {value.spot((1, 0, 0, 1))}
    while waiting:
        waiting = {spot for one in waiting for spot in made.made_of(one, 1_000)} - reached
        reached = reached | waiting
    images = [spot.index for spot in reached if not spot.call and spot.value == "given"]
    assert len(images) == 4 and {index[0] for index in images} == {1}


def trained_while(call: Callable[..., Any], *shape: int) -> Any:
    x = keras.Input(shape, name="x")
    return keras.Model(x, call(x, training=True))


TOLD = {
    "drops": lambda: trained_while(kl.Dropout(0.5), 4),
    "normalizes": lambda: trained_while(kl.BatchNormalization(), 4),
    "drops at each step": lambda: trained_while(kl.LSTM(2, dropout=0.5), 3, 2),
    "a model of such": lambda: trained_while(keras.Sequential([kl.RandomFlip(), kl.GaussianNoise(0.5)]), 4, 4, 3),
    # Its own default, which Keras writes as if it had been told.
    "flips": lambda: keras.Model(x := keras.Input((4, 4, 3)), kl.RandomFlip()(x)),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_layer_that_was_told_to_train_predicts_in_a_model_of_keras_3_that_does(name: str, tmp_path: Path) -> None:
    theirs = TOLD[name]()
    theirs.save(tmp_path / "model.keras")
    assert '"training": true' in zipfile.ZipFile(tmp_path / "model.keras").read("config.json").decode()
    model = open_model(tmp_path / "model.keras")
    points = np.random.default_rng(0).normal(size=(2, *theirs.input_shape[1:]))
    made = predictions(model.network.graph, model.weights.by_name(model.network), [points])[0]
    np.testing.assert_allclose(made, theirs.predict(points.astype(np.float32), verbose=0), atol=1e-6)


def test_what_is_dropped_alike_is_so_in_a_training(tmp_path: Path) -> None:
    x = keras.Input((5, 40))
    keras.Model(x, kl.Dropout(0.5, noise_shape=(None, 1, 40))(x)).save(tmp_path / "model.keras")
    opened = open_model(tmp_path / "model.keras")
    assert opened.notes == ()
    made = np.reshape(build(opened.network)(np.ones((3, 200)), training=True), (3, 5, 40))
    assert set(np.unique(made)) == {0.0, 2.0} and np.array_equal(made, np.repeat(made[:, :1], 5, axis=1))


def test_keras_is_built_with_what_keras_2_called_hard_sigmoid() -> None:
    layers = (Activation("a", OLD_HARD_SIGMOID), Dense("d", 1, OLD_HARD_SIGMOID))
    network = Network.of(chain("old", Input("x", (3,)), layers))
    model, points = build(network), np.linspace(-4, 4, 12, dtype=np.float32).reshape(4, 3)
    weights = initial_weights(network, 0)
    model.set_weights([array for arrays in weights.layers for array in arrays])
    ours = predictions(network.graph, weights.by_name(network), [points])[0]
    np.testing.assert_allclose(np.array(model(points)), ours, atol=1e-6)
    kernel, bias = weights.layers[1]
    inner = np.clip(0.2 * points + 0.5, 0, 1) @ kernel + bias
    np.testing.assert_allclose(ours, np.clip(0.2 * inner + 0.5, 0, 1), atol=1e-6)
    assert not network.on_one_page
