"""What the engine's tests share: the tutorial's model and data as commands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.data.dataset import Dataset, SumRule, generate
from core.engine.protocol import Evaluate, Predict, Prepare, SetWeights, Tensor, Train, to_tensors
from core.model.tutorial import trained
from tests.tasks import reading, targets

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.model.network import Network
    from core.model.weights import Weights
    from core.recipe import Recipe

_ids = itertools.count(1)


@dataclass
class Bench:
    """The tutorial's model on 60 of its points, and the commands that speak of them."""

    network: Network = field(default_factory=lambda: trained()[0])
    weights: Weights = field(default_factory=lambda: trained()[1])
    data: Dataset = field(default_factory=lambda: generate(SumRule(60)))

    def set_weights(self) -> SetWeights:
        return SetWeights(next(_ids), self.weights.version, self.network, to_tensors(self.weights.layers))

    def predict(self, points: npt.ArrayLike | None = None, version: int | None = None) -> Predict:
        asked = self.data.points if points is None else points
        return Predict(next(_ids), version or self.weights.version, Tensor.of(asked))

    def evaluate(self, loss: str = "hinge") -> Evaluate:
        outputs = self.network.outputs
        points, labels = Tensor.of(self.data.points), Tensor.of(targets(loss, self.data.labels, outputs))
        return Evaluate(next(_ids), self.weights.version, points, labels, loss, reading(loss, outputs))

    def train(self, recipe: Recipe, points: npt.ArrayLike | None = None, interval: float = 0.2, **more: Any) -> Train:
        loss, outputs = recipe.loss, self.network.outputs
        asked = Tensor.of(self.data.points if points is None else points)
        labels, layers = Tensor.of(targets(loss, self.data.labels, outputs)), to_tensors(self.weights.layers)
        more.setdefault("reading", reading(loss, outputs))
        return Train(next(_ids), self.network, layers, recipe, asked, labels, interval, **more)

    def prepare(self, recipe: Recipe) -> Prepare:
        size, read = (len(self.data.points), 2), reading(recipe.loss, self.network.outputs)
        return Prepare(next(_ids), self.network, recipe, size, reading=read)

    def poisoned(self) -> npt.NDArray[np.float32]:
        """The points with one NaN among them."""
        points = self.data.points.copy()
        points[3, 1] = np.nan
        return points


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()
