"""Dials: the settings of a training that are turned one notch at a time, and what each notch is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from core.activations import ACTIVATIONS, HALVING
from core.data.dataset import DataFile, generate
from core.data.makers import Digits, Iris, Nothing
from core.errors import Refused
from core.losses import kept_options as kept_loss_options
from core.losses import loss_called
from core.model.network import MAX_UNITS, Network, require_loss, why_no_loss
from core.tasks import task_of
from core.tasks.fitting import label_kinds, require_fits
from core.training.keras_metrics import fits_kind
from core.training.optimizers import kept_options
from core.training.recipe import LOSSES, MAX_BATCH, MAX_EPOCHS, OPTIMIZERS, Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.data.dataset import Dataset
    from core.losses import Loss

RATES = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 5))
EPOCHS = (1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10_000)
BATCHES = tuple(2**power for power in range(13))
NOISES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TURNABLE = tuple(name for name in ACTIVATIONS if name not in HALVING)


@dataclass(frozen=True)
class Settings:
    """What a training depends on, apart from the initial weights."""

    recipe: Recipe
    network: Network
    dataset: Dataset


@dataclass(frozen=True)
class Dial:
    """One setting: how it reads, and what the settings are one notch up (+1) or down (-1)."""

    name: str
    text: Callable[[Settings], str]
    turned: Callable[[Settings, int], Settings]


def _recipe_dial(name: str, label: str, notches: Sequence[object], last: float = math.inf) -> Dial:
    def turned(settings: Settings, notch: int) -> Settings:
        value = _next(getattr(settings.recipe, name), notches, notch, last)
        return Settings(msgspec.structs.replace(settings.recipe, **{name: value}), settings.network, settings.dataset)

    return Dial(label, lambda settings: _text(getattr(settings.recipe, name)), turned)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _next(value: object, notches: Sequence[object], notch: int, last: float) -> object:
    """Return the notch after or before ``value``, which stays within their ends."""
    numbers = [float(number) for number in notches if isinstance(number, int | float)]
    here = float(value) if isinstance(value, int | float) else 0.0
    if notch > 0:
        found = next((number for number in numbers if number > here * (1 + 1e-9)), here)
    else:
        found = next((number for number in reversed(numbers) if number < here * (1 - 1e-9)), here)
    found = min(found, last)
    return int(found) if isinstance(value, int) else found


def _optimizer(settings: Settings, notch: int) -> Settings:
    recipe = settings.recipe
    name = OPTIMIZERS[(OPTIMIZERS.index(recipe.optimizer) + notch) % len(OPTIMIZERS)]
    options = kept_options(recipe.optimizer_options, name)
    turned = msgspec.structs.replace(recipe, optimizer=name, optimizer_options=options)
    return Settings(turned, settings.network, settings.dataset)


def _why_not(loss: str, settings: Settings) -> str:
    """Return why a loss does not fit the labels or the outputs, "" if it does."""
    network, dataset, losses = settings.network, settings.dataset, _one_for_all(loss, settings)
    try:
        require_fits(task_of(dataset, network, losses, settings.recipe.task), losses, network, dataset)
    except Refused as refusal:
        return str(refusal)
    return ""


def _one_for_all(loss: str, settings: Settings) -> tuple[Loss, ...]:
    return (loss_called(loss),) * len(settings.network.graph.outputs)


def _fitting_metrics(loss: str, settings: Settings) -> tuple[str, ...]:
    """Return those of the recipe's metrics that fit the labels that Keras gets for ``loss``."""
    task = task_of(settings.dataset, settings.network, _one_for_all(loss, settings), settings.recipe.task)
    kinds = label_kinds(task)
    return tuple(metric for metric in settings.recipe.metrics if all(fits_kind(metric, kind) for kind in kinds))


def _loss(settings: Settings, notch: int) -> Settings:
    """Go on to the next loss that fits the outputs of the network, with those of the metrics that fit its labels.

    Raises:
        Refused: there is none of the model's outputs, there are no data, or none fits these.
    """
    require_loss(settings.network)
    if not len(settings.dataset):
        raise Refused("expected data whose labels say which losses fit, got none: on Data, o opens some, s makes some")
    here = settings.recipe.loss
    fitting = [loss for loss in LOSSES if not _why_not(loss, settings)]
    if not fitting:
        raise Refused(_why_not(here, settings))
    found = fitting[(fitting.index(here) + notch) % len(fitting)] if here in fitting else fitting[0]
    metrics = _fitting_metrics(found, settings)
    options = kept_loss_options(loss_called(here, settings.recipe.loss_options), found)
    turned = msgspec.structs.replace(
        settings.recipe, loss=found, loss_options=options, metrics=metrics, by_output=(), metrics_by_output=()
    )
    return Settings(turned, settings.network, settings.dataset)


def _loss_text(settings: Settings) -> str:
    if why_no_loss(settings.network):
        return "-"
    own = len(settings.recipe.by_output) == len(settings.network.graph.outputs)
    return "by output" if own else settings.recipe.loss


def _seed(settings: Settings, notch: int) -> Settings:
    seed = max(settings.recipe.seed + notch, 0)
    return Settings(msgspec.structs.replace(settings.recipe, seed=seed), settings.network, settings.dataset)


def _noise(settings: Settings, notch: int) -> Settings:
    match settings.dataset.origin:
        case DataFile() as file:
            raise Refused(f"the labels of {file.name} stand as they are: noise is for data that a rule makes")
        case Nothing():
            raise Refused("there are no data to add noise to: s on Data makes some")
        case Digits() | Iris() as collection:
            raise Refused(f"the points of {collection.kind} stand as they are: noise is for data that are drawn")
        case maker:
            noisy = msgspec.structs.replace(maker, noise=_next(maker.noise, NOISES, notch, math.inf))
            return Settings(settings.recipe, settings.network, generate(noisy))


def _noise_text(settings: Settings) -> str:
    noise = getattr(settings.dataset.origin, "noise", None)
    return "-" if noise is None else f"{noise:g}"


def hidden(network: Network) -> int:
    """Return the place of the layer whose units and activation the dials turn: the first Dense.

    Raises:
        Refused: there is no Dense layer.
    """
    for place, layer in enumerate(network.layers):
        if hasattr(layer, "units") and "weighted sum" in network.written.of_call(network.paths[place]):
            return place
    raise Refused("expected a model with a Dense layer to turn, got another one")


def _is_output(network: Network, place: int) -> bool:
    return not any(hasattr(layer, "units") for layer in network.layers[place + 1 :])


def _units(settings: Settings, notch: int) -> Settings:
    place = hidden(settings.network)
    if _is_output(settings.network, place):
        raise Refused("expected a hidden layer whose units could change; the only Dense layer is the output")
    units: int = settings.network.layers[place].units  # type: ignore[attr-defined]
    return _with(settings, place, units=min(max(units + notch, 1), MAX_UNITS))


def _activation(settings: Settings, notch: int) -> Settings:
    place = hidden(settings.network)
    held = settings.network.layers[place].last_activation
    if held not in TURNABLE:
        raise Refused("expected a Dense layer whose activation keeps its width")
    return _with(settings, place, activation=TURNABLE[(TURNABLE.index(held) + notch) % len(TURNABLE)])


def _with(settings: Settings, place: int, **changed: int | str) -> Settings:
    """Return the settings with others of the layer at ``place``."""
    layer = msgspec.structs.replace(settings.network.layers[place], **changed)
    network = settings.network.with_layers({place: layer})
    if network.written.stops:
        raise Refused(f"expected another setting of {layer.name}, got one with which the model can't be calculated")
    return Settings(settings.recipe, network, settings.dataset)


def _hidden_text(settings: Settings, attribute: str) -> str:
    try:
        return str(getattr(settings.network.layers[hidden(settings.network)], attribute))
    except Refused:
        return "-"


DIALS = (
    _recipe_dial("learning_rate", "rate", RATES),
    Dial("optimizer", lambda settings: settings.recipe.optimizer, _optimizer),
    Dial("loss", _loss_text, _loss),
    _recipe_dial("batch_size", "batch", BATCHES, MAX_BATCH),
    _recipe_dial("epochs", "epochs", EPOCHS, MAX_EPOCHS),
    Dial("units", lambda settings: _hidden_text(settings, "units"), _units),
    Dial("activation", lambda settings: _hidden_text(settings, "activation"), _activation),
    Dial("noise", _noise_text, _noise),
    Dial("seed", lambda settings: str(settings.recipe.seed), _seed),
)
