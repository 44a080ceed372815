"""Every number of a calculation has an address, by which it is found, opened, and replaced by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec import structs

from core.calculation.calculated import Spot, addressed, calculated, spoken
from core.errors import Refused
from core.operations.rounding import EXACT, Carry, Rounding

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.files.opening import OpenedGraph
from tests.graphs import attending, recurrent


@pytest.mark.parametrize("made", [recurrent, attending])
def test_every_number_is_found_by_its_address_and_no_two_have_the_same(made: Callable[[], OpenedGraph]) -> None:
    model = made()
    point = [np.full([3 if size is None else size for size in given.shape], 0.3) for given in model.graph.inputs]
    done = calculated(model.graph, model.weights, point, EXACT)
    spots = [value.spot(index) for value in (*done.values, *done.weights) for index in np.ndindex(*value.shape)]
    assert len(set(spots)) == len(spots)
    for spot in spots:
        assert done.spot(done.place(spot)) == spot
        assert done.number(spot) == done.array(done.value_of(spot))[spot.index]


def test_a_number_in_place_of_a_calculated_one_is_gone_on_with() -> None:
    model = recurrent()
    steps = np.array([[0.1, 0.2], [0.3, -0.4]])
    gate = Spot(("lstm",), "input gate", (0, 1))
    as_it_is = calculated(model.graph, model.weights, [steps], EXACT)
    changed = calculated(model.graph, model.weights, [steps], EXACT, {gate: 0.0, Spot((), "steps", (1, 0)): 0.9})
    assert changed.number(gate) == 0.0
    assert changed.number(Spot((), "steps", (1, 0))) == 0.9
    before, after = (
        [one.number(Spot(("lstm",), "cell state", (step, 1))) for step in (0, 1)] for one in (as_it_is, changed)
    )
    assert after[0] == 0.0 != before[0]
    assert after[1] != before[1]
    rounded = calculated(model.graph, model.weights, [steps], Carry(Rounding.CARRIED, 2), {gate: 0.126})
    assert rounded.number(gate) == 0.13


def test_an_address_that_is_not_there_is_refused_with_what_there_is() -> None:
    model = recurrent()
    steps = np.zeros((2, 2))
    done = calculated(model.graph, model.weights, [steps], EXACT)
    with pytest.raises(Refused, match=r"lstm/input gate\[3,1\]"):
        done.number(Spot(("lstm",), "input gate", (2, 0)))
    with pytest.raises(Refused, match="expected a number of this calculation"):
        calculated(model.graph, model.weights, [steps], EXACT, {Spot(("gru",), "output", (0,)): 1.0})
    assert spoken(Spot(("lstm",), "input gate", (0, 1))) == "lstm/input gate[1,2]"


def test_a_number_is_found_by_what_a_person_types() -> None:
    model = recurrent()
    done = calculated(model.graph, model.weights, [np.zeros((2, 2))], EXACT)
    for value in (*done.values, *done.weights):
        for index in np.ndindex(*value.shape):
            assert addressed(done, spoken(value.spot(index))) == value.spot(index)
    assert addressed(done, " lstm ") == Spot(("lstm",), "output", (0,))
    assert addressed(done, "cell state[ 2 ; 1]") == Spot(("lstm",), "cell state", (1, 0))
    endless = f"lstm/cell state[{'1' * 5000},1]"
    for typed in (
        endless,
        "lstm/cell state",
        "lstm/cell state[3,1]",
        "lstm/cell state[0,1]",
        "lstm/cell state[a,1]",
        "gru",
        "",
    ):
        with pytest.raises(Refused, match="expected"):
            addressed(done, typed)


def test_an_output_is_found_by_what_the_model_calls_it() -> None:
    model = recurrent()
    graph = structs.replace(model.graph, output_names=("price",))
    done = calculated(graph, model.weights, [np.zeros((2, 2))], EXACT)
    assert addressed(done, "price") == addressed(done, "price[1]") == done.outputs[0].spot((0,))
    with pytest.raises(Refused, match=r"^expected a place of .*, got 'price\[99\]'$"):
        addressed(done, "price[99]")


def test_a_name_that_is_not_there_is_refused_with_those_of_its_call() -> None:
    model = recurrent()
    done = calculated(model.graph, model.weights, [np.zeros((2, 2))], EXACT)
    with pytest.raises(Refused, match=r"expected the name of a value \((lstm/[^,/]*, )*lstm/[^,/]*\), got 'lstm/z'"):
        addressed(done, "lstm/z[1]")
