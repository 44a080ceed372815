"""Two weights side by side: bit for bit, in size, largest first; and what cannot be compared, named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core.chunks import CHUNK, Stopped, until
from core.errors import Refused
from core.export.weights_told import comparison_json, comparison_lines
from core.findings.comparison import Change, compare
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.layers_text import chain_network
from core.model.network import Network
from core.model.tutorial import always_right, trained
from core.model.weights import Weights

if TYPE_CHECKING:
    from core.findings.comparison import ArrayComparison

SHAPES = arrays_of.array_shapes(min_dims=2, max_dims=2, max_side=6)
ANY = st.floats(width=32)


def of_kernel(kernel: np.ndarray) -> tuple[Network, Weights]:
    network = Network.chain(kernel.shape[0], (Dense("layer", kernel.shape[1], use_bias=False),))
    return network, Weights.for_network(network, [[kernel]])


def compared(old: np.ndarray, new: np.ndarray, largest: int = 10) -> ArrayComparison:
    network, before = of_kernel(np.atleast_2d(old))
    (layer,) = compare(network, before, of_kernel(np.atleast_2d(new))[1], largest=largest).layers
    return layer.arrays[0]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPES)
    old = draw(arrays_of.arrays(np.float32, shape, elements=ANY))
    new = np.where(
        draw(arrays_of.arrays(np.bool_, shape)), draw(arrays_of.arrays(np.float32, shape, elements=ANY)), old
    )
    return old, new.astype(np.float32)


@given(pairs(), st.integers(1, 8))
@settings(deadline=None)
def test_every_number_of_a_comparison_is_what_a_loop_over_the_arrays_gives(
    pair: tuple[np.ndarray, np.ndarray], most: int
) -> None:
    old, new = pair
    made = compared(old, new, most)
    changes = [
        Change("layer", "kernel", index, float(old[index]), float(new[index]))
        for index in np.ndindex(old.shape)
        if old[index].tobytes() != new[index].tobytes()
    ]
    finite = [change for change in changes if math.isfinite(change.difference)]
    assert (made.differing, made.bit_equal) == (len(changes), not changes)
    assert made.not_finite == len(changes) - len(finite)
    assert made.norm == pytest.approx(math.sqrt(math.fsum(change.difference**2 for change in finite)), rel=1e-9)
    assert made.from_zero == sum(change.old == 0 and change.new != 0 for change in changes)
    relative = [abs(change.relative) for change in finite if change.relative is not None]
    assert made.largest_relative == pytest.approx(max(relative, default=0.0), rel=1e-12)
    listed = sorted(changes, key=lambda change: (-change.size, change.index))[:most]
    assert [(change.index, change.size) for change in made.largest] == [(one.index, one.size) for one in listed]


@given(pairs())
@settings(deadline=None)
def test_weights_are_bit_equal_to_themselves_and_to_a_copy(pair: tuple[np.ndarray, np.ndarray]) -> None:
    network, weights = of_kernel(pair[0])
    comparison = compare(network, weights, Weights(tuple(tuple(a.copy() for a in layer) for layer in weights.layers)))
    assert comparison.bit_equal
    assert comparison.largest() == []
    assert comparison.layers[0].arrays[0].relative_norm in (None, 0.0)


def test_what_one_step_of_the_tutorial_changes() -> None:
    network, old = trained()
    new = old.with_number(0, 0, (1, 2), 0.0).with_number(0, 1, (3,), 1.0)
    comparison = compare(network, old, new)
    hidden, output = comparison.layers
    assert (hidden.bit_equal, output.bit_equal, comparison.bit_equal) == (False, True, False)
    kernel, bias = hidden.arrays
    assert (kernel.name, kernel.shape, kernel.differing) == ("kernel", (2, 5), 1)
    assert kernel.norm == pytest.approx(0.91618514, rel=1e-7)
    assert kernel.relative_norm == pytest.approx(0.91618514 / np.linalg.norm(old.layers[0][0]), rel=1e-6)
    assert [(change.array, change.index) for change in comparison.largest()] == [("kernel", (1, 2)), ("bias", (3,))]
    assert bias.largest[0].relative == pytest.approx((1.0 - 0.27740911) / 0.27740911, rel=1e-6)


def test_a_number_that_was_0_has_no_relative_difference_and_is_counted() -> None:
    made = compared(np.array([0.0, 2.0]), np.array([5.0, 1.0]))
    assert [change.relative for change in made.largest] == [None, -0.5]
    assert (made.from_zero, made.largest_relative) == (1, 0.5)


def test_an_old_array_of_zeros_has_no_relative_norm() -> None:
    made = compared(np.zeros(3), np.ones(3))
    assert made.relative_norm is None
    assert made.norm == pytest.approx(math.sqrt(3))


def test_minus_zero_differs_in_its_bits_and_by_nothing() -> None:
    made = compared(np.array([0.0]), np.array([-0.0]))
    assert (made.differing, made.norm, made.from_zero, made.largest[0].difference) == (1, 0.0, 0, 0.0)


def test_the_same_nan_is_bit_equal_and_another_is_not() -> None:
    quiet, other = np.array([0x7FC00000, 0x7FC00001], dtype=np.uint32).view(np.float32)
    assert compared(np.array([quiet]), np.array([quiet])).bit_equal
    made = compared(np.array([quiet, 1.0], np.float32), np.array([other, 1.5], np.float32))
    assert (made.differing, made.not_finite, made.norm) == (2, 1, 0.5)


def test_what_became_nan_or_infinite_comes_first() -> None:
    made = compared(np.array([0.0, 1.0, 1.0, 3.0]), np.array([1e30, np.nan, 1.0, -np.inf]))
    assert [change.index[1] for change in made.largest] == [1, 3, 0]
    assert made.norm == pytest.approx(1e30, rel=1e-6)


def test_of_equal_changes_the_first_ones_are_listed_over_many_pieces() -> None:
    old = np.zeros(2 * CHUNK + 7, dtype=np.float32)
    new = np.full_like(old, 0.5)
    new[[5, CHUNK + 3]] = [2.0, -3.0]
    made = compared(old, new, 5)
    assert [change.index for change in made.largest] == [(0, CHUNK + 3), (0, 5), (0, 0), (0, 1), (0, 2)]
    assert made.differing == old.size


def test_transposed_arrays_are_compared_place_by_place() -> None:
    old = np.arange(6, dtype=np.float32).reshape(2, 3)
    network, before = of_kernel(old)
    after = Weights(((np.asfortranarray(old),),))
    assert compare(network, before, after).bit_equal


# What cannot be compared


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (
            "4 tanh, 1 tanh",
            r"layer 1 \(hidden\) with kernel 2 x 5 and bias 5 in the old and kernel 2 x 4 and",
        ),
        (
            "5 tanh, 2 tanh",
            r"layer 2 \(output\) with kernel 5 x 1 and bias 1 in the old and kernel 5 x 2 and",
        ),
        ("5 tanh", r"layer 2 \(output\) with kernel 5 x 1 and bias 1 in the old and no such layer in the new"),
        ("5 tanh, 1 tanh, 1", "layer 3 with no such layer in the old and array 1 x 1 and array 1 in the new"),
    ],
)
def test_another_architecture_is_refused_with_the_first_layer_that_differs(shape: str, words: str) -> None:
    network, old = trained()
    other = chain_network(2, shape)
    new = Weights.for_network(other, [[np.zeros(array) for array in layer] for layer in other.weight_shapes])
    with pytest.raises(Refused, match=f"expected weights of the same architecture, got {words}"):
        compare(network, old, new)


def test_a_layer_without_weights_is_bit_equal_and_no_layer_with_some() -> None:
    network = Network.chain(2, (Dropout("drop", 0.5),))
    assert compare(network, Weights(((),)), Weights(((),))).bit_equal
    with pytest.raises(Refused, match=r"\(drop\) with no weights in the old and array 2 x 1 and array 1 in the new"):
        compare(network, Weights(((),)), always_right(2, 0.5)[1])


def test_the_work_ends_at_the_next_piece_once_nobody_waits() -> None:
    network, weights = of_kernel(np.zeros((1, 4 * CHUNK)))
    answers = iter([False, True])
    with pytest.raises(Stopped):
        compare(network, weights, weights, until(lambda: next(answers)))
    assert list(answers) == []


# As text and JSON


def test_a_comparison_as_text() -> None:
    network, old = trained()
    new = old.with_number(0, 0, (1, 2), 0.0).with_number(0, 1, (3,), math.nan).with_number(1, 1, (0,), 0.0)
    assert comparison_lines(compare(network, new, old), 2) == [
        "hidden: differs",
        "  kernel 2 x 5: 1 of 10 differ, norm of the difference 0.92, 42.4 % of the old norm, 1 were 0",
        "  bias 5: 1 of 5 differ, norm of the difference 0.00, 0.0 % of the old norm, 1 nan or infinite",
        "output: differs",
        "  kernel 5 x 1: bit-equal",
        "  bias 1: 1 of 1 differ, norm of the difference 0.27, 1 were 0",
        "",
        "the largest changes (rows and columns count from 1)",
        "  array          place   old   new  difference  of the old",
        "  hidden bias        4   nan  0.28         nan         nan",
        "  hidden kernel   2, 3  0.00  0.92        0.92       was 0",
        "  output bias        1  0.00  0.27        0.27       was 0",
    ]
    assert comparison_lines(compare(network, old, old), 2) == ["every layer is bit-equal"]


def test_a_comparison_as_json_has_none_for_what_is_no_number() -> None:
    network, old = trained()
    made = comparison_json(compare(network, old.with_number(1, 1, (0,), math.inf), old))
    assert [layer["bit_equal"] for layer in made["layers"]] == [True, False]
    assert made["largest"] == [
        {
            "layer": "output",
            "array": "bias",
            "index": [0],
            "old": None,
            "new": float(np.float32(0.27410847)),
            "difference": None,
            "relative": None,
        }
    ]
