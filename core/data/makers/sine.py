"""SineRule: the sine of one number, or of the sum of two, to be learned as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.extent import Extent
from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited
from core.errors import require_between
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import AnyArray, Array, KerasArray


class SineRule(msgspec.Struct, frozen=True, tag="sine"):
    """Points with ``inputs`` numbers from -pi to pi, one or two, labelled with the sine of their sum.

    Each label has a normal error added, whose standard deviation is ``noise``.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    inputs: int = 1
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "sine"
    title: ClassVar[str] = "numbers, a wave"
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[Extent] = Extent(-np.pi, np.pi, -np.pi, np.pi)
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "standard deviation of a label"
    suited: ClassVar[Suited] = Suited("16 tanh, 1", "mean_squared_error")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_between("inputs", self.inputs, 1, 2)
        require_noise(self.noise)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} of {count(self.inputs, 'number')} from -pi to pi"

    def in_words(self) -> str:
        """Return the rule as a sentence about a point."""
        noise = f" + noise of {self.noise:g}" if self.noise else ""
        return f"sin({self._sum}){noise}"

    @property
    def _sum(self) -> str:
        return "x1" if self.inputs == 1 else "x1 + x2"

    def make(self) -> tuple[Float[KerasArray, "points inputs"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels."""
        generator = np.random.default_rng(self.seed)
        points = generator.uniform(-np.pi, np.pi, (self.points, self.inputs)).astype(np.float32)
        # Drawn after the points, so that other noise leaves them where they are.
        return points, self.labels(points, self.noise * generator.standard_normal((self.points, 1)))

    def labels(
        self, points: Float[AnyArray, "points inputs"], errors: Float[Array, "points 1"] | float = 0.0
    ) -> Float[KerasArray, "points 1"]:
        """Return the sine at every point, its error added."""
        sines: Array = np.sin(points.astype(np.float64).sum(axis=1, keepdims=True))
        return (sines + errors).astype(np.float32)

    def label(self, x: Float[Array, "inputs"]) -> tuple[float, str]:
        """Return the label of a point without noise, and why in words."""
        return float(np.sin(np.sum(x))), f"sin({self._sum})"
