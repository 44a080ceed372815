"""Why two losses of one model differ: an epoch's running mean, and what its weights give all rows afterwards."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from core.calculation.penalties import Penalty, in_words
from core.formatting import count, number

if TYPE_CHECKING:
    from core.calculation.effect import Effect, Worth
    from core.model.network import Network
    from core.session.state import State

MOST_NAMED = 3
"""Regularizers that are named one by one; of more only what they add together."""

COUNTED = attrgetter("loss", "loss_options", "by_output", "class_weights", "validation_split", "task")
"""What of a recipe says which loss is counted, over which rows."""


def why_they_differ(state: State, effect: Effect | None, digits: int = 4) -> str:
    """Return why ``History``'s loss of the epoch whose weights are shown is not the loss that these have; "" if it is.

    Also "" where either is not known, or they are of other data or settings: the weights are of no epoch, a training
    runs, or the labels are none for it.
    """
    run, epoch = state.model.run, state.model.epoch
    if run is None or run.running or not epoch or effect is None or effect.version != state.model.weights.version:
        return ""
    history = run.history["loss"]
    if len(history) < epoch or run.dataset is not state.dataset or COUNTED(run.recipe) != COUNTED(state.recipe):
        return ""
    weighed = state.dataset.weights is not None or bool(run.recipe.class_weights)
    return epoch_and_after(epoch, float(history[epoch - 1]), effect.training, state.model.network, weighed, digits)


def epoch_and_after(
    epoch: int, mean: float, after: Worth | None, network: Network, weighed: bool, digits: int = 4
) -> str:
    """Return why an epoch's ``mean`` is not the loss on the training rows ``after`` it; "" where they look alike.

    ``weighed`` says that rows count by weights of their own or of their classes.
    """
    if after is None or after.loss is None or number(mean, digits) == number(after.loss, digits):
        return ""
    layers = dict.fromkeys(layer.while_training for layer in network.layers if layer.while_training)
    why = ["the weights moved", *layers, *(["rows were weighed"] if weighed else [])]
    rows, have = count(after.scores.rows, "row"), "has" if after.scores.rows == 1 else "have"
    return (
        f"Training's loss {number(mean, digits)} is the mean over epoch {epoch:,}'s batches while {' and '.join(why)}; "
        f"after it the {rows} {have} {number(after.loss, digits)} (Set weights, evaluate)."
    )


def as_a_sum(effect: Effect | None, digits: int = 4) -> str:
    """Return the loss on the training rows as the sum of the loss alone and what regularizers add; "" without any."""
    worth = None if effect is None else effect.training
    if effect is None or worth is None or worth.loss is None or not worth.penalties:
        return ""
    added, penalties = sum(one.value for one in worth.penalties), worth.penalties
    if len(penalties) > MOST_NAMED:
        penalties = (Penalty(f"{len(penalties)} regularizers", added),)
    return f"training loss {in_words(effect.loss, worth.loss - added, penalties, digits)}"
