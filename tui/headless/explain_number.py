"""byhand explain --number: one number of a calculation, opened into what made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.calculation.calculated import Calculated, Value
    from core.operations.operation import Index


def number_text(arguments: Namespace, made: Calculated) -> str:
    """Return the number that ``--number`` asks for, and what made it, as text.

    Raises:
        Refused: it goes with another option that says something of all numbers.
        UsageError: there is no such number.
    """
    from core.export.opened import opened

    if arguments.format != "text":
        raise Refused(f"expected --format text with --number, got {arguments.format}")
    for option in ("check", "loss", "fractions"):
        if getattr(arguments, option):
            raise Refused(f"expected no --{option} with --number; leave it out")
    with usage():
        value, index = _number(made, arguments.number)
    return "\n".join(opened(made, value, index, arguments.digits)) + "\n"


def _number(made: Calculated, text: str) -> tuple[Value, Index]:
    """Return which number a person means: ``lstm/hidden state[3,1]``, counted from 1."""
    name, _, places = text.strip().removesuffix("]").partition("[")
    value = made.find(name.strip())
    typed = [part.strip() for part in re.split(r"[,;]", places) if part.strip()]
    if len(typed) != len(value.shape) or not all(part.isdecimal() for part in typed):
        example = ",".join("1" for _ in value.shape)
        raise UsageError(f"expected {len(value.shape)} places such as {value.words}[{example}], got {shorten(text)!r}")
    index = tuple(int(part) - 1 for part in typed)
    if not all(0 <= at < size for at, size in zip(index, value.shape, strict=True)):
        shape = " x ".join(map(str, value.shape))
        raise UsageError(f"expected places of {value.words}, which is {shape}, counted from 1, got {shorten(text)!r}")
    return value, index
