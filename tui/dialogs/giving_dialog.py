"""Weights of a file given to the model: which file, then a table of which array goes where, before anything is done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding

from core.errors import shorten
from core.model.giving import BY_NAME, giving
from core.model.weights_file import open_weights
from core.names import told_apart
from core.paths import typed_path
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.list_dialog import Found, ListDialog
from tui.widgets.form import Field
from tui.widgets.text import fit, fit_right, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.chunks import Pause
    from core.model.giving import Giving, Goes
    from core.model.network import Network
    from core.model.weights import Weights

NAME, SHAPE = 25, 12
"""Columns of a name and of a shape."""

MOST_TOLD_APART = 1_000
"""Of more names than these, finding out where each can be cut would take long."""

WORDS = (
    "Weights alone (.weights.h5, .h5, .npz, .safetensors) or a model. They go by their names and, where names differ, "
    "by order and shape; a table shows which goes where before anything is done."
)


def give_form(network: Network, read: Callable[[str, Giving], None]) -> FormDialog:
    """Return the form that asks for a file; ``read`` gets its name and which of its arrays go where in ``network``."""

    def work(values: dict[str, Any]) -> tuple[str, Giving]:
        path: Path = values["file"]
        return path.name, giving(network, open_weights(path, dialog.came))

    file = (Field("file", "file", partial(typed_path, what="a file with weights"), wide=True),)
    dialog = FormDialog("Weights from a file", file, {"file": ""}, work, lambda found: read(*found), WORDS)
    return dialog


class GivingDialog(ListDialog["Weights"]):
    """The table, any line of which gives all that it lists."""

    BINDINGS: ClassVar = [
        Binding("enter", "go", "Give them all", priority=True),
        Binding("escape", "leave", "Leave as it was"),
    ]


def giving_dialog(network: Network, name: str, given: Callable[[], Giving]) -> GivingDialog:
    """Return the table of what a file called ``name`` gives ``network``, found in a thread; it results in weights."""

    def find(_pause: Pause) -> Found[Weights]:
        made = given()
        weights = made.weights(network)
        words = f"{made.in_words[0].upper()}{made.in_words[1:]}." if made.goes else "The model has no weights."
        heading = f"{'weight':<{NAME}}{'shape':>{SHAPE}}  {'gets':<{NAME}} by"
        return Found(words, heading, [(line, weights) for line in _lines(made.goes)])

    return GivingDialog(f"What the model gets from {plain(shorten(name))}", find)


def _lines(goes: Sequence[Goes]) -> list[str]:
    words, arrays = tuple(one.words for one in goes), tuple(one.array for one in goes)
    if len(goes) <= MOST_TOLD_APART:
        words, arrays = told_apart(words, NAME - 1), told_apart(arrays, NAME)
    shapes = ["x".join(map(str, one.values.shape)) or "()" for one in goes]
    by = ["name" if one.by == BY_NAME else "order" for one in goes]
    return [
        f"{fit(weight, NAME - 1)} {fit_right(shape, SHAPE)}  {fit(array, NAME)} {how}"
        for weight, shape, array, how in zip(words, shapes, arrays, by, strict=True)
    ]
