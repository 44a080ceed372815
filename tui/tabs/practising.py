"""Practising: the page with blanks in it: what stands in them, what is asked, and what is said of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.calculation.addresses import address, place_of
from core.calculation.forward import trace
from core.calculation.spot import Kind, in_words, symbol, value
from core.calculation.unfolding import Unfolder
from core.formatting import Notation, count
from core.practice.marks import LESS, Verdict
from core.practice.slip import sentence
from tui.tabs.words import duration
from tui.widgets.page_block import Page, Written, widths
from tui.widgets.paper import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.calculation.calculated import Spot as Address
    from core.calculation.calculated import Value
    from core.calculation.spot import Spot
    from core.model.network import Network
    from core.operations.operation import Index
    from core.practice.marks import Blank
    from core.practice.sitting import Sitting
    from core.session.state import Model

BLANK = "____"

AT_ONCE = 1 << 11
"""Up to this many products of a model an answer is marked before the next frame."""

KEYS = f"enter answers, h a hint (-{LESS:g} points), v reveals, n the next blank, p ends"
MARKS = "= right   ~ right with an earlier error   ! wrong   ? revealed"


class OfPage:
    """What numbers are called on the page of a chain."""

    are_letters = True

    def __init__(self, network: Network) -> None:
        self._network = network

    def of(self, value: Value, index: Index, _call: tuple[str, ...]) -> str:
        """Return a number's symbol."""
        return symbol(self._network, place_of(self._network, value.spot(index)))


class SlipFound(NamedTuple):
    """What went wrong with the answer that stands in a blank, in words."""

    place: Address
    blank: Blank
    words: str


def _found(sitting: Sitting, place: Address) -> SlipFound:
    return SlipFound(place, sitting.blanks[place], sentence(sitting.findings(place)))


@dataclass(frozen=True, eq=False)
class Done:
    """What something that was done comes to: the sitting after it, and what is said at blanks from then on."""

    sitting: Sitting
    said: Mapping[Address, str] = field(default_factory=dict)


class Practising:
    """One sitting as the By hand tab shows it; ``clock`` gives seconds. ``exercise`` is its sheet for paper."""

    def __init__(self, sitting: Sitting, model: Model, clock: Callable[[], float]) -> None:
        self.model, self.exercise = model, sitting.sheet
        named = replace(sitting.sheet.work, naming=OfPage(model.network))
        self.sitting = replace(sitting, sheet=replace(sitting.sheet, work=named))
        self._clock = clock
        self._said: dict[Address, str] = {}
        self._slips: dict[Address, tuple[Blank, str]] = {}
        self._sought: Blank | None = None
        work = sitting.sheet.work
        self.x = np.concatenate([array.reshape(-1) for array in work.inputs])
        self._page = trace(model.network, work.page)
        self._notation = Notation(work.digits)
        self._widths = widths(self._page, self._notation)

    def blank(self, spot: Spot) -> Address | None:
        """Return the blank whose number stands at ``spot`` of the page."""
        return self.sitting.sheet.hides(address(self.model.network, spot))

    def place(self, blank: Address) -> Spot:
        """Return where a blank is on the page."""
        return place_of(self.model.network, blank)

    @property
    def first(self) -> Spot:
        """Where the first blank that is open is on the page."""
        return self.place(next(iter(self.sitting.open()), self.sitting.sheet.blanks[0]))

    @property
    def large(self) -> bool:
        """Whether marking an answer, or finding what went wrong with it, takes longer than a frame."""
        return self.model.network.written.multiplications > AT_ONCE

    @property
    def finished(self) -> bool:
        """Whether it is marked, and only looked at."""
        return self.sitting.finished

    def sheet(self) -> Sheet:
        """Return the page with its blanks."""
        network, rounding = self.model.network, self.sitting.sheet.work.rounding
        page = Page(network, self._page, self._widths, self._written, [""] * len(self._page.steps))
        return Sheet(page, Unfolder(network, self._page, rounding, self._notation), self._notation, lambda _spot: ())

    def _written(self, spot: Spot) -> Written:
        given = Written(self._notation(value(self._page, spot)), "number")
        place = self.blank(spot)
        if place is None:
            return given._replace(part="number" if spot.kind in (Kind.WEIGHT, Kind.INPUT) else "result")
        blank = self.sitting.blanks[place]
        if blank.revealed:
            return Written(f"?{given.text}", "result")
        if blank.value is None:
            return Written(BLANK, "blank")
        mark, part = _mark(blank)
        return Written(mark + self._notation(blank.value), part)

    # Below the page

    def line(self, spot: Spot) -> str:
        """Return what is asked at ``spot``, and what was said of the last answer there."""
        place = self.blank(spot)
        name, words = symbol(self.model.network, spot), in_words(self.model.network, spot)
        if place is None:
            return f"{name}, {words}, is given: n goes to the next blank"
        blank = self.sitting.blanks[place]
        tried = f"   ({count(blank.attempts, 'attempt')})" if blank.attempts else ""
        made_at = self.place(place)
        name, words = symbol(self.model.network, made_at), in_words(self.model.network, made_at)
        asked = f"{name} = {'' if self.finished else '?   '}{words}{tried}"
        return "\n".join(text for text in (asked, self._said.get(place) or self._of_mark(place)) if text)

    def _of_mark(self, place: Address) -> str:
        blank = self.sitting.blanks[place]
        if blank.revealed:
            return f"revealed: {self.sitting.shown(place)}"
        if blank.mark is None and not self.finished:
            return "" if blank.value is None else "noted; it is marked at the end"
        why = "" if blank.mark is None else f"{blank.mark.why}. {self._slip(place)}".rstrip()
        right = f"The number is {self.sitting.shown(place)}." if self.finished and not blank.right else ""
        return f"{why} {right}".strip()

    def _slip(self, place: Address) -> str:
        """Return what went wrong at a blank, as far as it was looked for."""
        blank, slip = self._slips.get(place, (None, ""))
        return slip if blank is self.sitting.blanks[place] else ""

    def slip_sought(self, spot: Spot) -> Callable[[], SlipFound] | None:
        """Return what finds out what went wrong at ``spot``; None where it was asked for, or nothing is wrong."""
        place = self.blank(spot)
        blank = None if place is None else self.sitting.blanks[place]
        if place is None or blank is None or blank.mark is None or blank.mark.right:
            return None
        known = place in self._slips and self._slips[place][0] is blank
        if known or self._sought is blank:
            return None
        self._sought = blank
        return partial(_found, self.sitting, place)

    def take_slip(self, found: SlipFound) -> None:
        """Go on with what went wrong at a blank; it is looked for once for each answer."""
        self._slips[found.place] = found.blank, found.words

    def checks(self) -> list[str]:
        """Return how far the sitting has come, and the keys."""
        score, seconds = self.sitting.score, self.sitting.elapsed(self._clock())
        if self.finished:
            return [f"practice ended: {score.in_words} {duration(seconds)}", f"{MARKS}   escape leaves"]
        left = len(self.sitting.open())
        begun = f"practice: {count(left, 'blank')} left, {score.points:g} of {score.possible} points"
        return [f"{begun}, {duration(seconds)}, marked {self.sitting.when.value.replace('-', ' ')}", KEYS]

    # What is done: made in any thread, then taken

    def answered(self, spot: Spot, text: str) -> Done:
        """Return what an answer for the number at ``spot`` comes to.

        Raises:
            Refused: it is no number, or no answer is wanted there.
        """
        place = self.blank(spot)
        return Done(self.sitting) if place is None else Done(self.sitting.answered(place, text), {place: ""})

    def hinted(self, spot: Spot) -> Done:
        """Return one more term of the number at ``spot``.

        Raises:
            Refused: there is no further hint, or none is wanted there.
        """
        place = self.blank(spot)
        if place is None:
            return Done(self.sitting)
        sitting, hint = self.sitting.hinted(place)
        before = self._said.get(place, "")
        return Done(sitting, {place: f"{before}; {hint}" if before.startswith("hint") else f"hint: {hint}"})

    def revealed(self, spot: Spot) -> Done:
        """Return the number at ``spot``, given up.

        Raises:
            Refused: it is settled already.
        """
        place = self.blank(spot)
        return Done(self.sitting) if place is None else Done(self.sitting.revealed(place), {place: ""})

    def ended(self) -> Done:
        """Mark what is not marked yet, and stop the clock."""
        return Done(self.sitting.finish(self._clock()), dict.fromkeys(self._said, ""))

    def take(self, done: Done) -> None:
        """Go on with what was done."""
        self.sitting = done.sitting
        self._said |= done.said

    def waits(self, spot: Spot) -> bool:
        """Return whether an answer is wanted at ``spot``."""
        place = self.blank(spot)
        return place is not None and not self.finished and place in self._waiting()

    def settled(self, spot: Spot) -> bool:
        """Return whether ``spot`` is a blank that needs nothing more before the end."""
        place = self.blank(spot)
        return place is not None and place not in self.sitting.open()

    def _waiting(self) -> list[Address]:
        return [place for place, blank in self.sitting.blanks.items() if not (blank.right or blank.revealed)]

    def next_blank(self, spot: Spot, places: int = 1) -> Spot | None:
        """Return the open blank after (or before) ``spot``; None if all are settled. Finished, all are looked at."""
        order = list(self.sitting.sheet.blanks)
        wanted = set(order if self.finished else self.sitting.open())
        here = self.blank(spot)
        start = order.index(here) if here is not None else -1 if places > 0 else len(order)
        after = [order[(start + places * step) % len(order)] for step in range(1, len(order) + 1)]
        return next((self.place(place) for place in after if place in wanted), None)

    def first_wrong(self) -> Spot | None:
        """Return the first blank, as a person calculates, whose answer is wrong."""
        marks = ((place, blank.mark) for place, blank in self.sitting.blanks.items())
        wrong = (place for place, mark in marks if mark is not None and mark.verdict is Verdict.WRONG)
        return next(map(self.place, wrong), None)


def _mark(blank: Blank) -> tuple[str, str]:
    """Return the sign before an answer and the part of the style that it has."""
    if blank.mark is None:
        return "", "result"
    if blank.mark.verdict is Verdict.CARRIED_FORWARD:
        return "~", "marked"
    return ("=", "right") if blank.mark.right else ("!", "wrong")
