"""Reading: the page of a chain as the calculation makes it, and the words below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.addresses import address
from core.calculation.agreement import differences
from core.calculation.forward import Trace, trace
from core.calculation.printed import ABOUT, EQUALS, MARK, sign
from core.calculation.spot import Kind, Spot, in_words, symbol, value
from core.calculation.unfold import plus
from core.calculation.unfolding import Unfolder
from core.formatting import small
from tui.tabs.three_way import practised
from tui.widgets.page_block import Page, Written, widths
from tui.widgets.paper import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.followed import Followed
    from core.calculation.forward import Step
    from core.formatting import Notation
    from core.model.network import Network
    from core.session.state import State
    from tui.tabs.follow import Follow
    from tui.tabs.practising import Practising
    from tui.widgets.paper import Paper

ROUNDED = f"   ({ABOUT} rounded in print; r carries it)"


@dataclass(frozen=True, eq=False)
class Steps:
    """A chain's calculation as it is written down, step by step.

    ``widths`` are the columns that the numbers of each step take on the page, ``drifts`` say how far carried rounding
    has taken its outputs from the exact ones.
    """

    trace: Trace
    widths: Sequence[int]
    drifts: Sequence[str]


def steps_of(made: Followed) -> Steps:
    """Return the steps of a chain's calculation; that of a wide one takes longer than a frame."""
    network = made.asked.network
    written = trace(network, made.written)
    return Steps(written, widths(written, made.asked.notation), _drifts(made, written))


def _drifts(made: Followed, written: Trace) -> list[str]:
    if made.written is made.exact:
        return [""] * len(written.steps)
    pairs = zip(written.steps, trace(made.asked.network, made.exact).steps, strict=True)
    drifts = [differences(carried.output, exact.output).max(initial=0.0) for carried, exact in pairs]
    return [f"drift up to {small(float(drift))}" for drift in drifts]


class Reading:
    """The page of what is followed; steps are taken (:meth:`take`) before anything is asked of it."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._made: Followed
        self._steps: Steps
        self._unfolder: Unfolder

    def take(self, steps: Steps) -> None:
        """Go on with the steps of what is followed now."""
        self._made, self._steps = self._follow.made, steps
        asked = self._made.asked
        self._unfolder = Unfolder(asked.network, steps.trace, asked.rounding, asked.notation, self.is_changed)

    @property
    def _network(self) -> Network:
        return self._made.asked.network

    @property
    def _notation(self) -> Notation:
        return self._made.asked.notation

    def value(self, spot: Spot) -> float:
        """Return a number of the page."""
        return value(self._steps.trace, spot)

    def is_changed(self, spot: Spot) -> bool:
        """Return whether another number stands in the place of the model's."""
        tried = self._follow.tried
        return bool(tried) and address(self._network, spot) in tried

    # The page

    def draw_on(self, paper: Paper) -> None:
        """Show the page, with what unfolds its numbers and what is said about one that is unfolded."""
        steps = self._steps
        page = Page(self._network, steps.trace, steps.widths, self._written, steps.drifts)
        paper.show(Sheet(page, self._unfolder, self._notation, self._facts))

    def _facts(self, spot: Spot) -> list[str]:
        # Until another calculation is drawn, nothing is known of this one's numbers.
        return self._follow.facts(address(self._network, spot)) if self._follow.made is self._made else []

    def _written(self, spot: Spot) -> Written:
        text = self._notation(self.value(spot))
        if self.is_changed(spot):
            return Written(f"*{text}", "marked")
        if self._follow.marked and address(self._network, spot) in self._follow.marked:
            return Written(f"?{text}", "blank")
        if spot.kind is Kind.Z and not self._adds_up(spot):
            return Written(f"{MARK}{text}", "result")
        return Written(text, "number" if spot.kind in (Kind.WEIGHT, Kind.INPUT) else "result")

    def _adds_up(self, z: Spot) -> bool:
        """Return whether a pre-activation is printed as what the printed weighted sum and bias before it add up to."""
        if self._steps.trace.steps[z.step].bias is None:
            return True
        parts = [self._notation(self.value(Spot(z.step, kind, z.unit))) for kind in (Kind.SUM, Kind.BIAS)]
        return sign(plus(parts), self._notation(self.value(z))) == EQUALS

    # Below the page

    def about(self, spot: Spot) -> str:
        """Return what one number is."""
        return f"{symbol(self._network, spot)} = {self._notation(self.value(spot))}: {in_words(self._network, spot)}"

    def unit_line(self, spot: Spot) -> str:
        """Return how the unit of ``spot`` is calculated: in numbers, with the products summed, and activated."""
        step = self._steps.trace.steps[spot.step]
        made = Spot(spot.step, Kind.Z if step.pre_activation is not None else Kind.OUTPUT, spot.unit)
        line = self._unfolder.unfold(made)
        last, (rounds, comes_out) = self._star(made) + self._notation(line.value), line.signs(self._notation)
        parts = [part for part in (line.numbers, line.sums) if part]
        # A number that is only passed on says whence, not itself twice.
        parts = [line.formula] if parts == [self._notation(line.value)] else parts
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
        what = "all z" if step.activation in OVER_ALL_UNITS else self._notation(z)
        result = self._star(output) + self._notation(self.value(output))
        comes_out = sign(f"{step.activation}({what})", self._notation(self.value(output)))
        drift = self._follow.drift(address(self._network, output))
        return f"{step.activation}({what}) {comes_out} {result}   {drift}".rstrip()

    def _star(self, spot: Spot) -> str:
        """Return a star if this number, or the weighted sum in it, was changed."""
        total = Spot(spot.step, Kind.SUM, spot.unit)
        return "*" if self.is_changed(spot) or (spot.kind is Kind.Z and self.is_changed(total)) else ""

    def take_from(self, practising: Practising, state: State) -> None:
        """Take the learner's own number for an output from a practice on the present calculation."""
        model, x = practising.model, state.x
        if model.weights is not state.model.weights or not np.array_equal(practising.x, x):
            return
        digits, first_wrong = practising.sitting.sheet.work.digits, practising.first_wrong()
        for unit in range(model.network.outputs):
            place = practising.blank(Spot(len(model.network.layers) - 1, Kind.OUTPUT, unit))
            blank = None if place is None else practising.sitting.blanks[place]
            if blank is not None and blank.value is not None and not blank.revealed:
                parted = "" if first_wrong is None else in_words(model.network, first_wrong)
                self._follow.yours = practised(blank.value, digits, unit, x, model.weights, parted)
                return
