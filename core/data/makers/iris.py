"""Iris: the measures of 150 flowers of three species."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.data.limits import require_drawn
from core.data.makers.collection import drawn
from core.data.makers.kind import Suited
from core.formatting import count

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import KerasArray

COUNT = 150


class Iris(msgspec.Struct, frozen=True, tag="iris"):
    """R. A. Fisher's flowers ("The use of multiple measurements in taxonomic problems", 1936; UCI, CC BY 4.0).

    The inputs are the sepal's length and width and the petal's length and width, in cm. ``seed`` says in which order
    the flowers come, and so which are left out if ``points`` is not all of them.

    Raises:
        Refused: a number is outside what there is.
    """

    points: int = COUNT
    seed: int = 0

    kind: ClassVar[str] = "iris"
    title: ClassVar[str] = "Fisher's flowers: three species of iris"
    inputs: ClassVar[int] = 4
    shape: ClassVar[tuple[int, ...]] = ()
    label_names: ClassVar[tuple[str, ...]] = ("setosa", "versicolor", "virginica")
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = True
    suited: ClassVar[Suited] = Suited("8 relu, 3 softmax", "sparse_categorical_crossentropy")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed, COUNT)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'flower')}, length and width of sepal and petal in cm (Fisher, 1936)"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return "the flower's species"

    def make(self) -> tuple[Float[KerasArray, "points 4"], Float[KerasArray, "points 1"]]:
        """Return the flowers and their labels."""
        return drawn(self.kind, self.points, self.seed, 10.0)
