"""Practice on images: convolutions by their connections, the largest and the mean of a window, and what cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.spot import Kind, Spot, value
from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.exercise import Calculation, calculation, chosen, everything, layer
from core.practice.hints import hints
from core.practice.marking import mark
from core.practice.marks import Entry, Verdict
from core.practice.possible import ONLY_DENSE, Practice, not_practisable
from core.practice.question import question
from core.practice.saved import resume, save, shape
from core.practice.score import When
from core.practice.sitting import begin
from core.practice.slip import Slip
from core.practice.slips import diagnose
from tests.core.images import chains, drawn_weights
from tests.core.practice_people import Person, blanks_of, written

if TYPE_CHECKING:
    from core.practice.exercise import Exercise
    from core.practice.slip import Finding

SEEDS = st.integers(0, 2**32 - 1)

CONV, POOL, FLAT, OUTPUT = range(4)

PLACES, FILTERS = 16, 2


def image(takes: str = "max", filters: int = FILTERS, activation: str = "tanh") -> Network:
    """Return a model over images of 6 x 6: nine numbers are under the window of its convolution."""
    pooled = (MaxPooling2D if takes == "max" else AveragePooling2D)("pool", (2, 2), (2, 2))
    convolved = Conv2D("conv", filters, (3, 3), (1, 1), "valid", activation)
    return Network.chain(36, (convolved, pooled, Flatten("flat"), Dense("output", 1, "tanh")), shape=(6, 6, 1))


def work_on(network: Network, seed: int = 0, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Calculation:
    x = np.random.default_rng(seed + 1).uniform(-1, 1, network.inputs)
    return calculation(network, drawn_weights(network, seed), x, rounding, digits)


def slips_of(work: Calculation, spot: Spot, answer: float) -> dict[Slip, Finding]:
    found = diagnose(chosen(work, [spot]), spot, round(answer, work.digits), {})
    return {finding.slip: finding for finding in found}


def answered(exercise: Exercise, random: np.random.Generator) -> int:
    """Have every right answer to every blank marked, on the learner's own numbers; return how many there were."""
    work, entries, person, marked = exercise.calculation, dict[Spot, Entry](), Person(exercise, random), 0
    for spot in exercise.blanks:
        exact = value(work.exact, spot)
        answers = [exact, written(exact, work.digits), value(work.page, spot), person.works_out(spot)]
        answers += [] if work.carried is None else [value(work.carried, spot)]
        for answer in answers:
            assert mark(exercise, spot, answer, entries).verdict is Verdict.RIGHT, (spot, answer)
        marked += len(answers)
        if random.random() < 0.75:
            person.answers[spot] = person.said[spot]
            entries[spot] = Entry(person.said[spot], sound=True)
    return marked


def test_a_right_answer_is_never_marked_wrong() -> None:
    marked = 0

    @settings(max_examples=40, deadline=None)
    @given(chains(), SEEDS, st.sampled_from(Rounding), st.integers(1, 9))
    def one(network: Network, seed: int, rounding: Rounding, digits: int) -> None:
        nonlocal marked
        random = np.random.default_rng(seed)
        work = work_on(network, seed % 1000, rounding, digits)
        marked += answered(chosen(work, blanks_of(random, work)[:30]), random)

    one()
    assert marked >= 800


def test_each_number_that_a_convolution_makes_is_blanked_with_those_of_pooling() -> None:
    work = work_on(image())
    kinds = {(spot.step, spot.kind) for spot in everything(work).blanks}
    assert kinds == {
        (CONV, Kind.SUM),
        (CONV, Kind.Z),
        (CONV, Kind.OUTPUT),
        (POOL, Kind.OUTPUT),
        (OUTPUT, Kind.SUM),
        (OUTPUT, Kind.Z),
        (OUTPUT, Kind.OUTPUT),
    }
    averaged = work_on(image("average"))
    assert {spot.kind for spot in layer(averaged, POOL).blanks} == {Kind.SUM}
    with pytest.raises(Refused, match="got flat, which passes its inputs on as they are"):
        layer(work, FLAT)


def test_a_question_speaks_of_the_numbers_under_the_window_only() -> None:
    work, spot = work_on(image()), Spot(CONV, Kind.SUM, 5 * FILTERS + 1)
    asked = question(chosen(work, [spot]), spot, {})
    # The sixth of four places in a row is the second of the second row: its window begins at x8.
    under = [8, 9, 10, 14, 15, 16, 20, 21, 22]
    for number in range(1, 37):
        assert (f"x{number} = " in asked) == (number in under), number
    assert "s12, the weighted sum of conv, row 2, column 2, filter 2: w1,1,1,2 times x8 plus" in asked
    assert "= 0.0000" not in asked


def test_hints_give_the_products_under_the_window_one_by_one() -> None:
    work, spot = work_on(image()), Spot(CONV, Kind.SUM, 0)
    given_ = hints(chosen(work, [spot]), spot, {})
    assert len(given_) == 10
    assert given_[1].startswith("w1,1,1,1 x1 = ")
    assert given_[-1].startswith("w3,3,1,1 x15 = ")


def test_hints_add_up_groups_of_what_many_channels_have_under_the_window() -> None:
    network = Network.chain(32, (Conv2D("conv", 1, (3, 3), (1, 1)),), shape=(4, 4, 2))
    work, spot = work_on(network), Spot(0, Kind.SUM, 3)
    formula, *groups = hints(chosen(work, [spot]), spot, {})
    assert "(14 more products)" in formula
    total = sum(float(group.rpartition(" ")[2]) for group in groups)
    assert total == pytest.approx(value(work.page, spot), abs=12 * 0.00005)


def test_the_largest_number_is_asked_for_with_what_is_under_the_window() -> None:
    work, spot = work_on(image()), Spot(POOL, Kind.OUTPUT, 3)
    exercise = chosen(work, [spot])
    asked = question(exercise, spot, {})
    # Of the second place the window has rows 1 and 2, columns 3 and 4; of the second of two filters.
    assert "the largest of 4 numbers under the window, where h6 = " in asked
    assert all(f"{name} = " in asked for name in ("h8", "h14", "h16"))
    assert hints(exercise, spot, {})[0] == "k4 is the largest of the 4 numbers under the window"
    assert mark(exercise, spot, round(value(work.page, spot), 4), {}).verdict is Verdict.RIGHT


def test_slips_in_choosing_the_largest() -> None:
    work, spot = work_on(image()), Spot(POOL, Kind.OUTPUT, 0)
    step = work.page.steps[POOL]
    seen = step.inputs[step.connections(0)]
    assert "is not the largest" in slips_of(work, spot, float(seen.min()))[Slip.NOT_LARGEST].words
    assert Slip.MEAN_FOR_LARGEST in slips_of(work, spot, float(seen.mean()))
    assert Slip.SIGN in slips_of(work, spot, -float(seen.max()))
    assert Slip.OTHER_INPUT in slips_of(work, spot, float(step.output[2]))


@pytest.mark.parametrize("unit", [0, 1, 13, 31])
def test_slips_in_a_convolution(unit: int) -> None:
    work, total, z = work_on(image()), Spot(CONV, Kind.SUM, unit), Spot(CONV, Kind.Z, unit)
    step = work.page.steps[CONV]
    assert step.kernel is not None and step.bias is not None and step.weighted_sum is not None
    rows = step.connections(unit)
    products = step.kernel[rows, unit] * step.inputs[rows]
    other = unit + 1 if unit % FILTERS == 0 else unit - 1
    assert Slip.FORGOT_BIAS in slips_of(work, z, float(products.sum()))
    assert Slip.OTHER_BIAS in slips_of(work, z, float(products.sum() + step.bias[other]))
    left_out = slips_of(work, total, float(products.sum() - products[4]))
    assert "the product w2,2,1," in left_out[Slip.MISSING_PRODUCT].words
    assert Slip.SIGN in slips_of(work, total, float(products.sum() - 2 * products[7]))
    assert "weights of unit" in slips_of(work, total, float(step.weighted_sum[other]))[Slip.OTHER_WEIGHT].words
    swapped = step.inputs[rows].copy()
    swapped[[2, 3]] = swapped[[3, 2]]
    assert Slip.OTHER_INPUT in slips_of(work, total, float(step.kernel[rows, unit] @ swapped))


def test_a_window_that_stands_one_step_further_is_named() -> None:
    work, spot = work_on(image()), Spot(CONV, Kind.SUM, 0)
    # Down one row of four places, with two filters at each.
    below = value(work.page, Spot(CONV, Kind.SUM, 4 * FILTERS))
    assert "that of unit 9" in slips_of(work, spot, below)[Slip.OTHER_INPUT].words


def test_no_slip_speaks_of_a_transposed_kernel_or_of_what_is_not_under_the_window() -> None:
    work = work_on(image())
    random = np.random.default_rng(0)
    for unit in range(0, PLACES * FILTERS, 5):
        spot = Spot(CONV, Kind.SUM, unit)
        for _ in range(20):
            found = slips_of(work, spot, value(work.page, spot) + float(random.normal()))
            assert Slip.TRANSPOSED not in found
            assert not any(" 0 " in f" {finding.words} " for finding in found.values())


def test_the_sum_for_the_mean_is_named() -> None:
    work, spot = work_on(image("average")), Spot(POOL, Kind.SUM, 0)
    assert Slip.SUM_FOR_MEAN in slips_of(work, spot, 4 * value(work.page, spot))


def test_softmax_of_an_image_is_over_its_own_place() -> None:
    network = image(filters=3, activation="softmax")
    work, spot = work_on(network), Spot(CONV, Kind.OUTPUT, 7)
    exercise = chosen(work, [spot])
    assert "softmax over all 3 pre-activations of its place, for unit 8, where z7 = " in question(exercise, spot, {})
    assert "z10" not in question(exercise, spot, {})
    z = value(work.page, Spot(CONV, Kind.Z, 7))
    assert Slip.FORGOT_ACTIVATION in slips_of(work, spot, z)
    other = value(work.page, Spot(CONV, Kind.OUTPUT, 6))
    assert "unit 7" in slips_of(work, spot, other)[Slip.OTHER_INPUT].words


def test_an_activation_of_its_own_after_a_convolution() -> None:
    network = Network.chain(16, (Conv2D("conv", 2, (2, 2), (2, 2)), Activation("act", "softmax")), shape=(4, 4, 1))
    work, spot = work_on(network), Spot(1, Kind.OUTPUT, 5)
    exercise = chosen(work, [spot])
    assert "where h5 = " in question(exercise, spot, {}) and "h6 = " in question(exercise, spot, {})
    assert len(hints(exercise, spot, {})) == 3


def test_what_cannot_be_practised_is_said() -> None:
    assert not_practisable(image(), labelled=True) == {Practice.BACKWARDS: ONLY_DENSE}
    only = Network.chain(36, (Conv2D("conv", 1, (3, 3), (1, 1)),), shape=(6, 6, 1))
    assert set(not_practisable(only, labelled=True)) == {Practice.BACKWARDS}
    pooled = Network.chain(36, (MaxPooling2D("pool", (2, 2), (2, 2)), Flatten("flat")), shape=(6, 6, 1))
    assert set(not_practisable(pooled, labelled=True)) == {Practice.SUMS, Practice.BACKWARDS}


def test_backwards_asks_for_numbers_of_the_dense_layer() -> None:
    work = work_on(image())
    assert {spot.step for spot in backwards.exercise(work).blanks} == {OUTPUT}
    with pytest.raises(Refused, match="got a convolution, whose weights stand at many places"):
        backwards.exercise(work, place=CONV)
    with pytest.raises(Refused, match="expected a Dense layer, got one without weights"):
        backwards.exercise(work, place=POOL)
    with pytest.raises(Refused, match="got one of a convolution, whose weights stand at many places"):
        backwards.chosen(work, [Spot(CONV, Kind.WEIGHT, 0, 0)])


def test_a_practice_is_left_and_resumed_on_the_same_model_only() -> None:
    network, weights = image(), drawn_weights(image(), 0)
    sitting = begin(layer(work_on(network), POOL), When.AT_ONCE, 0.0)
    spot = sitting.open()[0]
    sitting = sitting.answered(spot, f"{value(sitting.exercise.calculation.page, spot):.4f}")
    data = save(sitting, 1.0)
    assert resume(data, network, weights).blanks == sitting.blanks
    assert shape(network) == "6x6x1 inputs > 2 of 3x3 tanh by 1x1 valid > max of 2x2 by 2x2 valid > flatten > 1 tanh"
    with pytest.raises(Refused, match="expected the model that this practice was begun with"):
        resume(data, image("average"), weights)
