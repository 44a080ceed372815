"""Tasks: what a model's outputs and the labels mean, from the labels as they are, the loss and the last layer."""

from core.tasks.binary import Binary
from core.tasks.choosing import TaskName, task_for, task_of
from core.tasks.classes import Classes
from core.tasks.nothing import NoLabels
from core.tasks.numbers import Numbers
from core.tasks.scores import Answers, Errors, OfOutputs, Scores
from core.tasks.several import Several
from core.tasks.signs import Signs

Task = Signs | Binary | Classes | Numbers | NoLabels | Several

__all__ = [
    "Answers",
    "Binary",
    "Classes",
    "Errors",
    "NoLabels",
    "Numbers",
    "OfOutputs",
    "Scores",
    "Several",
    "Signs",
    "Task",
    "TaskName",
    "task_for",
    "task_of",
]
