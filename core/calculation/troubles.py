"""What is wrong with the numbers of a calculation: indices of no row, and where NaN or infinity came from first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import spoken
from core.calculation.running import ready_values
from core.errors import shorten
from core.operations.pick import Pick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from core.arrays import AnyArray, Array
    from core.calculation.calculated import Calculated, Value
    from core.model.network import Network
    from core.model.weights import Weights
    from core.model.written import Written


def troubles(made: Calculated) -> list[str]:
    """Return a sentence for each layer that was given an index of no row, and one for the first odd number."""
    return [*_of_picks(made), *_first_odd(made)]


def index_of_no_row(network: Network, weights: Weights, points: AnyArray) -> str:
    """Return which layer is given an index of no row, and in which of ``points``, as a sentence; "" if none is.

    Keras on a CPU stops at such an index, and a compiled training takes another row without a word.
    """
    picks = list(_picks(network.written))
    if not picks:
        return ""
    ready, step = ready_values(network, weights, tuple(which for _, _, which in picks)), network.written.rows()
    for start in range(0, len(points), step):
        part = np.asarray(points[start : start + step], dtype=np.float64)
        for (layer, rows, _), made in zip(picks, ready(part), strict=True):
            bad = np.argwhere(~_are_rows(made, rows))
            if bad.size:
                where = f" in row {start + bad[0][0] + 1:,}" if len(points) > 1 else ""
                return f"{_refused(layer, rows, made[tuple(bad[0])])}{where}"
    return ""


def _picks(written: Written) -> Iterator[tuple[Sequence[str], int, int]]:
    """Give each call that takes rows, how many there are, and which value of the program says which."""
    names = sorted(written.program.names.items())
    for number, line in enumerate(written.program.lines):
        if isinstance(line.operation, Pick):
            call = next((name.call for at, name in names if at >= number), ())
            yield call, line.operation.before[0][0], line.sources[1]


def _are_rows(which: Array, rows: int) -> npt.NDArray[np.bool_]:
    return np.asarray((which >= 0) & (which < rows) & (which == np.floor(which)))


def _refused(call: Sequence[str], rows: int, which: float) -> str:
    # A negative index was counted from the last row before.
    given = which - rows if which < 0 else which
    return f"{shorten('/'.join(call))} expects whole numbers from 0 to {rows - 1:,}, got {given:g}"


def _of_picks(made: Calculated) -> Iterator[str]:
    for call, rows, number in _picks(made.written):
        which = made.numbers[number]
        bad = which[~_are_rows(which, rows)]
        if bad.size:
            yield f"{_refused(call, rows, float(bad[0]))}: what it makes of that is NaN"


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
