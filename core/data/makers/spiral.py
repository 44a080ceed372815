"""Spiral: two arms that wind around each other, as TensorFlow Playground has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.extent import AROUND_ZERO, Extent
from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited, labelled
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray

RADIUS, TURNS = 5.0, 1.75
"""An arm goes from the middle out to ``RADIUS`` while it turns so often."""


class Spiral(msgspec.Struct, frozen=True, tag="spiral"):
    """Half the points on one arm, +1, and half on the opposite one, -1, as TensorFlow Playground's.

    Each coordinate is moved by up to ``noise`` either way.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "spiral"
    title: ClassVar[str] = "two arms of a spiral"
    inputs: ClassVar[int] = 2
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[Extent] = AROUND_ZERO
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "how far a number is moved"
    suited: ClassVar[Suited] = Suited("8 tanh, 8 tanh, 1 tanh", "hinge")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_noise(self.noise, 1.0)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        moved = f", each number moved by up to {self.noise:g}" if self.noise else ""
        return f"{count(self.points, 'point')} on two arms around (0, 0){moved}"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return "+1 on one arm, -1 on the other"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels, in no order."""
        generator = np.random.default_rng(self.seed)
        order = generator.permutation(self.points)
        first_arm, along = order % 2 == 0, (order // 2) / ((self.points + 1) // 2)
        angle = 2.0 * np.pi * TURNS * along + np.where(first_arm, 0.0, np.pi)
        points = RADIUS * along * np.stack((np.sin(angle), np.cos(angle)))
        moved = self.noise * generator.uniform(-1.0, 1.0, (self.points, 2))
        return (points.T + moved).astype(np.float32), labelled(first_arm)
