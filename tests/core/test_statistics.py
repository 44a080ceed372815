"""Statistics against NumPy in float64 over the finite numbers, and a histogram whose every count its edges prove."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.chunks import CHUNK, Stopped, pieces, until
from core.export.weights_told import histogram_rows
from core.findings.histogram import MOST_BINS, Histogram
from core.findings.statistics import statistics

ANY = arrays_of.arrays(np.float32, arrays_of.array_shapes(max_dims=3, max_side=6), elements=st.floats(width=32))
"""Of any size, denormal, infinite and NaN."""

LARGE = np.float32(3.4e38)
TINY = np.float32(1e-45)


def finite(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


@given(ANY)
@settings(deadline=None)
def test_what_is_counted_and_the_ends_are_exact(values: np.ndarray) -> None:
    made, numbers = statistics(values), finite(values)
    assert (made.shape, made.dtype, made.count, made.bytes) == (values.shape, "float32", values.size, values.nbytes)
    assert made.zeros == int((values == 0).sum())
    assert made.zero_share == made.zeros / values.size
    assert (made.nans, made.infinities) == (int(np.isnan(values).sum()), int(np.isinf(values).sum()))
    if numbers.size:
        assert (made.minimum, made.maximum) == (numbers.min(), numbers.max())


@given(ANY)
@settings(deadline=None)
def test_mean_spread_and_norm_are_those_of_the_finite_numbers_in_float64(values: np.ndarray) -> None:
    made, numbers = statistics(values), finite(values)
    if not numbers.size:
        assert all(map(math.isnan, (made.minimum, made.maximum, made.mean, made.standard_deviation)))
        assert made.norm == 0.0
        return
    largest = float(np.abs(numbers).max())
    assert made.mean == pytest.approx(numbers.mean(), rel=1e-6, abs=1e-12 * largest)
    assert made.standard_deviation == pytest.approx(numbers.std(), rel=1e-6, abs=1e-12 * largest)
    assert made.norm == pytest.approx(math.sqrt((numbers**2).sum()), rel=1e-6)


@given(ANY)
@settings(deadline=None)
def test_every_number_is_in_the_bin_that_its_edges_say(values: np.ndarray) -> None:
    require_counts(statistics(values).histogram, finite(values))


def require_counts(histogram: Histogram, numbers: np.ndarray) -> None:
    """Count again with NumPy, whose last bin has no end here, so that its edges are half-open too."""
    if not numbers.size:
        assert (histogram.edges.size, histogram.counts.size) == (0, 0)
        return
    assert (np.diff(histogram.edges) > 0).all()
    assert histogram.edges[0] <= numbers.min() and numbers.max() < histogram.edges[-1]
    counted, _ = np.histogram(numbers, np.append(histogram.edges[:-1], np.inf))
    assert histogram.counts.tolist() == counted.tolist()
    assert len(histogram.counts) <= MOST_BINS + 1


@pytest.mark.parametrize("seed", range(4))
def test_an_array_of_many_pieces_has_the_same_statistics(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = (generator.standard_normal(3 * CHUNK + 2 * seed + 1) * 10.0**seed + seed).astype(np.float32)
    values[generator.integers(0, values.size, 1000)] = generator.choice([0.0, np.nan, np.inf, -np.inf], 1000)
    made, numbers = statistics(values), finite(values)
    assert made.mean == pytest.approx(numbers.mean(), rel=1e-9)
    assert made.standard_deviation == pytest.approx(numbers.std(), rel=1e-9)
    assert made.norm == pytest.approx(np.linalg.norm(numbers), rel=1e-9)
    assert (made.zeros, made.nans) == (int((values == 0).sum()), int(np.isnan(values).sum()))
    require_counts(made.histogram, numbers)
    assert len(made.histogram.counts) > MOST_BINS // 2


@pytest.mark.parametrize(
    ("middle", "spread"), [(1000.0, 0.001), (-1e6, 1.0), (1e30, 1e25), (0.0, 1e-30), (1.0, 0.0), (3e38, 1e37)]
)
def test_a_small_spread_around_a_large_number_is_not_lost(middle: float, spread: float) -> None:
    values = (middle + spread * np.random.default_rng(1).uniform(-1, 1, 200_001)).astype(np.float32)
    made, numbers = statistics(values), finite(values)
    assert made.standard_deviation == pytest.approx(numbers.std(), rel=1e-6)
    assert made.mean == pytest.approx(numbers.mean(), rel=1e-6, abs=1e-12 * spread)
    assert made.norm == pytest.approx(np.linalg.norm(numbers), rel=1e-6)


def test_many_equal_numbers_lose_nothing_of_float32() -> None:
    made = statistics(np.full(2_000_000, 0.1, dtype=np.float32))
    assert made.mean == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    assert made.standard_deviation == 0.0
    assert made.histogram.counts.tolist() == [2_000_000]


def test_one_outlier_among_many_leaves_the_spread_right() -> None:
    values = np.ones(300_000, dtype=np.float32)
    values[0] = -1e6
    assert statistics(values).standard_deviation == pytest.approx(values.astype(np.float64).std(), rel=1e-6)


@pytest.mark.parametrize(
    "values", [[-LARGE, LARGE], [0, TINY], [-TINY, 1e30, -1e30], [LARGE] * 3, [-0.0], [1, np.nan, np.inf], [np.nan], []]
)
def test_extreme_numbers_give_no_warning(values: list[float], recwarn: pytest.WarningsRecorder) -> None:
    array = np.array(values, dtype=np.float32)
    require_counts(statistics(array).histogram, finite(array))
    assert not recwarn.list


def test_zero_is_an_edge_wherever_both_signs_are_there() -> None:
    values = np.random.default_rng(2).standard_normal(5000).astype(np.float32)
    assert 0.0 in statistics(values).histogram.edges


def test_a_transposed_array_has_the_same_statistics() -> None:
    values = np.random.default_rng(3).standard_normal((300, 500)).astype(np.float32)
    straight, transposed = statistics(values), statistics(values.T)
    assert transposed.shape == (500, 300)
    assert transposed.histogram.counts.tolist() == straight.histogram.counts.tolist()


# Stopping


def test_the_work_ends_at_the_next_piece_once_nobody_waits() -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    with pytest.raises(Stopped):
        statistics(np.zeros(5 * CHUNK, dtype=np.float32), until(stopped))
    assert asked == 3


@given(st.integers(0, 50), st.integers(1, 9))
def test_pieces_make_up_the_whole(size: int, step: int) -> None:
    pauses: list[None] = []
    made = [list(range(size))[piece] for piece in pieces(size, lambda: pauses.append(None), step)]
    assert [number for piece in made for number in piece] == list(range(size))
    assert all(0 < len(piece) <= step for piece in made)
    assert len(pauses) == len(made)


# The histogram as text


@given(arrays_of.arrays(np.float32, st.integers(1, 200), elements=st.floats(-1e9, 1e9, width=32)), st.integers(2, 40))
@settings(deadline=None)
def test_a_coarser_histogram_counts_the_same_numbers_between_some_of_the_same_edges(
    values: np.ndarray, most: int
) -> None:
    coarser = statistics(values).histogram.coarser(most)
    assert len(coarser.counts) <= most
    require_counts(coarser, finite(values))


def test_rows_have_edges_counts_and_bars() -> None:
    histogram = Histogram(np.array([-0.5, 0.0, 0.5, 1.0]), np.array([1, 0, 1200]))
    assert histogram_rows(histogram, digits=2, width=6) == [
        "-0.50 ..  0.00      1 #",
        " 0.00 ..  0.50      0",
        " 0.50 ..  1.00  1,200 ######",
    ]


@pytest.mark.parametrize("width", [2.0**-13, 2.0**-25, 2.0**-60])
def test_edges_that_are_close_together_have_the_digits_to_tell_them_apart(width: float) -> None:
    histogram = Histogram(np.arange(3.0, 6.0, dtype=np.float64) * np.float64(width), np.array([1, 2]))
    edges = {row.split("  ")[0] for row in histogram_rows(histogram, digits=2)}
    low, high = histogram_rows(histogram, digits=2)[0].split("  ")[0].split(" .. ")
    assert len(edges) == 2 and float(low) < float(high)


def test_no_number_is_no_row() -> None:
    empty = statistics(np.array([np.nan], dtype=np.float32)).histogram
    assert histogram_rows(empty) == []
    assert empty.coarser(4).counts.size == 0
