"""Freezing a layer in a session: one step that can be undone, its weights the same, its training the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.initial import initial_weights
from core.model.network import Network, describe
from core.session.session import Session
from core.session.state import Model
from tests.graphs import network_of, siamese

EPOCH = {"loss": 0.5, "sign_accuracy": 0.75, "binary_accuracy": 0.25, "val_loss": None}


@pytest.fixture
def session() -> Session:
    session = Session()
    session.load_tutorial()
    return session


def trainable(session: Session) -> list[bool]:
    return [layer.trainable for layer in session.state.model.network.layers if isinstance(layer, Dense)]


def train(session: Session) -> None:
    session.runs.start()
    weights = session.state.model.weights
    stacked = tuple(tuple(array[None] for array in layer) for layer in weights.layers)
    session.runs.add_epochs([EPOCH], 0.1, (1,), stacked)
    session.runs.finish(weights.layers, 0.1, stopped=False, epoch=1)


def test_a_layer_is_frozen_and_unfrozen_in_steps_that_can_be_undone(session: Session) -> None:
    model = session.state.model
    session.freeze(0)
    assert trainable(session) == [False, True]
    session.freeze(1)
    session.freeze(0)
    assert trainable(session) == [True, False]
    assert session.state.done[-3:] == ("freeze hidden", "freeze output", "unfreeze hidden")
    assert session.state.model.weights is model.weights
    assert session.state.model.initial is model.initial
    assert [session.trail.undo() for _ in range(3)] == ["unfreeze hidden", "freeze output", "freeze hidden"]
    assert session.state.model is model
    session.trail.redo()
    assert trainable(session) == [False, True]


def test_the_training_of_other_layers_becomes_the_one_before_and_undo_brings_it_back(session: Session) -> None:
    train(session)
    run, weights = session.state.model.run, session.state.model.weights
    session.freeze(0)
    model = session.state.model
    assert (model.run, model.epoch, session.state.previous) == (None, None, run)
    assert model.weights is weights
    session.trail.undo()
    assert session.state.model.run is run
    assert session.state.model.epoch == 1


def test_a_frozen_layer_stays_frozen_over_edits_trainings_and_other_data(session: Session) -> None:
    session.freeze(0)
    session.set_number(0, 0, (0, 0), 2.0)
    train(session)
    session.reset()
    assert trainable(session) == [False, True]
    assert describe(session.state.model.network) == "hidden 5 tanh (frozen) > output 1 tanh"


def test_a_frozen_layer_is_something_to_save(session: Session) -> None:
    session.saved(session.state, Path("model.keras"))
    assert not session.state.unsaved
    session.freeze(0)
    assert session.state.unsaved
    session.trail.undo()
    assert not session.state.unsaved
    session.trail.redo()
    session.saved(session.state, Path("model.keras"))
    assert not session.state.unsaved


def test_a_layer_without_weights_cannot_be_frozen(session: Session) -> None:
    network = Network.chain(2, (Dense("one", 1), Activation("act", "tanh"), Dropout("drop", 0.1)))
    weights = initial_weights(network, 0)
    session.take("other", Model(network, weights, weights), session.state.dataset)
    before = session.state
    for place, name in ((1, "act"), (2, "drop")):
        with pytest.raises(Refused, match=f"expected a layer with weights to freeze, got {name}, which has none"):
            session.freeze(place)
    assert session.state is before


def test_nothing_is_frozen_while_a_training_is_under_way(session: Session) -> None:
    session.runs.start()
    before = session.state
    with pytest.raises(Refused, match="a training is under way"):
        session.freeze(0)
    assert session.state is before


def test_a_model_that_is_frozen_as_a_whole_is_not_trained(session: Session) -> None:
    session.freeze(0)
    session.freeze(1)
    before = session.state
    with pytest.raises(Refused, match="got all of them frozen; unfreeze one first"):
        session.runs.start()
    assert session.state is before
    session.freeze(1)
    assert session.runs.start().running


def test_a_model_within_the_model_is_unfrozen_as_a_whole_and_frozen_again() -> None:
    session, network = Session(), network_of(siamese)
    weights = initial_weights(network, 0)
    session.take("other", Model(network, weights, weights), session.state.dataset)
    tower = [place for place, path in enumerate(network.paths) if path[0] == "tower"]
    assert len(tower) > 1

    def trained() -> set[bool]:
        layers = session.state.model.network.layers
        return {layer.trainable for layer in layers if layer.name in ("tower/left", "tower/right")}

    session.freeze(tower[0])
    assert trained() == {True, False}
    session.freeze(*tower)
    assert trained() == {True} and session.state.done[-1] == "unfreeze tower"
    session.freeze(*tower)
    assert trained() == {False} and session.state.done[-1] == "freeze tower"
    others = [layer.trainable for place, layer in enumerate(session.state.model.network.layers) if place not in tower]
    assert all(others) and session.state.model.network.paths == network.paths
    session.trail.undo()
    assert trained() == {True}
