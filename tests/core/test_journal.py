"""The journal: what a session has comes back as it was, from whatever of it reached the disk."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import frozen
from core.data.dataset import PRESETS, DataFile, Dataset, generate
from core.data.editing import shuffled, with_noise, without_rows
from core.data.makers import SumRule
from core.engine.stream import stand_of
from core.errors import Refused
from core.journal.reading import ENDED, Reader, find
from core.journal.records import MAGIC, framed, records
from core.journal.writing import Moment, Writer
from core.model.files.opening import OpenedModel
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.saving import Stamp
from core.session.dials import DIALS
from core.session.session import Session
from core.training.standing import Heard, Numbers, Standing
from tests.core.journals import changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.data.dataset import Dataset as Data
    from core.model.weights import Weights
    from core.session.state import Model, Run, State
    from core.session.trail import Step, Steps

CONTENT = b"PK" + bytes(range(256)) * 8
MADE = generate(SumRule(20, 2))
FILE = Dataset(MADE.points, MADE.labels, DataFile("mine.csv", ("a", "b")), file_rows=np.arange(20) * 3)


def opened(session: Session) -> None:
    """A model whose weights stand in its file, as those of most files do."""
    network = chain_network(2, "9 tanh, 1 tanh")
    place, layers = 2, []
    for arrays in initial_weights(network, 0).layers:
        found = []
        for array in arrays:
            found.append(np.frombuffer(CONTENT, "<f4", array.size, place).reshape(array.shape))
            place += array.nbytes
        layers.append(found)
    weights = type(session.state.model.weights).for_network(network, layers)
    model = OpenedModel(network, weights, None, (), CONTENT, stamp=Stamp(1, 2, 3))
    session.open(model, Path("/somewhere/mine.keras"))


def trained(session: Session, epochs: int, ends: bool = True) -> None:
    session.runs.start()
    come_to(session, 1, epochs, ends)


def went_on(session: Session) -> None:
    run = session.runs.go_on()
    come_to(session, run.since + 1, run.since + 1, ends=True)


def come_to(session: Session, first: int, epochs: int, ends: bool) -> None:
    for epoch in range(first, epochs + 1):
        weights = [[array + np.float32(epoch) for array in one] for one in session.state.model.weights.layers]
        numbers = {"loss": 1.0 / epoch, "val_loss": None, "accuracy": float("nan") if epoch == 2 else 0.5}
        stacked = tuple(tuple(array[np.newaxis] for array in one) for one in weights)
        held = Numbers.of(np.arange(epoch)), Numbers.of(np.float32(epoch))
        heard = None if epoch == 1 else Heard(float("-inf"), epoch, None, held[1:])
        standing = Standing(epoch, float(epoch), 0.5, held, stand_of(np.random.default_rng(epoch)), heard)
        session.runs.add_epochs([numbers], float(epoch), [epoch], stacked, "xla", standing)
    if ends:
        last = session.state.model.weights.layers
        session.runs.finish(last, 9.0, stopped=True, epoch=epochs, method="xla", reason="a rule")


def turned(name: str) -> Callable[[Session], None]:
    dial = next(one for one in DIALS if name in one.name)
    return lambda session: session.turn(dial, 1)


DEEDS: dict[str, Callable[[Session], object]] = {
    "edit": lambda session: session.set_number(0, 0, (0, 0), 2.5),
    "edit to NaN": lambda session: session.set_number(0, 0, (1, 0), float("nan")),
    "edit to -0": lambda session: session.set_number(0, 0, (1, 0), -0.0),
    "layer": lambda session: session.set_layer(1, [a * 3 for a in session.state.model.weights.layers[1]]),
    "freeze": lambda session: session.freeze(0),
    "train": lambda session: trained(session, 3),
    "train on": lambda session: trained(session, 2),
    "go on": went_on,
    "pin": lambda session: session.runs.pin(f"run {len(session.state.pinned)}"),
    "return": lambda session: session.runs.return_to(0) if session.state.pinned else None,
    "back in time": lambda session: session.runs.go_to_epoch(1),
    "units": turned("units"),
    "rate": turned("rate"),
    "data file": lambda session: session.take_data(FILE),
    "shuffle": lambda session: session.take_edited(shuffled(session.state.dataset, 1)),
    "noise": lambda session: session.take_edited(with_noise(session.state.dataset, 0.1, 2)),
    "fewer rows": lambda session: session.take_edited(without_rows(session.state.dataset, [1, 2])),
    "other data": lambda session: session.take_data(generate(SumRule(30, 2, 0.4, seed=3))),
    "preset": lambda session: session.use_preset(PRESETS[1]),
    "open": opened,
    "saved": lambda session: session.saved(session.state, Path("/somewhere/other.keras"), Stamp(4, 5, 6)),
    "data saved": lambda session: session.data_saved(session.state.dataset),
    "x": lambda session: session.set_x([0.25] * session.state.model.network.inputs),
    "row": lambda session: session.take_row(3),
    "undo": lambda session: session.trail.undo(),
    "redo": lambda session: session.trail.redo(),
}


def do(session: Session, deed: str) -> None:
    with contextlib.suppress(Refused), np.errstate(over="ignore"):
        DEEDS[deed](session)


def numbers(weights: Weights) -> list[bytes]:
    return [array.tobytes() for arrays in weights.layers for array in arrays]


def of_run(run: Run | None) -> object:
    if run is None:
        return None
    stacked = [array.tobytes() for one in run.kept.stacked for array in one]
    columns = {name: column.tobytes() for name, column in run.history.columns.items()}
    how = run.recipe, run.seconds, run.running, run.stopped, run.method, run.reason, run.compiling
    return (
        run.kept.epochs.tolist(),
        stacked,
        columns,
        how,
        run.standing,
        run.since,
        None if run.dataset is None else of_data(run.dataset),
    )


def of_data(data: Data) -> object:
    arrays = [
        None if one is None else one.tobytes() for one in (data.points, data.labels, data.weights, data.file_rows)
    ]
    return data.origin, arrays, data.classes, data.shape


def of_model(model: Model) -> object:
    untrained = model.weights is model.initial
    archive = None if model.archive is None else bytes(model.archive)
    held = numbers(model.initial), numbers(model.weights), of_run(model.run), model.epoch
    return model.network, held, archive, untrained


def of_step(step: Step) -> object:
    moved = None if step.moved is None else ("rows", None if step.moved.rows is None else step.moved.rows.tolist())
    held = of_data(step.dataset), of_model(step.model), step.x.tolist(), step.recipe
    return step.name, held, step.path, step.opened, moved


def everything(state: State, steps: Steps) -> dict[str, object]:
    return {
        "model": of_model(state.model),
        "data": of_data(state.dataset),
        "recipe": state.recipe,
        "x": (state.x.tolist(), state.row, state.given),
        "path": state.path,
        "files": {
            path: (one.network, numbers(one.weights), one.stamp, one.recipe) for path, one in state.files.items()
        },
        "in hand as a file has it": [one.weights is state.model.weights for one in state.files.values()],
        "before": None if state.before is None else of_model(state.before),
        "previous": of_run(state.previous),
        "saved data": None if state.saved_data is None else of_data(state.saved_data),
        "pinned": [(one.name, of_data(one.dataset), of_model(one.model), of_run(one.run)) for one in state.pinned],
        "names": (state.done, state.undone, state.unsaved, state.unsaved_data),
        "steps": (list(map(of_step, steps.undo)), list(map(of_step, steps.redo)), steps.beginning, steps.saved_as),
    }


class Written:
    """A journal in memory."""

    def __init__(self) -> None:
        self.pieces: list[Any] = [MAGIC]
        self.writer = Writer(self.pieces.extend)

    def add(self, session: Session, beside: dict[str, Any] | None = None) -> None:
        self.writer.now(Moment(session.state, session.trail.steps, session.state.path, "something", beside or {}))

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def read(data: bytes) -> tuple[State, Steps]:
    return Reader(find(memoryview(data))).state()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.booleans()), max_size=14))
def test_whatever_was_done_comes_back_as_it_was_whenever_it_was_written(deeds: list[tuple[str, bool]]) -> None:
    session, written = Session(budget=2_000), Written()
    for deed, writes in deeds:
        do(session, deed)
        if writes:
            written.add(session)
    written.add(session)
    state, steps = read(written.data)
    assert everything(state, steps) == everything(session.state, session.trail.steps)
    again = Session()
    again.trail.become(state, steps)
    while again.state.done and session.state.done:
        again.trail.undo()
        session.trail.undo()
        assert everything(again.state, again.trail.steps) == everything(session.state, session.trail.steps)


class EarlierStanding(msgspec.Struct, frozen=True, weakref=True):
    """A standing before it had where the stream of orders stood."""

    epoch: int
    seconds: float
    compiling: float
    held: tuple[Numbers, ...]

    size = Standing.size
    heard: None = None


def test_a_standing_of_an_earlier_version_costs_the_session_nothing_else() -> None:
    session, written = Session(), Written()
    do(session, "train")
    run = session.state.model.run
    assert run is not None and run.standing is not None
    before: Any = EarlierStanding(run.standing.epoch, 1.0, 0.5, run.standing.held)
    session.trail.state = replace(session.state, model=replace(session.state.model, run=replace(run, standing=before)))
    written.add(session)
    state, steps = read(written.data)
    run = state.model.run
    assert run is not None and run.standing is None
    assert numbers(state.model.weights) == numbers(session.state.model.weights)
    assert (state.done, len(steps.undo)) == (session.state.done, len(session.trail.steps.undo))


@pytest.fixture(scope="module")
def three() -> tuple[bytes, list[tuple[int, dict[str, object]]]]:
    """A journal of three moments over the data of a file, and where each ends and what it is."""
    session, written, ends = Session(), Written(), []
    do(session, "data file")
    for deed in ("open", "edit", "train"):
        do(session, deed)
        written.add(session)
        ends.append((len(written.data), everything(session.state, session.trail.steps)))
    return written.data, ends


def test_a_torn_end_is_dropped_and_the_rest_is_read(three: tuple[bytes, list[tuple[int, dict[str, object]]]]) -> None:
    data, ends = three
    for cut in range(len(data)):
        found = find(memoryview(data[:cut]))
        whole = [held for end, held in ends if end <= cut]
        assert (found.now is not None) == bool(whole), cut
    for cut in (*(end for end, _ in ends), *(end + 9 for end, _ in ends), ends[1][0] - 1):
        (*_, last) = [held for end, held in ends if end <= min(cut, len(data))]
        assert everything(*read(data[:cut])) == last


@given(st.data())
def test_no_damage_is_taken_for_a_session(
    three: tuple[bytes, list[tuple[int, dict[str, object]]]], draw: st.DataObject
) -> None:
    data, ends = three
    place = draw.draw(st.integers(0, len(data) - 1))
    damaged = bytearray(data)
    damaged[place] ^= draw.draw(st.integers(1, 255))
    found = find(memoryview(bytes(damaged)))
    whole = [held for end, held in ends if end <= place]
    assert (found.now is not None) == bool(whole)
    if whole:
        assert everything(*Reader(found).state()) == whole[-1]


KINDS = ("Array", "Weights", "Description", "Data", "Training", "Model", "Step", "Steps", "Now", "OpenedFile", "Within")


@settings(max_examples=150)
@given(st.data())
def test_a_part_that_names_others_is_refused_or_read_but_never_ends_otherwise(
    three: tuple[bytes, list[tuple[int, dict[str, object]]]], draw: st.DataObject
) -> None:
    data, _ = three
    kind = draw.draw(st.sampled_from(KINDS))

    def change(part: dict[str, Any]) -> None:
        name = draw.draw(st.sampled_from(sorted(part)))
        others = st.sampled_from([0, 1, 5, 7, 1 << 40, None, [], [0], [[0]], "", "x", True, -1, 1.5, {"loss": 3}])
        part[name] = draw.draw(others)

    found = find(memoryview(changed(data, kind, change, draw.draw(st.booleans()))))
    with contextlib.suppress(Refused, LookupError, ValueError, OverflowError, MemoryError):
        Reader(found).state()


def test_an_edit_of_a_large_layer_is_written_as_what_changed() -> None:
    session, written = Session(), Written()
    session.new_network(chain_network(2, "1000 tanh, 300 tanh, 1 tanh"))
    written.add(session)
    before = len(written.data)
    session.set_number(1, 0, (999, 299), 2.0)
    written.add(session)
    assert len(written.data) - before < 2_000
    assert everything(*read(written.data)) == everything(session.state, session.trail.steps)


def test_a_thousand_edits_are_read_back() -> None:
    session, written = Session(), Written()
    session.new_network(chain_network(2, "50 tanh, 1 tanh"))
    for place in range(1000):
        session.set_number(0, 0, (place % 2, place % 50), float(place))
        if place % 10 == 0:
            written.add(session)
    written.add(session)
    state, steps = read(written.data)
    assert numbers(state.model.weights) == numbers(session.state.model.weights)
    assert len(steps.undo) == 1001


def test_what_stands_in_the_opened_file_is_named_not_written_again() -> None:
    session, written = Session(), Written()
    opened(session)
    written.add(session)
    kinds = [type(part).__name__ for part in find(memoryview(written.data)).held]
    # The tutorial's own, from before it was opened, are not in the file.
    assert kinds.count("WithinPart") == 4 and kinds.count("OpenedFilePart") == 1


def test_a_training_under_way_comes_back_as_one_that_ended_there() -> None:
    session, written = Session(), Written()
    session.set_number(0, 0, (0, 0), 1.0)
    trained(session, 3, ends=False)
    written.add(session)
    state, steps = read(written.data)
    run = state.model.run
    assert run is not None and not state.training and run.epochs == 3 and run.stopped and run.reason == ENDED
    assert state.model.epoch == 3 and numbers(state.model.weights) == numbers(session.state.model.weights)
    assert steps.undo[-1].name == "train 3 of 150 epochs"
    assert state.done[-1] == "train 3 of 150 epochs"


def test_one_that_went_on_and_came_to_no_epoch_is_the_one_that_was_cut() -> None:
    session, written = Session(), Written()
    trained(session, 3)
    before = everything(session.state, session.trail.steps)
    session.runs.go_on()
    written.add(session)
    session.runs.abandon()
    assert everything(*read(written.data)) == before == everything(session.state, session.trail.steps)


def test_one_that_had_come_to_no_epoch_never_was() -> None:
    session, written = Session(), Written()
    session.set_number(0, 0, (0, 0), 1.0)
    session.runs.start()
    written.add(session)
    state, steps = read(written.data)
    assert state.model.run is None and len(steps.undo) == 1 and state.done == steps_names(steps)
    assert numbers(state.model.weights) == numbers(session.state.model.weights)


def steps_names(steps: Steps) -> tuple[str, ...]:
    return tuple(step.name for step in steps.undo)


def test_what_is_kept_beside_the_session_comes_back() -> None:
    session, written = Session(), Written()
    written.add(session, {"practice": lambda: b"half done"})
    now = find(memoryview(written.data)).now
    assert now is not None and now.beside == {"practice": b"half done"} and now.unsaved == "something"


def test_a_large_file_is_named_and_one_that_changed_since_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.journal.writing.LARGE_FILE", 100)
    path = tmp_path / "mine.keras"
    path.write_bytes(CONTENT)
    session, written = Session(), Written()
    opened(session)
    session.trail.become(replace(session.state, path=path), session.trail.steps)
    written.add(session)
    assert CONTENT not in written.data and not written.writer.outdated
    assert everything(*read(written.data)) == everything(session.state, session.trail.steps)
    path.write_bytes(CONTENT[::-1])
    assert written.writer.outdated
    with pytest.raises(Refused, match="put the file back"):
        read(written.data)
    # Written anew, it is kept itself.
    anew = Written()
    anew.add(session)
    assert CONTENT in anew.data
    assert everything(*read(anew.data)) == everything(session.state, session.trail.steps)


@given(st.lists(st.tuples(st.binary(max_size=40), st.lists(st.binary(max_size=30), max_size=3)), max_size=6))
def test_records_come_back(given_: list[tuple[bytes, list[bytes]]]) -> None:
    data = MAGIC + b"".join(b"".join(framed(part, bulk)) for part, bulk in given_)
    found = [(bytes(part), bytes(bulk)) for part, bulk, _ in records(memoryview(data))]
    assert found == [(part, b"".join(bulk)) for part, bulk in given_]


def test_data_that_are_edited_are_written_as_what_changed() -> None:
    points = frozen(np.arange(40_000).reshape(-1, 2))
    session, written = Session(), Written()
    session.take_data(Dataset(points, points[:, :1], DataFile("large.csv")))
    written.add(session)
    before = len(written.data)
    moved = points.copy()
    moved[7, 1] = -1
    session.take_data(Dataset(frozen(moved), points[:, :1], DataFile("large.csv")))
    written.add(session)
    assert len(written.data) - before < 4_000
    assert everything(*read(written.data)) == everything(session.state, session.trail.steps)
