"""Digits: 1,797 digits that 43 people wrote, each a picture of 8 x 8."""

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

COUNT = 1_797


class Digits(msgspec.Struct, frozen=True, tag="digits"):
    """The test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak; UCI, 1998; CC BY 4.0).

    A shade is a whole number of sixteenths, from 0 to 1; a label is the digit. ``seed`` says in which order they come,
    and so which are left out if ``points`` is not all of them.

    Raises:
        Refused: a number is outside what there is.
    """

    points: int = COUNT
    seed: int = 0

    kind: ClassVar[str] = "digits"
    title: ClassVar[str] = "pictures of handwritten digits"
    inputs: ClassVar[int] = 64
    shape: ClassVar[tuple[int, ...]] = (8, 8, 1)
    label_names: ClassVar[tuple[str, ...]] = tuple("0123456789")
    extent: ClassVar[None] = None
    fixed: ClassVar[bool] = True
    suited: ClassVar[Suited] = Suited("32 relu, 10 softmax", "sparse_categorical_crossentropy")

    def __post_init__(self) -> None:
        require_drawn(self.points, self.inputs, self.seed, COUNT)

    def drawn_in_words(self) -> str:
        """Return how many of what are drawn, without their seed."""
        return f"{count(self.points, 'picture')} of 8 x 8, written by hand (Alpaydin and Kaynak, 1998)"

    def in_words(self) -> str:
        """Return how a point comes by its label."""
        return "the digit that was to be written"

    def make(self) -> tuple[Float[KerasArray, "points 64"], Float[KerasArray, "points 1"]]:
        """Return the pictures and their labels."""
        return drawn(self.kind, self.points, self.seed, 16.0)
