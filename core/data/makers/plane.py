"""PlaneRule: a slope over a square, whose height is the label, as TensorFlow Playground has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.extent import AROUND_ZERO, Extent
from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray

REACH, STEEPNESS = 6.0, 10.0
"""Points are drawn up to ``REACH`` from each axis; the label is their sum divided by ``STEEPNESS``."""


class PlaneRule(msgspec.Struct, frozen=True, tag="plane"):
    """Points in a square around (0, 0), labelled ``(x1 + x2) / 10``, as TensorFlow Playground's plane.

    With ``noise``, each coordinate is moved by up to ``noise * 6`` either way before the point is labelled; the point
    itself stays where it is.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "plane"
    title: ClassVar[str] = "numbers, the height of a plane"
    inputs: ClassVar[int] = 2
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[Extent] = AROUND_ZERO
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "0.1: moved 0.6 to be labelled"
    suited: ClassVar[Suited] = Suited("1", "mean_squared_error")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_noise(self.noise, 1.0)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} of 2 numbers from -{REACH:g} to {REACH:g}"

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        moved = f" (each moved by up to {REACH * self.noise:g} for that)" if self.noise else ""
        return f"(x1 + x2) / {STEEPNESS:g}{moved}"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels."""
        generator = np.random.default_rng(self.seed)
        points = generator.uniform(-REACH, REACH, (self.points, 2)).astype(np.float32)
        # Drawn after the points, so that other noise leaves them where they are.
        return points, self.labels(points + generator.uniform(-REACH, REACH, points.shape) * self.noise)

    def labels(self, points: Float[AnyArray, "points 2"]) -> Float[KerasArray, "points 1"]:
        """Return the height of the plane at every point."""
        sums: Array = points.astype(np.float64).sum(axis=1, keepdims=True)
        return (sums / STEEPNESS).astype(np.float32)

    def label(self, x: Float[Array, "2"]) -> tuple[float, str]:
        """Return the label of a point without noise, and why in words."""
        return float(np.sum(x)) / STEEPNESS, f"(x1 + x2) / {STEEPNESS:g}"
