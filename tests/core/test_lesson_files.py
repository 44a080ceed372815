"""A lesson's file: what it may say, and that a broken one is refused with its line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from core.errors import Refused
from core.lessons.checking import check
from core.lessons.conditions import SIGNS, TABS
from core.lessons.language import ENGLISH
from core.lessons.lesson import Answer, Choice, Do, Read, Within
from core.lessons.progress import Progress
from core.lessons.reader import KEYWORDS, lesson_of
from core.lessons.settings import SETTINGS
from core.lessons.shelf import built_in
from core.lessons.source import MAX_BYTES, from_bytes, from_file
from core.model.layers_text import chain_network
from core.model.save_model import save_model
from core.model.tutorial import always_right, trained
from core.operations.rounding import Rounding
from tests.core.learner import a_choice, begun, lesson, only_step, seen

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "lessons.md"

NETWORK, WEIGHTS = trained()


def test_the_documented_example_is_a_lesson() -> None:
    (example,) = re.findall(r"```markdown\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    read = lesson_of(from_bytes(example.encode(), "example.md"))
    assert read.title == "The second unit"
    assert read.about == "What one unit of the tutorial's network makes of a point."
    assert (read.setup.digits, read.setup.rounding, read.setup.tab) == (4, Rounding.SHOWN, "by-hand")
    assert [type(step.check) for step in read.steps] == [Read, Answer, Within, Choice, Do]
    assert read.steps[1].hints == ("The products are 0.0974 and 0.1157.", "Add them.")


def test_every_keyword_and_condition_is_documented() -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    for word in (*SETTINGS, *KEYWORDS, *TABS, *SIGNS):
        assert f"`{word}" in text or f" {word}`" in text, word


def test_settings_are_taken_and_what_is_missing_is_as_in_the_tutorial() -> None:
    plain = lesson("## A step", "read").setup
    assert plain.weights.equal(WEIGHTS)
    assert plain.x is not None and plain.x.tolist() == [0.3, 0.1]
    assert (plain.digits, plain.rounding, plain.tab) == (4, Rounding.SHOWN, None)
    other = lesson(
        "model: 3 relu, 2 softmax", "x: 0,1; 0,2; 0,3", "digits: 6", "rounding: carried", "tab: data", "## S", "read"
    ).setup
    assert other.network == chain_network(3, "3 relu, 2 softmax")
    assert other.x is not None and other.x.tolist() == [0.1, 0.2, 0.3]
    assert (other.digits, other.rounding, other.tab) == (6, Rounding.CARRIED, "data")
    assert other.dataset is not None and other.dataset.inputs == 3


def test_wrapped_text_is_joined_and_lists_keep_their_lines() -> None:
    step = only_step("One", "sentence.", "", "Two.", "- a", "- b", "    code  here", "", "read")
    assert step.text == "One sentence.\nTwo.\n- a\n- b\n    code  here"


def test_hints_replies_and_options_may_be_wrapped() -> None:
    step = only_step("choice:", "- [ ] one", "  two", "  reply: no,", "  not so", "- [X] three", "", "hint: a", "b")
    assert isinstance(step.check, Choice)
    assert [(option.text, option.right, option.reply) for option in step.check.options] == [
        ("one two", False, "no, not so"),
        ("three", True, ""),
    ]
    assert step.hints == ("a b",)


def test_text_with_a_colon_is_text_within_a_paragraph_or_with_a_capital() -> None:
    assert only_step("Remember: this.", "It has two", "points: this one.", "", "read").text == (
        "Remember: this. It has two points: this one."
    )


def test_nothing_that_a_terminal_acts_on_comes_through() -> None:
    step = only_step("\x1b[31mred\x07 \u202eturned", "", "hint: a\x00b", "read")
    assert (step.text, step.hints) == ("?[31mred? ?turned", ("a?b",))


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    read = lesson_of(from_bytes(b"\xef\xbb\xbf# A title\r\n\r\n## A step\r\nread\r\n", "a.md"))
    assert (read.title, read.steps[0].heading) == ("A title", "A step")


BROKEN = [
    (["read"], 1, "expected the title, such as '# A weighted sum', got 'read'"),
    (
        ["# T", "colour: red", "## S", "read"],
        2,
        "expected one of model, inputs, weights, x, digits, rounding, tab before the colon",
    ),
    (["# T", "modle: tutorial", "## S", "read"], 2, "did you mean 'model:'?"),
    (["# T", "x: 1, 2", "x: 1, 2", "## S", "read"], 3, "got it again after line 2"),
    (["# T", "x: 1, two", "## S", "read"], 2, "got 'two'"),
    (["# T", "x: 1, 2, 3", "## S", "read"], 2, "expected 2 numbers separated by commas, got 3"),
    (["# T", "digits: 12", "## S", "read"], 2, "expected digits from 1 to 9, got 12"),
    (["# T", "rounding: up", "## S", "read"], 2, "expected the rounding 'shown' or 'carried', got 'up'"),
    (["# T", "tab: home", "## S", "read"], 2, "expected a tab (data, training, weights, by-hand, set-weights)"),
    (["# T", "model: perceptron", "## S", "read"], 2, "expected 'tutorial', 'always-right', layers such as"),
    (["# T", "model: 5 tnh", "## S", "read"], 2, "'tnh'"),
    (["# T", "model: LSTM", "## S", "read"], 2, "expected units of LSTM"),
    (["# T", "model: LSTM 4", "## S", "read"], 2, "lstm expects inputs of (steps, features)"),
    (["# T", "inputs: 2x", "model: LSTM 4", "## S", "read"], 2, "expected inputs as a number or a shape"),
    (["# T", "inputs: 100x100", "model: LSTM 4", "## S", "read"], 2, "expected inputs of 1 to 1,000 numbers"),
    (["# T", "inputs: 6x2", "## S", "read"], 2, "expected inputs of 2, which the model is for, got 6x2"),
    (["# T", "weights: output", "## S", "read"], 2, "expected weights such as"),
    (["# T", "weights: lstm = [[1]]", "## S", "read"], 2, "expected the name of a layer (hidden, output)"),
    (["# T", "weights: output = [[1]], [0]", "## S", "read"], 2, "expected a kernel of shape (5, 1), got (1, 1)"),
    (["# T", "inputs: 6x2", "model: LSTM 4", "## S", "answer: y"], 5, "expected the name of a value (inputs, lstm/"),
    (["# T", "inputs: 6x2", "model: LSTM 4", "## S", "answer: lstm/candidate[7,1]"], 5, "which is 6 x 4, such as"),
    (["# T", "model: 1000000 tanh, 1000 tanh", "## S", "read"], 2, "at most 1,000,000 weights"),
    (["# T", "model: a.keras", "## S", "read"], 2, "beside the lesson"),
    (["# T", "", "## S", "Words."], 3, "expected a check in this step (answer:, number:, choice:, do: or read)"),
    (["# T", "## S", "read", "## S", "Words."], 4, "expected a check in this step"),
    (["# T", "## S", "read", "answer: y"], 4, "expected one check in a step, got 'answer:' too"),
    (["# T", "## S", *a_choice(0), "read"], 7, "expected one check in a step, got 'read:' too"),
    (["# T", "### S", "read"], 2, "expected a step, such as '## The sum', got '### S'"),
    (["# T", "## ", "read"], 2, "expected a step, such as '## The sum', got '##'"),
    (["# T", "## S", "read", "# T"], 4, "expected a step"),
    (["# T", "## S", "awnser: s2"], 3, "did you mean 'answer:'?"),
    (["# T", "## S", "Some text.", "anser: s2"], 4, "did you mean 'answer:'?"),
    (["# T", "## S", "", "question: how?"], 4, "if it is text, begin the line with a capital letter"),
    (["# T", "## S", "answer:"], 3, "expected a symbol of the calculation, got nothing"),
    (
        ["# T", "## S", "answer: s9 of hidden"],
        3,
        "got 's9'; there are hidden: x1 to x2, w11 to w25, b1 to b5, s1 to s5",
    ),
    (["# T", "## S", "answer: s2 of nowhere"], 3, "expected the name of a layer (hidden, output), got 'nowhere'"),
    (["# T", "## S", "answer: z1"], 3, "z1 is in hidden and in output: write 'z1 of hidden'"),
    (["# T", "## S", "number: about 3"], 3, "expected '0.4277 +- 0.0001', '0.3 to 0.31' or one number"),
    (["# T", "## S", "number: nan"], 3, "got 'nan'"),
    (["# T", "## S", "number: 1 to 2 to 3"], 3, "got '1 to 2 to 3'"),
    (["# T", "## S", "number: 2 to 1"], 3, "expected the smaller number first"),
    (["# T", "## S", "choice:", "- [x] one"], 3, "expected 2 to 9 options, got 1"),
    (["# T", "## S", "choice:", *["- [x] a"] * 10], 3, "expected 2 to 9 options, got 10"),
    (["# T", "## S", "choice:", "- [ ] a", "- [ ] b"], 3, "expected one right option, marked [x], got 0"),
    (["# T", "## S", "choice:", "- [x] a", "- [x] b"], 3, "expected one right option, marked [x], got 2"),
    (["# T", "## S", "- [x] a"], 3, "expected 'choice:' before the first option"),
    (["# T", "## S", "choice:", "- [x]"], 4, "expected words after the box"),
    (["# T", "## S", "reply: no"], 3, "expected an option before 'reply:'"),
    (["# T", "## S", "read", "hint:"], 4, "expected a sentence after 'hint:', got nothing"),
    (["# T", "## S", "do: jump"], 3, "expected something to do such as 'tab by-hand'"),
    (["# T", "## S", "do:"], 3, "got nothing"),
    (["# T", "## S", "do: tab home"], 3, "expected a tab"),
    (["# T", "## S", "do: predict well"], 3, "'predict positive', 'predict negative' or 'predict zero'"),
    (["# T", "## S", "do: sign accuracy = 200 %"], 3, "expected an accuracy from 0 % to 100 %, got 200 %"),
    (["# T", "## S", "do: epochs >= many"], 3, "expected epochs as a whole number"),
    (["# T", "## S", "do: x = 1"], 3, "expected 2 numbers separated by commas, got 1"),
    (["# T", "## S", "do: weights of hiden = [[1]]"], 3, "got 'hiden'"),
    (["# T", "## S", "do: weights of output = [[1],[1]], [0]"], 3, "expected a kernel of shape (5, 1), got (2, 1)"),
    (["# T", "## S", "do: weights of output = __import__('os')"], 3, "expected numbers in brackets"),
    (["# T", "model: 2 softmax", "## S", "do: predict positive"], 4, "expected a model with 1 output"),
    (["# T", *["## S", "read"] * 101], 202, "expected at most 100 steps"),
]


@pytest.mark.parametrize(("lines", "line", "part"), BROKEN, ids=lambda given: str(given)[:40])
def test_a_broken_lesson_is_refused_with_its_line(lines: list[str], line: int, part: str) -> None:
    with pytest.raises(Refused) as refused:
        lesson_of(from_bytes("\n".join(lines).encode(), "a.md"))
    message = str(refused.value)
    assert message.startswith(f"a.md, line {line}: ")
    assert part in message


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "expected a title"),
        (b"# T\n", "expected at least one step"),
        (b"# T\n\n## S\ncaf\xe9\nread\n", "a.md, line 4: expected text in UTF-8, got the byte 0xe9"),
        (b"# T\n" + b"a" * MAX_BYTES, f"expected a lesson of at most {MAX_BYTES:,} bytes"),
        (b"# T\n## S\ndo: weights of" + b" " * 90_000 + b"x", "line 3: expected something to do"),
        (b"# T\n## S\nnumber: 1" + b" " * 90_000 + b"x", "line 3: expected '0.4277"),
        (b"# T\n## S\nanswer: s" + b"9" * 90_000, "line 3: expected a symbol"),
    ],
    ids=["empty", "no step", "not UTF-8", "too large", "long condition", "long number", "long symbol"],
)
def test_what_is_no_lesson_at_all_is_refused(data: bytes, part: str) -> None:
    with pytest.raises(Refused, match=re.escape(part)):
        lesson_of(from_bytes(data, "a.md"))


PIECES = [
    "# T",
    "## S",
    "read",
    "answer: s2",
    "choice:",
    "- [x] a",
    "- [ ] b",
    "x: 1, 2",
    "",
    "a: b",
    "    c",
    "hint: d",
]


@given_that(st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12))
def test_any_text_is_a_lesson_or_refused(lines: list[str]) -> None:
    try:
        read = lesson_of(from_bytes("\n".join(lines).encode("utf-8", "surrogatepass"), "a.md"))
    except Refused as refused:
        assert str(refused).startswith("a.md")
    else:
        assert read.steps


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    for name, part in [
        ("no.md", "there is no file"),
        (".", "which is a folder"),
        ("pipe.md", "a device or pipe"),
    ]:
        with pytest.raises(Refused, match=part):
            lesson_of(from_file(tmp_path / name))
    with pytest.raises(Refused, match="could not be read"):
        lesson_of(from_file(tmp_path / "nul\0.md"))


def test_a_lesson_takes_its_model_from_a_file_beside_it(tmp_path: Path) -> None:
    save_model(tmp_path / "sum.keras", *always_right(3, 1.0), None, None)
    path = tmp_path / "a.md"
    path.write_text("# T\nmodel: sum.keras\nx: 1, 2, 3\n## S\nanswer: z1\n", encoding="utf-8")
    read = lesson_of(from_file(path))
    session = begun(read)
    assert session.state.model.network.inputs == 3
    assert session.state.x.tolist() == [1, 2, 3] and not session.state.fits
    assert check(read.steps[0], "5", seen(session), 4, Progress()).right
    session.trail.undo()
    assert session.state.model.network.inputs == 2


@pytest.mark.parametrize("name", ["../sum.keras", "/sum.keras", "sub/sum.keras", "missing.keras", "damaged.keras"])
def test_a_model_that_cannot_be_opened_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    save_model(tmp_path / "sum.keras", *always_right(2, 0.5), None, None)
    (folder / "damaged.keras").write_bytes(b"PK\x03\x04 no zip at all")
    path = folder / "a.md"
    path.write_text(f"# T\n\nmodel: {name}\n## S\nread\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"^a\.md, line 3: "):
        lesson_of(from_file(path))


def test_words_about_the_screen_are_left_out_where_there_is_none() -> None:
    text = (
        "Now set x{screen: , on By hand (key 4)}. {screen: Press x\nand type it.}\n\n"
        "choice:\n- [ ] 1 {screen: (key 1)}\n  reply: {screen: Look again.}\n- [x] {2}\n"
        "hint: {screen: Here.}\nhint: There{screen： , too}.\nright: Yes."
    )
    of = lesson_of(from_bytes(f"# A title\n\n## A step\n\n{text}\n".encode(), "mine.md"))
    (seen,), (alone,) = of.steps, of.without_screen
    assert seen.text == "Now set x, on By hand (key 4). Press x and type it." and alone.text == "Now set x."
    assert seen.hints == ("Here.", "There, too.") and alone.hints == ("There.",)
    assert isinstance(seen.check, Choice) and isinstance(alone.check, Choice)
    assert [(one.text, one.reply) for one in seen.check.options] == [("1 (key 1)", "Look again."), ("{2}", "")]
    assert [(one.text, one.reply) for one in alone.check.options] == [("1", ""), ("{2}", "")]
    assert seen.right == alone.right == "Yes."


@pytest.mark.parametrize("language", [ENGLISH, "ja"])
def test_a_built_in_lesson_without_a_screen_names_neither_keys_nor_tabs(language: str) -> None:
    for of in built_in(language):
        for step in of.without_screen:
            options = step.check.options if isinstance(step.check, Choice) else ()
            said = " ".join((step.text, *step.hints, step.right, *(f"{one.text} {one.reply}" for one in options)))
            assert not re.search(r"\([Kk]ey|The key|[Pp]ress|escape|\btab\b|キーを|\d キー|タブ", said)
        assert "{screen" not in f"{of.steps} {of.without_screen}"
