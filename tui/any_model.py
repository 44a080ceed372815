"""AnyModelScreen: a model whose calculation stops somewhere, which the tabs don't take: its numbers up to there."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from textual.binding import Binding

from core.calculation.beyond import Beyond
from core.calculation.page import outline_of
from core.calculation.troubles import troubles
from core.data.model_inputs import Point, one_point
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS, Notation
from core.model.files.opening import open_graph
from core.model.own_inputs import own_in_words, own_inputs
from core.model.summary import summary
from core.model.weights_file import open_weights
from core.operations.rounding import Carry, Rounding
from core.saving import stamp_at
from tui.beside import make_beside
from tui.commands import Command, Shown, bindings
from tui.dialogs.form_dialog import FormDialog
from tui.file_screen import FileScreen
from tui.kept_beside import SHEET
from tui.pages.followed import Followed
from tui.sheet_screen import SheetScreen
from tui.weights_screen import WeightsScreen
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from core.arrays import KerasArray
    from core.calculation.beyond import Question
    from core.calculation.calculated import Calculated
    from core.export.calculation.explanation import Explanation
    from core.model.files.opening import OpenedGraph
    from core.model.outline import Outline
    from core.model.weights_file import WeightsFile
    from core.practice.sitting import Sitting
    from core.saving import Stamp
    from core.session.session import Session
    from tui.keras_link import KerasLink

T = TypeVar("T")

POINT = (Field("x", "x", str.strip, wide=True),)


COMMANDS = (
    Command("x", "point", "Give x", "calculate another point: numbers, or those of a file"),
    Command("w", "weights", "Weights", "look at all arrays of the file, change and save them, each in its own type"),
    Command("r", "rounding", "Rounding", "round what is shown, or carry the rounding on"),
    Command("p", "practise", "Practise", "calculate numbers of the call in hand or of others, and be marked"),
    Command("t", "take_away", "Take away", "take the whole calculation away"),
    Command("j", "layer(1)", "Next layer", "go to the next layer of the list, round the ends", Shown.IF_ROOM),
    Command("k", "layer(-1)", "Layer before", "go to the layer before", Shown.IF_ROOM),
    Command("escape", "leave", "Close", "go back to the model on the tabs", Shown.ALWAYS),
)


class AnyModelScreen(FileScreen):
    """Calls and their values on the left; the chosen value's numbers, one of them opened, and what that is made of."""

    BINDINGS: ClassVar = [
        *bindings(COMMANDS),
        # Beneath lies the model of the tabs, which none of these keys is meant for.
        Binding("ctrl+s,u,U", "unchanged", show=False, priority=True),
    ]

    def __init__(
        self, model: OpenedGraph, name: str, keras: KerasLink | None = None, opened: OpenedAt | None = None
    ) -> None:
        super().__init__()
        self._model, self._file, self._keras, self._opened = model, name, keras, opened
        self._rounding, self._digits = Rounding.SHOWN, DEFAULT_DIGITS
        shapes = [tuple(4 if size is None else size for size in given.shape) for given in model.graph.inputs]
        self._own = own_inputs(model.graph, model.weights, shapes)
        self._beyond = Beyond(model, self._own)
        self._is_given = False
        self._shown: tuple[Beyond, Rounding] | None = None

    @property
    def opened_path(self) -> Path | None:
        """The file that the model is of."""
        return None if self._opened is None else self._opened.path

    def compose(self) -> ComposeResult:
        yield Words(id="about")
        yield Followed()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Followed).focus_main()
        self._calculate()

    # Calculating, beside the screen

    def _calculate(self, further: Callable[[], Beyond] | None = None) -> None:
        """Calculate the point as far as it goes or, with an answer of Keras's, ``further`` than it went."""
        self.query_one("#about", Words).show("calculating ...")
        beyond, rounding = self._beyond, self._rounding
        work = partial(_worked, (lambda: beyond) if further is None else further, Carry(rounding, self._digits))
        make_beside(self, "calculation", True, work, partial(self._take, beyond, rounding))

    def _take(self, beyond: Beyond, rounding: Rounding, worked: _Worked | str) -> None:
        """Show what was worked out, or why it was not, unless another point or rounding was given meanwhile."""
        if not self.is_attached or beyond is not self._beyond or rounding is not self._rounding:
            return
        followed, was_shown = self.query_one(Followed), self._shown
        if isinstance(worked, str):
            # Numbers of another point would stand under this one's name.
            followed.display = was_shown == (beyond, rounding)
            self._say(f"{shorten(self._file)}: {worked}")
            return
        self._beyond, self._shown = worked.beyond, (worked.beyond, rounding)
        if not followed.display:
            followed.display = True
            followed.focus_main()
        self._show(worked)

    def _say(self, words: str) -> None:
        self.query_one("#about", Words).show(plain(words))

    def _show(self, worked: _Worked) -> None:
        made, question = worked.made, worked.question
        given = "" if self._is_given else f" x is {own_in_words(self._own)}: x gives it."
        rounds = f" Rounding {self._rounding}, {self._digits} decimal places."
        why = made.written.stops
        stops = f" {why[0].upper()}{why[1:]}." if why else ""
        if question is not None and self._keras is not None:
            stops = f" Keras is asked for {shorten('/'.join(question.call))} ..."
        lent = made.from_keras[:1].upper() + made.from_keras[1:]
        said = "".join(f" {words}." for words in (lent, worked.beyond.refused, *worked.troubles[:1]) if words)
        self._say(f"{shorten(self._file)}: {self._model.graph.name}.{given}{rounds}{said}{stops}")
        self.query_one(Followed).show(made, worked.outline, Notation(self._digits))
        if question is not None and self._keras is not None:
            self._keras.ask_layer(question, partial(self._go_on, worked.beyond, question))

    def _go_on(self, beyond: Beyond, question: Question, outputs: Sequence[KerasArray] | str) -> None:
        """Go on with what Keras made of a layer, unless another point was given meanwhile."""
        if not self.is_attached or beyond is not self._beyond:
            return
        if isinstance(outputs, str):
            self._calculate(partial(beyond.without, outputs))
        else:
            self._calculate(partial(beyond.answered, question, outputs))

    # The point, and how it is rounded

    def action_layer(self, places: int) -> None:
        """Go to the next layer or the one before, round the ends."""
        self.query_one(Followed).next_call(places)

    def action_rounding(self) -> None:
        self._rounding = Rounding.CARRIED if self._rounding is Rounding.SHOWN else Rounding.SHOWN
        self._calculate()

    def action_point(self) -> None:
        graph = self._model.graph

        def read(values: dict[str, Any]) -> Point:
            return one_point(values["x"], graph)

        def taken(point: Point) -> None:
            if point.told:
                self.app.notify(f"{point.told}.", markup=False)
            self._beyond, self._is_given = Beyond(self._model, point.arrays), True
            self._calculate()

        shapes = ", ".join(f"{shorten(given.name)} {_shape(given.shape)}" for given in graph.inputs)
        words = (
            "Numbers with commas between, or a file: .npz with x0, x1 ..., .npy, .csv ('points.csv row 7'), a picture "
            f"('cat.png 0..1', 'cat.jpg resized -1..1', else 0..255).\n"
            f"{plain(shapes)}"
        )
        self.app.push_screen(FormDialog("Give x", POINT, {"x": ""}, read, taken, words))

    def action_practise(self) -> None:
        from tui.dialogs.practice_dialogs import Desk, one_by_one_dialog

        beyond, spot = self._beyond, self.query_one(Followed).spot
        if spot is None:
            return
        given = beyond.model.graph, beyond.weights, beyond.inputs, self._rounding, self._digits, beyond.outside
        desk = Desk(*given, frozenset({spot}), False, spot.call)
        self.app.push_screen(one_by_one_dialog(desk, time.monotonic, self._begin))

    def _begin(self, sitting: Sitting) -> None:
        self.call_later(self.app.push_screen, SheetScreen(sitting, SHEET))

    def action_take_away(self) -> None:
        from core.export.calculation.explanation import explain
        from tui.dialogs.take_away_dialog import calculation_dialog

        beyond = self._beyond
        rounds = (self._rounding, Notation(self._digits))

        def made() -> Explanation:
            return explain(beyond.model.graph, beyond.weights, beyond.inputs, *rounds, outside=beyond.outside)

        self.app.push_screen(calculation_dialog(made))

    # Its arrays, as the file has them

    def action_weights(self) -> None:
        """Read all arrays of the model's file, to be looked at and changed."""
        if self._opened is not None:
            path = self._opened.path
            make_beside(self, "weights", True, lambda: _refused(lambda: open_weights(path)), self._show_weights)

    def _show_weights(self, held: WeightsFile | str) -> None:
        if isinstance(held, str) or self._opened is None:
            self.app.notify(str(held), severity="error", markup=False)
            return
        before = held.stamp
        screen = WeightsScreen(held, self._file, self._opened.session)
        self.app.push_screen(screen, lambda _: self._after_weights(before))

    def _after_weights(self, before: Stamp | None) -> None:
        """Read the model again if its file has other numbers now."""
        if self._opened is not None and stamp_at(self._opened.path) != before:
            path = self._opened.path
            make_beside(self, "model", True, lambda: _refused(lambda: open_graph(path)), self._take_model)

    def _take_model(self, model: OpenedGraph | str) -> None:
        if isinstance(model, str):
            self.app.notify(model, severity="error", markup=False)
            return
        self._model, self._beyond = model, Beyond(model, self._beyond.inputs)
        self._calculate()

    def action_unchanged(self) -> None:
        self.app.notify("Nothing was changed here: w has the model's arrays, which can be.", markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)


class OpenedAt(NamedTuple):
    """Where a model was opened, and the session that its weights can be given to."""

    path: Path
    session: Session


class _Worked(NamedTuple):
    """A calculation, as it is shown, what Keras is to be asked to go on, and what is wrong with its numbers."""

    beyond: Beyond
    made: Calculated
    outline: Outline
    question: Question | None
    troubles: Sequence[str]


def _worked(further: Callable[[], Beyond], carry: Carry) -> _Worked | str:
    """Return a calculation, or why there is none."""
    try:
        beyond = further()
        made = beyond.calculated(carry)
        calls = summary(made.graph, beyond.model.weights, dict(beyond.shapes)).calls
        return _Worked(beyond, made, outline_of(made, calls), beyond.question(), troubles(made))
    except Refused as refusal:
        return str(refusal)
    except MemoryError:
        return "there is not enough memory to calculate this; x gives another point"
    except Exception as error:
        return f"not calculated: unexpected {type(error).__name__}: {shorten(str(error), 200)}"


def _refused(made: Callable[[], T]) -> T | str:
    """Return what is made, or why it is not."""
    try:
        return made()
    except Refused as refusal:
        return str(refusal)


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "1"
