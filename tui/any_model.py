"""AnyModelScreen: a model whose calculation stops somewhere, which the tabs don't take: its numbers up to there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from textual.binding import Binding
from textual.screen import Screen

from core.calculation.calculated import calculated
from core.calculation.outlined import outline_of
from core.data.model_inputs import one_point
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS, Notation
from core.model.summary import summary
from core.operations.rounding import Carry, Rounding
from tui.dialogs.form_dialog import FormDialog
from tui.pages.followed import Followed
from tui.sheet_screen import SheetScreen, sheet_of
from tui.widgets.form import Field
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.arrays import AnyArray
    from core.calculation.calculated import Calculated
    from core.model.files.opening import OpenedGraph
    from core.model.outline import Outline

POINT = (Field("x", "x", str.strip, wide=True),)


class AnyModelScreen(Screen[None]):
    """Calls and their values on the left; the chosen value's numbers, one of them opened, and what that is made of."""

    BINDINGS: ClassVar = [
        Binding("x", "point", "Give x"),
        Binding("r", "rounding", "Rounding"),
        Binding("p", "practise", "Practise"),
        Binding("t", "take_away", "Take away"),
        Binding("escape", "leave", "Close the model"),
        # Beneath lies the model of the tabs, which none of these keys is meant for.
        Binding("ctrl+s,u,U", "unchanged", show=False, priority=True),
    ]

    def __init__(self, model: OpenedGraph, name: str) -> None:
        super().__init__()
        self._model, self._file = model, name
        self._rounding, self._digits = Rounding.SHOWN, DEFAULT_DIGITS
        self._point: list[AnyArray] = [
            np.zeros([4 if size is None else size for size in given.shape]) for given in model.graph.inputs
        ]
        self._is_given = False

    def compose(self) -> ComposeResult:
        yield Words(id="about")
        yield Followed()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Followed).focus_main()
        self._calculate()

    # Calculating, beside the screen

    def _calculate(self) -> None:
        self.query_one("#about", Words).show("calculating ...")
        work = partial(self._work, self._point, Carry(self._rounding, self._digits))
        self.run_worker(work, thread=True, exclusive=True, exit_on_error=False)

    def _work(self, point: list[AnyArray], carry: Carry) -> None:
        try:
            made = calculated(self._model.graph, self._model.weights, point, carry)
        except Refused as refusal:
            self.app.call_from_thread(self._say, str(refusal))
            return
        self.app.call_from_thread(self._show, made, outline_of(made, summary(made.graph, self._model.weights).calls))

    def _say(self, words: str) -> None:
        if self.is_attached:
            self.query_one("#about", Words).show(plain(words))

    def _show(self, made: Calculated, outline: Outline) -> None:
        if not self.is_attached:
            return
        given = "" if self._is_given else " x is zeros: x gives it."
        rounds = f" Rounding {self._rounding}, {self._digits} decimal places."
        stops = f" {made.written.stops}." if made.written.stops else ""
        self._say(f"{shorten(self._file)}: {self._model.graph.name}.{given}{rounds}{stops}")
        self.query_one(Followed).show(made, outline, self._digits)

    # The point, and how it is rounded

    def action_rounding(self) -> None:
        self._rounding = Rounding.CARRIED if self._rounding is Rounding.SHOWN else Rounding.SHOWN
        self._calculate()

    def action_point(self) -> None:
        graph = self._model.graph

        def read(values: dict[str, Any]) -> list[AnyArray]:
            return one_point(values["x"], graph)

        def taken(point: list[AnyArray]) -> None:
            self._point, self._is_given = point, True
            self._calculate()

        shapes = ", ".join(f"{shorten(given.name)} {_shape(given.shape)}" for given in graph.inputs)
        words = (
            f"Numbers with commas between, or a file: .npz with x0, x1 ..., .npy; the points first.\n{plain(shapes)}"
        )
        self.app.push_screen(FormDialog("Give x", POINT, {"x": ""}, read, taken, words))

    def action_practise(self) -> None:
        spot = self.query_one(Followed).spot
        if spot is not None:
            begin = partial(sheet_of, self._model, self._point, self._rounding, self._digits, spot.call)
            self.app.push_screen(SheetScreen(begin))

    def action_take_away(self) -> None:
        from core.export.calculation.explanation import explain
        from tui.dialogs.take_away_dialog import calculation_dialog

        made = (self._model.graph, self._model.weights, self._point, self._rounding, Notation(self._digits))
        self.app.push_screen(calculation_dialog(partial(explain, *made)))

    def action_unchanged(self) -> None:
        self.app.notify("Nothing was changed: this model can be looked at only.", markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "1"
