"""What a loss is: its name, the labels that it wants, its settings, its formula, its function and its slope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.losses.settings import AXIS, IGNORE_CLASS, LOSS_WEIGHTS, REDUCTION
from core.training.options import Option, Options, arguments, checked, in_words, values

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from core.arrays import Array
    from core.operations.operation import Shape

    Rows = Callable[..., Array]
    """Labels, outputs, and the loss's own settings by name."""

EPSILON = 1e-7
"""Keras's ``epsilon()``: probabilities are kept from it to 1 - it before a logarithm is taken."""

LOWEST, HIGHEST = float(np.float32(EPSILON)), float(np.float32(1.0 - EPSILON))
"""What Keras keeps probabilities between: 1e-7 and 1 - 1e-7 as its float32 has them, 0.99999988 the second."""


class Labels(StrEnum):
    """What labels a loss wants, in words."""

    SIGNS = "labels of -1 and +1"
    NUMBERS = "numbers as labels"
    BINARY = "labels of 0 and 1"
    ONE_HOT = "one label column for each class"
    CLASSES = "labels 0, 1, 2, ... and one output for each class"


BY_CLASS = (Labels.ONE_HOT, Labels.CLASSES)
"""Labels that name one class, where every output stands for a class."""


class Over(StrEnum):
    """What a loss's formula is of; of each output, the loss of a row is the mean over its outputs."""

    OUTPUT = "each output"
    ROW = "a row"
    BATCH = "a batch"


@dataclass(frozen=True)
class Loss:
    """One loss: ``name`` as Keras spells it, and with ``given`` what differs from its settings' defaults.

    ``rows`` and ``slopes`` are what :meth:`function` and :meth:`slope` call with the loss's ``own`` settings by name,
    and so is ``formula`` where it depends on them; it has y for the label and yhat for the output. A loss that
    ``looks_under`` an activation is calculated by Keras from the pre-activations where it finds a sigmoid or softmax
    before it (:mod:`core.losses.logits`).
    """

    name: str
    keras_class: str
    labels: Labels
    formula: str | Callable[..., str]
    rows: Rows
    slopes: Rows
    over: Over = Over.ROW
    own: tuple[Option, ...] = ()
    looks_under: bool = False
    given: Options = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """All settings that it has, that of ``compile`` for it too."""
        return (*self.own, REDUCTION, LOSS_WEIGHTS)

    @property
    def settings(self) -> dict[str, Any]:
        """The value of each of its own settings by name."""
        known = values((), self.own) | arguments(self.given, self.options)
        return {option.name: known[option.name] for option in self.own}

    @property
    def reduction(self) -> str:
        """How the losses of a batch become one number."""
        return str(values(self.given, self.options)[REDUCTION.name])

    @property
    def weight(self) -> float:
        """What ``compile`` multiplies it by."""
        weight = dict(self.given).get(LOSS_WEIGHTS.name, LOSS_WEIGHTS.default)
        assert isinstance(weight, int | float)
        return float(weight)

    @property
    def alone(self) -> Loss:
        """The loss as Keras's class has it, which knows of no ``loss_weights``."""
        return replace(self, given=tuple(pair for pair in self.given if pair[0] != LOSS_WEIGHTS.name))

    @property
    def arguments(self) -> dict[str, Any]:
        """What Keras's class is given for these settings."""
        return arguments(self.alone.given, self.options)

    @property
    def of_logits(self) -> bool:
        """Whether its outputs are to be pre-activations, of which it takes the sigmoid or softmax itself."""
        return bool(self.settings.get("from_logits"))

    @property
    def by_batch(self) -> bool:
        """Whether what ``model.evaluate`` gives depends on how many rows make a batch."""
        return self.over is Over.BATCH or self.reduction == "sum" or self.ignored is not None

    @property
    def ignored(self) -> float | None:
        """The label whose rows have no loss, if there is one."""
        ignored = self.settings.get(IGNORE_CLASS.name)
        return None if ignored is None else float(ignored)

    @property
    def of_columns(self) -> bool:
        """Whether a batch has a number for each output, of all rows, and not one for all of it."""
        return self.settings.get(AXIS.name) == 0

    @property
    def sums_columns(self) -> bool:
        """Whether a batch's numbers, one for each output, are added up; else their mean is taken."""
        return self.of_columns and self.reduction == "sum"

    def with_options(self, options: Options) -> Loss:
        """Return this loss with ``options`` as its settings, in order and without those that are the default anyway.

        Raises:
            Refused: one is not its own, or has a value that Keras would not take.
        """
        given = checked(options, self.name, self.options)
        over = Over.ROW if dict(given).get(AXIS.name) == -1 else self.over
        return replace(self, given=given, over=over)

    def function(self, y: Array, yhat: Array) -> Array:
        """Return the loss of every row of a batch, for labels and outputs of shape (rows, outputs).

        Only for :attr:`Labels.CLASSES` labels are of shape (rows, 1). A loss that is one number for a batch, or of
        one for each output their mean or sum, gives it to every row, so that the mean of the rows is that number.
        """
        # Where a formula ends in infinity or NaN, Keras's does too.
        with np.errstate(all="ignore"):
            return np.asarray(self._factor(yhat) * self.rows(y, yhat, **self.settings))

    def slope(self, y: Array, yhat: Array) -> Array:
        """Return, of shape (rows, outputs), how a row's loss changes with each of its outputs.

        Of a loss that is one number for a batch it is how that number changes.
        """
        with np.errstate(all="ignore"):
            return np.asarray(self._factor(yhat) * self.slopes(y, yhat, **self.settings))

    def places(self, spread: Shape) -> int:
        """Return of how many places of outputs in a row, which are of shape ``spread``, Keras takes a loss by itself.

        They are those along all axes but the last; of other outputs, and of a loss over a batch, it is 1.
        """
        return 1 if self.over is Over.BATCH else prod(spread[:-1])

    def label_size(self, shape: Shape) -> int:
        """Return how many numbers Keras is given as the label of outputs of ``shape``: of classes one a place."""
        return prod(shape[:-1]) if self.labels is Labels.CLASSES else prod(shape)

    def _factor(self, yhat: Array) -> float:
        # Where the numbers of the outputs are added up there are as many of them as outputs, not as rows.
        return self.weight * (yhat.shape[-1] if self.sums_columns else 1)

    @property
    def formula_text(self) -> str:
        """The formula of one output, row or batch with its settings."""
        return self.formula if isinstance(self.formula, str) else self.formula(**self.settings)

    def in_words(self) -> str:
        """Return the name with the settings that differ from Keras's defaults."""
        return f"{self.name} ({in_words(self.given)})" if self.given else self.name


def mean_over_outputs(
    name: str,
    keras_class: str,
    labels: Labels,
    formula: str | Callable[..., str],
    each: Rows,
    slope: Rows,
    own: tuple[Option, ...] = (),
    looks_under: bool = False,
) -> Loss:
    """Return the loss that is the mean of ``each`` over the outputs."""

    def rows(y: Array, yhat: Array, **settings: Any) -> Array:
        return np.asarray(each(y, yhat, **settings).mean(axis=-1))

    def slopes(y: Array, yhat: Array, **settings: Any) -> Array:
        return np.asarray(slope(y, yhat, **settings) / yhat.shape[-1])

    return Loss(name, keras_class, labels, formula, rows, slopes, Over.OUTPUT, own, looks_under)


def clipped(probabilities: Array) -> Array:
    """Return ``probabilities`` kept from 1e-7 to 1 - 1e-7, as Keras's float32 has these two."""
    return np.clip(probabilities, LOWEST, HIGHEST)


def within(probabilities: Array) -> Array:
    """Say of which ``probabilities`` clipping makes no other number, so that the slope goes through."""
    return np.asarray((probabilities >= LOWEST) & (probabilities <= HIGHEST))
