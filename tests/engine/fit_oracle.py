"""Keras's own ``fit`` as the oracle: the same model trained by it and by a program, in the same order of points."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np

from core.engine.compiled import Epochs, Sizes, tensors
from core.engine.keras_model import sign_accuracy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from core.engine.compiled import EpochRun

Arrays = list[Any]

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": keras.optimizers.SGD,
    "SGD, momentum": lambda: keras.optimizers.SGD(momentum=0.9),
    "SGD, nesterov": lambda: keras.optimizers.SGD(momentum=0.9, nesterov=True),
    "RMSprop": keras.optimizers.RMSprop,
    "Adam": keras.optimizers.Adam,
    "Adam, amsgrad": lambda: keras.optimizers.Adam(amsgrad=True),
    "AdamW": keras.optimizers.AdamW,
    "Nadam": keras.optimizers.Nadam,
    "Adagrad": keras.optimizers.Adagrad,
    "Adadelta": keras.optimizers.Adadelta,
    "Adamax": keras.optimizers.Adamax,
    "Lion": keras.optimizers.Lion,
    "Ftrl": keras.optimizers.Ftrl,
    "Adafactor": keras.optimizers.Adafactor,
    "Lamb": keras.optimizers.Lamb,
    "Muon": keras.optimizers.Muon,
    "ScheduleFreeAdamW": keras.optimizers.ScheduleFreeAdamW,
    "Adam, accumulated": lambda: keras.optimizers.Adam(gradient_accumulation_steps=2),
}
"""Keras's optimizers, with Keras's own settings."""

SIGNS, NUMBERS, TRUTHS, ONE_HOT, CLASSES = "signs", "numbers", "truths", "one hot", "classes"
VECTORS, SEVERAL_TRUTHS = "three numbers", "three truths"

MAIN = {
    "hinge": SIGNS,
    "squared_hinge": SIGNS,
    "mean_squared_error": NUMBERS,
    "mean_absolute_error": NUMBERS,
    "huber": NUMBERS,
    "log_cosh": NUMBERS,
    "binary_crossentropy": TRUTHS,
    "categorical_crossentropy": ONE_HOT,
    "sparse_categorical_crossentropy": CLASSES,
}
"""The losses that are compared with every optimizer, and the labels that fit them."""

LOSSES = MAIN | {
    "mean_absolute_percentage_error": SIGNS,
    "mean_squared_logarithmic_error": TRUTHS,
    "binary_focal_crossentropy": TRUTHS,
    "poisson": TRUTHS,
    "dice": TRUTHS,
    "tversky": TRUTHS,
    "categorical_focal_crossentropy": ONE_HOT,
    "categorical_hinge": ONE_HOT,
    "kl_divergence": ONE_HOT,
    "cosine_similarity": ONE_HOT,
    "categorical_generalized_cross_entropy": CLASSES,
}
"""Keras's losses, and the labels that fit them."""

OF_SEVERAL = {
    "mean_squared_error of 3 numbers": ("mean_squared_error", VECTORS),
    "mean_absolute_error of 3 numbers": ("mean_absolute_error", VECTORS),
    "huber of 3 numbers": ("huber", VECTORS),
    "log_cosh of 3 numbers": ("log_cosh", VECTORS),
    "binary_crossentropy of 3 labels": ("binary_crossentropy", SEVERAL_TRUTHS),
}
"""Losses of several outputs that are no classes, by what they are called on the page."""

OUTPUTS = {SIGNS: (1, "tanh"), NUMBERS: (1, "linear"), TRUTHS: (1, "sigmoid")}
OUTPUTS |= {VECTORS: (3, "linear"), SEVERAL_TRUTHS: (3, "sigmoid")}
METRICS = {SIGNS: [sign_accuracy, "binary_accuracy"], NUMBERS: ["mae"], VECTORS: ["mae"]}
METRICS |= {SEVERAL_TRUTHS: ["binary_accuracy"]}


@dataclass(frozen=True)
class Job:
    """What is trained: 40 points in two numbers, the last fifth of them to validate, unless a test says otherwise.

    ``frozen`` is whether the first of the two layers is. ``labels`` are those of the loss unless they are named.
    """

    loss: str = "hinge"
    optimizer: Callable[[], Any] = OPTIMIZERS["Adam"]
    sizes: Sizes = field(default_factory=lambda: Sizes(32, 8, 12))
    epochs: int = 5
    dropout: float = 0.0
    weighted: bool = False
    flat_labels: bool = False
    frozen: bool = False
    seed: int = 0
    labels: str = ""

    @property
    def kind(self) -> str:
        """What the labels are."""
        return self.labels or LOSSES[self.loss]

    @property
    def rows(self) -> tuple[Any, ...]:
        """Points and labels, perhaps with their weights."""
        random = np.random.default_rng(self.seed)
        points = random.uniform(-1, 1, (self.sizes.training + self.sizes.validation, 2)).astype(np.float32)
        labels = _labels(self.kind, points.sum(axis=1))
        if self.flat_labels or self.loss == "categorical_generalized_cross_entropy":
            labels = labels[:, 0]
        weights = random.uniform(0, 2, len(points)).astype(np.float32)
        return (points, labels, weights) if self.weighted else (points, labels)

    @property
    def orders(self) -> npt.NDArray[np.int64]:
        """One permutation of the training points an epoch."""
        random = np.random.default_rng(self.seed)
        return np.stack([random.permutation(self.sizes.training) for _ in range(self.epochs)])

    def model(self, jit: bool = False) -> Any:
        """A compiled model, the same one each time."""
        labels = self.kind
        units, activation = OUTPUTS.get(labels, (3, "softmax"))
        first = keras.initializers.GlorotUniform(self.seed)
        layers = [keras.layers.Dense(5, "tanh", kernel_initializer=first, trainable=not self.frozen)]
        if self.dropout:
            layers.append(keras.layers.Dropout(self.dropout))
        last = keras.layers.Dense(units, activation, kernel_initializer=keras.initializers.GlorotUniform(self.seed + 1))
        model = keras.Sequential([keras.Input((2,)), *layers, last])
        metrics = METRICS.get(labels, ["accuracy"])
        name = "weighted_metrics" if self.weighted else "metrics"
        # Keras knows this one by its class only.
        generalized = self.loss == "categorical_generalized_cross_entropy"
        loss = keras.losses.CategoricalGeneralizedCrossEntropy() if generalized else self.loss
        model.compile(self.optimizer(), loss, **{name: metrics}, jit_compile=jit)
        # Built while fit traces its first step, ScheduleFreeAdamW loses the weights that its momentum begins as.
        model.optimizer.build(model.trainable_variables)
        return model


class Told(NamedTuple):
    """What a training gave: every number of ``History``, and every weight after every epoch."""

    history: dict[str, npt.NDArray[np.float64]]
    weights: list[Arrays]


def _labels(kind: str, sums: Any) -> Any:
    if kind in (VECTORS, SEVERAL_TRUTHS):
        columns = np.stack([sums, sums**2 - 0.5, np.sin(3 * sums)], axis=1).astype(np.float32)
        return columns if kind == VECTORS else (columns > 0).astype(np.float32)
    if kind == NUMBERS:
        return sums[:, np.newaxis].astype(np.float32)
    if kind in (SIGNS, TRUTHS):
        return np.where(sums > 0, 1, -1 if kind == SIGNS else 0).astype(np.float32)[:, np.newaxis]
    classes = np.digitize(sums, [-0.4, 0.4])
    return np.eye(3, dtype=np.float32)[classes] if kind == ONE_HOT else classes.astype(np.int32)[:, np.newaxis]


def _in_order(job: Job) -> Iterator[tuple[Any, ...]]:
    """Yield the batches of one epoch after the other, each in its own order."""
    rows, size = job.rows, job.sizes.batch
    for order in job.orders:
        for begin in range(0, job.sizes.training, size):
            yield tuple(part[order[begin : begin + size]] for part in rows)


@cache
def fit(job: Job, jit: bool = False, eagerly: bool = False) -> Told:
    """Train by Keras's ``fit``; with ``jit`` XLA compiles its steps, as Keras does by itself where there is a GPU.

    So few steps are there sooner ``eagerly``. What it gives is to be read alone: all who ask for the same training
    share it.
    """
    model, weights = job.model(jit), list[Arrays]()
    model.run_eagerly = eagerly
    model.fit(
        _in_order(job),
        steps_per_epoch=job.sizes.batches,
        epochs=job.epochs,
        shuffle=False,
        verbose=0,
        validation_data=tuple(part[job.sizes.training :] for part in job.rows) if job.sizes.validation else None,
        validation_batch_size=job.sizes.batch,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: weights.append(model.get_weights()))],
    )
    return Told({name: np.array(values) for name, values in model.history.history.items()}, weights)


def program(job: Job, method: str = "xla") -> Epochs:
    """Return the program for ``job``."""
    return Epochs(job.model(), job.sizes, job.rows, method)


def trained(job: Job, by: Epochs) -> Told:
    """Train by a program that was made for an equal model."""
    by.start(job.model().get_weights(), job.seed)
    rows, orders = tensors(job.rows), job.orders
    runs: list[EpochRun] = [by.run(rows, orders[at : at + by.limit]) for at in range(0, job.epochs, by.limit)]
    assert sum(run.done for run in runs) == job.epochs
    history = {name: np.concatenate([run.logs[name] for run in runs]).astype(np.float64) for name in runs[0].logs}
    weights = [[stack[epoch] for stack in run.weights] for run in runs for epoch in range(run.done)]
    return Told(history, weights)


def apart(ours: Told, theirs: Told, epochs: int) -> tuple[float, float]:
    """Return how far apart the weights after ``epochs`` are at most, and the numbers of every epoch up to there."""
    assert ours.history.keys() == theirs.history.keys()
    pairs = zip(ours.weights[epochs - 1], theirs.weights[epochs - 1], strict=True)
    weights = max(_distance(one, other) for one, other in pairs)
    numbers = max(_distance(ours.history[name][:epochs], theirs.history[name][:epochs]) for name in ours.history)
    return weights, numbers


def _distance(one: Any, other: Any) -> float:
    assert np.shape(one) == np.shape(other)
    distance = float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).max(initial=0.0))
    return math.inf if math.isnan(distance) else distance
