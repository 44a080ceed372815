"""The By hand tab: the prediction for one point, calculated on the page and compared with Keras's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import on
from textual.containers import Horizontal
from textual.widgets import Input, Label

from core.activations import OVER_ALL_UNITS
from core.calculation.forward import Part
from core.calculation.rounding import Rounding
from core.calculation.spot import Kind, Spot
from core.calculation.unfold import unit_line
from core.calculation.what_if import WhatIf
from core.errors import Refused
from core.formatting import count, exact, number, small
from core.model.literal import parse_number, parse_numbers
from tui.commands import BY_HAND, bindings
from tui.keras_status import Keras
from tui.tabs.page import TabPage
from tui.widgets.calculation import Calculation, Page
from tui.widgets.cell_input import CellInput
from tui.widgets.words import Words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.forward import Trace
    from core.model.weights import Weights
    from core.session import Session
    from core.state import State

PARTS = {Kind.SUM: Part.WEIGHTED_SUM, Kind.Z: Part.PRE_ACTIVATION, Kind.OUTPUT: Part.OUTPUT}


class ByHandTab(TabPage):
    """Calculates the current x by hand; a number tried as another one changes the page, never the model."""

    BINDINGS: ClassVar = bindings(BY_HAND)
    WORDS = "Layer by layer: the weighted sum, plus the bias, then the activation."

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._what_if = WhatIf()
        self._rounding = Rounding.SHOWN
        self._tried_at = Spot(0, Kind.OUTPUT)
        self._x_shown: object = None
        self._seen: Weights | None = None
        self._made_of: tuple[object, ...] = ()
        self._trace: Trace | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="x-line"):
            yield Label("x =")
            yield CellInput(id="x")
            yield Words(id="x-message")
        yield Calculation()
        yield CellInput(id="try")
        yield Words(id="line")
        yield Words(id="check")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#try").display = False

    def focus_main(self) -> None:
        tried = self.query_one("#try")
        (tried if tried.display else self.query_one(Calculation)).focus()

    def show(self, state: State) -> None:
        if self._seen is not state.model.weights:
            self._new_weights(state.model.weights)
        if self._x_shown is not state.x:
            self._x_shown = state.x
            self.query_one("#x", Input).value = _x_text(state)
        self._say_about_x(state)
        self._calculate(state)
        self._show_line()
        self._show_check(state)

    def _calculate(self, state: State) -> None:
        """Calculate and lay out anew, unless nothing that the page is made of has changed."""
        made_of = (state.model.weights, state.x, self._what_if, self._rounding, self.digits)
        if all(new is old for new, old in zip(made_of, self._made_of, strict=False)) and self._made_of:
            return
        self._made_of = made_of
        self._trace = self._what_if.trace(
            state.model.network, state.model.weights, state.x, self._rounding, self.digits
        )
        page = Page(state.model.network, self._trace, self.digits, self._is_marked)
        self.query_one(Calculation).show(page)

    def _new_weights(self, weights: Weights) -> None:
        """Forget what was tried with other weights, and say so."""
        if self._what_if:
            self.notify(f"The weights changed: {count(len(self._what_if), 'what-if')} put back.", markup=False)
        if self.query_one("#try").display:
            self._close_try()
        self._seen, self._what_if = weights, WhatIf()

    def _say_about_x(self, state: State) -> None:
        """Say where x is from, or that what stands in its field is not what is calculated."""
        field = self.query_one("#x", Input)
        if field.value == _x_text(state):
            row = f"row {state.row + 1} of {len(state.dataset):,}   " if state.row is not None else ""
            self._say_x(f"{row}digits {self.digits}   rounding {self._rounding}")
        elif not field.has_focus:
            self._say_x("not calculated yet: x and enter calculates it, escape leaves it", refused=True)

    def _is_marked(self, spot: Spot) -> bool:
        tried = self._what_if
        match spot.kind:
            case Kind.INPUT:
                return tried.has_input(spot.step, spot.input)
            case Kind.WEIGHT:
                return (spot.step, 0, (spot.input, spot.unit)) in tried.arrays
            case Kind.BIAS:
                return (spot.step, 1, (spot.unit,)) in tried.arrays
        return (spot.step, PARTS[spot.kind], spot.unit) in tried.parts

    @on(Calculation.Moved)
    def _follow_cursor(self) -> None:
        if self.query_one("#try").display and self.query_one(Calculation).spot != self._tried_at:
            self._close_try()
        self._show_line()
        self._show_check(self.session.state)

    def _show_line(self) -> None:
        calculation = self.query_one(Calculation)
        step, spot = calculation.step, calculation.spot
        made = unit_line(step, spot.unit, self._rounding, self.digits)
        z = self._star(spot, Kind.SUM, Kind.Z) + made.pre_activation
        text = f"{made.symbol} = {made.factors}\n   = {made.terms} = {z}"
        if step.pre_activation is not None:
            what = "all z" if step.activation in OVER_ALL_UNITS else made.pre_activation
            text += f"\n{step.activation}({what}) = {self._star(spot, Kind.OUTPUT)}{made.output}"
        if "= *" in text:
            text += "   (* changed, not calculated)"
        self.query_one("#line", Words).show(text)

    def _star(self, spot: Spot, *kinds: Kind) -> str:
        """Return a star if one of these numbers of the unit was changed."""
        return "*" if any(self._is_marked(Spot(spot.step, kind, spot.unit)) for kind in kinds) else ""

    def _output(self) -> int:
        """Return which output is compared: the one under the cursor, else the first."""
        spot, steps = self.query_one(Calculation).spot, self.session.state.model.network.layers
        return spot.unit if spot.step == len(steps) - 1 else 0

    def _show_check(self, state: State) -> None:
        if self._trace is None:
            return
        by_hand, output = self._trace.prediction, self._output()
        lines = [self._three_numbers(state, float(by_hand[output]), output)]
        if by_hand.size > 1:
            lines[0] = f"y{output + 1}: {lines[0]}"
        if self._what_if:
            tried = len(self._what_if)
            lines.append(
                f"what if: {tried} number{'s' if tried > 1 else ''} changed on this page only (*); b puts back"
            )
        elif state.fits and by_hand.size == 1:
            lines.append(self._verdict(state, float(by_hand[0])))
        self.query_one("#check", Words).show("\n".join(lines))

    def _three_numbers(self, state: State, by_hand: float, output: int) -> str:
        text = f"by hand {number(by_hand, self.digits)} ({by_hand:.8f})"
        answer = self.answer
        if answer is None or answer.version != state.model.weights.version or answer.x is not state.x:
            doing = "is asked" if self.keras is Keras.READY else f"is {self.keras}"
            return f"{text}   Keras {doing}"
        keras = float(answer.outputs[output])
        what = "Keras unchanged" if self._what_if else "Keras"
        return f"{text}   {what} {exact(keras)}   difference {small(abs(by_hand - keras))}"

    def _verdict(self, state: State, prediction: float) -> str:
        rule = state.dataset.rule
        total = float(np.sum(state.x))
        label = 1 if total > rule.threshold else -1
        if np.isnan(prediction):
            return "the prediction is not a number (NaN): a weight, an input or a step is not finite"
        sign = int(np.sign(prediction))
        sums = f"the sum {total:.6g} is {'above' if label > 0 else 'not above'} {rule.threshold:g}"
        if sign == 0:
            return f"{sums}: the label is {label:+d}; the prediction has sign 0, which is neither label"
        return f"{sums}: the label is {label:+d} and the model is {'right' if sign == label else 'wrong'} here"

    # x

    def action_point(self) -> None:
        self.query_one("#x", Input).focus()

    @on(Input.Submitted, "#x")
    def _enter_x(self, event: Input.Submitted) -> None:
        try:
            values = parse_numbers(event.value, self.session.state.model.network.inputs)
        except Refused as refusal:
            self._say_x(str(refusal), refused=True)
            return
        self.session.set_x(values)
        self.focus_main()

    @on(Input.Blurred, "#x")
    def _left_x(self) -> None:
        self._say_about_x(self.session.state)

    def _say_x(self, message: str, *, refused: bool = False) -> None:
        note = self.query_one("#x-message", Words)
        note.show(message)
        note.set_class(refused, "refusal")

    def action_row(self, rows: int) -> None:
        row = self.session.state.row
        start = row if row is not None else -1 if rows > 0 else 0
        try:
            self.session.take_row(start + rows)
        except Refused as refusal:
            self.refuse(str(refusal))

    # What if

    @on(Calculation.Chosen)
    def action_edit(self) -> None:
        calculation = self.query_one(Calculation)
        self._tried_at = calculation.spot
        cell = calculation.cursor_region().translate((0, calculation.region.y - self.region.y))
        self.query_one("#try", CellInput).lay_over(cell, self.size.width, f"{calculation.value:.9g}")

    @on(Input.Submitted, "#try")
    def _try(self, event: Input.Submitted) -> None:
        try:
            value = parse_number(event.value)
        except Refused as refusal:
            self.query_one("#check", Words).show(str(refusal))
            return
        self._close_try()
        self._what_if = self._tried(self._tried_at, value)
        self._changed()

    def _tried(self, spot: Spot, value: float) -> WhatIf:
        match spot.kind:
            case Kind.INPUT:
                return self._what_if.with_input(spot.step, spot.input, value)
            case Kind.WEIGHT:
                return self._what_if.with_array(spot.step, 0, (spot.input, spot.unit), value)
            case Kind.BIAS:
                return self._what_if.with_array(spot.step, 1, (spot.unit,), value)
        return self._what_if.with_part(spot.step, PARTS[spot.kind], spot.unit, value)

    @on(CellInput.Left)
    def _leave_field(self) -> None:
        self._close_try()
        self.query_one("#x", Input).value = _x_text(self.session.state)
        self._changed()

    def _close_try(self) -> None:
        self.query_one("#try").display = False
        self.query_one(Calculation).focus()

    def action_put_back(self) -> None:
        self._what_if = WhatIf()
        self._changed()

    def action_rounding(self) -> None:
        self._rounding = Rounding.CARRIED if self._rounding is Rounding.SHOWN else Rounding.SHOWN
        self._changed()


def _x_text(state: State) -> str:
    return ", ".join(f"{value:.9g}" for value in state.x)
