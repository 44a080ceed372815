"""What a terminal sends becomes the events that Textual makes of it, but for what is too much to be typed."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import hypothesis.strategies as some
from hypothesis import given
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseMove, Paste

from tests.tui.board import playing
from tui.intake import LONGEST_LINE, MOST_PASTED, MOST_TYPED, PATIENCE, QUIET, Intake, TooMuch
from tui.tabs.by_hand import ByHandTab
from tui.type_ahead import MOST_IN_A_LINE, MOST_WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

START, END = "\x1b[200~", "\x1b[201~"


class Line:
    """An intake, whose clock stands still but for :meth:`pause`."""

    def __init__(self) -> None:
        self._now = 0.0
        self._intake = Intake(XTermParser(), lambda: self._now)

    def send(self, *pieces: str) -> list[str]:
        return [event for piece in pieces for event in told(self._intake.take(piece))]

    def pause(self, seconds: float) -> list[str]:
        self._now += seconds
        return told(self._intake.quiet())


def told(events: Iterable[Message]) -> list[str]:
    return [in_words(event) for event in events]


def in_words(event: Message) -> str:
    match event:
        case Key():
            return event.key
        case Paste():
            return f"paste {event.text}"
        case TooMuch():
            return f"too much: {event.characters}{' pasted' if event.pasted else ''}"
        case MouseMove():
            return f"mouse {event.x:.0f}"
    return type(event).__name__


KEYS = some.sampled_from(["a", "7", "\r", "\t", "\x1b[A", "\x1bOP", "\x7f", "\x01", "é", "\x1b[<35;3;4M", "\x1b[I"])
PASTES = some.text("0123 ,\n[]", min_size=1, max_size=300).map(lambda text: START + text + END)


def cut(text: str, places: list[int]) -> list[str]:
    ends = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in pairwise(ends) if start < end]


@given(some.lists(KEYS | PASTES, min_size=1, max_size=6), some.lists(some.integers(0, 2000), max_size=5))
def test_events_are_those_of_textual_wherever_the_line_cuts_them(sent: list[str], places: list[int]) -> None:
    whole = "".join(sent)
    stock = told(XTermParser().feed(whole))
    pieces = cut(whole, places)
    assert Line().send(*pieces) == stock


@given(some.text(max_size=400), some.lists(some.integers(0, 500), max_size=4))
def test_no_pasted_character_is_a_key(text: str, places: list[int]) -> None:
    text = text.replace("\x1b", "")
    pasted = text.replace("\x00", "")
    assert Line().send(*cut(START + text + END + "k", places)) == [*([f"paste {pasted}"] if pasted else []), "k"]


def test_a_paste_that_is_too_long_is_counted_and_not_kept() -> None:
    line = Line()
    line.send(START)
    for _ in range(MOST_PASTED // 1000 + 1):
        assert line.send("7" * 1000) == []
    assert line.send("8" + END + "k") == [f"too much: {MOST_PASTED + 1001} pasted", "k"]


def test_a_paste_that_never_ends_gives_the_keys_back() -> None:
    line = Line()
    assert line.send(START + "123") == []
    assert line.pause(PATIENCE / 2) == []
    assert line.send("456") == []
    assert line.pause(PATIENCE) == ["too much: 6 pasted"]
    assert line.send("k") == ["k"]


def test_a_paste_without_marks_is_one_paste_and_presses_no_key() -> None:
    line, text = Line(), "q, 1\r" * LONGEST_LINE
    assert line.send(text, "more") == []
    assert line.pause(QUIET) == [f"paste {text}more"]
    assert line.send("q" * LONGEST_LINE) == ["q"] * LONGEST_LINE


@given(some.integers(), some.integers(1, MOST_TYPED))
def test_nothing_is_done_of_a_storm(seed: int, more: int) -> None:
    line, data = Line(), Random(seed).randbytes(MOST_TYPED + more)
    text = data.decode(errors="replace").ljust(MOST_TYPED + 1, "q")
    assert line.send(text, "q", "\r") == []
    assert line.pause(QUIET) == [f"too much: {len(text) + 2}"]
    assert line.send("k") == ["k"]


def test_of_where_the_mouse_went_the_last_is_told() -> None:
    moved = "".join(f"\x1b[<35;{x};4M" for x in range(1, 1000))
    assert Line().send(moved + "k" + moved) == ["mouse 998", "k", "mouse 998"]


# In the app


async def test_a_paste_goes_into_a_field_alone_and_says_so() -> None:
    async with playing() as board:
        before = board.state
        await board.press("4")
        board.app.post_message(Paste("q\rq\r12"))
        await board.press()
        await board.settle()
        assert "What is pasted goes into a field, and none has the focus: open one first." in board.said
        assert board.state.model is before.model and board.app.is_running


async def test_a_field_of_one_line_refuses_what_it_could_only_draw_slowly() -> None:
    async with playing() as board:
        await board.press("4", "x")
        board.app.post_message(Paste("7" * (MOST_IN_A_LINE + 1)))
        await board.press()
        await board.settle()
        assert "A field of one line takes 10,000 characters at once, not 10,001." in board.said
        assert "777" not in board.text and isinstance(board.page, ByHandTab)


async def test_keys_that_nobody_types_are_dropped_and_said() -> None:
    async with playing() as board:
        for _ in range(MOST_WAITING + 50):
            board.app.post_message(Key("d", "d"))
        await board.press()
        await board.settle()
        assert board.app.overrun() > MOST_WAITING
        board.app.post_message(TooMuch(5000, pasted=False))
        await board.settle()
        assert "5,000 characters came at once, faster than anybody types: those that waited are dropped." in board.said
