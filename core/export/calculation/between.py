"""Between: sums that a calculation makes on its way without writing them down get names, so that lines stay short."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.program import Name, Program
from core.operations.run import written_down
from core.operations.take import Take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calculation.calculated import Calculated

OF_MANY = Dot | Over
"""What makes one number of many."""


def with_between(done: Calculated) -> Calculated:
    """Return the same calculation, in which every sum has a name, and so has what many numbers are added up of.

    A softmax is a division of one exponential by the sum of all: without names each of its numbers would have all of
    them in it. These names are ``exp`` and ``sum``; what is called so was never rounded.
    """
    program = done.written.program
    found = dict(_names(program))
    named = Program(program.lines, program.names | found, program.axes, frozenset(found))
    return replace(done, written=replace(done.written, program=named))


def _names(program: Program) -> Iterator[tuple[int, Name]]:
    """Give a name to each of these values: of the call whose next value it goes into, by what makes it."""
    by_name: dict[Name, list[int]] = defaultdict(list)
    count: Counter[tuple[object, ...]] = Counter()
    following = _following(program)
    for number in sorted(_unnamed(program) & following.keys()):
        within, operation = following[number], program.lines[number].operation
        word = operation.function if isinstance(operation, Each) else getattr(operation, "made", "sum of products")
        known = {name.value for name in program.names.values() if name.call == within.call}
        count[within.call, within.at, word] += 1
        nth = count[within.call, within.at, word]
        word = word if nth == 1 else f"{word} {nth}"
        by_name[Name(within.call, f"{word} between" if word in known else word, ())].append(number)
    for name, numbers in by_name.items():
        ats = [following[number].at for number in numbers]
        shapes = {program.lines[number].shape for number in numbers}
        whole = len(shapes) == 1 and len(set(ats)) == prod(max(axis) + 1 for axis in zip(*ats, strict=True))
        for number, at in zip(numbers, ats, strict=True):
            alone = f"{name.value} at step {', '.join(str(step + 1) for step in at)}"
            yield number, name._replace(at=at) if whole or not at else name._replace(value=alone)


def _following(program: Program) -> dict[int, Name]:
    """Return, for every value, the name that was given next."""
    found: dict[int, Name] = {}
    name = None
    for number in range(len(program.lines) - 1, -1, -1):
        name = program.names.get(number, name)
        if name is not None:
            found[number] = name
    return found


def _unnamed(program: Program) -> set[int]:
    """Return which values are one number of many or are made into one, and have no name."""
    known, found = written_down(program), set[int]()
    for number in range(len(program.lines) - 1, -1, -1):
        operation = program.lines[number].operation
        if isinstance(operation, OF_MANY):
            found |= {number, *(_origin(program, source) for source in program.lines[number].sources)}
    return {number for number in found - known if isinstance(program.lines[number].operation, Each | OF_MANY)}


def _origin(program: Program, number: int) -> int:
    """Return where a value comes from that was only moved, and not named since."""
    line = program.lines[number]
    while number not in program.names and isinstance(line.operation, Take) and len(line.sources) == 1:
        number = line.sources[0]
        line = program.lines[number]
    return number
