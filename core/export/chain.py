"""A chain as it stands on one page: layer by layer, with letters, and each number opened as far as the page does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from core.activations import OVER_ALL_UNITS, activation
from core.calculation.calculated import Spot
from core.calculation.expression import Formula, Gathered, Leaf
from core.calculation.writing import TEXT, unshifted
from core.export.calculation.symbols import Symbols
from core.export.opened import ON_PAPER, Opened, with_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calculation.calculated import Calculated, Value
    from core.calculation.expression import Expression
    from core.formatting import Notation
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.operations.operation import Index


class Step(NamedTuple):
    """A layer of a chain: the value that it is given, and its own ones by name, its weights too."""

    layer: Layer
    given: Value
    values: Mapping[str, Value]

    @property
    def activation(self) -> str:
        """Keras's name of what is applied to the pre-activation; nothing where there is none."""
        return self.layer.last_activation if "pre-activation" in self.values else ""


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain's calculation; numbers that were ``tried`` stand in it for what the model has, and nothing made them."""

    network: Network
    done: Calculated
    tried: Mapping[Spot, float] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def _by_call(self) -> dict[tuple[str, ...], Step]:
        found: dict[tuple[str, ...], dict[str, Value]] = {}
        for value in (*self.done.weights, *self.done.values):
            found.setdefault(value.call, {})[value.name] = value
        steps, given = dict[tuple[str, ...], Step](), self.done.values[0]
        for layer, path in zip(self.network.layers, self.network.paths, strict=True):
            steps[path] = Step(layer, given, found[path])
            given = found[path]["output"]
        return steps

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The layers in order."""
        return tuple(self._by_call.values())

    # Letters

    @cached_property
    def _symbols(self) -> Symbols:
        return Symbols(self.done)

    def letter(self, value: Value) -> str:
        """Return what a value is called as a whole."""
        return self._symbols.whole(value, ()).base

    def symbol(self, value: Value, index: Index) -> str:
        """Return what the number at ``index`` of a value is called."""
        return str(self._symbols.of(value, index, ()))

    def name(self, spot: Spot) -> str:
        """Return what a number is called."""
        return self.symbol(self.done.value_of(spot), spot.index)

    # Numbers opened

    def opened(self, spot: Spot, notation: Notation) -> Opened | None:
        """Return what made a number; None if it was given, by the model or here."""
        made = self._expression(spot)
        is_given = isinstance(made, Leaf) and made.place == self.done.place(spot)
        if spot in self.tried or is_given:
            return None
        return Opened(self.done, made, with_parts(made), self.symbol, notation, symbols=ON_PAPER, numbers=TEXT)

    def _expression(self, spot: Spot) -> Expression:
        """Return what made a number: a weighted sum within a pre-activation is written out, unless it was tried."""
        made, step = self.done.open(spot), self._by_call.get(spot.call)
        if step is not None and spot.value == "output" and step.activation in OVER_ALL_UNITS:
            is_short = "softmax" in step.activation
            return replace(unshifted(made), number=made.number) if is_short else self._of_all(spot, step)
        total = Spot(spot.call, "weighted sum", spot.index)
        if step is None or spot.value != "pre-activation" or "kernel" not in step.values or total in self.tried:
            return made
        within = self.done.open(total)
        return replace(made, parts=(within, *made.parts[1:])) if isinstance(made, Formula) else within

    def _of_all(self, spot: Spot, step: Step) -> Expression:
        """Return an output of an activation that has no short formula for one unit."""
        z = step.values["pre-activation"]

        def term(at: int) -> tuple[Expression]:
            place = z.place((at,))
            return (Leaf(self.done.opener.number(place), place),)

        return Gathered(self.done.number(spot), step.activation, self.done.array(z), term, list)

    def in_words(self, spot: Spot) -> str:
        """Return what a number is and, if it was calculated, how."""
        words, step = self.done.in_words(spot), self._by_call.get(spot.call)
        how = "" if step is None or spot in self.tried else self._how(spot, step)
        return f"{words}: {how}" if how else words

    def _how(self, spot: Spot, step: Step) -> str:
        match spot.value:
            case "output" if step.activation == "linear":
                return "the pre-activation as it is (linear)"
            case "output" if step.activation:
                return f"{step.activation}(z) = {activation(step.activation).formula}"
            case "pre-activation" if Spot(spot.call, "weighted sum", spot.index) in self.tried:
                return "the weighted sum, which was changed here, plus the bias"
            case "pre-activation" if "bias" in step.values:
                return "every input times its weight, plus the bias"
            case "weighted sum" | "pre-activation" if "kernel" in step.values:
                return "every input times its weight, added up"
            case "kernel" | "bias":
                return ""
        only = f": {step.layer.in_words} acts only in training" if step.layer.while_training else ""
        return f"its input, unchanged{only}"
