"""byhand explain of a model that is no chain of the first layers: every value as text, and any number opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.data.model_inputs import one_point
from core.errors import Refused, shorten
from tui.headless.output import note, write
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.calculation.calculated import Calculated, Value
    from core.model.files.opening import OpenedGraph
    from core.operations.operation import Index


def explain_any(arguments: Namespace, model: OpenedGraph) -> int:
    """Calculate one point of a model of any layers and calls, and write it."""
    from core.calculation.calculated import calculated
    from core.export.opened import opened, page
    from core.operations.rounding import Carry, Rounding
    from core.saving import write_whole

    _require_text(arguments)
    with usage():
        point = one_point(arguments.x, model.graph)
    made = calculated(model.graph, model.weights, point, Carry(Rounding(arguments.rounding), arguments.digits))
    if made.written.stops and arguments.number is None:
        note([made.written.stops])
    if arguments.number is None:
        text = page(made, arguments.digits)
    else:
        with usage():
            value, index = _number(made, arguments.number)
        text = "\n".join(opened(made, value, index, arguments.digits)) + "\n"
    if arguments.out is None:
        write(text)
    else:
        write_whole(arguments.out, text.encode())
        write(f"saved as {arguments.out}\n")
    return 0


def _require_text(arguments: Namespace) -> None:
    """Refuse what is not there for such a model yet."""
    if arguments.format != "text":
        raise Refused(f"expected --format text for a model of these layers, or --number, got {arguments.format}")
    for option in ("check", "loss", "fractions"):
        if getattr(arguments, option):
            raise Refused(f"expected no --{option} for a model of these layers, or with --number; leave it out")


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
