"""Moons: two half circles that reach into each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited, labelled
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray


class Moons(msgspec.Struct, frozen=True, tag="moons"):
    """Half the points on an upper half circle, +1, and half on a lower one that begins inside it, -1.

    Each coordinate has a normal error added, whose standard deviation is ``noise``.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    seed: int = 0
    noise: float = 0.1

    kind: ClassVar[str] = "moons"
    title: ClassVar[str] = "two moons that reach into each other"
    inputs: ClassVar[int] = 2
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "standard deviation of a number"
    suited: ClassVar[Suited] = Suited("8 tanh, 1 tanh", "hinge")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_noise(self.noise)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} on two half circles, noise {self.noise:g}"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return "+1 on the upper moon, -1 on the lower"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels, in no order."""
        generator = np.random.default_rng(self.seed)
        upper = generator.permutation(np.arange(self.points) % 2 == 0)
        angle = generator.uniform(0.0, np.pi, self.points)
        first = np.where(upper, np.cos(angle), 1.0 - np.cos(angle))
        second = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
        errors = self.noise * generator.standard_normal((self.points, 2))
        return (np.stack((first, second), axis=1) + errors).astype(np.float32), labelled(upper)
