"""For hours: what Textual and the session keep of what has gone is bounded, and that is shown."""

from __future__ import annotations

import gc
import weakref
from collections import deque
from typing import TYPE_CHECKING

from textual.widgets import OptionList

from core.session import budget
from tests.hours import Keras, every_key, play
from tests.tui.board import playing
from tui import garbage
from tui.dialogs.help_dialog import HelpDialog
from tui.mended import mend

if TYPE_CHECKING:
    import pytest

SECONDS = 12.0
"""Long enough for some hundred keys, and for the engine to be killed while it starts."""


async def test_steps_say_what_they_take_and_the_first_that_goes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "BUDGET", 40_000)
    monkeypatch.setattr(budget, "AT_LEAST", 0)
    async with playing() as board:
        await board.press("5")
        board.session.set_number(0, 0, (0, 0), 0.5)
        await board.press("s")
        assert "steps take 0.0 of 0.0 MB." in board.text
        await board.press("escape")
        for value in range(30):
            board.session.set_number(0, 0, (0, 0), float(value))
        await board.press()
        gone = board.state.gone
        assert gone
        assert "There is no more room for the oldest steps" in board.text
        assert f"steps (u, U), {gone} gone" in board.text
        board.app.clear_notifications()
        await board.press("s")
        assert f"{gone} older ones had to go." in board.text
        await board.press("home")
        assert f"0  ({gone} older steps had to go)" in board.text


async def test_a_dialog_that_has_gone_leaves_nothing_of_what_it_drew() -> None:
    mend()
    async with playing() as board:
        await board.press("question_mark")
        assert isinstance(board.app.screen, HelpDialog)
        drawn = weakref.ref(board.app.screen._styles_cache)
        await board.press("escape")
        gc.collect()
        assert drawn() is None


async def test_no_dialog_stays_once_it_is_gone() -> None:
    mend()
    async with playing() as board:
        gone = []
        # The loss follows Keras, the model and its own answer; the help, the palette and a form follow nothing.
        for keys in (("4", "o"), ("question_mark",), ("ctrl+p",), ("1", "s"), ("ctrl+s",)):
            await board.press(*keys)
            assert len(board.app.screen_stack) == 2, keys
            gone.append(weakref.ref(board.app.screen))
            await board.press("escape")
        gc.collect()
        assert not [there for screen in gone if (there := screen()) is not None]


class Library:
    """Notes what it is asked for in the place of the C library."""

    def __init__(self) -> None:
        self.trims: list[int] = []
        self.options: list[tuple[int, int]] = []

    def malloc_trim(self, kept: int) -> None:
        self.trims.append(kept)

    def mallopt(self, option: int, value: int) -> None:
        self.options.append((option, value))


def test_memory_goes_back_once_all_garbage_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(garbage, "_glibc", lambda: library)
    garbage.keep_in_one_place()
    assert library.options == [(garbage.M_ARENA_MAX, 1), (garbage.M_MMAP_THRESHOLD, garbage.LARGE)]
    garbage.look_for_garbage()
    garbage.look_for_garbage()
    gc.collect(1)
    assert not library.trims
    gc.collect()
    assert library.trims == [0]


def test_without_glibc_garbage_is_looked_for_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_glibc", lambda: None)
    garbage.keep_in_one_place()
    garbage.look_for_garbage()
    assert gc.isenabled()
    gc.collect()


class Loop:
    """What only the collector finds."""

    there = 0

    def __init__(self) -> None:
        self.itself = self
        Loop.there += 1

    def __del__(self) -> None:
        Loop.there -= 1


def test_what_has_gone_after_a_while_does_not_gather() -> None:
    garbage.look_for_garbage()
    gc.collect()
    kept, most = deque[Loop](maxlen=2_000), 0
    for _ in range(60_000):
        kept.append(Loop())
        most = max(most, Loop.there - len(kept))
    assert most < 15_000


async def test_a_page_key_in_a_list_that_is_not_laid_out_yet_does_nothing() -> None:
    mend()
    async with playing() as board:
        options = OptionList("one", "two")
        options.highlighted = 0
        options._move_page(-1)
        options._move_page(1)
        await board.press()


def test_random_keys_with_an_engine_that_dies_end_in_no_traceback() -> None:
    played = play(1, Keras.OFF, SECONDS / 60)
    assert not played.faults
    assert played.pressed > 10
    assert played.killed


def test_every_key_but_those_that_leave_is_played() -> None:
    played = set(every_key())
    assert {"1", "u", " ", "\x13", "\x1b[A", "\x1b[1;2C", "?", "+"} <= played
    assert not {"q", "\x11"} & played
