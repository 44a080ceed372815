"""A model without data opens onto its own inputs, and nothing is made up: no points, no labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.dataset import PRESETS, generate
from core.data.editing import shuffled
from core.data.makers import Nothing, SumRule
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.nested import Model as Nested
from core.layers.normalization import Normalization
from core.layers.wrappers import TimeDistributed
from core.layers.writer import Weight
from core.model.files.opening import OpenedModel
from core.model.graph import Call, Graph, Input, Source, chain
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.own_inputs import own_inputs
from core.session.kept_steps import decode, encode
from core.session.session import Session
from core.tasks.nothing import NoLabels
from core.tasks.row import row_label

MEAN = np.array([1.0, -2.0, 3.0])
FOUND = {Weight(("norm",), "mean"): MEAN}


def normalized(**settings: Any) -> Graph:
    return chain("model", Input("x", (3,)), [Normalization(name="norm", **settings), Dense(name="out", units=1)])


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({}, [1, -2, 3]),
        ({"mean": 0.5, "variance": 1.0}, [0.5, 0.5, 0.5]),
        ({"mean": (1.0, 2.0, 3.0), "variance": 1.0}, [1, 2, 3]),
        ({"invert": True}, [0, 0, 0]),
    ],
)
def test_an_input_is_the_mean_of_a_normalization_that_it_goes_straight_into(
    settings: dict[str, Any], own: list[float]
) -> None:
    assert own_inputs(normalized(**settings), FOUND, [(3,)])[0].tolist() == own


def test_each_input_has_its_own_also_within_a_model_and_without_a_mean_it_is_zeros() -> None:
    inner = normalized()
    graph = Graph(
        "outer",
        (Input("one", (2,)), Input("two", (2, 3))),
        (Nested(name="inner", graph=inner), Dense(name="out", units=1)),
        (Call("out", (Source("one"),)), Call("inner", (Source("two"),))),
        (Source("inner"),),
    )
    one, two = own_inputs(graph, {Weight(("inner", "norm"), "mean"): MEAN}, [(2,), (2, 3)])
    assert one.tolist() == [0, 0] and two.tolist() == [[1, -2, 3]] * 2
    infinite = {Weight(("norm",), "mean"): np.array([1.0, np.inf, 0.0])}
    assert own_inputs(inner, infinite, [(3,)])[0].tolist() == [0, 0, 0]
    assert own_inputs(inner, {}, [(3,)])[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("settings", [{}, {"mean": (1.0, -2.0, 3.0), "variance": 1.0}])
def test_at_every_step_it_is_the_mean_of_what_is_called_there(settings: dict[str, Any]) -> None:
    each = TimeDistributed(name="each", layer=Normalization(name="norm", **settings))
    graph = chain("model", Input("x", (2, 3)), [each, Dense(name="out", units=1)])
    found = {Weight(("each", "norm"), "mean"): MEAN}
    assert own_inputs(graph, found, [(2, 3)])[0].tolist() == [[1, -2, 3]] * 2


def opened(inputs: int, layers: str) -> OpenedModel:
    network = chain_network(inputs, layers)
    return OpenedModel(network, initial_weights(network, 0), None, (), None)


def test_opening_a_model_makes_up_no_data_and_no_labels() -> None:
    session = Session()
    session.open(opened(2, "3 relu, 1 sigmoid"), Path("own.keras"))
    state = session.state
    assert isinstance(state.dataset.origin, Nothing) and len(state.dataset) == 0
    assert state.x.tolist() == [0, 0] and state.row is None and not state.fits
    assert isinstance(state.task, NoLabels) and "There are no data" in state.misfit
    for act in (session.runs.start, lambda: session.take_row(0), lambda: row_label(state)):
        with pytest.raises(Refused, match=r"no rows|no data"):
            act()
    with pytest.raises(Refused, match="expected rows to change, got none"):
        shuffled(state.dataset, 1)
    kept = decode(encode(session.trail.steps))
    assert isinstance(kept.undo[0].dataset.origin, SumRule)
    session.set_x([1.0, 2.0])
    session.trail.undo()
    assert session.state.dataset.origin == PRESETS[0].rule and session.state.x.tolist() == [0.3, 0.1]
    session.trail.redo()
    assert session.state.x.tolist() == [1, 2] and len(session.state.dataset) == 0
    session.load_tutorial()
    assert len(session.state.dataset) == 250


def test_data_that_a_person_chose_stay_and_so_do_the_tutorials_of_its_own_model() -> None:
    session = Session()
    session.open(opened(2, "5 tanh, 1 tanh"), Path("tutorial.keras"))
    assert session.state.dataset.origin == PRESETS[0].rule
    session.take_data(generate(SumRule(20, 2, 0.5, 3)))
    session.open(opened(2, "3 relu, 1 sigmoid"), Path("own.keras"))
    assert len(session.state.dataset) == 20 and session.state.fits
    session.open(opened(4, "3 relu, 1 sigmoid"), Path("other.keras"))
    assert len(session.state.dataset) == 20 and session.state.x.tolist() == [0] * 4
