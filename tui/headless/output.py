"""Where commands write: results to standard output, notes and progress to standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from core.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.metrics import Evaluation

NOTE = 300
"""The longest note that is written."""


def write(text: str) -> None:
    """Write a result."""
    sys.stdout.write(text)


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


def confusion_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return the confusion matrix with the meaning of its rows (labels) and columns (signs of predictions)."""
    from core.metrics import SIGNS

    return {"rows": [-1, 1], "columns": list(SIGNS), "counts": evaluation.confusion.tolist()}


def confusion_text(evaluation: Evaluation) -> str:
    """Return the confusion matrix as a small table."""
    width = max(6, len(str(evaluation.points)) + 2)
    head = "          " + "".join(f"{sign:>{width}}" for sign in ("-1", "0", "+1")) + "   predicted sign"
    rows = [
        f"label {label}  " + "".join(f"{amount:>{width}}" for amount in amounts)
        for label, amounts in zip(("-1", "+1"), evaluation.confusion.tolist(), strict=True)
    ]
    return "\n".join([head, *rows]) + "\n"
