"""What a change of weights does: the prediction for one point and how many labels come out right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.forward import predict
from core.data.dataset import Dataset, fresh
from core.errors import Refused
from core.metrics import Evaluation, evaluate

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.model.network import Network
    from core.model.weights import Weights

FRESH_POINTS = 200
"""How many new points the tutorial tests its always-right model on."""


@dataclass(frozen=True, eq=False)
class Effect:
    """The consequences of one version of the weights; evaluations are None where labels don't fit the model."""

    version: int
    prediction: Float[Array, "outputs"]
    training: Evaluation | None
    fresh: Evaluation | None
    fresh_data: Dataset


def measure(network: Network, weights: Weights, dataset: Dataset, x: Array) -> Effect:
    """Return what ``weights`` predict for ``x`` and how they do on the data set and on fresh points of its rule."""
    new = fresh(dataset.rule, FRESH_POINTS)
    return Effect(
        version=weights.version,
        prediction=predict(network, weights, np.asarray(x)[np.newaxis])[0],
        training=_evaluation(network, weights, dataset),
        fresh=_evaluation(network, weights, new),
        fresh_data=new,
    )


def _evaluation(network: Network, weights: Weights, data: Dataset) -> Evaluation | None:
    try:
        return evaluate(predict(network, weights, data.points), data.labels)
    except Refused:
        return None
