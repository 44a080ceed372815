"""Commands on models that other people saved: summary, predict and convert, of files as Keras 1 and 2 wrote them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from tests.hdf5_files import CHAIN, CHAIN_FILE, CHAIN_MAKES, POINTS, drawn, hdf5, layer
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(list(words))
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_a_summary_says_who_saved_it_how_it_was_compiled_and_where_all_sealed_layers_are(
    ran: Run, tmp_path: Path
) -> None:
    within = {
        "class_name": "Sequential",
        "config": {"name": "within", "layers": [layer("Own", "deep", batch_input_shape=[None, 3], odd=float("nan"))]},
    }
    deep: object = "mae"
    for _ in range(150):
        deep = [deep]
    norm = layer("BatchNormalization", "norm", axis=-1)
    own = layer("Lambda", "first", function=["code", None, None])
    arrays = {f"norm_{name}": drawn(3) for name in ("gamma", "beta", "running_mean", "running_std")}
    compiled = {
        "optimizer_config": {"class_name": "Own>Odd", "config": {"lr": 0.1, "x\x1b[2J": float("inf")}},
        "loss": {"a": "mse", "b": {"class_name": "function", "config": "mine"}},
        "metrics": [["accuracy"], "\u202emae"],
        "weighted_metrics": deep,
    }
    held = {
        "hidden": {"W": drawn(2, 3), "b": drawn(3)},
        "first": {},
        "within": {"deep/a:0": drawn(2, 2)},
        "norm": arrays,
    }
    model = {"class_name": "Sequential", "config": [CHAIN, own, within, norm]}
    saved = hdf5(model, "2.1.3", held, training_config=json.dumps(compiled), backend="theano")
    (tmp_path / "m.h5").write_bytes(saved)
    code, out, err = ran("summary", "m.h5", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["sealed"] == ["first", "within/deep"] and told["backend"] == "theano"
    assert (told["format"], told["saved_by"]) == ("HDF5", "Keras 2.1.3") and "Theano" in told["notes"][0]
    assert (told["parameters"], told["trainable_parameters"]) == (9 + 4 + 12, 9 + 4 + 6)
    assert told["compile"]["optimizer"] == {"class": "Own>Odd", "settings": {"lr": 0.1, "x\x1b[2J": None}}
    assert told["compile"]["loss"] == {"a": "mse", "b": "mine"}
    code, out, _ = ran("summary", "m.h5")
    assert "trainable: 19 numbers, 76 bytes; not trainable: 6 numbers, 24 bytes" in out
    assert "sealed: 2 layers: first (Lambda), within/deep (Own)" in out and "within/deep: Own, sealed: " in out
    assert "saved by Keras 2.1.3 on theano: HDF5" in out
    assert "compiled with optimizer Own>Odd (lr 0.1), loss mse of a, mine of b, metrics accuracy, ?mae" in out


def test_predict_saves_the_same_numbers_in_every_format(ran: Run, tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(CHAIN_FILE)
    np.save("in.npy", POINTS)
    code, out, _ = ran("predict", "m.h5", "--x", "in.npy", "--json")
    (told,) = json.loads(out)["outputs"]
    assert code == 0 and (told["name"], told["shape"]) == ("hidden", [4, 3])
    np.testing.assert_allclose(told["values"], CHAIN_MAKES, rtol=1e-6)
    for name in ("out.npz", "out.npy", "out.csv"):
        assert ran("predict", "m.h5", "--x", "in.npy", "--out", name) == (0, f"saved as {name}\n", "")
    with np.load("out.npz") as held:
        assert held.files == ["y0"] and held["y0"].tolist() == told["values"]
    assert np.load("out.npy").tolist() == told["values"]
    header, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert header == "hidden[1],hidden[2],hidden[3]"
    assert [[float(cell) for cell in row.split(",")] for row in rows] == told["values"]
    assert ran("predict", "m.h5", "--x", "in.npy", "--out", "out.txt")[0] == 2
    code, out, _ = ran("predict", "m.h5", "--x", ",".join(map(str, POINTS[0])), "--json")
    np.testing.assert_allclose(json.loads(out)["outputs"][0]["values"], CHAIN_MAKES[:1], rtol=1e-6)


def test_commands_say_what_is_wrong_with_the_numbers_that_a_model_is_given(ran: Run, tmp_path: Path) -> None:
    words = layer("Embedding", "words", batch_input_shape=[None, 2], input_dim=5, output_dim=2)
    held = {"words": {"embeddings": drawn(5, 2)}}
    (tmp_path / "m.h5").write_bytes(hdf5({"class_name": "Sequential", "config": [words]}, "2.1.3", held))
    said = "byhand: words expects whole numbers from 0 to 4, got 9"
    code, _, err = ran("predict", "m.h5", "--x", "[[0,1],[9,1],[2,1.5]]")
    assert code == 0 and sorted(err.splitlines()) == [
        f"{said} in row 2: what it makes of that is NaN",
        "byhand: words_input expects whole numbers, got 1.5 in row 3: 1 is taken, as in Keras",
    ]
    (tmp_path / "rows.csv").write_text("9,1\n2,3\n")
    told = f"byhand: x is row 1 of 2; 'rows.csv row 2' takes the second\n{said}: what it makes of that is NaN\n"
    for command in (("explain",), ("practise", "--worksheet", "sheet.txt")):
        assert told in ran(command[0], "m.h5", "--x", "rows.csv", *command[1:])[2]


def test_predict_of_a_model_that_is_not_followed_names_all_sealed_layers(ran: Run, tmp_path: Path) -> None:
    own = [CHAIN, layer("Own", "first"), layer("Lambda", "second")]
    held = {"hidden": {"W": drawn(2, 3), "b": drawn(3)}, "first": {}, "second": {}}
    (tmp_path / "m.h5").write_bytes(hdf5({"class_name": "Sequential", "config": own}, "2.1.3", held))
    code, _, err = ran("predict", "m.h5", "--x", "1,2")
    assert code == 1 and err.endswith("the calculation stops before it; sealed: first (Own), second (Lambda)\n")


def test_convert_says_what_is_not_carried_over_and_lets_keras_check(ran: Run, tmp_path: Path) -> None:
    words = layer("Embedding", "words", batch_input_shape=[None, 4], input_dim=3, output_dim=2, mask_zero=False)
    dense = layer(
        "Dense", "dense", units=1, activation="hard_sigmoid", kernel_regularizer={"class_name": "Own", "config": {}}
    )
    held = {"words": {"w": drawn(3, 2)}, "flat": {}, "dense": {"k": drawn(8, 1), "b": drawn(1)}}
    model = {"class_name": "Sequential", "config": [words, layer("Flatten", "flat"), dense]}
    settings = {"lr": 0.25, "decay": 0.5, "momentum": 0.5, "nesterov": False}
    compiled = {
        "optimizer_config": {"class_name": "SGD", "config": settings},
        "loss": "mse",
        "metrics": ["mae", {"class_name": "MeanMetricWrapper", "config": {"name": "mine"}}],
    }
    saved = hdf5(model, "2.2.4", held, training_config=json.dumps(compiled))
    (tmp_path / "old.h5").write_bytes(saved)
    with h5py.File("old.h5", "r+") as file:
        file["optimizer_weights/a"] = drawn(8)
    code, out, err = ran("convert", "old.h5", "new.keras", "--check")
    assert code == 0, err
    assert "saved by Keras 2.2.4; now as Keras 3 loads it: new.keras\n" in out
    assert "both files give the same for 3 drawn points: largest difference " in out
    assert "Keras predicts the same of the new file: largest difference " in out
    other, *left_out = err.splitlines()
    assert other.startswith(
        "byhand: otherwise in it: kernels and biases are 1.2 times as large where hard_sigmoid comes"
    )
    assert left_out == [
        f"byhand: not carried over: {words}"
        for words in (
            "8 numbers that the optimizer remembers: a training begins without them",
            "metrics mean_absolute_error, mine of compile, now mean_absolute_error",
            "optimizer sgd has decay 0.5",
            "dense has a kernel_regularizer (Own)",
            "that it is Sequential: it is written as a Functional model of the same layers",
        )
    ]
    code, out, _ = ran("summary", "new.keras", "--json")
    told = json.loads(out)
    assert told["format"] == "zip of Keras 3" and told["compile"]["optimizer"]["settings"]["learning_rate"] == 0.25


def test_what_can_not_be_converted_is_refused_and_nothing_is_written(ran: Run, tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_bytes(CHAIN_FILE)
    (tmp_path / "m.keras").write_bytes(CHAIN_FILE)
    gates = [layer("LSTM", "gates", batch_input_shape=[None, 4, 2], units=1, activation="hard_sigmoid")]
    held = {"gates": {"W": drawn(2, 4), "U": drawn(1, 4), "b": drawn(4)}}
    (tmp_path / "gates.h5").write_bytes(hdf5({"class_name": "Sequential", "config": gates}, "2.1.3", held))
    held = {"hidden": {"W": drawn(2, 3), "b": drawn(3)}}
    own = [CHAIN, layer("Own", "first"), layer("Lambda", "second")]
    held |= {"first": {}, "second": {}}
    (tmp_path / "own.h5").write_bytes(hdf5({"class_name": "Sequential", "config": own}, "2.1.3", held))
    refused = {
        ("m.h5", "new.h5"): "expected NEW with a name that ends in .keras, got new.h5",
        ("m.keras", "m.keras"): "expected another file than the model, got m.keras",
        ("gates.h5", "new.keras"): "got it as activation of gates; today's Keras has no such layer",
        ("own.h5", "new.keras"): "sealed: first (Own), second (Lambda)",
        ("gone.h5", "new.keras"): "there is no file gone.h5",
    }
    for (old, new), said in refused.items():
        code, _, err = ran("convert", old, new)
        assert code in (1, 2) and said in err
    assert not (tmp_path / "new.keras").exists() and (tmp_path / "m.keras").read_bytes() == CHAIN_FILE
