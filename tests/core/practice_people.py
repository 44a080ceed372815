"""Careful people with paper, for the tests of practice: each rounds in a way of its own, and none makes a mistake.

Whoever copies one number of a line as it is shown copies all of that line's so, and likewise rounds all its products or
none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core import decimals
from core.activations import ACTIVATIONS, HALVING, OVER_ALL_UNITS, activation
from core.calculation.running import split
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import Network
from core.model.weights import Weights
from core.operations.rounding import Rounding
from core.practice.sheet import Sheet, Work, chosen, of_calls, work
from tests.traced import spot as spot_of
from tests.traced import steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.arrays import Array
    from core.calculation.calculated import Spot
    from core.layers.layer import Layer
    from tests.traced import Trace

NAMES = sorted(set(ACTIVATIONS) - HALVING - {"exponential"})
"""Activations that keep the width and stay small."""

COMMON = ("tanh", "sigmoid", "relu", "linear", "softmax")


def random_network(random: np.random.Generator, dense_only: bool = False) -> Network:
    """Return one to four layers of one to six units over one to fourteen inputs; some have other kinds of layers."""
    layers: list[Layer] = []
    for place in range(int(random.integers(1, 3 if dense_only else 5))):
        name = str(random.choice(COMMON if random.random() < 0.6 else NAMES))
        kind = 0.0 if dense_only else random.random()
        if kind < 0.8:
            layers.append(Dense(f"l{place}", int(random.integers(1, 7)), name, bool(random.random() < 0.8)))
        elif kind < 0.9:
            layers.append(Activation(f"l{place}", name))
        else:
            layers.append(Dropout(f"l{place}", 0.5))
    if random.random() < 0.05:
        layers.append(Dense("gated", 4, "glu"))
    return Network.chain(int(random.integers(1, 15)), tuple(layers))


def random_weights(random: np.random.Generator, network: Network, spread: float = 2.0) -> Weights:
    """Return weights between minus and plus ``spread``."""
    shapes = network.weight_shapes
    return Weights.for_network(network, [[random.uniform(-spread, spread, one) for one in layer] for layer in shapes])


@dataclass(frozen=True, eq=False)
class ChainWork:
    """A chain's calculation for one point by the page of chains, and the same to be practised on."""

    network: Network
    weights: Weights
    x: Array
    page: Trace
    work: Work

    @property
    def digits(self) -> int:
        """Decimal places."""
        return self.work.digits

    def at(self, place: int, value: str, unit: int = 0, row: int = 0) -> Spot:
        """Return the address of a number of the layer at ``place``."""
        return spot_of(self.network, place, value, unit, row)

    def source(self, spot: Spot) -> Spot:
        """Return the address of what makes the number at ``spot``, which may only repeat it."""
        found = self.work.page.spot(self.work.source(self.work.page.place(spot)))
        assert found is not None
        return found

    def sheet(self, spots: Iterable[Spot]) -> Sheet:
        """Return the sheet that blanks these numbers."""
        return chosen(self.work, spots)

    def everything(self) -> Sheet:
        """Return the sheet that blanks all that is calculated."""
        return of_calls(self.work, self.work.calls())


def chain_work(
    network: Network, weights: Weights, x: Array, rounding: Rounding = Rounding.SHOWN, digits: int = 4
) -> ChainWork:
    """Return a chain's calculation."""
    point = split(x, network.input_shapes)
    made = work(network.graph, weights.by_name(network), point, rounding, digits)
    return ChainWork(network, weights, x, steps_of(network, made.page), made)


def random_work(random: np.random.Generator, digits: int | None = None, dense_only: bool = False) -> ChainWork:
    """Return a calculation of a random network, at a random point, in one of the two ways of rounding."""
    network = random_network(random, dense_only)
    spread = float(random.choice([0.5, 2.0, 2.0, 30.0])) if not dense_only else 2.0
    x = random.uniform(-2.0, 2.0, network.inputs)
    rounding = Rounding.SHOWN if random.random() < 0.6 else Rounding.CARRIED
    digits = int(random.integers(1, 10)) if digits is None else digits
    return chain_work(network, random_weights(random, network, spread), x, rounding, digits)


def written(amount: float, digits: int) -> float:
    """Return a number that was worked out as it is put on paper, by what a pocket calculator shows."""
    return float(f"{amount:.{digits}f}")


@dataclass
class Person:
    """Someone who works an exercise out; ``said`` is what they have in mind for each number that they worked out."""

    chain: ChainWork
    random: np.random.Generator
    answers: dict[Spot, float] = field(default_factory=dict)
    said: dict[Spot, float] = field(default_factory=dict)

    @property
    def digits(self) -> int:
        """Decimal places."""
        return self.chain.digits

    def maybe(self, amount: float) -> float:
        """Return a number as it is or as it is written down, by whim."""
        return written(amount, self.digits) if self.random.random() < 0.6 else amount

    def copies(self) -> Callable[[float], float]:
        """Return how this person takes the numbers of one line from the page: as they are, or as they are shown."""
        shown = bool(self.random.random() < 0.6)
        return lambda amount: float(decimals.rounded(amount, self.digits)) if shown else amount

    def sees(self, spot: Spot, copy: Callable[[float], float]) -> float:
        """Return what this person takes for a number: an own answer, what was worked out, or what the page shows."""
        made = self.chain.source(spot)
        if made in self.answers:
            return self.answers[made]
        if made in self.said:
            return self.maybe(self.said[made])
        return copy(self.chain.work.page.number(spot))

    def works_out(self, spot: Spot) -> float:
        """Return what this person comes to for a blank."""
        result = self.maybe(self._worked_out(spot))
        self.said[self.chain.source(spot)] = result
        return result

    def _worked_out(self, spot: Spot) -> float:
        place, unit, copy = self.chain.network.paths.index(spot.call), spot.index[0], self.copies()
        step = self.chain.page.steps[place]
        with np.errstate(all="ignore"):
            if spot.value == "weighted sum":
                return self._sum(spot)
            if spot.value == "pre-activation":
                assert step.bias is not None
                few = step.inputs.size <= 12
                total = self.chain.at(place, "weighted sum", unit)
                # A line that writes every product out can be added up without a look at the sum.
                by_terms = few and self.chain.source(total) not in self.answers and self.random.random() < 0.3
                before = self._sum(total) if by_terms else self.sees(total, copy)
                return before + self.maybe(float(step.bias[unit]))
            if step.activation in OVER_ALL_UNITS:
                assert step.pre_activation is not None
                all_z = (self.chain.at(place, "pre-activation", at) for at in range(step.pre_activation.size))
                return self._over_all(step.activation, np.array([self.sees(z, copy) for z in all_z]), unit)
            return self._activated(step.activation, self.sees(self.chain.at(place, "pre-activation", unit), copy))

    def _sum(self, spot: Spot) -> float:
        place, unit = self.chain.network.paths.index(spot.call), spot.index[0]
        step = self.chain.page.steps[place]
        assert step.kernel is not None
        rounds_products, rounds_totals = self.random.random(2) < 0.5
        weights, inputs, total = self.copies(), self.copies(), 0.0
        for row in range(step.inputs.size):
            weight = weights(float(step.kernel[row, unit]))
            product = weight * self.sees(self.chain.at(place, "inputs", row=row), inputs)
            total += written(product, self.digits) if rounds_products else product
            total = written(total, self.digits) if rounds_totals else total
        return total

    def _power(self, z: float) -> float:
        return self.maybe(float(np.exp(z)))

    def _activated(self, name: str, z: float) -> float:
        if self.random.random() < 0.5:
            if name == "tanh" and abs(z) < 10:
                up, down = self._power(z), self._power(-z)
                return (up - down) / (up + down) if up + down else 0.0
            if name == "sigmoid":
                return 1.0 / (1.0 + self._power(-z))
            if name == "softplus" and z < 10:
                return float(np.log(1.0 + self._power(z)))
            if name in ("silu", "swish"):
                return z * self.maybe(1.0 / (1.0 + self._power(-z)))
        return float(activation(name).function(np.array([z]))[0])

    def _over_all(self, name: str, z: Array, unit: int) -> float:
        if name == "softmax" and self.random.random() < 0.5:
            writes = self.copies()
            powers = np.array([writes(float(np.exp(one))) for one in z - z.max()])
            return float(powers[unit] / self.maybe(float(powers.sum())))
        return float(activation(name).function(z)[unit])


def blanks_of(random: np.random.Generator, chain: ChainWork) -> list[Spot]:
    """Return some of the numbers that a calculation makes, or all of them."""
    spots = list(chain.everything().blanks)
    if random.random() < 0.4:
        return spots
    kept = random.random(len(spots)) < random.uniform(0.2, 0.9)
    return [spot for spot, keep in zip(spots, kept, strict=True) if keep] or spots[-1:]
