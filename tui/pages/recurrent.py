"""What goes over steps: the gates and states of one step in order, beside what comes in and the states before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.calculation.page import Table, laid_out, name_beside, sources_of
from tui.pages.view import View

if TYPE_CHECKING:
    from core.calculation.calculated import Calculated, Spot, Value
    from core.calculation.page import Call
    from core.formatting import Notation


@dataclass(frozen=True)
class Way:
    """The steps in one direction: what is written down at each, the states among it, what comes in, and the weights."""

    stepped: tuple[Value, ...]
    states: tuple[Value, ...]
    is_backwards: bool
    given: tuple[Value, ...]
    weights: tuple[Value, ...]

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self.stepped[0].shape[0]

    def before(self, step: int) -> int | None:
        """Return the step that is gone before one, None before the first."""
        at = step + 1 if self.is_backwards else step - 1
        return at if 0 <= at < self.steps else None


class StepView(View):
    """One step of a recurrent layer; of one that goes in two directions, a step of either."""

    def __init__(self, done: Calculated, call: Call, notation: Notation) -> None:
        super().__init__(done, call, notation)
        inside = [value for value in done.values if value.call[: len(call)] == call and any(value.parts)]
        prefixes = dict.fromkeys(value.call[: len(call) + 1] for value in inside)
        self._calls = list(prefixes)
        self._ways = [self._way([one for one in inside if one.call[: len(prefix)] == prefix]) for prefix in prefixes]
        self._settled: Spot | None = None

    def _way(self, stepped: list[Value]) -> Way:
        calls = dict.fromkeys(value.call for value in stepped)
        given, weights = (
            {id(one): one for call in calls for one in sources_of(self.done, call)[which]} for which in (0, 1)
        )
        inside = {id(value) for value in stepped}
        steps, is_backwards = stepped[0].shape[0], True
        states: set[int] = set()
        for value in stepped if steps > 1 else ():
            for step in {1, steps - 2}:
                for source, at in self.done.origins(value.spot((step, *[0] * (len(value.shape) - 1)))):
                    if id(source) in inside and (at[:, 0] != step).any():
                        states.add(id(source))
                        is_backwards = bool((at[:, 0] > step).any())
        return Way(
            tuple(stepped),
            tuple(value for value in stepped if id(value) in states),
            is_backwards and bool(states),
            tuple(value for value in given.values() if id(value) not in inside and value.call not in calls),
            tuple(weights.values()),
        )

    def turned_axes(self) -> tuple[str, ...]:
        """Return the step, and the direction."""
        return "step", "direction"

    @property
    def _now(self) -> Way:
        return self._ways[self.places["direction"]]

    def size(self, axis: str) -> int:
        """Return how many steps or directions there are."""
        return len(self._ways) if axis == "direction" else self._now.steps

    def settle(self, spot: Spot) -> None:
        """Go to the step and the direction of a number, or of what it is made of; from there on keys turn them."""
        if spot == self._settled:
            return
        self._settled, value = spot, self.done.value_of(spot)
        near = [(value, spot.index), *((one, tuple(at[-1].tolist())) for one, at in self.done.origins(spot))]
        ways = [at for one, _ in near for at, call in enumerate(self._calls) if one.call[: len(call)] == call]
        if ways and len(self._calls) > 1:
            self.places["direction"] = ways[0]
        # What is calculated step by step says which; outputs of what goes backwards are in the other order.
        made_at = self._made_at(spot)
        steps = [index[0] for one, index in near if self._is_within(one) and self.done.axes_of(one)[:1] == ("step",)]
        step = made_at if made_at is not None else next(iter(steps), self._now.steps)
        if step < self._now.steps:
            self.places["step"] = step

    def _made_at(self, spot: Spot) -> int | None:
        """Return the step that made a number; None of one that no single step made."""
        value = self.done.value_of(spot)
        near = [(value, spot.index), *((one, tuple(at[-1].tolist())) for one, at in self.done.origins(spot))]
        inside = {id(one) for one in self._now.stepped}
        return next((index[0] for one, index in near if id(one) in inside), None)

    def _is_within(self, value: Value) -> bool:
        return value.call[: len(self.call)] == self.call

    def turned(self, spot: Spot, axis: str, by: int) -> Spot:
        """Turn on to another step or direction, the number in hand too if it has that there.

        Of one that no step has, such as the layer's output, the step's number that it is made of comes to hand: its
        table would have no room beside that of the other.
        """
        if axis == "step":
            turned = super().turned(spot, axis, by)
            return self._at_this_step(spot) if turned == spot else turned
        call = self._calls[self.places["direction"]]
        self.places["direction"] = (self.places["direction"] + by) % len(self._calls)
        other = self._calls[self.places["direction"]]
        if spot.call[: len(call)] != call:
            return spot
        moved = (*other, *spot.call[len(call) :])
        alike = [value for value in self._now.stepped if (value.call, value.name) == (moved, spot.value)]
        return (alike or self._now.stepped)[0].spot(spot.index)

    def _at_this_step(self, spot: Spot) -> Spot:
        inside = {id(one) for one in self._now.stepped}
        made_of = ((one, tuple(at[-1].tolist())) for one, at in self.done.origins(spot) if id(one) in inside)
        last = self._now.stepped[-1]
        value, index = next(made_of, (last, (0,) * len(last.shape)))
        return value.spot((self.places["step"], *index[1:]))

    def tables(self) -> list[Table]:
        """Return what comes in and the states before, the step's gates and states in order, and what goes out."""
        way, step = self._now, self.places["step"]
        before = way.before(step)
        direction = f", {'backwards' if way.is_backwards else 'forwards'}" if len(self._ways) > 1 else ""
        return [
            *self._at_step(way.given, step, f"comes in, step {step + 1}"),
            *(self._at_step(way.states, before, f"before, step {before + 1}") if before is not None else ()),
            *self._at_step(way.stepped, step, f"step {step + 1} of {way.steps}{direction}"),
            *self._at_step(tuple(value for value in self.own if not any(value.parts)), step, ""),
            *laid_out(self.done, self.call, way.weights, {}),
        ]

    def _at_step(self, values: tuple[Value, ...], step: int, title: str) -> list[Table]:
        """Return values at one step, those of one shape beside each other; those that have no steps whole."""
        groups: dict[tuple[object, ...], list[Value]] = {}
        for value in values:
            groups.setdefault((value.shape, self.done.axes_of(value)), []).append(value)
        return [self._table(group, step, title) for group in groups.values()]

    def _table(self, group: list[Value], step: int, title: str) -> Table:
        shape = group[0].shape
        # In which direction something is calculated says the title.
        names = tuple(value.name if self._is_within(value) else name_beside(self.call, value) for value in group)
        if len(shape) == 2 and shape[0] == self._now.steps:
            made_at = self._made_at(group[0].spot((step, 0)))
            place = step if made_at in (None, step) else self._now.steps - 1 - step
            return Table(self.done, tuple(group), (1,), (), (place, 0), title, names)
        return Table(self.done, tuple(group), tuple(range(len(shape))), (), (), "", names)
