"""What is wrong with the numbers of a calculation: indices of no row, and where NaN or infinity came from first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import spoken
from core.errors import shorten
from core.operations.pick import Pick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.calculated import Calculated, Value


def troubles(made: Calculated) -> list[str]:
    """Return a sentence for each layer that was given an index of no row, and one for the first odd number."""
    return [*_of_picks(made), *_first_odd(made)]


def _of_picks(made: Calculated) -> Iterator[str]:
    names = sorted(made.written.program.names.items())
    for number, line in enumerate(made.written.program.lines):
        if not isinstance(line.operation, Pick):
            continue
        rows, which = line.operation.before[0][0], made.numbers[line.sources[1]]
        bad = which[~((which >= 0) & (which < rows) & (which == np.floor(which)))]
        if bad.size:
            call = next((name.call for at, name in names if at >= number), ())
            yield (
                f"{shorten('/'.join(call))} expects whole numbers from 0 to {rows - 1:,}, got {bad[0]:g}: "
                "what it makes of that is NaN"
            )


def _first_odd(made: Calculated) -> Iterator[str]:
    """Say which number that was given or written down is the first that is not finite."""
    for value in (*made.weights, *made.values):
        odd = _odd(made, value)
        if odd is not None:
            what, number = shorten(spoken(value.spot(odd)), 120), made.array(value)[odd]
            whence = "was given" if value in made.weights or not value.call else "was made of finite numbers"
            yield f"{what} is the first number that is not finite: {number:g}, which {whence}"
            return


def _odd(made: Calculated, value: Value) -> tuple[int, ...] | None:
    finite = np.isfinite(made.array(value))
    return None if finite.all() else tuple(int(at) for at in np.argwhere(~finite)[0])
