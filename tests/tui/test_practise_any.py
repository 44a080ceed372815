"""byhand practise of a model that is no chain of the first layers, as a shell meets it."""

from __future__ import annotations

import io
import re
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.arrays import frozen
from core.calculation.beyond import gone_on
from core.layers.nested import with_layer_at
from core.layers.sealed import Sealed
from core.layers.writer import Weight
from core.model.files import opening
from core.model.files.opening import OpenedGraph
from core.practice.sheet import Level, by_level, work
from tests.graphs import ENTRY, recurrent, sealed
from tui import cli
from tui.headless import practise as command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Practise = Callable[..., list[str]]

POINT = "0.1,0.2,0.3,0.4,-0.1,-0.2,0.5,0.6"


@pytest.fixture
def practise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Practise:
    """Run the command on an LSTM with lines typed into it; give the lines that it wrote."""
    model = recurrent()
    monkeypatch.setattr(opening, "open_any", lambda *_: model)

    def run(*words: str, typed: str = "", code: int = 0) -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert cli.main(["practise", str(tmp_path / "waves.keras"), *words]) == code
        captured = capsys.readouterr()
        return (captured.out + captured.err).splitlines()

    return run


def test_it_asks_marks_hints_and_scores(practise: Practise) -> None:
    model = recurrent()
    point = np.array([float(one) for one in POINT.split(",")]).reshape(4, 2)
    made = work(model.graph, model.weights, [point])
    sheet = by_level(made, Level.MEDIUM, 0, made.call("output"))
    answers = [f"{made.page.number(spot):.4f}" for spot in sheet.blanks]
    typed = "\n".join(["?", answers[0], "7", "reveal", *answers[2:]]) + "\n"
    lines = practise("--x", POINT, "--layer", "output", typed=typed)
    assert lines[0] == "3 numbers are blank."
    assert any(
        line.startswith("Question 1 of 3. output/weighted sum[1]: weighted sum[1] = lstm/output[1]*kernel[1,1]")
        for line in lines
    )
    assert any(line.startswith("lstm/output[1] * kernel[1,1] = ") for line in lines)
    assert any(line.startswith("Not right") for line in lines)
    assert lines[-1].startswith("1.75 of 3 points: 2 right, 1 revealed, 0 not found.")


def test_it_is_saved_and_resumed(practise: Practise, tmp_path: Path) -> None:
    path = tmp_path / "practice.json"
    practise("--x", POINT, "--layer", "output", "--save", str(path), typed="reveal\n")
    lines = practise("--resume", str(path), typed="stop\n")
    assert any(line.startswith("Question 2 of 3. ") for line in lines)


def test_it_is_written_on_paper_with_its_key(practise: Practise, tmp_path: Path) -> None:
    for ending in (".txt", ".md", ".tex", ".xlsx"):
        sheet, key = tmp_path / f"sheet{ending}", tmp_path / f"key{ending}"
        lines = practise("--x", POINT, "--level", "hard", "--worksheet", str(sheet), "--key", str(key))
        assert [line.split(" ")[0] for line in lines] == ["worksheet", "key"]
    asked, answers = (tmp_path / "sheet.txt").read_text(), (tmp_path / "key.txt").read_text()
    assert asked.count(" = ....") == 3 * len(re.findall(r"\+- \d", answers)) > 20
    assert asked.startswith("Worksheet. 75 numbers to find, at ____.")


def test_a_dense_layer_of_it_is_solved_backwards(practise: Practise) -> None:
    lines = practise("--x", POINT, "--backwards", typed="?\nreveal\n")
    assert "it is missing in" in lines[3] and lines[-1].startswith("0 of 1 point: 0 right, 1 revealed")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--backwards", "--layer", "lstm"), "expected a layer whose weights stand in one line each"),
        (("--layer", "no"), "expected a layer that calculates something (lstm, output), got 'no'"),
        (("--worksheet", "sheet.pdf"), "expected a file for --worksheet that ends in .txt, .md, .tex, .xlsx"),
    ],
)
def test_what_is_not_there_is_refused(practise: Practise, words: tuple[str, ...], says: str) -> None:
    lines = practise("--x", POINT, *words, code=1 if "lstm" in words else 2)
    assert any(says in line for line in lines), lines


def test_it_goes_on_after_a_layer_that_keras_is_asked_for_unless_it_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = sealed()
    layer = Sealed("own", "ConvLSTM2D", "not followed yet", ENTRY, is_asked=True)
    after = {Weight(("after",), "kernel"): frozen([[1], [1]]), Weight(("after",), "bias"): frozen([0.5])}
    model = OpenedGraph(with_layer_at(known.graph, ("own",), layer), {**known.weights, **after}, "it stops")
    monkeypatch.setattr(opening, "open_any", lambda *_: model)
    twice = partial(gone_on, ask=lambda question: [2 * one for one in question.inputs])
    monkeypatch.setattr(command, "as_far_as_keras_goes", twice)
    words = ["practise", str(tmp_path / "m.keras"), "--x", "0.1,0.2", "--layer", "after"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("stop\n"))
    assert cli.main(words) == 0
    told = capsys.readouterr()
    assert "from Keras, not calculated here: own" in told.err and "Question 1 of 2. " in told.out
    assert cli.main([*words, "--save", str(tmp_path / "p.json")]) == 2
    assert "it stops; a practice that is saved has no numbers from Keras" in capsys.readouterr().err
