"""What the engine process is told and what it answers: tagged structs; :mod:`core.engine.frames` sends them.

Every command has an ``id`` that its answers repeat. Every answer that depends on weights names their
``version``, so that a stale one can be dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.engine.reading import SIGNS, Reading
from core.model.network import Network
from core.training.options import Options
from core.training.recipe import Recipe
from core.training.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray


class Tensor(msgspec.Struct, frozen=True):
    """A float32 array on the wire: its shape and its little-endian bytes in C order."""

    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Tensor:
        """Return ``values`` ready to be sent."""
        import numpy as np

        array = np.ascontiguousarray(values, dtype="<f4")
        return cls(np.shape(values), array.tobytes())

    def array(self) -> KerasArray:
        """Return the values as a read-only array."""
        import numpy as np

        return np.frombuffer(self.data, dtype="<f4").reshape(self.shape)


LayerTensors = tuple[tuple[Tensor, ...], ...]


def to_tensors(layers: Sequence[Sequence[npt.ArrayLike]]) -> LayerTensors:
    """Return every array of every layer ready to be sent."""
    return tuple(tuple(Tensor.of(array) for array in arrays) for arrays in layers)


def to_arrays(layers: LayerTensors) -> tuple[tuple[KerasArray, ...], ...]:
    """Return every array of every layer as it came."""
    return tuple(tuple(tensor.array() for tensor in tensors) for tensors in layers)


# Commands


class SetWeights(msgspec.Struct, frozen=True, tag=True):
    """Build ``network`` unless it is the one held, and give every layer its arrays by ``set_weights``."""

    id: int
    version: int
    network: Network
    layers: LayerTensors


class Predict(msgspec.Struct, frozen=True, tag=True):
    """Ask ``model.predict`` for ``points``, with the weights of ``version``, which must be held."""

    id: int
    version: int
    points: Tensor


class Evaluate(msgspec.Struct, frozen=True, tag=True):
    """Ask ``model.evaluate`` for loss and metrics on labelled points, by a loss with its settings, or one by output.

    ``labels``, of shape (rows, columns), are Keras's own. ``metrics`` are asked for of each output, beside those that
    the task has.
    """

    id: int
    version: int
    points: Tensor
    labels: Tensor
    loss: str
    reading: Reading = SIGNS
    loss_options: Options = ()
    metrics: tuple[tuple[str, ...], ...] = ()
    by_output: tuple[tuple[str, Options], ...] = ()


class AskLoss(msgspec.Struct, frozen=True, tag=True):
    """Ask what Keras's ``loss`` with its settings, or one by output, gives for one row and its ``label``."""

    id: int
    version: int
    point: Tensor
    label: Tensor
    loss: str
    loss_options: Options = ()
    by_output: tuple[tuple[str, Options], ...] = ()


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a training: ``epoch`` whole epochs, and ``batch`` batches of the next one."""

    epoch: int
    batch: int = 0


class EarlyStopping(msgspec.Struct, frozen=True):
    """``keras.callbacks.EarlyStopping``: its arguments, its defaults, its meaning."""

    monitor: str = "val_loss"
    min_delta: float = 0.0
    patience: int = 0
    mode: str = "auto"
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: int = 0


class StopRule(msgspec.Struct, frozen=True):
    """What ends a training early: Keras's early stopping, or the first epoch in which ``metric`` reaches ``target``."""

    early_stopping: EarlyStopping | None = None
    metric: str = "sign_accuracy"
    target: float | None = None


class Train(msgspec.Struct, frozen=True, tag=True):
    """Train ``network`` from these arrays of its layers, telling epochs at most every ``interval`` seconds.

    What is held stays as it is. With ``until`` it pauses there (``Paused``) and waits, under this id, for a ``Resume``.
    ``labels``, (rows, columns), are as ``fit`` gets them, and so are ``sample_weights``, one a point. With a
    ``standing`` it goes on from there, with these weights, as if it had never been cut.
    """

    id: int
    network: Network
    layers: LayerTensors
    recipe: Recipe
    points: Tensor
    labels: Tensor
    interval: float = 0.2
    until: Position | None = None
    stop_rule: StopRule | None = None
    sample_weights: Tensor | None = None
    reading: Reading = SIGNS
    standing: Standing | None = None


class Resume(msgspec.Struct, frozen=True, tag=True):
    """Go on with the paused training ``id``, its optimizer as it was, to its end or to ``until``."""

    id: int
    until: Position | None = None


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """Compile what a training of ``recipe`` on points of this shape will run; commands that come are served meanwhile.

    Learning rate, seed, epochs, labels and the numbers of the points are free to change afterwards, and so are those
    of the sample weights, if it is to be ``weighted`` by such. A label has ``columns`` numbers.
    """

    id: int
    network: Network
    recipe: Recipe
    points_shape: tuple[int, int]
    weighted: bool = False
    reading: Reading = SIGNS
    columns: int = 1


class AskWeights(msgspec.Struct, frozen=True, tag=True):
    """Ask a running training for its weights as they are at the next batch's end."""

    id: int


class Stop(msgspec.Struct, frozen=True, tag=True):
    """End the running training within 0.2 s, between two batches; or the paused one that has this id."""

    id: int


class CallLayer(msgspec.Struct, frozen=True, tag=True):
    """Ask what a layer of Keras's own makes of ``inputs``, without the batch; ``entry`` describes it as JSON.

    ``arrays`` are its own, by the names that their file has for them. It is called with the inputs one by one, or with
    one list of them if they are ``listed``, and with ``named`` settings.
    """

    id: int
    entry: str
    arrays: tuple[tuple[str, Tensor], ...]
    inputs: tuple[Tensor, ...]
    listed: bool = False
    named: tuple[tuple[str, bool], ...] = ()


Command = CallLayer | SetWeights | Predict | Evaluate | AskLoss | Train | Resume | Prepare | AskWeights | Stop


# Events


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Keras has been imported; ``devices`` are those that share a training, if a strategy was asked for."""

    keras: str
    tensorflow: str
    devices: tuple[str, ...] = ()


class Held(msgspec.Struct, frozen=True, tag=True):
    """What Keras's ``get_weights`` gives back after ``SetWeights``."""

    id: int
    version: int
    layers: LayerTensors


class Predicted(msgspec.Struct, frozen=True, tag=True):
    """What ``model.predict`` gave; ``layers`` are the outputs of every layer for the first point alone."""

    id: int
    version: int
    outputs: Tensor
    layers: tuple[Tensor, ...] = ()


class LayerMade(msgspec.Struct, frozen=True, tag=True):
    """The answer to :class:`CallLayer`: every output, without the batch."""

    id: int
    outputs: tuple[Tensor, ...]


class Evaluated(msgspec.Struct, frozen=True, tag=True):
    """What ``model.evaluate`` gave with batches of ``batch_size``: the loss, and the metrics by Keras's names."""

    id: int
    version: int
    loss: float
    metrics: dict[str, float]
    batch_size: int = 0


class RowLoss(msgspec.Struct, frozen=True, tag=True):
    """What Keras's loss gave for the one row: ``loss`` as ``model.evaluate`` calculates it, without regularizers.

    ``of_prediction`` is what its loss function gives for what ``model.predict`` makes of the row. They are two where
    Keras looks under the last activation (:mod:`core.losses.logits`).
    """

    id: int
    version: int
    loss: float
    of_prediction: float


class EpochMetrics(msgspec.Struct, frozen=True, gc=False):
    """One epoch's ``History`` numbers: the losses, and the metrics by their names; ``val_`` ones only with a split."""

    loss: float
    val_loss: float | None = None
    metrics: dict[str, float] = {}

    def by_name(self) -> dict[str, float | None]:
        """Return all numbers as ``History`` names them; None for a validation loss that there is not."""
        return {"loss": self.loss, "val_loss": self.val_loss, **self.metrics}


class Compiling(msgspec.Struct, frozen=True, tag=True):
    """A training waits for its program to be compiled, and has waited for such ``seconds`` so far."""

    id: int
    seconds: float


class Progress(msgspec.Struct, frozen=True, tag=True):
    """Epochs that have ended since the last ``Progress`` of the same training; none is left out.

    ``weights`` has every array of every layer stacked, of shape (epochs, ...): the weights after each epoch in
    ``weights_epochs``, counted from 1. These are all that are told here; the last of them if all were over 4 MB,
    and none if one alone is over 64 MB. ``standing`` is where it stands beside them after the last epoch, if that
    takes at most 4 MB.
    """

    id: int
    epochs: tuple[EpochMetrics, ...]
    seconds: float
    method: str = ""
    weights: LayerTensors = ()
    weights_epochs: tuple[int, ...] = ()
    standing: Standing | None = None


class TrainingWeights(msgspec.Struct, frozen=True, tag=True):
    """The weights of a running training after ``epoch`` whole epochs and ``batch`` batches of the next."""

    id: int
    epoch: int
    layers: LayerTensors
    batch: int = 0


class Paused(msgspec.Struct, frozen=True, tag=True):
    """A training waits after ``epoch`` whole epochs and ``batch`` of the next one's ``batches`` batches.

    ``metrics`` are the unfinished epoch's so far, None at an epoch's end; ``rows`` are the points of its last batch.
    """

    id: int
    epoch: int
    batch: int
    layers: LayerTensors
    seconds: float
    batches: int
    method: str = ""
    metrics: EpochMetrics | None = None
    rows: tuple[int, ...] = ()


class Trained(msgspec.Struct, frozen=True, tag=True):
    """A training's end: its last weights, how long it took, whether it ended before the last epoch.

    ``method`` is what ran ("xla", "tf.function", "fit" or "mirrored, 2 devices"); ``reason`` a sentence if a stop
    rule ended it or chose the weights; ``compiling`` the part of ``seconds`` that waited for a program, 0 if none;
    ``epoch`` the one that ``layers`` are the weights after, and ``batch`` the batches of the next. ``standing`` is
    where one that ended early stood after its last whole epoch.
    """

    id: int
    layers: LayerTensors
    seconds: float
    stopped: bool
    method: str = ""
    reason: str = ""
    compiling: float = 0.0
    epoch: int = 0
    batch: int = 0
    standing: Standing | None = None


class Prepared(msgspec.Struct, frozen=True, tag=True):
    """A program is compiled, or was: ``seconds`` is what it took, ``method`` what will run."""

    id: int
    method: str
    seconds: float


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A command was refused; nothing that was held has changed. ``message`` is one line of Keras's or ours.

    A training whose numbers broke says where: in which epoch and batch, counted from 1, and which layer's.
    """

    id: int
    message: str
    epoch: int | None = None
    batch: int | None = None
    layer: str | None = None


Event = (
    Ready
    | Held
    | Predicted
    | LayerMade
    | Evaluated
    | RowLoss
    | Compiling
    | Progress
    | TrainingWeights
    | Paused
    | Trained
    | Prepared
    | Failed
)
