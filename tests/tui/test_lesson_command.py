"""byhand lesson: a lesson as plain lines of question and answer, and byhand --lesson."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.lessons.lesson import Do, Read
from core.lessons.progress import do_instead
from core.lessons.shelf import built_in
from tests.core.learner import begun, right_entry
from tui import cli

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.lessons.lesson import Lesson

MINE = """# Mine

Try it.

## One

answer: s2
hint: Multiply, then add.

## Two

choice: Well?
- [ ] no
  reply: Not no.
- [x] yes

## Three

do: x = 0.5, 0.5

## Four

do: tab weights

## Five

answer: s2
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.md"
    path.write_text(MINE, encoding="utf-8")
    return str(path)


def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, *lines: str) -> str:
    """Go through a lesson with these lines of input, and return what it says, its spaces closed up."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    assert cli.main(["lesson", name]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(len(line) < 80 for line in out.splitlines())
    return " ".join(out.split())


def right_lines(of: Lesson) -> list[str]:
    session, lines = begun(of), []
    for step in of.steps:
        if isinstance(step.check, Do):
            do_instead(session, step)
        nothing = isinstance(step.check, Do | Read)
        lines.append("" if nothing else right_entry(step, session.state, of.setup.digits))
    return lines


def test_without_a_name_the_lessons_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lesson"]) == 0
    out = capsys.readouterr().out
    for number, lesson in enumerate(built_in(), start=1):
        assert f"{number}  {lesson.title}." in out


@pytest.mark.parametrize("place", range(8))
def test_a_built_in_lesson_is_walked_to_its_end(
    place: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of = built_in()[place]
    said = play(monkeypatch, capsys, str(place + 1), *right_lines(of))
    done = len(of.steps) - said.count("this one takes the screen")
    assert f"Finished: {done} of {len(of.steps)} steps done, 0 wrong answers" in said
    assert "Not yet" not in said


def test_every_kind_of_answer(mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = play(monkeypatch, capsys, mine, "", "nan", "?", "0.5", "0,2132", "3", "1", "2", "", "", "1.0", "0.7412")
    assert "Given: x1 = 0.3000, w12 = 0.3248, x2 = 0.1000, w22 = 1.1575. Type s2 of hidden, to 4 digits" in said
    assert said.count("expected a number such as") == 2
    assert "Hint: Multiply, then add." in said
    assert "Not yet: 0.5 is not s2 of hidden. Hint: Multiply, then add." in said
    assert "Right: s2 of hidden = 0.2132." in said
    assert "expected the number of an option from 1 to 2, got 3" in said
    assert "Not yet: Not no." in said
    assert "To do on the screen: set x to 0.5, 0.5." in said
    assert "Done here." in said
    assert "Gone past: this one takes the screen." in said
    assert "Right: s2 of hidden = 0.7412." in said
    assert said.endswith("Finished: 4 of 5 steps done, 3 wrong answers, 1 skipped.")


@pytest.mark.parametrize("word", ["?", "hint", "Hint"])
def test_both_words_ask_for_a_hint(
    word: str, mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = play(monkeypatch, capsys, mine, word, "quit")
    assert "? or hint asks for a hint" in said and "Hint: Multiply, then add." in said


@pytest.mark.parametrize("lines", [["0.2132", "quit"], ["0.2132"], ["skip"]])
def test_leaving_and_the_end_of_the_input_say_where(
    lines: list[str], mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = play(monkeypatch, capsys, mine, *lines)
    assert "Step 2 of 5: Two" in said
    assert "Left at step 2 of 5:" in said


@pytest.mark.parametrize("word", ["stop", "quit", "Quit", "q"])
def test_on_leaving_the_wrong_answers_of_the_step_in_hand_count_too(
    word: str, mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = play(monkeypatch, capsys, mine, "0.2132", "1", "1", word)
    assert said.endswith("Left at step 2 of 5: 1 of 5 steps done, 2 wrong answers.")


def test_what_was_done_here_is_done_unless_it_was_skipped(
    mine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "3 of 5 steps done, 0 wrong answers." in play(monkeypatch, capsys, mine, "0.2132", "2", "", "q")
    skipped = play(monkeypatch, capsys, mine, "0.2132", "2", "skip", "q")
    assert "Done here." in skipped and skipped.endswith("2 of 5 steps done, 0 wrong answers, 1 skipped.")


def test_bytes_that_are_no_text_are_a_wrong_answer(mine: str) -> None:
    argv = [sys.executable, "-m", "tui", "lesson", mine]
    ended = subprocess.run(argv, input=b"\xff\xfe\n0.2132\n", capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"Right: s2 of hidden = 0.2132." in ended.stdout


@pytest.mark.parametrize(("name", "code"), [("0", 2), ("9", 2), ("nowhere.md", 1), ("", 1)])
def test_a_lesson_that_there_is_not_is_said_in_a_line(name: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lesson", name]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"byhand: .+\n", err)


def test_a_broken_lesson_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.md"
    path.write_text("# T\n\n## S\n\nanswer: q7\n", encoding="utf-8")
    assert cli.main(["lesson", str(path)]) == 1
    assert capsys.readouterr().err.startswith("byhand: broken.md, line 5: expected a symbol of the calculation")


def test_the_screen_begins_with_a_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def start(arguments: Namespace) -> int:
        started.append(arguments.lesson)
        return 0

    monkeypatch.setattr(cli, "_start_screen", start)
    assert cli.main(["--lesson", "mine.md"]) == 0
    assert cli.main(["model.keras", "--lesson", "3"]) == 0
    assert started == ["mine.md", "3"]


def test_a_broken_lesson_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    from core.errors import Refused
    from tui.start import run

    path = tmp_path / "broken.md"
    path.write_text("no title\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"broken\.md, line 1: expected the title"):
        run(None, None, str(path))
