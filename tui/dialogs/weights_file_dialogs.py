"""Editing a file of weights alone: its numbers, step by step, the form for one of them and the form that saves."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from core.model.weights_edited import with_number
from core.saving import ChangedMeanwhile, is_same_file, stamp_at
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field, FieldRefused
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.weights_edited import Changed
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp


class Edits:
    """A file's arrays as they are now, with what was before and what was taken back; one of them is ``opened``."""

    def __init__(self, held: WeightsFile) -> None:
        self.held = self.opened = held
        self.path, self.stamp = held.path, held.stamp
        self._kept = held
        self._before: list[WeightsFile] = []
        self._after: list[WeightsFile] = []

    @property
    def unsaved(self) -> bool:
        """Whether there are numbers that no file has."""
        return self.held is not self._kept

    def put(self, changed: WeightsFile) -> None:
        """Go on with other numbers."""
        self._before.append(self.held)
        self.held = changed
        self._after.clear()

    def undo(self) -> bool:
        """Take the last step back, if there is one."""
        if not self._before:
            return False
        self._after.append(self.held)
        self.held = self._before.pop()
        return True

    def redo(self) -> bool:
        """Do the step again that was taken back last, if there is one."""
        if not self._after:
            return False
        self._before.append(self.held)
        self.held = self._after.pop()
        return True

    def saved(self, path: Path, stamp: Stamp) -> None:
        """Remember where they were saved."""
        self._kept, self.path, self.stamp = self.held, path, stamp
        if self.opened.path is not None and is_same_file(path, self.opened.path):
            self.opened = replace(self.held, stamp=stamp)


def number_dialog(held: WeightsFile, place: int, at: tuple[int, ...], put: Callable[[Changed], None]) -> FormDialog:
    """Return the form for another number at ``at`` of the array at ``place``."""
    array = held.arrays[place]
    where = ", ".join(str(position + 1) for position in at)
    fields = (Field("number", "number", str, f"as {array.dtype}"),)
    return FormDialog(
        plain(f"Change {shorten(array.path, 50)}[{where}]"),
        fields,
        {"number": str(array.values[at])},
        lambda typed: with_number(held, place, at, typed["number"]),
        put,
    )


def save_weights_dialog(edits: Edits, saved: Callable[[Path, Stamp], None]) -> FormDialog:
    """Return the form that saves the arrays as they are now."""
    from core.export.weight_files import NEW, save_weights

    asked = dict[Path, Any]()

    def save(values: dict[str, Any]) -> tuple[Path, Stamp]:
        path = values["file"]
        own = edits.path is not None and is_same_file(edits.path, path)
        if not own and path not in asked and os.path.isfile(path):  # noqa: PTH113 - raises for too long a name
            asked[path] = stamp_at(path)
            raise FieldRefused("file", f"{shorten(path.name)} exists already: enter again writes over it")
        try:
            return path, save_weights(path, edits.held, edits.opened, asked.get(path, edits.stamp if own else None))
        except ChangedMeanwhile:
            asked[path] = stamp_at(path)
            name = shorten(path.name)
            what = f"somebody has changed {name}" if path.exists() else f"{name} is not there any more"
            raise FieldRefused("file", f"{what}; enter again saves the changed arrays all the same") from None

    return FormDialog(
        "Save weights",
        (Field("file", "file", _path, wide=True),),
        {"file": str(edits.path or "")},
        save,
        lambda done: saved(*done),
        f"To their own file, where all else stays as it is, or to a new one that ends in {', '.join(NEW)}.",
    )


def _path(text: str) -> Path:
    if not text.strip():
        raise Refused("expected the name of a file, got nothing")
    return Path(text.strip()).expanduser()
