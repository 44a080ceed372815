"""Images in every format: worksheets that blank a convolution, and arrays of four axes."""

from __future__ import annotations

import numpy as np
import pytest

from core.calculation.calculated import Spot
from core.calculation.running import split
from core.export.array_tables import csv, markdown
from core.export.arrays import literal, named_arrays
from core.export.worksheet import PAPERS, worksheet
from core.formatting import number
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.pooling import MaxPooling2D
from core.layers.reshaping import Flatten
from core.model.network import Network
from core.practice.sheet import chosen, work
from tests.core.images import drawn_weights


def image(filters: int = 1) -> Network:
    """Return a model over images of 6 x 6."""
    layers = (
        Conv2D("conv", filters, (3, 3), (1, 1), "valid", "tanh"),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        Flatten("flat"),
        Dense("output", 1, "tanh"),
    )
    return Network.chain(36, layers, shape=(6, 6, 1))


@pytest.mark.parametrize("name", PAPERS)
def test_a_worksheet_blanks_a_convolution_and_has_its_key(name: str) -> None:
    spots = [Spot(("conv",), "pre-activation", (0, 3, 0)), Spot(("pool",), "output", (0, 1, 0))]
    network = image()
    point = split(np.linspace(-1, 1, network.inputs), network.input_shapes)
    calculation = work(network.graph, drawn_weights(network, 0).by_name(network), point)
    made = worksheet(chosen(calculation, spots), PAPERS[name])
    assert ("____" if name != "latex" else r"\underline") in made.exercise
    lines = (line for line in made.exercise.splitlines() if line.strip().startswith("k1,2,1 = max"))
    assert next(lines, "k1,2,1 = max() = ____").endswith(" = ____")
    assert all(number(calculation.page.number(spot), 4) in made.key for spot in spots)


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
