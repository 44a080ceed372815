"""The axes of arrays in words: what lies side by side is what the calculation takes from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.followed import Asked, follow
from core.calculation.page import page_of
from core.export.calculation.explanation import explain_followed
from core.export.calculation.text import text_page
from core.export.opened import opened
from core.formatting import Notation
from core.model.array_axes import ArrayAxes, axes_of_arrays
from core.model.initial import initial_weights
from core.model.network import Network
from tests import graphs
from tui.widgets.layer_table import layer_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.files.opening import OpenedGraph


@pytest.mark.parametrize("model", [graphs.recurrent, graphs.words, graphs.both_ways])
def test_a_gate_is_made_of_the_columns_that_have_its_name(model: Callable[[], OpenedGraph]) -> None:
    network = Network.of(model().graph)
    weights = initial_weights(network, 1)
    done = follow(Asked(network, weights, np.ones(network.inputs))).exact
    found = 0
    arrays = {weight: axes_of_arrays(network)[place][at] for weight, (place, at) in network.places.items()}
    for value in done.values:
        if value.name.endswith(" gate"):
            index = (0, *(size - 1 for size in value.shape[1:]))
            for source, at in done.origins(value.spot(index)):
                axes = next(
                    (arrays[one] for one in arrays if (*one.layer, one.name) == (*source.call, source.name)), None
                )
                if axes is not None and axes.parts:
                    found += 1
                    assert {axes.word(len(axes.names) - 1, place) for place in at[:, -1].tolist()} == {
                        f"{value.name} {index[-1] + 1}"
                    }
    assert found


@pytest.mark.parametrize("model", list(graphs.CASES.values()))
def test_every_array_has_a_name_for_each_axis(model: Callable[[], OpenedGraph]) -> None:
    network = Network.of(model().graph)
    for axes, shapes in zip(axes_of_arrays(network), network.weight_shapes, strict=True):
        assert [len(one.names) for one in axes] == list(map(len, shapes))
        assert all(one.width * len(one.parts) in (0, shape[-1]) for one, shape in zip(axes, shapes, strict=True))


def test_columns_have_their_gates_in_little_room() -> None:
    lstm = ArrayAxes(("input", "unit"), ("input gate", "candidate"), 2)
    assert [lstm.column(at) for at in range(4)] == ["i-gate 1", "i-gate 2", "cand. 1", "cand. 2"]
    assert lstm.words((1, 3)) == "candidate 2 of input 2"
    assert ArrayAxes(()).column(0) == ""


def test_the_page_of_a_layer_says_which_gate_a_kernels_column_and_a_biases_row_are_of() -> None:
    network = Network.of(graphs.recurrent().graph)
    done = follow(Asked(network, initial_weights(network, 1), np.ones(network.inputs))).exact
    kernel, bias = (
        next(table for table in page_of(done, ("lstm",), {}) if table.values[0].name == name)
        for name in ("recurrent_kernel", "bias")
    )
    units = kernel.rows
    assert [kernel.column_name(at * units) for at in range(4)] == ["i-gate 1", "forget 1", "cand. 1", "o-gate 1"]
    assert kernel.row_name(0) == "state 1"
    assert [bias.row_name(at * units + 1) for at in range(4)] == [
        "input gate 2",
        "forget gate 2",
        "candidate 2",
        "output gate 2",
    ]


def test_the_rows_of_an_embedding_are_counted_as_the_indices_that_take_them() -> None:
    network = Network.of(graphs.words().graph)
    ((embeddings,), *_) = axes_of_arrays(network)
    assert embeddings.words((0, 1)) == "unit 2 of index 0"
    weights = initial_weights(network, 1)
    grid = layer_table(network, 0, weights.layers[0], None)
    assert [grid.row_name(row) for row in range(3)] == ["embeddings 0", "embeddings 1", "embeddings 2"]
    done = follow(Asked(network, weights, np.array([3.0, 0.0, 1.0, 2.0]))).exact
    output = next(value for value in done.values if value.words == "rows/output")
    row = weights.layers[0][0][3]
    lines = opened(done, output, (0, 1), Notation(4))
    assert lines == [f"rows/output[1,2] = {row[1]:.4f}", "  = embeddings[4,2]   (row 4 is that of index 3)"]
    page = text_page(explain_followed(follow(Asked(network, weights, np.array([3.0, 0.0, 1.0, 2.0])))))
    assert ", counted from 0]\n" in page
