"""What Keras is doing, what it is asked, and what it answered, as the screen sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.arrays import Array, KerasArray
    from core.export.loss import KerasLoss
    from core.session.state import State
    from core.training.options import Options


class Keras(StrEnum):
    """What the engine process is doing."""

    STARTING = "starting"
    READY = "ready"
    TRAINING = "training"
    WAITING = "waiting"
    GONE = "gone"


@dataclass(frozen=True, eq=False)
class Answer:
    """What ``model.predict`` gave for ``x`` with the weights of ``version``, and the outputs of every layer.

    With a ``refusal`` there are none: Keras did not take the point.
    """

    version: int
    x: Array
    outputs: KerasArray
    layers: tuple[KerasArray, ...]
    refusal: str = ""

    def speaks_of(self, state: State) -> bool:
        """Return whether it is for the present weights and x."""
        return self.version == state.model.weights.version and self.x is state.x


@dataclass(frozen=True, eq=False)
class LossQuestion:
    """What does Keras's ``loss`` give for ``label`` and its prediction for ``x`` with the weights of ``version``?

    Several outputs may have losses of their own, ``by_output``.
    """

    version: int
    x: Array
    label: tuple[float, ...]
    loss: str
    options: Options = ()
    by_output: tuple[tuple[str, Options], ...] = ()

    def same(self, other: LossQuestion | None) -> bool:
        """Return whether ``other`` asks for the same; the same ``x`` is the same array."""
        return other is not None and self.x is other.x and self._rest == other._rest

    @property
    def _rest(self) -> tuple[object, ...]:
        return (self.version, self.label, self.loss, self.options, self.by_output)


@dataclass(frozen=True, eq=False)
class LossAnswer:
    """The loss that Keras gave for ``question``."""

    question: LossQuestion
    loss: KerasLoss
