"""What the engine's tests share: the tutorial's model and data as commands."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.data.dataset import Dataset, SumRule, generate
from core.engine.client import EngineClient
from core.engine.protocol import Evaluate, Predict, Prepare, SetWeights, Tensor, Train, to_tensors
from core.model.tutorial import trained
from tests.tasks import reading, targets
from tests.waiting import FOR_EVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.engine.process import Launch
    from core.model.network import Network
    from core.model.weights import Weights
    from core.training.recipe import Recipe

_ids = itertools.count(1)

ENDLESS = f"""
import sys, time

class Endless:
    def find_spec(self, name, *_):
        if name == "keras":
            time.sleep({FOR_EVER})

sys.meta_path.insert(0, Endless())
from core.engine.__main__ import main
main()
"""
"""What runs in place of ``-m core.engine``: an engine whose import of Keras never ends."""


def importing_for_ever(launch: Launch) -> list[str]:
    """Return the command line of such an engine."""
    return [sys.executable, "-I", "-c", ENDLESS, str(launch.log)]


def deaf(launch: Launch) -> list[str]:
    """Return the command line of a process that doesn't read what it is sent, nor hears of its end."""
    return [sys.executable, "-I", "-c", f"import time; time.sleep({FOR_EVER})"]


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


@pytest.fixture(scope="session")
def client() -> Iterator[EngineClient]:
    """The one engine of all tests that need nothing but an engine: to start another takes seconds."""
    with EngineClient() as client:
        yield client


@pytest.fixture
def engine(client: EngineClient, bench: Bench) -> EngineClient:
    """The engine, holding the tutorial's weights."""
    client.ask(bench.set_weights())
    return client
