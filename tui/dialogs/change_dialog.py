"""The forms that change many numbers of an array at once: a formula, a transformation, a file, a pasted block."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.editing import changes
from core.editing.expression import parse
from core.editing.initializers import INITIALIZERS
from core.editing.npy import load_npy
from core.editing.pasted import parse_pasted
from core.editing.selection import everything, whole_column, whole_row, whole_table
from core.errors import Refused, shorten
from core.model.initial import MAX_SEED
from core.model.literal import parse_number, parse_numbers
from core.model.weights import ARRAY_NAMES
from core.typed import whole
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.paste_dialog import PasteDialog
from tui.widgets.form import Field
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from core.arrays import KerasArray
    from core.editing.changes import Change
    from core.editing.plane import Plane
    from core.editing.selection import Selection
    from core.session import Session

ALL, SLICE, ROW, COLUMN = "all of it", "this slice", "this row", "this column"


@dataclass(frozen=True, eq=False)
class Target:
    """The array that is changed, of which layer, and the table that is seen of it, with the cursor at ``index``."""

    session: Session
    layer: int
    array: int
    plane: Plane
    index: tuple[int, ...]

    @property
    def values(self) -> KerasArray:
        """The array as it is."""
        return self.session.state.model.weights.layers[self.layer][self.array]

    @property
    def name(self) -> str:
        """What the array is called in the list of steps."""
        return f"{self.session.state.model.network.layers[self.layer].name} {ARRAY_NAMES[self.array]}"

    @property
    def cell(self) -> tuple[int, int]:
        """The row and the column of the cursor in the table."""
        return self.plane.cell(self.index)

    @property
    def wheres(self) -> tuple[str, ...]:
        """What of the array can be changed, what is most likely meant first: of a slice not all that is not seen."""
        return (SLICE, ROW, COLUMN, ALL) if self.plane.others else (ALL, ROW, COLUMN)

    def selection(self, where: str) -> Selection:
        """Return all of the array or of the table that is seen, or the row or the column of the cursor there."""
        match where:
            case _ if where == ROW:
                return whole_row(self.plane, self.cell[0])
            case _ if where == COLUMN:
                return whole_column(self.plane, self.cell[1])
            case _ if where == SLICE:
                return whole_table(self.plane)
        return everything(self.values.shape)

    def changed(self, change: Change) -> Callable[[], None]:
        """Make the change, and return what puts it into the session."""
        values, name = change(self.values), change.name(self.name)
        return lambda: self.session.put_array(self.layer, self.array, values, name)


def _low_and_high(selection: Selection, amount: str, _seed: int) -> Change:
    low, high = parse_numbers(amount, 2)
    return changes.clipped(selection, float(low), float(high))


def _drawn(selection: Selection, amount: str, seed: int) -> Change:
    """Return an initializer's change; its settings may follow its name, as in ``RandomNormal stddev=0.1``."""
    name, *settings = amount.split()
    pairs = [setting.partition("=") for setting in settings]
    values = {key: _setting(text) for key, _, text in pairs}
    return changes.initialised(selection, _initializer(name), seed, values)


def _initializer(name: str) -> str:
    plainly = name.replace("_", "").lower()
    return next((known for known in INITIALIZERS if known.lower() == plainly), name)


def _setting(text: str) -> float | str:
    try:
        return parse_number(text)
    except Refused:
        return text


def _loaded(selection: Selection, amount: str, _seed: int) -> Change:
    path = Path(amount.strip()).expanduser()
    return changes.given(selection, load_npy(path, selection.shape), f"from {shorten(path.name)}")


WHATS: dict[str, tuple[Callable[[Selection, str, int], Change], str]] = {
    "formula": (lambda where, amount, _: changes.calculated(where, parse(amount)), "w*2"),
    "zero": (lambda where, _, __: changes.zeroed(where), ""),
    "scale": (lambda where, amount, _: changes.scaled(where, parse_number(amount)), "0.5"),
    "round": (lambda where, amount, _: changes.rounded(where, whole("digits", 0, 9)(amount)), "2"),
    "clip": (_low_and_high, "-1, 1"),
    "prune below": (lambda where, amount, _: changes.pruned(where, parse_number(amount)), "0.1"),
    "add noise": (lambda where, amount, seed: changes.noised(where, parse_number(amount), seed), "0.1"),
    "transpose": (lambda where, _, __: changes.transposed(where), ""),
    "initialize": (_drawn, "GlorotUniform"),
    "load .npy": (_loaded, "kernel.npy"),
}
"""What can be done: how it is made of where, the amount and the seed; and an example of the amount."""

EXAMPLES = "with: " + ", ".join(f"{what} {example}".rstrip() for what, (_, example) in WHATS.items()) + "."


def change_dialog(target: Target) -> FormDialog:
    """Return the form that changes many numbers of an array at once."""

    def work(typed: dict[str, Any]) -> Callable[[], None]:
        make, _ = WHATS[typed["what"]]
        if WHATS[typed["what"]][1] and not typed["amount"].strip():
            raise Refused(f"expected what to {typed['what']} with, such as {WHATS[typed['what']][1]}, got nothing")
        return target.changed(make(target.selection(typed["where"]), typed["amount"], typed["seed"]))

    fields = (
        Field("amount", "with", str, "see above"),
        Field("what", "what", str, choices=tuple(WHATS)),
        Field("where", "where", str, choices=target.wheres),
        Field("seed", "seed", whole("a seed", 0, MAX_SEED), "of noise and initializers"),
    )
    values = {"amount": "w*2", "what": "formula", "where": target.wheres[0], "seed": "0"}
    return FormDialog(f"Change {plain(target.name)}", fields, values, work, lambda put: put(), EXAMPLES)


def paste_into_dialog(target: Target) -> PasteDialog:
    """Return the box that takes a block for the whole array, or for the cursor's row or column, whichever fits."""

    table, (row, column) = target.plane, target.cell

    def work(text: str) -> Callable[[], None]:
        lines = [COLUMN, ROW] if "\n" in text.strip() else [ROW, COLUMN]
        # A kernel of more axes can come as the table that is seen, and whole also as the array that it is.
        selections = [target.selection(where) for where in (SLICE, *lines)]
        if not table.others:
            selections.insert(0, target.selection(ALL))
        refusals = []
        for selection in selections:
            try:
                values = parse_pasted(text, selection.shape)
            except Refused as refusal:
                refusals.append(refusal)
            else:
                return target.changed(changes.given(selection, values, "pasted"))
        raise refusals[0]

    words = (
        f"A table from a spreadsheet, or a Python or NumPy literal: of {_sizes(target)} numbers for "
        f"{'this slice' if table.others else 'all of it'}, "
        f"else for row {row + 1:,} or column {column + 1:,}, whichever fits."
    )
    return PasteDialog(f"Paste into {plain(target.name)}", "", work, lambda put: put(), words)


def _sizes(target: Target) -> str:
    """Return of which shapes a paste may be: for a whole kernel of more axes that of the table, or its own."""
    seen = (target.plane.rows, target.plane.columns) if len(target.values.shape) > 1 else target.values.shape
    shapes = [seen] if target.plane.others or len(seen) == len(target.values.shape) else [seen, target.values.shape]
    return " or ".join(" x ".join(f"{size:,}" for size in shape) for shape in shapes)
