"""What Keras is doing, and what it answered, as the screen sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.arrays import Array, KerasArray


class Keras(StrEnum):
    """What the engine process is doing."""

    STARTING = "starting"
    READY = "ready"
    TRAINING = "training"
    WAITING = "waiting"
    GONE = "gone"


@dataclass(frozen=True, eq=False)
class Answer:
    """What ``model.predict`` gave for ``x`` with the weights of ``version``."""

    version: int
    x: Array
    outputs: KerasArray
