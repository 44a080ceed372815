"""The forms that change many numbers of an array at once: a formula, a transformation, a file, a pasted block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from textual import on
from textual.widgets import Select

from core.editing import changes
from core.editing.expression import parse
from core.editing.initializers import INITIALIZERS
from core.editing.npy import load_npy
from core.editing.pasted import parse_pasted
from core.editing.selection import everything, whole_column, whole_row, whole_table
from core.errors import Refused, shorten
from core.half_width import half_width
from core.model.initial import MAX_SEED
from core.model.literal import parse_number, parse_numbers
from core.paths import typed_path
from core.typed import whole
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.paste_dialog import PasteDialog
from tui.widgets.form import Field, FieldRefused, Form
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from core.arrays import KerasArray
    from core.editing.changes import Change
    from core.editing.plane import Plane
    from core.editing.selection import Selection
    from core.session.session import Session
    from tui.dialogs.take_away_dialog import TakeAwayDialog

SELECTED, ALL, SLICE, ROW, COLUMN = "selection", "all of it", "this slice", "this row", "this column"


@dataclass(frozen=True, eq=False)
class Target:
    """The array that is changed, of which layer, and the table that is seen of it, with the cursor at ``index``.

    ``selected`` is what was selected of it, if anything was.
    """

    session: Session
    layer: int
    array: int
    plane: Plane
    index: tuple[int, ...]
    selected: Selection | None = None

    @property
    def values(self) -> KerasArray:
        """The array as it is."""
        return self.session.state.model.weights.layers[self.layer][self.array]

    @property
    def name(self) -> str:
        """What the array is called in the list of steps."""
        network = self.session.state.model.network
        return f"{network.layers[self.layer].name} {network.weight_names[self.layer][self.array]}"

    @property
    def cell(self) -> tuple[int, int]:
        """The row and the column of the cursor in the table."""
        return self.plane.cell(self.index)

    @property
    def wheres(self) -> tuple[str, ...]:
        """What of the array can be changed, what is most likely meant first: of a slice not all that is not seen."""
        first = () if self.selected is None else (SELECTED,)
        return (*first, SLICE, ROW, COLUMN, ALL) if self.plane.others else (*first, ALL, ROW, COLUMN)

    def selection(self, where: str) -> Selection:
        """Return all of the array or the table that is seen, what is selected there, or the cursor's row or column."""
        match where:
            case _ if where == SELECTED and self.selected is not None:
                return self.selected
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
    name, *settings = half_width(amount).split()
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
    path = typed_path(amount, "a .npy file")
    return changes.given(selection, load_npy(path, selection.shape), f"from {shorten(path.name)}")


def _calculated(selection: Selection, amount: str, _seed: int) -> Change:
    name = _initializer(half_width(amount).partition(" ")[0])
    if name in INITIALIZERS:
        raise Refused(
            f'{name} is an initializer, no formula: choose "initialize" under "what", then type it under "with"'
        )
    return changes.calculated(selection, parse(amount))


WHATS: dict[str, tuple[Callable[[Selection, str, int], Change], str]] = {
    "formula": (_calculated, "w*2"),
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

HINTS = {
    "formula": "w*2, or 0.5, or w - mean; w is the number that is there",
    "scale": "0.5: each number times that",
    "round": "2: so many decimal places",
    "clip": "-1, 1: the lowest and the highest",
    "prune below": "0.1: what is nearer to 0 becomes 0",
    "add noise": "0.1: its standard deviation",
    "initialize": "GlorotUniform, HeNormal, Zeros, RandomNormal stddev=0.1 ...",
    "load .npy": "kernel.npy: the name of a file",
}
"""What can be typed under "with"; for all others nothing."""

WORDS = "Choose what is done, then say what with. Nothing is changed before enter, and u takes it back."


class ChangeDialog(FormDialog):
    """The form that changes many numbers at once; beside ``with`` stands what it means for the chosen ``what``."""

    @on(Select.Changed)
    def show_meaning(self, event: Select.Changed) -> None:
        """Say what may be typed for what is chosen."""
        if str(event.value) in WHATS:
            line = self.query_one(Form).line("amount")
            line.field = replace(line.field, hint=HINTS.get(str(event.value), "nothing: leave this empty"))
            line.say("")


def change_dialog(target: Target) -> ChangeDialog:
    """Return the form that changes many numbers of an array at once."""

    def work(typed: dict[str, Any]) -> Callable[[], None]:
        make, example = WHATS[typed["what"]]
        if example and not typed["amount"].strip():
            raise FieldRefused("amount", f"expected {HINTS[typed['what']]}; got nothing")
        return target.changed(make(target.selection(typed["where"]), typed["amount"], typed["seed"]))

    fields = (
        Field("what", "what", str, choices=tuple(WHATS)),
        Field("amount", "with", str, HINTS["formula"]),
        Field("where", "where", str, choices=target.wheres),
        Field("seed", "seed", whole("a seed", 0, MAX_SEED), "of noise and initializers"),
    )
    values = {"amount": "", "what": "formula", "where": target.wheres[0], "seed": "0"}
    return ChangeDialog(f"Change {plain(target.name)}", fields, values, work, lambda put: put(), WORDS)


def take_away_dialog(target: Target) -> TakeAwayDialog:
    """Return the dialog that takes away what is selected, or else the array."""
    from core.export.arrays import named_arrays
    from tui.dialogs.take_away_dialog import arrays_dialog

    network = target.session.state.model.network
    layer, name = network.layers[target.layer].name, network.weight_names[target.layer][target.array]
    held = named_arrays(network, target.session.state.model.weights)
    array = next(one for one in held if (one.layer, one.name) == (layer, name))
    if target.selected is None:
        return arrays_dialog(f"Take away {plain(array.path)}", array)
    block = np.ascontiguousarray(target.selected.block(target.values))
    return arrays_dialog(
        f"Take away {plain(array.path)}: {target.selected.words}", replace(array, values=block, axes=None, kept="")
    )


def paste_into_dialog(target: Target) -> PasteDialog:
    """Return the box that takes a block for the whole array, or for the cursor's row or column, whichever fits."""

    table, (row, column) = target.plane, target.cell

    def work(text: str) -> Callable[[], None]:
        lines = [COLUMN, ROW] if "\n" in text.strip() else [ROW, COLUMN]
        # A kernel of more axes can come as the table that is seen, and whole also as the array that it is.
        first = () if target.selected is None else (SELECTED,)
        selections = [target.selection(where) for where in (*first, SLICE, *lines)]
        if not table.others:
            selections.insert(len(first), target.selection(ALL))
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
        f"{'this slice' if table.others else 'all of it'}, {_of_selection(target)}"
        f"else for row {row + 1:,} or column {column + 1:,}, whichever fits."
    )
    return PasteDialog(f"Paste into {plain(target.name)}", "", work, lambda put: put(), words)


def _of_selection(target: Target) -> str:
    if target.selected is None:
        return ""
    return f"of {' x '.join(f'{size:,}' for size in target.selected.shape)} for what is selected, "


def _sizes(target: Target) -> str:
    """Return of which shapes a paste may be: for a whole kernel of more axes that of the table, or its own."""
    seen = (target.plane.rows, target.plane.columns) if len(target.values.shape) > 1 else target.values.shape
    shapes = [seen] if target.plane.others or len(seen) == len(target.values.shape) else [seen, target.values.shape]
    return " or ".join(" x ".join(f"{size:,}" for size in shape) for shape in shapes)
