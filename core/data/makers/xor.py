"""XorRule: opposite quarters of a square have the same label, as TensorFlow Playground has them."""

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

REACH, GAP = 5.0, 0.3
"""Points are drawn up to ``REACH`` from each axis, and then moved away from both axes by ``GAP``."""


class XorRule(msgspec.Struct, frozen=True, tag="xor"):
    """Points in a square around (0, 0), +1 where both numbers have the same sign, as TensorFlow Playground's.

    With ``noise``, each coordinate is moved by up to ``noise * 5`` either way before the point is labelled; the point
    itself stays where it is.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "xor"
    title: ClassVar[str] = "opposite quarters of a square"
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
        return f"{count(self.points, 'point')} in a square around (0, 0), {GAP:g} or more from its axes"

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        moved = f" (each moved by up to {REACH * self.noise:g} for that)" if self.noise else ""
        return f"+1 where x1 and x2 have the same sign{moved}, else -1"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels."""
        generator = np.random.default_rng(self.seed)
        drawn = generator.uniform(-REACH, REACH, (self.points, 2))
        points = (drawn + np.where(drawn > 0, GAP, -GAP)).astype(np.float32)
        # Drawn after the points, so that other noise leaves them where they are.
        return points, self.labels(points + generator.uniform(-REACH, REACH, points.shape) * self.noise)

    def labels(self, points: Float[AnyArray, "points 2"]) -> Float[KerasArray, "points 1"]:
        """Return +1 for every point whose numbers have the same sign, or one of which is 0, else -1."""
        first, second = points.T
        # Not by their product, which of two tiny numbers could be rounded to 0.
        return labelled((first == 0) | (second == 0) | ((first > 0) == (second > 0)))

    def label(self, x: Float[Array, "2"]) -> tuple[float, str]:
        """Return the label of a point without noise, -1 or +1, and why in words."""
        label = float(self.labels(x[np.newaxis])[0, 0])
        return label, f"x1 = {x[0]:.6g} and x2 = {x[1]:.6g} have {'the same sign' if label > 0 else 'other signs'}"
