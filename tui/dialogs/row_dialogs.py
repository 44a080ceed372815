"""The forms that change rows of the data: one row edited or added, noise added to all, all shuffled."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.editing import (
    MAX_SIGMA,
    cell_text,
    column_name,
    columns,
    require_cell,
    shuffled,
    with_noise,
    with_row_added,
    with_row_typed,
)
from core.errors import shorten
from core.model.initial import MAX_SEED
from core.tasks import NoLabels, Numbers, Several
from core.typed import real, whole
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field, FieldRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.data.dataset import Dataset
    from core.data.editing import Cells, Edited
    from core.session.state import State
    from core.tasks import Task

    Take = Callable[[Edited], None]

MOST_FIELDS = 14
"""Columns of a row that are all asked for; of more, the one under the cursor, the label and the weight."""

MOST_LABELS = 4
"""Label columns that are asked for with them."""

SEED = Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same result")

SPLIT_WORDS = "Keras keeps the last rows to validate as they stand, before it shuffles."


def edit_row_dialog(state: State, cell: tuple[int, int], take: Take) -> FormDialog:
    """Return the form that edits the row of a cell: its inputs, label and weight."""
    row, column = cell

    def edited(cells: Cells) -> Edited | None:
        return with_row_typed(state.dataset, row, cells) if cells else None

    def taken(change: Edited | None) -> None:
        # What was left as it is is no change.
        if change is not None:
            take(change)

    return _row_dialog(f"Edit {state.dataset.row_in_words(row)}", state, (row, column), edited, taken)


def add_row_dialog(state: State, cell: tuple[int, int], take: Take) -> FormDialog:
    """Return the form that adds a row, which begins as the one under the cursor."""
    row, last = cell[0], len(state.dataset) + 1
    like = state.dataset.row_in_words(row)
    words = f"As {like} until you change it. It comes last, where Keras takes its validation rows."

    def added(cells: Cells) -> Edited:
        return with_row_added(state.dataset, row, cells)

    return _row_dialog(f"Add row {last:,}", state, cell, added, take, words)


def noise_dialog(state: State, take: Take) -> FormDialog:
    """Return the form that adds noise to every input of every row."""
    spread = float(np.std(state.dataset.points[:1000], dtype=np.float64))
    fields = (
        Field(
            "amount",
            "amount",
            real("an amount", lambda value: 0 < value <= MAX_SIGMA, f"above 0, up to {MAX_SIGMA:g}"),
            f"the error's standard deviation; the inputs' own is about {spread:.2g}",
        ),
        SEED,
    )

    def noisy(values: dict[str, Any]) -> Edited:
        return with_noise(state.dataset, values["amount"], values["seed"])

    words = "A normal error is added to every input of every row; labels and weights stay."
    return FormDialog("Add noise", fields, {"amount": "0.1", "seed": "1"}, noisy, take, words)


def shuffle_dialog(state: State, take: Take) -> FormDialog:
    """Return the form that shuffles the rows."""

    def mixed(values: dict[str, Any]) -> Edited:
        return shuffled(state.dataset, values["seed"])

    words = f"All rows come in another order.\n{SPLIT_WORDS}"
    return FormDialog("Shuffle the rows", (SEED,), {"seed": "1"}, mixed, take, words)


# One row


def _row_dialog(
    title: str,
    state: State,
    cell: tuple[int, int],
    change: Callable[[Cells], Edited | None],
    take: Callable[[Any], None],
    words: str = "",
) -> FormDialog:
    data, (row, column) = state.dataset, cell
    asked_for = _asked_for(data, column)
    if len(asked_for) < columns(data):
        left = columns(data) - len(asked_for)
        words = " ".join([words, f"{left:,} more columns: e on a cell of one edits it."]).strip()
    fields = tuple(_field(data, row, place) for place in asked_for)
    values = {f"c{place}": cell_text(data, row, place) for place in asked_for}
    asked = set[str]()

    def work(typed: dict[str, str]) -> Edited | None:
        cells = {place: typed[f"c{place}"] for place in asked_for if typed[f"c{place}"] != values[f"c{place}"]}
        changed = change(cells)
        if changed is not None:
            _ask_about_another_task(state, changed, cells, asked)
        return changed

    return FormDialog(title, fields, values, work, take, words, first=f"c{column}")


def _asked_for(data: Dataset, column: int) -> list[int]:
    every, targets = columns(data), data.labels.shape[1]
    if every <= MOST_FIELDS:
        return list(range(every))
    labels = range(data.inputs, data.inputs + targets) if targets <= MOST_LABELS else ()
    weight = range(data.inputs + targets, every)
    return sorted({column, *labels, *weight})


def _field(data: Dataset, row: int, column: int) -> Field:
    read = partial(require_cell, data, row, column)
    return Field(f"c{column}", shorten(column_name(data, column), 16), read, _hint(data, column))


def _hint(data: Dataset, column: int) -> str:
    if column < data.inputs:
        return ""
    if column == data.inputs + data.labels.shape[1]:
        return "0 leaves the row out of the training"
    if data.classes:
        return shorten(f"one of {', '.join(data.classes)}", 44)
    few = data.distinct is not None and len(data.distinct) <= MOST_LABELS
    return f"so far {', '.join(f'{value:g}' for value in data.distinct or ())}" if few else ""


def _ask_about_another_task(state: State, changed: Edited, cells: Cells, asked: set[str]) -> None:
    """Refuse, once, a label that no row had and that gives all labels another meaning.

    Raises:
        Refused: it was not asked about before.
    """
    labels = [(place, text) for place, text in cells.items() if 0 <= place - state.dataset.inputs < _targets(state)]
    task = replace(state, dataset=changed.after).task
    if not labels or _meaning(task) == _meaning(state.task):
        return
    place, text = labels[0]
    if f"{place}={text}" in asked:
        return
    asked.add(f"{place}={text}")
    raise FieldRefused(f"c{place}", f"{_what_it_makes(state.task, task)}: enter again takes it")


def _targets(state: State) -> int:
    return int(state.dataset.labels.shape[1])


def _meaning(task: Task) -> tuple[str, tuple[str, ...]]:
    if isinstance(task, Several):
        return ", ".join(_meaning(part.task)[0] for part in task.parts), ()
    return task.name, () if isinstance(task, Numbers | NoLabels) else tuple(task.classes)


def _what_it_makes(before: Task, after: Task) -> str:
    if before.name != after.name:
        return f"the task would be {after.name}, not {before.name}"
    return f"there would be {len(_meaning(after)[1]):,} classes, not {len(_meaning(before)[1]):,}"
