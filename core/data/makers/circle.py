"""CircleRule: a disc inside a ring, as TensorFlow Playground has them."""

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

    from core.arrays import AnyArray, Array, KerasArray

RADIUS = 5.0
"""Of the ring's outer edge; its inner edge is at 0.7 of it, the disc's edge at half."""


class CircleRule(msgspec.Struct, frozen=True, tag="circle"):
    """Half the points in a disc around (0, 0), +1, and half in a ring around that, -1, as TensorFlow Playground's.

    With ``noise``, each coordinate is moved by up to ``noise * 5`` either way before the point is labelled; the point
    itself stays where it is.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "circle"
    title: ClassVar[str] = "a disc inside a ring"
    inputs: ClassVar[int] = 2
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[Extent] = AROUND_ZERO
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "0.1: moved 0.5 to be labelled"
    suited: ClassVar[Suited] = Suited("4 tanh, 1 tanh", "hinge")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_noise(self.noise, 1.0)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} in a disc and a ring around (0, 0)"

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        moved = f" (its numbers moved by up to {RADIUS * self.noise:g} for that)" if self.noise else ""
        return f"+1 within {RADIUS / 2:g} of (0, 0){moved}, else -1"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels, in no order."""
        generator = np.random.default_rng(self.seed)
        inside = generator.permutation(np.arange(self.points) % 2 == 0)
        low, high = np.where(inside, 0.0, 0.7 * RADIUS), np.where(inside, 0.5 * RADIUS, RADIUS)
        radius, angle = generator.uniform(low, high), generator.uniform(0.0, 2.0 * np.pi, self.points)
        points = (radius * np.stack((np.cos(angle), np.sin(angle)))).T.astype(np.float32)
        # Drawn after the points, so that other noise leaves them where they are.
        return points, self.labels(points + generator.uniform(-RADIUS, RADIUS, points.shape) * self.noise)

    def labels(self, points: Float[AnyArray, "points 2"]) -> Float[KerasArray, "points 1"]:
        """Return +1 for every point inside half the radius, else -1."""
        return labelled((points.astype(np.float64) ** 2).sum(axis=1) < (RADIUS / 2) ** 2)

    def label(self, x: Float[Array, "2"]) -> tuple[float, str]:
        """Return the label of a point without noise, -1 or +1, and why in words."""
        label = float(self.labels(x[np.newaxis])[0, 0])
        where = "less" if label > 0 else "not less"
        return label, f"its distance from (0, 0), {np.linalg.norm(x):.6g}, is {where} than {RADIUS / 2:g}"
