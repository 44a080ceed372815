"""The lessons in Japanese ask for, say and check the same as in English, number by number."""

from __future__ import annotations

import re
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from core.cells import cell_width, wrap
from core.errors import Refused
from core.lessons.language import file_in, language
from core.lessons.lesson import Choice
from core.lessons.shelf import built_in, lesson_called
from tests.core.learner import lesson

if TYPE_CHECKING:
    from pathlib import Path

    from core.lessons.lesson import Lesson, Step

WIDTH, LINES = 76, 4
"""What a step has of a screen of 80x24."""


def decimals(text: str) -> Counter[str]:
    """Count the numbers with a point or of two digits, and the symbols such as w12; small ones may be words."""
    return Counter(re.findall(r"\d*\.\d+|\b\d{2,}\b|\b[a-z]\d+\b", re.sub(r"\bten\b", "10", text)))


def options(step: Step) -> list[tuple[bool, str, str]]:
    return [(one.right, one.text, one.reply) for one in step.check.options] if isinstance(step.check, Choice) else []


def lines_of_checks(name: str) -> list[str]:
    """Return the lines of a file that are no text: settings, checks and conditions."""
    text = resources.files("core.lessons").joinpath("files", name).read_text(encoding="utf-8")
    return re.findall(
        r"^(?:model|inputs|weights|x|digits|rounding|tab|answer|number|choice|do):.*$|^read$", text, re.MULTILINE
    )


def names() -> list[str]:
    files = resources.files("core.lessons").joinpath("files").iterdir()
    return sorted(file.name for file in files if re.fullmatch(r"[^.]+\.md", file.name))


def pairs() -> list[tuple[Step, Step]]:
    both = zip(built_in(), built_in("ja"), strict=True)
    return [pair for english, japanese in both for pair in zip(english.steps, japanese.steps, strict=True)]


def test_every_file_has_a_japanese_one_with_the_same_settings_checks_and_conditions() -> None:
    assert len(names()) == 8
    for name in names():
        assert lines_of_checks(file_in("ja", name)) == lines_of_checks(name), name


def test_every_step_has_the_same_hints_options_and_numbers() -> None:
    for english, japanese in pairs():
        assert decimals(japanese.text) == decimals(english.text), english.heading
        assert decimals(japanese.right) == decimals(english.right), english.heading
        assert list(map(decimals, japanese.hints)) == list(map(decimals, english.hints)), english.heading
        assert bool(japanese.right) == bool(english.right)
        for ours, theirs in zip(options(japanese), options(english), strict=True):
            assert ours[0] == theirs[0], english.heading
            assert list(map(decimals, ours[1:])) == list(map(decimals, theirs[1:])), english.heading


def test_a_japanese_step_is_readable_on_a_small_screen() -> None:
    for english, step in pairs():
        assert re.search("[ぁ-ん]", step.text), english.heading
        assert len(wrap(step.text, WIDTH)) <= LINES, step.heading
        for said in (*step.hints, step.right, *(reply for _, _, reply in options(step))):
            assert len(wrap(f"Not yet: 0.9302 is not y. Hint: {said}", WIDTH)) <= LINES, said
        assert all(cell_width(text) <= WIDTH - 2 for _, text, _ in options(step))
        assert cell_width(f"Lesson, step 1 of 7: {step.heading}") <= 54


def test_a_language_without_lessons_has_them_in_english() -> None:
    assert built_in("de") == built_in("en") == built_in()
    assert [lesson_called(one, "ja").title for one in ("1", "２")] == ["加重和とは何か", "バイアスは何のためにあるか"]


@pytest.mark.parametrize(
    ("asked", "environment", "spoken"),
    [
        ("ja", {"LANG": "de_DE.UTF-8"}, "ja"),
        ("ja_JP.UTF-8", {}, "ja"),
        ("EN", {"LANG": "ja_JP.UTF-8"}, "en"),
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        (None, {"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        (None, {"LANG": "en_US.UTF-8", "LC_ALL": "ja_JP.eucJP"}, "ja"),
        (None, {"LC_ALL": "", "LANG": "ja"}, "ja"),
        (None, {"LANG": "POSIX"}, "en"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_that_of_messages(
    asked: str | None, environment: dict[str, str], spoken: str
) -> None:
    assert language(asked, environment) == spoken


@pytest.mark.parametrize("asked", ["", "日本語", "../ja", "japanese"])
def test_what_is_no_language_is_refused(asked: str) -> None:
    with pytest.raises(Refused, match="expected a language such as ja or en"):
        language(asked, {})


def test_a_lesson_of_ones_own_is_read_in_the_language_if_it_is_there(tmp_path: Path) -> None:
    for name, title in (("mine.md", "Mine"), ("mine.ja.md", "私の")):
        (tmp_path / name).write_text(f"# {title}\n\n## a\n\nread\n", encoding="utf-8")
    mine = str(tmp_path / "mine.md")
    assert [lesson_called(mine, spoken).title for spoken in ("en", "ja", "de")] == ["Mine", "私の", "Mine"]


def test_wrapped_japanese_is_joined_without_spaces_and_a_full_width_colon_will_do() -> None:
    of: Lesson = lesson(
        "## 和", "加重和は", "Keras と同じ", "です。", "x1", "と x2", "", "number：０．４", "hint：足し", "ます。"
    )
    (step,) = of.steps
    assert step.text == "加重和は Keras と同じです。x1 と x2"
    assert step.hints == ("足します。",)
