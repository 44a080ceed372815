"""byhand practise as a shell and a screen reader meet it: plain lines of question and answer."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.layers.activation_layers import Activation
from core.model.network import Network
from core.model.save_model import save_model
from core.model.tutorial import trained
from core.model.weights import Weights
from tests.waiting import PATIENCE
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Practise = Callable[..., list[str]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tutorial's trained model."""
    path = tmp_path_factory.mktemp("models") / "tutorial.keras"
    save_model(path, *trained(), None, None)
    return path


@pytest.fixture
def practise(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Practise:
    """Run the command with lines typed into it; give the lines that it wrote."""

    def run(*words: str, typed: str = "", code: int = 0) -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert cli.main(["practise", str(model), *words]) == code
        return capsys.readouterr().out.splitlines()

    return run


AT_03_01 = ("--x", "0.3,0.1")

RIGHT = "-0.3814 0.2132 0.3766 0.0390 -0.2098 -0.5643 0.4277 0.3902 0.3164 -0.1137 -0.5112 0.4034 0.3715 0.3063 -0.1133"


def lines(words: str) -> str:
    return "\n".join(words.split()) + "\n"


def test_the_whole_calculation_is_practised_from_question_to_score(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--level", "hard", typed=lines(f"{RIGHT} 1.3855 1.6596 0.9302"))
    assert shown[0] == "18 numbers are blank."
    assert shown[1].startswith("Digits 4, rounding shown, marked at once. 1 point for each number")
    assert shown[3].startswith("Question 1 of 18. s1, the weighted sum of hidden, unit 1: s1 = w11*x1 + w21*x2")
    assert sum(line.startswith("Question ") for line in shown) == 18
    assert sum(line.startswith("Right (to 0.000") for line in shown) == 18
    assert shown[-1].startswith("18 of 18 points: 18 right, 0 revealed, 0 not found. Time ")


@pytest.mark.parametrize("rounding", ["shown", "carried"])
@pytest.mark.parametrize("answer", ["0.9301", "0.9302", "0,9302"])
def test_the_tutorials_prediction_either_way(practise: Practise, rounding: str, answer: str) -> None:
    typed = "skip\n" * 17 + answer + "\n"
    shown = practise(*AT_03_01, "--level", "hard", "--rounding", rounding, typed=typed)
    assert shown[-1].startswith("1 of 18 points: 1 right, 0 revealed, 17 not found.")


def test_a_wrong_answer_gets_its_slip_and_another_attempt(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed=lines("1.3855 1.3855 1.6596 0.9302"))
    assert re.fullmatch(
        r"Not right \(to 0\.00\d+: half of the 4th digit, plus what rounding the numbers before it to 4 digits can "
        r"do\)\. It looks as if the bias c1 was left out\. Try again, or type hint, reveal or skip\.",
        shown[6],
    )
    assert shown[-1].startswith("2.75 of 3 points: 3 right")


def test_what_is_no_number_is_said_and_not_counted(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed="nonsense\n\nnan\n1e999\n1.3855\nstop\n")
    refusals = [line for line in shown if line.startswith("Not counted: expected a number")]
    assert len(refusals) == 4 and refusals[1].endswith("got nothing; or help.")
    assert shown[-1].startswith("1 of 3 points: 1 right")


def test_words_are_commands_in_capitals_too(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed="help\nHINT\n Hint \nreveal\nSkip\nstop\n1\n")
    assert sum(line.startswith("Type the number: 0.25, 0,25 and 1/4 are the same.") for line in shown) == 2
    assert "s1 = v11*h1 + v21*h2 + v31*h3 + v41*h4 + v51*h5" in shown
    assert "v11 * h1 = (-0.8776) * (-0.5112) = 0.4486" in shown
    assert "s1, the weighted sum of output, unit 1 = 1.3855" in shown
    assert shown[-1].startswith("0 of 3 points: 0 right, 1 revealed, 2 not found.")


@pytest.mark.parametrize("word", ["stop", "quit", "Q"])
def test_the_words_that_leave_a_lesson_leave_a_practice_too(practise: Practise, word: str) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed=f"{word}\n1.3855\n")
    assert shown[-1].startswith("0 of 3 points") and not any(line.startswith("Not counted") for line in shown)


def test_what_a_hint_costs_is_said_before_it_is_taken(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed="hint\n")
    assert "A hint takes a quarter of the point." in shown[2]


def test_there_is_an_end_of_hints(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed="hint\n" * 7)
    assert "No hint: that was the last hint: put the terms together, or reveal the number." in shown


def test_a_question_mark_is_a_hint_too(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", typed="?\nhint\n")
    assert "hint or ? for the next term" in shown[2]
    assert shown[4] == "s1 = v11*h1 + v21*h2 + v31*h3 + v41*h4 + v51*h5"
    assert shown[5] == "v11 * h1 = (-0.8776) * (-0.5112) = 0.4486"


@pytest.mark.parametrize(
    ("digits", "answers", "right"), [("1", "1.4 1.5 1.7 1.0 0.9", 3), ("2", "1.39 1.7 1.66 0.91", 2)]
)
def test_with_few_digits_wrong_is_still_wrong(practise: Practise, digits: str, answers: str, right: int) -> None:
    shown = practise(*AT_03_01, "--layer", "output", "--digits", digits, typed=lines(answers))
    assert sum(line.startswith("Not right (to 0.") for line in shown) == 2
    assert f": {right} right," in shown[-1]


def test_a_number_from_an_earlier_wrong_one_is_carried_forward_though_one_between_is_wrong_too(
    practise: Practise,
) -> None:
    shown = practise(*AT_03_01, "--layer", "output", "--mark", "at-end", typed=lines("1.5 1.5 0.9441"))
    assert ["not right" in line for line in shown[6:8]] == [True, True]
    assert shown[8].startswith("y, the output of output, unit 1: right with your own earlier numbers")


# On paper


@pytest.mark.parametrize(("ending", "blank"), [(".txt", "____"), (".md", "____"), (".tex", "\\underline")])
def test_a_worksheet_and_its_key_are_written_and_nothing_is_asked(
    practise: Practise, tmp_path: Path, ending: str, blank: str
) -> None:
    sheet, key = tmp_path / f"sheet{ending}", tmp_path / f"key{ending}"
    shown = practise(*AT_03_01, "--layer", "output", "--worksheet", str(sheet), "--key", str(key))
    assert [line.split(" ")[0] for line in shown] == ["worksheet", "key"]
    assert blank in sheet.read_text() and "0.9302" not in sheet.read_text()
    assert "0.9302" in key.read_text() and "1.3855" in key.read_text()


def test_the_same_seed_makes_the_same_worksheet(practise: Practise, tmp_path: Path) -> None:
    made = []
    for name, seed in (("a.md", "7"), ("b.md", "7"), ("c.md", "9")):
        practise(*AT_03_01, "--level", "easy", "--seed", seed, "--worksheet", str(tmp_path / name))
        made.append((tmp_path / name).read_text())
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--worksheet", "a.pdf"), "expected a file for --worksheet that ends in .txt, .md, .tex, .xlsx, got a.pdf"),
        (("--key", "a"), "expected a file for --key that ends in .txt, .md, .tex, .xlsx, got a"),
        (("--worksheet", "a.md", "--key", "a.md"), "expected two files"),
        (("--worksheet", "a.md", "--save", "b"), "expected --worksheet and --key without --save"),
    ],
)
def test_options_of_paper_that_cannot_be(
    words: tuple[str, ...], message: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["practise", str(model), *AT_03_01, *words]) == 2
    assert message in capsys.readouterr().err


def test_the_end_of_the_input_is_the_end_with_the_score(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--seed", "1")
    assert "0 right" in shown[-1] and "Time 0 s." in shown[-1]


def test_no_input_at_all_is_the_end_too(practise: Practise, monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["practise", str(model), *AT_03_01]) == 0


def test_marked_at_the_end_nothing_is_said_before(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", "--mark", "at-end", typed=lines("1.3855 1.3855 0.8822"))
    assert [line.split(" ")[0] for line in shown[3:6]] == ["Question"] * 3
    assert shown[6].startswith("s1, the weighted sum of output, unit 1: right (to ")
    assert "not right (to 0.00" in shown[7] and shown[7].endswith("It looks as if the bias c1 was left out.")
    assert shown[8].startswith("y, the output of output, unit 1: right with your own earlier numbers")
    assert shown[-1].startswith("2 of 3 points: 2 right (1 of them with an earlier error carried forward)")


def test_backwards(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--backwards", "--layer", "hidden", typed=lines("0.3248"))
    assert shown[3].startswith("Question 1 of 3. w12, the kernel of hidden, input 1, unit 2: it is missing in z2 =")
    assert shown[4].startswith("Right (to 0.00094: ")


@pytest.mark.parametrize("words", [(), ("--level", "easy"), ("--level", "hard"), ("--backwards",)])
def test_the_same_seed_asks_the_same(practise: Practise, words: tuple[str, ...]) -> None:
    first, again = (practise(*AT_03_01, *words, "--seed", "5", typed="skip\n" * 20) for _ in range(2))
    assert first[:-1] == again[:-1] and len(first) > 4


def test_digits(practise: Practise) -> None:
    shown = practise(*AT_03_01, "--layer", "output", "--digits", "2", typed=lines("1.39 1.66 0.93"))
    assert shown[1].startswith("Digits 2,") and shown[-1].startswith("3 of 3 points")


# Left and resumed


def test_a_practice_is_left_and_resumed(practise: Practise, tmp_path: Path) -> None:
    file = str(tmp_path / "practice.json")
    left = practise(*AT_03_01, "--layer", "output", "--save", file, typed="1.3855\nstop\n")
    assert left[-1] == f"Saved as {file}. --resume goes on from here."
    resumed = practise("--resume", file, "--save", file, typed=lines("1.6596 0.9302"))
    assert resumed[3].startswith("Question 2 of 3. z1, ") and "s1 = 1.3855 (your answer)" in resumed[3]
    assert resumed[-2].startswith("3 of 3 points") and resumed[-1] == f"Saved as {file}."
    finished = practise("--resume", file, typed="1\n")
    assert finished[0] == "This practice is finished." and finished[1].startswith("3 of 3 points")


def test_what_was_skipped_is_asked_when_the_practice_is_resumed(practise: Practise, tmp_path: Path) -> None:
    file = str(tmp_path / "practice.json")
    practise(*AT_03_01, "--layer", "output", "--save", file, typed="skip\n1.6596\nskip\n")
    resumed = practise("--resume", file, typed="stop\n")
    assert resumed[3].startswith("Question 1 of 3.")


def test_an_interrupted_practice_is_saved(
    practise: Practise, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "practice.json"

    class Interrupted:
        """A standard input whose second line is ctrl+c."""

        typed = iter(["1.3855\n"])

        def readline(self, size: int) -> str:
            try:
                return next(self.typed)
            except StopIteration:
                raise KeyboardInterrupt from None

    monkeypatch.setattr(sys, "stdin", Interrupted())
    words = ["practise", str(model), *AT_03_01, "--layer", "output", "--save", str(file)]
    assert cli.main(words) == 130
    assert json.loads(file.read_bytes())["blanks"][0]["value"] == 1.3855


# What is refused


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--x", "0.3"),
        ("--x", "0.3,nan"),
        (*AT_03_01, "--layer", "nowhere"),
        (*AT_03_01, "--level", "insane"),
        (*AT_03_01, "--level", "easy", "--backwards"),
        (*AT_03_01, "--digits", "0"),
        (*AT_03_01, "--rounding", "up"),
        (*AT_03_01, "--seed", "x"),
        (*AT_03_01, "--seed", "-1"),
        (*AT_03_01, "--mark", "never"),
        (*AT_03_01, "--resume", "FILE"),
        ("--resume", "FILE", "--seed", "0"),
        ("--resume", "FILE", "--backwards"),
    ],
)
def test_usage_errors_exit_with_2(
    words: tuple[str, ...], model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert cli.main(["practise", str(model), *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("byhand: ") and shown.err.count("\n") == 1


def test_files_that_cannot_be_used_exit_with_1(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    foreign = tmp_path / "foreign.json"
    foreign.write_text("{}")
    for words in (
        ["--resume", str(foreign)],
        ["--resume", str(tmp_path / "missing.json")],
        ["--resume", str(tmp_path)],
        [*AT_03_01, "--save", str(tmp_path / "nowhere" / "practice.json")],
    ):
        assert cli.main(["practise", str(model), *words]) == 1
        shown = capsys.readouterr()
        assert shown.out == "" and shown.err.startswith("byhand: ") and "Traceback" not in shown.err


def test_another_models_practice_is_refused(
    practise: Practise, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = tmp_path / "practice.json", tmp_path / "other.keras"
    practise(*AT_03_01, "--save", str(file))
    network, weights = trained()
    save_model(other, network, weights.with_number(0, 1, (0,), 0.5), None, None)
    assert cli.main(["practise", str(other), "--resume", str(file)]) == 1
    assert "expected the model and the weights that this practice was begun with" in capsys.readouterr().err


def test_a_model_without_dense_layers_is_practised_but_not_backwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "activation.keras"
    save_model(path, Network.chain(2, (Activation("act", "tanh"),)), Weights(((),)), None, None)
    monkeypatch.setattr(sys, "stdin", io.StringIO("0.2913\n0.0997\n"))
    assert cli.main(["practise", str(path), *AT_03_01]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1].startswith("2 of 2 points")
    assert cli.main(["practise", str(path), *AT_03_01, "--backwards"]) == 1
    assert "there is nothing to solve for backwards" in capsys.readouterr().err


# As a process


def test_it_is_plain_lines_on_a_dumb_terminal_and_never_imports_keras(model: Path) -> None:
    code = (
        "import sys; from tui.cli import main; code = main(sys.argv[1:]); "
        "assert not {'textual', 'rich', 'tensorflow', 'keras', 'h5py'} & {name.split('.')[0] for name in sys.modules}; "
        "sys.exit(code)"
    )
    argv = [sys.executable, "-c", code, "practise", str(model), *AT_03_01, "--layer", "output"]
    ended = subprocess.run(
        argv, input=b"1.3855\n\xff\xfe\nstop", capture_output=True, env={"TERM": "dumb"}, timeout=PATIENCE, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.isascii() and b"\x1b" not in ended.stdout and b"\r" not in ended.stdout
    assert ended.stdout.count(b"Not counted") == 1


def test_each_question_is_there_before_its_answer_is_typed(model: Path) -> None:
    argv = [sys.executable, "-m", "tui", "practise", str(model), *AT_03_01, "--layer", "output"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        shown = [process.stdout.readline() for _ in range(4)]
        assert shown[3].startswith("Question 1 of 3.")
        process.stdin.write("1.3855\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("Right")
        assert process.stdout.readline().startswith("Question 2 of 3.")
        process.stdin.close()
        assert "1 of 3 points" in process.stdout.read()
