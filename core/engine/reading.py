"""How a task's outputs are read, as the engine is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine.protocol import Reading
from core.tasks import Binary, Signs

if TYPE_CHECKING:
    from core.tasks import Task


def reading_of(task: Task) -> Reading:
    """Return what the engine counts beside the loss in a training or an evaluation of ``task``."""
    return Reading(task.name, task.at if isinstance(task, Signs | Binary) else 0.0)
