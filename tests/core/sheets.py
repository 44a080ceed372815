"""Models to practise on for tests, of many kinds of layers, and people who work their numbers out by the operations.

Careful people round in ways of their own and make no mistake: each walks down a number's expression with plain floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core import decimals
from core.calculation.expression import PRODUCTS, Formula, Gathered, Leaf
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv2D
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.layers.global_pooling import GlobalAveragePooling2D
from core.layers.merging import Add, Concatenate
from core.layers.normalization import BatchNormalization, LayerNormalization
from core.layers.pooling import MaxPooling2D
from core.layers.recurrent import GRU, SimpleRNN
from core.model.files.opening import OpenedGraph
from core.model.graph import Call, Graph, Input, Source, chain
from core.operations.functions import FUNCTIONS
from core.operations.rounding import Rounding
from core.practice.sheet import Level, Sheet, Work, by_level, work
from tests.graphs import attending, opened, recurrent

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.calculated import Spot
    from core.calculation.expression import Expression


def residual() -> OpenedGraph:
    """Return a convolution normalised, added to what it is of, pooled twice."""
    layers = (
        Conv2D("conv", 2, (3, 3), (1, 1), padding="same", activation="relu"),
        BatchNormalization("norm"),
        Add("add"),
        MaxPooling2D("pool", (2, 2), (2, 2)),
        GlobalAveragePooling2D("mean"),
        Dense("output", 3, "softmax"),
    )
    image = Source("image")
    calls = [Call("conv", (image,)), Call("norm", (Source("conv"),)), Call("add", (image, Source("norm")))]
    calls += [Call("pool", (Source("add"),)), Call("mean", (Source("pool"),)), Call("output", (Source("mean"),))]
    model = opened(Graph("residual", (Input("image", (4, 4, 2)),), layers, tuple(calls), (Source("output"),)))
    # A variance is not negative.
    weights = {
        weight: np.abs(array) if weight.name == "moving_variance" else array for weight, array in model.weights.items()
    }
    return OpenedGraph(model.graph, weights)


def branches() -> OpenedGraph:
    """Return two branches of Dense layers, one called twice, joined and normalised."""
    layers = (Dense("one", 3, "gelu"), Dense("two", 3, "selu"), Concatenate("join"), LayerNormalization("norm"))
    x, one = Source("x"), Source("one")
    both = (Source("two"), Source("two", 1))
    calls = (
        Call("one", (x,)),
        Call("two", (one,)),
        Call("two", (x,)),
        Call("join", both),
        Call("norm", (Source("join"),)),
    )
    return opened(Graph("branches", (Input("x", (3,)),), layers, calls, (Source("norm"),)))


MODELS: dict[str, Callable[[], OpenedGraph]] = {
    "lstm": recurrent,
    "attention": attending,
    "residual": residual,
    "branches": branches,
    "gru": lambda: opened(chain("gru", Input("x", (3, 2)), [GRU("gru", 2), Dense("output", 2, "log_softmax")])),
    "words": lambda: opened(
        chain("words", Input("words", (3,), whole=True), [Embedding("rows", 5, 2), SimpleRNN("rnn", 3)])
    ),
    "wide": lambda: opened(chain("wide", Input("x", (30,)), [Dense("wide", 16, "softmax"), Activation("act", "mish")])),
}


def some_work(name: str, random: np.random.Generator, digits: int | None = None) -> Work:
    """Return a calculation of one of :data:`MODELS` at a random point, in one of the two ways of rounding."""
    model = MODELS[name]()
    shape = tuple(4 if size is None else size for size in model.graph.inputs[0].shape)
    point = random.integers(0, 5, shape) if model.graph.inputs[0].whole else random.normal(size=shape)
    rounding = Rounding.SHOWN if random.random() < 0.6 else Rounding.CARRIED
    digits = int(random.integers(1, 8)) if digits is None else digits
    return work(model.graph, model.weights, [point.astype(np.float64)], rounding, digits)


def some_sheet(name: str, random: np.random.Generator, digits: int | None = None) -> Sheet:
    """Return a sheet of one of :data:`MODELS` with a few numbers blank, or many."""
    made, seed = some_work(name, random, digits), int(random.integers(1000))
    return by_level(made, list(Level)[int(random.integers(3))], seed)


@dataclass
class Worker:
    """Someone who works a sheet out; ``said`` is what they have in mind for each number that they worked out."""

    sheet: Sheet
    random: np.random.Generator
    answers: dict[Spot, float] = field(default_factory=dict)
    said: dict[Spot, float] = field(default_factory=dict)

    def maybe(self, number: float) -> float:
        """Return a number as it is or as it is written down, by whim."""
        return float(f"{number:.{self.sheet.work.digits}f}") if self.random.random() < 0.6 else number

    def works_out(self, spot: Spot) -> float:
        """Return what this person comes to for a blank."""
        self._copies, self._writes = (bool(one) for one in self.random.random(2) < 0.6)
        with np.errstate(all="ignore"):
            result = self.maybe(self._value(self.sheet.work.page.open(spot)))
        self.said[spot] = result
        return result

    def _leaf(self, leaf: Leaf) -> float:
        blank = None if leaf.place is None else self.sheet.blank(leaf.place)
        if blank in self.answers:
            return self.answers[blank]
        if blank in self.said:
            return self.maybe(self.said[blank])
        is_named = leaf.place is not None and self.sheet.work.page.named(leaf.place) is not None
        shown = self._copies and is_named
        return float(decimals.rounded(leaf.number, self.sheet.work.digits)) if shown else leaf.number

    def _value(self, expression: Expression) -> float:
        match expression:
            case Leaf():
                return self._leaf(expression)
            case Formula(function=function, parts=parts):
                numbers = [self._part(part) for part in parts]
                return float(FUNCTIONS[function].of(*map(np.array, numbers)))
        terms = np.array([self._term(expression, at) for at in range(len(expression))])
        if expression.how in ("largest", "smallest"):
            return float(terms.max() if expression.how == "largest" else terms.min())
        if self._writes:
            terms = decimals.rounded(terms, self.sheet.work.digits)
        return float(terms.mean() if expression.how == "mean" else terms.sum())

    def _part(self, part: Expression) -> float:
        value = self._value(part)
        return value if isinstance(part, Leaf) else self.maybe(value)

    def _term(self, gathered: Gathered, at: int) -> float:
        parts = [self._value(part) for part in gathered.term(at)]
        return parts[0] * parts[1] if gathered.how == PRODUCTS else parts[0]
