"""A layer whose arithmetic is not followed here: named, its settings and weights readable, never run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from core.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


KEPT_AGAIN = {"SpectralNormalization": {"vars/0": "layer/vars/0"}}
"""Keras's class -> arrays that its files have twice: the kernel of what it wraps is also the wrapper's own there."""

NEUTRAL = {1: ("row",), 2: ("row", "place")}
"""What the axes of an array are called of which nothing is known but how many they are."""

WIDEST = 60
"""In how many columns a setting is said; what a Lambda runs is text of thousands."""


class Sealed(Layer, frozen=True, tag="Sealed"):
    """A layer of the class ``keras_class``, and ``why`` it is not followed: a few words, such as "a custom class".

    ``entry`` is how its file describes it, as JSON, and ``arrays`` the names and shapes of what the file has for it.
    ``is_asked``: whether Keras may be asked for what it makes, as of a class of its own.
    """

    keras_class: str
    why: str
    entry: str = "{}"
    arrays: tuple[tuple[str, tuple[int, ...]], ...] = ()
    is_asked: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings as its file has them, but for its name."""
        config = json.loads(self.entry).get("config", {})
        return {name: value for name, value in config.items() if name != "name"} if isinstance(config, dict) else {}

    @property
    def kept_again(self) -> Mapping[str, str]:
        """The kernel of what it wraps, if it has that as its own too."""
        return KEPT_AGAIN.get(self.keras_class, {})

    @property
    def in_words(self) -> str:
        """Its class, and that it is sealed."""
        return f"{self.keras_class}, sealed"

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the shapes of its arrays, which its file says, whatever its sources are."""
        return dict(self.arrays)

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return names that say nothing of what the layer calculates."""
        rank = len(dict(self.arrays).get(weight, ()))
        return NEUTRAL.get(rank) or tuple(f"axis {axis + 1}" for axis in range(rank))

    def call(self, on: Writer, w: Weights, *inputs: Value, listed: bool = False, **named: object) -> tuple[Value, ...]:
        """Return what is given for this call, if something is; else refuse to say what only its own code could."""
        given = on.from_keras(self, inputs, listed, named)
        if given is not None:
            return given
        raise Refused(
            f"expected layers whose arithmetic is known, got {shorten(self.name)!r}, {self.why}: "
            "the calculation stops before it"
        )


def settings_in_words(settings: Mapping[str, object]) -> str:
    """Return settings in one line, such as ``filters 4, kernel_size [3, 3]``; those that are not set are left out."""
    held = {name: value for name, value in settings.items() if value is not None}
    return ", ".join(f"{shorten(name)} {shorten(_in_words(value), WIDEST)}" for name, value in held.items())


def _in_words(value: object) -> str:
    """Return a setting's value in words: of what is described as an object of a class, the class."""
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return str(value["class_name"])
    return value if isinstance(value, str) else json.dumps(value)
