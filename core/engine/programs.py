"""The programs that are compiled: the newest few are kept, and one thread compiles, beside whatever else goes on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.engine import mirrored
from core.engine.checks import class_places
from core.engine.compiled import METHODS, Batches, Epochs, Sizes
from core.engine.keras_model import model_to_train
from core.engine.reading import SIGNS
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from core.arrays import KerasArray
    from core.engine.compiled import Program, Rows
    from core.engine.mirrored import Strategy
    from core.engine.reading import Reading
    from core.model.network import Network
    from core.training.options import Options
    from core.training.recipe import Recipe
    from core.training.schedules import Schedule

    P = TypeVar("P", bound=Program)
    Tell = Callable[[str, float, BaseException | None], None]
    """Method, seconds, and what went wrong."""

KEPT = 16
"""Programs that are kept: a few settings, changed to and fro, in whole epochs and in batches."""

SECONDS_A_CALL = 0.1
"""What one call of a program may take, so that whoever waits is served within twice that."""

QUICK = 2.0
"""Seconds that a program may take to compile for another to follow in case it is wanted; it can't be broken off."""

BATCH_COST = 30e-6
MULTIPLY_COST = 2e-9
"""Careful guesses of what a batch and a multiplication take, in seconds: see :func:`in_whole_epochs`."""


@dataclass(frozen=True)
class Fed:
    """What of its data a program depends on: how many ``points``, and what is said of a label, which has ``columns``.

    The points are ``weighted`` if they have sample weights.
    """

    points: int
    reading: Reading = SIGNS
    columns: int = 1
    weighted: bool = False


@dataclass(frozen=True)
class Key:
    """All that a program cannot change once it is compiled."""

    kind: type[Program]
    network: Network
    loss: str
    loss_options: Options
    optimizer: str
    options: Options
    schedule: Schedule | None
    metrics: tuple[str, ...]
    by_output: tuple[tuple[str, Options], ...]
    metrics_by_output: tuple[tuple[str, ...], ...]
    fed: Fed
    sizes: Sizes


def sizes_of(recipe: Recipe, points: int) -> Sizes:
    """Return how Keras divides ``points`` by the recipe's split and batch size."""
    training = recipe.training_points(points)
    return Sizes(training, points - training, recipe.batch_size)


def in_whole_epochs(network: Network, sizes: Sizes) -> bool:
    """Say whether an epoch is surely short enough for a single call, before anything has been measured."""
    # Forward once, and backward twice as much.
    points = 3 * sizes.training + sizes.validation
    batches = sizes.batches + sizes.validation_batches
    return points * network.written.multiplications * MULTIPLY_COST + batches * BATCH_COST < SECONDS_A_CALL


class Programs:
    """Compiled programs by what they are for; with a ``strategy`` they run on its devices."""

    def __init__(self, strategy: Strategy | None = None) -> None:
        self._strategy = strategy
        self._compiler = ThreadPoolExecutor(1, thread_name_prefix="compiler")
        self._lock = threading.Lock()
        self._made: OrderedDict[Key, Future[Any]] = OrderedDict()
        self._in_case: list[tuple[Key, Future[Any]]] = []

    def get(self, kind: type[P], network: Network, recipe: Recipe, fed: Fed) -> Future[P]:
        """Return the program, made already or being compiled now.

        What waits to be compiled in case it is wanted gives way, if it is for other settings. Whoever no longer wants
        the program may cancel it, which is of no effect once it is being compiled.
        """
        key = _key(kind, network, recipe, fed)
        with self._lock:
            in_case, self._in_case = self._in_case, []
            future = self._made_for(key, recipe)
        # Whoever is told of it is told at once, so not before the lock is free.
        for other, waiting in in_case:
            if replace(other, kind=kind) != key:
                waiting.cancel()
        return future

    def _made_for(self, key: Key, recipe: Recipe) -> Future[Any]:
        future = self._made.get(key)
        if future is None or future.cancelled() or (future.done() and future.exception() is not None):
            future = self._compiler.submit(_make, key, recipe, self._strategy)
            self._made[key] = future
        self._made.move_to_end(key)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        return future

    def prepare(self, network: Network, recipe: Recipe, fed: Fed, tell: Tell) -> None:
        """Have compiled what a training of ``recipe`` starts with; ``tell`` hears of it in the compiler's thread."""
        begun = time.perf_counter()
        kind = Epochs if in_whole_epochs(network, sizes_of(recipe, fed.points)) else Batches

        def ended(future: Future[Any]) -> None:
            error = CancelledError("other settings came") if future.cancelled() else future.exception()
            seconds = time.perf_counter() - begun
            tell("" if error else future.result().method, seconds, error)
            if kind is Epochs and not error and seconds < QUICK:
                # Single batches are what a person may ask for next; whole epochs of others come before.
                self._early(_key(Batches, network, recipe, fed), recipe)

        self.get(kind, network, recipe, fed)
        self._early(_key(kind, network, recipe, fed), recipe).add_done_callback(ended)

    def _early(self, key: Key, recipe: Recipe) -> Future[Any]:
        with self._lock:
            future = self._made_for(key, recipe)
            self._in_case.append((key, future))
        return future


def _key(kind: type[Program], network: Network, recipe: Recipe, fed: Fed) -> Key:
    loss = (recipe.loss, recipe.loss_options)
    optimizer = (recipe.optimizer, recipe.optimizer_options, recipe.schedule)
    compiled = (*loss, *optimizer, recipe.metrics, recipe.by_output, recipe.metrics_by_output)
    fed = replace(fed, weighted=fed.weighted or bool(recipe.class_weights))
    return Key(kind, network, *compiled, fed, sizes_of(recipe, fed.points))


def rows_of(
    recipe: Recipe, points: KerasArray, labels: KerasArray, sample_weights: KerasArray | None = None
) -> tuple[KerasArray, ...]:
    """Return points and labels, with their weights if they or the recipe have any.

    What validates keeps its own sample weights, as in ``fit`` with ``validation_split``, but weighs 1 where the recipe
    weighs classes, as in ``fit`` with ``class_weight``.
    """
    rows = (points, labels)
    if sample_weights is not None:
        return (*rows, sample_weights)
    if not recipe.class_weights:
        return rows
    weights = np.asarray(recipe.class_weights, dtype=np.float32)[class_places(recipe, labels)]
    weights[recipe.training_points(len(points)) :] = 1.0
    return (*rows, weights)


def _make(key: Key, recipe: Recipe, strategy: Strategy | None) -> Program:
    """Compile by the fastest method that takes the model, or by the one that the strategy has."""
    points = key.sizes.training + key.sizes.validation
    inputs, labels = np.zeros((points, key.network.inputs), np.float32), np.ones((points, key.fed.columns), np.float32)
    rows = rows_of(recipe, inputs, labels, labels[:, 0] if key.fed.weighted else None)
    methods = METHODS if strategy is None else (mirrored.method(strategy),)
    with nullcontext() if strategy is None else strategy.scope():
        return first_that_works(
            key.kind, lambda: model_to_train(key.network, recipe, key.fed.reading), key.sizes, rows, methods
        )


def first_that_works(
    kind: type[P], build: Callable[[], Any], sizes: Sizes, rows: Rows, methods: Sequence[str] = METHODS
) -> P:
    """Return a program of the first of the methods that takes the model which ``build`` makes anew for each.

    Raises:
        Exception: what Keras says where not even ``fit`` would take it.
    """
    for method in methods:
        try:
            program = kind(build(), sizes, rows, method)
            program.warm(rows)
        except Refused:
            raise
        except Exception:
            if method == methods[-1]:
                raise
        else:
            return program
    raise AssertionError("one of the methods either works or raises")
