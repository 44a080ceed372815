"""byhand explain --loss --label: the loss of one row as text and JSON, beside Keras's, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.losses import KERAS_LOSSES
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.save_model import save_model
from core.model.tutorial import trained
from tests import graphs
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path

    Run = tuple[int, str, str]

KNOWN = ", ".join(KERAS_LOSSES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_model(folder / "one.keras", *trained(), None, None)
    three = chain_network(2, "4 tanh, 3 softmax")
    save_model(folder / "three.keras", three, initial_weights(three, 0), None, None)
    return folder


def explained(folder: Path, capsys: pytest.CaptureFixture[str], model: str, *words: str) -> Run:
    code = cli.main(["explain", str(folder / f"{model}.keras"), "--x", "0.3,0.1", *words])
    written = capsys.readouterr()
    return code, written.out, written.err


def test_the_tutorials_point_as_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = explained(folder, capsys, "one", "--loss", "hinge", "--label", "-1")
    assert code == 0
    page, loss = out.split("\n\nloss ")
    assert page.endswith("by hand  0.9302 (0.93015913)")
    assert "  L = max(m, 0) = max(1.9302, 0) = 1.9302\n" in loss
    assert loss.endswith("by hand  L = 1.9302 (1.93015913)\n")


def test_rounding_and_digits_are_those_of_the_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--loss", "mean_squared_error", "--label", "0.5", "--rounding", "carried")
    _, out, _ = explained(folder, capsys, "one", *words)
    assert "  e = y - yhat = 0.5 - 0.9301 = -0.4301\n  L = e^2 = (-0.4301)^2 = 0.1850\n" in out
    _, out, _ = explained(folder, capsys, "one", *words, "--digits", "2")
    assert "label y = 0.5   output yhat = 0.93\n" in out


def test_without_a_loss_the_page_is_as_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "loss" not in explained(folder, capsys, "one")[1]
    assert "loss" not in json.loads(explained(folder, capsys, "one", "--format", "json")[1])


@pytest.mark.parametrize(
    ("loss", "label"), [("categorical_crossentropy", "0,1,0"), ("sparse_categorical_crossentropy", "1")]
)
def test_a_class_of_three_as_json(folder: Path, capsys: pytest.CaptureFixture[str], loss: str, label: str) -> None:
    code, out, _ = explained(folder, capsys, "three", "--loss", loss, "--label", label, "--format", "json")
    assert code == 0
    made = json.loads(out)
    assert made["loss"]["loss"] == loss
    assert made["loss"]["outputs"] == pytest.approx(made["outputs"][0]["numbers"], abs=1e-15)
    assert [line["symbol"] for line in made["loss"]["lines"]] == ["s", "g", "L"]
    assert made["loss"]["total"] == made["loss"]["lines"][-1]["value"]
    assert made["loss"]["keras"] is None


def test_a_model_of_any_layers_has_a_loss_of_the_prediction_that_its_page_ends_with(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = Network.of(graphs.recurrent().graph)
    save_model(folder / "waves.keras", network, initial_weights(network, 0), None, None)
    words = ("--x", "0.1,0.2,0.3,0.4,0.5,0.6", "--rounding", "carried", "--format", "json")
    code, out, _ = explained(folder, capsys, "waves", *words, "--loss", "mean_squared_error", "--label", "1")
    made = json.loads(out)
    assert code == 0
    assert made["loss"]["outputs"] == made["outputs"][0]["numbers"]
    assert made["loss"]["total"] == pytest.approx((1 - made["loss"]["outputs"][0]) ** 2, abs=1e-4)


def test_the_loss_of_several_outputs_is_the_sum_of_theirs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = Network.of(graphs.branching().graph)
    save_model(folder / "pair.keras", network, initial_weights(network, 0), None, None)
    np.savez(folder / "pair.npz", x0=np.zeros((1, 2)), x1=np.ones((1, 2)))
    words = ("--x", str(folder / "pair.npz"), "--loss", "mean_squared_error", "--label", "1,2,3,4,5")
    code, out, _ = explained(folder, capsys, "pair", *words, "--format", "json")
    made = json.loads(out)["loss"]
    far, times = made["losses"]["far"], made["losses"]["times"]
    assert code == 0 and (far["label"], times["label"]) == ([1, 2], [3, 4, 5])
    for one in (far, times):
        assert one["total"] == pytest.approx(np.mean(np.subtract(one["label"], one["outputs"]) ** 2))
    assert made["total"] == pytest.approx(far["total"] + times["total"])
    assert [(line["symbol"], line["formula"]) for line in made["lines"]] == [("L", "L(far) + L(times)")]
    assert "\n  L = L(far) + L(times) = " in explained(folder, capsys, "pair", *words)[1]
    code, _, err = explained(folder, capsys, "pair", *words[:-2])
    assert "; it wants for far numbers as labels, for times numbers as labels, those of one output after" in err
    code, _, err = explained(folder, capsys, "pair", *words[:-1], "1")
    assert code == 2 and "those of one output after those of the other (far 2, times 3), got 1" in err


@pytest.mark.parametrize(
    ("model", "words", "sentence"),
    [
        ("one", ["--label", "1"], "--label goes with --loss, such as --loss hinge --label -1"),
        ("one", ["--loss", "hinge"], "--loss hinge goes with the row's --label; it wants labels of -1 and +1"),
        (
            "one",
            ["--loss", "mine", "--label", "1"],
            f"expected a loss of Keras's, got 'mine': there are {', '.join(KERAS_LOSSES)}",
        ),
        (
            "one",
            ["--loss", "ctc", "--label", "1"],
            "ctc wants a sequence of outputs and a sequence of labels for each row, and a row has one label of -1 or "
            "+1: binary_crossentropy or hinge would do",
        ),
        ("one", ["--loss", "hinge", "--label", "one"], "expected a number such as -0.25, 1/3 or 1e-3, got 'one'"),
        ("one", ["--loss", "hinge", "--label", ""], "expected 1 number separated by commas, got 0"),
        (
            "three",
            ["--loss", "hinge", "--label", "-1"],
            "hinge wants a label for each output, or the class: 3 numbers or 1, but the model has 3 outputs and the "
            "label 1 number, -1",
        ),
    ],
)
def test_what_does_not_fit_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], model: str, words: list[str], sentence: str
) -> None:
    assert explained(folder, capsys, model, *words) == (2, "", f"byhand: {sentence}\n")


@pytest.mark.parametrize(
    ("model", "loss", "label"),
    [("one", "log_cosh", "-1"), ("three", "sparse_categorical_crossentropy", "2")],
)
def test_kerass_own_loss_is_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str], model: str, loss: str, label: str
) -> None:
    """Each starts the real engine."""
    words = ("--loss", loss, "--label", label, "--check", "--format", "json")
    code, out, err = explained(folder, capsys, model, *words)
    assert code == 0, err
    made = json.loads(out)["loss"]
    assert made["keras"] == pytest.approx(made["total"], abs=1e-6)
    assert made["abs_difference"] == pytest.approx(abs(made["keras"] - made["total"]))
