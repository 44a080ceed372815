"""The form of the training's settings: its fields, what stands in them, and the recipe and layers that they make."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.losses import KERAS_LOSSES
from core.model.initial import MAX_SEED
from core.model.layers_text import chain_network, checked_shape, shape_text
from core.tasks import task_of
from core.tasks.class_weights import class_weights, require_class_weights
from core.tasks.fitting import require_metrics_fit
from core.tasks.scores import NAME
from core.training.keras_metrics import read_metrics, require_metrics
from core.training.optimizers import KERAS_OPTIMIZERS, checked_options
from core.training.options import in_words, read
from core.training.recipe import LOSSES, MAX_BATCH, MAX_EPOCHS, MONITORS, OPTIMIZERS, Recipe
from core.training.schedules import read_schedule, schedule_in_words
from core.typed import real, whole
from tui.widgets.form import Field, FieldRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from core.model.network import Network
    from core.session.state import State

RESTORE_BEST = {False: "stay at the last", True: "go back to the best"}

_number_to_pass = real("a number", lambda _: True, "of any size")


def _baseline(text: str) -> float | None:
    """Return what early stopping asks a number to pass; nothing typed is none."""
    return _number_to_pass(text) if text.strip() else None


LAYERS = Field("layers", "layers", checked_shape, "5 tanh, dropout 0.5, 1 tanh")

FIELDS = (
    Field("loss", "loss", str, choices=LOSSES),
    Field("loss_options", "its options", str, "as in label_smoothing 0.1"),
    Field("optimizer", "optimizer", str, choices=OPTIMIZERS),
    Field("optimizer_options", "its options", str, "as in momentum 0.9, nesterov"),
    Field(
        "learning_rate", "learning rate", real("a learning rate", lambda rate: 0 < rate <= 1e6, "above 0, up to 1e6")
    ),
    Field("schedule", "schedule", read_schedule, "or cosine_decay decay_steps 900"),
    Field("epochs", "epochs", whole("epochs", 1, MAX_EPOCHS)),
    Field("batch_size", "batch size", whole("a batch size", 1, MAX_BATCH), "larger than data: one batch"),
    Field(
        "validation_split",
        "validation split",
        real("a split", lambda split: 0 <= split < 1, "from 0 up to, not including, 1"),
        "last part of the data; 0: none",
    ),
    Field(
        "class_weights",
        "class weights",
        class_weights,
        "such as 1, 0.2: what each class counts",
    ),
    Field("metrics", "more metrics", read_metrics, "such as auc, fbeta_score=2"),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "initial weights and shuffling"),
    Field("patience", "patience", whole("a patience", 0, MAX_EPOCHS), "epochs; 0: no early stopping"),
    Field("monitor", "watching", str, choices=MONITORS),
    Field("min_delta", "by at least", real("an improvement", lambda least: least >= 0, "from 0 up")),
    Field("baseline", "and beyond", _baseline, "a number it must pass; empty: none"),
    Field("start_from_epoch", "from epoch", whole("a first epoch", 0, MAX_EPOCHS), "counted from 0"),
    Field("restore_best", "best weights", str, choices=tuple(RESTORE_BEST.values())),
    Field("target", "target accuracy", real("a target", lambda share: 0 <= share <= 1, "from 0 to 1"), "0: none"),
)


def training_fields(network: Network) -> tuple[Field, ...]:
    """Return the fields for ``network``: its layers are one only where a line of text says them."""
    return (LAYERS, *FIELDS) if shape_text(network) is not None and not network.lengths else FIELDS


def training_values(recipe: Recipe, network: Network) -> dict[str, str]:
    """Return what stands in the fields before anything is typed."""
    return {
        "layers": shape_text(network) or "",
        "loss": recipe.loss,
        "loss_options": in_words(recipe.loss_options),
        "optimizer": recipe.optimizer,
        "optimizer_options": in_words(recipe.optimizer_options),
        "learning_rate": f"{recipe.learning_rate:g}",
        "schedule": schedule_in_words(recipe.schedule),
        "epochs": str(recipe.epochs),
        "batch_size": str(recipe.batch_size),
        "validation_split": f"{recipe.validation_split:g}",
        "class_weights": ", ".join(f"{weight:g}" for weight in recipe.class_weights),
        "metrics": ", ".join(recipe.metrics),
        "seed": str(recipe.seed),
        "patience": str(recipe.patience),
        "monitor": recipe.monitor,
        "min_delta": f"{recipe.min_delta:g}",
        "baseline": "" if recipe.baseline is None else f"{recipe.baseline:g}",
        "start_from_epoch": str(recipe.start_from_epoch),
        "restore_best": RESTORE_BEST[recipe.restore_best],
        "target": f"{recipe.target:g}",
    }


def of_each_output(recipe: Recipe, network: Network) -> str:
    """Return the losses and metrics that single outputs have of their own, in a sentence; "" if none has."""
    names = [shorten(output.name, NAME) for output in network.each_output]
    losses = [f"{name} {loss.in_words()}" for name, loss in zip(names, recipe.losses(len(names)), strict=True)]
    metrics = [f"{name} {', '.join(own)}" for name, own in zip(names, recipe.metrics_by_output, strict=False) if own]
    own = [*(losses if recipe.by_output else ()), *metrics]
    if len(names) == 1 or not own:
        return ""
    return f"Outputs have their own: {'; '.join(own)}. Another loss here is for all of them, without these."


def read_training(state: State, values: dict[str, Any]) -> tuple[Recipe, str | None]:
    """Return the recipe and the layers that the fields' values make; None where the layers are no field.

    Raises:
        FieldRefused: the options are not the loss's or the optimizer's, or the metrics don't fit the loss or the
            state's labels.
        Refused: two others of them don't fit each other.
    """
    settings = dict(values)
    shape, name = settings.pop("layers", None), settings["optimizer"]
    with _about("loss_options"):
        loss = KERAS_LOSSES[settings["loss"]]
        settings["loss_options"] = loss.with_options(read(settings["loss_options"], loss.name, loss.options)).given
    with _about("optimizer_options"):
        options = read(settings["optimizer_options"], name, KERAS_OPTIMIZERS[name].options)
        settings["optimizer_options"] = checked_options(name, options)
    with _about("metrics"):
        require_metrics(settings["metrics"], settings["loss"])
    settings["restore_best"] = settings["restore_best"] == RESTORE_BEST[True]
    old = state.recipe
    same = (settings["loss"], settings["loss_options"]) == (old.loss, old.loss_options)
    own = (old.by_output, old.metrics_by_output) if same else ((), ())
    recipe = Recipe(**settings, task=old.task, by_output=own[0], metrics_by_output=own[1])
    network = state.model.network if shape is None else chain_network(state.model.network.input_shapes[0], shape)
    task = task_of(state.dataset, network, recipe.losses(len(network.graph.outputs)), recipe.task)
    with _about("metrics"):
        require_metrics_fit(task, recipe)
    with _about("class_weights"):
        require_class_weights(task, recipe.class_weights)
    return recipe, shape


@contextmanager
def _about(field: str) -> Iterator[None]:
    """Let what is refused be said beside ``field``."""
    try:
        yield
    except Refused as refusal:
        raise FieldRefused(field, str(refusal)) from refusal
