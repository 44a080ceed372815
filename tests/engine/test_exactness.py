"""A program's weights and History numbers are those of Keras's ``fit``; docs/exactness.md has every pair."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import pytest

from core.engine.compiled import Sizes
from tests.engine.fit_oracle import MAIN, OPTIMIZERS, VECTORS, Job, apart, fit, program, trained

LIMIT = 1e-6

PAIRS = [(optimizer, list(MAIN)[place % len(MAIN)]) for place, optimizer in enumerate(OPTIMIZERS)]
"""Every optimizer once and every one of these losses at least once."""

SHAPES = {
    "a short batch": Job(epochs=3),
    "no short batch": Job(sizes=Sizes(24, 8, 8), epochs=3),
    "a batch larger than the data": Job(sizes=Sizes(32, 8, 100), epochs=3),
    "no validation": Job(sizes=Sizes(40, 0, 12), epochs=3),
    "batches of one": Job("mean_squared_error", OPTIMIZERS["SGD"], Sizes(7, 3, 1), epochs=2),
    "sample weights": Job("binary_crossentropy", weighted=True, epochs=3),
    "weighted classes": Job("sparse_categorical_crossentropy", OPTIMIZERS["RMSprop"], weighted=True, epochs=3),
    "labels in one row": Job("mean_squared_error", flat_labels=True, epochs=3),
    "three numbers a row": Job("huber", labels=VECTORS, epochs=3),
    "classes in one row": Job("sparse_categorical_crossentropy", flat_labels=True, epochs=3),
}

LONG = Job(optimizer=partial(keras.optimizers.RMSprop, 0.1), epochs=20)


def require_equal(job: Job, method: str) -> None:
    ours, theirs = trained(job, program(job, method)), fit(job, eagerly=True)
    for epochs in (1, 2, job.epochs):
        weights, numbers = apart(ours, theirs, epochs)
        assert weights <= LIMIT, epochs
        assert numbers <= LIMIT, epochs


@pytest.mark.parametrize(("optimizer", "loss"), PAIRS)
def test_every_optimizer_and_every_loss_end_where_fit_does(optimizer: str, loss: str) -> None:
    # Steps for a short batch and those that validate are the next test's.
    require_equal(Job(loss, OPTIMIZERS[optimizer], Sizes(24, 0, 8)), "xla")


@pytest.mark.parametrize("job", SHAPES.values(), ids=SHAPES)
def test_other_batches_labels_and_weights_end_where_fit_does(job: Job) -> None:
    require_equal(job, "xla")


@pytest.mark.parametrize(("method", "jit"), [("xla", True), ("tf.function", False), ("fit", False)])
def test_compiled_alike_they_are_equal_to_the_bit(method: str, jit: bool) -> None:
    assert apart(trained(LONG, program(LONG, method)), fit(LONG, jit), LONG.epochs) == (0.0, 0.0)


def test_dropout_repeats_itself_for_the_same_seed_only() -> None:
    job = Job(dropout=0.5, epochs=3)
    by = program(job)
    first, again = trained(job, by), trained(job, by)
    assert apart(first, again, job.epochs) == (0.0, 0.0)
    by.start(job.model().get_weights(), job.seed + 1)
    other = by.run(job.rows, job.orders)
    assert any(
        not np.array_equal(stack[-1], array) for stack, array in zip(other.weights, first.weights[-1], strict=True)
    )
