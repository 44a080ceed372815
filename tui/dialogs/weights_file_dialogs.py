"""Editing a file of weights alone: its numbers, step by step, the form for one of them and the form that saves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import shorten
from core.model.weights_edited import with_number
from core.paths import typed_path
from core.saving import ChangedMeanwhile, is_same_file, stamp_at
from tui.dialogs.form_dialog import FormDialog, SavingDialog
from tui.widgets.form import Field, FieldRefused
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.model.weights_edited import Changed
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp

    Saved = Callable[[WeightsFile, Path, Stamp, WeightsFile], None]
    """What is told the arrays that were saved, where, what the file is now and, if it is theirs, what it holds."""


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

    @property
    def in_words(self) -> str:
        """Whether there are numbers that the file has not that was opened, and where they are."""
        if self.unsaved:
            return "Changed, not saved."
        alone = self.held is not self.opened and self.path is not None and self.path != self.opened.path
        return f"Changed, saved as {shorten(self.path.name)}." if alone and self.path is not None else ""

    def saved(self, held: WeightsFile, path: Path, stamp: Stamp, opened: WeightsFile) -> None:
        """Remember where those were saved that were ``held`` when that began, and what is opened now."""
        now = held if opened is self.opened else opened
        self.held = now if self.held is held else self.held
        for way in (self._before, self._after):
            way[:] = [now if one is held else one for one in way]
        self.path, self.stamp, self.opened, self._kept = path, stamp, opened, now


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


def save_weights_dialog(edits: Edits, saved: Saved, journal: Path | None) -> FormDialog:
    """Return the form that saves the arrays as they are now; this session's own ``journal`` is no other's."""
    from core.export.weights_saved import endings, save_weights
    from core.model.meanwhile import arrays_meanwhile_in_words
    from tui.dialogs.file_dialogs import ask_where_others_are

    asked, told, held = dict[Path, Any](), set[Path](), edits.held

    def save(values: dict[str, Any]) -> tuple[WeightsFile, Path, Stamp, WeightsFile]:
        path = values["file"]
        own = edits.path is not None and is_same_file(edits.path, path)
        if not own and path not in asked and os.path.isfile(path):  # noqa: PTH113 - raises for too long a name
            asked[path] = stamp_at(path)
            raise FieldRefused("file", f"{shorten(path.name)} exists already: enter again writes over it")
        ask_where_others_are("file", path, journal, told)
        try:
            known = asked.get(path, edits.stamp if own else None)
            return held, path, *save_weights(path, held, edits.opened, known)
        except ChangedMeanwhile:
            asked[path] = stamp_at(path)
            words = arrays_meanwhile_in_words(path, edits.opened)
            raise FieldRefused("file", f"{words}; enter again saves it all the same") from None

    copies, alone = endings(edits.opened)
    return SavingDialog(
        "Save weights",
        (Field("file", "file", typed_path, wide=True),),
        {"file": str(edits.path or "")},
        save,
        lambda done: saved(*done),
        f"As {' or '.join(copies)} a copy of the file, all else in it as it is; as {' or '.join(alone)} the arrays "
        "alone.",
    )
