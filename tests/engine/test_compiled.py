"""Programs: traced once, whatever the numbers are; told where numbers break; the same in epochs and in batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.engine.built import set_weights
from core.engine.compiled import Batches, Epochs, Sizes, tensors
from core.engine.keras_model import model_to_train, set_learning_rate
from core.engine.programs import first_that_works
from core.engine.trouble import first_broken_layer
from core.model.initial import initial_weights
from core.model.layers_text import chain_network
from core.training.recipe import Recipe
from tests.engine.fit_oracle import Job, apart, fit, program, trained

JOB = Job(epochs=3)


@pytest.fixture(scope="module")
def epochs() -> Epochs:
    return program(JOB)


def test_nothing_is_traced_again_for_other_numbers(epochs: Epochs) -> None:
    first = trained(JOB, epochs)
    for seed, rate, count in ((0, 0.1, 1), (1, 0.001, 3), (2, 1e-5, 2)):
        other = replace(JOB, seed=seed)
        epochs.start(other.model().get_weights(), seed)
        set_learning_rate(epochs.model.optimizer, rate)
        assert epochs.run(tensors(other.rows), other.orders[:count]).done == count
    assert apart(trained(JOB, epochs), first, JOB.epochs) == (0.0, 0.0)
    assert epochs.traces == 1


def test_another_learning_rate_is_another_training(epochs: Epochs) -> None:
    ends = []
    for rate in (0.001, 0.1):
        epochs.start(JOB.model().get_weights(), 0)
        set_learning_rate(epochs.model.optimizer, rate)
        ends.append(epochs.run(JOB.rows, JOB.orders).weights[0][-1])
    assert np.abs(ends[0] - ends[1]).max() > 0.01


def test_a_learning_rate_schedule_works_inside_of_the_program() -> None:
    def optimizer() -> Any:
        return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5, staircase=True))

    job = Job("mean_squared_error", optimizer, epochs=4)
    assert max(apart(trained(job, program(job)), fit(job, eagerly=True), job.epochs)) <= 1e-6


def test_batches_lead_where_epochs_lead(epochs: Epochs) -> None:
    whole, sizes = trained(JOB, epochs), JOB.sizes
    by = Batches(JOB.model(), sizes, JOB.rows)
    by.start(JOB.model().get_weights(), JOB.seed)
    for epoch, order in enumerate(JOB.orders):
        for batch in range(sizes.batches):
            assert by.train(JOB.rows, order, batch, batch + 1) == (batch + 1, True)
        logs = by.results()
        by.validate(JOB.rows, 0, sizes.validation_batches)
        logs |= by.results("val_")
        for name, value in logs.items():
            assert value == pytest.approx(whole.history[name][epoch], abs=1e-6)
    for ours, theirs in zip(by.layers(), whole.weights[-1], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_state_can_be_taken_up_in_another_program(epochs: Epochs) -> None:
    whole = trained(JOB, epochs)
    epochs.start(JOB.model().get_weights(), JOB.seed)
    epochs.run(JOB.rows, JOB.orders[:1])
    state = epochs.state()
    epochs.run(JOB.rows, JOB.orders[1:2])
    other = Epochs(JOB.model(), JOB.sizes, JOB.rows, "tf.function")
    other.load(state)
    run = other.run(JOB.rows, JOB.orders[1:])
    for stack, array in zip(run.weights, whole.weights[-1], strict=True):
        np.testing.assert_allclose(stack[-1], array, atol=1e-6)


@pytest.mark.parametrize("poisoned", [1, 2])
def test_the_first_broken_batch_is_named(poisoned: int) -> None:
    """The second epoch's batch of this number is the only one with a point that is not finite: the last is short."""
    sizes = Sizes(32, 8, 12)
    points, labels = JOB.rows
    points = points.copy()
    orders = np.stack([np.arange(32), np.arange(32)])
    points[poisoned * 12] = np.inf
    orders[0][orders[0] == poisoned * 12] = 0
    by = Epochs(JOB.model(), sizes, (points, labels))
    by.start(JOB.model().get_weights(), 0)
    assert by.run((points, labels), orders)[:2] == (1, poisoned)
    batch = Batches(JOB.model(), sizes, (points, labels))
    batch.start(JOB.model().get_weights(), 0)
    assert batch.train((points, labels), orders[1], 0, 3) == (poisoned + 1, False)


def _built() -> Any:
    """Return what the job trains, built of a network."""
    model = model_to_train(chain_network(2, "5 tanh, 1 tanh"), Recipe())
    set_weights(model, initial_weights(chain_network(2, "5 tanh, 1 tanh"), 0).layers)
    return model


def test_the_first_broken_layer_is_named() -> None:
    model = _built()
    points, labels = JOB.rows
    place, words = first_broken_layer(model, (points, labels))
    largest = np.abs(model.predict(points, verbose=0)).max()
    assert (place, words) == (1, f"output of layer {{layer}} reaches {largest:.2g}, which is too large for the loss")
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel, bias + np.inf])
    assert first_broken_layer(model, (points, labels)) == (1, "weights of layer {layer} had it first")
    points[0] = np.nan
    assert first_broken_layer(model, (points, labels)) == (0, "output of layer {layer} had it first")


def test_an_output_that_the_loss_has_no_number_for_is_named() -> None:
    model = _built()
    model.compile("sgd", keras.losses.Poisson())
    lowest = model.predict(JOB.rows[0], verbose=0).min()
    words = f"output of layer {{layer}} falls to {lowest:.2g}, and poisson takes none below 0"
    assert first_broken_layer(model, JOB.rows) == (1, words)


class Refusing(keras.layers.Layer):  # type: ignore[misc]
    """Something that XLA cannot compile, or TensorFlow not even trace."""

    def __init__(self, needs: str) -> None:
        super().__init__()
        self.needs = needs

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, inputs.dtype)

    def call(self, inputs: Any) -> Any:
        if self.needs == "a graph":
            return tf.reshape(tf.py_function(lambda x: x, [inputs], tf.float32), tf.shape(inputs))
        if not tf.executing_eagerly():
            raise RuntimeError("only eagerly")
        return inputs


@pytest.mark.parametrize(("needs", "method"), [("a graph", "tf.function"), ("eagerness", "fit")])
def test_what_a_method_refuses_runs_by_the_next(needs: str, method: str) -> None:
    def build() -> Any:
        layers = [keras.Input((2,)), keras.layers.Dense(1, "tanh"), Refusing(needs)]
        model = keras.Sequential(layers)
        model.compile("sgd", "hinge", run_eagerly=needs == "eagerness")
        return model

    program = first_that_works(Epochs, build, JOB.sizes, JOB.rows)
    assert program.method == method
    program.start(build().get_weights(), 0)
    assert program.run(JOB.rows, JOB.orders).done == JOB.epochs


def test_labels_that_do_not_fit_are_refused_in_kerass_words() -> None:
    job, (points, _) = Job("categorical_crossentropy"), JOB.rows
    with pytest.raises(ValueError, match="shape"):
        first_that_works(Epochs, job.model, job.sizes, (points, np.ones((40, 2), np.float32)))
