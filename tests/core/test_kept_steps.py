"""The steps of a session kept in a file of byhand's own: whole, checked when read, and within a budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import frozen
from core.data.dataset import PRESETS, DataFile, Dataset, SumRule, generate
from core.errors import Refused
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.session import kept_steps
from core.session.kept_steps import decode, encode, file_of, folder, keep, taken_up
from core.session.session import Session
from tests import graphs
from tests.core.journals import changed

if TYPE_CHECKING:
    from core.model.weights import Weights
    from core.session.trail import Step


def worked() -> Session:
    """A session with steps of several kinds, one of them undone."""
    session = Session()
    session.load_tutorial()
    session.set_number(0, 0, (1, 1), 2.5)
    session.use_preset(PRESETS[1])
    session.freeze(1)
    session.set_number(0, 1, (3,), -1.0)
    session.trail.undo()
    return session


def numbers(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def described(step: Step) -> tuple[object, ...]:
    model = step.model
    return (
        step.name,
        step.dataset.origin,
        step.dataset.points.tobytes(),
        model.network,
        numbers(model.initial),
        numbers(model.weights),
        model.archive,
        step.x.tolist(),
        step.recipe,
    )


def test_steps_come_back_as_they_were() -> None:
    steps = worked().trail.steps
    again = decode(encode(steps))
    assert list(map(described, again.undo)) == list(map(described, steps.undo))
    assert list(map(described, again.redo)) == list(map(described, steps.redo))
    assert len(again.undo) == 4
    assert len(again.redo) == 1


def of_a_file(weighted: bool) -> Session:
    """A session with two steps over the data of a file."""
    made = generate(SumRule(20, 2))
    weights = frozen(np.arange(20)) if weighted else None
    session = Session()
    rows = np.arange(20) * 3 if weighted else None
    session.take_data(Dataset(made.points, made.labels, DataFile("mine.csv", ("a", "b")), weights, file_rows=rows))
    session.set_number(0, 0, (1, 1), 2.5)
    session.set_number(0, 0, (1, 1), 3.5)
    return session


@pytest.mark.parametrize("weighted", [False, True])
def test_the_data_of_a_file_come_back_and_are_written_once(weighted: bool) -> None:
    steps = of_a_file(weighted).trail.steps
    again = decode(encode(steps))
    assert list(map(described, again.undo)) == list(map(described, steps.undo))
    first, second = (step.dataset for step in again.undo[1:])
    assert first is second
    assert (first.weights is not None) == weighted
    if first.weights is not None:
        assert first.weights.tolist() == list(range(20))
        assert first.row_in_words(19) == "row 20 (58 in the file)"


@pytest.mark.parametrize(
    "change",
    [
        {"points": 0},
        {"labels": 99},
        {"labels": 2},
        {"weights": 1},
        {"file_rows": 3},
        {"shape": [7]},
        {"classes": ["a"]},
    ],
)
def test_data_that_do_not_fit_together_are_refused(change: dict[str, object]) -> None:
    data = encode(of_a_file(True).trail.steps)
    with pytest.raises((ValueError, IndexError)):
        decode(changed(data, "Data", lambda part: part.update(change)))


def test_what_steps_share_is_written_once() -> None:
    session = Session()
    session.load_tutorial()
    few = len(encode(session.trail.steps))
    for place in range(5):
        session.set_number(0, 1, (place,), float(place))
    assert len(encode(session.trail.steps)) - few < 5 * 1_000
    again = decode(encode(session.trail.steps))
    assert again.undo[3].model.initial is again.undo[4].model.initial


def test_they_are_found_by_the_weights_that_they_led_to() -> None:
    session = worked()
    model = session.state.model
    keep(session.trail.steps, model.network, model.weights, "mine.keras")
    found = taken_up(model.network, model.weights)
    assert found is not None and found.saved_as == "mine.keras"
    assert [step.name for step in found.undo] == list(session.state.done)
    other = model.weights.with_number(0, 0, (0, 0), 123.0)
    assert taken_up(model.network, other) is None


@given(st.binary(max_size=200))
def test_a_file_of_something_else_is_no_steps(data: bytes) -> None:
    model = Session().state.model
    path = file_of(model.network, model.weights)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    try:
        assert taken_up(model.network, model.weights) is None
    finally:
        path.unlink()


@pytest.mark.parametrize("change", [{"model": 99}, {"model": -1}, {"x": 0}, {"x": 99}, {"data": 5}, {"recipe": 3}])
def test_a_step_that_does_not_fit_together_is_refused(change: dict[str, object]) -> None:
    data = encode(worked().trail.steps)
    with pytest.raises((Refused, LookupError)):
        decode(changed(data, "Step", lambda part: part.update(change)))


@pytest.mark.parametrize(
    "change", [{"network": 99}, {"weights": 0}, {"initial": 1 << 60}, {"file": 3}, {"training": 2}]
)
def test_a_model_that_does_not_fit_together_is_refused(change: dict[str, object]) -> None:
    data = encode(worked().trail.steps)
    with pytest.raises((Refused, LookupError)):
        decode(changed(data, "Model", lambda part: part.update(change)))


@pytest.mark.parametrize("config", ["[" * 100_000, None], ids=["too deep", "without a length"])
def test_steps_of_a_network_that_is_none_are_not_taken_up(
    config: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    model = Session().state.model
    other = {"config": config or graphs.network_of(graphs.recurrent).config, "lengths": []}
    path = file_of(model.network, model.weights)
    path.parent.mkdir(parents=True)
    data = encode(worked().trail.steps)
    path.write_bytes(changed(data, "Description", lambda part: part.update(network=other)))
    assert taken_up(model.network, model.weights) is None


def opened(value: float) -> OpenedModel:
    network = chain_network(2, "1 tanh")
    return OpenedModel(network, initial_weights(network, 0).with_number(0, 0, (0, 0), value), None, (), b"PK")


def test_what_is_kept_begins_where_a_file_was_opened_last() -> None:
    session = worked()
    session.open(opened(1.0), Path("first.keras"))
    session.set_number(0, 0, (1, 0), 7.0)
    session.open(opened(2.0), Path("second.keras"))
    session.set_number(0, 1, (0,), 3.0)
    session.set_number(0, 1, (0,), 4.0)
    session.trail.undo()
    model = session.state.model
    keep(session.trail.steps, model.network, model.weights, "mine.keras")
    found = taken_up(model.network, model.weights)
    assert found is not None
    assert [step.name for step in found.undo] == ["output b[1] = 3"]
    assert [step.name for step in found.redo] == ["output b[1] = 4"]
    assert found.beginning == "open second.keras"
    later = Session()
    later.open(replace(opened(0.0), weights=model.weights), Path("mine.keras"), found)
    later.trail.undo()
    assert numbers(later.state.model.weights) == numbers(opened(2.0).weights)
    assert later.state.done == () and later.state.path == Path("mine.keras")


def test_an_opening_that_was_undone_is_not_kept_either() -> None:
    session = Session()
    session.load_tutorial()
    session.set_number(0, 0, (0, 0), 1.0)
    session.open(opened(1.0), Path("first.keras"))
    session.trail.undo()
    session.trail.undo()
    kept = session.trail.steps.since_opened()
    assert [step.name for step in kept.undo] == ["the tutorial's trained weights"]
    assert [step.name for step in kept.redo] == ["hidden w[1, 1] = 1"]
    assert kept.beginning == ""


def test_the_oldest_give_way_to_the_budget(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    session = Session()
    for place in range(20):
        session.set_layer(0, [np.full((2, 5), place, np.float32), np.full(5, place, np.float32)])
    model = session.state.model
    monkeypatch.setattr(kept_steps, "MOST_BYTES", len(encode(session.trail.steps)) // 2)
    keep(session.trail.steps, model.network, model.weights, "mine.keras")
    found = taken_up(model.network, model.weights)
    assert found is not None
    assert 1 <= len(found.undo) < 20
    assert numbers(found.undo[-1].model.weights) == numbers(session.trail.steps.undo[-1].model.weights)
    for _ in range(3):
        session.set_number(0, 0, (0, 0), float(np.random.default_rng(0).random()))
        keep(session.trail.steps, session.state.model.network, session.state.model.weights, "mine.keras")
    files = list(folder().glob("*.steps"))
    assert sum(file.stat().st_size for file in files) <= kept_steps.MOST_BYTES


def test_the_folder_follows_the_environment(tmp_path: Path) -> None:
    assert folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "byhand"
    assert folder({"XDG_STATE_HOME": "not/absolute"}).parts[-3:] == (".local", "state", "byhand")
