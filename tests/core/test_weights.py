"""Weights: a new version for every change, arrays that nobody can write, wrong shapes named."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import frozen, point
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network
from core.model.tutorial import trained
from core.model.weights import Weights, checked_arrays

NETWORK = Network.chain(2, (Dense("hidden", 3), Dropout("drop", 0.5), Dense("output", 1, use_bias=False)))
GOOD: list[list[Any]] = [[np.ones((2, 3)), np.zeros(3)], [], [[[1.0], [2.0], [3.0]]]]


def good() -> Weights:
    return Weights.for_network(NETWORK, GOOD)


def test_every_version_is_new() -> None:
    first = good()
    made = [
        first,
        good(),
        first.with_number(0, 0, (0, 0), 1.0),
        first.with_layer(1, ()),
        Weights(first.layers),
    ]
    versions = [weights.version for weights in made]
    assert len(set(versions)) == len(versions) and versions == sorted(versions)


@pytest.mark.parametrize("layer", [0, 2])
def test_no_array_can_be_written(layer: int) -> None:
    weights = good().with_number(0, 0, (0, 0), 5.0)
    for array in weights.layers[layer]:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_what_is_given_is_copied() -> None:
    kernel = np.ones((2, 3), dtype=np.float32)
    weights = Weights.for_network(NETWORK, [[kernel, np.zeros(3)], [], GOOD[2]])
    kernel[:] = 9
    assert (weights.layers[0][0] == 1).all()


@given(st.integers(0, 1), st.integers(0, 2), st.floats(width=32))
def test_changing_a_number_changes_that_one_and_leaves_the_old_weights_alone(
    row: int, column: int, value: float
) -> None:
    old = good()
    new = old.with_number(0, 0, (row, column), value)
    assert old.equal(good())
    assert np.array_equal(new.layers[0][0][row, column], np.float32(value), equal_nan=True)
    others = np.ones((2, 3), dtype=bool)
    others[row, column] = False
    assert (new.layers[0][0][others] == 1).all()
    assert new.layers[0][1] is old.layers[0][1] and new.layers[2] is old.layers[2]


def test_changing_a_layer_leaves_the_others() -> None:
    old = good()
    arrays = (frozen([[7.0], [8.0], [9.0]]),)
    new = old.with_layer(2, arrays)
    assert new.layers == (old.layers[0], (), arrays) and old.equal(good())


def test_the_count_is_that_of_all_numbers() -> None:
    assert good().count == 2 * 3 + 3 + 3
    assert trained()[1].count == 21
    assert Weights(((), ())).count == 0


def test_equal_means_bit_for_bit() -> None:
    zero, negative = Weights(((frozen([0.0]),),)), Weights(((frozen([-0.0]),),))
    nan = Weights(((frozen([math.nan]),),))
    assert not zero.equal(negative)
    assert nan.equal(Weights(((frozen([math.nan]),),)))
    assert not zero.equal(Weights(())) and not zero.equal(Weights(((),)))
    assert not zero.equal(Weights(((frozen([[0.0]]),),)))


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (GOOD[:2], "expected arrays for 3 layers, got 2"),
        ([*GOOD, []], "expected arrays for 3 layers, got 4"),
        ([GOOD[0][:1], [], GOOD[2]], "hidden: expected 2 arrays (kernel (2, 3), bias (3,)), got 1"),
        ([GOOD[0], [], []], "output: expected 1 array (kernel (3, 1)), got 0"),
        ([GOOD[0], [[1.0]], GOOD[2]], "drop: expected 0 arrays (no weights), got 1"),
        ([[np.ones((3, 2)), np.zeros(3)], [], GOOD[2]], "hidden: expected a kernel of shape (2, 3), got (3, 2)"),
        ([[np.ones((2, 3)), np.zeros((3, 1))], [], GOOD[2]], "hidden: expected a bias of shape (3,), got (3, 1)"),
        ([[np.ones((2, 3)), 0.0], [], GOOD[2]], "hidden: expected a bias of shape (3,), got ()"),
        (
            [[np.ones((2, 3)), [0.0, -1e39, 0.0]], [], GOOD[2]],
            "hidden: the bias: expected numbers that float32 holds (up to 3.4e38), got -1e+39",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(layers: list[list[Any]], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        Weights.for_network(NETWORK, layers)
    assert str(refusal.value) == sentence


def test_a_layers_name_is_made_plain_in_a_refusal() -> None:
    with pytest.raises(Refused, match=r"^a\?\[31mb: expected"):
        checked_arrays("a\x1b[31mb", {"kernel": (1,)}, [])


def test_nan_and_the_infinities_are_weights_too() -> None:
    values = [math.nan, math.inf, -math.inf]
    (bias,) = checked_arrays("a", {"bias": (3,)}, [values])
    assert np.array_equal(bias, values, equal_nan=True)


@pytest.mark.parametrize("value", [1e39, -1e300])
def test_a_number_beyond_float32_is_refused(value: float, recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(Refused, match="expected numbers that float32 holds"):
        good().with_number(0, 0, (0, 0), value)
    assert not recwarn.list


def test_a_point_keeps_its_float64_and_cannot_be_written() -> None:
    x = point([0.3, 0.1])
    assert x.tolist() == [0.3, 0.1] and not x.flags.writeable
    assert frozen([0.3]).dtype == np.float32
