"""The split as Keras takes it, what both parts hold, and its traps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.data.editing import shuffled
from core.data.split import SplitParts, split_parts, training_points
from core.errors import Refused


def labelled(labels: list[float], classes: tuple[str, ...] = ()) -> Dataset:
    held = np.array(labels, dtype=np.float32)[:, np.newaxis]
    return Dataset(frozen(np.zeros((len(labels), 1))), frozen(held), DataFile("own.csv"), classes=classes)


def parts(labels: list[float], split: float, classes: tuple[str, ...] = ()) -> SplitParts:
    return split_parts(labelled(labels, classes), split)


def test_the_last_rows_validate_and_what_both_parts_hold_is_told() -> None:
    told = parts([0, 1, 0, 1, 1, 0, 1, 0, 0, 1], 0.2)
    assert told.rows_in_words() == "rows 1 to 8 train, rows 9 to 10 validate."
    assert told.in_words("") == "rows 1 to 8 train (0: 4, 1: 4), rows 9 to 10 validate (0: 1, 1: 1)."
    assert parts([0, 1], 0.5).rows_in_words() == "row 1 trains, row 2 validates."
    assert parts([0, 1], 0.0).in_words("") == "All 2 rows train: no validation split."


@pytest.mark.parametrize(
    ("labels", "split", "classes", "traps"),
    [
        ([1, 0, 0, 1, 1, 1], 0.4, (), ["The validation part has 1 alone."]),
        ([1, 1, 1, 0, 1, 0], 0.4, (), ["The training part has 1 alone.", "Nothing is trained on 0, which validates."]),
        ([0, 0, 0, 1, 1, 1], 0.2, (), ["The validation part has 1 alone.", "The rows are sorted by label."]),
        ([-1, -1, 1, -1, 1], 0.2, (), ["The validation part has +1 alone."]),
        ([1, 1, 1, 1, 1], 0.2, (), []),
        (
            [0, 0, 1, 1, 2, 2],
            0.3,
            ("a", "b", "c"),
            [
                "The validation part has c alone.",
                "Nothing is trained on c, which validates.",
                "The rows are sorted by label.",
            ],
        ),
        (
            [0.1, 0.2, 0.4, 0.7, 3.5, 8.25],
            0.2,
            (),
            ["The rows are sorted by label, so that the parts have other labels."],
        ),
        ([9, 8.5, 7, 6.5, 3, 2], 0.2, (), ["The rows are sorted by label, so that the parts have other labels."]),
        ([0.1, 0.2, 0.4, 0.7, 3.5, 1.25], 0.2, (), []),
        ([0, 0, 0, 1, 1, 1], 0, (), []),
    ],
)
def test_the_traps_of_a_split_are_said(
    labels: list[float], split: float, classes: tuple[str, ...], traps: list[str]
) -> None:
    told = parts(labels, split, classes)
    assert list(told.traps) == traps
    assert ("do something" in told.in_words("do something")) == bool(traps)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=40), st.floats(0.05, 0.95))
def test_the_parts_hold_the_labels_of_their_rows(labels: list[int], split: float) -> None:
    dataset = labelled([float(label) for label in labels])
    try:
        first = training_points(len(labels), split)
    except Refused:
        return
    told = split_parts(dataset, split)
    for part, rows in ((told.training, labels[:first]), (told.validation, labels[first:])):
        assert part.rows == len(rows)
        assert part.by_label == {f"{label}": rows.count(label) for label in sorted(set(labels))}
        alone = f"The {'training' if part is told.training else 'validation'} part has {rows[0]} alone."
        assert (alone in told.traps) == (len(set(rows)) == 1 < len(set(labels)))


def test_sorted_rows_are_no_longer_a_trap_once_they_are_shuffled() -> None:
    dataset = labelled([0.0] * 40 + [1.0] * 40)
    assert split_parts(dataset, 0.2).traps == ("The validation part has 1 alone.", "The rows are sorted by label.")
    assert not split_parts(shuffled(dataset, 1).after, 0.2).traps
