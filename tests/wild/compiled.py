"""A random model compiled at random: fitting losses and labels, an optimizer, weights of rows or classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.errors import Refused
from core.losses import KERAS_LOSSES, Labels, Over
from core.losses.batches import KERAS_BATCH
from core.model.files.opening import OpenedModel, open_any
from core.model.network import require_loss
from core.tasks import task_of
from core.tasks.fitting import require_trains
from core.training.optimizers import KERAS_OPTIMIZERS
from tests.wild.draws import Draws
from tests.wild.trial import Differs, NotTried, Trial, as_long

import keras  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import KerasArray
    from core.losses import Loss
    from core.model.written import Output
    from core.tasks import Task
    from core.training.recipe import Recipe

WITHOUT = {"lion", "muon", "lamb", "adafactor"}
"""Optimizers whose step is as large for a slope that is only a rounding error: they are compared elsewhere."""

SMOOTH = {"epsilon": 0.01}
"""What keeps an optimizer from dividing one rounding error by another."""

EVERY: tuple[dict[str, Any], ...] = (
    {"clipnorm": 0.3},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.5},
    {"gradient_accumulation_steps": 2},
    {"weight_decay": 0.05},
    {"loss_scale_factor": 8.0},
)
OWN: dict[str, tuple[dict[str, Any], ...]] = {
    "sgd": ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {}),
    "adam": ({"amsgrad": True}, {}),
    "rmsprop": ({"momentum": 0.5, "centered": True}, {}),
    "ftrl": ({"l1_regularization_strength": 0.01, "l2_shrinkage_regularization_strength": 0.02},),
}
"""Settings of optimizers that are drawn, of each and of some."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """A trial whose file says how it was compiled, and labels: as Keras takes them, and beside each other in rows.

    ``weights`` are those of the rows, ``of_classes`` those of the classes, if there are any.
    """

    trial: Trial
    losses: tuple[Loss, ...]
    labels: Sequence[Any]
    flat: KerasArray
    recipe: Recipe
    weights: KerasArray | None
    of_classes: dict[int, float] | None

    @classmethod
    def of(cls, trial: Trial) -> Compiled:
        """Compile the model, save it again, and read how it was compiled.

        Raises:
            NotTried: there are no losses of its outputs, or Keras can't train it.
            Differs: it is read otherwise than it was compiled.
        """
        network, draws = trial.network, Draws(trial.seed)
        draws.random = trial.random(3)
        try:
            require_loss(network)
        except Refused as reason:
            raise NotTried(f"no loss: {str(reason)[:40]}") from None
        if not all(output.shape for output in network.each_output):
            raise NotTried("an output of one number without an axis")
        losses = _losses(draws, network.each_output)
        labels = [
            _labels(draws, one, out, len(trial.rows)) for one, out in zip(losses, network.each_output, strict=True)
        ]
        _freeze(trial.model)
        made = [getattr(keras.losses, one.keras_class)(**one.arguments) for one in losses]
        scales = [one.weight for one in losses]
        trial.model.compile(
            _optimizer(draws),
            made if len(made) > 1 else made[0],
            None if set(scales) == {1.0} else scales if len(made) > 1 else scales[0],
            run_eagerly=True,
        )
        trial.model.optimizer.build(trial.model.trainable_variables)
        trial.model.save(trial.path)
        opened = open_any(trial.path)
        assert isinstance(opened, OpenedModel)
        if opened.recipe is None:
            raise Differs(f"how it was compiled is not read: {opened.notes}")
        if opened.recipe.losses(len(losses)) != losses:
            raise Differs(f"it has the losses {opened.recipe.losses(len(losses))}, was compiled with {losses}")
        flat = np.concatenate([one.reshape(len(one), -1) for one in labels], axis=1).astype(np.float32)
        weights = draws.random.uniform(0.5, 2, len(flat)).astype("f4") if draws.chance(0.3) else None
        if any(one.over is Over.BATCH for one in losses):
            weights = None
        of_classes = _of_classes(draws, losses, network.each_output) if weights is None else None
        recipe = msgspec.structs.replace(
            opened.recipe,
            epochs=2,
            batch_size=4 if len(flat) < KERAS_BATCH else KERAS_BATCH,
            validation_split=0.0,
            class_weights=tuple((of_classes or {}).values()),
        )
        trial = replace(trial, opened=as_long(opened))
        return cls(trial, losses, labels, flat, recipe, weights, of_classes)

    @cached_property
    def dataset(self) -> Dataset:
        return Dataset(frozen(self.trial.rows), frozen(self.flat), DataFile("wild.npz"), self.weights)

    @cached_property
    def task(self) -> Task:
        """What the labels mean.

        Raises:
            NotTried: they mean something that the losses don't take.
        """
        network = self.trial.network
        task = task_of(self.dataset, network, self.losses, None)
        try:
            require_trains(task, self.recipe, network, self.dataset)
        except Refused as reason:
            raise NotTried(f"labels: {str(reason)[:60]}") from None
        if not np.array_equal(task.targets(self.flat, network.outputs), self.flat):
            raise NotTried("labels are taken otherwise")
        return task


def _freeze(model: Any) -> None:
    """Freeze what is within frozen layers: parts that Keras made later, as of a MultiHeadAttention, it would train."""
    for layer in model._flatten_layers(include_self=False):
        for part in layer._flatten_layers(include_self=False) if not layer.trainable else ():
            part.trainable = False


def _losses(draws: Draws, outputs: Sequence[Output]) -> tuple[Loss, ...]:
    alike = draws.chance(0.3)
    found: list[Loss] = []
    for output in outputs:
        fits = [one for one in KERAS_LOSSES.values() if _fits(one, output)]
        loss = found[0] if alike and found and _fits(found[0], output) else draws.one(fits)
        if len(outputs) > 1 and not alike and draws.chance(0.5):
            loss = loss.with_options((("loss_weights", draws.one([0.5, 2.0])),))
        if not loss.given and draws.chance(0.15):
            loss = loss.with_options((("reduction", draws.one(["sum", "mean_with_sample_weight"])),))
        found.append(loss)
    return tuple(found)


def _fits(loss: Loss, output: Output) -> bool:
    if loss.name == "categorical_generalized_cross_entropy":
        # Keras wants its labels flat.
        return False
    return output.shape[-1] > 1 or loss.labels not in (Labels.ONE_HOT, Labels.CLASSES)


def _labels(draws: Draws, loss: Loss, output: Output, rows: int) -> Any:
    shape, random = (rows, *output.shape), draws.random
    match loss.labels:
        case Labels.CLASSES:
            return random.integers(0, shape[-1], shape[:-1] if len(shape) > 2 else (rows, 1)).astype("f4")
        case Labels.ONE_HOT:
            return np.eye(shape[-1], dtype="f4")[random.integers(0, shape[-1], shape[:-1])]
        case Labels.SIGNS:
            return random.choice([-1.0, 1.0], shape).astype("f4")
        case Labels.BINARY:
            return random.choice([0.0, 1.0], shape).astype("f4")
    return random.normal(size=shape).astype("f4")


def _of_classes(draws: Draws, losses: Sequence[Loss], outputs: Sequence[Output]) -> dict[int, float] | None:
    of_one = len(losses) == 1 and len(outputs[0].shape) == 1
    if not of_one or losses[0].labels not in (Labels.ONE_HOT, Labels.CLASSES) or not draws.chance(0.5):
        return None
    return {at: round(float(draws.random.uniform(0.3, 2)), 2) for at in range(outputs[0].shape[0])}


def _optimizer(draws: Draws) -> Any:
    name = draws.one(sorted(set(KERAS_OPTIMIZERS) - WITHOUT))
    known = {option.name for option in KERAS_OPTIMIZERS[name].options}
    settings = {**SMOOTH, **draws.one(OWN.get(name, ({},))), **(draws.one(EVERY) if draws.chance(0.5) else {})}
    rate: Any = 0.05
    if draws.chance(0.2):
        rate = keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)
    kept = {option: value for option, value in settings.items() if option in known}
    return getattr(keras.optimizers, KERAS_OPTIMIZERS[name].keras_class)(learning_rate=rate, **kept)
