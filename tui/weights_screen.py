"""WeightsScreen: the arrays of a file, of weights alone or of a model: a list, the chosen one as a table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message

from core.chunks import CHUNK
from core.editing.layer_view import ArrayPlace, whole_layer
from core.errors import Refused, shorten
from core.export.arrays import as_held
from core.export.weights_told import shape_text
from core.findings.statistics import Statistics, statistics
from core.formatting import count
from core.model.giving import giving
from core.model.weights_kept import changes, with_changes
from tui.beside import beside
from tui.commands import Command, Shown, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.dialogs.weights_file_dialogs import Edits, number_dialog
from tui.file_screen import FileScreen
from tui.kept_beside import ARRAYS, KeptBeside
from tui.notices import UNDERSTOOD_IN
from tui.tabs.statistics_words import brief_words, statistics_words
from tui.widgets.array_lines import ArrayLines
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar
from tui.widgets.lines import Lines
from tui.widgets.matrix import EMPTY, Grid, Matrix
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from textual.app import ComposeResult

    from core.model.archive.held_array import HeldArray
    from core.model.giving import Giving
    from core.model.network import Network
    from core.model.weights import Weights
    from core.model.weights_edited import Changed
    from core.model.weights_file import WeightsFile
    from core.saving import Stamp
    from core.session.session import Session
    from tui.dialogs.weights_dialogs import Place
    from tui.dialogs.weights_file_dialogs import Saved

ARRAY, ALL = "this array", "every array"
"""What is taken away."""


COMMANDS = (
    Command("e", "edit", "Edit", "type another number for the one in hand; files keep theirs until they are saved"),
    Command("u", "undo", "Undo", "take the last number back", Shown.AT_120, True),
    Command("U", "redo", "Redo", "put the number that was taken back there again", Shown.NEVER, True),
    Command(
        "ctrl+s",
        "save",
        "Save",
        "save them to their own file, all else in it as it was, or to a new one",
        everywhere=True,
    ),
    Command("t", "take_away", "Take away", "take this array or all away: for Python, NumPy, Keras; as tables"),
    Command("w", "give", "Give", "give them to the model on the tabs, after a table of which goes where", Shown.AT_120),
    Command(
        "o",
        "compare",
        "Compare",
        "list what differs from the model on the tabs, the largest changes first",
        Shown.AT_120,
    ),
    Command("tab", "app.focus_next", "List/table", "go from the list of arrays to the numbers, or back"),
    Command("escape", "leave", "Close", "go back to the model on the tabs", Shown.ALWAYS),
)


class WeightsScreen(FileScreen):
    """Arrays on the left; the numbers of the one in hand, and what they amount to."""

    BINDINGS: ClassVar = bindings(COMMANDS)

    class SaveAsked(Message):
        """The arrays shall be saved as they are now; ``saved`` is told what became of them."""

        def __init__(self, edits: Edits, saved: Saved) -> None:
            super().__init__()
            self.edits, self.saved = edits, saved

    def __init__(self, held: WeightsFile, name: str, session: Session) -> None:
        super().__init__()
        self._edits, self._file, self._session = Edits(held), name, session
        self._given: Giving | None = None
        self._beneath = session.state.model.initial
        self._measuring: npt.NDArray[Any] | None = None
        self._measured: Statistics | None = None
        self._warned = False

    @property
    def has_unsaved(self) -> bool:
        """Whether there are numbers that no file has."""
        return self._edits.unsaved

    @property
    def opened_path(self) -> Path | None:
        """The file that they are of."""
        return self._edits.path

    @property
    def _held(self) -> WeightsFile:
        return self._edits.held

    def compose(self) -> ComposeResult:
        yield Words(self._about, id="about")
        with Horizontal():
            with Vertical(id="side"):
                yield ArrayLines(self._held.arrays)
                yield Words(id="histogram")
            with Vertical(id="numbers"):
                yield Words(id="array-title", classes="heading")
                yield Words(id="brief")
                yield Matrix()
                yield Words(id="cell")
        yield KeyBar()

    @property
    def _about(self) -> str:
        held = self._held
        beside = f" and {count(held.remembered, 'number')} of the optimizer" if held.remembered else ""
        changed = f" {self._edits.in_words}" if self._edits.in_words else ""
        left_out = f" Left out, no numbers: {shorten(', '.join(held.left_out))}." if held.left_out else ""
        numbers = f"{count(held.parameters, 'number')}{beside} in {count(len(held.arrays), 'array')}"
        return f"{shorten(self._file)}: {held.in_words}. {numbers}.{left_out}{changed}"

    def on_mount(self) -> None:
        self.query_one(ArrayLines).focus()
        self.watch(self.app, "digits", self._follow_digits, init=False)
        self.watch(self.app, "state", self._follow_model, init=False)
        self._show()

    def _follow_digits(self) -> None:
        self.query_one(Matrix).digits = self._digits
        self._show_statistics()

    def _follow_model(self) -> None:
        """Give way to another model that was opened from here."""
        if self._session.state.model.initial is not self._beneath:
            self.app.call_later(self._leave_once_on_top)  # once the dialog is gone

    def _leave_once_on_top(self) -> None:
        if self.app.screen is not self:
            return
        if self.has_unsaved:
            self._beneath = self._session.state.model.initial
            words = "The model is beneath: escape goes there. The changed numbers here are not saved, ctrl+s saves."
            self.app.notify(words, markup=False)
        else:
            self._leave()

    @property
    def _digits(self) -> int:
        digits: int = getattr(self.app, "digits", 4)
        return digits

    @property
    def _here(self) -> HeldArray:
        return self._held.arrays[self._place]

    @property
    def _place(self) -> int:
        return self.query_one(ArrayLines).cursor

    @on(Lines.Moved)
    def _show(self) -> None:
        self._show_from((0, 0))

    def _show_from(self, cell: tuple[int, int]) -> None:
        """Show the array in hand, with the cursor on a cell of it."""
        held, matrix = self._here, self.query_one(Matrix)
        self.query_one("#array-title", Words).show(plain(held.path))
        matrix.digits = self._digits
        matrix.show(_grid(held))
        matrix.cursor = cell
        self._show_cell()
        self._measured = None
        if held.values.size > CHUNK:
            self._measure(held.values)
        else:
            self._measured = statistics(held.values)
        self._show_statistics()

    def _measure(self, values: npt.NDArray[Any]) -> None:
        """Measure a large array beside the screen; another one in hand ends that."""
        self._measuring = values

        def arrive(measured: Statistics) -> None:
            if self.is_attached and self._here.values is values:
                self._measured = measured
                self._show_statistics()

        beside(self, "statistics", lambda pause: statistics(values, pause), arrive)

    def _show_statistics(self) -> None:
        held, measured = self._here, self._measured
        head = f"{shape_text(held.values.shape)}, {held.dtype}, {count(held.values.size, 'number')}"
        words = "measuring ..." if measured is None else brief_words(measured, self._digits)
        self.query_one("#brief", Words).show(f"{head}\n{words}")
        column = "" if measured is None else statistics_words("", measured, self._digits)
        self.query_one("#histogram", Words).show(column)

    @on(Matrix.Moved)
    def _show_cell(self) -> None:
        held, matrix = self._here, self.query_one(Matrix)
        if not held.values.size:
            self.query_one("#cell", Words).show("no numbers")
            return
        place = whole_layer((held.values,)).place(*matrix.cursor)
        at = ", ".join(str(position + 1) for position in place.at)
        # As the file has it: a float64 or a whole number has more digits than float32.
        self.query_one("#cell", Words).show(f"[{at}] = {held.values[place.at]!s}")

    def action_edit(self) -> None:
        """Ask for another number in place of the one in hand."""
        held, matrix = self._here, self.query_one(Matrix)
        if not held.values.size:
            return
        place, at = self._place, whole_layer((held.values,)).place(*matrix.cursor).at
        self.app.push_screen(number_dialog(self._held, place, at, self._put))

    def _put(self, changed: Changed) -> None:
        self._edits.put(changed.held)
        self._show_edited()
        if changed.rounded:
            self.app.notify(changed.rounded, markup=False)

    def take_up(self, kept: bytes) -> None:
        """Go on with numbers that were changed and not saved.

        Raises:
            Refused: they are of other arrays.
        """
        self._edits.put(with_changes(self._held, kept))
        self._show_edited()

    def _keep_beside(self) -> None:
        edits = self._edits
        self.post_message(KeptBeside(ARRAYS, partial(changes, edits.opened, edits.held) if edits.unsaved else None))

    def _show_edited(self) -> None:
        self._warned = False
        self._keep_beside()
        self.query_one("#about", Words).show(self._about)
        self._show_from(self.query_one(Matrix).cursor)

    def action_undo(self) -> None:
        if self._edits.undo():
            self._show_edited()
        else:
            self.app.notify("Nothing was changed here: e changes the number in hand.", markup=False)

    def action_redo(self) -> None:
        if self._edits.redo():
            self._show_edited()

    def action_save(self) -> None:
        """Ask where to save the weights."""
        self.post_message(self.SaveAsked(self._edits, self._saved))

    def _saved(self, held: WeightsFile, path: Path, stamp: Stamp, opened: WeightsFile) -> None:
        self._edits.saved(held, path, stamp, opened)
        self._file = self._file if opened.path is None else opened.path.name
        self._keep_beside()
        self.query_one("#about", Words).show(self._about)
        self.app.notify(f"Saved {plain(str(path))}.", markup=False)

    def action_take_away(self) -> None:
        """Ask which arrays to take away, then in which format."""
        fields = (Field("what", "what", str, choices=(ARRAY, ALL)),)
        form = FormDialog("Take weights away", fields, {"what": ARRAY}, lambda typed: typed["what"], self._take_away)
        self.app.push_screen(form)

    def _take_away(self, what: str) -> None:
        from tui.dialogs.take_away_dialog import arrays_dialog

        if what == ARRAY:
            dialog = arrays_dialog(
                f"Take away {plain(shorten(self._here.path))}", as_held(self._held.arrays)[self._place]
            )
        else:
            dialog = arrays_dialog(f"Take away {what}", as_held(self._held.arrays))
        self.call_later(self.app.push_screen, dialog)

    # With the model on the tabs

    def _weights(self, network: Network) -> Giving:
        self._given = giving(network, self._held)
        return self._given

    def action_give(self) -> None:
        """Give the model these weights, once it was seen which goes where."""
        from tui.dialogs.giving_dialog import giving_dialog

        network = self._session.state.model.network
        self.app.push_screen(giving_dialog(network, self._file, lambda: self._weights(network)), self._give)

    def _give(self, weights: Weights | None) -> None:
        if weights is None:
            return
        try:
            self._session.set_weights(f"weights of {shorten(self._file)}", weights)
        except Refused as refusal:
            self.app.notify(str(refusal), severity="error", markup=False)
        else:
            name = plain(shorten(self._file))
            self.app.notify(f"The model has the weights of {name}: u takes that back.", markup=False)
            self._leave()

    def action_compare(self) -> None:
        """List the largest differences between these weights and the model's."""
        from tui.dialogs.weights_dialogs import changes_dialog

        model = self._session.state.model

        def old() -> Weights:
            return self._weights(model.network).weights(model.network)

        self.app.push_screen(changes_dialog(model.network, self._file, old, model.weights), self._go_to)

    def _go_to(self, place: Place | None) -> None:
        """Show a number of the model where the file has it."""
        if place is None or self._given is None:
            return
        places = self._session.state.model.network.places
        path = next(one.array for one in self._given.goes if places[one.weight] == (place.layer, place.array))
        for line, held in enumerate(self._held.arrays):
            if held.path == path and len(held.values.shape) == len(place.at):
                self.query_one(ArrayLines).put_cursor(line)
                self._show_from(whole_layer((held.values,)).cell(ArrayPlace(0, place.at)))
                return
        # Keras 1 has an array for each gate, which a model has in one.
        line = next(line for line, held in enumerate(self._held.arrays) if path.startswith(f"{held.layer}/"))
        self.query_one(ArrayLines).put_cursor(line)
        self._show()
        self.app.notify(f"{path} is in several arrays of the file: this is the first of its layer.", markup=False)

    def action_leave(self) -> None:
        """Close the screen; where changed numbers would be lost, once that was said."""
        if self.has_unsaved and not self._warned:
            self._warned = True
            self.app.notify("The changed numbers are not saved: escape again loses them, ctrl+s saves.", markup=False)
            self.set_timer(UNDERSTOOD_IN, partial(setattr, self, "_warned", False))
            return
        self._leave()

    def _leave(self) -> None:
        self._measuring = None
        self.dismiss(None)


def _grid(held: HeldArray) -> Grid:
    """Return an array as a table: its last axis across, all others down."""
    if not held.values.size:
        return EMPTY
    view = whole_layer((held.values,))

    def row_name(row: int) -> str:
        place = view.place(row, 0).at[:-1]
        return ",".join(str(position + 1) for position in place) or "1"

    return Grid(view.table((held.values,)), row_name, lambda _row, column: f"{column + 1}")
