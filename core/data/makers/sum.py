"""SumRule: the tutorial's own data, points whose sum is above a threshold or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.extent import UNIT, Extent
from core.data.limits import require_drawn, require_finite, require_noise
from core.data.makers.kind import Suited, labelled
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray


def usual_threshold(inputs: int) -> float:
    """Return the tutorial's threshold for two inputs, and for others the middle of what a sum can be."""
    return 0.5 if inputs == 2 else inputs / 2


class SumRule(msgspec.Struct, frozen=True, tag="sum"):
    """The tutorial's data: ``points`` points of ``inputs`` numbers, +1 where the sum is above ``threshold``.

    With ``noise``, a normal error of that standard deviation is added to each sum before it is labelled, so that
    labels near the boundary may be wrong.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    inputs: int = 2
    threshold: float = 0.5
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "sum"
    title: ClassVar[str] = "the tutorial's, +1 where the sum is large"
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[Extent] = UNIT
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "standard deviation, of the sum"
    suited: ClassVar[Suited] = Suited("5 tanh, 1 tanh", "hinge")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_finite("threshold", self.threshold)
        require_noise(self.noise)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} of {count(self.inputs, 'number')} from 0 to 1"

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        named = self.inputs if self.inputs <= 5 else 2
        terms = " + ".join(f"x{place + 1}" for place in range(named))
        terms += f" + ... + x{self.inputs}" if named < self.inputs else ""
        noise = f" + noise of {self.noise:g}" if self.noise else ""
        return f"+1 where {terms}{noise} > {self.threshold:g}, else -1"

    def make(self) -> tuple[Float[KerasArray, "points inputs"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels.

        Coordinates are drawn as float32, so that the model sees exactly the numbers whose sum made the label.
        """
        generator = np.random.default_rng(self.seed)
        points = generator.random((self.points, self.inputs), dtype=np.float32)
        # Drawn after the points, so that other noise leaves them where they are.
        errors = self.noise * generator.standard_normal(self.points) if self.noise else 0.0
        return points, self.labels(points, errors)

    def labels(
        self, points: Float[AnyArray, "points inputs"], errors: Float[Array, "points"] | float = 0.0
    ) -> Float[KerasArray, "points 1"]:
        """Return +1 for every point whose sum, its error added, is above the threshold, else -1."""
        return labelled(points.astype(np.float64).sum(axis=1) + errors > self.threshold)

    def label(self, x: Float[Array, "inputs"]) -> tuple[float, str]:
        """Return the label of a point without noise, -1 or +1, and why in words."""
        total = float(np.sum(x))
        above = total > self.threshold
        return (1.0 if above else -1.0), f"the sum {total:.6g} is {'' if above else 'not '}above {self.threshold:g}"
