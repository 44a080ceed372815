"""The line of programs to compile: what nobody waits for any more leaves it, and comes again if it is asked for."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from core.engine import programs as module
from core.engine import training as leading
from core.engine.checks import weights_to_train
from core.engine.compiled import Batches, Epochs
from core.engine.programs import Fed, Programs
from core.engine.protocol import Compiling, Stop, Trained
from core.engine.training import Trainings
from core.training.recipe import Recipe
from tests.tasks import reading
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from core.engine.inbox import Inbox
    from core.engine.programs import Key
    from core.engine.protocol import Event
    from tests.engine.conftest import Bench


class Compiler:
    """Stands in for the compiler: notes the losses that it is given, and holds the first until it is let go."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self.began, self.let_go = threading.Event(), threading.Event()

    def make(self, key: Key, *_: object) -> SimpleNamespace:
        self.losses.append(key.loss)
        self.began.set()
        self.let_go.wait(PATIENCE)
        return SimpleNamespace(method="xla")


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Compiler]:
    made = Compiler()
    monkeypatch.setattr(module, "_make", made.make)
    yield made
    made.let_go.set()


def fed(loss: str) -> Fed:
    return Fed(60, reading(loss, 1))


def get(programs: Programs, bench: Bench, loss: str) -> Future[Any]:
    return programs.get(Epochs, bench.network, Recipe(loss=loss), fed(loss))


class Impatient:
    """Stands in for the inbox: empty when the training begins, a stop in it while that waits for its program."""

    def __init__(self, identity: int, patience: int = 0) -> None:
        self._left: list[list[Stop]] = [[] for _ in range(1 + patience)] + [[Stop(identity)]]

    def for_training(self) -> list[Stop]:
        return self._left.pop(0)


def stopped(programs: Programs, bench: Bench, loss: str) -> Trained:
    """Begin to train, and stop while the program is waited for."""
    train = bench.train(Recipe(loss=loss))
    told: list[Event] = []
    inbox = cast("Inbox", Impatient(train.id))
    ended = Trainings(programs, inbox, told.append).train(train, weights_to_train(train).layers)
    assert isinstance(ended, Trained) and ended.stopped and not told
    return ended


def test_a_training_that_waits_for_its_program_says_so(
    bench: Bench, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "TELLS_OF_COMPILING", 0.0)
    train = bench.train(Recipe())
    told: list[Any] = []
    inbox = cast("Inbox", Impatient(train.id, patience=2))
    Trainings(Programs(), inbox, told.append).train(train, weights_to_train(train).layers)
    assert [type(one) for one in told] == [Compiling] * 3
    assert [one.seconds for one in told] == sorted(one.seconds for one in told)


@pytest.mark.parametrize(("quick", "losses"), [(60.0, ["hinge", "hinge"]), (0.0, ["hinge"])])
def test_only_after_a_quick_program_another_follows_in_case_it_is_wanted(
    bench: Bench, compiler: Compiler, monkeypatch: pytest.MonkeyPatch, quick: float, losses: list[str]
) -> None:
    monkeypatch.setattr(module, "QUICK", quick)
    programs = Programs()
    compiler.let_go.set()
    programs.prepare(bench.network, Recipe(), fed("hinge"), lambda *_: None)
    # Once the compiler's thread gets to the first, what follows the program is in its line; then that has been made.
    for _ in range(2):
        programs._compiler.submit(int).result(PATIENCE)
    assert compiler.losses == losses


def test_of_several_trainings_stopped_in_line_only_what_is_under_way_is_compiled(
    bench: Bench, compiler: Compiler
) -> None:
    programs = Programs()
    stopped(programs, bench, "hinge")
    assert compiler.began.wait(PATIENCE)
    for loss in ("huber", "log_cosh"):
        stopped(programs, bench, loss)
    last = get(programs, bench, "poisson")
    compiler.let_go.set()
    assert last.result(PATIENCE).method == "xla"
    assert compiler.losses == ["hinge", "poisson"]
    assert get(programs, bench, "huber").result(PATIENCE).method == "xla", "asked for again, it is compiled after all"


def test_a_preparation_that_is_given_up_is_answered(bench: Bench, compiler: Compiler) -> None:
    programs = Programs()
    answers: list[tuple[str, BaseException | None]] = []
    get(programs, bench, "hinge")
    assert compiler.began.wait(PATIENCE)
    programs.prepare(
        bench.network, Recipe(loss="huber"), fed("huber"), lambda method, _, error: answers.append((method, error))
    )
    assert stopped(programs, bench, "huber").method == ""
    ((method, error),) = answers
    assert method == "" and isinstance(error, CancelledError)


def test_what_was_prepared_gives_way_to_other_settings_and_not_to_its_own(bench: Bench, compiler: Compiler) -> None:
    programs = Programs()
    told: list[str] = []

    def prepare(loss: str) -> None:
        programs.prepare(
            bench.network, Recipe(loss=loss), fed(loss), lambda method, *_: told.append(f"{loss}: {method}")
        )

    prepare("hinge")
    assert compiler.began.wait(PATIENCE)
    prepare("huber")
    prepare("log_cosh")
    assert told == ["huber: "]
    wanted = get(programs, bench, "log_cosh")
    compiler.let_go.set()
    assert wanted.result(PATIENCE).method == "xla"
    last = programs.get(Batches, bench.network, Recipe(loss="log_cosh"), fed("log_cosh"))
    assert last.result(PATIENCE).method == "xla"
    assert told == ["huber: ", "hinge: xla", "log_cosh: xla"]
    assert set(compiler.losses) == {"hinge", "log_cosh"}
