"""A random model compiled at random: fitting losses and labels, an optimizer, weights of rows or classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from inspect import signature
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.arrays import frozen
from core.data.dataset import DataFile, Dataset
from core.engine.keras_model import _optimizer as optimizer_of
from core.errors import Refused
from core.losses import KERAS_LOSSES, Labels, Over
from core.losses.batches import KERAS_BATCH
from core.model.files.opening import OpenedModel, open_any
from core.model.network import require_loss
from core.tasks import task_of
from core.tasks.fitting import require_trains
from core.training.keras_metrics import KERAS_METRICS, SPELLED
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
    from core.training.keras_metrics import Metric
    from core.training.recipe import Recipe

WITHOUT = {"lion", "muon", "lamb", "adafactor"}
"""Optimizers whose step is as large for a slope that is only a rounding error: of them settings are compared alone."""

SMOOTH = {"epsilon": 0.01}
"""What keeps an optimizer from dividing one rounding error by another."""

EVERY: tuple[dict[str, Any], ...] = (
    {"clipnorm": 0.3},
    {"clipvalue": 0.1},
    {"global_clipnorm": 0.5},
    {"gradient_accumulation_steps": 2},
    {"weight_decay": 0.05},
    {"loss_scale_factor": 8.0},
    {"use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2},
)
OWN: dict[str, tuple[dict[str, Any], ...]] = {
    "sgd": ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {}),
    "adam": ({"amsgrad": True}, {}),
    "rmsprop": ({"momentum": 0.5, "centered": True}, {}),
    "adagrad": ({"initial_accumulator_value": 0.3},),
    "adamw": ({"weight_decay": 0.02}, {}),
    "muon": ({"weight_decay": None}, {"adam_weight_decay": None, "ns_steps": 3}, {"nesterov": False, "epsilon": 1e-3}),
    "adafactor": ({"relative_step": False}, {"clip_threshold": 0.5, "beta_2_decay": -0.6}),
    "schedulefreeadamw": ({"warmup_steps": 2}, {}),
    "ftrl": ({"l1_regularization_strength": 0.01, "l2_shrinkage_regularization_strength": 0.02},),
}
"""Settings of optimizers that are drawn, of each and of some."""

SCHEDULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ExponentialDecay", {"decay_steps": 2, "decay_rate": 0.5}),
    ("ExponentialDecay", {"decay_steps": 2, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 3, "decay_rate": 0.7}),
    ("PolynomialDecay", {"decay_steps": 3, "power": 2.0, "end_learning_rate": 0.01, "cycle": True}),
    ("CosineDecay", {"decay_steps": 3, "alpha": 0.1}),
    ("CosineDecay", {"decay_steps": 2, "warmup_target": 0.08, "warmup_steps": 2}),
    ("CosineDecayRestarts", {"first_decay_steps": 2, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.05}),
)
"""Schedules that begin with the learning rate."""


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
        optimizer = _optimizer(draws)
        loss, scales = _spelled(draws, trial.model, losses)
        metrics = [_metrics(draws, one, out) for one, out in zip(losses, network.each_output, strict=True)]
        counted = metrics if len(metrics) > 1 else metrics[0]
        trial.model.compile(optimizer, loss, scales, counted if any(metrics) else None, run_eagerly=True)
        trial.model.optimizer.build(trial.model.trainable_variables)
        trial.model.save(trial.path)
        opened = open_any(trial.path)
        assert isinstance(opened, OpenedModel)
        if opened.recipe is None:
            raise Differs(f"how it was compiled is not read: {opened.notes}")
        if opened.recipe.losses(len(losses)) != losses:
            raise Differs(f"it has the losses {opened.recipe.losses(len(losses))}, was compiled with {losses}")
        _require_optimizer(optimizer, opened)
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

    def beside(self, values: Sequence[Any]) -> Any:
        """Return something of each output as Keras's model has its outputs."""
        return keras.tree.pack_sequence_as(_functional(self.trial.model)._outputs_struct, list(values))

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


AS_COMPILED = ("mse", "mae", "accuracy")
"""Metrics that Keras is given by these names as well."""

OPTIONS: dict[str, tuple[Any, ...]] = {
    "k": (1, 2, 5), "beta": (0.5, 2.0), "target_class_ids": (0, 1), "ignore_class": (0,), "threshold": (0.3,),
    "thresholds": (0.6,), "recall": (0.4,), "precision": (0.6,), "specificity": (0.5,), "sensitivity": (0.5,),
}  # fmt: skip
"""The one setting that a metric can have -> what is drawn for it."""


OF_ROWS = ("r2_score", "f1_score", "fbeta_score")
"""Metrics that Keras has of outputs in a row alone."""


def _metrics(draws: Draws, loss: Loss, output: Output) -> list[Any]:
    """Return one metric or two that the labels of a loss fit, as ``compile`` is given them."""
    fitting = [one for one in KERAS_METRICS.values() if loss.labels in one.labels]
    if len(output.shape) > 1:
        fitting = [one for one in fitting if one.name not in OF_ROWS]
    drawn = [draws.one(fitting) for _ in range(draws.one([0, 0, 1, 1, 2]))]
    return [_metric(draws, one, output.shape[-1]) for one in drawn]


def _metric(draws: Draws, metric: Metric, outputs: int) -> Any:
    if not metric.keras_class:
        return metric.name
    settings, option = dict(metric.settings(outputs)), metric.option
    if option is not None and (option.required or draws.chance(0.5)):
        value = draws.one(OPTIONS[option.name])
        settings[option.name] = [value] if option.name == "target_class_ids" else value
    short = next((one for one in AS_COMPILED if SPELLED.get(one) == metric.name), "")
    return short if short and draws.chance(0.5) else getattr(keras.metrics, metric.keras_class)(**settings)


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


def _spelled(draws: Draws, model: Any, losses: Sequence[Loss]) -> tuple[Any, Any]:
    """Return losses and their weights as ``compile`` takes them: by names or in a list, and alone if there is one."""
    made = [
        loss.name
        if not loss.arguments and draws.chance(0.3)
        else getattr(keras.losses, loss.keras_class)(**loss.arguments)
        for loss in losses
    ]
    scales = [one.weight for one in losses]
    weighed = set(scales) != {1.0}
    outputs, names = _functional(model)._outputs_struct, _functional(model).output_names
    if isinstance(outputs, dict) or (len(set(names)) == len(made) and draws.chance(0.3)):
        keys = sorted(outputs) if isinstance(outputs, dict) else names
        return dict(zip(keys, made, strict=True)), dict(zip(keys, scales, strict=True)) if weighed else None
    if len(made) > 1 or draws.chance(0.1):
        return made, scales if weighed else None
    return made[0], scales[0] if weighed else None


def _functional(model: Any) -> Any:
    """Return the model that a Sequential one is of."""
    return getattr(model, "_functional", model)


def _optimizer(draws: Draws) -> Any:
    name = draws.one(sorted(KERAS_OPTIMIZERS))
    settings = {**SMOOTH, **draws.one(OWN.get(name, ({},))), **(draws.one(EVERY) if draws.chance(0.5) else {})}
    kind = getattr(keras.optimizers, KERAS_OPTIMIZERS[name].keras_class)
    rate: Any = 0.05
    if draws.chance(0.3):
        schedule, options = draws.one(SCHEDULES)
        rate = getattr(keras.optimizers.schedules, schedule)(0.05, **options)
        if draws.chance(0.2):
            rate = keras.optimizers.schedules.PiecewiseConstantDecay([1, 3], [0.05, 0.03, 0.07])
    known = {*signature(kind).parameters, "use_ema", "ema_momentum", "ema_overwrite_frequency"}
    kept = {option: value for option, value in settings.items() if option in known}
    return kind(learning_rate=rate, **kept)


def _require_optimizer(optimizer: Any, opened: OpenedModel) -> None:
    """Require that an optimizer is made here of the settings of another one, but for those that a note names."""
    assert opened.recipe is not None
    ours, theirs = (_plain(one.get_config()) for one in (optimizer_of(opened.recipe), optimizer))
    for setting in theirs:
        noted = any(f" {setting} " in note for note in opened.notes)
        # No decay is one of 0.
        pair = [one[setting] or "0" if setting.endswith("decay") else one[setting] for one in (ours, theirs)]
        if setting != "name" and not noted and pair[0] != pair[1]:
            raise Differs(f"its optimizer has {setting} {ours[setting]}, was compiled with {theirs[setting]}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__tensor__":
            return _plain(value["config"]["value"])
        return {name: _plain(one) for name, one in value.items() if name != "name"}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | bool) or value is None else f"{float(value):.6g}"
