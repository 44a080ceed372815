"""The commands with full-width numbers, as options and as answers to their questions; and lessons in Japanese."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from core.cells import cell_width
from core.lessons.shelf import built_in
from core.model.files.opening import open_model
from core.model.network import describe
from core.model.save_model import save_model
from core.model.tutorial import trained
from core.training.recipe import Recipe
from core.training.schedules import read_schedule
from tui import cli
from tui.headless import train
from tui.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the tutorial's model, in a folder of its own, with lines of input; return what it says."""
    network, weights = trained()
    save_model(tmp_path / "m.keras", network, weights, Recipe(), None)
    monkeypatch.chdir(tmp_path)

    def command(*words: str, typed: str = "") -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert cli.main(words) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return command


@pytest.mark.parametrize(
    ("wide", "plain"),
    [
        (["explain", "m.keras", "--x", "０．３、０．１", "--digits", "３"], ["--x", "0.3,0.1", "--digits", "3"]),
        (["explain", "m.keras", "--x", "−０，３；０，１"], ["--x", "-0.3,0.1"]),
        (["explain", "m.keras", "--x", "-０．３\u3000０．１"], ["--x", "-0.3,0.1"]),
        (
            ["explain", "m.keras", "--x", "0,3 0,1", "--loss", "hinge", "--label", "−１"],
            ["--x", "0.3,0.1", "--loss", "hinge", "--label", "-1"],
        ),
        (["weights", "m.keras", "output", "--digits", "２"], ["output", "--digits", "2"]),
        (
            ["evaluate", "m.keras", "--points", "５０", "--threshold", "０，７"],
            ["--points", "50", "--threshold", "0.7"],
        ),
    ],
)
def test_options_take_full_width_numbers(run: Run, wide: list[str], plain: list[str]) -> None:
    assert run(*wide) == run(*wide[:2], *plain)


def test_the_settings_of_a_training_are_taken_in_full_width() -> None:
    options = {
        "points": "１００",
        "noise": "０，１",
        "layers": "３\u3000tanh、１\u3000tanh",
        "epochs": "１２",
        "learning-rate": "０．００５",
        "optimizer": "sgd",
        "optimizer-options": "momentum\u3000０．９、nesterov",
        "schedule": "cosine_decay\u3000decay_steps\u3000９０",
    }
    words = [f"--{name}={text}" for name, text in options.items()]
    parser = cli._Parser("train", "")
    OPTIONS["train"](parser)
    arguments = parser.parse_args([*words, "--out=x.keras"])
    assert (arguments.points, arguments.noise) == (100, 0.1)
    _, network, recipe, _ = train._settings(arguments)
    assert describe(network) == "hidden 3 tanh > output 1 tanh"
    assert (recipe.epochs, recipe.learning_rate) == (12, 0.005)
    assert recipe.optimizer_options == (("momentum", 0.9), ("nesterov", True))
    assert recipe.schedule == read_schedule("cosine_decay decay_steps 90")


@pytest.mark.parametrize("option", ["--points", "--noise"])
def test_what_is_no_number_is_said_of_the_option(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--out", "x.keras", option, "三"]) == 2
    assert f"argument {option}: expected a" in capsys.readouterr().err


def test_arrays_are_taken_in_full_width(run: Run, tmp_path: Path) -> None:
    arrays = "［［［１］、［１］、［１］、［１］、［１］］、［−０．５］］"
    run("set-weights", "m.keras", "output", arrays, "--out", "new.keras")
    kernel, bias = open_model(tmp_path / "new.keras").weights.layers[1]
    assert kernel.ravel().tolist() == [1] * 5 and bias.tolist() == [-0.5]


def test_questions_are_answered_in_full_width(run: Run) -> None:
    said = run("practise", "m.keras", "--x", "０．３，０．１", "--seed", "１", "--level", "easy", typed="？\nstop\n")
    assert "Not counted" not in said and "Question 1 of" in said
    said = run("lesson", "１", typed="\n？\n０．０９７４\n０，２１３２\n２\nｑｕｉｔ\n")
    assert "Hint: 0.3248 times 0.3" in said and "Right: s2 of hidden = 0.2132." in said and "Left at step 5" in said


def test_a_lesson_is_read_in_the_language_asked_for_or_of_messages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [of.title for of in built_in("ja")]
    assert all(title in run("lesson", "--language", "ja") for title in titles)
    assert built_in()[0].title in run("lesson")
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    said = run("lesson", "２", typed="skip\n" * 9)
    assert titles[1] in said and "Finished" in said
    assert all(cell_width(line) < 80 for line in said.splitlines())
    assert built_in()[0].title in run("lesson", "--language", "de")


def test_a_language_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lesson", "--language", "日本語"]) == 2
    assert "expected a language such as ja or en" in capsys.readouterr().err
