"""Choices: how a data file is to be read. What nobody chose is understood from the beginning of the file."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from core.errors import Refused, shorten
from core.formatting import count

if TYPE_CHECKING:
    from core.model.graph import Graph


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a file is to be read; what stands at its default is understood from the file.

    ``labels``, ``weight`` and ``without`` (columns that are no inputs) name columns, or count them from 1; no labels
    are ``()``, and no weight is ``""``. In an archive of arrays they name arrays. With ``leave_out``, rows with empty
    cells are left out instead of refused; of more than ``rows`` rows only the first are read, if it is not 0.
    The first ``skip`` lines of a text, or rows of a sheet, are none of its table. ``label_file`` has the labels of a
    ``.npy`` of points. ``part`` is that of an archive with ``x_train`` and ``x_test`` that is taken alone; both are,
    one after the other, where it is "". ``inputs`` and ``outputs`` are what a model calls its own, by which arrays of
    its points and labels are found.
    """

    encoding: str = ""
    separator: str = ""
    decimal: str = ""
    header: bool | None = None
    skip: int | None = None
    labels: tuple[str, ...] | None = None
    weight: str | None = None
    without: tuple[str, ...] | None = None
    leave_out: bool = False
    rows: int = 0
    label_file: str = ""
    part: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def of_model(self, graph: Graph) -> Choices:
        """Return these for the data of that model."""
        inputs = tuple(given.name for given in graph.inputs)
        return msgspec.structs.replace(self, inputs=inputs, outputs=tuple(graph.called))


class ChoiceRefused(Refused):
    """A file can't be taken as it is read: ``what`` says why and what to do in the file, ``choice`` what may be chosen.

    Where nobody can choose, as for the x of a model, ``what`` alone is said.
    """

    def __init__(self, what: str, choice: str) -> None:
        super().__init__(f"{what}, or {choice}")
        self.what = what


class NotThere(Refused):
    """What was chosen of a file is not in it."""


def columns_called(text: str) -> tuple[str, ...] | None:
    """Return the columns that ``text`` names, commas between; ``none`` is no column, nothing is no choice."""
    if not text.strip():
        return None
    names = tuple(part.strip() for part in text.split(","))
    return () if names == ("none",) else names


MOST_SKIPPED = 10_000
"""First lines that may be left out."""

PARTS = ("train", "test")
"""What an archive may have apart, in the order in which both are taken."""

AS_UNDERSTOOD = Choices()
"""Nothing is chosen."""


class Role(StrEnum):
    """What a column is to the data."""

    INPUT = "input"
    LABEL = "label"
    WEIGHT = "weight"
    LEFT_OUT = "left out"


class Kind(StrEnum):
    """What the cells of a column are, as far as the beginning of a file shows."""

    NUMBERS = "numbers"
    TEXT = "text"
    EMPTY = "empty"


class Column(msgspec.Struct, frozen=True):
    """A column of a table, and why it has its role where that has to be said.

    A file that was saved here says that labels are classes ``as_written``, and which ``classes`` where rows don't.
    """

    name: str
    kind: Kind
    role: Role
    why: str = ""
    as_written: bool = False
    classes: tuple[str, ...] = ()


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood of the file called ``name``: ``choices`` are complete, so that reading it asks nothing.

    ``rows`` are the first ones, as text, ``labels`` what labels are taken for, in words, and ``problems`` what the
    beginning of the file has that a person should know or decide.
    """

    name: str
    choices: Choices
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: str
    how: str
    problems: tuple[str, ...] = ()

    def of_role(self, role: Role) -> list[int]:
        """Return the places of the columns that have ``role``."""
        return [place for place, column in enumerate(self.columns) if column.role is role]

    def left_out(self) -> list[str]:
        """Return which first lines are none of the table, and which columns neither inputs nor labels, in words.

        Where nobody chose that of a column, why.
        """
        named = [
            (shorten(column.name) or f"number {place + 1}", column.why)
            for place, column in enumerate(self.columns)
            if column.role is Role.LEFT_OUT
        ]
        chosen = [name for name, why in named if not why]
        told = [f"{count(self.choices.skip, 'line')} above the table left out"] if self.choices.skip else []
        told += [f"column{'s' * (len(chosen) > 1)} {listed(chosen)} left out"] if chosen else []
        return told + [f"column {name} left out: {why}" for name, why in named if why]

    def in_words(self) -> str:
        """Return in one line what was understood."""
        inputs = self.of_role(Role.INPUT)
        parts = [self.how, f"inputs {listed([self.columns[place].name for place in inputs])}", self.labels]
        parts += [f"weights from {self.columns[place].name}" for place in self.of_role(Role.WEIGHT)]
        parts += self.left_out()
        return f"{self.name}: {'; '.join(filter(None, parts))}"


NAME_LABELS = (
    "name the label columns, array or .npy file (--labels; in the dialog: label columns), or take data that have labels"
)
"""What to do where data without labels are not enough."""

SHOWN = 5
"""Names that a sentence repeats."""


LABELS_SAID = 10
"""So many labels of one row are said; of more the first."""


def listed(names: list[str] | tuple[str, ...], shown: int = SHOWN) -> str:
    """Return names with commas between; of many the first, and how many there are."""
    texts = [shorten(name) or "''" for name in names[:shown]]
    rest = f", ... ({len(names):,} in all)" if len(names) > shown else ""
    return (", ".join(texts) + rest) or "none"
