"""Lanes: what is drawn beside a list of calls says exactly which call uses which."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.lanes import Lanes, lanes
from core.model.outline import Drawn, Outline, Sign
from core.model.summary import summary
from tests import graphs

SIGN = "●"

GOES_ON, ENDS = "│├┤┼", "┘┴"
USES = "├┤┼┘┴" + SIGN


@st.composite
def sources(draw: st.DrawFn, most: int = 24) -> list[set[int]]:
    """Lines of which each uses some of those before it, the one before it more often than others."""
    made: list[set[int]] = []
    for place in range(draw(st.integers(1, most))):
        far = st.sets(st.integers(0, max(place - 1, 0)), max_size=3)
        near = {place - 1} if draw(st.booleans()) else set()
        made.append((draw(far) | near) & set(range(place)))
    return made


def cell(line: str, column: int) -> str:
    """Return what a line has in a column, in the first of its two cells."""
    return line[2 * column : 2 * column + 1] or " "


def uses(drawn: list[str], place: int) -> set[int]:
    """Follow the lane of a line downwards, by what is drawn alone, and return which lines it comes to."""
    column, found = drawn[place].index(SIGN) // 2, set()
    for below in range(place + 1, len(drawn)):
        sign = cell(drawn[below], column)
        if sign in USES:
            found.add(below)
        if sign not in GOES_ON:
            break
    return found


def connected(line: str, column: int) -> bool:
    """Return whether what joins a line in a column is drawn through to the line's own sign."""
    own = line.index(SIGN)
    low, high = sorted((own, 2 * column))
    return all(sign == "─" for sign in line[low + 1 : high : 2]) and all(
        sign in "─┼┴│├┤┘" for sign in line[low + 2 : high : 2]
    )


@settings(max_examples=100)
@given(sources())
def test_a_lane_followed_downwards_leads_to_exactly_the_calls_that_use_the_value(of: list[set[int]]) -> None:
    drawn = [one.drawn(SIGN) for one in lanes(of, len(of) + 2)]
    for place in range(len(of)):
        assert uses(drawn, place) == {user for user, used in enumerate(of) if place in used}


@settings(max_examples=100)
@given(sources(), st.integers(2, 5))
def test_where_there_is_no_room_each_use_is_either_drawn_or_said_and_the_width_is_kept(
    of: list[set[int]], most: int
) -> None:
    made = lanes(of, most)
    drawn = [one.drawn(SIGN) for one in made]
    for place in range(len(of)):
        said = {user for user, one in enumerate(made) if place in one.in_words}
        assert uses(drawn, place).isdisjoint(said)
        assert uses(drawn, place) | said == {user for user, used in enumerate(of) if place in used}
    assert max(one.width for one in made) <= most
    assert max(map(len, drawn)) <= 2 * most


@settings(max_examples=100)
@given(sources())
def test_there_are_never_more_lanes_than_values_that_are_needed_at_once(of: list[set[int]]) -> None:
    # One that nobody uses is alive on its own line and on the next one, so that no other seems to come from it.
    last = [max([place + 1, *(user for user, used in enumerate(of) if place in used)]) for place in range(len(of))]
    alive = [sum(value <= place <= last[value] for value in range(place + 1)) for place in range(len(of))]
    made = lanes(of, len(of) + 2)
    assert max(one.width for one in made) <= max(alive)
    for place, one in enumerate(made):
        on = [value for value in range(place + 1) if any(value in used for used in of[place + 1 :])]
        assert len(one.passing) + one.goes_on == len(on)


@settings(max_examples=100)
@given(sources(), st.integers(2, 30))
def test_no_cell_has_lines_of_two_values_that_lead_to_different_calls(of: list[set[int]], most: int) -> None:
    for one in lanes(of, most):
        line = one.drawn(SIGN)
        assert all(connected(line, column) for column in one.joined)
        # Of a lane that only passes there is nothing but that lane in its column.
        assert all(cell(line, column) == "│" for column in one.passing - one.joined)
        dashes = line.count("─")
        assert dashes >= max((abs(column - one.column) for column in one.joined), default=0)


@settings(max_examples=100)
@given(sources())
def test_a_lane_stays_in_its_column_and_the_drawing_is_always_the_same(of: list[set[int]]) -> None:
    made = lanes(of, 8)
    assert made == lanes([sorted(used, reverse=True) for used in of], 8)
    for before, after in pairwise(made):
        lane = before.passing | ({before.column} if before.goes_on else set())
        assert lane <= after.passing | after.joined | {after.column}


def test_forty_values_that_are_all_used_at_the_end_stay_within_eight_lanes() -> None:
    made = lanes([set(range(place)) for place in range(41)], 8)
    assert max(one.width for one in made) == 8
    assert len(made[40].in_words) == 32
    assert 39 not in made[40].in_words


def test_what_joins_a_line_passes_beneath_lanes_that_only_pass() -> None:
    assert Lanes(2, frozenset({0, 1, 4}), frozenset({0, 1, 3}), True, ()).drawn(SIGN) == "├─┼─●─│─┘"


def text(drawn: list[Drawn]) -> list[str]:
    """Return the lines with their names, and the sources that are said."""
    return [f"{one.lanes:8}{'  ' * one.line.depth}{' '.join([one.line.name, *one.in_words])}" for one in drawn]


def test_a_residual_model_has_its_skip_connections_on_the_left() -> None:
    outline = Outline(summary(graphs.residual().graph).calls)
    assert text(outline.opened(set()).drawn(8)) == [
        "■       x",
        "├─●     a1",
        "│ ●     a2",
        "●─┘     add_a",
        "├─●     aside",
        "├─│─○   b1",
        "│ │ ○   b2",
        "●─│─┘   add_b",
        "● │     output",
        "■ │     output 1",
        "  ■     output 2",
    ]


def test_a_model_inside_is_open_or_folded_and_a_shared_one_is_drawn_at_each_call() -> None:
    outline = Outline(summary(graphs.siamese().graph).calls)
    assert text(outline.opened({("tower (call 2)",)}).drawn(8)) == [
        "■       one",
        "│ ■     two",
        "● │     tower",
        "│ ●     tower (call 2)",
        "│ ├─●     left",
        "│ ● │     right",
        "│ ●─┘     gate",
        "●─┘     difference",
        "●       output",
        "■       output",
    ]
    by_name = {one.line.name: one.line for one in outline.opened(set()).drawn(8)}
    assert by_name["tower"].numbers == 18 and by_name["tower (call 2)"].numbers == 0
    assert outline.foldable == {("tower",), ("tower (call 2)",)}


def test_a_deep_u_says_its_longest_connections_in_words() -> None:
    drawn = Outline(summary(graphs.u_shaped(6).graph).calls).opened(set()).drawn(3)
    assert {one.line.name: one.in_words for one in drawn if one.in_words} == {
        "join_3": ("down_3",),
        "join_2": ("down_2",),
        "join_1": ("down_1",),
    }


def test_frozen_and_sealed_calls_have_signs_of_their_own_and_the_reason() -> None:
    lines = {one.line.name: one.line for one in Outline(summary(graphs.sealed().graph).calls).opened(set()).drawn(8)}
    assert lines["own"].sign is Sign.SEALED and lines["own"].sealed == "a class of the person who saved it"
    assert lines["before"].sign is Sign.CALL and lines["after"].shape is None
    lines = {one.line.name: one.line for one in Outline(summary(graphs.residual().graph).calls).opened(set()).drawn(8)}
    assert lines["b1"].sign is Sign.FROZEN and lines["add_b"].sign is Sign.CALL


@pytest.mark.parametrize(("frozen", "sign"), [("left right", Sign.FROZEN), ("left", Sign.CALL)])
def test_a_model_inside_is_frozen_if_all_of_it_is_that_has_numbers(frozen: str, sign: Sign) -> None:
    outline = Outline(summary(graphs.siamese(frozen).graph).calls)
    assert outline.of_call["tower",].sign is sign
