"""The forms for files: where to save the model and the data, and which model to open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.files import save_data
from core.errors import Refused
from core.model.keras_file import open_model, save_model
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field
from tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from core.model.keras_file import OpenedModel
    from core.session import Session
    from core.state import State
    from core.undo import Steps


def _model_path(text: str) -> Path | None:
    if not text.strip():
        return None
    if not text.strip().endswith(".keras"):
        raise Refused("expected a name that ends in .keras")
    return Path(text.strip()).expanduser()


def _data_path(text: str) -> Path | None:
    if not text.strip():
        return None
    if not text.strip().endswith((".npz", ".csv")):
        raise Refused("expected a name that ends in .npz or .csv")
    return Path(text.strip()).expanduser()


def _existing(text: str) -> Path:
    path = _model_path(text)
    if path is None:
        raise Refused("expected the name of a .keras file, got nothing")
    return path


SAVE = (
    Field("model", "model", _model_path, "a .keras file, or empty"),
    Field("data", "data", _data_path, "a .npz or .csv file, or empty"),
)
OPEN = (Field("model", "model", _existing, "a .keras file"),)


def save_dialog(session: Session, state: State, say: Callable[[str], None]) -> FormDialog:
    """Return the form that saves the model, the data or both."""

    steps = session.steps

    def save(values: dict[str, Any]) -> dict[str, Any]:
        if values["model"] is None and values["data"] is None:
            raise Refused("expected a file for the model or for the data; both are empty")
        if values["model"] is not None:
            model = state.model
            save_model(values["model"], model.network, model.weights, state.recipe, model.archive)
            # The model is safe; without its steps it can still be opened.
            from core.kept_steps import keep

            with suppress(Refused, OSError):
                keep(steps, model.network, model.weights)
        if values["data"] is not None:
            save_data(values["data"], state.dataset)
        return values

    def saved(values: dict[str, Any]) -> None:
        paths = [path for path in (values["model"], values["data"]) if path is not None]
        if values["model"] is not None:
            session.saved(values["model"])
        say("Saved " + " and ".join(plain(str(path)) for path in paths) + ".")

    suggested = str(state.path) if state.path and str(state.path).isprintable() else "model.keras"
    return FormDialog(
        "Save", SAVE, {"model": suggested, "data": ""}, save, saved, "Written beside the file, then renamed."
    )


def open_dialog(opened: Callable[[OpenedModel, Path, Steps | None], None]) -> FormDialog:
    """Return the form that reads a model, and the steps that led to it, and gives them to ``opened``."""

    def read(values: dict[str, Any]) -> tuple[OpenedModel, Path, Steps | None]:
        from core.kept_steps import taken_up

        model = open_model(values["model"])
        return model, values["model"], taken_up(model.network, model.weights)

    return FormDialog(
        "Open",
        OPEN,
        {"model": ""},
        read,
        lambda result: opened(*result),
        "Dense, Activation and Dropout layers; nothing in it is run.",
    )
