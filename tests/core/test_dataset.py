"""Data made from a rule as the tutorial makes them, and the validation split as Keras takes it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import (
    MAX_INPUTS,
    MAX_NUMBERS,
    MAX_POINTS,
    PRESETS,
    Preset,
    SumRule,
    fresh,
    generate,
    rule_of,
    usual_threshold,
)
from core.data.split import training_points
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.model.layers_text import chain_network
from core.tasks import Signs
from core.tasks.balance import balance

RULES = st.builds(
    SumRule,
    points=st.integers(1, 100),
    inputs=st.integers(1, 8),
    threshold=st.floats(-1, 9),
    seed=st.integers(0, MAX_SEED),
)


@given(RULES)
def test_points_lie_in_the_unit_cube_and_labels_follow_the_rule(rule: SumRule) -> None:
    data = generate(rule)
    assert (len(data), data.inputs, data.origin) == (rule.points, rule.inputs, rule)
    assert data.points.dtype == data.labels.dtype == np.float32
    assert ((data.points >= 0) & (data.points < 1)).all()
    for row, mine in zip(data.points.tolist(), data.labels[:, 0].tolist(), strict=True):
        assert mine == (1.0 if math.fsum(row) > rule.threshold else -1.0)


@given(RULES)
def test_the_same_rule_gives_the_same_points(rule: SumRule) -> None:
    assert np.array_equal(generate(rule).points, generate(rule).points)


@given(RULES)
def test_fresh_points_keep_the_rule_and_are_others(rule: SumRule) -> None:
    new = fresh(rule, 20)
    assert new is not None
    assert (len(new), new.inputs, rule_of(new).threshold) == (20, rule.inputs, rule.threshold)
    old = generate(SumRule(20, rule.inputs, rule.threshold, rule.seed))
    assert not np.array_equal(new.points, old.points)


def test_after_the_last_seed_comes_the_first() -> None:
    new = fresh(SumRule(seed=MAX_SEED), 5)
    assert new is not None and rule_of(new).seed == 0


def test_another_seed_gives_other_points() -> None:
    assert not np.array_equal(generate(SumRule(seed=1)).points, generate(SumRule(seed=2)).points)


def test_a_sum_of_exactly_the_threshold_is_labelled_minus_1() -> None:
    above = np.nextafter(np.float32(0.25), np.float32(1))
    points = np.array([[0.25, 0.25], [0.5, 0.0], [0.25, above], [0.0, 0.0]], dtype=np.float32)
    assert SumRule().labels(points)[:, 0].tolist() == [-1, -1, 1, -1]


def test_points_and_labels_cannot_be_written() -> None:
    data = generate(SumRule(3))
    for array in (data.points, data.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_tutorials_data_are_about_seven_eighths_plus_1() -> None:
    labels = generate(SumRule(100_000)).labels
    assert labels.shape == (100_000, 1)
    assert float((labels > 0).mean()) == pytest.approx(0.875, abs=0.005)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_presets_network_can_be_made_over_its_data(preset: Preset) -> None:
    assert chain_network(preset.rule.inputs, preset.shape).outputs == 1
    assert preset.rule.threshold == usual_threshold(preset.rule.inputs)
    assert generate(preset.rule).distinct == (-1.0, 1.0)


@pytest.mark.parametrize(("inputs", "threshold"), [(1, 0.5), (2, 0.5), (3, 1.5), (5, 2.5), (784, 392.0)])
def test_the_usual_threshold_is_the_middle_but_for_two_inputs(inputs: int, threshold: float) -> None:
    assert usual_threshold(inputs) == threshold


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"points": 0}, "expected points from 1 to 1,000,000, got 0"),
        ({"points": MAX_POINTS + 1}, "expected points from 1 to 1,000,000, got 1,000,001"),
        ({"inputs": 0}, "expected inputs from 1 to 1,000,000, got 0"),
        ({"inputs": MAX_INPUTS + 1}, "expected inputs from 1 to 1,000,000, got 1,000,001"),
        ({"seed": -1}, "expected a seed from 0 to 4,294,967,295, got -1"),
        ({"seed": MAX_SEED + 1}, "expected a seed from 0 to 4,294,967,295, got 4,294,967,296"),
        ({"threshold": math.nan}, "expected a finite threshold, got nan"),
        ({"threshold": math.inf}, "expected a finite threshold, got inf"),
        (
            {"points": MAX_POINTS, "inputs": 21},
            "expected at most 20,000,000 numbers in all, got 1,000,000 points x 21 inputs",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(settings: dict[str, float], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        SumRule(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == sentence


def test_the_limits_themselves_are_allowed() -> None:
    assert SumRule(MAX_NUMBERS // MAX_INPUTS, MAX_INPUTS, 0.0, MAX_SEED).inputs == MAX_INPUTS
    assert SumRule(MAX_POINTS, MAX_NUMBERS // MAX_POINTS).points == MAX_POINTS


@pytest.mark.parametrize(
    ("inputs", "terms"),
    [(1, "x1"), (2, "x1 + x2"), (5, "x1 + x2 + x3 + x4 + x5"), (6, "x1 + x2 + ... + x6"), (99, "x1 + x2 + ... + x99")],
)
def test_the_rule_in_words_names_a_few_inputs(inputs: int, terms: str) -> None:
    assert SumRule(inputs=inputs, threshold=2.5).in_words() == f"+1 where {terms} > 2.5, else -1"


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (-1.0, "4 points labelled +1 and 0 labelled -1: always answering +1 is right for 100.0 %"),
        (9.0, "4 points labelled -1 and 0 labelled +1: always answering -1 is right for 100.0 %"),
    ],
)
def test_the_balance_in_words_names_the_majority(threshold: float, words: str) -> None:
    data = generate(SumRule(4, threshold=threshold))
    assert balance(Signs(), data) == f"{words} (the majority baseline)."


def test_the_balance_in_words_counts_one_point_and_answers_plus_1_on_a_draw() -> None:
    rule = next(rule for rule in (SumRule(2, 1, 0.5, seed) for seed in range(99)) if _drawn(rule))
    words = "1 point labelled +1 and 1 labelled -1: always answering +1 is right for 50.0 % (the majority baseline)."
    assert balance(Signs(), generate(rule)) == words


def _drawn(rule: SumRule) -> bool:
    return generate(rule).distinct == (-1.0, 1.0)


# The split


@pytest.mark.parametrize(
    ("points", "split", "training"),
    [
        (250, 0.2, 200),
        (250, 0.0, 250),
        (1, 0.0, 1),
        (2, 0.5, 1),
        (10, 0.25, 7),
        (10, 0.1, 9),
        # 1 - 0.7 is 0.30000000000000004 and 1 - 0.8 is 0.19999999999999996: Keras loses a point on the second.
        (10, 0.7, 3),
        (10, 0.8, 1),
        (5, 0.01, 4),
        (1_000_000, 1e-6, 999_999),
    ],
)
def test_the_split_is_kerass(points: int, split: float, training: int) -> None:
    assert training_points(points, split) == training


@given(st.integers(2, 10**6), st.floats(0.001, 0.999))
def test_the_split_is_the_formula_and_leaves_both_sides_a_point(points: int, split: float) -> None:
    expected = math.floor(points * (1.0 - split))
    if 0 < expected < points:
        assert training_points(points, split) == expected
    else:
        with pytest.raises(Refused, match="expected a split that leaves points on both sides"):
            training_points(points, split)


@pytest.mark.parametrize("split", [-0.1, 1.0, 1.5, math.nan, math.inf, -math.inf])
def test_a_split_that_is_no_share_is_refused(split: float) -> None:
    with pytest.raises(Refused, match="expected a validation split from 0 up to, not including, 1, got"):
        training_points(250, split)


@pytest.mark.parametrize(
    ("points", "split", "sides"),
    [
        (1, 0.5, "0 to train on and 1 to validate"),
        # 1 - 0.9 is 0.09999999999999998, and Keras refuses it as well.
        (10, 0.9, "0 to train on and 10 to validate"),
        (2, 0.9, "0 to train on and 2 to validate"),
    ],
)
def test_a_split_with_an_empty_side_is_refused_with_its_counts(points: int, split: float, sides: str) -> None:
    with pytest.raises(Refused, match=sides):
        training_points(points, split)
