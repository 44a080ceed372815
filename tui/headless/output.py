"""Where commands write: results to standard output, notes and progress to standard error."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from math import inf
from typing import TYPE_CHECKING, Any

from core.cells import cell_width, padded, padded_before
from core.errors import plain, shorten
from tui.console_signs import signs_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.tasks import Answers, Scores, Task

NOTE = 300
"""The longest note that is written."""

CLASS_WIDTH = 12
"""Columns of a class's name in a confusion matrix."""

MOST_CLASSES = 20
"""Classes of a confusion matrix that is written as text."""


def write(text: str) -> None:
    """Write a result, in which a file's names do nothing to the terminal."""
    sys.stdout.write(plain(text))


def takes_signs() -> bool:
    """Return whether results go to a terminal that draws more signs than ASCII."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdout.isatty() and encoding.startswith("utf") and not signs_for(os.environ.get("TERM", ""))


def room() -> float:
    """Return how many columns a line of results has: without end where they go to no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else inf


def write_bytes(data: bytes) -> None:
    """Write a result as the file that it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def write_json(value: dict[str, Any]) -> None:
    """Write a result as JSON; NaN and the infinities must have been made None before."""
    write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def note(lines: Iterable[str]) -> None:
    """Tell the person something that is no part of the result."""
    for line in lines:
        sys.stderr.write(f"byhand: {shorten(line, NOTE)}\n")


def scores_json(task: Task, scores: Scores) -> dict[str, Any]:
    """Return the task and its scores: counts and the confusion matrix, or errors and their baselines."""
    from core.export.json_numbers import fields, plain
    from core.tasks import Errors, OfOutputs, Several, Signs

    if isinstance(scores, OfOutputs):
        assert isinstance(task, Several)
        each = zip(task.parts, scores.parts, strict=True)
        return {"task": task.name, "outputs": {name: scores_json(part.task, own) for part, (name, own) in each}}
    if isinstance(scores, Errors):
        return {
            "task": task.name,
            **fields(scores, "mean_absolute_error", "mean_squared_error", "r2"),
            "baseline": {"median": plain(scores.baseline), "mean": plain(scores.baseline_squared)},
            "correct": None,
            "nan": scores.nan,
        }
    signs = {"sign_accuracy": scores.accuracy, "sign_zero": scores.unanswered} if isinstance(task, Signs) else {}
    return {
        "task": task.name,
        "accuracy": scores.accuracy,
        **signs,
        "correct": scores.correct,
        "answers": scores.points,
        **({"left_out": scores.left_out} if scores.left_out else {}),
        "baseline": scores.baseline,
        "baseline_label": _class(scores.classes[scores.baseline_class]),
        "confusion_matrix": _confusion_json(scores, isinstance(task, Signs)),
        "nan": scores.nan,
        "failures": scores.failures.tolist(),
    }


def _confusion_json(answers: Answers, signs: bool) -> dict[str, Any]:
    """Return the confusion matrix with the meaning of its rows (labels) and columns (answers); None is no answer."""
    rows = [_class(name) for name in answers.classes]
    if signs:
        none = None if answers.nan else 0
        return {"rows": rows, "columns": [-1, none, 1], "counts": answers.confusion[:, [0, 2, 1]].tolist()}
    return {"rows": rows, "columns": [*rows, None], "counts": answers.confusion.tolist()}


def _class(name: str) -> int | str:
    """Return the name of a class, as a number where it is one."""
    return int(name) if re.fullmatch(r"[+-]?[0-9]{1,15}", name) else name


def scores_text(scores: Scores) -> str:
    """Return what is right beside its baseline and the confusion matrix as a small table; or errors and theirs."""
    from core.tasks import Errors, OfOutputs

    if isinstance(scores, OfOutputs):
        return "".join(f"{shorten(name)}: {scores_text(one)}" for name, one in scores.parts)
    if isinstance(scores, Errors):
        return f"{scores.in_words()}\n"
    return f"{scores.in_words()}\n\n{_confusion_text(scores)}"


def _confusion_text(answers: Answers) -> str:
    from core.tasks import Signs
    from core.tasks.words import head_of_none

    signs = answers.classes == Signs.classes
    names = [shorten(name, CLASS_WIDTH) for name in answers.classes]
    heads, order = [*names, head_of_none(answers)], [0, 2, 1] if signs else list(range(len(names) + 1))
    if not signs and not answers.confusion[:, -1].any():
        order = order[:-1]
    left = max(2, *map(cell_width, names))
    width = max(6, len(str(answers.points)) + 2, left + 2)
    head = " " * (left + 8) + "".join(padded_before(heads[place], width) for place in order)
    rows = [
        f"label {padded(name, left)}  " + "".join(f"{answers.confusion[row, place]:>{width}}" for place in order)
        for row, name in enumerate(names)
    ]
    if len(names) > MOST_CLASSES:
        return f"{len(names):,} classes: --json has the confusion matrix.\n"
    return "\n".join([f"{head}   {'predicted sign' if signs else 'answered'}", *rows]) + "\n"
