"""Follow: a state's model for its point: numbers tried as others, rounding, and what is said of them and the whole."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.followed import Asked, follow
from core.errors import Refused
from core.formatting import DEFAULT_DIGITS, Notation, count, small
from core.layers.writer import Weight
from core.model.literal import parse_number
from core.model.own_inputs import own_in_words
from core.operations.rounding import Rounding
from core.tasks.fitting import scored
from tui.tabs.three_way import keras_in_words, typed, verdict, yours_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.calculation.agreement import Agreement
    from core.calculation.calculated import Calculated, Spot
    from core.calculation.followed import Followed
    from core.export.calculation.explanation import Explanation
    from core.model.weights import Weights
    from core.session.state import State
    from tui.keras_status import Answer
    from tui.tabs.three_way import Yours


def typed_again(number: float) -> str:
    """Return a number as the field has it in which another one is tried; left so, nothing is tried."""
    return f"{number:.9g}"


class Follow:
    """One way of writing the calculation of a state; one is taken (:meth:`take`) before anything is asked of it."""

    def __init__(self) -> None:
        self.tried: Mapping[Spot, float] = {}
        self.marked: frozenset[Spot] = frozenset()
        self.rounding = Rounding.SHOWN
        self.notation = Notation(DEFAULT_DIGITS)
        self.yours: Yours | None = None
        self.awaited: Asked | None = None
        self._seen: Weights | None = None
        self._made: Followed | None = None
        self._agreed: tuple[Calculated, Answer, Agreement] | None = None
        self._carried: tuple[Calculated, int, Followed] | None = None
        self._comparing: tuple[Calculated, Answer] | None = None
        self._rounding: tuple[Calculated, int] | None = None
        self._state: State

    # Calculating

    def put_back(self, weights: Weights) -> int:
        """Forget what was tried, or marked, with other weights than these; return how many numbers were tried."""
        tried = 0 if self._seen is weights else len(self.tried)
        if self._seen is not weights:
            self._seen, self.tried, self.marked = weights, {}, frozenset()
        return tried

    def asked(self, state: State) -> Asked | None:
        """Return the calculation of ``state`` that is to be made; None if it is there, or awaited already."""
        model = state.model
        written = self.notation.digits, self.notation.fractions
        asked = Asked(model.network, model.weights, state.x, self.tried, self.rounding, *written)
        if self.awaited is not None:
            return None if asked.same(self.awaited) else asked
        if self._made is not None and asked.same(self._made.asked):
            # Only what is told beside the numbers has changed, such as the row of the data.
            self._state = state
            return None
        return asked

    def wait_for(self, asked: Asked) -> Callable[[], Followed]:
        """Return what makes the calculation that is awaited from now on."""
        self.awaited = asked
        return partial(follow, asked, self._made)

    def take(self, state: State, made: Followed) -> bool:
        """Go on with a calculation of ``state``; return False if another one is awaited by now."""
        if made.asked is not self.awaited:
            return False
        self.awaited, self._made, self._state = None, made, state
        return True

    @property
    def ready(self) -> bool:
        """Whether there is a calculation, and none that it gives way to."""
        return self._made is not None and self.awaited is None

    @property
    def large(self) -> bool:
        """Whether the calculation takes longer than a frame."""
        return self._made is not None and self._made.asked.large

    @property
    def first(self) -> bool:
        """Whether there was no calculation yet."""
        return self._made is None

    @property
    def made(self) -> Followed:
        """The calculation; there must be one."""
        assert self._made is not None
        return self._made

    # What is said of a number

    def facts(self, spot: Spot) -> list[str]:
        """Return what is said about a number beside how it was made: drift, and where a given one comes from."""
        facts = [self.drift(spot)]
        if not (spot.call or spot in self.tried):
            row = self._state.row
            own = self._state.model.own_point
            source = f"{own_in_words([own])}, until x gives others" if np.array_equal(self._state.x, own) else "given"
            if row is not None:
                source = f"{self._state.dataset.row_in_words(row)} of the data"
            facts.append(f"It is the point's own number ({source}): here the calculation begins.")
        elif spot not in self.tried and (held := self._history(spot)) is not None:
            facts.append(held)
        return [fact for fact in (*facts, *self.done_with(spot)) if fact]

    def done_with(self, spot: Spot) -> list[str]:
        """Return what a person has done with a number."""
        tried = ["You changed it on this page; b puts it back."] if spot in self.tried else []
        return [*tried, *(["It will be left blank in a practice; m takes that back."] if spot in self.marked else [])]

    def drift(self, spot: Spot) -> str:
        """Return how far carried rounding has taken one number from the exact one, if it is carried."""
        if self.made.written is self.made.exact:
            return ""
        return f"drift {small(self.made.drift(spot))} from exact {self.made.exact.number(spot):.8f}"

    def _history(self, spot: Spot) -> str | None:
        """Return what the model holds of a weight, and what it began as; None if the number is none."""
        model = self._state.model
        place = model.network.places.get(Weight(spot.call, spot.value))
        if place is None:
            return None
        layer, array = place
        now, first = (float(weights.layers[layer][array][spot.index]) for weights in (model.weights, model.initial))
        if model.weights is model.initial:
            return f"The model holds {now:.9g}, as it was given."
        epoch = "now" if model.epoch is None else f"after epoch {model.epoch:,}"
        return f"The model holds {now:.9g} {epoch}; it began as {first:.9g}."

    # The three-way check

    def unchecked(self, answer: Answer | None) -> Callable[[], Agreement] | None:
        """Return what compares the calculation with Keras's ``answer``, layer by layer; None if that was asked for."""
        if answer is None or self._made is None or self._comparing == (self._made.model, answer):
            return None
        self._comparing = self._made.model, answer
        return partial(self._made.compared, answer.layers, answer.outputs)

    def take_check(self, answer: Answer, made: Agreement) -> None:
        """Go on with that comparison."""
        if self._made is not None:
            self._agreed = self._made.model, answer, made

    def _agreement(self, answer: Answer) -> Agreement | None:
        agreed = self._agreed
        there = agreed is not None and self._made is not None and agreed[:2] == (self._made.model, answer)
        return agreed[2] if agreed is not None and there else None

    def output(self, spot: Spot | None) -> int:
        """Return which of the prediction's numbers is meant: the one at ``spot`` or that it is in, else the first."""
        start, done = 0, self.made.written
        for number in done.written.outputs:
            value, _ = done.value_at(number, (0,) * len(done.numbers[number].shape))
            if spot is not None and (spot.call, spot.value) == (value.call, value.name):
                at = 0
                for size, place in zip(value.shape, spot.index, strict=True):
                    at = at * size + place
                return start + at
            start += done.numbers[number].size
        return 0

    def checks(self, spot: Spot | None, answer: Answer | None, keras: str) -> list[str]:
        """Return the three-way check, line by line; without an ``answer`` to this very question, ``keras`` says why.

        The output under the cursor is compared, else the first.
        """
        output = self.output(spot)
        three = self.made.written, self.made.exact, self.made.model
        written, exact, model = (float(one.prediction[output]) for one in three)
        told = keras if answer is None else self._about_keras(answer, output, model)
        places = max(self.notation.digits + 2, 6)
        beside = f"{written:.8f}" if self.made.written is self.made.exact else f"exact {exact:.{places}f}"
        # In 80 columns there is no room for both words.
        called = f"y{output + 1} =" if self.made.written.prediction.size > 1 else "by hand"
        lines = [f"{called} {self.notation(written)} ({beside})  {told}"]
        if self.yours is not None and self.yours.speaks_of(self._state, output):
            lines.append(self._about_yours(self.yours))
        lines += self.made.troubles[:1]
        if self.tried:
            lines.append(f"what if: {count(len(self.tried), 'number')} changed on this page only (*); b puts back")
        elif self._state.fits and scored(self._state):
            lines.append(verdict(self._state, self.made.written.prediction))
        return lines

    def _about_keras(self, answer: Answer, output: int, model: float) -> str:
        told = float(answer.outputs[output])
        words = keras_in_words(self.made, model, told, output, self._agreement(answer))
        return f"unchanged: {words}" if self.tried else words

    def uncarried(self) -> Callable[[], Followed] | None:
        """Return what rounds the calculation as the learner's own number was rounded; None if that was asked for."""
        made, yours = self._made, self.yours
        if made is None or yours is None or self._rounding == (made.exact, yours.decimals):
            return None
        self._rounding = made.exact, yours.decimals
        return partial(follow, replace(made.asked, rounding=Rounding.CARRIED, digits=min(yours.decimals, 9)), made)

    def take_carried(self, yours: Yours, made: Followed) -> None:
        """Go on with that."""
        self._carried = self.made.exact, yours.decimals, made

    def _rounded(self, yours: Yours) -> Followed | None:
        held = self._carried
        return held[2] if held is not None and held[:2] == (self.made.exact, yours.decimals) else None

    def _about_yours(self, yours: Yours) -> str:
        exact, rounded = float(self.made.exact.prediction[yours.output]), self._rounded(yours)
        on_paper = exact if rounded is None else float(rounded.written.prediction[yours.output])
        return yours_in_words(yours, exact, on_paper)

    def to_take_away(self, answer: Answer | None) -> Callable[[], Explanation]:
        """Return what makes the explanation of this calculation, which may take a while."""
        from core.export.calculation.explanation import explain_followed

        return partial(explain_followed, self.made, None if answer is None else answer.outputs)

    # What is typed

    def try_number(self, spot: Spot, text: str) -> None:
        """Go on with another number in the place of this one.

        Raises:
            Refused: it is no number, or there is none to change there.
        """
        number, held = parse_number(text), self.made.written.number(spot)
        if text.strip() != typed_again(held):
            self.tried = {**self.tried, spot: number}

    def mark(self, spot: Spot) -> None:
        """Choose a number to be left blank in a practice, or no longer."""
        self.made.model.value_of(spot)
        self.marked = self.marked ^ {spot}

    def compare(self, spot: Spot, text: str) -> None:
        """Compare the learner's own number for the output at ``spot``.

        Raises:
            Refused: it is no number, or there is no output yet.
        """
        if not self.ready:
            raise Refused("the page is still being calculated; wait for it")
        self.yours = typed(text, self.output(spot), self.notation.digits, self._state)
