"""Reading: the page as the calculation makes it: numbers tried as others, rounding, and the words below the page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.agreement import agreement, differences
from core.calculation.forward import Part
from core.calculation.printed import ABOUT, EQUALS, MARK, sign
from core.calculation.spot import Kind, Spot, in_words, symbol, value
from core.calculation.unfold import plus
from core.calculation.unfolding import Unfolder
from core.calculation.what_if import WhatIf
from core.formatting import DEFAULT_DIGITS, Notation, count, small
from core.model.literal import parse_number
from core.operations.rounding import Rounding
from core.tasks.fitting import scored
from tui.tabs.calculated import Calculated, Wanted, calculate
from tui.tabs.three_way import Yours, keras_in_words, practised, typed, verdict, yours_in_words
from tui.widgets.page_block import Page, Written
from tui.widgets.paper import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.agreement import Agreement
    from core.calculation.forward import Step, Trace
    from core.export.calculation.explanation import Explanation
    from core.model.weights import Weights
    from core.session.state import State
    from tui.keras_status import Answer
    from tui.tabs.practising import Practising
    from tui.widgets.paper import Paper

PARTS = {Kind.SUM: Part.WEIGHTED_SUM, Kind.Z: Part.PRE_ACTIVATION, Kind.OUTPUT: Part.OUTPUT}


ROUNDED = f"   ({ABOUT} rounded in print; r carries it)"


class Reading:
    """One way of writing the calculation of a state; one is taken (:meth:`take`) before anything is asked of it."""

    def __init__(self) -> None:
        self.what_if = WhatIf()
        self.rounding = Rounding.SHOWN
        self.notation = Notation(DEFAULT_DIGITS)
        self.yours: Yours | None = None
        self.marked: frozenset[Spot] = frozenset()
        self.awaited: Wanted | None = None
        self._seen: Weights | None = None
        self._made: Calculated | None = None
        self._agreed: tuple[Trace, Answer, Agreement] | None = None
        self._carried: tuple[Trace, int, Trace] | None = None
        self._state: State
        self._unfolder: Unfolder

    # Calculating

    def put_back(self, weights: Weights) -> int:
        """Forget what was tried with other weights than these; return how many numbers that were."""
        tried = 0 if self._seen is weights else len(self.what_if)
        if self._seen is not weights:
            self._seen, self.what_if, self.marked = weights, WhatIf(), frozenset()
        return tried

    def wanted(self, state: State) -> Wanted | None:
        """Return the calculation of ``state`` that is to be made; None if it is there, or awaited already."""
        model = state.model
        wanted = Wanted(model.network, model.weights, state.x, self.what_if, self.rounding, self.notation)
        if self.awaited is not None:
            return None if wanted.same(self.awaited) else wanted
        if self._made is not None and wanted.same(self._made.wanted):
            # Only what is told beside the numbers has changed, such as the row of the data.
            self._state = state
            return None
        return wanted

    def wait_for(self, wanted: Wanted) -> Callable[[], Calculated]:
        """Return what makes the calculation that is awaited from now on."""
        self.awaited = wanted
        return partial(calculate, wanted, self._made)

    def take(self, state: State, made: Calculated) -> bool:
        """Go on with a calculation of ``state``; return False if another one is awaited by now."""
        if made.wanted is not self.awaited:
            return False
        self.awaited, self._made, self._state = None, made, state
        network, wanted = made.wanted.network, made.wanted
        self._unfolder = Unfolder(network, made.trace, wanted.rounding, wanted.notation, self.is_changed)
        return True

    @property
    def ready(self) -> bool:
        """Whether there is a calculation, and none that it gives way to."""
        return self._made is not None and self.awaited is None

    @property
    def large(self) -> bool:
        """Whether the calculation takes longer than a frame."""
        return self._made is not None and self._made.wanted.large

    @property
    def first(self) -> bool:
        """Whether there was no calculation yet."""
        return self._made is None

    @property
    def not_practised(self) -> str:
        """Why there is nothing to practise on; empty if there is."""
        return "" if self.ready else "the page is still being calculated"

    @property
    def _trace(self) -> Trace:
        assert self._made is not None
        return self._made.trace

    @property
    def _exact(self) -> Trace:
        assert self._made is not None
        return self._made.exact

    def value(self, spot: Spot) -> float:
        """Return a number of the page."""
        return value(self._trace, spot)

    # The page

    def draw_on(self, paper: Paper) -> None:
        """Show the page, with what unfolds its numbers and what is said about one that is unfolded."""
        assert self._made is not None
        page = Page(self._made.wanted.network, self._trace, self._made.widths, self._written, self._drifts())
        paper.show(Sheet(page, self._unfolder, self._made.wanted.notation, self._facts))

    def _written(self, spot: Spot) -> Written:
        text = self.notation(self.value(spot))
        if self.is_changed(spot):
            return Written(f"*{text}", "marked")
        if spot in self.marked:
            return Written(f"?{text}", "blank")
        if spot.kind is Kind.Z and not self._adds_up(spot):
            return Written(f"{MARK}{text}", "result")
        return Written(text, "number" if spot.kind in (Kind.WEIGHT, Kind.INPUT) else "result")

    def _adds_up(self, z: Spot) -> bool:
        """Return whether a pre-activation is printed as what the printed weighted sum and bias before it add up to."""
        if self._trace.steps[z.step].bias is None:
            return True
        parts = [self.notation(self.value(Spot(z.step, kind, z.unit))) for kind in (Kind.SUM, Kind.BIAS)]
        return sign(plus(parts), self.notation(self.value(z))) == EQUALS

    def is_changed(self, spot: Spot) -> bool:
        """Return whether another number stands in the place of the model's."""
        tried = self.what_if
        match spot.kind:
            case Kind.INPUT:
                return tried.has_input(spot.step, spot.input)
            case Kind.WEIGHT | Kind.BIAS:
                return bool(tried.arrays) and self._place(spot) in tried.arrays
        return (spot.step, PARTS[spot.kind], spot.unit) in tried.parts

    def _place(self, spot: Spot) -> tuple[int, int, tuple[int, ...]]:
        """Return layer, array and index of a weight or a bias."""
        return (spot.step, 1, (spot.unit,)) if spot.kind is Kind.BIAS else (spot.step, 0, (spot.input, spot.unit))

    def _drifts(self) -> list[str]:
        """Return, for each step, how far carried rounding has taken its outputs from the exact ones."""
        if self._trace is self._exact:
            return [""] * len(self._trace.steps)
        pairs = zip(self._trace.steps, self._exact.steps, strict=True)
        drifts = [differences(carried.output, exact.output).max(initial=0.0) for carried, exact in pairs]
        return [f"drift up to {small(float(drift))}" for drift in drifts]

    def _drift(self, spot: Spot) -> str:
        """Return how far carried rounding has taken one number from the exact one, if it is carried."""
        if self._trace is self._exact:
            return ""
        exact = value(self._exact, spot)
        return f"drift {small(self.value(spot) - exact)} from exact {exact:.8f}"

    def _facts(self, spot: Spot) -> list[str]:
        """Return what is said about a number that is unfolded, beside how it was made."""
        facts = [self._drift(spot)]
        if self.is_changed(spot):
            facts.append("You changed it on this page; b puts it back.")
        elif spot.kind is Kind.INPUT:
            row = self._state.row
            source = "typed" if row is None else f"{self._state.dataset.row_in_words(row)} of the data"
            facts.append(f"It is the point's own number ({source}): here the calculation begins.")
        elif spot.kind in (Kind.WEIGHT, Kind.BIAS):
            facts.append(self._history(spot))
        return [fact for fact in facts if fact]

    def _history(self, spot: Spot) -> str:
        model, (layer, array, index) = self._state.model, self._place(spot)
        now, first = (float(weights.layers[layer][array][index]) for weights in (model.weights, model.initial))
        if model.weights is model.initial:
            return f"The model holds {now:.9g}, as it was given."
        epoch = "now" if model.epoch is None else f"after epoch {model.epoch:,}"
        return f"The model holds {now:.9g} {epoch}; it began as {first:.9g}."

    # Below the page

    def about(self, spot: Spot) -> str:
        """Return what one number is."""
        network = self._state.model.network
        return f"{symbol(network, spot)} = {self.notation(self.value(spot))}: {in_words(network, spot)}"

    def unit_line(self, spot: Spot) -> str:
        """Return how the unit of ``spot`` is calculated: in numbers, with the products summed, and activated."""
        step = self._trace.steps[spot.step]
        made = Spot(spot.step, Kind.Z if step.pre_activation is not None else Kind.OUTPUT, spot.unit)
        line = self._unfolder.unfold(made)
        last, (rounds, comes_out) = self._star(made) + self.notation(line.value), line.signs(self.notation)
        parts = [part for part in (line.numbers, line.sums) if part]
        # A number that is only passed on says whence, not itself twice.
        parts = [line.formula] if parts == [self.notation(line.value)] else parts
        # A number that was put in the place of another has no parts.
        lines = [" = ".join([line.symbol, *parts[:1]])]
        lines += [f"   {rounds} {part}" for part in parts[1:]]
        lines[-1] += f" {comes_out if parts else EQUALS} {last}"
        if step.pre_activation is not None and spot.unit < step.output.size:
            lines.append(self._activation_line(Spot(spot.step, Kind.OUTPUT, spot.unit), step, line.value))
        if any("= *" in text for text in lines):
            lines[-1] += "   (* changed, not calculated)"
        if any(ABOUT in text for text in lines):
            lines[-1] += ROUNDED
        return "\n".join(lines)

    def _activation_line(self, output: Spot, step: Step, z: float) -> str:
        what = "all z" if step.activation in OVER_ALL_UNITS else self.notation(z)
        result = self._star(output) + self.notation(self.value(output))
        comes_out = sign(f"{step.activation}({what})", self.notation(self.value(output)))
        return f"{step.activation}({what}) {comes_out} {result}   {self._drift(output)}".rstrip()

    def _star(self, spot: Spot) -> str:
        """Return a star if this number, or the weighted sum in it, was changed."""
        total = Spot(spot.step, Kind.SUM, spot.unit)
        return "*" if self.is_changed(spot) or (spot.kind is Kind.Z and self.is_changed(total)) else ""

    def unchecked(self, answer: Answer | None) -> Callable[[], Agreement] | None:
        """Return what compares the calculation with Keras's ``answer``, step by step; None if that was done."""
        if answer is None or self._made is None or self._agreement(answer) is not None:
            return None
        return partial(agreement, self._made.unchanged, answer.layers, answer.outputs)

    def take_check(self, answer: Answer, made: Agreement) -> None:
        """Go on with that comparison."""
        if self._made is not None:
            self._agreed = self._made.unchanged, answer, made

    def _agreement(self, answer: Answer) -> Agreement | None:
        agreed, made = self._agreed, self._made
        there = agreed is not None and made is not None and agreed[:2] == (made.unchanged, answer)
        return agreed[2] if agreed is not None and there else None

    def checks(self, spot: Spot, answer: Answer | None, keras: str) -> list[str]:
        """Return the three-way check, line by line; without an ``answer`` to this very question, ``keras`` says why.

        The output under the cursor is compared, else the first.
        """
        outputs = self._trace.prediction.size
        output = spot.unit if spot.step == len(self._trace.steps) - 1 and spot.unit < outputs else 0
        by_hand = float(self._trace.prediction[output])
        told = keras if answer is None else self._about_keras(answer, output)
        exact = float(self._exact.prediction[output])
        beside = (
            f"{by_hand:.8f}" if self._trace is self._exact else f"exact {exact:.{max(self.notation.digits + 2, 6)}f}"
        )
        text = f"by hand {self.notation(by_hand)} ({beside})  {told}"
        lines = [f"y{output + 1}: {text}" if outputs > 1 else text]
        if self.yours is not None and self.yours.speaks_of(self._state, output):
            lines.append(self._about_yours(self.yours))
        if self.what_if:
            numbers = count(len(self.what_if), "number")
            lines.append(f"what if: {numbers} changed on this page only (*); b puts back")
        elif self._state.fits and scored(self._state):
            lines.append(verdict(self._state, self._trace.prediction))
        return lines

    def _about_keras(self, answer: Answer, output: int) -> str:
        assert self._made is not None
        by_hand, told = float(self._made.unchanged.prediction[output]), float(answer.outputs[output])
        words = keras_in_words(self._made.wanted.network, by_hand, told, output, self._agreement(answer))
        return f"unchanged: {words}" if self.what_if else words

    def uncarried(self) -> Callable[[], Trace] | None:
        """Return what rounds the calculation as the learner's own number was rounded; None if that was done."""
        made, yours = self._made, self.yours
        if made is None or yours is None or self._rounded(yours) is not None:
            return None
        return partial(made.wanted.traced, self.what_if, Rounding.CARRIED, min(yours.decimals, 9))

    def take_carried(self, yours: Yours, made: Trace) -> None:
        """Go on with that."""
        self._carried = self._exact, yours.decimals, made

    def _rounded(self, yours: Yours) -> Trace | None:
        held = self._carried
        return held[2] if held is not None and held[:2] == (self._exact, yours.decimals) else None

    def _about_yours(self, yours: Yours) -> str:
        exact, rounded = float(self._exact.prediction[yours.output]), self._rounded(yours)
        return yours_in_words(yours, exact, exact if rounded is None else float(rounded.prediction[yours.output]))

    # What is typed

    def try_number(self, spot: Spot, text: str) -> None:
        """Go on with another number in the place of this one.

        Raises:
            Refused: it is no number, or there is no weight of the model.
        """
        number = parse_number(text)
        match spot.kind:
            case Kind.INPUT:
                self.what_if = self.what_if.with_input(spot.step, spot.input, number)
            case Kind.WEIGHT | Kind.BIAS:
                self.what_if = self.what_if.with_array(*self._place(spot), number)
            case _:
                self.what_if = self.what_if.with_part(spot.step, PARTS[spot.kind], spot.unit, number)

    def mark(self, spot: Spot) -> None:
        """Choose a number to be left blank in a practice, or no longer."""
        self.marked = self.marked ^ {spot}

    def compare(self, spot: Spot, text: str) -> None:
        """Compare the learner's own number for an output.

        Raises:
            Refused: it is no number.
        """
        self.yours = typed(text, spot.unit, self.notation.digits, self._state)

    def to_take_away(self, answer: Answer | None) -> Callable[[], Explanation]:
        """Return what makes the explanation of this calculation, which may take a while."""
        from core.export.calculation.of_row import explain_tried

        model, keras = self._state.model, None if answer is None else answer.outputs
        point = (model.network, model.weights, self._state.x)
        return partial(explain_tried, *point, self.rounding, self.notation, keras, self.what_if)

    def take_from(self, practising: Practising) -> None:
        """Take the learner's own number for an output from a practice on the present calculation."""
        model, x = practising.model, self._state.x
        if model.weights is not self._state.model.weights or not np.array_equal(practising.x, x):
            return
        digits, first_wrong = practising.sitting.sheet.work.digits, practising.first_wrong()
        for unit in range(model.network.outputs):
            place = practising.blank(Spot(len(model.network.layers) - 1, Kind.OUTPUT, unit))
            blank = None if place is None else practising.sitting.blanks[place]
            if blank is not None and blank.value is not None and not blank.revealed:
                parted = "" if first_wrong is None else in_words(model.network, first_wrong)
                self.yours = practised(blank.value, digits, unit, x, model.weights, parted)
                return
