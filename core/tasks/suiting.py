"""Whether a model can answer data, which one could, and the recipe of one that is made for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from core.data.makers import Suited
from core.errors import Refused
from core.losses import loss_called
from core.model.layer_words import parts_of
from core.model.layers_text import chain_network, shape_text
from core.model.network import times, why_no_loss
from core.tasks.choosing import task_for, task_of
from core.tasks.class_weights import require_class_weights
from core.tasks.classes import Classes
from core.tasks.fitting import label_kinds, require_fits
from core.training.keras_metrics import require_metrics_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.data.dataset import Dataset
    from core.model.network import Network
    from core.operations.operation import Shape
    from core.training.recipe import Recipe


TUTORIALS_HIDDEN = "5 tanh"
"""The hidden layers where no others were chosen."""

OF_UNITS = ({"kernel"}, {"kernel", "bias"})
"""The arrays of a layer of units, each of which has weights for all inputs and makes one number."""


def require_answered(dataset: Dataset, network: Network, loss_name: str) -> None:
    """Refuse a network and a loss that can't answer the labels of data.

    Of another number of inputs the layers begin anew, which those of a network for images can't. One of several
    outputs, whose labels only a file has, may be given any data, and so may one whose outputs have no loss here.

    Raises:
        Refused: the sentence says which two things don't fit.
    """
    if network.shape and dataset.inputs != network.inputs:
        raise Refused(f"the model is for {times(network.shape)}, and these points have {dataset.inputs:,}")
    if len(network.graph.outputs) == 1 and not why_no_loss(network):
        losses = (loss_called(loss_name),)
        require_fits(task_of(dataset, network, losses), losses, network, dataset)


def answers(dataset: Dataset, network: Network, loss_name: str) -> bool:
    """Say whether a network and a loss can answer the labels of data."""
    return _fits(partial(require_answered, dataset, network, loss_name))


def suited_to(dataset: Dataset, hidden: str = TUTORIALS_HIDDEN, shape: Shape = ()) -> Suited | None:
    """Return a model that can answer the labels of data as they are, behind such hidden layers; None without labels.

    It is over rows of numbers, or over images or sequences of ``shape``.
    """
    columns, distinct = dataset.labels.shape[1], dataset.distinct
    ways = [("1 tanh", "hinge"), ("1 sigmoid", "binary_crossentropy")]
    if columns == 1 and distinct is not None:
        # Class numbers are the places of outputs; those from 1 on are taken in order.
        outputs = len(distinct) if dataset.classes or distinct[0] >= 1 else int(distinct[-1]) + 1
        if outputs > 1 and isinstance(task_for(dataset, outputs), Classes):
            ways.append((f"{outputs} softmax", "sparse_categorical_crossentropy"))
    if dataset.one_hot:
        ways = [(f"{columns} softmax", "categorical_crossentropy")]
    elif columns > 1 and dataset.zeros_and_ones:
        ways = [(f"{columns} sigmoid", "binary_crossentropy")]
    elif columns > 1 and dataset.signs:
        ways = [(f"{columns} tanh", "hinge")]
    ways.append((f"{columns} linear", "mean_squared_error"))
    for last, loss in ways if columns else ():
        layers = f"{hidden}, {last}"
        if answers(dataset, chain_network(shape or dataset.inputs, layers), loss):
            return Suited(layers, loss)
    return None


def suited_as(network: Network, dataset: Dataset) -> Suited | None:
    """Return a model that can answer the labels of data behind the hidden layers of ``network``: all but a Dense at its
    end, or else all; the tutorial's if that is all there is.

    None where words can't say the layers, or they are for inputs of another number of numbers or of no fixed length.
    """
    text = shape_text(network)
    if text is None or network.lengths or (network.shape and dataset.inputs != network.inputs):
        return None
    is_output = hasattr(network.layers[-1], "units") and set(network.weight_names[-1]) in OF_UNITS
    hidden = parts_of(text)[:-1] if is_output else parts_of(text)
    return suited_to(dataset, ", ".join(hidden) or TUTORIALS_HIDDEN, network.shape)


def suited_recipe(recipe: Recipe, suited: Suited, dataset: Dataset, shape: Shape = ()) -> Recipe:
    """Return ``recipe`` with the suited loss, and with its metrics and weights of classes where these fit."""
    task = task_for(dataset, chain_network(shape or dataset.inputs, suited.layers).outputs, suited.loss)
    metrics = recipe.metrics if _fits(partial(require_metrics_of, recipe.metrics, label_kinds(task)[0])) else ()
    weights = recipe.class_weights if _fits(partial(require_class_weights, task, recipe.class_weights)) else ()
    return msgspec.structs.replace(recipe, loss=suited.loss, metrics=metrics, class_weights=weights, task=None)


def _fits(require: Callable[[], None]) -> bool:
    try:
        require()
    except Refused:
        return False
    return True
