"""Why two losses of one model differ: an epoch's running mean, and what its weights give all rows afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.penalties import in_one_line
from core.formatting import count, number
from core.model.network import Dropout

if TYPE_CHECKING:
    from core.calculation.effect import Effect
    from core.model.network import Network
    from core.state import State


def why_they_differ(state: State, effect: Effect | None, digits: int = 4) -> str:
    """Return why ``History``'s loss of the epoch whose weights are shown is not the loss that these have; "" if it is.

    Also "" where either is not known: the weights are of no epoch, a training runs, or the labels are none for it.
    """
    run, epoch = state.model.run, state.model.epoch
    if run is None or run.running or not epoch or effect is None or effect.version != state.model.weights.version:
        return ""
    history, worth = run.history["loss"], effect.training
    if len(history) < epoch or worth is None or worth.loss is None or effect.loss != run.recipe.loss:
        return ""
    of_epoch, of_weights = number(float(history[epoch - 1]), digits), number(worth.loss, digits)
    if of_epoch == of_weights:
        return ""
    rows = count(worth.scores.points, "row")
    return said(of_epoch, epoch, of_weights, rows, state.model.network, weighed=_weighed(state))


def said(
    of_epoch: str, epoch: int, of_weights: str, rows: str, network: Network, *, weighed: bool, by: str = "Set weights"
) -> str:
    """Return the sentence on an epoch's loss and the other one, which is what the one called ``by`` says."""
    dropout = any(isinstance(layer, Dropout) and layer.rate for layer in network.layers)
    while_training = [
        "the weights moved",
        *(["Dropout was on"] if dropout else []),
        *(["rows counted by their weights"] if weighed else []),
    ]
    return (
        f"Training's loss {of_epoch} is the mean over epoch {epoch:,}'s batches, while {' and '.join(while_training)}; "
        f"with the weights after it the {rows} have {of_weights}: {by}, evaluate."
    )


def _weighed(state: State) -> bool:
    run = state.model.run
    return state.dataset.weights is not None or bool(run is not None and run.recipe.class_weights)


def as_a_sum(effect: Effect | None, digits: int = 4) -> str:
    """Return the loss on the training rows as the sum of the loss alone and what regularizers add; "" without any."""
    worth = None if effect is None else effect.training
    if effect is None or worth is None or worth.loss is None or not worth.penalties:
        return ""
    alone = worth.loss - sum(one.value for one in worth.penalties)
    return f"training loss {in_one_line(effect.loss, alone, worth.penalties, digits)}"
