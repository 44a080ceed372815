"""Text by the columns that it takes in a terminal: as Rich measures it, never cut through a character, well broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.cells import cell_width, cut, padded, padded_before, wrap
from core.errors import shorten

TEXTS = st.text(st.sampled_from("abc w1 .,-()\u3000 隠れ層の出力は、。「」（）ッー１％ｶé한"), max_size=60)

NEVER_FIRST = "、。」）ッー,.)"


@given(TEXTS, st.integers(0, 30))
def test_text_is_measured_cut_and_padded_by_columns(text: str, width: int) -> None:
    assert cell_width(text) == cell_len(text)
    assert width - 1 <= cell_width(cut(text, width)) <= width or cut(text, width) == text
    assert text.startswith(cut(text, width))
    assert cell_width(padded(text, width)) == cell_width(padded_before(text, width)) == max(width, cell_width(text))


@given(TEXTS, st.integers(12, 40))
def test_wrapped_text_is_whole_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.strip() for line in lines)


def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one() -> None:
    text = "活性化関数（tanh）は、「ユニット」の出力を作ります。Keras では、kernel（2 行 5 列）です。ずっと、ちょっと。"
    for width in range(12, 60):
        lines = wrap(text, width)
        assert not any(line[0] in NEVER_FIRST for line in lines), lines
        assert not any(line[-1] in "（「" for line in lines), lines


def test_a_word_of_letters_is_kept_whole_and_later_lines_are_indented() -> None:
    assert wrap("z2 = 0.2132 + 0.2145 = 0.4277", 14, "   ") == ["z2 = 0.2132 +", "   0.2145 =", "   0.4277"]
    assert wrap("層の kernel は", 10) == ["層の", "kernel は"]
    assert wrap("", 10) == []


def test_a_word_wider_than_a_line_is_broken_between_its_parts() -> None:
    assert wrap("  = attended[1,1,1]*out/kernel[1,1,1] + 1", 24) == ["  = attended[1,1,1]*", "out/kernel[1,1,1] + 1"]
    assert wrap("a" * 30, 12) == ["a" * 12, "a" * 12, "a" * 6]


@pytest.mark.parametrize(("name", "short"), [("隠れ層" * 9, "隠れ層" * 6 + "..."), ("a" * 50, "a" * 37 + "...")])
def test_a_long_name_is_shortened_to_forty_columns(name: str, short: str) -> None:
    assert shorten(name) == short
