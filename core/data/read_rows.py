"""The rows of a table, read: rows with empty cells left out or refused, and the rest made a data set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import frozen
from core.data import labelling
from core.data.cells import TRUTHS, is_missing
from core.data.checks import data_of, require_size, require_weights
from core.data.choices import ChoiceRefused, Role
from core.data.dataset import DataFile
from core.data.shapes import shape_of
from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.arrays import KerasArray
    from core.data.choices import Understood
    from core.data.dataset import Dataset
    from core.data.labelling import Labels

    Rows = npt.NDArray[np.int64]

SHOWN = 8
"""Rows with empty cells that a sentence names."""


@dataclass(frozen=True)
class ReadRows:
    """All rows of a table as numbers, in ``parts``: a column for each input, label and weight, in the file's order.

    ``names`` are those of the label columns that are text, by place; NaN is an empty cell.
    """

    understood: Understood
    parts: Sequence[KerasArray]
    names: dict[int, dict[str, int]]

    @cached_property
    def _columns(self) -> dict[int, int]:
        used = [place for place, one in enumerate(self.understood.columns) if one.role is not Role.LEFT_OUT]
        return {place: column for column, place in enumerate(used)}

    def _places(self, role: Role) -> list[int]:
        return [self._columns[place] for place in self.understood.of_role(role)]

    def dataset(self) -> Dataset:
        """Return the data.

        Raises:
            Refused: there are none, rows have empty cells and are not to be left out, or labels or weights are none.
        """
        file, inputs = self.understood.name, self._places(Role.INPUT)
        require_size(file, sum(map(len, self.parts)), len(inputs))
        values = np.concatenate(self.parts)
        labels, weight = self._places(Role.LABEL), self._places(Role.WEIGHT)
        if labels and np.isnan(values[:, labels]).all():
            labels = []
        rows = len(values)
        values, kept, why = self._whole(values, [*inputs, *labels, *weight])
        require_size(file, len(values), len(inputs))
        made, classes = self._labels(values[:, labels])
        names = self._input_names()
        shape = shape_of(names)
        usual = shape or names == tuple(f"x{place + 1}" for place in range(len(names)))
        note = "; ".join([*self.understood.left_out(), *([_told(kept, why, rows)] if why else [])])
        origin = DataFile(file, () if usual else names, self._targets(labels), note, self._left_out())
        weights = values[:, weight[0]] if weight else None
        data = data_of(origin, values[:, inputs], made, weights, classes, shape)
        return replace(data, file_rows=kept) if kept[-1] >= len(kept) else data

    def _whole(self, values: KerasArray, used: list[int]) -> tuple[KerasArray, Rows, str]:
        """Return the rows that have all cells, their places in the file, and why others were left out."""
        missing: npt.NDArray[np.bool_] = np.isnan(values[:, used])
        rows = np.flatnonzero(missing.any(axis=1))
        weight = self._places(Role.WEIGHT)
        if weight:
            require_weights(self.understood.name, np.nan_to_num(values[:, weight[0]], nan=1.0))
        if not rows.size:
            return values, np.arange(len(values)), ""
        kept = np.delete(np.arange(len(values)), rows)
        # Spreadsheets write such rows below the last one.
        blank = np.asarray(np.isnan(values[:, used]).all(axis=1) if len(used) > 1 else np.zeros(len(values), bool))
        if self.understood.choices.leave_out:
            return values[kept], kept, "empty cells"
        bad = rows[~blank[rows]]
        if bad.size:
            first = [self._name(used[place]) for place in np.flatnonzero(missing[bad[0]])[:SHOWN]]
            where = f"{_listed(bad)} {'has' if bad.size == 1 else 'have'} empty cells"
            raise ChoiceRefused(
                f"{self.understood.name}, row {bad[0] + 1:,} has no {', '.join(first)}"
                f"{'' if bad.size == 1 else f'; {where}'}: fill {'it' if bad.size == 1 else 'them'} in",
                "leave rows with empty cells out (--leave-out-empty; in the dialog: empty cells)",
            )
        return values[kept], kept, "empty"

    def _name(self, place: int) -> str:
        return shorten(self.understood.columns[list(self._columns)[place]].name)

    def _input_names(self) -> tuple[str, ...]:
        if self.understood.choices.header is False:
            return tuple(f"x{place + 1}" for place in range(len(self._places(Role.INPUT))))
        names = [self.understood.columns[place].name for place in self.understood.of_role(Role.INPUT)]
        return tuple(shorten(name) or f"x{place + 1}" for place, name in enumerate(names))

    def _left_out(self) -> tuple[str, ...]:
        columns = self.understood.columns
        return tuple(shorten(columns[place].name) or f"{place + 1}" for place in self.understood.of_role(Role.LEFT_OUT))

    def _targets(self, labels: list[int]) -> tuple[str, ...]:
        if self.understood.choices.header is False or not labels:
            return ()
        names = tuple(shorten(self.understood.columns[place].name) for place in self.understood.of_role(Role.LABEL))
        return () if names == ("label",) else names

    def _labels(self, values: KerasArray) -> Labels:
        """Return the labels, a column each, none if there are none."""
        places = self.understood.of_role(Role.LABEL) if values.shape[1] else []
        if not places:
            return frozen(values), ()
        columns = [self.understood.columns[place] for place in places]
        where = f"{self.understood.name}, column {shorten(columns[0].name)}"
        if len(places) == 1:
            if columns[0].classes:
                return frozen(values), columns[0].classes
            if places[0] in self.names:
                return self._of_names(where, values[:, 0], places[0])
            return frozen(values), ()
        held = values.copy()
        for column, place in enumerate(places):
            if place in self.names:
                held[:, column] = self._truths(place, values[:, column])
        return frozen(held), ()

    def _of_names(self, where: str, places: KerasArray, column: int) -> Labels:
        """Return labels that are text; empty cells, which are no names, have given way."""
        names = self.names[column]
        there = [name for name in names if not is_missing(name)]
        moved = np.zeros(len(names), int)
        moved[[names[name] for name in there]] = range(len(there))
        as_written = self.understood.columns[column].as_written
        return labelling.of_names(where, there, moved[places.astype(int)], as_written=as_written)

    def _truths(self, place: int, places: KerasArray) -> KerasArray:
        """Return 0 and 1 for the words of one label column among several."""
        names = [name for name in self.names[place] if not is_missing(name)]
        where = f"{self.understood.name}, column {shorten(self.understood.columns[place].name)}"
        if not any({name.casefold() for name in names} <= set(pair) for pair in TRUTHS):
            raise Refused(
                f"{where}: expected numbers, or yes and no, in each of several label columns, got text such as "
                f"{names[0]!r}; choose one label column"
            )
        return self._of_names(where, places, place)[0][:, 0]


def labels_in_words(understood: Understood, parts: Sequence[KerasArray], names: dict[int, dict[str, int]]) -> str:
    """Return what the labels of the first rows, whose ``parts`` have nothing else, are taken for.

    Raises:
        Refused: they can't be taken.
    """
    places = understood.of_role(Role.LABEL)
    values = np.concatenate(parts) if parts else np.empty((0, len(places)), np.float32)
    if not places or np.isnan(values).all():
        return labelling.in_words((), np.empty((0, 0), np.float32), ())
    read = ReadRows(understood, (), names)
    whole = values[~np.isnan(values).any(axis=1)]
    targets = [understood.columns[place].name for place in places]
    return labelling.in_words(targets, *read._labels(whole))


def _told(kept: Rows, why: str, rows: int) -> str:
    """Return which of a file's ``rows`` were left out, and how those behind them are numbered."""
    told = f"{_listed(np.setdiff1d(np.arange(rows), kept))} left out: {why}"
    return told + ("; in brackets are the file's own row numbers" if kept[-1] >= len(kept) else "")


def _listed(rows: np.ndarray) -> str:
    shown = f"{'row' if rows.size == 1 else 'rows'} {', '.join(f'{row + 1:,}' for row in rows[:SHOWN])}"
    return shown + (f" and {rows.size - SHOWN:,} more" if rows.size > SHOWN else "")
