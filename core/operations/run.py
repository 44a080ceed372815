"""Running a program: over many points, keeping nothing, or over one point, keeping every value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.operations.dot import Dot
from core.operations.rounding import EXACT
from core.operations.take import Spread, Take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.arrays import Array
    from core.operations.operation import Index
    from core.operations.program import Program
    from core.operations.rounding import Carry

    Instead = Mapping[int, Mapping[Index, float]]


class _Step(NamedTuple):
    """One line to run: which value it makes, how, of which, and which of those nobody needs after it."""

    number: int
    forward: Callable[..., Array]
    sources: tuple[int, ...]
    done: tuple[int, ...]


class Ready:
    """A program with its weights, ready to be run over points: what depends on weights alone is calculated already."""

    def __init__(
        self, program: Program, weights: Mapping[int, Array], inputs: Sequence[int], wanted: Sequence[int]
    ) -> None:
        """Make ``program`` ready to make the values ``wanted`` of those called ``inputs``.

        ``weights`` has the numbers of all that is given but inputs and constants.
        """
        self._inputs, self._wanted = tuple(inputs), tuple(wanted)
        self._values: list[Array | None] = [None] * len(program.lines)
        moving = made_of(program, inputs)
        kept = needed(program, wanted)
        steps = []
        with np.errstate(all="ignore"):
            for number, line in enumerate(program.lines):
                if number not in kept or number in self._inputs:
                    continue
                if line.given is not None:
                    numbers = line.given.numbers
                    self._values[number] = weights[number] if numbers is None else numbers
                elif number in moving:
                    steps.append(_Step(number, forward(program, number), line.sources, ()))
                else:
                    sources = [self._values[source] for source in line.sources]
                    self._values[number] = forward(program, number)(EXACT, *sources)
        self._steps = _with_ends(steps, {*self._wanted, *self._inputs} | (kept - moving))

    def __call__(self, *inputs: Array) -> list[Array]:
        """Return the values that are wanted, with the batch that ``inputs`` have, if they have one."""
        values = self._values.copy()
        for number, value in zip(self._inputs, inputs, strict=True):
            values[number] = value
        with np.errstate(all="ignore"):
            for number, make, sources, done in self._steps:
                values[number] = make(EXACT, *[values[source] for source in sources])
                for over in done:
                    values[over] = None
        return [made for number in self._wanted if (made := values[number]) is not None]


class Tracer:
    """A program made ready to be run over one point, keeping every value."""

    def __init__(self, program: Program) -> None:
        written = written_down(program)
        self._lines = [
            (line, None if line.operation is None else forward(program, number), number in written)
            for number, line in enumerate(program.lines)
        ]

    def __call__(self, given: Mapping[int, Array], carry: Carry, instead: Instead) -> list[Array]:
        """Return every value in order; ``given`` has the numbers of inputs and weights.

        What has a name is written down as ``carry`` says, and so is what is given; what lies between is exact.
        ``instead`` has numbers that stand for calculated ones, by value and index.
        """
        values: list[Array] = []
        with np.errstate(all="ignore"):
            for number, (line, make, named) in enumerate(self._lines):
                if make is not None:
                    made = make(carry if named else EXACT, *[values[source] for source in line.sources])
                elif line.given is not None and line.given.numbers is not None:
                    made = (carry if named else EXACT)(line.given.numbers)
                else:
                    made = carry(given[number])
                values.append(_changed(made, instead[number], carry) if number in instead else made)
        return values


def written_down(program: Program) -> set[int]:
    """Return what is written down: what has a name, and what was only moved to become that."""
    found = set(program.names) - program.between
    for number in range(len(program.lines) - 1, -1, -1):
        if number in found and isinstance(program.lines[number].operation, Take):
            found.update(program.lines[number].sources)
    return found


def forward(program: Program, number: int) -> Callable[..., Array]:
    """Return what makes the value of that number of its sources; padding has no part in a sum."""
    line = program.lines[number]
    operation = line.operation
    assert operation is not None
    if not isinstance(operation, Dot):
        return operation.forward
    inside = inside_of(program, line.sources[0])
    if inside is None:
        return operation.forward

    def without_padding(carry: Carry, first: Array, second: Array) -> Array:
        made = operation.forward(carry, first, second)
        return made if np.isfinite(made).all() else operation.inside_alone(carry, first, second, inside)

    return without_padding


def inside_of(program: Program, number: int) -> Array | None:
    """Return 1 where a value has a number of its own and 0 where it has padding; None if it has no padding of zeros."""
    moves: list[Take] = []
    line = program.lines[number]
    while isinstance(line.operation, Take) and len(line.sources) == 1:
        moves.append(line.operation)
        line = program.lines[line.sources[0]]
    if not any(isinstance(move, Spread) and move.padding == 0.0 for move in moves):
        return None
    inside = np.broadcast_to(np.ones(()), line.shape)
    for move in reversed(moves):
        inside = move.view(inside)
    return inside


def _changed(made: Array, instead: Mapping[Index, float], carry: Carry) -> Array:
    made = made.copy()
    for index, number in instead.items():
        made[index] = carry(number)
    return made


def made_of(program: Program, inputs: Sequence[int]) -> set[int]:
    """Return which values depend on those called ``inputs``, these among them."""
    found = set(inputs)
    for number, line in enumerate(program.lines):
        if any(source in found for source in line.sources):
            found.add(number)
    return found


def needed(program: Program, wanted: Sequence[int]) -> set[int]:
    """Return which values those that are wanted are made of, with them."""
    found = set(wanted)
    for number in range(len(program.lines) - 1, -1, -1):
        if number in found:
            found.update(program.lines[number].sources)
    return found


def _with_ends(steps: list[_Step], kept: set[int]) -> list[_Step]:
    """Return the steps, each with the values that no later one needs."""
    over = set(kept)
    ended = []
    for step in reversed(steps):
        done = tuple({source for source in step.sources if source not in over})
        over.update(done)
        ended.append(step._replace(done=done))
    return ended[::-1]
