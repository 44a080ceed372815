"""Whole epochs in one program: TensorFlow's loops around Keras's own ``train_step`` and ``test_step``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf

from core.engine import mirrored
from core.engine.built import own_layers
from core.engine.keras_model import copies_of_weights
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

Tensor = Any
"""A ``tf.Tensor``; TensorFlow has no types."""

Rows = tuple[Any, ...]
"""Inputs and labels, perhaps sample weights: tensors, or arrays, with a row for every point."""

State = list[Any]
"""The values of everything that a training changes: weights, optimizer, metrics, random streams."""

COMPILED = ("xla", "tf.function")
METHODS = (*COMPILED, "fit")
"""How a program runs, the fastest first: compiled by XLA; as a graph; step by step as ``fit`` does it.

There is one more, step by step on every device of a strategy, for models that are built in its scope.
"""

MAX_EPOCHS = 256
MAX_NUMBERS = 1 << 20
"""The most epochs in one call, and the most weights (and places of points) that it may take and give back."""


@dataclass(frozen=True)
class Sizes:
    """How many rows are trained on, how many, after them, validate, and how many make a batch."""

    training: int
    validation: int
    batch: int

    @property
    def batches(self) -> int:
        """How many batches an epoch trains on; the last may be short."""
        return -(-self.training // self.batch)

    @property
    def validation_batches(self) -> int:
        """How many batches an epoch's end validates on."""
        return -(-self.validation // self.batch)


class EpochRun(NamedTuple):
    """What became of some epochs: ``done`` of them have ended; in the next, ``broken`` is the first bad batch or -1."""

    done: int
    broken: int
    logs: dict[str, npt.NDArray[np.float32]]
    weights: list[npt.NDArray[np.float32]]


class Program:
    """A compiled Keras model and its steps. ``traces`` counts how often TensorFlow had to look at them anew."""

    def __init__(self, model: Any, sizes: Sizes, rows: Rows, method: str = "xla") -> None:
        self.model = model
        self.sizes = sizes
        self.method = method
        self.traces = 0
        self.seconds_each = 0.0
        _build(model, rows)
        self.weights = [variable for layer in own_layers(model) for variable in getattr(layer, "weights", ())]
        self._variables = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
        self._read, self._write = self._in_one_call(self._all), self._in_one_call(self._set_all)
        self._fresh = self.state()
        self._streams = self._places(
            variable for variable in model.variables if variable.name == "seed_generator_state"
        )
        self._own = self._places(self.weights)
        others = set(self._own).union(self._places(model.metrics_variables))
        self._beside = [place for place in range(len(self._variables)) if place not in others]
        copies = copies_of_weights(model.optimizer, model.trainable_variables)
        self._copies = [self._places(pair) for pair in copies]
        self._train_step, self._test_step = _steps(model, rows, method)

    def start(self, weights: Sequence[npt.ArrayLike], seed: int) -> None:
        """Begin a training: these weights, a new optimizer, the random streams of ``seed``, empty metrics."""
        state = list(self._fresh)
        seeds = np.random.default_rng([seed, 1]).integers(1, 10**9, len(self._streams))
        for place, drawn in zip(self._streams, seeds, strict=True):
            state[place] = [drawn, 0]
        for place, array in zip(self._own, weights, strict=True):
            state[place] = array
        for place, original in self._copies:
            state[place] = state[original]
        self.load(state)

    def go_on(self, weights: Sequence[npt.ArrayLike], held: Sequence[npt.NDArray[Any]]) -> None:
        """Go on with a training after an epoch: its weights then, and what was :meth:`held` beside them.

        Raises:
            Refused: that is of another optimizer or model.
        """
        mine = [(tuple(self._fresh[place].shape), self._fresh[place].dtype.as_numpy_dtype) for place in self._beside]
        if mine != [(array.shape, array.dtype) for array in held]:
            raise Refused(
                "expected what this model's optimizer holds, to go on with its training, got another's; "
                "space trains anew"
            )
        state = list(self._fresh)
        for place, array in zip((*self._own, *self._beside), (*weights, *held), strict=True):
            state[place] = array
        self.load(state)

    def held(self, state: State) -> list[npt.NDArray[Any]]:
        """Return what ``state`` has beside the weights: the optimizer's numbers, and those of the random streams."""
        return [np.asarray(state[place]) for place in self._beside]

    def _places(self, variables: Iterable[Any]) -> list[int]:
        """Return where ``variables`` are among all that a training changes."""
        places = {id(variable): place for place, variable in enumerate(self._variables)}
        return [places[id(variable)] for variable in variables]

    def state(self) -> State:
        """Return a copy of all that a training changes, for :meth:`load` of any program of an equal model."""
        return list(self._read())

    def load(self, state: State) -> None:
        """Go back, or over, to where :meth:`state` was taken."""
        self._write([_as(variable, value) for variable, value in zip(self._variables, state, strict=True)])

    def _all(self) -> State:
        return [tf.identity(variable.value) for variable in self._variables]

    def _set_all(self, values: State) -> None:
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)

    def _in_one_call(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``function`` so that all that it reads or writes is one step for TensorFlow, not one each."""
        single: Callable[..., Any] = tf.function(function, autograph=False) if self.method in COMPILED else function
        return single

    def layers(self) -> list[npt.NDArray[np.float32]]:
        """Return every array of every layer as it is now, in order."""
        return [variable.numpy() for variable in self.weights]

    def warm(self, rows: Rows) -> None:
        """Compile by running on ``rows``, whatever they say; a :meth:`start` or :meth:`load` must follow."""
        raise NotImplementedError

    # What is traced. TensorFlow's loops run as plain Python ones where nothing traces them.

    def _compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self.method not in COMPILED:
            return function

        def traced(*inputs: Any) -> Any:
            self.traces += 1
            return function(*inputs)

        compiled: Callable[..., Any] = tf.function(traced, autograph=False, jit_compile=self.method == "xla")
        return compiled

    def _train_full(self, rows: Rows, order: Tensor, first: Any, end: Any) -> tuple[Any, ...]:
        """Train on full batches up to ``end`` or the first whose loss isn't finite; say where and whether it was."""
        size = self.sizes.batch

        def step(batch: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
            logs = self._train_step(_pick(rows, tf.slice(order, [batch * size], [size])))
            return batch + 1, tf.math.is_finite(logs["loss"])

        def more(batch: Tensor, finite: Tensor) -> Tensor:
            return tf.logical_and(batch < end, finite)

        return _loop(more, step, tf.convert_to_tensor(first), True)

    def _train_short(self, rows: Rows, order: Tensor) -> Tensor:
        """Train on the short last batch; say whether its loss was finite."""
        begin = self.sizes.training // self.sizes.batch * self.sizes.batch
        return tf.math.is_finite(self._train_step(_pick(rows, order[begin:]))["loss"])

    def _test_full(self, rows: Rows, first: Any, end: Any) -> None:
        begin, size = self.sizes.training, self.sizes.batch

        def step(batch: Tensor) -> tuple[Any]:
            self._test_step(_pick(rows, tf.range(size) + (begin + batch * size)))
            return (batch + 1,)

        _loop(lambda batch: batch < end, step, tf.convert_to_tensor(first))

    def _test_short(self, rows: Rows) -> None:
        begin = self.sizes.training + self.sizes.validation // self.sizes.batch * self.sizes.batch
        self._test_step(tuple(part[begin:] for part in rows))

    def _logs(self, prefix: str = "") -> dict[str, Tensor]:
        """Return the metrics as ``History`` names them, and let them begin anew."""
        logs = {prefix + name: tf.cast(value, tf.float32) for name, value in self.model.get_metrics_result().items()}
        self.model.reset_metrics()
        return logs


class Epochs(Program):
    """Up to ``limit`` whole epochs in a single call."""

    def __init__(self, model: Any, sizes: Sizes, rows: Rows, method: str = "xla") -> None:
        super().__init__(model, sizes, rows, method)
        numbers = max(1, sizes.training, sum(int(np.prod(variable.shape)) for variable in self.weights))
        self.limit = max(1, min(MAX_EPOCHS, MAX_NUMBERS // numbers))
        self._call = self._compiled(self._epochs)

    def warm(self, rows: Rows) -> None:
        """Compile by running an epoch, twice: the first call sets up, so that only the second's time is one."""
        order = np.arange(self.sizes.training)[np.newaxis]
        self.run(rows, order)
        self.run(rows, order)

    def run(self, rows: Rows, orders: npt.ArrayLike) -> EpochRun:
        """Train an epoch for every row of ``orders`` (at most ``limit``), which names the points in their order."""
        begun = time.perf_counter()
        orders = np.asarray(orders)
        padded = np.zeros((self.limit, self.sizes.training), np.int32)
        padded[: len(orders)] = orders
        result = self._call(rows, tf.constant(padded), tf.constant(len(orders)))
        done, broken = int(result[0]), int(result[1])
        logs = {name: value.numpy()[:done] for name, value in result[2].items()}
        weights = [value.numpy()[:done] for value in result[3]]
        self.seconds_each = (time.perf_counter() - begun) / max(1, len(orders))
        return EpochRun(done, broken, logs, weights)

    def _epochs(self, rows: Rows, orders: Tensor, count: Tensor) -> tuple[Tensor, ...]:
        # The shapes of the numbers are asked for outside of the loop, whose variables need them before it begins.
        shapes = _shapes(self.model, self.sizes)
        kept = [tf.zeros((self.limit, *variable.shape)) for variable in self.weights]
        told = {name: tf.zeros((self.limit, *shape)) for name, shape in shapes.items()}

        def epoch(done: Tensor, _: Tensor, told: dict[str, Tensor], kept: list[Tensor]) -> tuple[Any, ...]:
            broken, logs = self._epoch(rows, orders[done])
            told = {name: _put(told[name], done, logs[name]) for name in told}
            kept = [_put(stack, done, variable.value) for stack, variable in zip(kept, self.weights, strict=True)]
            return done + tf.cast(broken < 0, tf.int32), broken, told, kept

        def more(done: Tensor, broken: Tensor, *_: Any) -> Tensor:
            return tf.logical_and(done < count, broken < 0)

        return _loop(more, epoch, tf.constant(0), tf.constant(-1), told, kept)

    def _epoch(self, rows: Rows, order: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Train and validate once; return the first batch whose loss isn't finite, or -1, and History's numbers."""
        sizes, full = self.sizes, self.sizes.training // self.sizes.batch
        self.model.reset_metrics()
        broken = tf.constant(-1)
        if full:
            end, finite = self._train_full(rows, order, 0, full)
            broken = tf.where(finite, -1, end - 1)
        if sizes.training % sizes.batch:
            finite = self._train_short(rows, order)
            broken = tf.where(tf.logical_or(finite, broken >= 0), broken, full)
        logs = self._logs()
        if sizes.validation:
            if sizes.validation >= sizes.batch:
                self._test_full(rows, 0, sizes.validation // sizes.batch)
            if sizes.validation % sizes.batch:
                self._test_short(rows)
            logs |= self._logs("val_")
        return broken, logs


class Batches(Program):
    """Some batches of an epoch in a single call, for what takes too long in whole epochs and for single steps."""

    def __init__(self, model: Any, sizes: Sizes, rows: Rows, method: str = "xla") -> None:
        super().__init__(model, sizes, rows, method)
        self._full, self._short = self._compiled(self._train_full), self._compiled(self._train_short)
        self._test, self._test_last = self._compiled(self._test_full), self._compiled(self._test_short)

    def warm(self, rows: Rows) -> None:
        """Compile by training and validating on some batches."""
        order, sizes = np.arange(self.sizes.training), self.sizes
        if sizes.validation:
            for last in {1, sizes.validation_batches}:
                self.validate(rows, last - 1, last)
        # What is timed last is what a batch takes: a first call compiles, or sets up.
        for last in (sizes.batches, 1, 1):
            self.train(rows, order, last - 1, last)
        self.model.reset_metrics()

    def train(self, rows: Rows, order: npt.ArrayLike, first: int, end: int) -> tuple[int, bool]:
        """Train on batches ``first`` to ``end`` of an epoch; return where it ended and whether all losses are finite.

        A batch whose loss isn't finite is the last one.
        """
        begun = time.perf_counter()
        order = tf.constant(np.asarray(order, np.int32))
        full = self.sizes.training // self.sizes.batch
        batch, finite = first, True
        if first < full:
            reached, well = self._full(rows, order, tf.constant(first), tf.constant(min(end, full)))
            batch, finite = int(reached), bool(well)
        if finite and end > full:
            batch, finite = full + 1, bool(self._short(rows, order))
        self.seconds_each = (time.perf_counter() - begun) / max(1, batch - first)
        return batch, finite

    def validate(self, rows: Rows, first: int, end: int) -> None:
        """Measure batches ``first`` to ``end`` of the validation part."""
        full = self.sizes.validation // self.sizes.batch
        if first < full:
            self._test(rows, tf.constant(first), tf.constant(min(end, full)))
        if end > full:
            self._test_last(rows)

    def results(self, prefix: str = "") -> dict[str, float]:
        """Return the metrics of the batches since the last call."""
        return {name: float(value) for name, value in self._logs(prefix).items()}

    def results_so_far(self) -> dict[str, float]:
        """Return the metrics of the batches since :meth:`results`, which go on."""
        return {name: float(value) for name, value in self.model.get_metrics_result().items()}


def tensors(rows: Rows) -> Rows:
    """Return ``rows`` where the programs' arithmetic happens, so that a call copies nothing."""
    return tuple(tf.constant(part) for part in rows)


def _build(model: Any, rows: Rows) -> None:
    """Make Keras create its metrics and the optimizer's variables: inside of a program it could not.

    A first step outside also lets Keras refuse labels that don't fit the loss, in its own words.
    """
    model.distribute_strategy.run(model.test_step, args=(tensors(tuple(part[:1] for part in rows)),))
    model.reset_metrics()
    model.optimizer.build(model.trainable_variables)


def _as(variable: Any, value: Any) -> Tensor:
    """Return ``value`` as a tensor of the variable's dtype."""
    return value if tf.is_tensor(value) else tf.constant(np.asarray(value, variable.dtype))


def _steps(model: Any, rows: Rows, method: str) -> tuple[Callable[[Rows], Any], Callable[[Rows], Any]]:
    """Return what trains on a batch and what validates on one."""
    if method in COMPILED:
        return model.train_step, model.test_step
    return _functions_of_fit(model) if method == "fit" else mirrored.steps(model, rows)


def _functions_of_fit(model: Any) -> tuple[Callable[[Rows], Any], Callable[[Rows], Any]]:
    """Return the functions that ``fit`` calls for a batch; they take an iterator over batches."""
    model.make_train_function()
    model.make_test_function()
    return (
        lambda rows: model.train_function(iter([rows])),
        lambda rows: model.test_function(iter([rows])),
    )


def _shapes(model: Any, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    shapes = {name: tuple(value.shape) for name, value in model.get_metrics_result().items()}
    prefixes = ("", "val_") if sizes.validation else ("",)
    return {prefix + name: shape for prefix in prefixes for name, shape in shapes.items()}


def _pick(rows: Rows, places: Tensor) -> Rows:
    return tuple(tf.gather(part, places) for part in rows)


def _put(stack: Tensor, place: Tensor, value: Tensor) -> Tensor:
    return tf.tensor_scatter_nd_update(stack, [[place]], [tf.cast(value, stack.dtype)])


def _loop(more: Callable[..., Any], body: Callable[..., Any], *begin: Any) -> tuple[Any, ...]:
    # One turn after the other, because the turns share Keras's variables.
    return tuple(tf.while_loop(more, body, begin, parallel_iterations=1))
