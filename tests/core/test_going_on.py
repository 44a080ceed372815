"""A session's training that was cut: what of it goes on, what begins anew, and what is said of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.data.dataset import DataFile, Dataset, SumRule, generate
from core.engine.stream import stand_of
from core.errors import Refused
from core.session.budget import held_by
from core.session.session import Session
from core.training.recipe import Recipe
from core.training.standing import Heard, Numbers, Standing

if TYPE_CHECKING:
    from core.session.state import Run

RECIPE = Recipe(epochs=9, patience=3)
STREAM = stand_of(np.random.default_rng(0))


def standing_after(epoch: int) -> Standing:
    return Standing(epoch, float(epoch), 0.0, (Numbers.of(np.zeros(1000)),), STREAM, Heard(0.5, 1, epoch))


def tell(session: Session, standing: Standing | None, epochs: int = 1) -> None:
    run = session.state.model.run
    assert run is not None
    told = range(run.epochs + 1, run.epochs + epochs + 1)
    stacked = tuple(
        tuple(np.stack([array + np.float32(epoch) for epoch in told]) for array in layer)
        for layer in session.state.model.weights.layers
    )
    numbers: list[dict[str, float | None]] = [{"loss": 1 / epoch} for epoch in told]
    session.runs.add_epochs(numbers, float(run.epochs), told, stacked, "xla", standing)


@pytest.fixture
def cut() -> Session:
    """A session whose training was broken off after 4 of 9 epochs."""
    session = Session()
    session.set_recipe(RECIPE)
    session.runs.start()
    tell(session, standing_after(4), 4)
    session.runs.break_off("Keras's process ended")
    return session


def run_of(session: Session) -> Run:
    run = session.state.model.run
    assert run is not None
    return run


def test_it_goes_on_with_all_that_it_had(cut: Session) -> None:
    before = cut.state
    assert cut.runs.begins_anew == ""
    run = cut.runs.go_on()
    assert (run.since, run.epochs, run.recipe, run.standing) == (4, 4, RECIPE, standing_after(4))
    assert cut.state.model.epoch == 4 and cut.state.previous is before.previous
    assert cut.state.steps_in_words == ("train 4 of 9 epochs", "go on from epoch 4 to 9 epochs, under way")
    tell(cut, standing_after(9), 5)
    cut.runs.finish(cut.state.model.weights.layers, 9.0, stopped=False, epoch=9)
    assert run_of(cut).history["loss"].tolist() == [1 / epoch for epoch in range(1, 10)]
    assert run_of(cut).kept.epochs.tolist() == list(range(10)) and run_of(cut).standing is None
    assert cut.state.done == ("train 4 of 9 epochs", "go on from epoch 4 to 9 epochs") == cut.state.steps_in_words
    cut.trail.undo()
    assert cut.state.model is before.model
    assert run_of(cut).history["loss"].tolist() == [1 / epoch for epoch in range(1, 5)]
    again = cut.runs.go_on()
    assert again.identity is not run.identity, "two that went on from one are two"


def test_edited_weights_give_way_in_one_step(cut: Session) -> None:
    kept = cut.state.model.weights
    cut.set_number(0, 0, (0, 0), 7.0)
    cut.runs.go_on()
    assert cut.state.model.weights is kept
    cut.runs.abandon()
    assert cut.state.model.weights.layers[0][0][0, 0] == 7.0


@pytest.mark.parametrize("end", ["broken off", "stopped"])
def test_one_that_goes_on_to_nothing_is_as_it_was(cut: Session, end: str) -> None:
    before = cut.state.model
    cut.runs.go_on()
    if end == "broken off":
        cut.runs.break_off("again")
    else:
        cut.runs.finish(before.weights.layers, 5.0, stopped=True, epoch=4)
    assert cut.state.model is before and cut.runs.begins_anew == ""


def test_cut_again_it_says_how_far_it_came(cut: Session) -> None:
    cut.runs.go_on()
    tell(cut, standing_after(6), 2)
    cut.runs.break_off("again")
    assert cut.state.done[-1] == "go on from epoch 4 to 6 of 9 epochs"
    assert cut.runs.go_on().since == 6


def test_settings_of_its_end_may_change_and_others_begin_anew(cut: Session) -> None:
    cut.set_recipe(msgspec.structs.replace(RECIPE, patience=5, epochs=50))
    assert cut.runs.begins_anew == ""
    run = cut.runs.go_on()
    assert (run.recipe.patience, run.recipe.epochs) == (5, 9)
    assert run.standing is not None and run.standing.heard is None, "another rule counts anew"
    cut.runs.break_off("again")
    cut.set_recipe(msgspec.structs.replace(RECIPE, learning_rate=0.5))
    assert cut.runs.begins_anew == "settings have changed since"
    run = cut.runs.go_on()
    assert (run.recipe.epochs, run.epochs, run.standing) == (5, 0, None)
    assert cut.state.done[-1] == "train 5 epochs"


def test_other_data_begin_anew_and_what_cannot_be_trained_changes_nothing(cut: Session) -> None:
    cut.take_data(generate(SumRule(30, 2, seed=5)))
    assert cut.runs.begins_anew == "the data have changed since"
    cut.set_number(0, 0, (0, 0), 7.0)
    points = cut.state.dataset.points
    cut.take_data(Dataset(points, points[:, :0], DataFile("mine.csv", ("a", "b"))))
    before = cut.state
    with pytest.raises(Refused, match="expected data with labels"):
        cut.runs.go_on()
    assert cut.state is before


def test_what_nobody_told_begins_anew(cut: Session) -> None:
    cut.runs.go_on()
    tell(cut, None)
    cut.runs.break_off("killed")
    assert cut.runs.begins_anew == "what it held after epoch 5 is not kept"
    assert cut.runs.go_on().since == 0


def test_one_that_was_cut_in_its_first_epoch_begins_as_it_began() -> None:
    session = Session()
    session.runs.start()
    moved = tuple(tuple(array + 1 for array in arrays) for arrays in session.state.model.weights.layers)
    session.runs.finish(moved, 0.1, stopped=True)
    assert session.runs.begins_anew == ""
    run = session.runs.go_on()
    assert (run.since, run.standing) == (0, None)
    assert session.state.model.weights.equal(session.state.model.initial)


def test_where_it_stands_is_counted_and_let_go_with_the_last_epoch(cut: Session) -> None:
    held = held_by(cut.state.model, cut.state.dataset)
    assert held[id(run_of(cut).standing)] == 8000
    cut.runs.go_on()
    tell(cut, standing_after(9), 5)
    cut.runs.finish(cut.state.model.weights.layers, 9.0, stopped=False, epoch=9)
    assert 8000 not in held_by(cut.state.model, cut.state.dataset).values()


def test_without_one_that_was_cut_nothing_goes_on() -> None:
    with pytest.raises(Refused, match="expected a training that ended before its last epoch, got none"):
        Session().runs.go_on()
