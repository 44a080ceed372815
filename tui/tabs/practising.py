"""Practising: the page with blanks in it: what stands in them, what is asked, and what is said of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.export.chain import Chain
from core.formatting import Notation, count
from core.practice.marks import LESS, Verdict
from core.practice.slip import sentence
from tui.tabs.words import duration
from tui.widgets.page_block import Page, Written, widths
from tui.widgets.paper import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.calculation.calculated import Spot
    from core.practice.marks import Blank
    from core.practice.sitting import Sitting
    from core.session.state import Model

BLANK = "____"

AT_ONCE = 1 << 11
"""Up to this many products of a model an answer is marked before the next frame."""

TYPING = "enter answers with what stands in the field, escape leaves it"
KEYS = f"enter answers, h a hint (-{LESS:g} points), v reveals, n the next blank, p ends"
MARKS = "= right   ~ right with an earlier error   ! wrong   ? revealed"


class SlipFound(NamedTuple):
    """What went wrong with the answer that stands in a blank, in words."""

    place: Spot
    blank: Blank
    words: str


def _found(sitting: Sitting, place: Spot) -> SlipFound:
    return SlipFound(place, sitting.blanks[place], sentence(sitting.findings(place)))


@dataclass(frozen=True, eq=False)
class Done:
    """What something that was done comes to: the sitting after it, and all hints at blanks where one was taken."""

    sitting: Sitting
    hints: Mapping[Spot, tuple[str, ...]] = field(default_factory=dict)


class Practising:
    """One sitting as the By hand tab shows it; ``clock`` gives seconds."""

    def __init__(self, sitting: Sitting, model: Model, clock: Callable[[], float]) -> None:
        self.model, self.sitting = model, sitting
        self._clock = clock
        self._hints: dict[Spot, tuple[str, ...]] = {}
        self._slips: dict[Spot, tuple[Blank, str]] = {}
        self._sought: Blank | None = None
        work = sitting.sheet.work
        self.x = np.concatenate([array.reshape(-1) for array in work.inputs])
        self._chain, self._notation = Chain(model.network, work.page), Notation(work.digits)
        self._widths = widths(self._chain, self._notation)

    def blank(self, spot: Spot) -> Spot | None:
        """Return the blank whose number stands at ``spot`` of the page."""
        return self.sitting.sheet.hides(spot)

    @property
    def first(self) -> Spot:
        """The first blank that is open."""
        return next(iter(self.sitting.open()), self.sitting.sheet.blanks[0])

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
        return Sheet(Page(self._chain, self._widths, self._written, [""] * len(self._widths)))

    def _written(self, spot: Spot) -> Written:
        text, place = self._notation(self._chain.done.number(spot)), self.blank(spot)
        if place is None:
            return Written(text)
        blank = self.sitting.blanks[place]
        if blank.revealed:
            return Written(f"?{text}")
        if blank.value is None:
            return Written(BLANK, "blank")
        mark, part = _mark(blank)
        return Written(mark + self._notation(blank.value), part)

    # Below the page

    def line(self, spot: Spot) -> str:
        """Return what is asked at ``spot``, the hints that were taken, and what was said of the last answer there."""
        place, work = self.blank(spot), self.sitting.sheet.work
        if place is None:
            return f"{work.name(spot)}, is given: n goes to the next blank"
        blank = self.sitting.blanks[place]
        tried = f"   ({count(blank.attempts, 'attempt')})" if blank.attempts else ""
        name, words = self._chain.name(place), work.page.in_words(place)
        asked = f"{name} = {'' if self.finished else '?   '}{words}{tried}"
        return "\n".join(text for text in (asked, self._hinted(place), self._of_mark(place)) if text)

    def _hinted(self, place: Spot) -> str:
        """Return the hints at a blank while its question stays."""
        blank = self.sitting.blanks[place]
        if self.finished or blank.settled or not blank.hints:
            return ""
        if place not in self._hints:
            # Of a practice that was taken up again.
            self._hints[place] = self.sitting.hints_given(place)
        return f"hint: {'; '.join(self._hints[place])}"

    def _of_mark(self, place: Spot) -> str:
        blank = self.sitting.blanks[place]
        if blank.revealed:
            return f"revealed: {self.sitting.shown(place)}"
        if blank.mark is None and not self.finished:
            return "" if blank.value is None else "noted; it is marked at the end"
        why = "" if blank.mark is None else f"{blank.mark.why}. {self._slip(place)}".rstrip()
        right = f"The number is {self.sitting.shown(place)}." if self.finished and not blank.right else ""
        return f"{why} {right}".strip()

    def _slip(self, place: Spot) -> str:
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

    def checks(self, types: bool) -> list[str]:
        """Return how far the sitting has come, and the keys; while somebody ``types``, those of the field."""
        score, seconds = self.sitting.score, self.sitting.elapsed(self._clock())
        if self.finished:
            return [f"practice ended: {score.in_words} {duration(seconds)}", f"{MARKS}   escape leaves"]
        left = len(self.sitting.open())
        begun = f"practice: {count(left, 'blank')} left, {score.points:g} of {score.possible} points"
        return [
            f"{begun}, {duration(seconds)}, marked {self.sitting.when.value.replace('-', ' ')}",
            TYPING if types else KEYS,
        ]

    # What is done: made in any thread, then taken

    def answered(self, spot: Spot, text: str) -> Done:
        """Return what an answer for the number at ``spot`` comes to.

        Raises:
            Refused: it is no number, or no answer is wanted there.
        """
        place = self.blank(spot)
        return Done(self.sitting) if place is None else Done(self.sitting.answered(place, text))

    def hinted(self, spot: Spot) -> Done:
        """Return one more term of the number at ``spot``.

        Raises:
            Refused: there is no further hint, or none is wanted there.
        """
        place = self.blank(spot)
        if place is None:
            return Done(self.sitting)
        sitting, hint = self.sitting.hinted(place)
        return Done(sitting, {place: (*(self._hints.get(place) or self.sitting.hints_given(place)), hint)})

    def revealed(self, spot: Spot) -> Done:
        """Return the number at ``spot``, given up.

        Raises:
            Refused: it is settled already.
        """
        place = self.blank(spot)
        return Done(self.sitting) if place is None else Done(self.sitting.revealed(place))

    def ended(self) -> Done:
        """Mark what is not marked yet, and stop the clock."""
        return Done(self.sitting.finish(self._clock()))

    def take(self, done: Done) -> None:
        """Go on with what was done."""
        self.sitting = done.sitting
        self._hints |= done.hints

    def waits(self, spot: Spot) -> bool:
        """Return whether an answer is wanted at ``spot``."""
        place = self.blank(spot)
        return place is not None and not self.finished and place in self._waiting()

    def settled(self, spot: Spot) -> bool:
        """Return whether ``spot`` is a blank that needs nothing more before the end."""
        place = self.blank(spot)
        return place is not None and place not in self.sitting.open()

    def _waiting(self) -> list[Spot]:
        return [place for place, blank in self.sitting.blanks.items() if not (blank.right or blank.revealed)]

    def next_blank(self, spot: Spot, places: int = 1) -> Spot | None:
        """Return the open blank after (or before) ``spot``; None if all are settled. Finished, all are looked at."""
        order = list(self.sitting.sheet.blanks)
        wanted = set(order if self.finished else self.sitting.open())
        here = self.blank(spot)
        start = order.index(here) if here is not None else -1 if places > 0 else len(order)
        after = [order[(start + places * step) % len(order)] for step in range(1, len(order) + 1)]
        return next((place for place in after if place in wanted), None)

    def first_wrong(self) -> Spot | None:
        """Return the first blank, as a person calculates, whose answer is wrong."""
        marks = ((place, blank.mark) for place, blank in self.sitting.blanks.items())
        wrong = (place for place, mark in marks if mark is not None and mark.verdict is Verdict.WRONG)
        return next(wrong, None)


def _mark(blank: Blank) -> tuple[str, str]:
    """Return the sign before an answer and the part of the style that it has."""
    if blank.mark is None:
        return "", "result"
    if blank.mark.verdict is Verdict.CARRIED_FORWARD:
        return "~", "marked"
    return ("=", "right") if blank.mark.right else ("!", "wrong")
