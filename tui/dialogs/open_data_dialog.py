"""OpenDataDialog: which data file is opened, and what is understood of it, shown before it is taken and changeable."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from textual import on
from textual.containers import Vertical
from textual.widgets import Input, Label, Select, Static

from core.cells import cell_width, cut, padded
from core.data.choices import MOST_SKIPPED, PARTS, Choices, Role, Understood, columns_called
from core.data.dialect import SEPARATORS
from core.data.encoding import in_words
from core.data.files import take, understood
from core.errors import Refused, shorten
from core.formatting import count
from core.model.network import why_no_loss
from core.paths import typed_path
from core.tasks import TaskName, task_of
from core.typed import whole
from tui.dialogs.form_dialog import DONE_BY, FormDialog
from tui.threads import in_thread
from tui.widgets.form import Field, Form
from tui.widgets.key_bar import KeyBar
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult

    from core.data.dataset import Dataset
    from core.session.state import State

AS_FOUND = "as found"

MARKS = {name: mark for mark, name in SEPARATORS.items()}
DECIMALS = {"point": ".", "comma": ","}
FIRST_LINES = {"names": True, "values": False}
ENCODINGS = ("utf-8", "utf-16", "cp932", "latin-1")
REFUSED, LEFT_OUT = "are refused", "are left out"
BOTH = "both"


def _lines(text: str) -> int | None:
    return whole("lines to leave out", 0, MOST_SKIPPED)(text) if text.strip() else None


FIELDS = (
    Field("data", "data", partial(typed_path, what="a data file, such as .csv or .npz"), wide=True),
    Field("separator", "separator", lambda name: MARKS.get(name, ""), choices=(AS_FOUND, *MARKS)),
    Field("decimal", "decimal sign", lambda name: DECIMALS.get(name, ""), choices=(AS_FOUND, *DECIMALS)),
    Field("skip", "skip lines", _lines, "empty: comments, a title, as found"),
    Field("header", "first line", FIRST_LINES.get, choices=(AS_FOUND, *FIRST_LINES)),
    Field("encoding", "encoding", lambda name: "" if name == AS_FOUND else name, choices=(AS_FOUND, *ENCODINGS)),
    Field(
        "part",
        "part",
        lambda name: "" if name == BOTH else name,
        "both: train, then test",
        (BOTH, *PARTS),
    ),
    Field("labels", "label columns", columns_called, "empty: as found; none: no labels"),
    Field("without", "left out", columns_called, "columns that are no inputs"),
    Field(
        "task",
        "task",
        lambda name: None if name == AS_FOUND else TaskName(name),
        choices=(AS_FOUND, *(name.value for name in TaskName)),
    ),
    Field("empty", "empty cells", lambda name: name == LEFT_OUT, "the rows that have some", (REFUSED, LEFT_OUT)),
)
OF_TEXT = ("separator", "decimal", "encoding")
OF_TABLES = (*OF_TEXT, "header", "skip", "without", "empty")
"""The fields that only a file of text, and only a table, has."""

BEGINNING = 500
"""Rows that the task is found by before all are read."""

COLUMN = 10
"""Columns of the terminal that a column of the first rows takes at most."""

WORDS = """A file of numbers: text in columns, perhaps below a line of names, .npz or .npy, Parquet or Excel.
What is understood of it stands here before it is taken; labels stay as they are."""


def choices_of(values: dict[str, Any]) -> Choices:
    """Return how a file is to be read, by the form's values; what the form does not show is as found."""
    as_called = ("separator", "decimal", "header", "skip", "encoding", "labels", "without", "part")
    return Choices(**{name: values[name] for name in as_called}, leave_out=values["empty"])


class Preview(msgspec.Struct, frozen=True):
    """What the beginning of a file is taken for: beside which fields what is said, and what stands below them."""

    beside: dict[str, str]
    below: str


class OpenDataDialog(FormDialog):
    """Asks for a file, says how it is read, and gives its data, and the task that was chosen, to ``opened``."""

    def __init__(self, state: State, opened: Callable[[Dataset, TaskName | None], None]) -> None:
        values = dict.fromkeys(("separator", "decimal", "header", "encoding", "task"), AS_FOUND)
        values |= {"data": "", "skip": "", "labels": "", "without": "", "empty": REFUSED, "part": BOTH}
        super().__init__("Open data", FIELDS, values, self._read, lambda read: opened(*read))
        self._state, self._looking = state, asyncio.Lock()
        self._shown: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            yield Form(self._fields, self._values)
            yield Words(WORDS, id="first-rows")
            yield Static(DONE_BY, classes="outcome", markup=False)
        yield KeyBar()

    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self) -> None:
        form = self.query_one(Form)
        suffix = Path(form.line("data").value.strip()).suffix.lower()
        for names, shown in (
            (("part",), suffix == ".npz"),
            (OF_TABLES, suffix not in (".npz", ".npy")),
            (OF_TEXT, suffix not in (".npz", ".npy", ".parquet", ".pq", ".xlsx", ".xlsm")),
        ):
            for name in names:
                form.line(name).display = shown
        typed = form.typed()
        if typed == self._shown:
            return
        self._shown = typed
        if typed is None:
            # Nothing is understood of what can't be read; what was said of another file goes.
            self._show(None, Preview({}, WORDS))
            return
        self.run_worker(self._look(typed), group="look", description="look")

    async def _look(self, typed: dict[str, Any]) -> None:
        """Show what is understood of a file, once no other is looked at; it may lie on a disk that doesn't answer."""
        async with self._looking:
            if typed is self._shown:
                seen = await in_thread(partial(_preview, typed, self._state))
                self._show(typed, Preview({}, str(seen)) if isinstance(seen, Refused) else seen)

    def _read(self, typed: dict[str, Any]) -> tuple[Dataset, TaskName | None]:
        path, choices = typed["data"], choices_of(_completed(typed)).of_model(self._state.model.network.graph)
        return take(path, understood(path, choices), self.came), typed["task"]

    def _show(self, typed: dict[str, Any] | None, seen: Preview) -> None:
        if not self.is_attached or typed is not self._shown:
            return
        form = self.query_one(Form)
        for field in FIELDS[1:]:
            form.line(field.name).hint(seen.beside.get(field.name, field.hint))
        self.query_one("#first-rows", Words).show(seen.below)


def _completed(typed: dict[str, Any]) -> dict[str, Any]:
    """Return the form's values with those of the lines that it does not show."""
    return {
        "separator": "",
        "decimal": "",
        "header": None,
        "skip": None,
        "encoding": "",
        "without": None,
        "empty": False,
        "part": "",
    } | typed


def _preview(typed: dict[str, Any], state: State) -> Preview:
    """Return what is understood of the file that was typed, or what is wrong with it."""
    path: Path = typed["data"]
    # Path.is_file raises for a name that is too long.
    if not os.path.isfile(path):  # noqa: PTH113
        return Preview({}, WORDS)
    try:
        found = understood(path, choices_of(_completed(typed)).of_model(state.model.network.graph))
    except Refused as refusal:
        return Preview({}, str(refusal))
    task, wrong = _task(path, found, typed["task"], state)
    beside = {"task": task, **dict(_beside(found))}
    return Preview(beside, "\n".join([*found.problems, *([wrong] if wrong else []), *first_rows(found)]))


def _beside(found: Understood) -> Iterator[tuple[str, str]]:
    """Give what was understood, by the fields that change it."""
    choices = found.choices
    yield "labels", found.labels
    if not found.columns:
        return
    yield "separator", SEPARATORS.get(choices.separator, choices.separator)
    yield "decimal", next((name for name, mark in DECIMALS.items() if mark == choices.decimal), "none is there")
    yield "header", "names of columns" if choices.header else "values already: no names"
    yield "skip", f"{count(choices.skip, 'line')} above it" if choices.skip else "no line: the table begins at once"
    yield "encoding", in_words(choices.encoding)
    out = [
        f"{shorten(one.name) or 'column 1'}{f' ({one.why})' if one.why else ''}"
        for one in found.columns
        if one.role is Role.LEFT_OUT
    ]
    yield "without", ", ".join(out) or "no column"


def _task(path: Path, found: Understood, chosen: TaskName | None, state: State) -> tuple[str, str]:
    """Return the task of the first rows, and why they can't be taken, "" if they can."""
    beginning = msgspec.structs.replace(found, choices=msgspec.structs.replace(found.choices, rows=BEGINNING))
    try:
        data = take(path, beginning)
    except Refused as refusal:
        return "", str(refusal)
    network, recipe = state.model.network, state.recipe
    if why_no_loss(network):
        return state.task.in_words(), ""
    try:
        # How outputs answer is said of the data once they are there: a line has no room for it.
        losses = recipe.losses(len(network.graph.outputs))
        return task_of(data, network, losses, chosen).in_words().split(";")[0], ""
    except Refused as refusal:
        return str(refusal), ""


def first_rows(found: Understood, width: int = 68) -> list[str]:
    """Return the first rows of a table below the names of its columns, what is no input marked; nothing of arrays."""
    if not found.columns:
        return [found.how]
    marks = {Role.LABEL: "label: ", Role.WEIGHT: "weight: ", Role.LEFT_OUT: "out: "}
    named = [shorten(one.name) or f"column {place + 1}" for place, one in enumerate(found.columns)]
    heads = [
        name if name == one.role else marks.get(one.role, "") + name
        for name, one in zip(named, found.columns, strict=True)
    ]
    rows = [[shorten(cell) for cell in row] for row in found.rows if len(row) == len(heads)]
    places = _that_fit(found, width // (COLUMN + 2))
    table = [[row[place] for place in places] for row in (heads, *rows)]
    widths = [min(COLUMN + 6, max(cell_width(row[at]) for row in table)) for at in range(len(places))]
    more = len(heads) - len(places)
    lines = ["  ".join(padded(cut(cell, size), size) for cell, size in zip(row, widths, strict=True)) for row in table]
    return [lines[0] + (f"  and {more:,} more" if more else ""), *lines[1:]]


def _that_fit(found: Understood, most: int) -> list[int]:
    """Return the places of the columns that there is room for: labels among them."""
    labels = found.of_role(Role.LABEL)[:2]
    others = [place for place in range(len(found.columns)) if place not in labels]
    return sorted(others[: max(0, most - len(labels))] + labels)
