"""Outline: a model as the lines of a list: its inputs, its calls, what is inside those that are open, its outputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from core.layers.sealed import settings_in_words
from core.model.lanes import lanes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence, Set

    from core.model.graph import Source
    from core.model.summary import AnyShape, Calls, LayerRow

    Path = tuple[str, ...]

    Made = dict[tuple[str, int], tuple[int, ...]]
    """Layer and which of its calls -> the line on which each of its outputs is made, or one for all."""


class Sign(Enum):
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

    sign: Sign
    call: Path
    value: str
    name: str
    shape: AnyShape | None
    depth: int = 0
    keras_class: str = ""
    numbers: int = 0
    sealed: str = ""
    sources: tuple[str, ...] = ()
    settings: str = ""
    is_model: bool = False
    folds: bool = False


class Drawn(NamedTuple):
    """A line with the lanes beside it, whether it is open, and the names of its sources that have no lane to it."""

    line: Line
    lanes: str
    is_open: bool
    in_words: tuple[str, ...]


class Outline:
    """The lines of a model, whatever of it is open: ``held`` are the values inside each call, if any are listed."""

    def __init__(self, calls: Calls, held: Mapping[Path, Sequence[Line]] = MappingProxyType({})) -> None:
        self.calls, self.held = calls, held
        self.of_call = {row.path: _line(row, row.path in held) for row in calls.every()}
        self.inputs = [Line(Sign.END, (), one.name, one.name, one.shape, 0, "input") for one in calls.inputs]
        self.outputs = _outputs(calls)

    @cached_property
    def foldable(self) -> frozenset[Path]:
        """Every call that has something inside."""
        return frozenset(path for path, line in self.of_call.items() if line.folds)

    def around(self, call: Path, value: str) -> Path | None:
        """Return the innermost call that is to be open for that address to be seen; None if no call has it inside."""
        return self._around.get((call, value))

    @cached_property
    def _around(self) -> dict[tuple[Path, str], Path]:
        found = {(one.call, one.value): path for path, lines in self.held.items() for one in lines}
        return found | {(path, "output"): path[:-1] for path in self.of_call}

    def opened(self, is_open: Set[Path]) -> OpenOutline:
        """Return the lines, with those inside the calls that are in ``is_open``."""
        return OpenOutline(self, is_open)


def _line(row: LayerRow, holds: bool) -> Line:
    return Line(
        Sign.SEALED if row.sealed else Sign.FROZEN if row.is_frozen else Sign.CALL,
        row.path,
        "output",
        row.path[-1],
        row.shape,
        row.depth,
        row.keras_class,
        row.numbers,
        row.sealed,
        row.sources,
        settings_in_words(row.settings),
        row.inside is not None,
        holds or row.inside is not None,
    )


def _outputs(calls: Calls) -> list[Line]:
    """Return the lines of a model's outputs, each with the address of the value that it is."""
    inputs, rows = {one.name: one for one in calls.inputs}, dict(zip(_which(calls), calls.rows, strict=True))
    lines = []
    for number, source in enumerate(calls.outputs, start=1):
        name = "output" if len(calls.outputs) == 1 else f"output {number}"
        row, given = rows.get((source.layer, source.call)), inputs.get(source.layer)
        if row is not None:
            value = f"output {source.output + 1}" if source.output else "output"
            shape = None if source.output else row.shape
            lines.append(Line(Sign.END, row.path, value, name, shape, 0, "output", sources=(row.path[-1],)))
        else:
            shape = None if given is None else given.shape
            lines.append(Line(Sign.END, (), source.layer, name, shape, 0, "output", sources=(source.layer,)))
    return lines


class OpenOutline:
    """The lines of an outline, in order, with some of its calls open."""

    def __init__(self, outline: Outline, is_open: Set[Path]) -> None:
        self._outline, self._open = outline, is_open
        self.lines: list[Line] = []
        self._places: list[int] = []
        """Of each line which of those that have lanes it is, or stands below."""
        self._names: list[str] = []
        self._sources: list[Collection[int]] = []
        made = self._within(outline.calls, [self._add(line, ()) for line in outline.inputs])
        for line, source in zip(outline.outputs, outline.calls.outputs, strict=True):
            self._add(line, _made_on([source], made))

    def _within(self, calls: Calls, given: Sequence[int]) -> Made:
        """Add the lines of ``calls``, whose inputs are made on the lines ``given``; return where all values are."""
        made: Made = {(one.name, 0): (at,) for one, at in zip(calls.inputs, given, strict=True)}
        for call, row in zip(_which(calls), calls.rows, strict=True):
            at = self._add(self._outline.of_call[row.path], _made_on(row.made_of, made))
            made[call] = (at,)
            if row.path not in self._open:
                continue
            held = self._outline.held.get(row.path, ())
            self.lines += held
            self._places += [at] * len(held)
            if row.inside is not None:
                inside = self._within(row.inside, [at] * len(row.inside.inputs))
                made[call] = tuple(next(iter(_made_on([source], inside)), at) for source in row.inside.outputs)
        return made

    def _add(self, line: Line, sources: Collection[int]) -> int:
        at = len(self._names)
        self.lines.append(line)
        self._places.append(at)
        self._names.append(line.name)
        self._sources.append(sources)
        return at

    def drawn(self, most: int) -> list[Drawn]:
        """Return the lines with at most ``most`` lanes beside them."""
        beside, made = lanes(self._sources, most), []
        for line, at in zip(self.lines, self._places, strict=True):
            if line.sign is Sign.VALUE:
                made.append(Drawn(line, beside[at].below, False, ()))
                continue
            in_words = tuple(self._names[source] for source in beside[at].in_words)
            made.append(
                Drawn(line, beside[at].drawn(line.sign.value), line.folds and line.call in self._open, in_words)
            )
        return made


def _which(calls: Calls) -> list[tuple[str, int]]:
    """Return for each call its layer and which of that layer's calls it is."""
    counts: Counter[str] = Counter()
    found = []
    for row in calls.rows:
        found.append((row.name, counts[row.name]))
        counts[row.name] += 1
    return found


def _made_on(sources: Iterable[Source], made: Made) -> list[int]:
    """Return on which lines ``sources`` are made, as far as there are such."""
    found = [(source, made[source.layer, source.call]) for source in sources if (source.layer, source.call) in made]
    return sorted({lines[min(source.output, len(lines) - 1)] for source, lines in found if lines})
