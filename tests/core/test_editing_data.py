"""Rows of data typed, added, taken out, shuffled and given noise: each one step that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset, SumRule, generate, rule_of
from core.data.editing import (
    Edited,
    cell_text,
    columns,
    require_cell,
    shuffled,
    with_noise,
    with_row_added,
    with_row_typed,
    without_rows,
)
from core.data.files import open_data
from core.data.makers import Spiral
from core.data.saved import save_data
from core.errors import Refused
from core.session.kept_steps import decode, encode
from core.session.session import Session
from core.session.state import State
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path


def data(rows: int = 6, *, classes: tuple[str, ...] = (), weights: bool = False) -> Dataset:
    drawn = np.random.default_rng(rows)
    points = drawn.normal(size=(rows, 2)).astype(np.float32)
    labels = (np.arange(rows) % max(2, len(classes))).astype(np.float32)[:, np.newaxis]
    held = frozen(drawn.random(rows).astype(np.float32) + 0.5) if weights else None
    return Dataset(frozen(points), frozen(labels), DataFile("own.csv"), held, classes)


def with_data(dataset: Dataset) -> Session:
    session = Session()
    session.take_data(dataset)
    return session


def same(one: Dataset, other: Dataset) -> bool:
    return (
        np.array_equal(one.points, other.points)
        and np.array_equal(one.labels, other.labels)
        and one.classes == other.classes
        and (one.weights is None) == (other.weights is None)
        and (one.weights is None or other.weights is None or np.array_equal(one.weights, other.weights))
    )


def words(dataset: Dataset) -> str:
    assert isinstance(dataset.origin, DataFile)
    return dataset.origin.named


@st.composite
def changes(draw: st.DrawFn, dataset: Dataset) -> Edited:
    row = draw(st.integers(0, len(dataset) - 1))
    number = st.floats(-100, 100, width=32).map(str)
    cells = draw(st.dictionaries(st.integers(0, dataset.inputs - 1), number, min_size=1))
    kinds = [
        st.just(with_row_typed(dataset, row, cells)),
        st.just(with_row_added(dataset, row, cells)),
        st.builds(shuffled, st.just(dataset), st.integers(0, 99)),
        st.builds(with_noise, st.just(dataset), st.floats(0.01, 2), st.integers(0, 99)),
    ]
    if len(dataset) > 1:
        kinds.append(st.just(without_rows(dataset, [row])))
    return draw(st.one_of(kinds))


@settings(max_examples=60)
@given(st.data(), st.integers(1, 6), st.booleans())
def test_undo_gives_the_same_data_and_redo_the_changed_ones_and_the_weights_stay(
    drawn: st.DataObject, rows: int, weights: bool
) -> None:
    session = with_data(data(rows, weights=weights))
    session.take_row(rows - 1)
    held, states = session.state.model.weights, list[State]()
    for _ in range(4):
        states.append(session.state)
        session.take_edited(drawn.draw(changes(session.state.dataset)))
        follows_its_row(session.state)
    last = session.state
    for state in reversed(states):
        session.trail.undo()
        assert session.state.dataset is state.dataset
        follows_its_row(session.state)
    for _ in states:
        session.trail.redo()
        follows_its_row(session.state)
    assert session.state.dataset is last.dataset
    assert session.state.model.weights is held


def follows_its_row(state: State) -> None:
    if state.row is not None:
        assert np.array_equal(state.x, state.dataset.points[state.row].astype(np.float64))


@settings(max_examples=60)
@given(st.data())
def test_a_changed_row_changes_no_other_row_and_no_other_cell(drawn: st.DataObject) -> None:
    before = data(5, weights=True)
    row, column = drawn.draw(st.integers(0, 4)), drawn.draw(st.integers(0, columns(before) - 1))
    value = drawn.draw(st.floats(1 / 8, 100, width=32))
    after = with_row_typed(before, row, {column: str(value)}).after
    table = [
        np.column_stack([one.points, one.labels, one.weights]) for one in (before, after) if one.weights is not None
    ]
    differs = np.zeros((5, 4), dtype=bool)
    differs[row, column] = table[0][row, column] != np.float32(value)
    assert np.array_equal(table[0] != table[1], differs)
    assert table[1][row, column] == np.float32(value)


def test_a_cell_as_it_is_offered_gives_the_same_cell_back() -> None:
    for before in (data(5, weights=True), data(5, classes=("a", "b b", "3"))):
        for row in range(5):
            cells = {column: cell_text(before, row, column) for column in range(columns(before))}
            assert same(with_row_typed(before, row, cells).after, before)


def test_x_follows_the_row_in_hand_through_a_change_a_shuffle_and_their_undoing() -> None:
    session = with_data(data())
    session.take_row(2)
    session.take_edited(with_row_typed(session.state.dataset, 2, {0: "7"}))
    assert (session.state.row, session.state.x[0]) == (2, 7)
    session.take_edited(shuffled(session.state.dataset, 3))
    place = session.state.row
    assert place is not None
    assert session.state.dataset.points[place, 0] == 7
    session.take_edited(without_rows(session.state.dataset, [place]))
    assert (session.state.row, session.state.x[0]) == (None, 7)
    session.trail.go_to_step(2)
    session.take_row(0)
    session.trail.go_to_step(1)
    assert session.state.row == 0
    assert np.array_equal(session.state.x, session.state.dataset.points[0])


def test_a_row_that_is_not_in_hand_leaves_x_alone() -> None:
    session = with_data(data())
    session.set_x([9, 9])
    x = session.state.x
    session.take_edited(with_row_typed(session.state.dataset, 0, {0: "7"}))
    assert session.state.x is x
    assert session.state.row is None


def test_the_task_follows_the_labels() -> None:
    session = with_data(data())
    session.set_recipe(Recipe(loss="binary_crossentropy"))
    assert session.state.task.name == "binary"
    session.take_edited(with_row_typed(session.state.dataset, 0, {2: "0.5"}))
    assert session.state.task.name == "numbers"
    session.trail.undo()
    assert session.state.task.name == "binary"


def test_made_data_keep_their_meaning_and_their_rule_when_a_row_is_changed() -> None:
    rule = SumRule(20, 2, 0.7, 4)
    session = Session()
    session.take_data(generate(rule))
    session.set_recipe(Recipe(loss="binary_crossentropy"))
    before = session.state.task
    session.take_edited(with_row_typed(session.state.dataset, 0, {0: "0.5"}))
    assert session.state.task == before
    assert rule_of(session.state.dataset) == rule
    assert session.state.dataset.in_words() == (
        "made data, 1 row changed: 20 rows of 2 inputs. Before that 20 points of 2 numbers from 0 to 1, seed 4: "
        "+1 where x1 + x2 > 0.7, else -1."
    )


def test_the_origin_counts_each_row_once_wherever_it_has_gone() -> None:
    dataset = with_row_typed(data(), 1, {0: "7"}).after
    assert words(dataset) == "own.csv, 1 row changed"
    dataset = shuffled(dataset, 1).after
    assert words(dataset) == "own.csv, 1 row changed, shuffled (seed 1)"
    place = int(np.flatnonzero(dataset.points[:, 0] == 7)[0])
    dataset = with_row_typed(dataset, place, {1: "8"}).after
    dataset = with_row_typed(with_row_added(dataset, place, {}).after, 6, {0: "1"}).after
    assert words(dataset) == "own.csv, 1 row changed, 1 row added, shuffled (seed 1)"
    dataset = without_rows(without_rows(dataset, [6]).after, [place]).after
    assert words(dataset) == "own.csv, 1 row taken out, shuffled (seed 1)"
    dataset = with_noise(dataset, 0.1, 2).after
    assert words(dataset) == "own.csv, 1 row taken out, shuffled (seed 1), noise 0.1 (seed 2)"


def test_a_row_is_added_at_the_end_as_another_one_is_but_for_what_was_typed() -> None:
    before = data(5, classes=("a", "b"), weights=True)
    after = with_row_added(before, 1, {0: "0,5", 2: "Ａ"}).after
    assert (len(after), after.points[5, 0], after.points[5, 1]) == (6, 0.5, before.points[1, 1])
    assert after.classes == ("a", "b")
    assert (after.labels[5, 0], after.labels[1, 0]) == (0, 1)
    back = without_rows(after, [5]).after
    assert same(back, before)
    assert back.origin == before.origin


def test_noise_and_order_are_those_of_their_seed() -> None:
    before = data(200)
    assert same(with_noise(before, 0.5, 3).after, with_noise(before, 0.5, 3).after)
    assert not same(with_noise(before, 0.5, 3).after, with_noise(before, 0.5, 4).after)
    noisy = with_noise(before, 0.5, 3).after
    assert np.array_equal(noisy.labels, before.labels)
    assert 0.4 < float((noisy.points - before.points).std()) < 0.6
    mixed = shuffled(before, 3)
    assert mixed.moved.rows is not None
    assert sorted(mixed.moved.rows.tolist()) == list(range(200))
    assert same(shuffled(before, 3).after, mixed.after)


def test_a_class_is_taken_by_its_name_in_any_width_and_case_and_a_new_one_comes_last() -> None:
    before = data(4, classes=("one", "2"))
    assert with_row_typed(before, 0, {2: "２"}).after.labels[0, 0] == 1
    assert with_row_typed(before, 1, {2: " ONE "}).after.labels[1, 0] == 0
    after = with_row_typed(before, 0, {2: "three"}).after
    assert after.classes == ("one", "2", "three")
    assert after.labels[:, 0].tolist() == [2, 1, 0, 1]


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        (0, "", "expected a number"),
        (0, "nan", "expected a number"),
        (1, "1e39", "float32"),
        (2, "x", "expected a number"),
        (3, "-1", "expected a weight of 0 or more, got -1"),
    ],
)
def test_what_can_not_stand_in_a_cell_is_refused(column: int, text: str, why: str) -> None:
    before = data(4, weights=True)
    with pytest.raises(Refused, match=why):
        require_cell(before, 0, column, text)
    with pytest.raises(Refused):
        with_row_typed(before, 0, {column: text})


def test_changes_that_leave_no_data_to_train_on_are_refused() -> None:
    with pytest.raises(Refused, match="leave one"):
        without_rows(data(1), [0])
    weighed = with_row_typed(data(2, weights=True), 0, {3: "0"}).after
    with pytest.raises(Refused, match="above 0 in some row"):
        without_rows(weighed, [1])
    with pytest.raises(Refused, match="above 0"):
        with_row_typed(weighed, 1, {3: "0"})
    for sigma in (0, -1, float("nan"), 1e9):
        with pytest.raises(Refused, match="standard deviation above 0"):
            with_noise(data(), sigma, 0)
    for change in (shuffled, lambda one, seed: with_noise(one, 1, seed)):
        with pytest.raises(Refused, match="a seed"):
            change(data(), -1)


def test_a_change_of_data_that_are_no_longer_here_is_refused() -> None:
    session = with_data(data())
    edited = with_noise(session.state.dataset, 1, 0)
    session.take_edited(edited)
    with pytest.raises(Refused, match="the data that are here"):
        session.take_edited(edited)


def test_changed_data_are_unsaved_until_they_are_saved_or_the_change_is_taken_back() -> None:
    session = with_data(data())
    assert not session.state.unsaved_data
    session.take_edited(with_noise(session.state.dataset, 1, 0))
    assert session.state.unsaved_data
    session.data_saved(session.state.dataset)
    assert not session.state.unsaved_data
    session.take_edited(shuffled(session.state.dataset, 0))
    assert session.state.unsaved_data
    session.trail.undo()
    assert not session.state.unsaved_data


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
@pytest.mark.parametrize(
    "before", [data(), data(6, classes=("a", "b, c"), weights=True), generate(SumRule(8, 2)), generate(Spiral(9))]
)
def test_changed_data_come_back_from_a_file_as_they_are(before: Dataset, suffix: str, tmp_path: Path) -> None:
    after = with_row_typed(with_noise(before, 0.1, 1).after, 2, {0: "1/3"}).after
    path = tmp_path / f"changed{suffix}"
    save_data(path, after)
    assert same(open_data(path), after)


def test_changed_data_and_what_was_changed_are_kept_with_the_steps() -> None:
    session = Session()
    session.take_edited(with_row_typed(session.state.dataset, 1, {0: "7"}))
    session.take_edited(shuffled(session.state.dataset, 1))
    kept = decode(encode(session.trail.steps)).undo[-1].dataset
    assert same(kept, session.trail.steps.undo[-1].dataset)
    assert kept.origin == session.trail.steps.undo[-1].dataset.origin
