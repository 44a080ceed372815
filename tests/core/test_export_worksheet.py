"""An exercise on paper: blanks that nothing else gives away, and a key that fills them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from core.calculation.rounding import Rounding
from core.calculation.spot import Kind, Spot, calculated
from core.errors import Refused
from core.export.explanation import BLANK
from core.export.formats import worksheet_formats
from core.export.worksheet import PAPERS, worksheet
from core.model.network import dense_network
from core.model.tutorial import trained
from core.practice.exercise import Level, by_level, calculation
from tests.explanations import X, awkward, explained, mixed, tutorial
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

SOME = (Spot(0, Kind.SUM, 1), Spot(0, Kind.OUTPUT, 3), Spot(1, Kind.Z, 0))
"""s2 and h4 of the tutorial's hidden layer, and z1 of its output."""

TYPESET = r"\underline{\hspace{3.5em}\rule{0pt}{3ex}}"


def body(exercise: str) -> str:
    """Return a worksheet without its opening sentence, which speaks of a blank."""
    return exercise.split("\n\n", 1)[1]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_blank_number_stands_nowhere(paper: str) -> None:
    made = worksheet(tutorial(), SOME, PAPERS[paper])
    for number in ("0.2132", "0.3063", "1.6596"):
        assert number not in made.exercise
        assert number in made.key
    for number in ("-0.5112", "0.4277", "0.9302", "1.1575"):
        assert number in made.exercise
        assert number not in made.key
    assert "3 numbers to find, at" in made.exercise
    assert "3 answers." in made.key


@pytest.mark.parametrize("paper", ["text", "markdown"])
def test_an_output_is_blank_as_an_input_of_the_next_layer_too(paper: str) -> None:
    made = worksheet(tutorial(), [Spot(1, Kind.INPUT, 0, 3)], PAPERS[paper])
    assert "1.3138*____ +" in made.exercise
    assert "h4 = tanh(z4) = ____" in made.exercise
    # The products would tell it by a division.
    assert "0.4024" not in made.exercise
    assert "h4 = 0.3063" in made.key


def test_what_is_calculated_from_the_blank_is_not_done_for_the_learner() -> None:
    made = worksheet(tutorial(), [Spot(0, Kind.Z, 1)], PAPERS["text"])
    assert "z2 = 0.3248*0.3000 + 1.1575*0.1000 + 0.2145 = ____   h2 = tanh(z2) = 0.4034\n" in made.exercise
    assert "z3 = 0.9501*0.3000 + 0.9162*0.1000 + 0.0135 = 0.2850 + 0.0916 + 0.0135 = 0.3902" in made.exercise


@pytest.mark.parametrize("paper", PAPERS)
def test_a_blank_prediction_is_told_neither_by_keras_nor_with_more_digits(paper: str) -> None:
    made = worksheet(tutorial(), [Spot(1, Kind.OUTPUT, 0)], PAPERS[paper])
    assert "Keras" not in made.exercise
    assert "0.93" not in made.exercise


def test_a_missing_weight_and_a_missing_bias() -> None:
    made = worksheet(tutorial(), [Spot(0, Kind.WEIGHT, 1, 0), Spot(1, Kind.BIAS, 0)], PAPERS["text"])
    assert "z2 = ____*0.3000 + 1.1575*0.1000 + 0.2145 = 0.4277" in made.exercise
    assert "(-0.1030)*(-0.1133) + ____ = 1.6596" in made.exercise
    assert made.key == "Key. 2 answers.\n\nhidden\n  w12 = 0.3248\n\noutput\n  c1 = 0.2741\n"


def test_keys_are_listed_by_layer_and_symbol() -> None:
    assert worksheet(tutorial(), SOME, PAPERS["text"]).key == (
        "Key. 3 answers.\n\nhidden\n  s2 = 0.2132\n  h4 = 0.3063\n\noutput\n  z1 = 1.6596\n"
    )
    assert "## hidden\n\n- `s2 = 0.2132`\n- `h4 = 0.3063`\n" in worksheet(tutorial(), SOME, PAPERS["markdown"]).key
    assert "$s_{2} = 0.2132$\n\n$h_{4} = 0.3063$" in worksheet(tutorial(), SOME, PAPERS["latex"]).key


def test_how_to_round_is_said() -> None:
    shown, carried = (worksheet(tutorial(rounding), SOME, PAPERS["text"]).exercise for rounding in Rounding)
    assert "calculate with all digits that you have, and write 4 decimal places." in shown
    assert "round every number to 4 decimal places as you write it down, and go on with the rounded one." in carried


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", ["text", "markdown", "latex"])
def test_an_exercise_of_the_practice_goes_out_with_all_its_blanks(level: Level, name: str) -> None:
    work = calculation(*trained(), X)
    exercise = by_level(work, level, 3)
    made = worksheet(tutorial(), exercise.blanks, PAPERS[name])
    blank = TYPESET if name == "latex" else BLANK
    assert body(made.exercise).count(blank) >= len(exercise.blanks)
    answers = re.findall(r"^(?:  |- `|\$)[a-z][^ ]* = ", made.key, re.MULTILINE)
    assert len(answers) == len(exercise.blanks)


def test_everything_of_a_mixed_network_can_be_blank() -> None:
    explanation = explained(mixed())
    for paper in PAPERS.values():
        made = worksheet(explanation, calculated(explanation.trace), paper)
        assert made.key.count(" = ") > 10


def test_only_what_is_on_the_page_is_asked_and_answered() -> None:
    explanation = explained(dense_network(3, "50 relu, 1"))
    spots = [Spot(0, Kind.OUTPUT, 0), Spot(0, Kind.OUTPUT, 45)]
    made = worksheet(explanation, spots, PAPERS["text"])
    assert "1 number to find" in made.exercise
    assert "h46" not in made.key
    with pytest.raises(Refused, match="it leaves out the middle of wide layers"):
        worksheet(explanation, [Spot(0, Kind.SUM, 45)], PAPERS["text"])


def test_no_blanks_are_refused() -> None:
    with pytest.raises(Refused, match="expected blanks on the page, got none"):
        worksheet(tutorial(), [], PAPERS["text"])


def test_the_formats_of_a_worksheet_take_any_iterable() -> None:
    formats = worksheet_formats(iter(SOME))
    assert [one.letter for one in formats] == ["t", "m", "l", "T", "M", "L"]
    texts = [one.data(tutorial()).decode() for one in formats]
    assert [text.count("Key") for text in texts] == [0, 0, 0, 1, 1, 1]
    assert [one.stem + one.suffix for one in formats][::5] == ["worksheet.txt", "key.tex"]


def test_pdflatex_compiles_worksheet_and_key(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not on this machine, so nothing was compiled")
    explanation = explained(awkward())
    made = worksheet(explanation, calculated(explanation.trace), PAPERS["latex"])
    for name, text in (("exercise", made.exercise), ("key", made.key)):
        (tmp_path / f"{name}.tex").write_text(text)
        argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{name}.tex"]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
