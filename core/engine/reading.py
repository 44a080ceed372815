"""How a task's outputs are read, as the engine is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.tasks import Binary, Several, Signs

if TYPE_CHECKING:
    from core.tasks import Task


class Reading(msgspec.Struct, frozen=True):
    """What is counted beside the loss: how good answers are in the ``task`` of that name, which change at ``at``.

    Several outputs have a reading ``each``.
    """

    task: str = "signs"
    at: float = 0.0
    each: tuple[Reading, ...] = ()

    @property
    def of_keras(self) -> Reading:
        """The reading that ``evaluate`` has: Keras tells 0 and 1 apart at 0.5, whatever the loss."""
        at = 0.5 if self.task == "binary" else self.at
        return Reading(self.task, at, tuple(one.of_keras for one in self.each))

    def of_outputs(self, outputs: int) -> tuple[Reading, ...]:
        """Return the reading of each of so many outputs: its own, or this."""
        return self.each if len(self.each) == outputs else (self,) * outputs


SIGNS = Reading()
"""How labels of -1 and +1 are read."""


def reading_of(task: Task) -> Reading:
    """Return what the engine counts beside the loss in a training or an evaluation of ``task``."""
    if isinstance(task, Several):
        return Reading(task.name, each=tuple(reading_of(part.task) for part in task.parts))
    return Reading(task.name, task.at if isinstance(task, Signs | Binary) else 0.0)
