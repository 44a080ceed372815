"""Practice on images: convolutions by what is under their window, the largest and the mean of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.calculated import Spot
from core.calculation.running import split
from core.errors import Refused
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.judging import judge
from core.practice.marks import Verdict
from core.practice.mistakes import diagnose
from core.practice.sheet import Sheet, Work, chosen, of_calls, work
from core.practice.slip import Finding, Slip
from core.practice.telling import hints, question
from tests.core.images import chains, drawn_weights
from tests.core.practice_people import written

SEEDS = st.integers(0, 2**32 - 1)

FILTERS = 2


def total(row: int, column: int, channel: int) -> Spot:
    """Return the address of a weighted sum of the convolution, counted from 0."""
    return Spot(("conv",), "weighted sum", (row, column, channel))


def pooled(row: int, column: int, channel: int = 0, value: str = "output") -> Spot:
    """Return the address of what the pooling makes."""
    return Spot(("pool",), value, (row, column, channel))


def image(takes: str = "max", filters: int = FILTERS, activation: str = "tanh") -> Network:
    """Return a model over images of 6 x 6: nine numbers are under the window of its convolution."""
    window = (MaxPooling2D if takes == "max" else AveragePooling2D)("pool", (2, 2), (2, 2))
    convolved = Conv2D("conv", filters, (3, 3), (1, 1), "valid", activation)
    return Network.chain(36, (convolved, window, Flatten("flat"), Dense("output", 1, "tanh")), shape=(6, 6, 1))


def work_on(network: Network, seed: int = 0, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> Work:
    x = np.random.default_rng(seed + 1).uniform(-1, 1, network.inputs)
    point = split(x, network.input_shapes)
    return work(network.graph, drawn_weights(network, seed).by_name(network), point, rounding, digits)


def slips_of(made: Work, spot: Spot, answer: float) -> dict[Slip, Finding]:
    found = diagnose(chosen(made, [spot]), spot, round(answer, made.digits), {})
    return {finding.slip: finding for finding in found}


def answered(sheet: Sheet, digits: int) -> int:
    """Have right answers to every blank marked, rounded here and there; return how many there were."""
    marked = 0
    for spot in sheet.blanks:
        answers = [made.number(spot) for made in (sheet.work.page, *sheet.work.afresh[:2])]
        for answer in (*answers, written(answers[1], digits)):
            assert judge(sheet, spot, answer, {}).verdict is Verdict.RIGHT, (spot, answer)
            marked += 1
    return marked


def test_a_right_answer_is_never_marked_wrong() -> None:
    marked = 0

    @settings(max_examples=20, deadline=None)
    @given(chains(), SEEDS, st.sampled_from(Rounding), st.integers(1, 9))
    def one(network: Network, seed: int, rounding: Rounding, digits: int) -> None:
        nonlocal marked
        made = work_on(network, seed % 1000, rounding, digits)
        every = of_calls(made, made.calls()).blanks
        picked = np.random.default_rng(seed).permutation(len(every))[:30].tolist()
        marked += answered(chosen(made, [every[at] for at in picked]), digits)

    one()
    assert marked >= 800


def test_each_number_that_a_convolution_makes_is_blanked_with_those_of_pooling() -> None:
    made = work_on(image())
    assert {(spot.call[0], spot.value) for spot in of_calls(made, made.calls()).blanks} == {
        ("conv", "weighted sum"),
        ("conv", "pre-activation"),
        ("conv", "output"),
        ("pool", "output"),
        ("output", "weighted sum"),
        ("output", "pre-activation"),
        ("output", "output"),
    }
    averaged = work_on(image("average"))
    assert {spot.value for spot in of_calls(averaged, averaged.call("pool")).blanks} == {"weighted sum"}
    with pytest.raises(Refused, match="expected a layer that calculates something"):
        made.call("flat")


def test_a_question_speaks_of_the_numbers_under_the_window_only() -> None:
    asked = question(chosen(work_on(image()), [total(1, 1, 1)]), total(1, 1, 1), {})
    # The second place of the second row: its window begins in row 2 and column 2.
    under = [(row, column) for row in (2, 3, 4) for column in (2, 3, 4)]
    for row, column in np.ndindex(6, 6):
        assert (f"x{row + 1},{column + 1},1 = " in asked) == ((row + 1, column + 1) in under)
    assert "s2,2,2, the weighted sum of conv, row 2, column 2, channel 2: s2,2,2 = w1,1,1,2*x2,2,1 + " in asked
    assert "= 0.0000" not in asked


def test_hints_give_the_products_under_the_window_one_by_one() -> None:
    sheet = chosen(work_on(image()), [total(0, 0, 0)])
    told = hints(sheet, total(0, 0, 0), {})
    assert len(told) == 9
    assert told[0].startswith("w1,1,1,1 * x1,1,1 = ")
    assert told[-1].startswith("w3,3,1,1 * x3,3,1 = ")


def test_no_hint_says_what_the_question_says() -> None:
    made = work_on(image())
    for spot in (total(0, 0, 0), pooled(0, 1, 1), Spot(("conv",), "output", (0, 0, 0))):
        sheet = chosen(made, [spot])
        told = hints(sheet, spot, {})
        assert told and not [hint for hint in told if hint in question(sheet, spot, {})]


def test_the_largest_number_is_asked_for_with_what_is_under_the_window() -> None:
    made, at = work_on(image()), pooled(0, 1, 1)
    sheet = chosen(made, [at])
    # Of the second place the window has rows 1 and 2, columns 3 and 4; of the second of two filters.
    assert "k1,2,2 = max(h1,3,2, h1,4,2, h2,3,2, h2,4,2), where h1,3,2 = " in question(sheet, at, {})
    assert judge(sheet, at, round(made.page.number(at), 4), {}).verdict is Verdict.RIGHT


def test_slips_in_choosing_the_largest() -> None:
    made, at = work_on(image()), pooled(0, 0)
    page = made.page
    seen = page.array(page.find("conv/output"))[:2, :2, 0]
    assert "is not the largest" in slips_of(made, at, float(seen.min()))[Slip.NOT_LARGEST].words
    assert Slip.MEAN_FOR_LARGEST in slips_of(made, at, float(seen.mean()))
    assert Slip.SIGN in slips_of(made, at, -float(seen.max()))
    assert {Slip.OTHER_INPUT, Slip.OTHER_NUMBER} & set(slips_of(made, at, page.number(pooled(0, 1))))


@pytest.mark.parametrize("at", [(0, 0, 0), (0, 0, 1), (1, 2, 1), (3, 3, 1)])
def test_slips_in_a_convolution(at: tuple[int, int, int]) -> None:
    made, summed, z = work_on(image()), total(*at), Spot(("conv",), "pre-activation", at)
    page, (row, column, channel) = made.page, at
    kernel, bias = (page.array(page.find(f"conv/{name}")) for name in ("kernel", "bias"))
    under = page.array(page.values[0])[row : row + 3, column : column + 3, 0].reshape(-1)
    weights = kernel[..., 0, channel].reshape(-1)
    products, other = weights * under, 1 - channel
    assert Slip.FORGOT_BIAS in slips_of(made, z, float(products.sum()))
    assert Slip.OTHER_BIAS in slips_of(made, z, float(products.sum() + bias[other]))
    assert "w2,2,1," in slips_of(made, summed, float(products.sum() - products[4]))[Slip.MISSING_PRODUCT].words
    assert Slip.SIGN in slips_of(made, summed, float(products.sum() - 2 * products[7]))
    assert Slip.OTHER_NUMBER in slips_of(made, summed, page.number(total(row, column, other)))
    swapped = under.copy()
    swapped[[2, 3]] = swapped[[3, 2]]
    assert Slip.OTHER_INPUT in slips_of(made, summed, float(weights @ swapped))


def test_a_window_that_stands_one_step_further_is_named() -> None:
    made = work_on(image())
    below = made.page.number(total(1, 0, 0))
    assert "that is s2,1,1" in slips_of(made, total(0, 0, 0), below)[Slip.OTHER_NUMBER].words


def test_no_slip_speaks_of_a_transposed_kernel_or_of_what_is_not_under_the_window() -> None:
    made, random = work_on(image()), np.random.default_rng(0)
    for at in list(np.ndindex(4, 4, FILTERS))[::5]:
        for _ in range(20):
            found = slips_of(made, total(*at), made.page.number(total(*at)) + float(random.normal()))
            assert Slip.TRANSPOSED not in found
            assert not any(" 0 " in f" {finding.words} " for finding in found.values())


def test_the_sum_for_the_mean_is_named() -> None:
    made, at = work_on(image("average")), pooled(0, 0, value="weighted sum")
    assert Slip.SUM_FOR_MEAN in slips_of(made, at, 4 * made.page.number(at))


def test_softmax_of_an_image_is_over_its_own_place() -> None:
    made, at = work_on(image(filters=3, activation="softmax")), (0, 2, 1)
    spot = Spot(("conv",), "output", at)
    asked = question(chosen(made, [spot]), spot, {})
    assert "z1,3,1 = " in asked and "z1,3,3 = " in asked and "z1,4" not in asked
    z = made.page.number(Spot(("conv",), "pre-activation", at))
    assert Slip.FORGOT_ACTIVATION in slips_of(made, spot, z)
    other = made.page.number(Spot(("conv",), "output", (0, 2, 0)))
    assert "h1,3,1" in slips_of(made, spot, other)[Slip.OTHER_NUMBER].words


def test_backwards_asks_for_numbers_of_the_dense_layer() -> None:
    made = work_on(image())
    assert {result.call for result in backwards.exercise(made).results.values()} == {("output",)}
    for name in ("conv", "pool"):
        with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
            backwards.exercise(made, 0, made.call(name))
    with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
        backwards.chosen(made, {Spot(("conv",), "kernel", (0, 0, 0, 0)): total(0, 0, 0)})
