"""Operations against NumPy, their terms against what they make, slopes against differences, bounds against float32."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.operations.dot import LONG
from core.operations.each import Each
from core.operations.functions import FUNCTIONS
from core.operations.program import Given, Name, Program
from core.operations.rounding import EXACT, Carry, Rounding
from core.operations.run import Ready, Tracer, forward
from core.operations.slopes import slopes
from tests.core.operations.programs import Drawn, calculations

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.operations.program import Value


def _values(drawn: Drawn) -> list[Array]:
    return Tracer(drawn.program)(drawn.given, EXACT, {})


@given(calculations())
def test_shapes_are_known_before_numbers(drawn_value: tuple[Drawn, Value]) -> None:
    drawn, _ = drawn_value
    for line, made in zip(drawn.program.lines, _values(drawn), strict=True):
        assert made.shape == line.shape


@given(calculations(), st.data())
def test_every_number_is_what_its_terms_come_to(drawn_value: tuple[Drawn, Value], data: st.DataObject) -> None:
    drawn, _ = drawn_value
    values = _values(drawn)
    for line, made in zip(drawn.program.lines, values, strict=True):
        if line.operation is None or not made.size:
            continue
        index = np.unravel_index(data.draw(st.integers(0, made.size - 1)), made.shape)
        sources = [values[source] for source in line.sources]
        factors = line.operation.terms(tuple(int(at) for at in index), sources).factors
        numbers = [places.of(sources) for places in factors]
        np.testing.assert_allclose(line.operation.joined(EXACT, *numbers), made[index], rtol=1e-9, atol=1e-9)


@given(calculations(), st.integers(1, 3))
def test_many_points_are_run_as_one_by_one(drawn_value: tuple[Drawn, Value], points: int) -> None:
    drawn, value = drawn_value
    moving, *still = drawn.given
    ready = Ready(drawn.program, {number: drawn.given[number] for number in still}, [moving], [value.number])
    batch = np.stack([drawn.given[moving] * (1.0 + point) for point in range(points)])
    (made,) = ready(batch)
    made = np.broadcast_to(made, (points, *value.shape))
    for point in range(points):
        (alone,) = ready(batch[point])
        np.testing.assert_allclose(made[point], alone, rtol=1e-9, atol=1e-12)


@settings(max_examples=150)
@given(calculations())
def test_slopes_are_what_small_changes_do(drawn_value: tuple[Drawn, Value]) -> None:
    drawn, value = drawn_value
    given_numbers = list(drawn.given)
    found = slopes(value, [drawn.program.value(number) for number in given_numbers])
    values = _values(drawn)
    step = 1e-6
    for number, slope in zip(given_numbers, found, strict=True):
        for index in list(np.ndindex(drawn.given[number].shape))[:6]:
            ends = []
            for side in (-step, step):
                moved = {**drawn.given, number: drawn.given[number].copy()}
                moved[number][index] += side
                ends.append(Tracer(drawn.program)(moved, EXACT, {})[value.number].sum())
            by_difference = (ends[1] - ends[0]) / (2 * step)
            scale = max(1.0, abs(by_difference), float(np.abs(values[value.number]).max(initial=0.0)))
            assert values[slope.number][index] == pytest.approx(by_difference, abs=2e-4 * scale)


class _Float32(Carry):
    """Writes numbers down as float32 has them."""

    def __init__(self) -> None:
        super().__init__(Rounding.SHOWN, 0)

    def __call__(self, values: Any) -> Any:
        return np.asarray(values, dtype=np.float32)


@settings(max_examples=200)
@given(calculations())
def test_float32_stays_within_the_bound(drawn_value: tuple[Drawn, Value]) -> None:
    drawn, _ = drawn_value
    program, exact = drawn.program, _values(drawn)
    made: list[Any] = []
    offs: list[Array] = []
    for number, line in enumerate(program.lines):
        if line.operation is None:
            made.append(exact[number].astype(np.float32))
            offs.append(np.abs(exact[number]) * 2.0**-24)
        else:
            single = line.operation.forward(_Float32(), *[made[source] for source in line.sources])
            made.append(np.asarray(single, dtype=np.float32))
            sources, source_offs = ([each[source] for source in line.sources] for each in (exact, offs))
            offs.append(line.operation.off(exact[number], sources, source_offs))
        assert offs[number].shape == exact[number].shape
        assert (np.abs(made[number] - exact[number]) <= offs[number]).all()


@given(st.integers(0, 2), st.integers(1, 3), st.integers(2, 4), st.integers(0, 4))
def test_a_dot_is_einsum(batched: int, rows: int, size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    program = Program()
    first, second = program.given(Given("input"), (rows, size)), program.given(Given("input"), (size, rows, 2))
    made = first.dot("ab,bac->ca", second)
    ours = random.normal(size=(3,) * (batched > 0) + (rows, size))
    theirs = random.normal(size=(3,) * (batched > 1) + (size, rows, 2))
    (result,) = Ready(program, {}, [first.number, second.number], [made.number])(ours, theirs)
    spec = ("ab,bac->ca", "zab,bac->zca", "zab,zbac->zca")[batched]
    np.testing.assert_allclose(result, np.einsum(spec, ours, theirs), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("channels", [3, LONG])
@pytest.mark.parametrize("batched", [(0, 0), (3, 0), (0, 3), (3, 3), (1, 3)])
def test_products_of_what_many_share_are_added_up_few_or_many(channels: int, batched: tuple[int, int]) -> None:
    random = np.random.default_rng(channels)
    program = Program()
    values = [program.given(Given("input"), shape) for shape in ((4, 2, channels), (2, channels))]
    made = values[0].dot("xic,ic->cx", values[1])
    ours, theirs = (
        random.normal(size=(size,) * (size > 0) + value.shape) for size, value in zip(batched, values, strict=True)
    )
    (result,) = Ready(program, {}, [value.number for value in values], [made.number])(ours, theirs)
    right = (ours * theirs[..., np.newaxis, :, :]).sum(axis=-2).swapaxes(-1, -2)
    np.testing.assert_allclose(result, right, rtol=1e-12, atol=1e-12)


@given(st.integers(0, 4), st.integers(1, 3))
def test_carried_rounding_rounds_what_is_written_down(seed: int, digits: int) -> None:
    random = np.random.default_rng(seed)
    x, kernel, bias = random.normal(size=4), random.normal(size=(4, 2)), random.normal(size=2)
    program = Program()
    values = [program.given(Given("input"), array.shape) for array in (x, kernel, bias)]
    total = values[0].dot("i,iu->u", values[1])
    z = total + values[2]
    output = (z.each("sigmoid") * 1.0).each("negative")
    for value, name in ((total, "weighted sum"), (z, "pre-activation"), (output, "output")):
        program.names[value.number] = Name(("dense",), name)
    carry = Carry(Rounding.CARRIED, digits)
    numbers = Tracer(program)(dict(zip((0, 1, 2), (x, kernel, bias), strict=True)), carry, {})
    by_hand = carry(carry.product(carry(x)[:, np.newaxis], carry(kernel)).sum(axis=0))
    np.testing.assert_array_equal(numbers[total.number], by_hand)
    np.testing.assert_array_equal(numbers[z.number], carry(by_hand + carry(bias)))
    # Between two that are written down nothing is rounded.
    inside = 0.5 * (1.0 + np.tanh(0.5 * numbers[z.number]))
    np.testing.assert_array_equal(numbers[output.number], carry(-inside))


def test_what_is_not_taken_has_no_slope_even_if_that_of_the_result_is_infinite() -> None:
    program = Program()
    x = program.given(Given("input"), (2,))
    taken = program.constant([1.0, 0.0]).each("where", x, 0.0)
    (slope,) = slopes(taken / program.constant([1.0, 0.0]), [x])
    assert Tracer(program)({x.number: np.ones(2)}, EXACT, {})[slope.number].tolist() == [1.0, 0.0]


def test_a_power_and_cosh_have_the_slopes_of_small_changes() -> None:
    program = Program()
    x, to = program.given(Given("input"), (2,)), program.given(Given("input"), (2,))
    numbers = {x.number: np.array([0.5, 1.25]), to.number: np.array([3.5, -2.0])}
    made = x.each("power", to) + x.each("cosh")
    along = slopes(made, [x, to])
    exact = Tracer(program)(numbers, EXACT, {})
    for value, slope in zip((x, to), along, strict=True):
        ends = [
            Tracer(program)({**numbers, value.number: numbers[value.number] + step}, EXACT, {})[made.number]
            for step in (-1e-6, 1e-6)
        ]
        np.testing.assert_allclose(exact[slope.number], (ends[1] - ends[0]) / 2e-6, rtol=1e-6)


def test_a_number_in_the_place_of_another_is_gone_on_with() -> None:
    program = Program()
    x = program.given(Given("input"), (3,))
    doubled = x * 2.0
    total = doubled.over("sum", 0)
    values = Tracer(program)({x.number: np.ones(3)}, EXACT, {doubled.number: {(1,): 10.0}})
    assert values[doubled.number].tolist() == [2.0, 10.0, 2.0]
    assert values[total.number].tolist() == [14.0]


@pytest.mark.parametrize("weight", [np.inf, -np.inf, np.nan])
def test_padding_has_no_part_in_a_sum_whatever_its_weight_is(weight: float) -> None:
    program = Program()
    x, kernel = program.given(Given("input"), (4,)), program.given(Given("weight"), (3,))
    made = x.pad(0, 1, 1).window(0, 3).dot("pk,k->p", kernel)
    numbers = {x.number: np.ones(4), kernel.number: np.array([weight, 1.0, 1.0])}
    assert Tracer(program)(numbers, EXACT, {})[made.number][0] == 2.0
    (many,) = Ready(program, {kernel.number: numbers[kernel.number]}, [x.number], [made.number])(np.ones((2, 4)))
    assert many[:, 0].tolist() == [2.0, 2.0]
    assert not np.isfinite(many[:, 1:]).any()


EXACTLY: dict[str, Callable[[Decimal], Decimal]] = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "softplus": lambda z: (1 + z.exp()).ln(),
    "expm1": lambda z: z.exp() - 1,
    "tanh": lambda z: (z.exp() - (-z).exp()) / (z.exp() + (-z).exp()),
}


@pytest.mark.parametrize("name", EXACTLY)
def test_a_function_has_all_its_digits_wherever_it_is_small(name: str) -> None:
    z = [sign * size for size in (1e-9, 1e-3, 0.5, 30.0, 40.0, 300.0) for sign in (-1, 1)]
    with localcontext(prec=400):
        right = [float(EXACTLY[name](Decimal(one))) for one in z]
    np.testing.assert_allclose(FUNCTIONS[name].of(np.array(z)), right, rtol=1e-14, atol=0.0)


def test_an_index_that_is_no_row_makes_nan_and_says_which_it_was() -> None:
    program = Program()
    rows, which = program.given(Given("weight"), (2, 2)), program.given(Given("input"), (3,))
    made = rows.pick(which)
    numbers = {rows.number: np.arange(4.0).reshape(2, 2), which.number: np.array([1.0, 2.0, 0.5])}
    values = Tracer(program)(numbers, EXACT, {})
    assert values[made.number][0].tolist() == [2.0, 3.0]
    assert np.isnan(values[made.number][1:]).all()
    operation = program.lines[made.number].operation
    assert operation is not None
    (said,) = operation.terms((1, 0), [numbers[0], numbers[1]]).factors
    assert (said.source, said.at.tolist()) == (1, [[1]])
    assert np.isnan(operation.joined(EXACT, np.array([2.0])))


@pytest.mark.parametrize(("off", "said"), [(0.0, 0.0), (1e-7, 1.0)])
def test_a_comparison_is_in_doubt_only_where_what_it_compares_may_be_off(off: float, said: float) -> None:
    equal = Each("equal", ((1,), (1,)))
    zero = np.zeros(1)
    assert equal.off(np.ones(1), [zero, zero], [np.array([off]), zero]).tolist() == [said]


def test_a_masked_score_is_what_float32_leaves_of_it() -> None:
    far = Each("far_below", ((3,),))
    assert far.forward(EXACT, np.array([0.3, -31.0, 40.0])).tolist() == [-1e9, -1e9, -1e9 + 64]


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda x: x.dot("i,iu->u", x.reshape(3, 1).slice(0, 0, 2)), "as many along both"),
        (lambda x: x.dot("ij,ju->iu", x), "2 axes"),
        (lambda x: x.reshape(2), "3 numbers"),
        (lambda x: x + x.slice(0, 0, 2), "shapes that go together"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_both(write: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        write(Program().given(Given("input"), (3,)))


def test_values_that_nobody_needs_any_more_are_let_go() -> None:
    program = Program()
    x = program.given(Given("input"), (2,))
    middle = x * 2.0
    last = middle + 1.0
    ready = Ready(program, {}, [x.number], [last.number])
    assert [step.done for step in ready._steps] == [(), (middle.number,)]
    assert forward(program, last.number)(EXACT, np.ones(2), np.ones(1)).tolist() == [2.0, 2.0]
