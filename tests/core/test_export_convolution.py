"""Images in every format: what was under the window, the kernel as it is, and never a wrong number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.forward import trace
from core.calculation.spot import Kind, Spot, value
from core.calculation.weight_places import weight_spot
from core.errors import Refused
from core.export.array_tables import csv, markdown
from core.export.arrays import literal, named_arrays
from core.export.compact import own_bias, own_kernel
from core.export.worksheet import PAPERS, worksheet
from core.formatting import number
from core.layers.convolution import Conv1D, Conv2D
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from core.layers.reshaping import Flatten
from core.lessons.given import given
from core.lessons.places import find, in_full, is_there
from core.model.network import Network
from core.practice.sheet import Sheet
from tests.core.images import drawn_weights
from tests.core.practice_people import chain_work

if TYPE_CHECKING:
    from core.calculation.forward import Step
    from core.layers.convolution import Padding

CONV, POOL, FLAT, OUTPUT = range(4)


def image(
    takes: str = "max", padding: Padding = "valid", filters: int = 1, activation: str = "tanh", bias: bool = True
) -> Network:
    """Return a model over images of 6 x 6."""
    layers = (
        Conv2D("conv", filters, (3, 3), (1, 1), padding, activation, bias),
        (MaxPooling2D if takes == "max" else AveragePooling2D)("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 1, "tanh"),
    )
    return Network.chain(36, layers, shape=(6, 6, 1))


def sequence() -> Network:
    """Return a model over sequences of two channels, whose windows overlap and stand over padding."""
    layers = (
        Conv1D("conv", 3, (4,), (2,), "same", "relu"),
        AveragePooling1D("pool", (3,), (2,), "same"),
        Dropout("drop", 0.5),
        MaxPooling1D("most", (2,), (1,), "same"),
        Flatten("flat"),
        Dense("output", 2, "softmax"),
    )
    return Network.chain(18, layers, shape=(9, 2))


def first_step(network: Network) -> Step:
    x = np.random.default_rng(5).uniform(-1, 1, network.inputs)
    return trace(network, drawn_weights(network, 0), x).steps[0]


def test_the_own_kernel_and_bias_are_those_of_the_layer() -> None:
    for network in (image(padding="same", filters=2), sequence()):
        kernel, bias = drawn_weights(network, 0).layers[0]
        step = first_step(network)
        assert np.array_equal(own_kernel(step), kernel.reshape(-1, kernel.shape[-1]).astype(float))
        assert np.array_equal(own_bias(step), bias.astype(float))


def test_a_kernel_over_padding_alone_is_0() -> None:
    network = Network.chain(1, (Conv2D("conv", 1, (3, 3), (1, 1), "same"),), shape=(1, 1, 1))
    step = first_step(network)
    assert np.count_nonzero(own_kernel(step)) == 1
    assert weight_spot(network, 0, (0, 0, 0, 0)) is None
    assert weight_spot(network, 0, (1, 1, 0, 0)) == Spot(0, Kind.WEIGHT, 0, 0)


@pytest.mark.parametrize("name", PAPERS)
def test_a_worksheet_blanks_a_convolution_and_has_its_key(name: str) -> None:
    spots = (Spot(CONV, Kind.Z, 3), Spot(POOL, Kind.OUTPUT, 1))
    network = image()
    chain = chain_work(network, drawn_weights(network, 0), np.linspace(-1, 1, network.inputs))
    made = worksheet(Sheet(chain.work, tuple(map(chain.at, spots)), len(spots)), PAPERS[name])
    assert ("____" if name != "latex" else r"\underline") in made.exercise
    lines = (line for line in made.exercise.splitlines() if line.strip().startswith("k1,2,1 = max"))
    assert next(lines, "k1,2,1 = max() = ____").endswith(" = ____")
    assert all(number(value(chain.page, spot), 4) in made.key for spot in spots)


def test_arrays_of_four_axes() -> None:
    network = image(filters=2)
    kernel = named_arrays(network, drawn_weights(network, 0))[0]
    assert np.array_equal(eval(literal(kernel), {"np": np}), kernel.values)
    lines = csv(kernel).decode().splitlines()
    assert lines[0] == "layer,array,axis_0,axis_1,axis_2,axis_3,value"
    assert len(lines) == 1 + kernel.values.size
    first, second = markdown(kernel).split("\n\n")
    assert "kernel[:, :, 1, 1]" in first and "kernel[:, :, 1, 2]" in second
    assert str(kernel.values[2, 0, 0, 1]) in second


# Lessons name numbers of images too


def test_the_symbols_of_a_lesson_are_found_in_images() -> None:
    network = image(filters=2)
    assert find(network, "z5 of conv") == Spot(CONV, Kind.Z, 4)
    assert find(network, "k3") == Spot(POOL, Kind.OUTPUT, 2)
    assert find(network, "b2") == Spot(CONV, Kind.BIAS, 1)
    weight = find(network, "w2,3,1,2")
    assert weight == Spot(CONV, Kind.WEIGHT, 1, 8)
    assert in_full(network, weight) == "w2,3,1,2 of conv"
    assert is_there(network, weight, "conv")
    # x36 is not under the window of the first place.
    assert not is_there(network, Spot(CONV, Kind.WEIGHT, 0, 35), "conv")


def test_a_symbol_that_no_image_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match="conv: x1 to x36, w1,1,1,1 to w3,3,1,1, s1 to s16, b1, z1 to z16, h1 to h16"):
        find(image(), "w4,1,1,1")
    with pytest.raises(Refused, match="pool: h1 to h16, k1 to k4; flat: k1 to k4, m1 to m4"):
        find(image(), "w11")


def test_what_a_learner_needs_to_know() -> None:
    network = image()
    steps = trace(network, drawn_weights(network, 0), np.random.default_rng(5).uniform(-1, 1, network.inputs))
    told = given(network, steps, Spot(CONV, Kind.SUM, 5), 4)
    assert told.count("x") == 9 and "w3,3,1,1 = " in told and " 0 = " not in told
    assert given(network, steps, Spot(POOL, Kind.OUTPUT, 0), 4).startswith("the largest of h1 = ")
    assert given(network, steps, Spot(FLAT, Kind.OUTPUT, 2), 4) == f"k3 = {number(steps.steps[POOL].output[2])}"
