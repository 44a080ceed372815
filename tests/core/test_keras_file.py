"""Opening and saving ``.keras`` files, with Keras itself as the witness."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.activations import ACTIVATIONS, HALVING
from core.calculation.running import predict
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import keras_file, limited, tutorial
from core.model.archive import whole
from core.model.files.opening import OpenedModel, open_model
from core.model.initial import initial_weights
from core.model.network import Network
from core.model.penalised import Constraint, Regularizer
from core.model.save_model import save_model
from core.model.weights import Weights
from core.training.recipe import LOSSES, OPTIMIZERS, Recipe
from tests.core.frozen import trained
from tests.core.keras_oracle import load
from tests.hdf5_files import saved_with
from tests.waiting import FOR_EVER

ROOT = Path(__file__).parents[2]
DATE = "2026-01-01@00:00:00"


def outputs(opened: OpenedModel, witness: dict[str, Any]) -> np.ndarray[Any, Any]:
    return predict(opened.network, opened.weights, np.array(witness["points"]))


def changed(opened: OpenedModel) -> Weights:
    """Return weights of the same network that no training made."""
    return initial_weights(opened.network, seed=7)


NETWORKS = {
    "small": (Dense("hidden", 4, "tanh"), Dense("output", 1, "tanh")),
    "mixed": (
        Dense("dense", 6, "relu", use_bias=False, kernel_regularizer=Regularizer(l2=0.01)),
        Dropout("dropout", 0.25),
        Dense("dense_1", 4, bias_constraint=Constraint("NonNeg")),
        Activation("activation", "softmax"),
        Dense("dense_2", 2, "sigmoid", trainable=False),
        Activation("activation_1", "gelu"),
    ),
    "plain": (Dense("dense_3", 2),),
    "deferred": (Dense("dense_4", 1, "elu"),),
    "asleep": (Dense("one", 2, trainable=False), Dense("two", 1, trainable=False)),
    "half": (Dense("hidden", 4, trainable=False), Dense("output", 1)),
}


@pytest.mark.limited
@pytest.mark.parametrize("name", NETWORKS)
def test_what_keras_saved_is_opened_as_it_is(saved: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, witness = saved
    opened = open_model(folder / f"{name}.keras")
    assert (opened.network.layers, opened.network.name, opened.network.inputs) == (NETWORKS[name], name, 3)
    np.testing.assert_allclose(outputs(opened, witness), witness[name]["outputs"], rtol=0, atol=1e-6)
    held = [array.tolist() for arrays in opened.weights.layers for array in arrays]
    assert held == [array for arrays in witness[name]["weights"] for array in arrays]


def test_the_recipe_is_what_the_model_was_compiled_with(saved: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = saved
    assert open_model(folder / "small.keras").recipe == Recipe("hinge", "adam", 0.001)
    assert open_model(folder / "mixed.keras").recipe == Recipe("huber", "adamw", 0.002, metrics=("accuracy",))
    assert open_model(folder / "plain.keras").recipe is None
    assert open_model(folder / "deferred.keras").recipe == Recipe(
        "mean_squared_error", "sgd", 0.05, optimizer_options=(("momentum", 0.9),)
    )


def test_each_thing_that_is_not_used_has_a_note(saved: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = saved
    assert open_model(folder / "small.keras").notes == ()
    assert open_model(folder / "mixed.keras").notes == ()
    assert open_model(folder / "deferred.keras").notes == ()


@pytest.mark.limited
@pytest.mark.parametrize("name", NETWORKS)
def test_an_opened_model_is_saved_with_new_weights_and_all_else_as_it_was(
    saved: tuple[Path, dict[str, Any]], tmp_path: Path, name: str
) -> None:
    folder, witness = saved
    before = open_model(folder / f"{name}.keras")
    weights = changed(before)
    path = tmp_path / "changed.keras"
    save_model(path, before.network, weights, None, before.archive)
    found = load(path)
    expected = predict(before.network, weights, np.array(witness["points"]))
    np.testing.assert_allclose(found["outputs"], expected, rtol=0, atol=1e-6)
    for what in ("optimizer", "loss", "rate"):
        assert found[what] == witness[name][what]
    assert found["warnings"] == []
    after = open_model(path)
    assert after.weights.equal(weights)
    assert (after.network, after.recipe, after.notes) == (before.network, before.recipe, before.notes)


def test_patching_with_the_same_weights_gives_the_same_members(saved: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = saved
    opened = open_model(folder / "mixed.keras")
    archive = with_member((folder / "mixed.keras").read_bytes(), "assets/words.txt", b"kept")
    patched = saved_with(archive, opened.network, opened.weights)
    assert members(patched) == members(archive)
    assert saved_with(patched, opened.network, opened.weights) == patched


@pytest.mark.limited
@pytest.mark.parametrize(
    "network",
    [
        Network.chain(2, (Dense("hidden", 5, "tanh"), Dense("output", 1, "tanh"))),
        Network.chain(1, (Dense("inputs", 1, use_bias=False),), "one"),
        Network.chain(
            3, (Dropout("drop", 0.5), Activation("act", "relu"), Dense("out", 2, "glu"), Dropout("end", 0.0))[:3]
        ),
        Network.chain(3, (Activation("only", "tanh"),)),
        Network.chain(3, (Dense("held", 4, "relu", trainable=False), Dense("out", 1))),
    ],
)
def test_a_new_model_is_one_that_keras_loads(network: Network, tmp_path: Path) -> None:
    weights = initial_weights(network, seed=1)
    path = tmp_path / "new.keras"
    save_model(path, network, weights, None, None)
    opened = open_model(path)
    assert (opened.network, opened.recipe, opened.notes) == (network, None, ())
    assert opened.weights.equal(weights)
    if network.inputs == 3:
        found = load(path)
        expected = predict(network, weights, np.array(keras_points()))
        np.testing.assert_allclose(found["outputs"], expected, rtol=0, atol=1e-6)
        assert found["warnings"] == []
        assert found["trained"] == trained(network)


def keras_points() -> np.ndarray[Any, Any]:
    """Return the oracle's points."""
    return np.random.default_rng(0).random((40, 3), dtype=np.float32)


@pytest.mark.parametrize("loss, optimizer", [*((loss, "adam") for loss in LOSSES), *(("hinge", o) for o in OPTIMIZERS)])
def test_a_recipe_is_saved_and_opened_again(loss: str, optimizer: str) -> None:
    network, weights = tutorial.trained()
    recipe = Recipe(loss, optimizer, 0.0125)
    data = whole.write_archive(network, weights, recipe, DATE)
    held = whole.read_archive(data)
    assert (held.recipe, held.notes, held.not_followed) == (recipe, (), ())


def test_keras_compiles_a_new_model_as_its_recipe_says(tmp_path: Path) -> None:
    network = Network.chain(3, (Dense("out", 1, "tanh"),))
    path = tmp_path / "new.keras"
    save_model(path, network, initial_weights(network, 0), Recipe("squared_hinge", "rmsprop", 0.25), None)
    found = load(path)
    assert (found["loss"], found["rate"]) == ("squared_hinge", 0.25)
    loss, accuracy = found["evaluated"]
    assert loss > 0 and 0 <= accuracy <= 1


def test_the_same_model_gives_the_same_bytes() -> None:
    network, weights = tutorial.trained()
    assert len({whole.write_archive(network, weights, Recipe(), DATE) for _ in range(3)}) == 1


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - HALVING))
def test_every_activation_can_be_saved_and_opened(name: str) -> None:
    network = Network.chain(2, (Dense("a", 3, name), Activation("b", name), Dense("c", 1)))
    weights = initial_weights(network, 0)
    assert whole.read_archive(whole.write_archive(network, weights, None, DATE))[0] == network


def test_weights_that_are_not_numbers_are_kept() -> None:
    network = Network.chain(1, (Dense("a", 3),))
    weights = Weights.for_network(network, [([[np.nan, np.inf, -0.0]], [1e-45, 3e38, 0.1])])
    opened = whole.read_archive(whole.write_archive(network, weights, None, DATE))
    assert opened[1].equal(weights)


def test_a_file_of_another_network_is_not_patched() -> None:
    network, weights = tutorial.trained()
    archive = whole.write_archive(network, weights, None, DATE)
    other, others = tutorial.always_right(2, 0.5)
    with pytest.raises(Refused, match="expected the layers that the file was opened with"):
        saved_with(archive, other, others)


@pytest.mark.parametrize("names", [("a", "a"), ("a/b", "c"), ("", "c"), ("\ud800", "c"), ("x" * 300, "c")])
def test_no_network_has_names_that_keras_does_not_take(names: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="expected"):
        Network.chain(1, tuple(Dense(name, 1) for name in names))


def test_a_model_without_layers_is_not_saved() -> None:
    network = Network.chain(1, ())
    with pytest.raises(Refused, match="expected a model with layers to save"):
        whole.write_archive(network, initial_weights(network, 0), None, DATE)


@pytest.mark.limited
def test_a_refused_save_leaves_the_old_file(tmp_path: Path) -> None:
    network, weights = tutorial.trained()
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")
    with pytest.raises(Refused, match=r"model\.keras: it is damaged"):
        save_model(path, network, weights, None, b"PK\x03\x04 no zip")
    with pytest.raises(Refused, match=r"ends in \.keras"):
        save_model(tmp_path / "model.h5", network, weights, None, None)
    assert path.read_bytes() == b"old" and [file.name for file in tmp_path.iterdir()] == ["model.keras"]


# Files that are no model


@pytest.mark.limited
@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "which is empty"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "it is damaged"),
        (b"hello", "which is none of these"),
        (b"PK\x03\x04" + bytes(100), "it is damaged"),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_a_reason(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.keras"
    path.write_bytes(content)
    with pytest.raises(Refused, match=message):
        open_model(path)


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no file"):
        open_model(tmp_path / "none.keras")
    with pytest.raises(Refused, match="which is a folder"):
        open_model(tmp_path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.keras"
    with path.open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(Refused, match=r"of at most 4 GiB, got huge\.keras of 5\.0 GiB"):
        open_model(path)


@pytest.mark.limited
@pytest.mark.parametrize(
    "program, message",
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "reading it crashed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "reading it took too long"),
        ("raise SystemExit(1)", "could not start"),
        ("print('hello')", "reading it gave nonsense"),
    ],
)
def test_the_end_of_the_limited_process_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, message: str
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04")
    monkeypatch.setattr(limited, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(Refused, match=message):
        open_model(path)


@pytest.mark.limited
def test_a_limited_process_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04")
    monkeypatch.setattr(limited, "COMMAND", (sys.executable, "-c", f"import time; time.sleep({FOR_EVER})"))
    monkeypatch.setattr(keras_file, "TIMEOUT", 0.1)
    with pytest.raises(Refused, match="reading it took too long"):
        open_model(path)


# The walls


def test_the_parent_side_imports_no_h5py() -> None:
    program = (
        "import sys, core.model.keras_file; print([m for m in ('h5py', 'keras', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.limited
def test_nothing_in_the_current_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, weights = tutorial.trained()
    for name in ("h5py", "numpy", "msgspec", "core", "json"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    save_model(Path("model.keras"), network, weights, None, None)
    assert open_model(Path("model.keras")).weights.equal(weights)
    assert not (tmp_path / "ran").exists()


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return buffer.getvalue()


def test_weights_are_stored_as_keras_stores_them(saved: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = saved
    opened = open_model(folder / "small.keras")
    ours = whole.write_archive(opened.network, opened.weights, None, DATE)
    with (
        h5py.File(io.BytesIO(members(ours)["model.weights.h5"])) as mine,
        h5py.File(io.BytesIO(members((folder / "small.keras").read_bytes())["model.weights.h5"])) as theirs,
    ):
        names: list[str] = []
        mine.visit(names.append)
        assert all(name in theirs for name in names)
        assert [dict(mine[name].attrs) == dict(theirs[name].attrs) for name in names] == [True] * len(names)
