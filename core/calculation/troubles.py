"""What is wrong with the numbers of a calculation: indices of no row, parts of whole numbers, where NaN came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.calculated import calculated, spoken
from core.calculation.running import in_pieces, run
from core.errors import shorten
from core.model.written import write_graph
from core.operations.each import Each
from core.operations.pick import Pick
from core.operations.program import TRUNCATE
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from core.arrays import AnyArray, Array
    from core.calculation.calculated import Calculated
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.model.network import Network
    from core.model.weights import Weights
    from core.model.written import Written

    Marks = npt.NDArray[np.bool_]

ROWS_NAMED = 3
"""How many rows are named that something is wrong in; of more the first."""


class _Expected(NamedTuple):
    """Who expects whole numbers, of how many rows each is one if they are any's, and which value has them.

    With ``back`` those are meant that Keras counts from the last row, at every place: on a CPU, and compiled.
    """

    who: str
    rows: int
    value: int
    back: bool = False

    def wrong(self, numbers: Array) -> Marks:
        """Return which numbers are not what is expected."""
        if not self.rows:
            return np.asarray(np.isfinite(numbers) & (numbers != np.trunc(numbers)))
        if self.back:
            return np.asarray((numbers < 0) & (numbers >= -self.rows))
        return np.asarray(~((numbers >= 0) & (numbers < self.rows) & (numbers == np.floor(numbers))))

    def said(self, got: float) -> str:
        """Return what is expected and what came."""
        if not self.rows:
            return f"{self.who} expects whole numbers, got {got:g}"
        # A negative index was counted from the last row before.
        given = got - self.rows if got < 0 and not self.back else got
        return f"{self.who} expects whole numbers from 0 to {self.rows - 1:,}, got {given:g}"

    def sentence(self, got: float, where: str = "") -> str:
        """Return what is expected, what came and where, and what is calculated with here."""
        if self.rows and not self.back:
            return f"{self.said(got)}{where}: what it makes of that is NaN"
        outcome = f"index {self.rows + got:g}, counted from the last," if self.back else f"{np.trunc(got):g}"
        outcome = f"{outcome} is taken, as in Keras"
        return f"{self.said(got)}{where}: {outcome}"


def troubles(made: Calculated) -> list[str]:
    """Return a sentence for each layer that was given an index of no row, for each that cuts numbers off to whole ones,
    and one for the first odd number.
    """
    found = [(one, made.numbers[one.value]) for one in _expected(made.graph, made.written)]
    said = [one.sentence(float(bad[0])) for one, numbers in found if (bad := numbers[one.wrong(numbers)]).size]
    return [*said, *_first_odd(made)]


def troubles_of_points(
    graph: Graph, weights: Mapping[Weight, AnyArray], inputs: Sequence[AnyArray], outputs: Sequence[Array]
) -> list[str]:
    """Return what :func:`troubles` does of many points, each sentence with the rows that it is of.

    ``inputs`` have the points first, and so have ``outputs``, what the model makes of them.
    """
    written = write_graph(graph, tuple(array.shape[1:] for array in inputs))
    expected, found = list(_expected(graph, written)), dict[_Expected, tuple[float, list[int]]]()
    if expected:
        made = run(written.ready(weights, [one.value for one in expected]), inputs, written.rows())
        for one, got, rows in _wrong(expected, made):
            found.setdefault(one, (got, []))[1].extend(rows)
    said = [one.sentence(got, _in(rows, inputs)) for one, (got, rows) in found.items()]
    odd = np.logical_or.reduce([~np.isfinite(made).all(axis=tuple(range(1, made.ndim))) for made in outputs])
    for one, (_, rows) in found.items():
        odd[rows] &= not one.rows or one.back
    if odd.any():
        rows = np.flatnonzero(odd).tolist()
        point = calculated(graph, weights, [np.asarray(array[rows[0]]) for array in inputs], EXACT)
        said += [f"{_in(rows, inputs)} {sentence}".lstrip() for sentence in _first_odd(point)]
    return said


def _wrong(
    expected: Sequence[_Expected], made: Iterable[tuple[slice, list[Array]]]
) -> Iterator[tuple[_Expected, float, list[int]]]:
    """Give who is given numbers that it does not expect: the first of them, and which points have some."""
    for piece, parts in made:
        for one, numbers in zip(expected, parts, strict=True):
            at = np.argwhere(one.wrong(numbers))
            if at.size:
                yield one, float(numbers[tuple(at[0])]), (piece.start + np.unique(at[:, 0])).tolist()


def _in(rows: Sequence[int], inputs: Sequence[AnyArray]) -> str:
    """Return in which rows that is, in words that end a sentence; nothing of a point that is alone."""
    if len(inputs[0]) == 1:
        return ""
    named = ", ".join(f"{row + 1:,}" for row in rows[:ROWS_NAMED])
    if len(rows) == 1:
        return f" in row {named}"
    return f" in rows {named}" if len(rows) <= ROWS_NAMED else f" in {len(rows):,} rows, the first of them {named}"


def index_of_no_row(network: Network, weights: Weights, points: AnyArray) -> str:
    """Return which layer is given an index of no row, and in which of ``points``, as a sentence; "" if none is.

    Keras on a CPU stops at such an index, and a compiled training takes another row without a word.
    """
    expected = [one for one in _expected(network.graph, network.written) if one.rows and not one.back]
    wanted = tuple(one.value for one in expected)
    made = in_pieces(network, weights, wanted, points) if expected else ()
    return next((one.said(got) + _in(rows[:1], [points]) for one, got, rows in _wrong(expected, made)), "")


def _expected(graph: Graph, written: Written) -> Iterator[_Expected]:
    """Give who expects whole numbers: layers that take rows by them, inputs and layers that cut others off."""
    inputs = {number: given for number, given in zip(written.inputs, graph.inputs, strict=False) if given.whole}
    for number, line in enumerate(written.program.lines):
        if isinstance(line.operation, Pick):
            who, rows, row = _call_of(written, number), line.operation.before[0][0], line.sources[1]
            yield _Expected(who, rows, row)
            chosen = written.program.lines[row]
            if isinstance(chosen.operation, Each) and chosen.operation.function == "where":
                # The index as it came, before one below 0 was counted from the last row.
                yield _Expected(who, rows, chosen.sources[1], back=True)
        elif isinstance(line.operation, Each) and line.operation.function == TRUNCATE:
            given = inputs.get(line.sources[0])
            yield _Expected(shorten(given.name) if given else _call_of(written, number), 0, line.sources[0])


def _call_of(written: Written, number: int) -> str:
    """Return the call that a value of the program is made in."""
    named = (at for at in written.program.names if at >= number)
    return shorten("/".join(written.program.names[min(named)].call))


def _first_odd(made: Calculated) -> Iterator[str]:
    """Say which number that was given or written down is the first that is not finite."""
    for value in (*made.weights, *made.values):
        array = made.array(value)
        if not np.isfinite(array).all():
            odd = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
            what, number = shorten(spoken(value.spot(odd)), 120), array[odd]
            whence = "was given" if value in made.weights or not value.call else "was made of finite numbers"
            yield f"{what} is the first number that is not finite: {number:g}, which {whence}"
            return
