"""Outline: a model as the lines of a list: its inputs, its calls, what is inside those that are open, its outputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.model.lanes import lanes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence, Set

    from core.model.graph import Source
    from core.model.lanes import Lanes
    from core.model.summary import AnyShape, Calls, LayerRow

    Path = tuple[str, ...]


class Kind(Enum):
    """What a line stands for, with its sign in the drawing; a value inside a call has none."""

    CALL = "●"
    FROZEN = "○"
    SEALED = "×"
    END = "■"
    VALUE = ""


@dataclass(frozen=True)
class Line:
    """A line: ``call`` and ``value`` are the address of the numbers that it stands for.

    ``numbers`` are those of all arrays of a call and of the calls inside it. ``folds`` says whether the line has others
    inside.
    """

    kind: Kind
    call: Path
    value: str
    name: str
    shape: AnyShape | None
    depth: int = 0
    keras_class: str = ""
    numbers: int = 0
    sealed: str = ""
    sources: tuple[str, ...] = ()
    is_model: bool = False
    folds: bool = False


@dataclass(frozen=True)
class Drawn:
    """A line with the lanes beside it, whether it is open, and the names of its sources that have no lane to it."""

    line: Line
    lanes: str
    is_open: bool
    in_words: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A value or a weight that a call has inside: its address, and its name and shape there."""

    call: Path
    value: str
    name: str
    shape: AnyShape


class Outline:
    """The lines of a model, whatever of it is open: ``held`` are the values inside each call, if any are listed."""

    def __init__(self, calls: Calls, held: Mapping[Path, Sequence[Held]] = MappingProxyType({})) -> None:
        self._calls, self._held = calls, held

    def foldable(self) -> frozenset[Path]:
        """Return every call that has something inside."""
        return frozenset(row.path for row in self._calls.every() if self._folds(row))

    def around(self, call: Path, value: str) -> Path | None:
        """Return the innermost call that is to be open for that address to be seen; None if no call has it inside."""
        return self._around.get((call, value))

    @cached_property
    def _around(self) -> dict[tuple[Path, str], Path]:
        found = {(one.call, one.value): path for path, held in self._held.items() for one in held}
        return found | {(row.path, "output"): row.path[:-1] for row in self._calls.every()}

    def _folds(self, row: LayerRow) -> bool:
        return row.inside is not None or row.path in self._held

    def every(self) -> list[Line]:
        """Return all lines as they are where all is open."""
        return [drawn.line for drawn in self.drawn(self.foldable(), 2)]

    def drawn(self, is_open: Set[Path], most: int) -> list[Drawn]:
        """Return the lines, of the calls in ``is_open`` those inside, with at most ``most`` lanes beside them."""
        walk = _Walk(is_open, self._held)
        walk.model(self._calls)
        return walk.drawn(most)


class _Walk:
    """Goes through the calls in order, and into those that are open."""

    def __init__(self, is_open: Set[Path], held: Mapping[Path, Sequence[Held]]) -> None:
        self._open, self._held = is_open, held
        self._lines: list[tuple[Line, int]] = []
        """Each with which of those that have lanes it is, or stands below."""
        self._sources: list[Collection[int]] = []
        self._names: list[str] = []

    def model(self, calls: Calls) -> None:
        """Add the lines of a whole model."""
        inputs = {one.name: one for one in calls.inputs}
        given = [self._add(Line(Kind.END, (), name, name, one.shape, 0, "input"), ()) for name, one in inputs.items()]
        made = self._within(calls, given)
        rows = dict(zip(_calls_of(calls), calls.rows, strict=True))
        for number, source in enumerate(calls.outputs, start=1):
            row = rows.get((source.layer, source.call))
            name = "output" if len(calls.outputs) == 1 else f"output {number}"
            if row is not None:
                value = f"output {source.output + 1}" if source.output else "output"
                line = Line(Kind.END, row.path, value, name, None if source.output else row.shape, 0, "output")
            else:
                shape = inputs[source.layer].shape if source.layer in inputs else None
                line = Line(Kind.END, (), source.layer, name, shape, 0, "output")
            self._add(line, _lines_of([source], made))

    def _within(self, calls: Calls, given: Sequence[int]) -> _Made:
        """Add the lines of ``calls``, whose inputs are made on the lines ``given``; return where all values are."""
        made: _Made = {(one.name, 0): (at,) for one, at in zip(calls.inputs, given, strict=True)}
        for call, row in zip(_calls_of(calls), calls.rows, strict=True):
            at = self._call(row, _lines_of(row.made_of, made))
            made[call] = (at,)
            if row.inside is not None and row.path in self._open:
                inside = self._within(row.inside, [at] * len(row.inside.inputs))
                made[call] = tuple(next(iter(_lines_of([source], inside)), at) for source in row.inside.outputs)
        return made

    def _call(self, row: LayerRow, sources: Collection[int]) -> int:
        numbers = row.parameters + (row.inside.parameters if row.inside is not None else 0)
        kind = Kind.SEALED if row.sealed else Kind.FROZEN if numbers and not row.trainable else Kind.CALL
        held = self._held.get(row.path, ())
        is_model = row.inside is not None
        line = Line(
            kind,
            row.path,
            "output",
            row.path[-1],
            row.shape,
            row.depth,
            row.keras_class,
            numbers,
            row.sealed,
            row.sources,
            is_model,
            is_model or bool(held),
        )
        at = self._add(line, sources)
        if row.path in self._open:
            lines = [Line(Kind.VALUE, one.call, one.value, one.name, one.shape, row.depth + 1) for one in held]
            self._lines += [(line, at) for line in lines]
        return at

    def _add(self, line: Line, sources: Collection[int]) -> int:
        self._lines.append((line, len(self._names)))
        self._sources.append(sources)
        self._names.append(line.name)
        return len(self._names) - 1

    def drawn(self, most: int) -> list[Drawn]:
        """Return all lines with their lanes."""
        beside = lanes(self._sources, most)
        return [self._drawn(line, beside[at]) for line, at in self._lines]

    def _drawn(self, line: Line, beside: Lanes) -> Drawn:
        if line.kind is Kind.VALUE:
            return Drawn(line, beside.below, False, ())
        in_words = tuple(self._names[source] for source in beside.in_words)
        return Drawn(line, beside.drawn(line.kind.value), line.folds and line.call in self._open, in_words)


_Made = dict[tuple[str, int], tuple[int, ...]]
"""Layer and which of its calls -> the line on which each of its outputs is made, or one for all."""


def _calls_of(calls: Calls) -> list[tuple[str, int]]:
    """Return for each call its layer and which of that layer's calls it is."""
    counts: Counter[str] = Counter()
    found = []
    for row in calls.rows:
        found.append((row.name, counts[row.name]))
        counts[row.name] += 1
    return found


def _lines_of(sources: Iterable[Source], made: _Made) -> list[int]:
    """Return on which lines ``sources`` are made, as far as there are such."""
    found = [(source, made[source.layer, source.call]) for source in sources if (source.layer, source.call) in made]
    return sorted({lines[min(source.output, len(lines) - 1)] for source, lines in found if lines})
