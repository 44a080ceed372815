"""A training that was cut and goes on comes to what one comes to that was never cut: bit for bit."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from core.data.dataset import SumRule, generate
from core.engine.protocol import (
    EarlyStopping,
    Paused,
    Position,
    Progress,
    Stop,
    StopRule,
    Tensor,
    Train,
    Trained,
    to_arrays,
    to_tensors,
)
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.normalization import BatchNormalization
from core.model.initial import initial_weights
from core.model.network import Network
from core.training.recipe import Recipe
from core.training.schedules import read_schedule
from core.training.standing import Numbers, Standing

if TYPE_CHECKING:
    from core.engine.client import EngineClient
    from core.engine.protocol import EpochMetrics

EPOCHS = 6
DATA = generate(SumRule(60))
LAYERS = (Dense("hidden", 5, "tanh"), BatchNormalization("norm"), Dropout("drop", 0.5), Dense("output", 1, "tanh"))
NETWORK = Network.chain(2, LAYERS)
RECIPES = {
    "adam, falling": Recipe(epochs=EPOCHS, schedule=read_schedule("cosine_decay decay_steps 8"), learning_rate=0.05),
    "copies of weights": Recipe(epochs=EPOCHS, optimizer="schedulefreeadamw", learning_rate=0.05),
}
FALLING = RECIPES["adam, falling"]
_ids = itertools.count(70_000)


def train(recipe: Recipe, rule: StopRule | None = None, until: Position | None = None) -> Train:
    layers = to_tensors(initial_weights(NETWORK, 0).layers)
    data = Tensor.of(DATA.points), Tensor.of(DATA.labels)
    return Train(next(_ids), NETWORK, layers, recipe, *data, until=until, stop_rule=rule)


def ended(engine: EngineClient, command: Train) -> tuple[list[EpochMetrics], Trained, list[Progress]]:
    """Return what a training told of its epochs, and its end; one that pauses is stopped there."""
    told: list[Progress] = []
    paused = engine.train_until(command, told.append)
    end = engine.ask(Stop(command.id)) if isinstance(paused, Paused) else paused
    assert isinstance(end, Trained)
    return [epoch for progress in told for epoch in progress.epochs], end, told


def going_on(command: Train, told: list[Progress], standing: Standing | None) -> Train:
    """Return the command that goes on after the last epoch told, as ``standing`` was sent and kept."""
    layers = to_tensors([[stack[-1] for stack in stacks] for stacks in to_arrays(told[-1].weights)])
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(standing), type=Standing)
    return msgspec.structs.replace(command, id=next(_ids), layers=layers, until=None, standing=kept)


@pytest.mark.parametrize("which", RECIPES)
def test_wherever_it_was_cut(engine: EngineClient, which: str) -> None:
    recipe = RECIPES[which]
    every, whole, _ = ended(engine, train(recipe))
    assert whole.standing is None, "nothing is left of it"
    # Single batches are another program, which takes seconds to compile.
    for epoch, batch in itertools.product(range(1, EPOCHS), (0, 1) if recipe is FALLING else (0,)):
        command = train(recipe, until=Position(epoch, batch))
        before, cut, told = ended(engine, command)
        assert cut.standing is not None
        assert (len(before), cut.standing.epoch) == (epoch, epoch)
        assert told[-1].standing is not None
        assert (told[-1].standing.held, told[-1].standing.stream) == (cut.standing.held, cut.standing.stream), (
            "an engine that dies has told it before"
        )
        # Another training on the same program comes between.
        ended(engine, train(msgspec.structs.replace(recipe, seed=7, epochs=2)))
        after, end, _ = ended(engine, going_on(command, told, cut.standing))
        assert before + after == every
        assert (end.layers, end.epoch) == (whole.layers, EPOCHS)


@pytest.mark.parametrize("patience", [1, 2])
def test_what_early_stopping_counted_goes_on(engine: EngineClient, patience: int) -> None:
    recipe = msgspec.structs.replace(FALLING, epochs=60)
    rule = StopRule(EarlyStopping("loss", patience=patience, restore_best_weights=True))
    every, whole, _ = ended(engine, train(recipe, rule))
    assert 2 < len(every) < 60
    for epoch in range(1, len(every)):
        command = train(recipe, rule, Position(epoch))
        before, cut, told = ended(engine, command)
        after, end, _ = ended(engine, going_on(command, told, cut.standing))
        assert before + after == every
        assert (end.layers, end.reason, end.epoch) == (whole.layers, whole.reason, whole.epoch)


def test_one_that_a_rule_ended_within_a_call_goes_on_from_there(engine: EngineClient) -> None:
    recipe = FALLING
    every, whole, _ = ended(engine, train(recipe))
    target = sorted(epoch.loss for epoch in every[:3])[0]
    before, cut, told = ended(engine, command := train(recipe, StopRule(metric="loss", target=target)))
    assert cut.reason
    assert cut.standing is not None and cut.standing.heard is None
    after, end, _ = ended(engine, msgspec.structs.replace(going_on(command, told, cut.standing), stop_rule=None))
    assert before + after == every
    assert end.layers == whole.layers


def test_what_another_optimizer_held_is_refused(engine: EngineClient) -> None:
    command = train(FALLING, until=Position(1))
    _, cut, told = ended(engine, command)
    assert cut.standing is not None
    foreign = msgspec.structs.replace(cut.standing, held=(*cut.standing.held, Numbers.of(np.zeros(2, np.float32))))
    with pytest.raises(Refused, match="expected what this model's optimizer holds"):
        engine.ask(going_on(command, told, foreign))


def test_where_no_training_can_have_stood_is_refused(engine: EngineClient) -> None:
    command = train(FALLING, StopRule(EarlyStopping("loss", patience=2, restore_best_weights=True)), Position(2))
    _, cut, told = ended(engine, command)
    assert cut.standing is not None and cut.standing.heard is not None and cut.standing.heard.restored
    change = msgspec.structs.replace
    short = change(cut.standing.held[0], data=b"")
    fewer = change(cut.standing.heard, restored=cut.standing.heard.restored[1:])
    for other in (
        change(cut.standing, epoch=-5),
        change(cut.standing, epoch=EPOCHS),
        change(cut.standing, seconds=float("nan")),
        change(cut.standing, held=(short, *cut.standing.held[1:])),
        change(cut.standing, heard=fewer),
        change(cut.standing, stream=change(cut.standing.stream, data=b"")),
        change(cut.standing, stream=cut.standing.held[0]),
    ):
        with pytest.raises(Refused, match="expected where this training stood, to go on with it, got another's"):
            engine.ask(going_on(command, told, other))
