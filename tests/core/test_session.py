"""The one owner of state: every change, every refusal, undo and redo, and a training from start to end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.arrays import frozen
from core.calculation.effect import measure_change
from core.data.dataset import MAX_NUMBERS, PRESETS, DataFile, Dataset, SumRule, generate, rule_of
from core.errors import Refused
from core.journal.telling import lost_in_words
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model import tutorial
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.network import Network
from core.session.dials import DIALS, Dial
from core.session.session import Session
from core.session.state import Model, Place, State
from core.session.trail import Steps
from core.training.recipe import Recipe
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = {"loss": 0.5, "sign_accuracy": 0.75, "binary_accuracy": 0.25, "val_loss": None}
PATH = Path("folder/model.keras")


class Watched:
    """A session, and every state that it told of."""

    def __init__(self) -> None:
        self.told: list[State] = []
        self.session = Session(self.told.append)

    @property
    def state(self) -> State:
        return self.session.state


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def session(watched: Watched) -> Session:
    return watched.session


def opened(network: Network | None = None, recipe: Recipe | None = None, archive: bytes = b"PK") -> OpenedModel:
    network = network or Network.chain(2, (Dense("from_file", 3, "relu"), Dense("end", 1)))
    return OpenedModel(network, initial_weights(network, 5), recipe, (), archive)


def trained_layers(session: Session, value: float = 0.25) -> Any:
    return tuple(
        tuple(np.full(shape, value, dtype=np.float32) for shape in shapes)
        for shapes in session.state.model.network.weight_shapes
    )


def tell(session: Session, value: float = 0.25) -> None:
    """One more epoch ends, with weights that are all ``value``."""
    run = session.state.model.run
    assert run is not None
    stacked = tuple(tuple(array[np.newaxis] for array in arrays) for arrays in trained_layers(session, value))
    session.runs.add_epochs((EPOCH,), 0.5, (run.epochs + 1,), stacked)


def train(session: Session, value: float = 0.25) -> None:
    session.runs.start()
    session.runs.add_epochs((EPOCH,), 0.5)
    session.runs.finish(trained_layers(session, value), 1.0, stopped=False)


# The beginning


def test_a_session_begins_with_the_tutorials_data_network_and_point(watched: Watched) -> None:
    state = watched.state
    assert state.dataset.origin == PRESETS[0].rule
    assert state.model.network == chain_network(2, PRESETS[0].shape)
    assert state.model.weights is state.model.initial and state.model.run is None
    assert tuple(state.x) == tutorial.X and state.recipe == Recipe()
    assert (state.path, state.before, state.done, state.undone) == (None, None, (), ())
    assert state.fits and not state.training
    assert watched.told == []


def test_two_sessions_begin_with_the_same_weights() -> None:
    assert Session().state.model.weights.equal(Session().state.model.weights)


# Every change is told once, named, and can be undone

CHANGES: dict[str, tuple[Callable[[Session], object], str]] = {
    "data": (lambda s: s.take_data(generate(SumRule(100, seed=3))), "make 100 points of 2"),
    "wider data": (lambda s: s.take_data(generate(SumRule(1000, 5))), "make 1,000 points of 5"),
    "a preset": (lambda s: s.use_preset(PRESETS[1]), "the tutorial's five inputs, threshold 2.5, hidden 20"),
    "a weight": (lambda s: s.set_number(0, 0, (1, 2), -0.5), "hidden w[2, 3] = -0.5"),
    "a bias": (lambda s: s.set_number(1, 1, (0,), 1.0), "output b[1] = 1"),
    "a layer": (lambda s: s.set_layer(1, [np.ones((5, 1)), [0.0]]), "set output"),
    "a network": (lambda s: s.new_network(chain_network(3, "1 tanh")), "new model output 1 tanh"),
    "always right": (lambda s: s.load_always_right(), "the always-right model"),
    "the tutorial's": (lambda s: s.load_tutorial(), "the tutorial's trained weights"),
    "a file": (lambda s: s.open(opened(), PATH), "open model.keras"),
    "a reset": (lambda s: s.reset(), "reset to the initial weights"),
    "another shape": (lambda s: s.set_recipe(Recipe(), "2 relu, 1"), "new model hidden 2 relu > output 1"),
    "another seed": (lambda s: s.set_recipe(Recipe(seed=9)), "new model hidden 5 tanh > output 1 tanh"),
    "a training": (lambda s: s.runs.start(), "train 150 epochs"),
}
change = pytest.mark.parametrize(("act", "name"), CHANGES.values(), ids=CHANGES)


@change
def test_a_change_is_told_once_and_named(watched: Watched, act: Callable[[Session], object], name: str) -> None:
    before = watched.state
    act(watched.session)
    assert watched.told == [watched.state] and watched.state is not before
    assert watched.state.done == (name,) and watched.state.undone == ()
    # Another file is another model: nothing of it was changed yet.
    assert watched.state.before is (None if name.startswith("open ") else before.model)
    assert (watched.state.model is before.model) == (name == "make 100 points of 2")


@change
def test_a_change_leaves_the_state_before_it_as_it_was(
    session: Session, act: Callable[[Session], object], name: str
) -> None:
    before, weights = session.state, session.state.model.weights
    copies = [[array.copy() for array in arrays] for arrays in weights.layers]
    act(session)
    assert before.done == () and before.model.weights is weights
    for arrays, olds in zip(weights.layers, copies, strict=True):
        assert all(np.array_equal(array, old) for array, old in zip(arrays, olds, strict=True))


@change
def test_a_change_is_undone_and_done_again_as_the_very_objects(
    watched: Watched, act: Callable[[Session], object], name: str
) -> None:
    session, before = watched.session, watched.state
    act(session)
    if session.state.training:
        session.runs.finish(trained_layers(session), 1.0, stopped=False)
    after = session.state
    watched.told.clear()
    assert session.trail.undo() == name
    undone = session.state
    assert undone.model is before.model and undone.dataset is before.dataset and undone.x is before.x
    assert (undone.done, undone.undone, undone.before) == ((), (name,), None)
    assert session.trail.redo() == name
    redone = session.state
    assert redone.model is after.model and redone.dataset is after.dataset and redone.x is after.x
    assert (redone.done, redone.undone, redone.before) == ((name,), (), after.before)
    assert watched.told == [undone, redone]


@change
def test_a_change_forgets_what_was_undone(session: Session, act: Callable[[Session], object], name: str) -> None:
    session.load_tutorial()
    session.trail.undo()
    act(session)
    assert session.state.undone == ()
    if not session.state.training:
        with pytest.raises(Refused, match="nothing to redo"):
            session.trail.redo()


# Data and the point


def test_data_of_the_same_width_keep_the_model(session: Session) -> None:
    model, data = session.state.model, generate(SumRule(10, seed=1))
    session.take_data(data)
    assert session.state.dataset is data and session.state.model is model


def own(inputs: int = 2, weights: bool = False) -> Dataset:
    """The data of a file: 20 rows."""
    made = generate(SumRule(20, inputs))
    return Dataset(made.points, made.labels, DataFile("mine.csv"), frozen(np.ones(20)) if weights else None)


def test_the_data_of_a_file_are_a_step_called_by_its_name(session: Session) -> None:
    before, data = session.state.dataset, own()
    session.take_data(data)
    assert session.state.dataset is data and session.state.done == ("open mine.csv",)
    session.trail.undo()
    assert session.state.dataset is before


@pytest.mark.parametrize("inputs", [2, 3])
def test_data_to_begin_with_are_no_step(session: Session, inputs: int) -> None:
    session.begin_with(own(inputs))
    assert session.state.fits and session.state.model.network.inputs == inputs
    assert (session.state.done, session.state.before, session.state.unsaved) == ((), None, False)
    assert session.state.x.tolist() == session.state.dataset.points[0].tolist() and session.state.row == 0


def test_data_that_are_opened_make_x_their_row_1_unless_somebody_gave_another_one(session: Session) -> None:
    data = own()
    session.take_data(data)
    assert session.state.row == 0 and np.array_equal(session.state.x, data.points[0])
    session.take_row(3)
    session.take_data(own())
    assert session.state.row == 0
    session.set_x([0.5, 0.25])
    session.take_data(own())
    assert session.state.row is None and session.state.x.tolist() == [0.5, 0.25]
    # Made data leave the tutorial's point, but not a model's zeros.
    session.load_tutorial()
    session.take_data(generate(SumRule(10, seed=1)))
    assert session.state.x.tolist() == list(tutorial.X)
    session.trail.change(replace(session.state, x=session.state.model.own_point, given=False))
    session.take_data(generate(SumRule(10, seed=2)))
    assert session.state.row == 0


def test_what_follows_a_rule_follows_the_tutorials_where_the_data_are_a_files(session: Session) -> None:
    session.take_data(own(3))
    session.load_always_right()
    assert session.state.model.weights.equal(tutorial.always_right(3, 1.5)[1])
    assert session.state.dataset.origin == DataFile("mine.csv")
    session.new_network(chain_network(4, "1 tanh"))
    assert session.state.dataset.origin == DataFile("mine.csv") and not session.state.fits
    session.take_data(generate(SumRule(30, 4)))
    session.new_network(chain_network(5, "1 tanh"))
    assert rule_of(session.state.dataset) == SumRule(30, 5, 2.5)


def test_dials_leave_the_labels_of_a_file_as_they_are(watched: Watched) -> None:
    watched.session.take_data(own())
    assert_refused(watched, lambda session: session.turn(dial("noise"), 1), r"the labels of mine\.csv stand as they")
    watched.session.turn(dial("rate"), 1)
    assert watched.state.dataset.origin == DataFile("mine.csv")


def test_weights_of_rows_and_of_classes_are_refused_as_keras_does(watched: Watched) -> None:
    both = "expected weights of rows or of classes, got both"
    watched.session.take_data(own(weights=True))
    assert_refused(watched, lambda session: session.set_recipe(Recipe(class_weights=(1.0, 2.0))), both)
    watched.session.trail.undo()
    watched.session.set_recipe(Recipe(class_weights=(1.0, 2.0)))
    watched.session.take_data(own(weights=True))
    assert_refused(watched, lambda session: session.runs.start(), both)
    watched.session.set_recipe(Recipe())
    watched.session.runs.start()
    assert watched.state.training


def test_data_of_another_width_start_the_same_layers_anew(session: Session) -> None:
    data = generate(SumRule(10, 4))
    session.take_data(data)
    network = session.state.model.network
    assert network.layers == chain_network(2, PRESETS[0].shape).layers and network.inputs == 4
    assert session.state.model.weights.layers[0][0].shape == (4, 5)
    assert np.array_equal(session.state.x, data.points[0]) and session.state.fits


def test_a_point_is_kept_in_float64_and_undoes_nothing(watched: Watched) -> None:
    watched.session.set_x([0.25, 0.1])
    assert watched.state.x.tolist() == [0.25, 0.1] and not watched.state.x.flags.writeable
    assert watched.told == [watched.state] and watched.state.done == ()


def test_the_point_stays_where_it_fits(session: Session) -> None:
    session.set_x([0.9, 0.8])
    x = session.state.x
    session.new_network(chain_network(2, "3, 1"))
    session.load_always_right()
    assert session.state.x is x


@pytest.mark.parametrize("x", [[], [0.1], [0.1, 0.2, 0.3], [[0.1, 0.2]]])
def test_a_point_of_another_width_is_refused(watched: Watched, x: Any) -> None:
    with pytest.raises(Refused, match="expected 2 numbers, got"):
        watched.session.set_x(x)
    assert watched.told == []


# Weights


def test_a_number_is_changed_in_new_weights(session: Session) -> None:
    session.load_tutorial()
    old = session.state.model.weights
    session.set_number(0, 0, (1, 2), 0.5)
    new = session.state.model.weights
    assert new.layers[0][0][1, 2] == 0.5 and old.layers[0][0][1, 2] != 0.5
    assert new.version > old.version and session.state.model.initial is old


def test_a_layer_is_set_as_set_weights_does(session: Session) -> None:
    session.set_layer(1, [[[1.0]] * 5, [-0.5]])
    kernel, bias = session.state.model.weights.layers[1]
    assert (kernel == 1).all() and bias.tolist() == [-0.5]


def test_a_reset_goes_back_over_edits_and_trainings(session: Session) -> None:
    session.load_tutorial()
    initial = session.state.model.initial
    session.set_number(0, 0, (0, 0), 9.0)
    train(session)
    session.reset()
    assert session.state.model.weights is initial and session.state.model.run is None


def test_a_new_network_of_another_width_makes_data_by_the_same_seed(session: Session) -> None:
    session.take_data(generate(SumRule(40, seed=6)))
    session.new_network(chain_network(3, "1 tanh"))
    assert session.state.dataset.origin == SumRule(40, 3, 1.5, 6)
    assert np.array_equal(session.state.x, session.state.dataset.points[0])


def test_the_always_right_model_follows_the_rule_of_the_data(session: Session) -> None:
    session.take_data(generate(SumRule(50, 3, 1.25)))
    session.load_always_right()
    assert session.state.model.weights.equal(tutorial.always_right(3, 1.25)[1])
    assert session.state.dataset.origin == SumRule(50, 3, 1.25)


def test_the_tutorials_weights_bring_data_of_their_width(session: Session) -> None:
    session.use_preset(PRESETS[1])
    session.load_tutorial()
    assert session.state.model.weights.equal(tutorial.trained()[1])
    assert session.state.dataset.origin == SumRule(250, 2, 0.5) and session.state.fits


def test_the_tutorials_weights_and_its_first_part_come_with_the_point_that_it_calculates(session: Session) -> None:
    for take in (session.load_tutorial, lambda: session.use_preset(PRESETS[0])):
        session.use_preset(PRESETS[1])
        before = session.state.x
        take()
        assert (session.state.x.tolist(), session.state.row) == ([0.3, 0.1], None)
        session.trail.undo()
        assert session.state.x is before
        session.trail.redo()
        assert session.state.x.tolist() == [0.3, 0.1]


def test_the_last_change_can_be_compared_with_what_was_before(session: Session) -> None:
    session.load_tutorial()
    tutorials = session.state.model
    session.set_number(0, 0, (0, 0), 9.0)
    assert session.state.before is tutorials


# Files


def test_an_opened_model_brings_its_recipe_path_and_archive(session: Session) -> None:
    content = opened(recipe=Recipe(epochs=7))
    session.open(content, PATH)
    state = session.state
    assert (state.path, state.recipe.epochs, state.model.archive) == (PATH, 7, b"PK")
    assert state.model.weights is state.model.initial is content.weights


def test_a_model_without_a_recipe_leaves_the_one_that_is_set(session: Session) -> None:
    session.set_recipe(Recipe(epochs=3))
    session.open(opened(), PATH)
    assert session.state.recipe == Recipe(epochs=3)


def test_undoing_an_opening_forgets_its_path_and_recipe_and_redoing_brings_them_back(session: Session) -> None:
    session.saved(session.state, Path("mine.keras"))
    session.open(opened(recipe=Recipe(epochs=7)), PATH)
    session.trail.undo()
    assert (session.state.path, session.state.recipe) == (Path("mine.keras"), Recipe())
    session.trail.redo()
    assert (session.state.path, session.state.recipe) == (PATH, Recipe(epochs=7))


def test_a_file_is_the_models_own_while_the_layers_are_those_of_the_file(session: Session) -> None:
    session.open(opened(), PATH)
    own = session.state.model.network
    session.set_number(0, 0, (0, 0), 1.0)
    session.freeze(0)
    assert session.state.own_file == PATH
    session.open(opened(chain_network(2, "3 relu, 1")), Path("other.keras"))
    assert session.state.own_file == Path("other.keras")
    session.trail.undo()
    assert session.state.own_file == PATH
    session.load_always_right()
    assert session.state.own_file is None and session.state.path == PATH
    session.saved(session.state, Path("right.keras"))
    assert session.state.own_file == Path("right.keras")
    session.trail.undo()
    assert session.state.own_file == PATH and session.state.model.network.unfrozen == own.unfrozen


def test_what_changed_while_the_disk_took_the_model_is_not_saved(session: Session) -> None:
    session.load_tutorial()
    before = session.state
    session.set_number(0, 0, (0, 0), 7.0)
    session.saved(before, PATH)
    assert session.state.unsaved and session.state.path == PATH
    session.trail.undo()
    assert not session.state.unsaved
    session.open(opened(), Path("other.keras"))
    session.saved(before, PATH)
    assert session.state.path == session.state.own_file == Path("other.keras")


def test_settings_that_changed_while_the_disk_took_the_model_are_not_those_of_the_file(session: Session) -> None:
    before = session.state
    session.set_recipe(Recipe(epochs=7))
    session.saved(before, PATH)
    assert lost_in_words(session.state, Recipe()) == "settings"
    session.saved(session.state, PATH)
    assert lost_in_words(session.state, Recipe()) == ""
    session.set_recipe(Recipe())
    assert lost_in_words(session.state, Recipe()) == "settings"
    session.open(opened(recipe=Recipe(epochs=9)), Path("other.keras"))
    assert lost_in_words(session.state, Recipe()) == ""


def test_undoing_an_edit_keeps_where_the_model_was_saved_since(watched: Watched) -> None:
    watched.session.load_tutorial()
    watched.session.saved(watched.session.state, PATH)
    assert watched.told[-1] is watched.state and len(watched.told) == 2
    watched.session.trail.undo()
    assert watched.state.path == PATH


def test_edits_and_trainings_keep_the_archive_and_a_new_model_has_none(session: Session) -> None:
    session.open(opened(), PATH)
    session.take_data(generate(SumRule()))
    session.set_number(0, 0, (0, 0), 1.0)
    train(session)
    session.reset()
    assert session.state.model.archive == b"PK"
    session.new_network(chain_network(2, "1"))
    assert session.state.model.archive is None


def test_a_wide_model_begins_with_as_many_made_points_as_there_can_be(session: Session) -> None:
    session.take_data(generate(SumRule(300_000)))
    session.new_network(Network.chain(784, (Dense("a", 1),)))
    assert session.state.dataset.points.shape == (MAX_NUMBERS // 784, 784)


@pytest.mark.parametrize("data", [own(2), generate(SumRule(9))])
def test_data_that_an_opened_model_does_not_fit_stay_and_x_is_zeros(session: Session, data: Dataset) -> None:
    session.take_data(data)
    session.open(opened(chain_network(4, "3 relu, 1")), PATH)
    state = session.state
    assert state.dataset is data and not state.fits
    assert (state.x.tolist(), state.row) == ([0, 0, 0, 0], None)
    assert (
        state.misfit.startswith("The model has 4 inputs, ") and "has 2: the data don't fit it, and stay" in state.misfit
    )
    effect, _ = measure_change(state)
    assert (effect.prediction.size, effect.data, effect.fresh, effect.largest) == (1, None, None, None)
    with pytest.raises(Refused, match="expected data of 4 inputs for this model"):
        session.runs.start()
    session.trail.undo()
    assert session.state.fits and not session.state.misfit


@pytest.mark.parametrize("inputs", [2, 3])
def test_a_model_that_was_opened_stays_whatever_data_it_begins_with(session: Session, inputs: int) -> None:
    session.open(opened(), PATH, Steps())
    model = session.state.model
    session.begin_with(data := own(inputs))
    assert session.state.model is model and session.state.dataset is data
    assert session.state.x.tolist() == (data.points[0].tolist() if inputs == 2 else [0, 0])


def test_an_opened_model_of_no_fixed_length_takes_that_of_the_data_that_it_begins_with(session: Session) -> None:
    session.open(opened(Network.of(graphs.recurrent().graph)), PATH, Steps())
    layers = session.state.model.weights.layers
    session.begin_with(own(14))
    assert session.state.fits and session.state.model.network.input_shapes == ((7, 2),)
    assert session.state.model.weights.layers == layers and session.state.row == 0
    session.set_x(np.ones(4))
    assert session.state.model.network.input_shapes == ((2, 2),) and not session.state.fits
    session.take_row(3)
    assert session.state.fits and session.state.row == 3 and session.state.model.weights.layers == layers
    session.set_x(np.ones(4))
    session.set_recipe(Recipe("mean_squared_error"))
    session.runs.start()
    assert session.state.fits and session.state.model.network.input_shapes == ((7, 2),)
    session.runs.abandon()
    session.begin_with(own(3))
    assert session.state.model.network.input_shapes == ((7, 2),) and not session.state.fits


# The recipe


def test_a_recipe_alone_keeps_the_model_and_is_no_step(watched: Watched) -> None:
    model = watched.state.model
    watched.session.set_recipe(Recipe(epochs=3), PRESETS[0].shape)
    assert watched.state.model is model and watched.state.recipe.epochs == 3
    assert watched.told == [watched.state] and watched.state.done == ()


def test_another_seed_starts_with_its_own_initial_weights(session: Session) -> None:
    session.set_recipe(Recipe(seed=4))
    assert session.state.model.weights.equal(initial_weights(session.state.model.network, 4))
    assert session.state.recipe.seed == 4


def test_a_recipe_keeps_layers_that_the_text_form_cannot_say(session: Session) -> None:
    network = Network.chain(2, (Dense("a", 3), Dropout("b", 0.5), Activation("c", "tanh"), Dense("d", 1)))
    session.new_network(network)
    session.set_recipe(Recipe(epochs=2))
    assert session.state.model.network == network


# Refusals

WIDE = chain_network(2, "100000, 100000")
REFUSED: dict[str, tuple[Callable[[Session], object], str]] = {
    "undo": (lambda s: s.trail.undo(), "nothing to undo"),
    "redo": (lambda s: s.trail.redo(), "nothing to redo"),
    "a point": (lambda s: s.set_x([1.0]), "expected 2 numbers, got 1"),
    "a kernel": (lambda s: s.set_layer(0, [np.ones((3, 5)), np.zeros(5)]), r"hidden: expected a kernel of shape"),
    "one array": (lambda s: s.set_layer(0, [np.ones((2, 5))]), "hidden: expected 2 arrays"),
    "a huge number": (lambda s: s.set_number(0, 0, (0, 0), 1e39), "expected numbers that float32 holds"),
    "a huge network": (lambda s: s.new_network(WIDE), "expected a new model of at most"),
    "a wide network": (lambda s: s.new_network(chain_network(1_000_001, "1")), "expected inputs from 1 to 1,000,000"),
    "a wide file": (
        lambda s: s.open(opened(Network.chain(1_000_001, ())), PATH),
        "expected a model of at most 1,000,000 inputs",
    ),
    "a shape": (lambda s: s.set_recipe(Recipe(epochs=2), "5 tahn"), "expected an activation that Keras knows"),
    "a huge shape": (lambda s: s.set_recipe(Recipe(epochs=2), "100000, 100000"), "expected a new model of at most"),
    "a split": (lambda s: s.set_recipe(Recipe(validation_split=0.999)), "expected a split that leaves points"),
    "epochs": (lambda s: s.runs.add_epochs((EPOCH,), 1.0), "no training is under way"),
    "a pause": (lambda s: s.runs.pause((), Place(1, 0, 7)), "no training is under way"),
    "going on": (lambda s: s.runs.resume(), "no training is under way"),
    "an epoch": (lambda s: s.runs.go_to_epoch(3), "expected a training whose epochs could be shown"),
    "a step in time": (lambda s: s.runs.step_epoch(1), "expected a training whose epochs could be shown"),
    "a pin": (lambda s: s.runs.pin("first"), "expected a finished training to pin"),
    "an end": (lambda s: s.runs.finish((), 1.0, stopped=False), "no training is under way"),
    "breaking off": (lambda s: s.runs.break_off("it ended"), "no training is under way"),
    "abandoning": (lambda s: s.runs.abandon(), "no training is under way"),
}


def assert_refused(watched: Watched, act: Callable[[Session], object], sentence: str) -> None:
    before = watched.state
    watched.told.clear()
    with pytest.raises(Refused, match=sentence):
        act(watched.session)
    assert watched.state is before and watched.told == []


@pytest.mark.parametrize(("act", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_leaves_the_very_same_state(
    watched: Watched, act: Callable[[Session], object], sentence: str
) -> None:
    assert_refused(watched, act, sentence)


@pytest.mark.parametrize(("act", "sentence"), list(REFUSED.values())[2:], ids=list(REFUSED)[2:])
def test_a_refusal_leaves_undo_and_redo_as_they_were(
    session: Session, act: Callable[[Session], object], sentence: str
) -> None:
    first = session.state.model
    session.set_number(0, 0, (0, 0), 1.0)
    second = session.state.model
    session.set_number(0, 0, (0, 0), 2.0)
    session.trail.undo()
    with pytest.raises(Refused, match=sentence):
        act(session)
    assert (session.state.done, session.state.undone) == (("hidden w[1, 1] = 1",), ("hidden w[1, 1] = 2",))
    session.trail.redo()
    session.trail.undo()
    assert session.state.model is second
    session.trail.undo()
    assert session.state.model is first


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda s: s.new_network(chain_network(2, "2")), r"expected a model with 1 output .* got 2 outputs"),
        (lambda s: s.new_network(Network.chain(1, (Dropout("d", 0.5),))), "expected a model with weights to train"),
        (lambda s: s.take_data(generate(SumRule(1))), "expected a split that leaves points on both sides"),
    ],
)
def test_what_cannot_be_trained_is_refused(watched: Watched, act: Callable[[Session], object], sentence: str) -> None:
    act(watched.session)
    assert_refused(watched, lambda session: session.runs.start(), sentence)
    assert not watched.state.training


EDITS: dict[str, Callable[[Session], object]] = {
    **{name: act for name, (act, _) in CHANGES.items()},
    "undo": lambda s: s.trail.undo(),
    "redo": lambda s: s.trail.redo(),
    "the same recipe": lambda s: s.set_recipe(Recipe()),
}


@pytest.mark.parametrize("act", EDITS.values(), ids=EDITS)
def test_edits_are_refused_while_training(watched: Watched, act: Callable[[Session], object]) -> None:
    watched.session.load_tutorial()
    watched.session.runs.start()
    assert_refused(watched, act, "a training is under way: stop it first")


def test_another_point_and_saving_are_allowed_while_training(session: Session) -> None:
    session.runs.start()
    session.set_x([0.5, 0.6])
    session.saved(session.state, PATH)
    assert session.state.training and session.state.path == PATH and session.state.x.tolist() == [0.5, 0.6]


# A training


def test_a_training_goes_from_start_to_finish(watched: Watched) -> None:
    session = watched.session
    session.set_recipe(Recipe(epochs=2))
    initial = session.state.model.weights
    watched.told.clear()
    run = session.runs.start()
    assert run.running and run.recipe is session.state.recipe and session.state.model.run is run
    assert session.state.model.weights is initial
    tell(session, 0.125)
    shown = session.state.model.weights
    session.runs.add_epochs((EPOCH, EPOCH), 0.75)
    session.runs.finish(trained_layers(session), 1.0, stopped=False)
    ended = session.state.model.run
    assert ended is not None
    assert (ended.epochs, ended.seconds, ended.running, ended.stopped) == (3, 1.0, False, False)
    assert (shown.layers[0][0] == 0.125).all() and (session.state.model.weights.layers[0][0] == 0.25).all()
    assert len({initial.version, shown.version, session.state.model.weights.version}) == 3
    assert session.state.model.initial is initial
    assert len(watched.told) == 4 and watched.told[-1] is session.state
    assert session.state.done == ("train 2 epochs",)
    session.trail.undo()
    assert session.state.model.weights is initial and session.state.model.run is None


def test_a_stopped_training_keeps_its_weights(session: Session) -> None:
    session.runs.start()
    session.runs.finish(trained_layers(session), 0.1, stopped=True)
    run = session.state.model.run
    assert run is not None and run.stopped and not run.running
    assert (session.state.model.weights.layers[1][0] == 0.25).all()


def test_one_epoch_is_not_called_several() -> None:
    session = Session()
    session.set_recipe(Recipe(epochs=1))
    session.runs.start()
    assert session.state.done[-1] == "train 1 epoch"
    session.runs.break_off("Keras's process ended")
    session.runs.start()
    tell(session)
    session.runs.break_off("Keras's process ended")
    assert session.state.done[-1] == "train 1 epoch"


def test_a_training_that_is_broken_off_keeps_what_it_had_come_to(watched: Watched) -> None:
    session = watched.session
    session.runs.start()
    tell(session)
    weights = session.state.model.weights
    watched.told.clear()
    session.runs.break_off("Keras's process ended")
    run = session.state.model.run
    assert run is not None and (run.running, run.stopped, run.epochs) == (False, True, 1)
    assert run.reason == "Keras's process ended"
    assert session.state.model.weights is weights and watched.told == [session.state]
    assert session.state.done == ("train 1 of 150 epochs",)


@pytest.mark.parametrize("end", ["broken off", "stopped"])
def test_a_training_that_ends_before_its_first_epoch_leaves_what_was_there(watched: Watched, end: str) -> None:
    session = watched.session
    train(session)
    before = session.state.model
    session.runs.start()
    if end == "broken off":
        session.runs.break_off("NaN in batch 1")
    else:
        session.runs.finish(before.weights.layers, 0.1, stopped=True)
    assert session.state.model is before
    assert len(session.state.done) == 1


def test_a_training_that_is_stopped_within_its_first_epoch_keeps_its_weights(session: Session) -> None:
    before = session.state.model
    session.runs.start()
    moved = tuple(tuple(array + 1 for array in arrays) for arrays in before.weights.layers)
    session.runs.finish(moved, 0.1, stopped=True)
    run = session.state.model.run
    assert run is not None and (run.epochs, run.stopped, session.state.model.epoch) == (0, True, None)
    assert session.state.done == ("train 0 of 150 epochs",)


def test_an_abandoned_training_leaves_the_model_from_before_it(watched: Watched) -> None:
    session = watched.session
    session.load_tutorial()
    before = session.state.model
    session.runs.start()
    tell(session)
    session.set_x([0.5, 0.6])
    watched.told.clear()
    session.runs.abandon()
    state = session.state
    assert state.model is before and watched.told == [state]
    assert (state.done, state.undone) == (("the tutorial's trained weights",), ())
    assert state.x.tolist() == [0.5, 0.6]


def test_a_second_training_goes_on_from_the_first(session: Session) -> None:
    initial = session.state.model.initial
    train(session)
    first = session.state.model
    session.runs.start()
    assert session.state.model.weights is first.weights and session.state.model.initial is initial
    session.runs.abandon()
    assert session.state.model is first and first.run is not None and not first.run.running


@pytest.mark.parametrize("end", ["pause_run", "finish_run"])
def test_weights_that_do_not_fit_are_refused_and_the_training_goes_on(watched: Watched, end: str) -> None:
    watched.session.runs.start()
    bad: Any = (trained_layers(watched.session)[0], (np.ones((4, 1)), np.zeros(1)))
    if end == "pause_run":
        assert_refused(watched, lambda s: s.runs.pause(bad, Place(1, 0, 7)), "output: expected a kernel of shape")
    else:
        assert_refused(watched, lambda s: s.runs.finish(bad, 1.0, stopped=False), "output: expected a kernel of shape")
    assert watched.state.training


# Time, and trainings to compare


def test_every_tab_can_be_at_any_epoch_that_is_kept(session: Session) -> None:
    session.runs.start()
    for value in (0.1, 0.2, 0.3):
        tell(session, value)
    session.runs.finish(trained_layers(session, 0.3), 1.0, stopped=False, epoch=3)
    last = session.state.model
    assert (last.epoch, last.run and last.run.kept.epochs.tolist()) == (3, [0, 1, 2, 3])
    session.runs.step_epoch(-1)
    assert session.state.model.epoch == 2
    assert session.state.model.weights.layers[0][0][0, 0] == np.float32(0.2)
    session.runs.step_epoch(-10)
    assert session.state.model.epoch == 0
    assert session.state.model.weights.equal(session.state.model.initial)
    session.runs.go_to_epoch(3)
    assert session.state.model.weights is last.weights
    with pytest.raises(Refused, match="expected one of the 4 epochs from 0 to 3"):
        session.runs.go_to_epoch(4)


def test_who_looks_at_an_earlier_epoch_stays_there_while_the_training_goes_on(session: Session) -> None:
    session.runs.start()
    tell(session, 0.1)
    tell(session, 0.2)
    session.runs.go_to_epoch(1)
    tell(session, 0.3)
    assert session.state.model.epoch == 1
    session.runs.go_to_epoch(3)
    tell(session, 0.4)
    assert session.state.model.epoch == 4


def test_going_on_from_an_epoch_is_a_branch_and_its_name_says_so(session: Session) -> None:
    session.runs.start()
    tell(session, 0.1)
    tell(session, 0.2)
    session.runs.finish(trained_layers(session, 0.2), 1.0, stopped=False, epoch=2)
    first = session.state.model.run
    session.runs.go_to_epoch(1)
    run = session.runs.start()
    assert session.state.done[-1] == "train 150 epochs on from epoch 1"
    assert run.kept.weights(0).layers[0][0][0, 0] == np.float32(0.1)
    assert session.state.previous is first


def test_a_dial_keeps_the_initial_weights_and_remembers_the_training_before(session: Session) -> None:
    train(session)
    first, initial = session.state.model.run, session.state.model.initial
    session.turn(dial("rate"), 1)
    state = session.state
    assert state.recipe.learning_rate == 0.002
    assert (state.model.weights, state.model.initial, state.model.run) == (initial, initial, None)
    assert state.previous is first
    assert state.done[-1] == "rate 0.002"


def test_other_noise_keeps_points_and_weights_and_another_seed_does_not(session: Session) -> None:
    initial, points = session.state.model.initial, session.state.dataset.points
    session.turn(dial("noise"), 1)
    assert rule_of(session.state.dataset).noise == 0.01
    assert np.array_equal(session.state.dataset.points, points)
    assert session.state.model.weights is initial
    session.turn(dial("seed"), 1)
    assert not session.state.model.weights.equal(initial)
    session.turn(dial("seed"), -1)
    assert session.state.model.weights.equal(initial)


def dial(name: str) -> Dial:
    return next(one for one in DIALS if one.name == name)


def test_a_training_that_waits_shows_where_and_goes_on(session: Session) -> None:
    session.runs.start()
    tell(session, 0.1)
    session.runs.pause(trained_layers(session, 0.15), Place(1, 2, 7))
    model = session.state.model
    assert (model.epoch, model.run and model.run.paused, session.state.training) == (None, Place(1, 2, 7), True)
    session.runs.resume()
    tell(session, 0.2)
    model = session.state.model
    assert (model.epoch, model.run and model.run.paused) == (2, None)


def test_trainings_are_pinned_under_a_name_and_returned_to(session: Session) -> None:
    train(session)
    session.runs.pin(" first ")
    first = session.state.model
    for name in ("first", "  "):
        with pytest.raises(Refused, match="expected a new name"):
            session.runs.pin(name)
    session.set_recipe(Recipe(epochs=7, seed=5))
    train(session, 0.5)
    session.runs.pin("second")
    assert [pinned.name for pinned in session.state.pinned] == ["first", "second"]
    session.runs.return_to(0)
    assert session.state.model is first
    assert session.state.recipe.epochs == 150
    session.runs.unpin(0)
    assert [pinned.name for pinned in session.state.pinned] == ["second"]


# Undo and redo as a whole

SMALL = st.sampled_from(("1 tanh", "2 relu, 1 tanh", "3, 2 tanh, 1"))


class History(RuleBasedStateMachine):
    """Any changes in any order, beside a plain list of what every one of them made."""

    @initialize()
    def begin(self) -> None:
        self.watched = Watched()
        self.session = self.watched.session
        state = self.session.state
        self.made: list[tuple[str, Model, Dataset]] = [("", state.model, state.dataset)]
        self.place = 0
        self.told = 0
        self.versions = {state.model.weights.version}

    def noted(self, states: int = 1, *, new_weights: bool = True) -> None:
        """Take a step into the list; what had been undone is forgotten."""
        state = self.session.state
        assert state.done
        del self.made[self.place + 1 :]
        self.made.append((state.done[-1], state.model, state.dataset))
        self.place += 1
        self.told += states
        if new_weights:
            assert state.model.weights.version not in self.versions
        self.versions.add(state.model.weights.version)

    @rule(data=st.data(), value=st.floats(-9, 9, width=32))
    def edit_a_number(self, data: st.DataObject, value: float) -> None:
        layers = self.session.state.model.weights.layers
        layer = data.draw(st.integers(0, len(layers) - 1))
        array = data.draw(st.integers(0, 1))
        index = tuple(data.draw(st.integers(0, size - 1)) for size in layers[layer][array].shape)
        self.session.set_number(layer, array, index, value)
        assert self.session.state.model.weights.layers[layer][array][index] == np.float32(value)
        self.noted()

    @rule(value=st.floats(-9, 9, width=32))
    def set_the_last_layer(self, value: float) -> None:
        place = len(self.session.state.model.network.layers) - 1
        self.session.set_layer(place, trained_layers(self.session, value)[place])
        self.noted()

    @rule(inputs=st.integers(1, 4), shape=SMALL)
    def new_network(self, inputs: int, shape: str) -> None:
        self.session.new_network(chain_network(inputs, shape))
        self.noted()

    @rule(inputs=st.integers(1, 4), seed=st.integers(0, 9))
    def take_data(self, inputs: int, seed: int) -> None:
        wider = inputs != self.session.state.model.network.inputs
        self.session.take_data(generate(SumRule(20, inputs, seed=seed)))
        self.noted(new_weights=wider)

    @rule(place=st.integers(0, 1))
    def use_preset(self, place: int) -> None:
        self.session.use_preset(PRESETS[place])
        self.noted()

    @rule()
    def load_tutorial(self) -> None:
        self.session.load_tutorial()
        self.noted()

    @rule()
    def load_always_right(self) -> None:
        self.session.load_always_right()
        self.noted()

    @rule(shape=SMALL, recipe=st.sampled_from((None, Recipe(epochs=7, seed=3))))
    def open_a_file(self, shape: str, recipe: Recipe | None) -> None:
        self.session.open(opened(chain_network(2, shape), recipe), PATH)
        assert self.session.state.path == PATH
        self.noted()

    @rule()
    def reset(self) -> None:
        self.session.reset()
        assert self.session.state.model.weights is self.session.state.model.initial
        self.noted(new_weights=False)

    @rule(shape=SMALL)
    def another_seed(self, shape: str) -> None:
        recipe = self.session.state.recipe
        self.session.set_recipe(Recipe(recipe.loss, seed=recipe.seed + 1), shape)
        self.noted()

    @rule(value=st.floats(-1, 1, width=32))
    def train(self, value: float) -> None:
        if not self.session.state.fits:
            return
        train(self.session, value)
        self.noted(states=3)

    @rule()
    def train_in_vain(self) -> None:
        if not self.session.state.fits:
            return
        model = self.session.state.model
        self.session.runs.start()
        # A training begins a new line of history, even if nothing comes of it.
        del self.made[self.place + 1 :]
        self.session.runs.abandon()
        self.told += 2
        assert self.session.state.model is model

    @rule(value=st.floats(0, 1))
    def another_point(self, value: float) -> None:
        self.session.set_x(np.full(self.session.state.model.network.inputs, value))
        self.told += 1

    @precondition(lambda self: self.place > 0)
    @rule()
    def undo(self) -> None:
        assert self.session.trail.undo() == self.made[self.place][0]
        self.place -= 1
        self.told += 1

    @precondition(lambda self: self.place < len(self.made) - 1)
    @rule()
    def redo(self) -> None:
        assert self.session.trail.redo() == self.made[self.place + 1][0]
        self.place += 1
        self.told += 1

    @rule()
    def refused_beyond_the_ends(self) -> None:
        state = self.session.state
        if self.place == 0:
            with pytest.raises(Refused, match="nothing to undo"):
                self.session.trail.undo()
        if self.place == len(self.made) - 1:
            with pytest.raises(Refused, match="nothing to redo"):
                self.session.trail.redo()
        assert self.session.state is state

    @invariant()
    def the_state_is_the_one_at_its_place(self) -> None:
        state = self.session.state
        _, model, dataset = self.made[self.place]
        assert state.model is model and state.dataset is dataset
        opened = not self.place or self.made[self.place][0].startswith("open ")
        assert state.before is (None if opened else self.made[self.place - 1][1])
        assert state.done == tuple(name for name, _, _ in self.made[1 : self.place + 1])
        assert state.undone == tuple(name for name, _, _ in reversed(self.made[self.place + 1 :]))

    @invariant()
    def everything_fits_the_network(self) -> None:
        state = self.session.state
        network = state.model.network
        assert state.x.shape == (network.inputs,) and not state.training
        # Only a file's model may have other inputs than the data.
        assert state.fits or any(name.startswith("open ") for name in state.done)
        shapes = tuple(tuple(array.shape for array in arrays) for arrays in state.model.weights.layers)
        assert shapes == network.weight_shapes

    @invariant()
    def every_change_was_told_once(self) -> None:
        assert len(self.watched.told) == self.told
        assert not self.told or self.watched.told[-1] is self.session.state

    def teardown(self) -> None:
        if not hasattr(self, "made"):
            return
        while self.session.state.done:
            self.session.trail.undo()
        assert self.session.state.model is self.made[0][1] and self.session.state.dataset is self.made[0][2]
        while self.session.state.undone:
            self.session.trail.redo()
        assert self.session.state.model is self.made[-1][1] and self.session.state.dataset is self.made[-1][2]


def test_any_history_can_be_undone_to_its_first_model_and_done_again_to_its_last() -> None:
    run_state_machine_as_test(History, settings=settings(max_examples=60, stateful_step_count=25))
