"""What the axes of a calculation's values are called: as their layers say, or what they are made of, or as is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.over import Over
from core.operations.pick import Pick
from core.operations.take import Join, Repeat, Reshape, Slice, Spread, Transpose

if TYPE_CHECKING:
    from core.operations.program import Line, Program

Names = tuple[str, ...]

USUAL: tuple[Names, ...] = (
    (),
    ("unit",),
    ("step", "unit"),
    ("row", "column", "channel"),
    ("step", "row", "column", "channel"),
)
"""What so many axes mostly are."""


def usual(rank: int) -> Names:
    """Return names for ``rank`` axes of which nothing is known."""
    return USUAL[rank] if rank < len(USUAL) else tuple(f"axis {axis + 1}" for axis in range(rank))


def axes_of_lines(program: Program) -> list[Names]:
    """Return the names of the axes of every value, and none where nobody named them.

    What is made number by number has the axes of what it is made of, unless it has names of its own.
    """
    found: list[Names] = []
    for number, line in enumerate(program.lines):
        found.append(program.axes.get(number) or _handed_on(line, [found[at] for at in line.sources]))
    return found


def _handed_on(line: Line, sources: list[Names]) -> Names:
    match line.operation:
        case Transpose(order=order) if sources[0]:
            return tuple(sources[0][axis] for axis in order)
        case Reshape(before=before, shape=shape) if before == shape:
            return sources[0]
        case Each() | Over() | Slice() | Spread() | Repeat() | Join():
            return next((names for names in sources if len(names) == len(line.shape)), ())
        case Pick() if not sources[1] and len(sources[0]) == len(line.shape):
            return sources[0]
        case Dot(spec=spec):
            return _of_letters(spec, sources)
    return ()


def _of_letters(spec: str, sources: list[Names]) -> Names:
    """Return the names of a product's axes, if every one has a name where it comes from, and no two the same."""
    factors, made = spec.split("->")
    named = zip(factors.split(","), sources, strict=True)
    names = {letter: name for letters, own in named for letter, name in zip(letters, own, strict=False)}
    found = tuple(names.get(letter, "") for letter in made)
    return found if all(found) and len(set(found)) == len(found) else ()
