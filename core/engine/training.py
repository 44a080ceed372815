"""One training: its epochs told in batches, its pulse felt between batches, its end."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from core.engine.keras_model import fit, get_weights, model_to_train
from core.engine.protocol import Progress, Stop, Trained, TrainingWeights, to_tensors
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.inbox import Inbox
    from core.engine.keras_model import KerasModel
    from core.engine.protocol import EpochMetrics, Event, Train
    from core.model.network import Network
    from core.model.weights import LayerArrays

KEPT = "stopped, and the weights from before this training are kept"


class _Stopped(Exception):
    """Leaves ``model.fit`` from between two batches."""


class _Run:
    """What a training has to remember between batches."""

    def __init__(self, command: Train, model: KerasModel, inbox: Inbox, send: Callable[[Event], None]) -> None:
        self._command = command
        self._model = model
        self._inbox = inbox
        self._send = send
        self._untold: list[EpochMetrics] = []
        self._begun = self._told = time.perf_counter()
        self.epoch = 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._begun

    def after_batch(self, loss: float) -> None:
        self._require_finite(loss)
        for command in self._inbox.for_training():
            if isinstance(command, Stop):
                raise _Stopped
            self._send(TrainingWeights(command.id, self.epoch, to_tensors(get_weights(self._model))))

    def after_epoch(self, metrics: EpochMetrics) -> None:
        self.epoch += 1
        self._untold.append(metrics)
        if time.perf_counter() - self._told >= self._command.interval:
            self.tell()

    def tell(self) -> None:
        if self._untold:
            self._send(Progress(self._command.id, tuple(self._untold), self.seconds))
        self._untold = []
        self._told = time.perf_counter()

    def _require_finite(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise Refused(f"the loss became {loss} in epoch {self.epoch + 1}: {KEPT}")


def train(
    command: Train,
    network: Network,
    layers: tuple[LayerArrays, ...],
    inbox: Inbox,
    send: Callable[[Event], None],
) -> Trained:
    """Train a new model from ``layers``; whatever happens to it, the held one is not touched.

    Raises:
        Refused: the loss or a weight became NaN or infinite.
    """
    model = model_to_train(network, layers, command.recipe)
    run = _Run(command, model, inbox, send)
    stopped = False
    try:
        fit(model, command.recipe, command.points.array(), command.labels.array(), run.after_batch, run.after_epoch)
    except _Stopped:
        stopped = True
    finally:
        run.tell()
    trained = get_weights(model)
    # The loss is taken before the last step: that step alone can still have broken the weights.
    if not all(np.isfinite(array).all() for arrays in trained for array in arrays):
        raise Refused(f"the weights became NaN or infinite in the last step: {KEPT}")
    return Trained(command.id, to_tensors(trained), run.seconds, stopped)
