"""Practice on images: convolutions by their connections, the largest and the mean of a window, and what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calculation.addresses import place_of
from core.calculation.calculated import Spot as Address
from core.calculation.spot import Kind, Spot, calculated, value
from core.errors import Refused
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import AveragePooling2D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.judging import judge
from core.practice.marks import Entry, Verdict
from core.practice.mistakes import diagnose
from core.practice.sheet import Sheet, chosen, of_calls
from core.practice.slip import Finding, Slip
from core.practice.telling import hints, question
from tests.core.images import chains, drawn_weights
from tests.core.practice_people import ChainWork, Person, blanks_of, chain_work, written

SEEDS = st.integers(0, 2**32 - 1)

CONV, POOL, FLAT, OUTPUT = range(4)

PLACES, FILTERS = 16, 2


def image(takes: str = "max", filters: int = FILTERS, activation: str = "tanh") -> Network:
    """Return a model over images of 6 x 6: nine numbers are under the window of its convolution."""
    pooled = (MaxPooling2D if takes == "max" else AveragePooling2D)("pool", (2, 2), (2, 2))
    convolved = Conv2D("conv", filters, (3, 3), (1, 1), "valid", activation)
    return Network.chain(36, (convolved, pooled, Flatten("flat"), Dense("output", 1, "tanh")), shape=(6, 6, 1))


def work_on(network: Network, seed: int = 0, rounding: Rounding = Rounding.SHOWN, digits: int = 4) -> ChainWork:
    x = np.random.default_rng(seed + 1).uniform(-1, 1, network.inputs)
    return chain_work(network, drawn_weights(network, seed), x, rounding, digits)


def slips_of(chain: ChainWork, spot: Spot, answer: float) -> dict[Slip, Finding]:
    found = diagnose(chain.sheet([spot]), chain.source(spot), round(answer, chain.digits), {})
    return {finding.slip: finding for finding in found}


def answered(chain: ChainWork, sheet: Sheet, random: np.random.Generator) -> int:
    """Have every right answer to every blank marked, on the learner's own numbers; return how many there were."""
    entries, person, marked = dict[Address, Entry](), Person(chain, random), 0
    for spot in sheet.blanks:
        answers = [made.number(spot) for made in (chain.work.page, *chain.work.afresh[:2])]
        answers += [written(answers[1], chain.digits), person.works_out(place_of(chain.network, spot))]
        for answer in answers:
            assert judge(sheet, spot, answer, entries).verdict is Verdict.RIGHT, (spot, answer)
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
        marked += answered(work, chosen(work.work, blanks_of(random, work)[:30]), random)

    one()
    assert marked >= 800


def test_each_number_that_a_convolution_makes_is_blanked_with_those_of_pooling() -> None:
    chain = work_on(image())
    assert {(spot.call[0], spot.value) for spot in chain.everything().blanks} == {
        ("conv", "weighted sum"),
        ("conv", "pre-activation"),
        ("conv", "output"),
        ("pool", "output"),
        ("output", "weighted sum"),
        ("output", "pre-activation"),
        ("output", "output"),
    }
    averaged = work_on(image("average")).work
    assert {spot.value for spot in of_calls(averaged, averaged.call("pool")).blanks} == {"weighted sum"}
    with pytest.raises(Refused, match="expected a layer that calculates something"):
        chain.work.call("flat")


def test_a_question_speaks_of_the_numbers_under_the_window_only() -> None:
    chain, spot = work_on(image()), Spot(CONV, Kind.SUM, 5 * FILTERS + 1)
    asked = question(chain.sheet([spot]), chain.at(spot), {})
    # The second place of the second row: its window begins in row 2 and column 2.
    under = [(row, column) for row in (2, 3, 4) for column in (2, 3, 4)]
    for row, column in np.ndindex(6, 6):
        assert (f"x{row + 1},{column + 1},1 = " in asked) == ((row + 1, column + 1) in under)
    assert "s2,2,2, the weighted sum of conv, row 2, column 2, channel 2: s2,2,2 = w1,1,1,2*x2,2,1 + " in asked
    assert "= 0.0000" not in asked


def test_hints_give_the_products_under_the_window_one_by_one() -> None:
    chain, spot = work_on(image()), Spot(CONV, Kind.SUM, 0)
    told = hints(chain.sheet([spot]), chain.at(spot), {})
    assert len(told) == 10
    assert told[1].startswith("w1,1,1,1 * x1,1,1 = ")
    assert told[-1].startswith("w3,3,1,1 * x3,3,1 = ")


def test_the_largest_number_is_asked_for_with_what_is_under_the_window() -> None:
    chain, spot = work_on(image()), Spot(POOL, Kind.OUTPUT, 3)
    sheet, at = chain.sheet([spot]), chain.at(spot)
    asked = question(sheet, at, {})
    # Of the second place the window has rows 1 and 2, columns 3 and 4; of the second of two filters.
    assert "k1,2,2 = max(h1,3,2, h1,4,2, h2,3,2, h2,4,2), where h1,3,2 = " in asked
    assert judge(sheet, at, round(chain.work.page.number(at), 4), {}).verdict is Verdict.RIGHT


def test_slips_in_choosing_the_largest() -> None:
    work, spot = work_on(image()), Spot(POOL, Kind.OUTPUT, 0)
    step = work.page.steps[POOL]
    seen = step.inputs[step.connections(0)]
    assert "is not the largest" in slips_of(work, spot, float(seen.min()))[Slip.NOT_LARGEST].words
    assert Slip.MEAN_FOR_LARGEST in slips_of(work, spot, float(seen.mean()))
    assert Slip.SIGN in slips_of(work, spot, -float(seen.max()))
    assert {Slip.OTHER_INPUT, Slip.OTHER_NUMBER} & set(slips_of(work, spot, float(step.output[2])))


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
    assert "w2,2,1," in left_out[Slip.MISSING_PRODUCT].words
    assert Slip.SIGN in slips_of(work, total, float(products.sum() - 2 * products[7]))
    assert Slip.OTHER_NUMBER in slips_of(work, total, float(step.weighted_sum[other]))
    swapped = step.inputs[rows].copy()
    swapped[[2, 3]] = swapped[[3, 2]]
    assert Slip.OTHER_INPUT in slips_of(work, total, float(step.kernel[rows, unit] @ swapped))


def test_a_window_that_stands_one_step_further_is_named() -> None:
    work, spot = work_on(image()), Spot(CONV, Kind.SUM, 0)
    # Down one row of four places, with two filters at each.
    below = value(work.page, Spot(CONV, Kind.SUM, 4 * FILTERS))
    assert "that is s2,1,1" in slips_of(work, spot, below)[Slip.OTHER_NUMBER].words


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
    asked = question(work.sheet([spot]), work.at(spot), {})
    assert "z1,3,1 = " in asked and "z1,3,3 = " in asked and "z1,4" not in asked
    z = value(work.page, Spot(CONV, Kind.Z, 7))
    assert Slip.FORGOT_ACTIVATION in slips_of(work, spot, z)
    other = value(work.page, Spot(CONV, Kind.OUTPUT, 6))
    assert "h1,3,1" in slips_of(work, spot, other)[Slip.OTHER_NUMBER].words


def test_backwards_asks_for_numbers_of_the_dense_layer() -> None:
    work = work_on(image()).work
    assert {result.call for result in backwards.exercise(work).results.values()} == {("output",)}
    for name in ("conv", "pool"):
        with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
            backwards.exercise(work, 0, work.call(name))
    kernel, total = Address(("conv",), "kernel", (0, 0, 0, 0)), Address(("conv",), "weighted sum", (0, 0, 0))
    with pytest.raises(Refused, match="expected a layer whose weights stand in one line each"):
        backwards.chosen(work, {kernel: total})


def test_every_number_of_a_page_has_an_address_that_leads_back_to_it() -> None:
    chain = work_on(image(filters=3))
    for spot in calculated(chain.page):
        at = chain.at(spot)
        assert place_of(chain.network, at) == spot
        assert chain.work.page.number(at) == pytest.approx(value(chain.page, spot), abs=1e-12)
    for step, row in ((CONV, 7), (OUTPUT, 3)):
        spot = Spot(step, Kind.WEIGHT, 0, row)
        assert chain.work.page.number(chain.at(spot)) == value(chain.page, spot)
