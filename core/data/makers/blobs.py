"""Blobs: a cloud of points for each of k classes."""

from __future__ import annotations

from math import pi, sin, sqrt
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np

from core.data.limits import require_drawn, require_noise
from core.data.makers.kind import Suited
from core.errors import require_between
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray

MOST = 10
"""Classes."""


class Blobs(msgspec.Struct, frozen=True, tag="blobs"):
    """Points around the middles of ``classes`` clouds, labelled by the number of their cloud, 0, 1, 2 ...

    The middles are on a circle around (0, 0), the first at 45 degrees and neighbours at least 4 apart: of two classes
    they are (2, 2) and (-2, -2), as in TensorFlow Playground. As there, a coordinate has a normal error with a variance
    of ``0.5 + 7 * noise``.

    Raises:
        Refused: a number is outside what can be made.
    """

    points: int = 250
    classes: int = 3
    seed: int = 0
    noise: float = 0.0

    kind: ClassVar[str] = "blobs"
    title: ClassVar[str] = "clouds of 2 to 10 classes"
    inputs: ClassVar[int] = 2
    shape: ClassVar[tuple[int, ...]] = ()
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = False
    noise_is: ClassVar[str] = "0 to 1: variance 0.5 to 7.5"

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed)
        require_between("classes", self.classes, 2, MOST)
        require_noise(self.noise, 1.0)

    @property
    def deviation(self) -> float:
        """The standard deviation of a coordinate in its cloud."""
        return sqrt(0.5 + 7.0 * self.noise)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The numbers of the clouds, which are classes even where there are but two of them."""
        return tuple(map(str, range(self.classes)))

    @property
    def suited(self) -> Suited:
        """A model that can learn the data."""
        return Suited(f"8 relu, {self.classes} softmax", "sparse_categorical_crossentropy")

    def middles(self) -> Float[np.ndarray, "classes 2"]:
        """Return the middle of each cloud."""
        radius = max(sqrt(8.0), 2.0 / sin(pi / self.classes))
        angles = pi / 4 + 2 * pi * np.arange(self.classes) / self.classes
        return radius * np.stack((np.cos(angles), np.sin(angles)), axis=1)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'point')} in {self.classes} clouds, standard deviation {self.deviation:.3g}"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return f"the number of its cloud, from 0 to {self.classes - 1}"

    def make(self) -> tuple[Float[KerasArray, "points 2"], Float[KerasArray, "points 1"]]:
        """Return the points and their labels, in no order, as many of each class as can be."""
        generator = np.random.default_rng(self.seed)
        labels = generator.permutation(np.arange(self.points) % self.classes)
        points = self.middles()[labels] + self.deviation * generator.standard_normal((self.points, 2))
        return points.astype(np.float32), labels.astype(np.float32)[:, np.newaxis]
