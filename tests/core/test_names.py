"""Names in little room."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cells import cell_width
from core.names import listed_within, told_apart


@pytest.mark.parametrize(
    ("names", "width", "shown"),
    [
        (("setosa", "versicolor", "virginica"), 10, ("setosa", "versicolor", "virginica")),
        (("setosa", "versicolor", "virginica"), 8, ("setosa", "versi...", "virgi...")),
        (("class number one", "class number two"), 10, ("class ...e", "class ...o")),
        (("output 1", "output 2", "output 10"), 7, ("out...1", "out...2", "out...0")),
        (
            ("query/bias", "attention_output/kernel", "attention_output/bias"),
            18,
            ("query/bias", "attentio.../kernel", "attention_.../bias"),
        ),
        (("layer/with_an_end_that_is_long", "other/end"), 12, ("layer/wit...", "other/end")),
        (("a-1-aaaaaaaaaaaaaaa", "a-2-aaaaaaaaaaaaaaa"), 5, ("1 ...", "2 ...")),
        (("\u9ad8\u3055\u9ad8\u3055", "b\n"), 6, ("\u9ad8...", "b?")),
    ],
)
def test_names_are_cut_where_it_is_seen(names: tuple[str, ...], width: int, shown: tuple[str, ...]) -> None:
    assert told_apart(names, width) == shown


@settings(max_examples=50)
@given(
    st.lists(st.text("ab/ \u9ad8", min_size=1, max_size=20), min_size=1, max_size=6, unique=True), st.integers(5, 14)
)
def test_different_names_stay_different_and_fit(names: list[str], width: int) -> None:
    shown = told_apart(tuple(names), width)
    assert len(set(shown)) == len(names)
    assert all(cell_width(one) <= width for one in shown)


@given(st.lists(st.text("ab漢1.", min_size=1, max_size=9), max_size=12), st.integers(16, 40))
def test_of_a_list_without_room_the_first_are_whole(items: list[str], width: int) -> None:
    text = listed_within(items, width)
    assert cell_width(text) <= width
    if text != ", ".join(items):
        *whole, dots = text.split(", ")
        assert dots == "..." and whole == items[: len(whole)] and len(whole) < len(items)
        longer = ", ".join([*whole, items[len(whole)], *(["..."] if len(whole) + 1 < len(items) else [])])
        assert cell_width(longer) > width
