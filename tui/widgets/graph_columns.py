"""How much room each part of a line has in a list of a model's calls, and the line as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.cells import cell_width, padded, padded_before
from core.model.outline import Sign
from core.names import told_apart
from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.outline import Drawn, Line

GAP = 2
"""Columns between two parts."""

NAME = 18
"""Columns that a name keeps beside all else, if it is that long."""

NOTE = len("frozen")

DEEPEST = 3
"""Models within models that are indented; deeper ones stand beneath each other."""


def shape_in_words(line: Line) -> str:
    """Return the shape of a line's numbers: any is a length that is not fixed, ? a shape that is not known here."""
    if line.shape is None:
        return "?"
    return " x ".join("any" if size is None else f"{size}" for size in line.shape) or "1"


def numbers_in_words(line: Line) -> str:
    """Return how many numbers a call's arrays have, nothing where it has none."""
    return f"{line.numbers:,}" if line.numbers else ""


def note(drawn: Drawn) -> str:
    """Return what is to be said of a line: frozen, sealed and why, the sources from which no lane comes."""
    parts = ["frozen"] if drawn.line.sign is Sign.FROZEN else []
    parts += [f"sealed: {drawn.line.sealed}"] if drawn.line.sign is Sign.SEALED else []
    parts += [f"from {', '.join(drawn.in_words)}"] if drawn.in_words else []
    return "; ".join(parts)


class Widest(NamedTuple):
    """The most columns that each part takes in any of some lines; of values only their names count."""

    name: int
    shape: int
    numbers: int
    keras_class: int

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Widest:
        """Measure ``lines``."""
        return cls(
            max((_indent(line) + cell_width(line.name) for line in lines), default=1),
            max((len(shape_in_words(line)) for line in lines if line.sign is not Sign.VALUE), default=1),
            max((len(numbers_in_words(line)) for line in lines), default=0),
            max((cell_width(line.keras_class) for line in lines), default=0),
        )


def _indent(line: Line) -> int:
    return 2 * min(line.depth, DEEPEST) + 2 * line.is_model


@dataclass(frozen=True)
class Columns:
    """The room for each part; 0 where there is none. ``names`` has each name as it is cut for its room."""

    lanes: int
    name: int
    keras_class: int
    shape: int
    numbers: int
    note: int
    names: dict[tuple[str, int], str]

    @classmethod
    def within(cls, width: int, drawn: Sequence[Drawn], widest: Widest) -> Columns:
        """Return the room within ``width`` for the lines that are ``drawn``.

        The shape is the first that gets some beside the name, then the note, the numbers and the class.
        """
        lanes = max((len(one.lanes) for one in drawn), default=0) + 1
        said = NOTE if any(map(note, drawn)) else 0
        room, given = width - lanes, []
        for wanted in (widest.shape, said, widest.numbers, widest.keras_class):
            given.append(wanted if 0 < wanted <= room - min(widest.name, NAME) - GAP else 0)
            room -= given[-1] + GAP if given[-1] else 0
        shape, said, numbers, keras_class = given
        # A wide shape, as of a kernel, takes of the name's room.
        longest = (_indent(one.line) + cell_width(one.line.name) + _beyond(one.line, shape) for one in drawn)
        name = max(min(max([widest.name, *longest]), room), 1)
        said += room - name if said else 0
        return cls(lanes, name, keras_class, shape, numbers, said, _names([one.line for one in drawn], name, shape))

    def text(self, drawn: Drawn) -> str:
        """Return a line without the lanes."""
        line = drawn.line
        mark = ("- " if drawn.is_open else "+ ") if line.is_model else ""
        indent = "  " * min(line.depth, DEEPEST) + mark
        name = self.names[line.name, _room(line, self.name, self.shape)]
        wide = self.name - _beyond(line, self.shape)
        parts = [padded(fit_name(indent + name, wide), wide)]
        if self.keras_class:
            parts.append(padded(line.keras_class, self.keras_class))
        if self.shape:
            parts.append(padded_before(shape_in_words(line), max(self.shape, len(shape_in_words(line)))))
        if self.numbers:
            parts.append(padded_before(numbers_in_words(line), self.numbers))
        if self.note:
            said = note(drawn)
            parts.append(said if cell_width(said) <= self.note else fit(said.partition(":")[0], self.note).rstrip())
        return (" " * GAP).join(parts)


def fit_name(name: str, width: int) -> str:
    """Return ``name``, cut where even the shortest form of it has no room."""
    return name if cell_width(name) <= width else fit(name, width)


def _beyond(line: Line, shape: int) -> int:
    """Return how much of the name's room a shape takes that is wider than its own: that of a kernel, say."""
    return max(len(shape_in_words(line)) - shape, 0) if shape else 0


def _room(line: Line, name: int, shape: int) -> int:
    return max(name - _indent(line) - _beyond(line, shape), 4)


def _names(lines: Sequence[Line], name: int, shape: int) -> dict[tuple[str, int], str]:
    """Return every name as it is cut for each room that a line of that name has, different ones staying different."""
    rooms: dict[int, dict[str, None]] = {}
    for line in lines:
        rooms.setdefault(_room(line, name, shape), {})[line.name] = None
    return {
        (name, room): shown
        for room, names in rooms.items()
        for name, shown in zip(names, told_apart(tuple(names), room), strict=True)
    }
