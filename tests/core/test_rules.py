"""Models built from rules: every one right on all that is counted, as small as is said, and the count can fail."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.proof import counted, prove
from core.calculation.running import predict
from core.engine import built
from core.errors import Refused
from core.model import parity, tutorial
from core.model.rules import (
    MAX_INPUTS,
    NO_HIDDEN,
    RULES,
    Above,
    Wanted,
    all_of,
    any_of,
    exclusive_or,
    input_above,
    majority,
    odd,
    odd_folded,
    sum_above,
)
from tests.tasks import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array, KerasArray
    from core.model.rules import RightModel

SIZES = (1, 2, 3, 4, 5, 8, 13, 16)
THRESHOLDS = (0.5, 0.3, 1 / 3, 0.0, 0.999, 2.0**-20)

LOGICAL: dict[str, tuple[Callable[[int], RightModel], Callable[[int, int], bool]]] = {
    "and": (all_of, lambda ones, inputs: ones == inputs),
    "or": (any_of, lambda ones, inputs: ones > 0),
    "majority": (majority, lambda ones, inputs: 2 * ones > inputs),
    "parity tanh": (lambda inputs: odd(inputs, "tanh"), lambda ones, inputs: ones % 2 == 1),
    "parity relu": (lambda inputs: odd(inputs, "relu"), lambda ones, inputs: ones % 2 == 1),
    "parity folded": (odd_folded, lambda ones, inputs: ones % 2 == 1),
}


def outputs(model: RightModel, points: Any) -> Array:
    return predict(model.network, model.weights, np.asarray(points, dtype=np.float64))[:, 0]


def hidden_units(model: RightModel) -> int:
    return sum(model.network.widths()[1:-1])


def changes_of_sign(values: Array) -> int:
    return int((np.diff(np.sign(values[values != 0])) != 0).sum())


def corners(inputs: int) -> Array:
    return np.array(list(itertools.product([0.0, 1.0], repeat=inputs)))


@pytest.mark.parametrize("inputs", SIZES)
@pytest.mark.parametrize("name", LOGICAL)
def test_a_logical_rule_holds_on_every_corner(name: str, inputs: int) -> None:
    make, follows = LOGICAL[name]
    model = make(inputs)
    proof = prove(model)
    assert proof.holds and proof.points == 2**inputs and proof.ties_right == proof.ties and proof.ties_zero == 0
    few = corners(inputs)[:: max(1, 2**inputs // 512)]
    wanted = [1.0 if follows(int(point.sum()), inputs) else -1.0 for point in few]
    assert np.sign(outputs(model, few)).tolist() == wanted


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_xor_holds(activation: str) -> None:
    model = exclusive_or(activation)
    assert np.sign(outputs(model, [[0, 0], [0, 1], [1, 0], [1, 1]])).tolist() == [-1, 1, 1, -1]
    assert prove(model).holds and hidden_units(model) == 2


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("inputs", SIZES)
def test_a_threshold_holds_on_the_grid_and_beside_the_boundary_and_ties_are_zero(inputs: int, threshold: float) -> None:
    ends = (input_above(inputs, place, threshold) for place in {1, inputs})
    for model in (sum_above(inputs, threshold), *ends):
        proof = prove(model)
        assert proof.holds and proof.ties > 0 and proof.ties_zero == proof.ties and proof.ties_right == 0


@pytest.mark.parametrize("threshold", [-1.0, 20.0])
def test_a_threshold_that_no_sum_reaches_has_no_ties(threshold: float) -> None:
    proof = prove(sum_above(3, threshold))
    assert proof.holds and proof.ties == 0 and proof.words.endswith("none of them is a tie.")


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("direction", [(1.0,), (1.0, 1.0), (0.0, 1.0, 0.0), (1.0,) * 7])
def test_labels_and_ties_are_those_of_exact_arithmetic(direction: tuple[float, ...], threshold: float) -> None:
    truth = Above(direction, float(np.float32(threshold)))
    points, labels, best, ties, _ = counted(truth)
    assert (points >= 0).all() and (points < 1).all() and ties.any()
    near = np.concatenate([np.flatnonzero(ties)[:50], np.arange(len(points))[-300:], np.arange(len(points))[::997]])
    for place in near:
        terms = zip(direction, points[place], strict=True)
        total = sum((Fraction(float(x)) for factor, x in terms if factor), Fraction(0))
        assert (total == Fraction(truth.threshold)) == ties[place]
        assert labels[place] == (1 if total > Fraction(truth.threshold) else -1)
        assert best[place] == (0 if ties[place] else labels[place])


def test_points_one_float32_step_beside_the_boundary_are_counted_on_both_sides() -> None:
    points, labels, *_ = counted(Above((1.0, 1.0), 0.5))
    gaps = points.sum(axis=1) - 0.5
    assert set(labels[gaps == 2.0**-24]) == {1.0} and set(labels[gaps == -(2.0**-24)]) == {-1.0}


def test_a_count_is_told_in_a_sentence() -> None:
    assert prove(majority(4)).words == "16 points (all 16 corners): 10 of 10 right; 6 ties: 6 right and 0 exactly 0."
    assert prove(sum_above(2, 0.5)).words == (
        "65,793 points (a grid of 256 steps for each input, the boundary and both its sides): 65,664 of 65,664 right; "
        "129 ties: 0 right and 129 exactly 0."
    )


SPOILT: dict[str, tuple[RightModel, int, tuple[int, ...], float]] = {
    "a bias one float32 step away": (sum_above(2, 0.5), 1, (0,), float(-np.nextafter(np.float32(0.5), np.float32(0)))),
    "a kernel of almost 1": (sum_above(3, 0.7), 0, (1, 0), float(np.nextafter(np.float32(1), np.float32(2)))),
    "another input": (input_above(3, 2, 0.5), 0, (1, 0), 0.0),
    "a majority of half": (majority(4), 1, (0,), -2.0),
    "or instead of and": (all_of(3), 1, (0,), -0.5),
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_count_finds_what_is_wrong(name: str) -> None:
    model, array, index, value = SPOILT[name]
    assert prove(model).holds
    assert not prove(replace(model, weights=model.weights.with_number(0, array, index, value))).holds


def test_ties_agree_with_how_predictions_are_judged_elsewhere() -> None:
    model = sum_above(2, 0.5)
    points, labels, *_ = counted(model.truth)
    proof, found = prove(model), judged(predict(model.network, model.weights, points), labels)
    assert found.unanswered == proof.ties_zero and found.correct == proof.elsewhere_right


def test_the_sum_is_the_tutorials_own_model() -> None:
    for inputs, threshold in ((2, 0.5), (5, 2.5)):
        network, weights = tutorial.always_right(inputs, threshold)
        model = sum_above(inputs, threshold)
        assert model.network == network and model.weights.equal(weights)


def test_a_threshold_is_named_as_float32_holds_it() -> None:
    assert "The threshold is the float32 nearest to 0.3, 0.30000001192092896." in sum_above(2, 0.3).why
    assert "float32" not in sum_above(2, 0.5).why


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_of_the_list_is_built_from_what_it_uses_and_explains_itself(rule: Any) -> None:
    for inputs, activation in itertools.product((2, 3, 7), ("tanh", "relu")):
        model = rule.build(Wanted(inputs, 0.75, 2, activation))
        assert prove(model).holds
        assert model.network.inputs == (inputs if "inputs" in rule.uses else 2)
        for text in (model.rule, model.why, model.fewest, model.between):
            assert text[0].isupper() or text[0] in "+0123456789"
            assert text.isascii() and "{" not in text
    assert set(rule.uses) <= set(Wanted.__struct_fields__)


# How many units


@pytest.mark.parametrize("inputs", range(2, MAX_INPUTS + 1))
def test_parity_takes_as_many_hidden_units_as_is_said(inputs: int) -> None:
    tanh, relu, folded = odd(inputs, "tanh"), odd(inputs, "relu"), odd_folded(inputs)
    assert len(tanh.network.layers) == len(relu.network.layers) == 2
    assert hidden_units(tanh) == inputs // 2 + 1
    assert hidden_units(relu) == (inputs if inputs < 4 else inputs - 1)
    assert hidden_units(folded) == 2 * int(np.ceil(np.log2(inputs)))
    for model in (tanh, relu, folded):
        assert model.fewest.startswith(f"{hidden_units(model)} hidden units")


def test_one_input_and_single_units_have_no_hidden_layer() -> None:
    for model in (odd(1, "tanh"), odd(1, "relu"), odd_folded(1), all_of(5), any_of(5), majority(5), sum_above(5, 1.0)):
        assert hidden_units(model) == 0 and model.network.layers[0].name == "output" and model.fewest == NO_HIDDEN


def parted(plane: Array, labels: Array) -> Array:
    """Return for which of many pictures (pictures, points, 2) a line has all +1 on one side and all -1 on the other.

    The widest gap between two sets of points is at right angles to a line through two points of one set, or lies
    along a line between the sets; so trying the lines through every two points misses nothing.
    """
    found = np.zeros(len(plane), dtype=bool)
    for first, second in itertools.combinations(range(plane.shape[1]), 2):
        along = plane[:, first] - plane[:, second]
        for normal in (along, np.stack([-along[:, 1], along[:, 0]], axis=1)):
            heights = np.einsum("npk,nk->np", plane, normal)
            up, down = heights[:, labels > 0], heights[:, labels < 0]
            found |= (up.min(axis=1) > down.max(axis=1)) | (up.max(axis=1) < down.min(axis=1))
    return found


def pairs_of_relu_units(inputs: int) -> Array:
    """Return what every two relu units with kernels of -1, 0 and 1 and biases in halves give at the corners."""
    kernels = np.array(list(itertools.product([-1.0, 0.0, 1.0], repeat=inputs))).T
    biases = np.arange(-inputs, inputs + 0.5, 0.5)
    units = np.maximum(corners(inputs) @ kernels + biases[:, None, None], 0.0)
    units = np.unique(units.transpose(0, 2, 1).reshape(-1, 2**inputs), axis=0)
    first, second = np.triu_indices(len(units))
    return np.stack([units[first], units[second]], axis=-1)


def parity_labels(inputs: int) -> Array:
    return np.where(corners(inputs).sum(axis=1) % 2 == 1, 1.0, -1.0)


def test_no_two_of_many_relu_units_tell_parity_of_three_but_some_tell_xor() -> None:
    assert not parted(pairs_of_relu_units(3), parity_labels(3)).any()
    assert parted(pairs_of_relu_units(2), parity_labels(2)).any()


def test_no_one_of_many_relu_units_tells_xor() -> None:
    pairs = pairs_of_relu_units(2)
    alone = pairs[(pairs[:, :, 0] == pairs[:, :, 1]).all(axis=1)]
    assert len(alone) > 20 and not parted(alone, parity_labels(2)).any()


def test_the_two_tanh_units_for_three_inputs_are_told_apart_by_a_line() -> None:
    network, weights = parity.with_tanh(3)
    kernel, bias = (array.astype(np.float64) for array in weights.layers[0])
    assert network.layers[0].units == 2  # type: ignore[attr-defined]
    assert parted(np.tanh(corners(3) @ kernel + bias)[np.newaxis], parity_labels(3)).all()


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_relu_units_over_the_sum_change_sign_at_most_once_more_than_there_are_units(units: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    sums = np.linspace(0, 16, 400)
    bends = np.maximum(np.outer(sums, random.choice([-1, 1], units)) + random.uniform(-16, 16, units), 0)
    heights = bends @ random.normal(size=units) + random.normal()
    assert changes_of_sign(heights) <= units + 1


@pytest.mark.parametrize("inputs", range(2, MAX_INPUTS + 1))
def test_between_the_corners_parity_changes_sign_once_for_every_input(inputs: int) -> None:
    along = np.linspace(0, 1, 40 * inputs + 7)[:, np.newaxis] * np.ones(inputs)
    for model in (odd(inputs, "tanh"), odd(inputs, "relu"), odd_folded(inputs)):
        assert changes_of_sign(outputs(model, along)) == inputs
        assert f"changes its sign {inputs} times as the sum goes from 0 to {inputs}" in model.between


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.permutations(range(4)))
def test_between_the_corners_parity_depends_on_the_sum_alone(point: list[float], order: list[int]) -> None:
    even = np.full(4, np.mean(point))
    for model in (odd(4, "tanh"), odd(4, "relu"), odd_folded(4)):
        mixed, same, level = outputs(model, [point, [point[place] for place in order], even])
        assert mixed == pytest.approx(same, abs=1e-9) and mixed == pytest.approx(level, abs=1e-9)


@pytest.mark.parametrize("inputs", [2, 5])
def test_between_the_corners_a_single_unit_follows_the_sum(inputs: int) -> None:
    points = np.random.default_rng(0).random((500, inputs))
    for model, middle in ((all_of(inputs), inputs - 0.5), (any_of(inputs), 0.5), (majority(inputs), inputs // 2 + 0.5)):
        assert ((outputs(model, points) > 0) == (points.sum(axis=1) > middle)).all()
        assert f"above {middle:g}" in model.between


# Keras


@pytest.mark.parametrize(
    "model",
    [
        sum_above(2, 0.5),
        input_above(3, 2, 0.3),
        majority(6),
        exclusive_or("tanh"),
        odd(11, "tanh"),
        odd(12, "relu"),
        odd_folded(9),
    ],
    ids=lambda model: model.rule[:30],
)
def test_keras_gives_the_same_signs_in_float32_ties_included(model: RightModel) -> None:
    points = counted(model.truth).points
    assert np.array_equal(points.astype(np.float32), points)
    assert np.array_equal(np.sign(of_keras(model, points)), np.sign(outputs(model, points)))


def test_keras_rounds_sums_of_many_inputs_onto_the_boundary_and_nothing_else() -> None:
    model = sum_above(5, 2.5)
    points, _, best, ties, _ = counted(model.truth)
    theirs = np.sign(of_keras(model, points))
    rounded = (theirs == 0) & ~ties
    assert rounded.any() and (np.abs(points[rounded].sum(axis=1) - 2.5) <= 2.0**-23).all()
    assert np.array_equal(theirs[~rounded], best[~rounded])
    assert "Keras adds in float32" in model.between


def of_keras(model: RightModel, points: Array) -> KerasArray:
    made = built.build(model.network)
    built.set_weights(made, model.weights.layers)
    return np.asarray(made(points.astype(np.float32), training=False))[:, 0]


# Refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sum_above(0, 0.5), "expected inputs from 1 to 16, got 0"),
        (lambda: odd(17, "tanh"), "expected inputs from 1 to 16, got 17"),
        (lambda: odd_folded(17), "expected inputs from 1 to 16"),
        (lambda: majority(17), "expected inputs from 1 to 16"),
        (lambda: input_above(3, 4, 0.5), "expected the place of an input from 1 to 3, got 4"),
        (lambda: input_above(3, 0, 0.5), "expected the place of an input from 1 to 3, got 0"),
        (lambda: sum_above(2, float("nan")), "expected a threshold that float32 holds .*, got nan"),
        (lambda: input_above(2, 1, 1e39), r"expected a threshold that float32 holds .*, got 1e\+39"),
        (lambda: odd(3, "sigmoid"), "expected hidden units of tanh or relu, got 'sigmoid'"),
        (lambda: exclusive_or("step"), "expected hidden units of tanh or relu, got 'step'"),
    ],
)
def test_what_cannot_be_built_is_refused(make: Callable[[], RightModel], message: str) -> None:
    with pytest.raises(Refused, match=message):
        make()
