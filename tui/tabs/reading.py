"""Reading: the page of a chain as the calculation makes it, and the words below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.activations import OVER_ALL_UNITS
from core.calculation.agreement import differences
from core.calculation.calculated import Spot
from core.calculation.writing import ABOUT, EQUALS, MARK, sign
from core.export.chain import Chain
from core.formatting import small
from core.lessons.places import find
from tui.tabs.three_way import practised
from tui.widgets.page_block import Page, Written, widths
from tui.widgets.paper import Sheet
from tui.widgets.unfolded import ROUNDED, Unfolding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.calculated import Calculated
    from core.calculation.followed import Followed
    from core.export.chain import Step
    from core.formatting import Notation
    from core.model.network import Network
    from core.session.state import State
    from tui.tabs.follow import Follow
    from tui.tabs.practising import Practising
    from tui.widgets.calculation import Cell
    from tui.widgets.paper import Paper


@dataclass(frozen=True, eq=False)
class Steps:
    """A chain's calculation as it is written down, layer by layer.

    ``widths`` are the columns that the numbers of each layer take on the page, ``drifts`` say how far carried rounding
    has taken its outputs from the exact ones.
    """

    chain: Chain
    widths: Sequence[int]
    drifts: Sequence[str]


def steps_of(made: Followed) -> Steps:
    """Return the layers of a chain's calculation; that of a wide one takes longer than a frame."""
    chain = Chain(made.asked.network, made.written, made.asked.tried)
    return Steps(chain, widths(chain, made.asked.notation), [_drift(made, step) for step in chain.steps])


def _drift(made: Followed, step: Step) -> str:
    if made.written is made.exact:
        return ""
    output = step.values["output"]
    drift = differences(made.written.array(output), made.exact.array(output)).max(initial=0.0)
    return f"drift up to {small(float(drift))}"


class Reading:
    """The page of what is followed; steps are taken (:meth:`take`) before anything is asked of it."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._made: Followed
        self._steps: Steps

    def take(self, steps: Steps) -> None:
        """Go on with the steps of what is followed now."""
        self._made, self._steps = self._follow.made, steps

    @property
    def _done(self) -> Calculated:
        return self._made.written

    @property
    def _notation(self) -> Notation:
        return self._made.asked.notation

    def _text(self, spot: Spot) -> str:
        return self._notation(self._done.number(spot))

    # The page

    def draw_on(self, paper: Paper) -> None:
        """Show the page, with what unfolds its numbers."""
        steps = self._steps
        paper.show(Sheet(Page(steps.chain, steps.widths, self._written, steps.drifts), self._unfold))

    def _written(self, spot: Spot) -> Written:
        text = self._text(spot)
        if spot in self._follow.tried:
            return Written(f"*{text}", "marked")
        if spot in self._follow.marked:
            return Written(f"?{text}", "blank")
        if spot.value == "pre-activation":
            # Whether it is what the printed numbers before it on its row come to.
            made = self._done.open(spot)
            comes = sign(made, lambda leaf: self._notation(leaf.number), text)
            return Written(f"{MARK}{text}" if comes == ABOUT else text)
        return Written(text)

    # One number unfolded

    def _unfold(self, spot: Spot) -> Unfolding:
        # Until another calculation is drawn, nothing is known of this one's numbers.
        facts = self._follow.facts(spot) if self._follow.made is self._made else []
        chain = self._steps.chain
        opened = chain.opened(spot, self._notation)
        return Unfolding(chain.name(spot), chain.in_words(spot), self._text(spot), opened, facts)

    # Below the page

    def about(self, spot: Spot) -> str:
        """Return what one number is."""
        what = f"{self._steps.chain.name(spot)} = {self._text(spot)}: {self._done.in_words(spot)}"
        done = self._follow.done_with(spot)
        return " ".join([f"{what}.", *done]) if done else what

    def unit_line(self, at: Cell) -> str:
        """Return how the unit that a number is of is calculated: in numbers, with the products summed, and activated.

        What goes in is of all units, and the first one's line is returned.
        """
        step = self._steps.chain.steps[at.place]
        unit = at.spot.index[-1] if at.spot.call == step.values["output"].call else 0
        made = step.values.get("pre-activation", step.values["output"]).spot((unit,))
        lines = self._lines(made)
        if step.activation and unit < step.values["output"].shape[0]:
            lines.append(self._activation_line(step.values["output"].spot((unit,)), step, made))
        if any("= *" in text for text in lines):
            lines[-1] += "   (* changed, not calculated)"
        if any(ABOUT in text for text in lines):
            lines[-1] += f"   ({ROUNDED})"
        return "\n".join(lines)

    def _lines(self, spot: Spot) -> list[str]:
        """Return how a number is calculated: in numbers and, where terms are added up, as what they come to."""
        symbol, result = self._steps.chain.name(spot), self._star(spot) + self._text(spot)
        opened = self._steps.chain.opened(spot, self._notation)
        if opened is None:
            return [f"{symbol} {EQUALS} {result}"]
        made = opened.lines()
        # A number that is only passed on says whence, not itself twice.
        numbers = made.formula if made.numbers == self._text(spot) else made.numbers
        if not made.parts:
            return [f"{symbol} = {numbers} {made.comes} {result}"]
        return [f"{symbol} = {numbers}", f"   {made.rounds} {made.parts} {made.comes} {result}"]

    def _activation_line(self, output: Spot, step: Step, z: Spot) -> str:
        over_all, opened = step.activation in OVER_ALL_UNITS, self._steps.chain.opened(output, self._notation)
        comes = EQUALS if over_all or opened is None else opened.comes
        made = f"{step.activation}({'all z' if over_all else self._text(z)})"
        return f"{made} {comes} {self._star(output)}{self._text(output)}   {self._follow.drift(output)}".rstrip()

    def _star(self, spot: Spot) -> str:
        """Return a star if this number, or the weighted sum in it, was changed."""
        total = Spot(spot.call, "weighted sum", spot.index)
        tried = self._follow.tried
        return "*" if spot in tried or (spot.value == "pre-activation" and total in tried) else ""

    def take_from(self, practising: Practising, state: State) -> None:
        """Take the learner's own number for an output from a practice on the present calculation."""
        model, x = practising.model, state.x
        if model.weights is not state.model.weights or not np.array_equal(practising.x, x):
            return
        sitting, first_wrong = practising.sitting, practising.first_wrong()
        for unit in range(model.network.outputs):
            place = practising.blank(Spot(model.network.paths[-1], "output", (unit,)))
            blank = None if place is None else sitting.blanks[place]
            if blank is not None and blank.value is not None and not blank.revealed:
                parted = "" if first_wrong is None else sitting.sheet.work.page.in_words(first_wrong)
                digits = sitting.sheet.work.digits
                self._follow.yours = practised(blank.value, digits, unit, x, model.weights, parted)
                return


def place_named(network: Network, text: str) -> Spot:
    """Return the place of the number, or of the first one of the layer, that ``text`` names.

    Raises:
        Refused: there is neither.
    """
    if (text.strip(),) in network.paths:
        return Spot((text.strip(),), "output", (0,))
    return find(network, text)
