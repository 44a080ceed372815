"""A session's model for one point, every number kept: as it is written down, exactly, and without what was tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.agreement import Agreement, parting
from core.calculation.calculated import Calculated, Spot, calculated
from core.calculation.running import split
from core.calculation.troubles import troubles
from core.formatting import Notation
from core.operations.rounding import EXACT, Carry, Rounding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import Array, KerasArray
    from core.model.network import Network
    from core.model.weights import Weights

AT_ONCE = 1 << 16
"""Up to this many products a calculation is made before the next frame; a larger one beside the screen."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What a calculation is made of; numbers in ``tried`` stand for those of the model at their addresses."""

    network: Network
    weights: Weights
    x: Array
    tried: Mapping[Spot, float] = field(default_factory=dict)
    rounding: Rounding = Rounding.SHOWN
    digits: int = 4
    fractions: bool = False

    @property
    def notation(self) -> Notation:
        """How its numbers are written."""
        return Notation(self.digits, self.fractions)

    @property
    def _settings(self) -> tuple[object, ...]:
        return self.network, self.weights.version, id(self.x), self.tried, self.rounding, self.notation

    def same(self, other: Asked | None) -> bool:
        """Return whether ``other`` gives the same; the same arrays are the same objects."""
        return other is not None and self._settings == other._settings

    @property
    def large(self) -> bool:
        """Whether the calculation takes longer than a frame."""
        return self.network.written.multiplications > AT_ONCE

    def made(self, tried: Mapping[Spot, float], carry: Carry) -> Calculated:
        """Return the calculation with these numbers tried, written down as ``carry`` says."""
        graph, inputs = self.network.graph, split(self.x, self.network.input_shapes)
        return calculated(graph, self.weights.by_name(self.network), inputs, carry, tried)


@dataclass(frozen=True, eq=False)
class Followed:
    """What was ``asked``: as it is ``written`` down, ``exact`` without rounding, and the ``model``'s own.

    That one is exact, and no number in it was tried as another. ``troubles`` say what is wrong with the numbers.
    """

    asked: Asked
    written: Calculated
    exact: Calculated
    model: Calculated
    troubles: tuple[str, ...] = ()

    def drift(self, spot: Spot) -> float:
        """Return how far carried rounding has taken a number from the exact one."""
        return self.written.number(spot) - self.exact.number(spot)

    def compared(self, layers: Sequence[KerasArray], predicted: KerasArray) -> Agreement:
        """Compare the model's own calculation with every layer's outputs as Keras has them, and with a prediction."""
        outputs = split(predicted, [value.shape for value in self.model.outputs])
        bound = np.concatenate([np.zeros(0), *(self.model.off[at].reshape(-1) for at in self.model.written.outputs)])
        calls = dict(zip(self.asked.network.paths, layers, strict=True))
        return Agreement(bound, parting(self.model, calls, outputs))


def follow(asked: Asked, before: Followed | None = None) -> Followed:
    """Return the calculation that is ``asked`` for; what the one ``before`` has of it is taken from there.

    Raises:
        Refused: a number that was tried is none of it.
    """
    known = before is not None and before.asked.weights is asked.weights and before.asked.x is asked.x
    model = before.model if before is not None and known else asked.made({}, EXACT)
    exact = asked.made(asked.tried, EXACT) if asked.tried else model
    carries = asked.rounding is Rounding.CARRIED
    written = asked.made(asked.tried, Carry(asked.rounding, asked.digits)) if carries else exact
    return Followed(asked, written, exact, model, tuple(troubles(written)))
