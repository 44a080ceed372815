"""Fewer bytes, the same screen: a terminal shows what it would have shown had everything been sent."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.thrift import Thrift

COLUMNS, ROWS = 12, 4

BELOW = 1
"""A row that nothing is written to, so that no line feed scrolls."""

COLOURS = st.sampled_from(["", "38;2;1;2;3", "38;5;7", "31", "39", "97"])
BACKGROUNDS = st.sampled_from(["", "48;2;9;8;7", "48;5;200", "44", "107"])
ATTRIBUTES = st.lists(st.sampled_from(["1", "3", "4", "7", "9"]), unique=True, max_size=3)


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """One text in one style, written as Textual does: the whole style before it, a reset after it."""
    row, column = draw(st.integers(1, ROWS)), draw(st.integers(1, COLUMNS))
    style = ";".join(part for part in (*draw(ATTRIBUTES), draw(COLOURS), draw(BACKGROUNDS)) if part)
    text = draw(st.text(st.sampled_from("ab  漢e"), min_size=1, max_size=COLUMNS))
    fitting = ""
    for character in text:
        if column - 1 + sum(2 if one == "漢" else 1 for one in fitting + character) > COLUMNS:
            break
        fitting += character
    move = f"\x1b[{row};{column}H"
    return f"{move}\x1b[{style}m{fitting}\x1b[0m" if style else move + fitting


def joined(texts: list[str]) -> st.SearchStrategy[str]:
    """Texts that follow each other, or with line feeds between, as Textual ends lines; it moves before it writes."""
    return st.sampled_from(["", "\n"]).map(lambda end: end.join(texts))


FRAMES = st.lists(st.lists(pieces(), min_size=1, max_size=6).flatmap(joined), min_size=1, max_size=6)


def seen(written: list[str]) -> list[list[tuple[object, ...]]]:
    """What a terminal shows after all that was written to it, cell by cell."""
    screen = pyte.Screen(COLUMNS, ROWS + BELOW)
    stream = pyte.Stream(screen)
    for data in written:
        stream.feed(data)
    return [[_looks(screen.buffer[row][column]) for column in range(COLUMNS)] for row in range(ROWS)]


def _looks(cell: object) -> tuple[object, ...]:
    data, fg, bg, bold, italics, underscore, strikethrough, reverse = (
        getattr(cell, name)
        for name in ("data", "fg", "bg", "bold", "italics", "underscore", "strikethrough", "reverse")
    )
    if data == " " and not (underscore or strikethrough or reverse):
        return (data, bg)
    return (data, fg, bg, bold, italics, underscore, strikethrough, reverse)


@settings(max_examples=400)
@given(FRAMES)
def test_a_terminal_shows_the_same(frames: list[str]) -> None:
    thrift = Thrift(COLUMNS, ROWS + BELOW)
    assert seen([thrift.rewritten(frame) for frame in frames]) == seen(frames)


def without_halves(rows: list[list[tuple[object, ...]]]) -> list[list[object]]:
    """Return what is shown, blanks for halves of wide characters, which the emulator keeps, in whichever style."""
    shown: list[list[object]] = []
    for row in rows:
        after = [*row[1:], (" ",)]
        whole = [cell[0] == "漢" and beside[0] == "" for cell, beside in zip(row, after, strict=True)]
        halves = [(cell[0] == "漢") != wide for cell, wide in zip(row, whole, strict=True)]
        lone = [cell[0] == "" and not wide for cell, wide in zip(row, [False, *whole], strict=False)]
        gone = [half or one for half, one in zip(halves, lone, strict=True)]
        shown.append([" " if blank or cell[0] == " " else cell for cell, blank in zip(row, gone, strict=True)])
    return shown


@settings(max_examples=200)
@given(FRAMES, FRAMES, FRAMES)
def test_a_terminal_that_catches_up_shows_what_the_last_frames_made(
    before: list[str], late: list[str], after: list[str]
) -> None:
    thrift = Thrift(COLUMNS, ROWS + BELOW)
    sent = [thrift.rewritten(frame) for frame in before]
    assert all(thrift.put_by(frame) == "" for frame in late)
    sent += [thrift.caught_up(), *(thrift.rewritten(frame) for frame in after)]
    assert without_halves(seen(sent)) == without_halves(seen(before + late + after))
    assert thrift.caught_up() == ""


def test_modes_are_not_put_by_and_a_place_is_drawn_once() -> None:
    thrift = Thrift(COLUMNS, ROWS)
    assert thrift.put_by("\x1b[?1000h\x1b[1;2Hold\x1b]52;c;aGFsbG8=\x07") == "\x1b[?1000h\x1b]52;c;aGFsbG8=\x07"
    thrift.put_by("\x1b[1;2Hnew e\u0301\x1b[3;4H")
    assert thrift.caught_up() == "\x1b[1;2H\x1b[0mnew e\u0301\x1b[3;4H"


@given(FRAMES)
def test_what_is_shown_already_is_not_sent_again(frames: list[str]) -> None:
    thrift = Thrift(COLUMNS, ROWS)
    for frame in frames:
        thrift.rewritten(frame)
        if frame.count("H") == 1 and "漢" not in frame:
            assert thrift.rewritten(frame) == ""


def test_only_what_differs_is_sent_with_the_shortest_move_and_colour() -> None:
    thrift = Thrift(80, 24)
    line = "\x1b[3;1H\x1b[38;2;1;2;3;48;2;4;5;6m{}\x1b[0m\x1b[1;38;2;1;2;3;48;2;4;5;6m{}\x1b[0m"
    thrift.rewritten(line.format("one two", "three"))
    assert thrift.rewritten(line.format("one too", "three")) == "\x1b[3;6H\x1b[22mo"
    assert thrift.rewritten(line.format("onY toX", "threX")) == "\x1b[3;3HY\x1b[3CX\x1b[4C\x1b[1mX"


def test_what_changes_the_whole_screen_makes_it_forget() -> None:
    thrift = Thrift(COLUMNS, ROWS)
    text = "\x1b[1;1Habc"
    assert "abc" in thrift.rewritten(text)
    assert thrift.rewritten(text) == ""
    assert thrift.rewritten("\x1b[2J" + text).endswith("abc")
    thrift.resize(20, 5)
    assert "abc" in thrift.rewritten(text)


def test_what_is_not_understood_passes_through() -> None:
    thrift = Thrift(COLUMNS, ROWS)
    odd = "\x1b[?2026h\x1b]52;c;aGFsbG8=\x07\x1b[>1u\x1b[?1000h\x1b[6n"
    assert thrift.rewritten(odd) == odd


def test_a_lone_move_is_kept_for_what_is_composed_there() -> None:
    thrift = Thrift(COLUMNS, ROWS)
    assert thrift.rewritten("\x1b[2;5H") == "\x1b[2;5H"
    assert thrift.rewritten("\x1b[2;5H") == ""
