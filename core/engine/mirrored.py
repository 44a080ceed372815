"""Several devices of one host: every one has the model's weights, and takes its part of each batch."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.compiled import Rows, Tensor

Strategy = Any
"""A ``tf.distribute.Strategy``; TensorFlow has no types."""

_one_at_a_time = threading.Lock()
"""Two programs that exchange gradients at the same time could wait for each other on different devices, for ever."""


def mirrored() -> Strategy:
    """Return the strategy over all GPUs of this host, or over its CPU where there is none."""
    return tf.distribute.MirroredStrategy()


def devices(strategy: Strategy) -> tuple[str, ...]:
    """Return the strategy's devices as in ``GPU:0``."""
    return tuple(name.rpartition("device:")[2] for name in strategy.extended.worker_devices)


def method(strategy: Strategy) -> str:
    """Return what is told of a training under ``strategy``."""
    return f"mirrored, {count(strategy.num_replicas_in_sync, 'device')}"


def steps(model: Any, rows: Rows) -> tuple[Callable[[Rows], Any], Callable[[Rows], Any]]:
    """Return what trains on a batch and what validates on one, for batches like ``rows`` of any length.

    ``model`` must have been built in a strategy's scope, with its metrics and its optimizer's variables.
    """
    return _on_every_device(model, _train, rows), _on_every_device(model, _validate, rows)


def _on_every_device(model: Any, step: Callable[[Any, Rows], Tensor], rows: Rows) -> Callable[[Rows], Any]:
    strategy = model.distribute_strategy

    def run(*batch: Tensor) -> Tensor:
        return strategy.reduce("SUM", strategy.run(step, args=(model, batch)), axis=None)

    # A length that is left open covers the short last batch too, and a device without any row.
    specs = [tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in rows]
    traced = tf.function(run, input_signature=specs, autograph=False).get_concrete_function()

    def call(batch: Rows) -> dict[str, Tensor]:
        with _one_at_a_time:
            return {"loss": traced(*batch)}

    return call


def _train(model: Any, batch: Rows) -> Tensor:
    """Train on this device's part of ``batch``; return its loss, which is finite if all it is made of is.

    Keras's own ``train_step`` takes the mean of the devices' means: right only where all have as many rows.
    """
    rows, share = _part(batch)
    with tf.GradientTape() as tape:
        outputs = model(rows[0], training=True)
        loss = model.compute_loss(rows[0], rows[1], outputs, *rows[2:])
        # Keras has divided it by the number of devices.
        whole = loss * tf.cast(tf.distribute.get_replica_context().num_replicas_in_sync, loss.dtype)
        shared = loss * tf.cast(share, loss.dtype)
    model.metrics[0].update_state(whole, sample_weight=tf.shape(rows[0])[0])
    if model.trainable_variables:
        gradients = tape.gradient(shared, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    model.compute_metrics(rows[0], rows[1], outputs, *rows[2:])
    return shared


def _validate(model: Any, batch: Rows) -> Tensor:
    rows, _ = _part(batch)
    return model.test_step(rows)["loss"]


def _part(batch: Rows) -> tuple[Rows, Tensor]:
    """Return this device's rows of ``batch``, and how many these are of the number that an even division would give."""
    here = tf.distribute.get_replica_context()
    place, parts = here.replica_id_in_sync_group, here.num_replicas_in_sync
    length = tf.shape(batch[0])[0]
    begin, end = place * length // parts, (place + 1) * length // parts
    return tuple(part[begin:end] for part in batch), (end - begin) * parts / length
