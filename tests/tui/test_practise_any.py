"""byhand practise of a model that is no chain of the first layers, as a shell meets it."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.model.files import opening
from core.practice.sheet import Level, by_level, work
from tests.graphs import recurrent
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Practise = Callable[..., list[str]]

POINT = "0.1,0.2,0.3,0.4,-0.1,-0.2,0.5,0.6"


@pytest.fixture
def practise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Practise:
    """Run the command on an LSTM with lines typed into it; give the lines that it wrote."""
    model = recurrent()
    monkeypatch.setattr(opening, "open_any", lambda path: model)

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
    assert any(line.startswith("Question 1 of 3. weighted sum[1] = lstm/output[1]*kernel[1,1]") for line in lines)
    assert (
        "weighted sum[1] = lstm/output[1]*kernel[1,1] + lstm/output[2]*kernel[2,1] + lstm/output[3]*kernel[3,1]"
        in lines
    )
    assert any(line.startswith("Not right") for line in lines)
    assert lines[-1].startswith("1.75 of 3 points: 2 right, 1 revealed, 0 not found.")


def test_it_is_saved_and_resumed(practise: Practise, tmp_path: Path) -> None:
    path = tmp_path / "practice.json"
    practise("--x", POINT, "--layer", "output", "--save", str(path), typed="reveal\n")
    lines = practise("--resume", str(path), typed="stop\n")
    assert any(line.startswith("Question 2 of 3. ") for line in lines)


def test_it_is_written_on_paper_with_its_key(practise: Practise, tmp_path: Path) -> None:
    sheet, key = tmp_path / "sheet.md", tmp_path / "key.txt"
    practise("--x", POINT, "--level", "hard", "--worksheet", str(sheet), "--key", str(key))
    asked, answers = sheet.read_text(), key.read_text()
    assert asked.count("\n## ") == len(re.findall(r"\+- \d", answers)) > 20
    assert asked.startswith("## Worksheet: waves.")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--backwards",), "expected no --backwards for a model of these layers"),
        (("--layer", "no"), "expected a layer that calculates something (lstm, output), got 'no'"),
        (("--worksheet", "sheet.xlsx"), "expected a file that ends in .txt or .md for a model of these layers"),
    ],
)
def test_what_is_not_there_is_refused(practise: Practise, words: tuple[str, ...], says: str) -> None:
    lines = practise("--x", POINT, *words, code=2 if "xlsx" not in words[-1] else 1)
    assert any(says in line for line in lines), lines
