"""On a console everything that is drawn is in its font; a curve that is drawn and one that is dotted still differ."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import numpy as np
from rich.cells import cell_len

from tui.console_signs import ASCII_SIGNS, SIGNS, signs_for
from tui.widgets.braille import Braille, joined, middles

SCREENS = Path(__file__).parents[1] / "snapshots" / "__snapshots__"


def in_font(text: str) -> bool:
    return all(sign.isascii() or sign.encode("cp437", "ignore") for sign in text)


@cache
def drawn_signs() -> frozenset[str]:
    texts = (re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text()) for picture in SCREENS.rglob("*.svg"))
    return frozenset(sign for found in texts for text in found for sign in html.unescape(text) if sign != "\xa0")


def test_every_sign_on_every_accepted_screen_has_one_on_a_console() -> None:
    drawn = drawn_signs()
    assert len(drawn) > 100
    assert not {sign for sign in drawn if not in_font(sign.translate(SIGNS))}


def test_a_sign_takes_the_room_of_the_one_that_it_stands_for() -> None:
    for sign, drawn in SIGNS.items():
        assert not chr(sign).isascii()
        assert in_font(drawn) and cell_len(drawn) == cell_len(chr(sign)) == 1


def test_curves_are_half_blocks_and_dotted_ones_points() -> None:
    spans = np.array([[across, 3 * across % 16, 3 * across % 16] for across in range(20)])
    rows = {}
    for name, dots in (("whole", joined(spans)), ("dotted", middles(spans)[::3])):
        picture = Braille(10, 4)
        picture.draw(dots, 0)
        rows[name] = {sign for row in range(4) for sign, _ in picture.row(row)}
        rows[name] = set("".join(rows[name]).translate(SIGNS))
    assert rows["whole"] & set("▀▄█")
    assert rows["dotted"] <= set(" '.:")


def test_a_serial_terminal_gets_ascii_for_every_sign_on_every_accepted_screen() -> None:
    for sign, drawn in ASCII_SIGNS.items():
        assert drawn.isascii() and cell_len(drawn) == cell_len(chr(sign)) == 1
    left = {sign for sign in drawn_signs() if not sign.translate(ASCII_SIGNS).isascii()}
    # Names that people gave, in their own letters.
    assert not {sign for sign in left if not sign.isalpha() and cell_len(sign) == 1}


def test_only_a_console_and_a_serial_terminal_are_such() -> None:
    terms = ("linux", "linux-16color", "xterm-256color", "linuxvt", "", "vt100", "vt220", "vte-256color", "screen")
    assert [term for term in terms if signs_for(term) is SIGNS] == ["linux", "linux-16color"]
    assert [term for term in terms if signs_for(term) is ASCII_SIGNS] == ["vt100", "vt220"]
    assert not signs_for("xterm-256color")
