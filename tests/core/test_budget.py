"""The past of a session stays within its budget: the oldest steps go first, pinned trainings never by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.model.files.opening import open_model
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.model.save_model import save_model
from core.model.weights import Weights
from core.session import budget
from core.session.budget import STEP, UNCOUNTED, Held, Room, fitting, held_by, taken_by
from core.session.dials import DIALS
from core.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.session.state import State
    from core.session.trail import Trail

FEW = 300_000
"""Bytes that are allowed below: some trainings of a few hundred epochs."""


@pytest.fixture
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "BUDGET", FEW)
        patch.setattr(budget, "AT_LEAST", 0)
        yield


def train(session: Session, epochs: int) -> None:
    """Train as the engine would: so many epochs, each with weights of its own."""
    session.runs.start()
    told: list[dict[str, float | None]] = [{"loss": 1 / epoch, "val_loss": None} for epoch in range(1, epochs + 1)]
    stacked = tuple(
        tuple(np.repeat(array[np.newaxis], epochs, axis=0) for array in layer)
        for layer in session.state.model.weights.layers
    )
    session.runs.add_epochs(told, 1.0, range(1, epochs + 1), stacked)
    last = tuple(tuple(array[-1] for array in layer) for layer in stacked)
    session.runs.finish(last, 1.0, stopped=False, epoch=epochs)


def oldest(trail: Trail) -> int:
    """Return what the oldest step and what had not been counted yet may add."""
    return max((sum(step.held.values()) + STEP for step in trail.steps.undo), default=0)


HELD = st.lists(st.dictionaries(st.integers(0, 12), st.just(1000), max_size=4), max_size=12)


@given(HELD, HELD, st.dictionaries(st.integers(0, 12), st.just(1000), max_size=4), st.integers(0, 60_000))
def test_as_many_of_the_newest_steps_stay_as_fit(undo: list[Held], redo: list[Held], here: Held, allowed: int) -> None:
    stay = fitting(undo, redo, here, allowed)
    assert min(len(undo), 1) <= stay <= len(undo)
    kept = undo[len(undo) - stay :]
    assert taken_by([*kept, *redo], here) <= allowed or stay <= 1
    if stay < len(undo):
        assert taken_by([*undo[len(undo) - stay - 1 :], *redo], here) > allowed


@given(HELD, st.dictionaries(st.integers(0, 12), st.just(1000), max_size=4))
def test_an_array_counts_once_and_not_if_it_is_held_elsewhere(steps: list[Held], elsewhere: Held) -> None:
    arrays = {key for step in steps for key in step} - elsewhere.keys()
    assert taken_by(steps, elsewhere) == 1000 * len(arrays) + STEP * len(steps)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 9)),
        st.tuples(st.just("turn"), st.integers(0, len(DIALS) - 1)),
        st.tuples(st.just("train"), st.sampled_from([1, 40, 400])),
        st.tuples(st.just("undo"), st.integers(1, 3)),
        st.tuples(st.just("redo"), st.integers(1, 3)),
    ),
    max_size=40,
)


def act(session: Session, action: str, amount: int) -> None:
    match action:
        case "edit":
            session.set_number(0, 0, (0, 0), amount / 7)
        case "turn":
            session.turn(DIALS[amount], 1)
        case "train":
            train(session, amount)
        case "undo":
            for _ in range(amount):
                session.trail.undo()
        case _:
            for _ in range(amount):
                session.trail.redo()


@pytest.mark.usefixtures("few")
@given(ACTIONS)
def test_whatever_is_done_the_steps_fit_and_lead_back_to_what_was(actions: list[tuple[str, int]]) -> None:
    session = Session()
    states: dict[int, State] = {}
    for action, amount in actions:
        before = session.state
        done = len(before.done) + before.gone
        states[done] = before
        try:
            act(session, action, amount)
        except Refused:
            continue
        if action in ("undo", "redo"):
            # To go back and forth takes nothing away.
            assert session.state.gone == before.gone
        room = session.trail.room
        assert room.gone == session.state.gone
        assert room.taken <= FEW * (1 + UNCOUNTED) + oldest(session.trail) or len(session.state.done) <= 1
    while session.state.done:
        session.trail.undo()
        was = states[len(session.state.done) + session.state.gone]
        assert session.state.model.weights is was.model.weights
        assert session.state.dataset is was.dataset


@pytest.mark.usefixtures("few")
def test_hundreds_of_turned_settings_take_no_more_than_the_first_ones() -> None:
    session, taken = Session(), []
    for place in range(200):
        session.turn(DIALS[0], 1 if place % 2 else -1)
        train(session, 300)
        taken.append(session.trail.room.taken)
    assert session.state.gone > 300
    assert max(taken) <= FEW * (1 + UNCOUNTED) + oldest(session.trail)
    assert session.trail.undo().startswith("train")


@pytest.mark.usefixtures("few")
def test_pinned_trainings_stay_and_are_refused_when_they_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    train(session, 400)
    session.runs.pin("first")
    (first,) = session.state.pinned
    size = sum(held_by(first.model, first.dataset).values()) + STEP
    for _ in range(100):
        session.turn(DIALS[0], 1)
        session.turn(DIALS[0], -1)
        train(session, 400)
    assert session.state.gone
    assert session.state.pinned == (first,)
    monkeypatch.setattr(budget, "PINNED", size * 3 // 2)
    with pytest.raises(Refused, match=r"which would take 0\.\d of 0\.\d MB: let one go first \(v, then -\)"):
        session.runs.pin("second")
    session.runs.unpin(0)
    session.runs.pin("second")


def test_a_large_model_has_at_least_some_steps_and_one_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "BUDGET", 0)
    session = Session()
    session.new_network(chain_network(100, "100 tanh"))
    for value in range(40):
        session.set_number(0, 0, (0, 0), float(value))
    assert budget.AT_LEAST - 1 <= len(session.state.done) <= budget.AT_LEAST + 1
    monkeypatch.setattr(budget, "AT_LEAST", 0)
    session.set_number(0, 0, (0, 0), 0.5)
    assert len(session.state.done) == 1
    session.trail.undo()
    assert session.state.model.weights.layers[0][0][0, 0] == 39.0


def test_what_the_steps_take_is_said() -> None:
    assert Room(1, 2048, 64 << 20).in_words() == "1 step takes 0.0 of 64 MB"
    assert Room(12, 7 << 19, 64 << 20, 1).in_words() == "12 steps take 3.5 of 64 MB; 1 older one had to go"
    assert Room(1200, 64 << 20, 2000 << 20, 3).in_words() == "1,200 steps take 64 of 2,000 MB; 3 older ones had to go"
    assert Room(2, 3 << 20, 64 << 20, 0, 1 << 20, 2, 5 << 20).in_words() == (
        "2 steps take 3.0 of 64 MB, 1.0 of that what files have; 2 pinned take 5.0 of 256 MB"
    )


@pytest.mark.usefixtures("few")
def test_what_files_had_counts_with_the_steps_and_those_of_longest_ago_make_room() -> None:
    session = Session()
    session.new_network(chain_network(100, "100 tanh, 1 tanh"))
    one = sum(array.nbytes for layer in session.state.model.weights.layers for array in layer)
    for place in range(12):
        others = tuple(tuple(array + 1 for array in layer) for layer in session.state.model.weights.layers)
        session.set_weights("others", Weights(others))
        session.saved(session.state, Path(f"/somewhere/{place}.keras"))
        assert not session.state.unsaved
        room = session.trail.room
        assert room.files <= FEW / 2 + one and room.taken <= FEW * (1 + UNCOUNTED) + 2 * one
    assert [path.name for path in session.state.files][-1] == "11.keras"
    assert 2 <= len(session.state.files) < 12
    assert session.trail.room.files >= one * (len(session.state.files) - 1) // 2


def test_a_model_that_steps_lead_back_to_is_of_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "OF_FILES", 0)
    session, files = Session(), [tmp_path / f"{name}.keras" for name in "ab"]
    network = chain_network(2, "3 tanh, 1 tanh")
    for file in files:
        save_model(file, network, initial_weights(network, files.index(file)), None, None)
        session.open(open_model(file), file)
    for value in range(4):
        session.set_number(0, 0, (0, 0), float(value))
        session.saved(session.state, tmp_path / f"{value}.keras")
    while len(session.state.done) > 1:
        session.trail.undo()
    assert session.state.path == session.state.own_file == files[0] and not session.state.unsaved


@pytest.mark.usefixtures("few")
def test_what_is_pinned_is_said_to_take_what_it_takes() -> None:
    session = Session()
    train(session, 40)
    session.runs.pin("first")
    (first,) = session.state.pinned
    room = session.trail.room
    assert (room.pinned, room.pins) == (1, sum(held_by(first.model, first.dataset).values()) + STEP)
    assert room.in_words().endswith("; 1 pinned takes 0.0 of 256 MB")
