"""Bars: small pictures, each with one bar, horizontal or vertical."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited, labelled
from core.errors import require_between
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray

SMALLEST, LARGEST = 2, 32
"""Rows and columns of a picture."""


class Bars(msgspec.Struct, frozen=True, tag="bars"):
    """Square pictures of 0 with one row or column of 1; +1 where the bar is vertical, -1 where it is horizontal.

    Each shade has a normal error added, whose standard deviation is ``noise``.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    size: int = 5
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "bars"
    title: ClassVar[str] = "pictures of a bar, horizontal or vertical"
    label_names: ClassVar[tuple[str, ...]] = ()
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "standard deviation of a shade"
    suited: ClassVar[Suited] = Suited("8 relu, 1 tanh", "hinge")

    def __post_init__(self) -> None:
        require_between("a size", self.size, SMALLEST, LARGEST)
        require_drawn(self.points, self.inputs, self.seed)
        require_noise(self.noise)

    @property
    def inputs(self) -> int:
        """How many shades a picture has."""
        return self.size * self.size

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and the one channel of a picture."""
        return self.size, self.size, 1

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        noise = f", noise {self.noise:g}" if self.noise else ""
        return f"{count(self.points, 'picture')} of {self.size} x {self.size}{noise}"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return "+1 where the bar is vertical, -1 where it is horizontal"

    def make(self) -> tuple[Float[KerasArray, "points inputs"], Float[KerasArray, "points 1"]]:
        """Return the pictures and their labels, in no order."""
        generator = np.random.default_rng(self.seed)
        vertical = generator.permutation(np.arange(self.points) % 2 == 0)
        bars = np.zeros((self.points, self.size, self.size), dtype=np.float32)
        bars[np.arange(self.points), generator.integers(self.size, size=self.points)] = 1.0
        pictures = np.where(vertical[:, np.newaxis, np.newaxis], bars.swapaxes(1, 2), bars)
        # Drawn after the bars, so that other noise leaves them where they are.
        pictures += (self.noise * generator.standard_normal(pictures.shape)).astype(np.float32)
        return pictures.reshape(self.points, self.inputs), labelled(vertical)
