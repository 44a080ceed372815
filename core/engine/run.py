"""Run: one training and where it stands. It advances as far as a single call may take, and can wait and go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.engine.compiled import Batches, Epochs, tensors
from core.engine.keras_model import metrics_of, set_learning_rate
from core.engine.programs import SECONDS_A_CALL, Fed, in_whole_epochs, rows_of, sizes_of
from core.engine.protocol import Position
from core.engine.stopping import Judge
from core.engine.stream import go_on_from, stand_of
from core.engine.trouble import Broken, first_broken_layer
from core.training.standing import Numbers, Standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from typing import Any, TypeVar

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.engine.compiled import Program, State
    from core.engine.programs import Programs
    from core.engine.protocol import EpochMetrics, Train
    from core.model.weights import LayerArrays

    P = TypeVar("P", bound=Program)
    Order = npt.NDArray[np.int64]

MAX_COPY = 1 << 26
"""Bytes of weights above which no copy is made before every call; a layer whose numbers break is not named then."""


class Finished(NamedTuple):
    """Epochs that have ended: their numbers, and every array of every layer stacked, of shape (epochs, ...)."""

    metrics: list[EpochMetrics]
    weights: list[KerasArray]


class _Order(NamedTuple):
    """The ``rows`` of an epoch in the order that it takes them in, and where the ``stream`` stands behind it."""

    rows: Order
    stream: Numbers


class _End(NamedTuple):
    """All that there was at the end of ``epoch``; ``held`` takes of it what stands beside the weights."""

    epoch: int
    stream: Numbers
    state: State
    held: Callable[[State], list[npt.NDArray[Any]]]


class _Breach(NamedTuple):
    """A batch whose loss is not finite, and how to get to it: from ``state``, train ``orders`` up to ``batch``."""

    state: State | None
    orders: list[Order]
    first: int
    batch: int


class Run:
    """One training. ``at`` is where it stands; ``wait`` gets a program once it is compiled."""

    def __init__(self, command: Train, layers: tuple[LayerArrays, ...], programs: Programs) -> None:
        points, labels, sample_weights = command.points.array(), command.labels.array(), command.sample_weights
        weights = None if sample_weights is None else sample_weights.array()
        self.command, self.network = command, command.network
        self.sizes = sizes_of(command.recipe, len(points))
        self._random = np.random.default_rng(command.recipe.seed)
        begun = command.standing or Standing(0, 0.0, 0.0, (), stand_of(self._random))
        self._random = go_on_from(begun.stream)
        self.at = Position(begun.epoch)
        self.judge = Judge(command.stop_rule, begun.heard)
        self.reason = ""
        self.method = ""
        self.compiling = begun.compiling
        self.wait: Callable[[Future[Any]], Any] = lambda future: future.result()
        self._programs = programs
        self._rows = tensors(rows_of(command.recipe, points, labels, weights))
        self._fed = Fed(len(points), command.reading, labels.shape[1], weights is not None)
        self._whole = in_whole_epochs(self.network, self.sizes)
        self._order: _Order | None = None
        self._kept: list[KerasArray] = [array for arrays in layers for array in arrays]
        self._paused = self._kept
        self._counts = [len(arrays) for arrays in layers]
        self._program: Program | None = None
        self._state: State | None = None
        self._ended: _End | None = None
        self._trained: dict[str, float] | None = None
        self._validated = 0
        self._breach: Broken | _Breach | None = None
        self._spent, self._since = begun.seconds, time.perf_counter()

    @property
    def end(self) -> Position:
        """Where it ends if nothing ends it before."""
        return Position(self.command.recipe.epochs)

    def arrived(self, goal: Position) -> bool:
        """Say whether it stands at ``goal``, or beyond, or a rule has ended it; with broken numbers it never does."""
        return self._breach is None and (bool(self.reason) or self.at >= goal)

    @property
    def seconds(self) -> float:
        """How long it has run, without the time in which it waited to be resumed."""
        return self._spent + time.perf_counter() - self._since

    def flat(self) -> list[KerasArray]:
        """Return every array as it stands now, in a row."""
        if self.reason or self.at.batch == 0:
            return self._kept
        return self._paused if self._program is None else self._program.layers()

    def layers(self, arrays: list[KerasArray]) -> tuple[tuple[KerasArray, ...], ...]:
        """Return layer by layer what :meth:`flat` has in a row."""
        left = iter(arrays)
        return tuple(tuple(next(left) for _ in range(count)) for count in self._counts)

    def so_far(self) -> EpochMetrics | None:
        """Return the numbers of an epoch that is under way."""
        if self.at.batch == 0 or not isinstance(self._program, Batches):
            return None
        return metrics_of(self._program.results_so_far())

    def last_rows(self) -> tuple[int, ...]:
        """Return which points were in the last batch of an epoch that is under way."""
        if self._order is None or self.at.batch == 0:
            return ()
        begin = (self.at.batch - 1) * self.sizes.batch
        return tuple(int(row) for row in self._order.rows[begin : begin + self.sizes.batch])

    @property
    def stands_in(self) -> int:
        """How many bytes :meth:`standing` takes."""
        held = [] if self._ended is None else self._ended.held(self._ended.state)
        return sum(array.nbytes for array in (*held, *(self.judge.best_weights or ())))

    def standing(self) -> Standing | None:
        """Return where it stood at the last epoch's end beside its weights; None where that is too large, or not known.

        Of one that a rule has ended the count begins anew, as it does for another ``fit``.
        """
        if self._ended is None:
            return None
        try:
            heard = None if self.reason else self.judge.heard(self.judge.best_weights or ())
            held = tuple(map(Numbers.of, self._ended.held(self._ended.state)))
        except ValueError:
            return None
        return Standing(self._ended.epoch, self.seconds, self.compiling, held, self._ended.stream, heard)

    def place(self, position: Position | None) -> Position:
        """Return ``position`` as a place that this training comes by: all batches of an epoch are its end."""
        if position is None or position.epoch >= self.end.epoch:
            return self.end
        return position if position.batch < self.sizes.batches else Position(position.epoch + 1)

    def pause(self) -> None:
        """Let go of the program, which another training may use now."""
        if self._program is not None:
            self._paused, self._state, self._program = self.flat(), self._program.state(), None
        self._spent = self.seconds

    def resume(self) -> None:
        """Count the time again."""
        self._since = time.perf_counter()

    def advance(self, until: Position) -> Finished | None:
        """Train towards ``until`` for about ``SECONDS_A_CALL``; return the epochs that have ended.

        Raises:
            Broken: the loss or a weight became NaN or infinite.
        """
        if self._breach is not None:
            raise self._breach if isinstance(self._breach, Broken) else self._located(self._breach)
        if self._whole and self.at.batch == 0 and until.epoch > self.at.epoch:
            return self._whole_epochs(until.epoch - self.at.epoch)
        return self._some_batches(until)

    # Whole epochs

    def _whole_epochs(self, left: int) -> Finished | None:
        program = self._use(Epochs)
        fitting = int(SECONDS_A_CALL / max(program.seconds_each, 1e-6))
        drawn = [self._take_order() for _ in range(max(1, min(left, program.limit, fitting)))]
        orders = [order.rows for order in drawn]
        before = self._before(program)
        run = program.run(self._rows, orders)
        if program.seconds_each > 2 * SECONDS_A_CALL:
            self._whole = False
        metrics = [metrics_of({name: log[epoch] for name, log in run.logs.items()}) for epoch in range(run.done)]
        finished = self._finish(Finished(metrics, run.weights))
        if run.broken >= 0 and not self.reason and self._breach is None:
            self._breach = _Breach(before, orders[: run.done + 1], 0, run.broken)
        ended = len(finished.metrics)
        if before is not None and 0 < ended < len(orders):
            # The call went beyond the epoch in which the training ended.
            program.load(before)
            program.run(self._rows, orders[:ended])
        self._note_end(program, drawn[:ended])
        return finished

    def _note_end(self, program: Program, ended: list[_Order]) -> None:
        """Note all that there is now, at the end of an epoch, if any ``ended``, and none with broken weights."""
        broken = self._breach is not None and not isinstance(self._breach, _Breach)
        if ended and (state := None if broken else self._copy(program)) is not None:
            self._ended = _End(self.at.epoch, ended[-1].stream, state, program.held)

    def _before(self, program: Program) -> State | None:
        """Return all that there is before a call, for :meth:`Program.load`; None if it is too large."""
        at_end = self._ended is not None and self.at == Position(self._ended.epoch)
        return self._ended.state if self._ended is not None and at_end else self._copy(program)

    def _take_order(self) -> _Order:
        """Return the order of the next epoch's points: one permutation an epoch, of one stream."""
        order, self._order = self._order, None
        if order is not None:
            return order
        rows = self._random.permutation(self.sizes.training)
        return _Order(rows, stand_of(self._random))

    # Parts of an epoch

    def _some_batches(self, until: Position) -> Finished | None:
        program = self._use(Batches)
        end = self.sizes.batches if until.epoch > self.at.epoch else until.batch
        fitting = max(1, int(SECONDS_A_CALL / max(program.seconds_each, 1e-6)))
        if self.at.batch < end:
            self._train_on(program, min(end, self.at.batch + fitting))
            return None
        if self._trained is None:
            self._trained = program.results()
        if self._validated < self.sizes.validation_batches:
            begin, self._validated = self._validated, min(self._validated + fitting, self.sizes.validation_batches)
            program.validate(self._rows, begin, self._validated)
            return None
        logs = self._trained | (program.results("val_") if self.sizes.validation else {})
        order = self._take_order()
        self._trained, self._validated = None, 0
        weights = [array[np.newaxis] for array in program.layers()]
        finished = self._finish(Finished([metrics_of(logs)], weights))
        self._note_end(program, [order])
        return finished

    def _train_on(self, program: Batches, end: int) -> None:
        if self._order is None:
            self._order = self._take_order()
        begin, before = self.at.batch, self._before(program)
        reached, finite = program.train(self._rows, self._order.rows, begin, end)
        self.at = Position(self.at.epoch, reached)
        if not finite:
            self._breach = _Breach(before, [self._order.rows], begin, reached - 1)

    # Both

    def _finish(self, finished: Finished) -> Finished:
        """Note the epochs, up to the one in which the training ends."""
        finite = all(np.isfinite(stack).all() for stack in finished.weights)
        for place, metrics in enumerate(finished.metrics):
            epoch = self.at.epoch + 1
            self.at, self._kept = Position(epoch), [stack[place] for stack in finished.weights]
            if not finite:
                self._require_finite_weights(epoch)
            self.reason = self.judge.hear(epoch, metrics, self._kept)
            if self.reason or self._breach is not None:
                return Finished(finished.metrics[: place + 1], [stack[: place + 1] for stack in finished.weights])
        return finished

    def _require_finite_weights(self, epoch: int) -> None:
        # The loss is taken before a batch's step: the last step alone can still have broken the weights.
        for layer, arrays in zip(self.network.layers, self.layers(self._kept), strict=True):
            if not all(np.isfinite(array).all() for array in arrays):
                what = f"the weights of layer {layer.name!r} became NaN or infinite in the last step of epoch {epoch:,}"
                self._breach = Broken(f"{what}: stopped", epoch, self.sizes.batches, layer.name)
                return

    def _use(self, kind: type[P]) -> P:
        """Return the program of this kind, having brought it to where the training stands."""
        if not isinstance(self._program, kind):
            program = self._wait(self._programs.get(kind, self.network, self.command.recipe, self._fed))
            self._state = self._program.state() if self._program is not None else self._state
            if self._state is not None:
                program.load(self._state)
            elif self.command.standing is not None:
                program.go_on(self._kept, [numbers.array() for numbers in self.command.standing.held])
            else:
                program.start(self._kept, self.command.recipe.seed)
            set_learning_rate(program.model.optimizer, self.command.recipe.learning_rate)
            self._program, self.method = program, program.method
        assert isinstance(self._program, kind)
        return self._program

    def _wait(self, future: Future[P]) -> P:
        if future.done():
            return future.result()
        begun = time.perf_counter()
        program: P = self.wait(future)
        self.compiling += time.perf_counter() - begun
        return program

    def _copy(self, program: Program) -> State | None:
        return program.state() if sum(array.nbytes for array in self._kept) <= MAX_COPY else None

    def _located(self, breach: _Breach) -> Broken:
        """Train up to the batch again, and look into it layer by layer."""
        epoch, batch = self.at.epoch + 1, breach.batch + 1
        where = f"the loss became NaN or infinite in epoch {epoch:,}, batch {batch:,}"
        found = None if breach.state is None else self._look_into(breach)
        if found is None:
            return Broken(f"{where}: stopped", epoch, batch, None)
        place, what = found
        layer = self.network.layers[place].name
        return Broken(f"{where}; the {what.format(layer=repr(layer))}: stopped", epoch, batch, layer)

    def _look_into(self, breach: _Breach) -> tuple[int, str]:
        assert self._program is not None
        assert breach.state is not None
        self._program.load(breach.state)
        *whole, order = breach.orders
        if whole and isinstance(self._program, Epochs):
            self._program.run(self._rows, whole)
        program = self._use(Batches)
        if breach.first < breach.batch:
            program.train(self._rows, order, breach.first, breach.batch)
        rows = order[breach.batch * self.sizes.batch :][: self.sizes.batch]
        return first_broken_layer(program.model, tuple(part.numpy()[rows] for part in self._rows))
