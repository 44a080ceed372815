"""Recipe: how a model is trained, every setting of the tutorial's ``compile`` and ``fit``, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.data.split import training_points
from core.errors import Refused, require_between, shorten
from core.losses import KERAS_LOSSES, loss_called, losses_called, require_loss
from core.model.initial import MAX_SEED
from core.tasks.choosing import TaskName
from core.tasks.class_weights import require_weights
from core.training.keras_metrics import require_metrics
from core.training.optimizers import KERAS_OPTIMIZERS, checked_options, require_optimizer
from core.training.options import Options, in_words
from core.training.schedules import Schedule

if TYPE_CHECKING:
    from core.losses import Loss

MAX_EPOCHS = 1_000_000
MAX_BATCH = 10_000_000

LOSSES = tuple(KERAS_LOSSES)
"""Keras's losses; :mod:`core.tasks` says how they take labels."""

OPTIMIZERS = tuple(KERAS_OPTIMIZERS)
"""Keras's names of its optimizers."""

MONITORS = (
    *("val_loss", "loss", "val_sign_accuracy", "sign_accuracy", "val_accuracy", "accuracy"),
    *("val_mean_absolute_error", "mean_absolute_error"),
)
"""What early stopping can watch."""


STOPS = frozenset({"patience", "monitor", "restore_best", "min_delta", "baseline", "start_from_epoch"})
"""Early stopping's settings."""

ENDS = STOPS | {"epochs", "target"}
"""What says when a training ends, and nothing of how it trains."""


class Recipe(msgspec.Struct, frozen=True):
    """The tutorial's training by default: hinge, adam, 150 epochs, batches of 32, the last fifth to validate.

    With a ``patience`` above 0 it stops as ``keras.callbacks.EarlyStopping`` does, watching ``monitor`` with that
    ``min_delta``, ``baseline`` and ``start_from_epoch``, and goes back to the best weights if ``restore_best``; with a
    ``target`` above 0, at the first epoch with that sign accuracy.

    ``loss_options`` and ``optimizer_options`` are what differs from Keras's defaults, ``schedule`` how the learning
    rate changes from batch to batch (None: not at all), ``metrics`` what Keras counts beside what the task does. A
    training point of a class counts as many times in the loss as ``class_weights`` has for it, as with
    ``class_weight``. ``task`` is the one that a person chose for the labels; None leaves it to them, the loss and the
    outputs. A model of several outputs has for each the loss in ``by_output``, with its settings, or else all have one;
    Keras counts ``metrics`` of all of them and ``metrics_by_output`` of each.

    Raises:
        Refused: a setting is not one that Keras could train with.
    """

    loss: str = "hinge"
    optimizer: str = "adam"
    learning_rate: float = 0.001
    epochs: int = 150
    batch_size: int = 32
    validation_split: float = 0.2
    seed: int = 0
    patience: int = 0
    monitor: str = "val_loss"
    restore_best: bool = False
    target: float = 0.0
    optimizer_options: Options = ()
    schedule: Schedule | None = None
    metrics: tuple[str, ...] = ()
    class_weights: tuple[float, ...] = ()
    task: TaskName | None = None
    loss_options: Options = ()
    min_delta: float = 0.0
    baseline: float | None = None
    start_from_epoch: int = 0
    by_output: tuple[tuple[str, Options], ...] = ()
    metrics_by_output: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for loss, options in ((self.loss, self.loss_options), *self.by_output):
            require_loss(loss)
            loss_called(loss, options)
        require_optimizer(self.optimizer)
        checked_options(self.optimizer, self.optimizer_options)
        every = [name for name, _ in self.by_output] or [self.loss] * max(len(self.metrics_by_output), 1)
        for loss, entries in zip(every, self.metrics_of_each(len(every)), strict=True):
            require_metrics(entries, loss)
        if not (np.isfinite(self.learning_rate) and 0 < self.learning_rate <= 1e6):
            raise Refused(f"expected a learning rate above 0 and at most 1e6, got {self.learning_rate:g}")
        require_between("epochs", self.epochs, 1, MAX_EPOCHS)
        require_between("a batch size", self.batch_size, 1, MAX_BATCH)
        require_between("a seed", self.seed, 0, MAX_SEED)
        if not 0.0 <= self.validation_split < 1.0:
            training_points(1, self.validation_split)
        require_weights(self.class_weights)
        self._check_stopping()

    def _check_stopping(self) -> None:
        require_between("a patience", self.patience, 0, MAX_EPOCHS)
        require_between("a target accuracy", self.target, 0.0, 1.0)
        require_between("a first epoch to watch", self.start_from_epoch, 0, MAX_EPOCHS)
        if not (np.isfinite(self.min_delta) and self.min_delta >= 0):
            raise Refused(f"expected a smallest improvement from 0 up, got {self.min_delta:g}")
        if self.baseline is not None and not np.isfinite(self.baseline):
            raise Refused(f"expected a baseline as a number, got {self.baseline:g}")
        _one_of("a number to monitor", self.monitor, MONITORS)
        if self.patience and self.monitor.startswith("val_") and not self.validation_split:
            raise Refused(
                f"early stopping on {self.monitor} needs validation data, but the validation split is 0: "
                "choose a split above 0, or monitor loss"
            )

    def trains_as(self, other: Recipe) -> bool:
        """Say whether a training is the same with the ``other`` settings, though it may end earlier or later."""
        return all(getattr(self, name) == getattr(other, name) for name in set(self.__struct_fields__) - ENDS)

    def stops_as(self, other: Recipe) -> bool:
        """Say whether early stopping is the same with the ``other`` settings."""
        return all(getattr(self, name) == getattr(other, name) for name in STOPS)

    def losses(self, outputs: int) -> tuple[Loss, ...]:
        """Return the loss of each of so many outputs."""
        return losses_called(self.loss, self.loss_options, self.by_output, outputs)

    def metrics_of_each(self, outputs: int) -> tuple[tuple[str, ...], ...]:
        """Return what Keras counts of each of so many outputs beside what the task does, each once."""
        own = self.metrics_by_output if len(self.metrics_by_output) == outputs else ((),) * outputs
        return tuple(tuple(dict.fromkeys((*self.metrics, *entries))) for entries in own)

    def training_points(self, points: int) -> int:
        """Return how many of ``points`` are trained on (see :func:`core.data.split.training_points`)."""
        return training_points(points, self.validation_split)

    def in_words(self) -> str:
        """Return the settings as one line."""
        every = self.by_output or ((self.loss, self.loss_options),)
        loss = ", ".join(f"{name} ({in_words(options)})" if options else name for name, options in every)
        options = f" ({in_words(self.optimizer_options)})" if self.optimizer_options else ""
        schedule = f", {self.schedule.in_words()}" if self.schedule else ""
        weights = ", ".join(f"{weight:g}" for weight in self.class_weights)
        weight = f", classes weigh {weights}" if weights else ""
        return (
            f"{loss}, {self.optimizer} {self.learning_rate:g}{options}{schedule}, batch {self.batch_size}, "
            f"split {self.validation_split:g}, seed {self.seed}{weight}"
        )

    def learning_rate_after(self, epochs: int, points: int) -> float:
        """Return the learning rate of the batch that follows after ``epochs`` over ``points`` and their split."""
        if self.schedule is None:
            return self.learning_rate
        batches = -(-self.training_points(points) // self.batch_size)
        return self.schedule.rate(self.learning_rate, epochs * batches)


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Refused(f"expected {what} out of {', '.join(known)}; got {shorten(value)!r}")
