"""Slopes: how fast one quantity changes with each value that it is made of, written in operations again.

The chain rule, walked backwards: a value's slope is the sum of what all that use it hand back (Rumelhart, Hinton and
Williams, "Learning representations by back-propagating errors", 1986).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.operations.program import Value


def slopes(of: Value, to: Sequence[Value], begin: Value | None = None) -> list[Value]:
    """Write down how fast ``of``, its numbers added up, changes with each number of every value in ``to``.

    With ``begin``, of the shape of ``of``, each of its numbers counts by that. What ``of`` is not made of gets 0.
    """
    on = of.on
    needed = _between(of, {value.number for value in to})
    found: dict[int, Value] = {of.number: on.constant(np.ones(of.shape)) if begin is None else begin}
    for number in sorted(needed, reverse=True):
        line = on.lines[number]
        if number not in found or line.operation is None:
            continue
        sources = [on.value(source) for source in line.sources]
        handed = line.operation.slopes(found[number], on.value(number), sources)
        for source, slope in zip(sources, handed, strict=True):
            if slope is not None and source.number in needed:
                before = found.get(source.number)
                found[source.number] = slope if before is None else before + slope
    return [found.get(value.number) or on.constant(np.zeros(value.shape)) for value in to]


def _between(of: Value, to: set[int]) -> set[int]:
    """Return the numbers of the values on the way from any of ``to`` to ``of``."""
    lines = of.on.lines
    reach = set(to)
    for number, line in enumerate(lines[: of.number + 1]):
        if any(source in reach for source in line.sources):
            reach.add(number)
    used, needed = {of.number}, set()
    for number in range(of.number, -1, -1):
        if number in used and number in reach:
            needed.add(number)
            used.update(lines[number].sources)
    return needed
