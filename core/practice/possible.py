"""What can be practised on a model, and why the rest cannot be."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.model.network import Weighted
from core.practice.sources import kinds_made

if TYPE_CHECKING:
    from core.model.network import Network


ONLY_DENSE = (
    "Solving backwards asks for numbers of Dense layers only: a convolution's weight stands at many places, "
    "and pooling has no weights."
)


class Practice(StrEnum):
    """What a learner can practise."""

    SUMS = "weighted sums"
    FORWARD = "the calculation"
    BACKWARDS = "solving backwards"
    LOSS = "the loss"


def not_practisable(network: Network, labelled: bool) -> dict[Practice, str]:
    """Return what cannot be practised on ``network``, each with the reason as a sentence; empty if all can be.

    ``labelled`` says whether there are labels for the model's predictions.
    """
    reasons = {}
    if not any(kinds_made(layer) for layer in network.layers):
        reasons[Practice.FORWARD] = "No layer of this model calculates anything: each passes its inputs on unchanged."
    if not any(isinstance(layer, Weighted) for layer in network.layers):
        reasons[Practice.SUMS] = "This model has no Dense layer, so there are no weighted sums and no biases."
    if not any(isinstance(layer, Dense) for layer in network.layers):
        reasons[Practice.BACKWARDS] = "This model has no Dense layer, so there is no weight or bias to solve for."
    elif any(isinstance(layer, Convolution | Pooling) for layer in network.layers):
        reasons[Practice.BACKWARDS] = ONLY_DENSE
    if not labelled:
        reasons[Practice.LOSS] = "There are no labels for this model, so there is no loss to calculate."
    return reasons
