"""``--make``: each kind of data with the options that it has, and those that it lacks refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.data.dataset import DataFile, Dataset
from core.data.makers import MAKERS, Bars, Blobs, CircleRule, Maker, SineRule, SumRule
from core.losses import loss_called
from core.model.layers_text import chain_network, shape_text
from core.tasks.choosing import task_for
from tui import cli, options
from tui.headless import evaluate, train

if TYPE_CHECKING:
    from pathlib import Path


def parsed(command: str, *words: str) -> tuple[Maker, str, str]:
    """The maker that a training would be of, its layers and its loss."""
    parser = cli._Parser("byhand train", "")
    options.OPTIONS[command](parser)
    dataset, network, recipe, _ = train._settings(parser.parse_args([*words, "--out", "x.keras"]))
    assert not isinstance(dataset.origin, str)
    return dataset.origin, shape_text(network), recipe.loss  # type: ignore[return-value]


def evaluated(inputs: int, *words: str) -> object:
    """What would make the data for a model of so many inputs."""
    parser = cli._Parser("byhand evaluate", "")
    options.OPTIONS["evaluate"](parser)
    return evaluate._data(parser.parse_args([*words, "x.keras"]), chain_network(inputs, "1")).origin


def test_the_command_line_knows_every_kind_and_the_tutorials_first() -> None:
    assert tuple(MAKERS) == options.MAKES
    assert {kind: maker.kind for kind, maker in MAKERS.items()} == dict(zip(MAKERS, MAKERS, strict=True))


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_is_trained_on_with_the_model_that_suits_it(kind: str) -> None:
    maker, layers, loss = parsed("train", "--make", kind)
    assert maker == MAKERS[kind]()
    assert (layers, loss) == maker.suited


@pytest.mark.parametrize(
    ("words", "maker", "layers", "loss"),
    [
        (("--preset", "2", "--inputs", "3"), SumRule(250, 3, 1.5), "20 tanh, 1 tanh", "hinge"),
        (("--make", "circle", "--noise", "0.1", "--points", "300"), CircleRule(300, 0, 0.1), "4 tanh, 1 tanh", "hinge"),
        (
            ("--make", "circle", "--layers", "3 relu, 1 sigmoid", "--loss", "bce"),
            CircleRule(),
            "3 relu, 1 sigmoid",
            "binary_crossentropy",
        ),
        (
            ("--make", "blobs", "--classes", "5", "--data-seed", "7"),
            Blobs(250, 5, 7),
            "8 relu, 5 softmax",
            "sparse_categorical_crossentropy",
        ),
        (("--make", "bars", "--size", "4"), Bars(250, 4), "8 relu, 1 tanh", "hinge"),
        (("--make", "sine", "--inputs", "2"), SineRule(250, 2), "16 tanh, 1", "mean_squared_error"),
    ],
)
def test_options_are_the_makers_settings(words: tuple[str, ...], maker: Maker, layers: str, loss: str) -> None:
    assert parsed("train", *words) == (maker, layers, loss)


def test_evaluate_makes_other_points_than_those_of_a_training() -> None:
    assert evaluated(2, "--make", "sum") == SumRule(200, 2, 0.5, 1)
    assert evaluated(5, "--seed", "1") == SumRule(200, 5, 2.5, 1)
    assert evaluated(2, "--make", "xor", "--noise", "0.2") == MAKERS["xor"](200, 1, noise=0.2)  # type: ignore[call-arg]
    assert evaluated(4, "--make", "iris") == MAKERS["iris"](seed=1)
    assert evaluated(1, "--make", "sine") == SineRule(200, 1, 1)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--make", "circle", "--threshold", "1"), "--make circle has, got --threshold"),
        (("--make", "digits", "--noise", "0"), "--make digits has, got --noise: it has --points, --data-seed"),
        (("--make", "xor", "--inputs", "2"), "--make xor has, got --inputs"),
        (("--classes", "3"), "--make sum has, got --classes"),
        (("--make", "bars", "--classes", "2"), "--make bars has, got --classes"),
        (("--make", "blobs", "--classes", "11"), "expected classes from 2 to 10, got 11"),
        (("--make", "moons", "--preset", "1"), "expected --preset or --make moons, got both"),
        (("--make", "ring"), "invalid choice: 'ring'"),
        (("--data", "a.csv", "--make", "xor"), "expected --data or --make, got both"),
        (("--make", "blobs", "--layers", "4 relu, 1"), "expected an output for each of the 3 classes"),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", *words, "--out", str(tmp_path / "out.keras")]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(("values", "counted"), [((0.0, 0.5, 2.0), ()), ((0.0, 1.0), ("binary_accuracy",))])
def test_binary_accuracy_is_counted_of_signs_and_of_0_and_1_alone(
    values: tuple[float, ...], counted: tuple[str, ...]
) -> None:
    labels = np.array(values, dtype=np.float32)[:, np.newaxis]
    data = Dataset(np.zeros((len(values), 1), dtype=np.float32), labels, DataFile("mine.csv"))
    poisson = (loss_called("poisson"),)
    assert evaluate._metrics(None, task_for(data, 1, "poisson"), poisson, ()) == (counted,)
