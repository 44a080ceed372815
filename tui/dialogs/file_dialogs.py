"""The forms for files: where to save the model and the data, and which model to open."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.dataset import DataFile
from core.data.saved import save_data
from core.errors import Refused, shorten
from core.journal.shelf import open_elsewhere
from core.journal.telling import elsewhere_in_words
from core.model.archive.gate import is_hdf5
from core.model.keras_file import OLDER, SUFFIX
from core.model.meanwhile import meanwhile_in_words
from core.model.save_model import save_model
from core.paths import typed_path
from core.saving import ChangedMeanwhile, Stamp, free_name, is_same_file, stamp_at
from core.session.state import Saved, only_data_changed
from tui.dialogs.form_dialog import FormDialog, SavingDialog
from tui.file_screen import FileScreen
from tui.reading_model import read_model
from tui.widgets.form import Field, FieldRefused
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from core.model.files.opening import OpenedModel
    from core.session.session import Session
    from core.session.state import State
    from core.session.trail import Steps
    from tui.reading_model import Other, Read


def _path_ending_in(*suffixes: str) -> Callable[[str], Path | None]:
    def read(text: str) -> Path | None:
        if not text.strip():
            return None
        if not text.strip().endswith(suffixes):
            raise Refused(f"expected a name that ends in {' or '.join(suffixes)}")
        return typed_path(text)

    return read


OPEN = (Field("model", "model", partial(typed_path, what="a .keras, .h5 or .hdf5 file"), wide=True),)


def save_dialog(session: Session, state: State, say: Callable[[str], None], journal: Path | None = None) -> FormDialog:
    """Return the form that saves the model, the data or both; this session's own ``journal`` is no other's."""

    steps, asked, taken = session.trail.steps, set[Path](), dict[Path, Stamp]()

    def save(values: dict[str, Any]) -> dict[str, Any]:
        if values["model"] is None and values["data"] is None:
            raise Refused("expected a file for the model or for the data; both are empty")
        for name in ("model", "data"):
            _ask_before_writing_over(name, values[name], state.own_file, asked)
        if values["model"] is not None:
            ask_where_others_are("model", values["model"], journal, asked)
            model = state.model
            values = {**values, "stamp": _save_model(values["model"], state, taken)}
            # The model is safe; without its steps it can still be opened.
            from core.session.kept_steps import keep

            try:
                keep(steps, model.network, model.weights, values["model"].name)
            except Refused as refusal:
                values["without steps"] = f" Its steps are not kept for the next time: {refusal}."
        if values["data"] is not None:
            save_data(values["data"], state.dataset)
        return values

    def saved(values: dict[str, Any]) -> None:
        paths = [path for path in (values["model"], values["data"]) if path is not None]
        if values["model"] is not None:
            session.saved(state, values["model"], values["stamp"])
        if values["data"] is not None:
            session.data_saved(state.dataset)
        origin = state.dataset.origin
        edited = isinstance(origin, DataFile) and origin.edits is not None and values["data"] is not None
        of = f": {plain(shorten(origin.named, 70))}" if isinstance(origin, DataFile) and edited else ""
        say("Saved " + " and ".join(plain(str(path)) for path in paths) + f"{of}.{values.get('without steps', '')}")

    values = {"model": "" if only_data_changed(state) else str(_suggested(state)), "data": _suggested_data(state)}
    fields = (
        Field("model", "model", _path_ending_in(*_suffixes(state)), wide=True),
        Field("data", "data", _path_ending_in(".npz", ".csv"), wide=True),
    )
    return SavingDialog("Save", fields, values, save, saved, _save_words(state))


def _save_model(path: Path, state: State, taken: dict[Path, Stamp]) -> Stamp:
    """Save the model; a file that somebody else has changed, once it was ``taken`` as it is now.

    Raises:
        Refused: it was not, or can't be saved there.
    """
    model = state.model
    files = (file for other, file in reversed(tuple(state.files.items())) if is_same_file(other, path))
    held = next(files, Saved(model.network, model.weights))
    try:
        known = taken.get(path, held.stamp)
        # What was saved is known, too, if the data then are not.
        taken[path] = save_model(path, model.network, model.weights, state.recipe, model.archive, known)
    except ChangedMeanwhile:
        taken[path] = stamp_at(path)
        words = meanwhile_in_words(path, held.network, held.weights)
        raise FieldRefused("model", f"{words}; enter again saves it all the same") from None
    return taken[path]


def _suggested(state: State) -> Path:
    """Return the file that the model is of, or else a name that no file has: in HDF5 no new one is made."""
    own = state.own_file
    if own is not None and str(own).isprintable() and own.suffix in _suffixes(state):
        return own
    known = state.path if state.path and str(state.path).isprintable() else Path("model.keras")
    return free_name(known.with_suffix(".keras"))


def _suffixes(state: State) -> tuple[str, ...]:
    return (SUFFIX, *OLDER) if is_hdf5(state.model.archive) else (SUFFIX,)


def _suggested_data(state: State) -> str:
    """Return a name that no file has for data that were changed and not saved; of others none are saved unasked."""
    origin = state.dataset.origin
    if not state.unsaved_data or not isinstance(origin, DataFile):
        return ""
    stem = "data" if origin.made is not None or not origin.name.isprintable() else Path(origin.name).stem
    return str(free_name(Path(f"{stem}-changed.csv")))


def unsaved_in_words(state: State, screens: Iterable[object]) -> str:
    """Return what would be lost on leaving, "" if nothing would; a screen may have numbers of its own."""
    if any(isinstance(screen, FileScreen) and screen.has_unsaved for screen in screens):
        return "The changed numbers of the file are not saved"
    weights = state.unsaved and not only_data_changed(state)
    if weights and state.unsaved_data:
        return "The weights and the changed data are not saved"
    if state.unsaved_data:
        return "The changed data are not saved"
    return "The weights are not saved" if weights else ""


def _save_words(state: State) -> str:
    words = f"The model as {' or '.join(_suffixes(state)[:2])}, the data as .npz or .csv; one of them may be empty."
    if is_hdf5(state.model.archive):
        words = f"{words}\nAs .h5 all else stays, as .keras the optimizer's numbers go."
    origin = state.dataset.origin
    if isinstance(origin, DataFile) and origin.edits is not None:
        words = f"{words}\nData: {plain(shorten(origin.named, 70))}."
    if state.path is None or state.own_file is not None:
        return words
    return f"{words}\nThe model has other layers than {plain(shorten(state.path.name))}: a name of its own."


def _ask_before_writing_over(field: str, path: Path | None, own: Path | None, asked: set[Path]) -> None:
    """Refuse, once, a file that is there and that the model is not of.

    Raises:
        Refused: it was not ``asked`` about before.
    """
    # Path.is_file raises for a name that is too long.
    if path is None or path in asked or not os.path.isfile(path):  # noqa: PTH113
        return
    if own is not None and is_same_file(own, path):
        return
    asked.add(path)
    raise FieldRefused(field, f"{shorten(path.name)} exists already: enter again writes over it")


def ask_where_others_are(field: str, path: Path, journal: Path | None, asked: set[Path]) -> None:
    """Refuse, once, a file that another byhand has open than the session with that ``journal``.

    Raises:
        Refused: it was not ``asked`` about before.
    """
    other = None if path in asked else open_elsewhere(path, journal)
    if other is not None:
        asked.add(path)
        raise FieldRefused(field, f"{elsewhere_in_words(other)}: enter again saves it all the same")


def open_dialog(
    opened: Callable[[OpenedModel, Path, Steps | None], None], opened_other: Callable[[Other, Path], None]
) -> FormDialog:
    """Return the form that reads a model for ``opened`` or, if it is one that the tabs don't take, ``opened_other``."""

    def finish(result: Read) -> None:
        if len(result) == 3:
            opened(*result)
        else:
            opened_other(*result)

    def read(values: dict[str, Any]) -> Read:
        return read_model(values["model"], dialog.came)

    dialog = FormDialog(
        "Open",
        OPEN,
        {"model": ""},
        read,
        finish,
        "A model that Keras 1, 2 or 3 saved: .keras, .h5 or .hdf5; or weights alone, .npz and .safetensors too. Those, "
        "and a model with layers that only their author knows, open on a screen of their own. Nothing in the file is "
        "run.",
    )
    return dialog
