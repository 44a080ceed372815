"""A layer whose arithmetic is not followed here: named, its settings and weights readable, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.layers.layer import Layer

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value


class Sealed(Layer, frozen=True, tag="Sealed"):
    """A layer of the class ``keras_class``, and ``why`` it is not followed: a few words, such as "a custom class".

    ``entry`` is how its file describes it, as JSON.
    """

    keras_class: str
    why: str
    entry: str = "{}"

    @property
    def in_words(self) -> str:
        """Its class, and that it is sealed."""
        return f"{self.keras_class}, sealed"

    def call(self, on: Writer, w: Weights, *inputs: Value, **named: object) -> Value:
        """Refuse to say what only the layer's own code could."""
        raise Refused(
            f"expected layers whose arithmetic is known, got {shorten(self.name)!r}, {self.why}: "
            "the calculation stops before it"
        )
