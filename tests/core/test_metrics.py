"""Sign accuracy, confusion counts and the baseline, against counting one point after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.metrics import SIGNS, Evaluation, evaluate, in_words

PREDICTION = st.one_of(st.floats(-2, 2), st.sampled_from([0.0, -0.0, 0.5, 1e-60, math.nan, math.inf, -math.inf, 1e300]))
PAIRS = st.lists(st.tuples(PREDICTION, st.sampled_from((-1.0, 1.0))), min_size=1, max_size=60)


def evaluated(predictions: list[float], labels: list[float]) -> Evaluation:
    return evaluate(np.array(predictions, dtype=np.float64)[:, np.newaxis], np.array(labels, dtype=np.float32))


def sign(prediction: float) -> int:
    # As float32, like Keras: 1e-60 is 0 there.
    value = float(np.float32(min(max(prediction, -3e38), 3e38)))
    return 0 if math.isnan(prediction) or value == 0 else (1 if value > 0 else -1)


@given(PAIRS)
def test_every_point_is_counted_once_in_its_row(pairs: list[tuple[float, float]]) -> None:
    predictions, labels = [p for p, _ in pairs], [label for _, label in pairs]
    confusion = evaluated(predictions, labels).confusion
    assert confusion.shape == (2, 3) and confusion.sum() == len(pairs)
    for row, label in enumerate((-1.0, 1.0)):
        for column, wanted in enumerate(SIGNS):
            assert confusion[row, column] == sum(sign(p) == wanted and mine == label for p, mine in pairs)


@given(PAIRS)
def test_the_accuracy_is_that_of_a_plain_loop(pairs: list[tuple[float, float]]) -> None:
    evaluation = evaluated([p for p, _ in pairs], [label for _, label in pairs])
    wrong = [place for place, (prediction, label) in enumerate(pairs) if sign(prediction) != label]
    assert evaluation.failures.tolist() == wrong
    assert evaluation.correct == len(pairs) - len(wrong)
    assert evaluation.sign_accuracy == evaluation.correct / len(pairs)
    assert evaluation.nan == sum(math.isnan(prediction) for prediction, _ in pairs)
    assert evaluation.sign_zero == sum(sign(prediction) == 0 for prediction, _ in pairs) - evaluation.nan


@given(PAIRS)
def test_binary_accuracy_counts_only_points_of_label_1_above_a_half(pairs: list[tuple[float, float]]) -> None:
    evaluation = evaluated([p for p, _ in pairs], [label for _, label in pairs])
    expected = sum(label == 1 and prediction > 0.5 for prediction, label in pairs) / len(pairs)
    assert evaluation.binary_accuracy == pytest.approx(expected)


@given(PAIRS)
def test_the_baseline_is_the_share_of_the_commoner_label(pairs: list[tuple[float, float]]) -> None:
    labels = [label for _, label in pairs]
    evaluation = evaluated([p for p, _ in pairs], labels)
    assert evaluation.baseline == max(labels.count(-1), labels.count(1)) / len(labels)
    assert evaluation.baseline == labels.count(evaluation.baseline_label) / len(labels)
    assert evaluation.baseline >= 0.5


def test_a_prediction_of_exactly_0_is_wrong_and_in_the_middle() -> None:
    evaluation = evaluated([0.0, -0.0, 0.5, -0.5], [1, -1, 1, -1])
    assert evaluation.confusion.tolist() == [[1, 1, 0], [0, 1, 1]]
    assert (evaluation.correct, evaluation.sign_zero, evaluation.failures.tolist()) == (2, 2, [0, 1])


def test_nan_is_wrong_and_in_the_middle() -> None:
    evaluation = evaluated([math.nan, math.nan], [1, -1])
    assert evaluation.confusion.tolist() == [[0, 1, 0], [0, 1, 0]]
    assert (evaluation.sign_accuracy, evaluation.binary_accuracy) == (0.0, 0.0)


def test_numbers_beyond_float32_are_signs_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert evaluated([1e300, -1e300], [1, -1]).correct == 2
    assert not recwarn.list


def test_a_prediction_just_above_a_half_is_a_half_in_float32_as_in_keras() -> None:
    assert evaluated([0.5 + 1e-12], [1]).binary_accuracy == 0.0


@pytest.mark.parametrize(
    ("labels", "label", "baseline"), [([1, -1], 1, 0.5), ([-1, -1, 1], -1, 2 / 3), ([1], 1, 1.0), ([-1], -1, 1.0)]
)
def test_on_a_draw_the_baseline_answers_plus_1(labels: list[float], label: int, baseline: float) -> None:
    evaluation = evaluated([1.0] * len(labels), labels)
    assert (evaluation.baseline_label, evaluation.baseline) == (label, baseline)


def test_the_words_name_the_accuracy_and_the_baseline() -> None:
    words = in_words(evaluated([1.0, 1.0, -1.0, 1.0], [1, -1, -1, 1]))
    assert words == "3 of 4 points right (75.0 %); always answering +1 would get 50.0 %."
    assert in_words(evaluated([1.0], [-1])) == ("0 of 1 point right (0.0 %); always answering -1 would get 100.0 %.")


@pytest.mark.parametrize("shape", [(3, 2), (3,), (3, 0), (1, 1, 1)])
def test_another_number_of_outputs_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match=r"expected a model with 1 output for labels of -1 and \+1, got"):
        evaluate(np.zeros(shape), np.ones(3))


@pytest.mark.parametrize(("points", "labels"), [(0, 0), (3, 2), (2, 3)])
def test_labels_that_are_not_one_a_point_are_refused(points: int, labels: int) -> None:
    with pytest.raises(Refused, match=f"expected one label a point, got {labels} labels for {points} points"):
        evaluate(np.zeros((points, 1)), np.ones(labels))
