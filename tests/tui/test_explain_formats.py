"""byhand explain --format and --out: every format to a pipe or into a file, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from core.export.formats import FORMATS
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import trained
from tests.spreadsheets import read
from tests.waiting import PATIENCE
from tui import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tutorial's trained model."""
    path = tmp_path_factory.mktemp("models") / "tutorial.keras"
    save_model(path, *trained(), None, None)
    return path


def explain(model: Path, *words: str | Path) -> int:
    """Run the command here."""
    return cli.main(["explain", str(model), "--x", "0.3,0.1", *map(str, words)])


BEGINNINGS = {
    "text": "hidden 5 tanh > output 1 tanh\nx = ",
    "markdown": "# hidden 5 tanh \\> output 1 tanh\n",
    "latex": "\\documentclass{article}\n",
    "python": "# hidden 5 tanh > output 1 tanh\n",
    "json": '{\n  "model": "byhand",\n  "inputs": [',
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_format_goes_to_standard_output_or_the_same_into_a_file(
    name: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(model, "--format", name) == 0
    written = capsys.readouterr().out
    assert written.startswith(BEGINNINGS[name])
    path = tmp_path / "page"
    assert explain(model, "--format", name, "--out", path) == 0
    assert path.read_text(encoding="utf-8") == written
    size = f"{path.stat().st_size:,} bytes"
    assert capsys.readouterr().out == f"{FORMATS[name].words}: {size}, saved as {path}\n"


def test_without_a_format_it_is_text(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(model) == 0
    assert "by hand  0.9302 (0.93015913)" in capsys.readouterr().out
    assert explain(model, "--rounding", "carried") == 0
    assert "by hand  0.9301" in capsys.readouterr().out


@pytest.mark.parametrize("name", FORMATS)
def test_without_a_format_a_file_is_what_its_name_ends_as(name: str, model: Path, tmp_path: Path) -> None:
    asked, named = tmp_path / "asked", tmp_path / f"page{FORMATS[name].suffix}"
    assert explain(model, "--format", name, "--out", asked) == explain(model, "--out", named) == 0
    assert named.read_bytes() == asked.read_bytes()
    assert explain(model, "--number", "output[1]", "--out", named) == 0
    assert named.read_text().startswith("output/output[1] = 0.9302")


def test_a_spreadsheet_goes_into_a_file_or_a_pipe(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.xlsx"
    assert explain(model, "--format", "xlsx", "--out", path) == 0
    assert list(read(path.read_bytes())) == ["Calculation"]
    argv = [sys.executable, "-m", "tui", "explain", str(model), "--x", "0.3,0.1", "--format", "xlsx"]
    piped = subprocess.run(argv, capture_output=True, timeout=PATIENCE, check=False)
    assert (piped.returncode, piped.stderr) == (0, b"")
    assert read(piped.stdout) == read(path.read_bytes())


def test_a_spreadsheet_is_not_written_to_a_terminal(model: Path) -> None:
    argv = ["-m", "tui", "explain", str(model), "--x", "0.3,0.1", "--format", "xlsx"]
    child = pexpect.spawn(sys.executable, argv, encoding="utf-8", timeout=PATIENCE)
    said = child.read()
    child.close()
    assert child.exitstatus == 2
    assert " ".join(said.split()) == "byhand: expected --out and a file for xlsx, which a terminal cannot show"


def test_the_model_is_not_written_over(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(model, "--format", "text", "--out", model) == 2
    assert "expected another file than the model" in capsys.readouterr().err
    assert open_model(model).weights.equal(trained()[1])


def test_a_file_that_cannot_be_written_is_refused_and_nothing_left(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(model, "--out", tmp_path / "nowhere" / "page.txt") == 1
    assert "could not save page.txt: there is no such folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_loss_has_its_place_in_text_and_json_only(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--loss", "hinge", "--label", "-1")
    path = tmp_path / "page.json"
    assert explain(model, *words, "--format", "json", "--out", path) == 0
    made = json.loads(path.read_text())
    assert made["loss"]["loss"] == "hinge"
    assert made["calls"][0]["values"][2]["formula"] == "h = tanh(z)"
    capsys.readouterr()
    assert explain(model, *words, "--format", "markdown") == 2
    assert "expected --format text or json with --loss, got markdown" in capsys.readouterr().err


def test_a_format_that_there_is_not(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(model, "--format", "docx") == 2
    assert "'text', 'markdown', 'latex', 'python', 'json', 'xlsx'" in capsys.readouterr().err


def test_fractions_where_they_are_exact(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, fraction in (("text", "1/3"), ("markdown", "1/3"), ("latex", r"\tfrac{1}{3}")):
        words = ["explain", str(model), "--x", "1/3,0.1", "--fractions", "--format", name]
        assert cli.main(words) == 0
        assert fraction in capsys.readouterr().out
    assert explain(model, "--fractions", "--format", "json") == 2
    assert "expected --format text, markdown, latex with --fractions, got json" in capsys.readouterr().err


def test_carried_rounding_says_its_drift(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(model, "--rounding", "carried") == 0
    assert "output    y = tanh(V^T h + c)    drift up to 6e-05\n" in capsys.readouterr().out
