"""What a loss is: its name, the labels that it wants, its formula, its function and its slope."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array

    Rows = Callable[[Array, Array], Array]

EPSILON = 1e-7
"""Keras's ``epsilon()``: probabilities are kept from it to 1 - it before a logarithm is taken."""


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
    """One loss: ``name`` as Keras spells it, ``formula`` as text, with y for the label and yhat for the output.

    ``function`` takes labels and outputs of a batch, each of shape (rows, outputs), and gives the loss of every row;
    ``slope`` takes the same and gives, of shape (rows, outputs), how a row's loss changes with each of its outputs.
    Only for :attr:`Labels.CLASSES` labels are of shape (rows, 1). A loss that is one number for a batch gives it to
    every row, so that their mean is that number, and its slope is that of the batch's loss.
    """

    name: str
    keras_class: str
    labels: Labels
    formula: str
    function: Rows
    slope: Rows
    over: Over = Over.ROW


def mean_over_outputs(name: str, keras_class: str, labels: Labels, formula: str, each: Rows, slope: Rows) -> Loss:
    """Return the loss that is the mean of ``each`` over the outputs."""
    return Loss(
        name,
        keras_class,
        labels,
        formula,
        lambda y, yhat: each(y, yhat).mean(axis=-1),
        lambda y, yhat: slope(y, yhat) / yhat.shape[-1],
        Over.OUTPUT,
    )


def clipped(probabilities: Array) -> Array:
    """Return ``probabilities`` kept from 1e-7 to 1 - 1e-7."""
    return np.clip(probabilities, EPSILON, 1.0 - EPSILON)
