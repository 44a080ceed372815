"""An exercise on paper: blanks that nothing else gives away, and a key that fills them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.errors import Refused
from core.export.formats import PAPER_FORMATS
from core.export.latex_text import BLANK
from core.export.worksheet import PAPERS, worksheet
from core.export.worksheet_table import table
from core.model.layers_text import chain_network
from core.model.tutorial import trained
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.sheet import Level, Sheet, by_level
from core.practice.telling import key_answer
from tests.core.practice_people import chain_work
from tests.explanations import X, awkward, mixed, random_weights
from tests.spreadsheets import read
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.model.network import Network

SOME = (
    Spot(("hidden",), "weighted sum", (1,)),
    Spot(("hidden",), "output", (3,)),
    Spot(("output",), "pre-activation", (0,)),
)
"""s2 and h4 of the tutorial's hidden layer, and z1 of its output."""

TYPESET = r"\underline{\hspace{3.5em}\rule{0pt}{3ex}}"


def of(spots: Iterable[Spot], rounding: Rounding = Rounding.SHOWN) -> Sheet:
    """Return the tutorial's worked example with these numbers blank."""
    chain = chain_work(*trained(), X, rounding)
    blanks = sorted({chain.source(spot) for spot in spots}, key=chain.work.page.place)
    return Sheet(chain.work, tuple(blanks), len(blanks))


def missing(*places: tuple[str, str, tuple[int, ...]]) -> Sheet:
    """Return the tutorial's worked example with weights and biases missing."""
    results = {(call, name, at): Spot((call,), "pre-activation", at[-1:]) for call, name, at in places}
    return backwards.chosen(
        chain_work(*trained(), X).work, {Spot((call,), name, at): z for (call, name, at), z in results.items()}
    )


def of_network(network: Network, *spots: Spot) -> Sheet:
    """Return a sheet over random weights; all that is calculated is blank unless ``spots`` are given."""
    x = X if network.inputs == 2 else np.ones(network.inputs) / 3
    chain = chain_work(network, random_weights(network), x)
    return chain.sheet(spots) if spots else chain.everything()


def body(exercise: str) -> str:
    """Return a worksheet without its opening sentence, which speaks of a blank."""
    return exercise.split("\n\n", 1)[1]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_blank_number_stands_nowhere(paper: str) -> None:
    made = worksheet(of(SOME), PAPERS[paper])
    for number in ("0.2132", "0.3063", "1.6596"):
        assert number not in made.exercise
        assert number in made.key
    for number in ("-0.5112", "0.4277", "0.9302", "1.1575"):
        assert number in made.exercise
    assert "0.4277" not in made.key and "0.9302" not in made.key
    assert "3 numbers to find, at" in made.exercise
    assert "3 answers." in made.key


@pytest.mark.parametrize("paper", ["text", "markdown"])
def test_an_output_is_blank_as_an_input_of_the_next_layer_too(paper: str) -> None:
    made = worksheet(of([Spot(("hidden",), "output", (3,))]), PAPERS[paper])
    assert "1.3138*____ +" in made.exercise
    assert "h4 = tanh(z4) = tanh(0.3164) = ____" in made.exercise
    # The products would tell it by a division.
    assert "0.4024" not in made.exercise
    assert "h4 = tanh(0.3164) ~= 0.3063 +- " in made.key


def test_what_is_calculated_from_the_blank_is_not_done_for_the_learner() -> None:
    made = worksheet(of([Spot(("hidden",), "pre-activation", (1,))]), PAPERS["text"])
    assert "z2 = s2 + b2 = 0.2132 + 0.2145 = ____\n" in made.exercise
    assert "h2 = tanh(z2) = tanh(____) = 0.4034\n" in made.exercise
    assert "s3 = w13*x1 + w23*x2 = 0.9501*0.3000 + 0.9162*0.1000 = 0.2850 + 0.0916 = 0.3766" in made.exercise


@pytest.mark.parametrize("paper", PAPERS)
def test_a_blank_prediction_is_told_neither_by_keras_nor_with_more_digits(paper: str) -> None:
    made = worksheet(of([Spot(("output",), "output", (0,))]), PAPERS[paper])
    assert "Keras" not in made.exercise
    assert "0.93" not in made.exercise


def test_a_missing_weight_and_a_missing_bias() -> None:
    made = worksheet(missing(("hidden", "kernel", (0, 1)), ("output", "bias", (0,))), PAPERS["text"])
    assert "s2 = w12*x1 + w22*x2 = ____*0.3000 + 1.1575*0.1000 = 0.2132" in made.exercise
    assert "z1 = s1 + c1 = 1.3855 + ____ = 1.6596" in made.exercise
    assert "\nhidden\n  w12 = (0.4277 - 0.2145 - 1.1575*0.1000) / 0.3000 = 0.3248 +- 0.00098\n" in made.key
    assert "\noutput\n  c1 = 1.6596 - ((-0.8776)*(-0.5112) + 1.0935*0.4034 + " in made.key


def test_keys_are_listed_by_layer_with_the_line_that_makes_each_number_and_what_may_be_taken_for_it() -> None:
    keys = {name: worksheet(of(SOME), paper).key for name, paper in PAPERS.items()}
    s2 = "0.3248*0.3000 + 1.1575*0.1000"
    assert keys["text"].startswith("Key. 3 answers. Behind each answer stands how far a right one may be from it: ")
    assert f"\nhidden\n  s2 = {s2} = 0.2132 +- 0.00015\n  h4 = tanh(0.3164) ~= 0.3063 +- 0.00015\n" in keys["text"]
    assert "\noutput\n  z1 = 1.3855 + 0.2741 = 1.6596 +- " in keys["text"]
    assert f"## hidden\n\n- `s2 = {s2} = 0.2132 +- 0.00015`\n- `h4 = " in keys["markdown"]
    assert rf"$s_{{2}} =$ \texttt{{{s2}}} $=$ $\mathbf{{0.2132}} \pm 0.00015$" in keys["latex"]


def test_what_to_do_about_digits_is_said_in_the_words_of_a_learner() -> None:
    shown, carried = (worksheet(of(SOME, rounding), PAPERS["text"]).exercise for rounding in Rounding)
    assert "calculate with all the digits that you have, and write down 4 digits after the point" in shown
    assert (
        "round each result to 4 digits after the point, half away from zero, and go on with the rounded one" in carried
    )
    assert "rounding" not in shown + carried


@pytest.mark.parametrize("paper", PAPERS)
def test_there_is_a_line_for_the_name_and_room_to_work_each_number_out(paper: str) -> None:
    made = worksheet(of(SOME), PAPERS[paper])
    assert made.exercise.count("Name ") == made.exercise.count(" Date ") == 1 and "Name " not in made.key
    room = made.exercise.partition("Room to write")[2]
    assert all(f"{symbol} =" in room for symbol in (("s_{2}", "h_{4}") if paper == "latex" else ("s2", "h4")))


def filled_in(sheet: bytes, answers: list[float]) -> list[str]:
    """Return what the spreadsheet says beside each answer, by its own formula."""
    said = []
    for answer, cell in zip(answers, formulas(sheet), strict=True):
        typed, value, tolerance = re.fullmatch(FORMULA, cell).groups()  # type: ignore[union-attr]
        made = {name: f.value for name, f in next(iter(read(sheet).values())).items()}
        value, tolerance = (made.get(text, text) for text in (value, tolerance))
        assert typed not in made, "the cell to type in is empty"
        said.append("right" if abs(answer - float(value)) <= float(tolerance) * 1.000001 else "not right")
    return said


FORMULA = r'IF\(ISNUMBER\(([A-Z]+\d+)\),IF\(ABS\(\1-\(([^()]+)\)\)<=([^*]+)\*1\.000001,"right","not right"\),""\)'


def formulas(sheet: bytes) -> list[str]:
    (cells,) = read(sheet).values()
    return [cell.formula for cell in cells.values() if cell.formula is not None and cell.formula.startswith("IF(")]


@pytest.mark.parametrize("is_key", [False, True])
def test_a_spreadsheet_says_right_or_wrong_of_what_is_typed(is_key: bool) -> None:
    exercise = missing(("hidden", "kernel", (1, 3)), ("hidden", "kernel", (1, 4)))
    sheet = table(exercise, is_key)
    # From the printed numbers: by the pre-activation, and by the weighted sum.
    assert filled_in(sheet, [0.3750, -0.6756]) == filled_in(sheet, [0.3752, -0.6766]) == ["right", "right"]
    assert filled_in(sheet, [0.3650, 0.6764]) == ["not right", "not right"]
    (cells,) = read(sheet).values()
    texts = " ".join(str(cell.value) for cell in cells.values())
    assert ("0.3752" in texts) is is_key and ("it is missing in z4 = w14*x1" in texts) is not is_key


def test_a_row_of_the_spreadsheet_never_tells_a_number_that_is_blank() -> None:
    exercise = chain_work(*trained(), X).everything()
    (cells,) = read(table(exercise, False)).values()
    texts = " ".join(str(cell.value) for cell in cells.values())
    assert not [
        answer.text for answer in (key_answer(exercise, spot) for spot in exercise.blanks) if answer.text in texts
    ]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", ["text", "markdown", "latex"])
def test_an_exercise_of_the_practice_goes_out_with_all_its_blanks(level: Level, name: str) -> None:
    exercise = by_level(chain_work(*trained(), X).work, level, 3)
    made = worksheet(exercise, PAPERS[name])
    blank = TYPESET if name == "latex" else BLANK
    assert body(made.exercise).count(blank) >= len(exercise.blanks)
    answers = re.findall(r"^(?:  |- `|\$)[a-z][^ ]* =", made.key, re.MULTILINE)
    assert len(answers) == len(exercise.blanks)


def test_everything_of_a_mixed_network_can_be_blank() -> None:
    exercise = of_network(mixed())
    for paper in PAPERS.values():
        assert worksheet(exercise, paper).key.count(" =") > 10


def test_only_what_is_on_the_page_is_asked_and_answered() -> None:
    network = chain_network(3, "50 relu, 1")
    first, late = (Spot(("hidden",), "output", (unit,)) for unit in (0, 45))
    made = worksheet(of_network(network, first, late), PAPERS["text"])
    assert "1 number to find" in made.exercise
    assert "h46" not in made.key
    with pytest.raises(Refused, match="it leaves out the end of wide layers"):
        worksheet(of_network(network, Spot(("hidden",), "weighted sum", (45,))), PAPERS["text"])


def test_no_blanks_are_refused() -> None:
    with pytest.raises(Refused, match="expected blanks on the page, got none"):
        worksheet(of([]), PAPERS["text"])


def test_the_formats_of_an_exercise_and_its_key() -> None:
    assert [one.letter for one in PAPER_FORMATS] == ["t", "m", "l", "x", "T", "M", "L", "X"]
    made = [one.data(of(SOME)) for one in PAPER_FORMATS]
    texts = [next(iter(read(data))) if data.startswith(b"PK") else data.decode() for data in made]
    assert [text.count("Key") for text in texts] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [one.stem + one.suffix for one in PAPER_FORMATS][::7] == ["worksheet.txt", "key.xlsx"]


def test_pdflatex_compiles_worksheet_and_key(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not on this machine, so nothing was compiled")
    made = worksheet(of_network(awkward()), PAPERS["latex"])
    for name, text in (("exercise", made.exercise), ("key", made.key)):
        (tmp_path / f"{name}.tex").write_text(text)
        argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{name}.tex"]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
