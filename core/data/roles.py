"""What each column of a table is to the data: a label, a weight, an input, or nothing."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from json import JSONDecoder
from typing import TYPE_CHECKING

from core.data.cells import MISSING_NUMBERS, TRUE_FALSE, is_missing, is_number
from core.data.choices import Column, Kind, NotThere, Role, listed
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.data.choices import Choices

LABELS = ("label", "labels", "class", "classes", "target", "targets", "y")
"""Names of a label column, in any case; of several the first that is there."""

NUMBERED = re.compile(r"(label|class|target|y)[ _.-]?\d+", re.IGNORECASE)

ONES, ZEROS = frozenset({"1", "1.0", "true"}), frozenset({"0", "0.0", "false"})

WEIGHTS = ("weight", "weights", "sample_weight", "sample_weights")

INDEX = re.compile(
    r"|unnamed: ?\d+|index|idx|id|no\.?|nr\.?|#|__index_level_\d+__|rows?|row[ _]?(id|names?|number|no)", re.IGNORECASE
)
"""Names of a first column that counts the rows."""

INPUT, LABEL, CLASS, CLASSES = "input: ", "label: ", "class: ", "classes "
"""What a saved file writes before a name that would be taken for something else; after the last a JSON list, too."""


@dataclass(frozen=True)
class Mark:
    """What a saved file says of a column before its name."""

    name: str
    role: Role | None = None
    as_written: bool = False
    classes: tuple[str, ...] = ()


def mark_of(header: str) -> Mark:
    """Return what ``header`` says of its column."""
    for prefix, role in ((INPUT, Role.INPUT), (LABEL, Role.LABEL), (CLASS, Role.LABEL)):
        if header.startswith(prefix):
            return Mark(header.removeprefix(prefix), role, as_written=prefix == CLASS)
    if header.startswith(f"{CLASSES}["):
        with suppress(ValueError):
            classes, end = JSONDecoder().raw_decode(header, len(CLASSES))
            if header[end : end + 2] == ": " and all(isinstance(name, str) for name in classes):
                return Mark(header[end + 2 :], Role.LABEL, as_written=True, classes=tuple(classes))
    return Mark(header)


def kind_of(cells: Sequence[str], *, as_label: bool = False) -> Kind:
    """Return what the cells of a column are; among labels one word is enough for text."""
    values = [cell for cell in cells if not is_missing(cell)]
    if not values:
        return Kind.EMPTY
    numbers = [cell for cell in values if is_number(cell)]
    if as_label:
        measured = len(set(numbers)) > 20 and len(numbers) > 0.9 * len(values)
        return Kind.NUMBERS if measured or len(numbers) == len(values) else Kind.TEXT
    truths = sum(cell.strip().casefold() in TRUE_FALSE.keys() | MISSING_NUMBERS for cell in values)
    return Kind.NUMBERS if len(numbers) + truths >= len(values) / 2 else Kind.TEXT


def columns_of(file: str, names: Sequence[str], rows: Sequence[Sequence[str]], choices: Choices) -> tuple[Column, ...]:
    """Return the columns called ``names`` with what each is; ``rows`` are the first ones.

    Raises:
        Refused: a column that was chosen is not there, or is chosen for two things.
    """
    marks = [mark_of(name) for name in names]
    names = [mark.name for mark in marks]
    whys = _left_out(file, marks, rows, choices)
    free = [place for place in range(len(names)) if place not in whys]
    weight = _weight(file, marks, free, choices)
    labels = _labels(file, marks, [place for place in free if place != weight], rows, choices)
    if weight in labels or any(place in whys for place in (*labels, weight)):
        raise Refused(f"{file}: expected each column for one thing, got one as label, weight or left out at once")
    columns, of_labels = [], set(labels)
    for place, name in enumerate(names):
        role = Role.LABEL if place in of_labels else Role.WEIGHT if place == weight else Role.INPUT
        cells = [row[place] for row in rows if place < len(row)]
        mark = marks[place] if role is Role.LABEL else Mark(name)
        kind = Kind.TEXT if mark.as_written else kind_of(cells, as_label=role is Role.LABEL)
        role = Role.LEFT_OUT if place in whys else role
        columns.append(Column(name, kind, role, whys.get(place, ""), mark.as_written, mark.classes))
    return tuple(columns)


class ByName:
    """The columns of a table by what they are called; a table may have a hundred thousand."""

    def __init__(self, file: str, names: Sequence[str]) -> None:
        self._file, self._names = file, names

    @cached_property
    def _as_written(self) -> dict[str, list[int]]:
        return _places_by(self._names)

    @cached_property
    def _in_any_case(self) -> dict[str, list[int]]:
        return _places_by([name.casefold() for name in self._names])

    def place(self, name: str, what: str) -> int:
        """Return the place of the column called ``name``, or of the one of that number, counted from 1.

        Raises:
            Refused: there is none, or there are several.
        """
        plain = name.strip()
        found = self._as_written.get(plain) or self._in_any_case.get(plain.casefold(), [])
        if len(found) > 1:
            got = f"{shorten(name)!r}, got several; name it by its number"
            raise NotThere(f"{self._file}: expected one column called {got}")
        if found:
            return found[0]
        if plain.isascii() and plain.isdecimal() and len(plain) < 9 and 0 < int(plain) <= len(self._names):
            return int(plain) - 1
        wanted = f"{what} out of {listed(tuple(self._names))}, got {shorten(name)!r}; name one of these"
        raise NotThere(f"{self._file}: expected {wanted}")


def _places_by(names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return found


def _left_out(file: str, marks: Sequence[Mark], rows: Sequence[Sequence[str]], choices: Choices) -> dict[int, str]:
    """Return the places of columns that are neither inputs nor labels, with why."""
    names = [mark.name for mark in marks]
    if choices.without is not None:
        by_name = ByName(file, names)
        return {by_name.place(name, "a column that is no input"): "" for name in choices.without}
    found = {}
    last = len(names) - 1
    if last > 0 and not names[last] and all(not row[last].strip() for row in rows if last < len(row)):
        found[last] = "empty, after the last separator"
    chosen = choices.labels or ()
    named = bool(INDEX.fullmatch(_plain(marks[0]).strip())) and not marks[0].role
    if len(names) > 2 and named and not {names[0], "1"} & set(chosen):
        cells = [row[0].strip() for row in rows if row]
        unnamed = not names[0].strip() or names[0].casefold().startswith("unnamed")
        if _counts_rows(cells) or (unnamed and len(set(cells)) == len(cells)):
            found[0] = "an index"
    return found


def _plain(mark: Mark) -> str:
    """Return the name by which a column may be found; "" if the file says what it is."""
    return "" if mark.role else mark.name


def _counts_rows(cells: Sequence[str]) -> bool:
    return any(cells == [str(row + first) for row in range(len(cells))] for first in (0, 1))


def _weight(file: str, marks: Sequence[Mark], free: Sequence[int], choices: Choices) -> int | None:
    names = [mark.name for mark in marks]
    if choices.weight is not None:
        return ByName(file, names).place(choices.weight, "a weight column") if choices.weight else None
    chosen = () if choices.labels is None else choices.labels
    found = [place for place in free if _plain(marks[place]) in WEIGHTS and names[place] not in chosen]
    if len(found) > 1:
        raise Refused(
            f"{file}: expected at most one column of weights, got {listed([names[place] for place in found])}; "
            "rename the others, or choose the weight column"
        )
    return found[0] if found else None


def _labels(
    file: str, marks: Sequence[Mark], free: Sequence[int], rows: Sequence[Sequence[str]], choices: Choices
) -> tuple[int, ...]:
    names = [mark.name for mark in marks]
    if choices.labels is not None:
        by_name = ByName(file, names)
        return tuple(by_name.place(name, "a label column") for name in choices.labels)
    marked = tuple(place for place in free if marks[place].role is Role.LABEL)
    if marked:
        return marked
    for wanted in LABELS:
        found = tuple(place for place in free if _plain(marks[place]).casefold() == wanted)
        if len(found) > 1:
            raise Refused(
                f"{file}: expected one column called {wanted!r}, got {len(found)}: {listed(tuple(names))}; "
                "rename the others, or choose the label column"
            )
        if found:
            return found
    numbered = tuple(place for place in free if NUMBERED.fullmatch(_plain(marks[place])))
    return numbered if len(numbered) > 1 else _one_hot(names, free, rows) or tuple(free[-1:])


def _one_hot(names: Sequence[str], free: Sequence[int], rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the last columns if they are the classes of one thing that they are called after, as ``get_dummies`` does.

    Such are ``species_a`` and ``species_b`` if in each row one of them is 1 or true.
    """
    thing = names[free[-1]].rpartition("_")[0] if free else ""
    places = list(takewhile(lambda place: names[place].rpartition("_")[0] == thing, reversed(free)))[::-1]
    if not thing or len(places) < 2 or not rows:
        return ()
    cells = ([row[place].strip().casefold() for place in places if place < len(row)] for row in rows)
    one_of = all(set(row) <= ONES | ZEROS and sum(cell in ONES for cell in row) == 1 for row in cells)
    return tuple(places) if one_of else ()
