"""byhand explain --number: one number of a calculation, opened into what made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.calculation.calculated import Calculated


def number_text(arguments: Namespace, made: Calculated) -> str:
    """Return the number that ``--number`` asks for, and what made it, as text.

    Raises:
        Refused: it goes with another option that says something of all numbers.
        UsageError: there is no such number.
    """
    from core.calculation.calculated import addressed
    from core.calculation.writing import ABOUT, LEGEND
    from core.export.opened import opened
    from core.formatting import Notation

    if arguments.format != "text":
        raise Refused(f"expected --format text with --number, got {arguments.format}")
    for option in ("check", "loss"):
        if getattr(arguments, option):
            raise Refused(f"expected no --{option} with --number; leave it out")
    with usage():
        spot = addressed(made, arguments.number)
    lines = opened(made, made.value_of(spot), spot.index, Notation(arguments.digits, arguments.fractions))
    lines += [LEGEND] if any(ABOUT in line for line in lines[1:]) else []
    return "\n".join(lines) + "\n"
