"""Trainings as the engine leads them: what they tell, how they are asked, stopped, paused and taken up again."""

from __future__ import annotations

import time
from collections import OrderedDict
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING

import numpy as np

from core.engine.protocol import Compiling, Paused, Progress, Stop, Trained, TrainingWeights, to_tensors
from core.engine.run import Run
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from typing import TypeVar

    from core.arrays import KerasArray
    from core.engine.inbox import Inbox
    from core.engine.programs import Programs
    from core.engine.protocol import EpochMetrics, Event, Position, Resume, Train
    from core.engine.run import Finished
    from core.model.weights import LayerArrays

    P = TypeVar("P")

PAUSED = 4
"""Trainings that may wait; the one that has waited longest is dropped for another."""

PULSE = 0.05
"""Seconds between two looks for commands while a program is compiled."""

TELLS_OF_COMPILING = 1.0
"""Seconds after which it is said, again and again, that a program is still being compiled."""

MAX_WEIGHTS = 4_000_000
"""Bytes of weights up to which a ``Progress`` carries those of every epoch that it tells; above, the last ones."""

MAX_LAST = 64_000_000
"""Bytes of weights above which not even the last epoch's are told, but only given when asked for."""


MAX_STANDING = 4_000_000
"""Bytes of what stands beside the weights up to which each ``Progress`` has it; above, only the end of a cut one."""


class _Stopped(Exception):
    """Leaves a training from between two calls."""


class Trainings:
    """The training that runs, and the few that wait."""

    def __init__(self, programs: Programs, inbox: Inbox, send: Callable[[Event], None]) -> None:
        self._programs = programs
        self._inbox = inbox
        self._send = send
        self._paused: OrderedDict[int, Run] = OrderedDict()

    def train(self, command: Train, layers: tuple[LayerArrays, ...]) -> Paused | Trained:
        """Train a new model from ``layers``; whatever happens to it, the held one is not touched.

        Raises:
            Broken: the loss or a weight became NaN or infinite.
        """
        return self._lead(Run(command, layers, self._programs), command.until)

    def resume(self, command: Resume) -> Paused | Trained:
        """Go on with a training that waits."""
        run = self._take(command.id)
        run.resume()
        return self._lead(run, command.until)

    def stop(self, command: Stop) -> Trained:
        """End a training that waits."""
        run = self._take(command.id)
        run.resume()
        return _trained(run, stopped=True)

    def _take(self, identity: int) -> Run:
        if identity not in self._paused:
            raise Refused("no training is running or paused under that number: it has ended, or gave way to newer ones")
        return self._paused.pop(identity)

    def _lead(self, run: Run, until: Position | None) -> Paused | Trained:
        goal = run.place(until)
        telling = _Telling(run, self._send)
        run.wait = lambda future: self._wait(run, future)
        stopped = False
        try:
            while not run.arrived(goal):
                self._serve(run)
                finished = run.advance(goal)
                if finished is not None and finished.metrics:
                    telling.hear(finished)
        except _Stopped:
            stopped = True
        finally:
            telling.tell()
        if stopped or run.arrived(run.end):
            return _trained(run, stopped)
        return self._pause(run)

    def _pause(self, run: Run) -> Paused:
        layers, so_far = to_tensors(run.layers(run.flat())), run.so_far()
        run.pause()
        self._paused[run.command.id] = run
        while len(self._paused) > PAUSED:
            self._paused.popitem(last=False)
        return Paused(
            run.command.id,
            run.at.epoch,
            run.at.batch,
            layers,
            run.seconds,
            run.sizes.batches,
            run.method,
            so_far,
            run.last_rows(),
        )

    def _serve(self, run: Run) -> None:
        for command in self._inbox.for_training():
            if isinstance(command, Stop):
                raise _Stopped
            layers = to_tensors(run.layers(run.flat()))
            self._send(TrainingWeights(command.id, run.at.epoch, layers, run.at.batch))

    def _wait(self, run: Run, future: Future[P]) -> P:
        begun, told = time.perf_counter(), 0.0
        while True:
            try:
                return future.result(PULSE)
            except NotYet:
                if future.done():
                    raise
                waited = time.perf_counter() - begun
                if waited - told >= TELLS_OF_COMPILING:
                    self._send(Compiling(run.command.id, run.compiling + waited))
                    told = waited
                try:
                    self._serve(run)
                except _Stopped:
                    # Of several settings turned one after the other only the last is waited for: what is still in
                    # line for the others would hold it up.
                    future.cancel()
                    raise


class _Telling:
    """Gathers the epochs that have ended, and tells them as often as was asked for."""

    def __init__(self, run: Run, send: Callable[[Event], None]) -> None:
        self._run = run
        self._send = send
        self._metrics: list[EpochMetrics] = []
        self._weights: list[list[KerasArray]] = []
        self._told = time.perf_counter()

    def hear(self, finished: Finished) -> None:
        self._metrics += finished.metrics
        self._weights.append(finished.weights)
        if _size(self._weights) > MAX_WEIGHTS:
            self._weights = [[array[-1:] for array in finished.weights]]
        if _size(self._weights) > MAX_LAST:
            self._weights = []
        if time.perf_counter() - self._told >= self._run.command.interval:
            self.tell()

    def tell(self) -> None:
        if self._metrics:
            stacks = [np.concatenate(stacks) for stacks in zip(*self._weights, strict=True)]
            kept = len(stacks[0]) if stacks else 0
            last, small = self._run.at.epoch, self._run.stands_in <= MAX_STANDING
            self._send(
                Progress(
                    self._run.command.id,
                    tuple(self._metrics),
                    self._run.seconds,
                    self._run.method,
                    to_tensors(self._run.layers(stacks)) if stacks else (),
                    tuple(range(last - kept + 1, last + 1)),
                    self._run.standing() if small else None,
                )
            )
        self._metrics, self._weights = [], []
        self._told = time.perf_counter()


def _size(weights: list[list[KerasArray]]) -> int:
    return sum(array.nbytes for arrays in weights for array in arrays)


def _trained(run: Run, stopped: bool) -> Trained:
    """Return a training's end, with the weights that Keras would restore if a rule says so."""
    best, reason = run.judge.best, run.reason
    layers, epoch, batch = run.flat(), run.at.epoch, run.at.batch
    if best is not None and not stopped:
        layers, epoch, batch = run.judge.best_weights, best, 0
        reason = f"{reason or 'the last epoch'}; the weights are the best epoch's, {best:,}"
    return Trained(
        run.command.id,
        to_tensors(run.layers(layers)),
        run.seconds,
        cut := stopped or run.at < run.end,
        run.method,
        reason,
        run.compiling,
        epoch,
        batch,
        run.standing() if cut and run.stands_in <= MAX_LAST else None,
    )
