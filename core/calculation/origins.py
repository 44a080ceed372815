"""Where numbers come from: looked through all that only moves them, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.operations.dot import Dot
from core.operations.over import Over
from core.operations.take import Take

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    from jaxtyping import Int

    from core.arrays import Array
    from core.operations.operation import At, Index, Shape
    from core.operations.program import Program

    Rows = Int[npt.NDArray[np.int64], "numbers"]


class Origin(NamedTuple):
    """Numbers of one value: which they are of those that were asked for, and their places in it."""

    value: int
    rows: Rows
    at: At


def origins(program: Program, value: int, at: At) -> Iterator[Origin]:
    """Give what the numbers at ``at`` are: written down, given, or made by an operation; padding is none of these.

    Of no numbers at all it gives what they would be of.
    """
    line = program.lines[value]
    if value in program.names or not isinstance(line.operation, Take):
        yield Origin(value, np.arange(len(at)), at)
        return
    for there, places in line.operation.origins(at):
        if there.any() or not len(at):
            rows = np.flatnonzero(there)
            for found in origins(program, line.sources[places.source], places.at):
                yield Origin(found.value, rows[found.rows], found.at)


def made_of(program: Program, values: Sequence[Array], place: tuple[int, Index], most: int) -> dict[int, At]:
    """Return what a number is made of: for each value that is written down or given, the places of its numbers.

    They are in the order of the terms. Of numbers that are made in between, without a name, ``most`` are looked into. A
    given number is made of none.
    """
    found: dict[int, list[At]] = {}
    waiting = terms_at(program, values, *place)[::-1]
    while waiting:
        inner: list[tuple[int, At]] = []
        source, places = waiting.pop()
        for value, _, at in origins(program, source, places) if len(places) else ():
            line = program.lines[value]
            if value in program.names or (line.given is not None and line.given.numbers is None):
                found.setdefault(value, []).append(at)
            elif line.operation is not None:
                for index in at[:most].tolist():
                    inner += terms_at(program, values, value, tuple(index))
                most -= min(len(at), most)
        waiting += inner[::-1]
    return {value: _once(np.concatenate(parts), values[value].shape) for value, parts in found.items()}


def _once(at: At, shape: Shape) -> At:
    """Return each place once, in order."""
    if not shape:
        return at[:1]
    _, first = np.unique(np.ravel_multi_index(tuple(at.T), shape), return_index=True)
    return at[np.sort(first)]


def _are_there(program: Program, value: int, at: At) -> npt.NDArray[np.bool_]:
    """Return which of the numbers at ``at`` come from somewhere, and are no padding."""
    there = np.zeros(len(at), dtype=np.bool_)
    for found in origins(program, value, at):
        there[found.rows] = True
    return there


def terms_at(program: Program, values: Sequence[Array], value: int, index: Index) -> list[tuple[int, At]]:
    """Return what the number at ``index`` of a value is made of: of each source the places of its numbers.

    What is padding, or a product with it, is no term of many, but a mean counts it.
    """
    line = program.lines[value]
    if line.operation is None:
        return []
    factors = line.operation.terms(index, [values[source] for source in line.sources]).factors
    sources = [(line.sources[factor.source], factor.at) for factor in factors]
    if isinstance(line.operation, Dot) or (isinstance(line.operation, Over) and line.operation.made != "mean"):
        there = np.logical_and.reduce([_are_there(program, *source) for source in sources])
        return [(source, at[there]) for source, at in sources]
    return sources
