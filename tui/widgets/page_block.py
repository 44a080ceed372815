"""One layer of a calculation on the page, its inputs in a row above its kernel: where its numbers stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, overload

from core.calculation.calculated import Spot
from tui.widgets.text import fit, fit_right

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calculation.calculated import Value
    from core.export.chain import Chain
    from core.formatting import Notation

LEAST_NAME = 3
"""Columns for the name of a row's output, if that is short."""

INPUT_ROW = -1
"""The row of a block on which the inputs stand; the units' rows are 0, 1, ..."""

HEADINGS = 2
"""Lines of a block above its units: its title, and the headings of its columns."""

RESULTS = ("weighted sum", "bias", "pre-activation", "output")
"""The values of a layer that have a column, in their order."""


class Written(NamedTuple):
    """A number as it stands on the page: its text, and which part of the style it has."""

    text: str
    part: str = "result"


def widths(chain: Chain, notation: Notation) -> tuple[int, ...]:
    """Return how many columns the widest number of each layer takes."""
    return tuple(
        max(notation.width_of(chain.done.array(value)) for value in (step.given, *step.values.values()))
        for step in chain.steps
    )


@dataclass(frozen=True, eq=False)
class Page:
    """What is shown: a chain's calculation, how its numbers are written, and a note beside each layer's title.

    ``widths`` are how many columns the widest number of each layer takes, as :func:`widths` finds them.
    """

    chain: Chain
    widths: Sequence[int]
    written: Callable[[Spot], Written]
    notes: Sequence[str]


class Row(Sequence[Spot]):
    """The numbers of a row of a block from left to right, each made when it is asked for: a wide layer has many."""

    def __init__(self, block: Block, row: int) -> None:
        self._block, self._row = block, row

    def __len__(self) -> int:
        return self._block.inputs + (0 if self._row == INPUT_ROW else len(self._block.results))

    @overload
    def __getitem__(self, place: int) -> Spot: ...
    @overload
    def __getitem__(self, place: slice) -> list[Spot]: ...
    def __getitem__(self, place: int | slice) -> Spot | list[Spot]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        block, at = self._block, place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        if self._row == INPUT_ROW:
            return block.step.given.spot((at,))
        if at < block.inputs:
            return block.step.values["kernel"].spot((at, self._row))
        return block.results[at - block.inputs][0].spot((self._row,))

    def __contains__(self, spot: object) -> bool:
        return isinstance(spot, Spot) and self._at(spot) is not None

    def index(self, spot: Spot, start: int = 0, stop: int | None = None) -> int:
        """Return where ``spot`` is in the row."""
        at = self._at(spot)
        if at is None or not start <= at < (len(self) if stop is None else stop):
            raise ValueError(spot)
        return at

    def _at(self, spot: Spot) -> int | None:
        at = self._block.column(spot)
        return at if at is not None and at < len(self) and self[at] == spot else None


class Block:
    """A layer on the page: where it begins, and how its columns are laid out, the inputs in a row above the kernel."""

    def __init__(self, page: Page, place: int, top: int, width: int) -> None:
        self.page, self.place, self.top = page, place, top
        self.chain, self.step = page.chain, page.chain.steps[place]
        self.units = self.step.values["output"].shape[0]
        self.inputs = self.step.given.shape[0] if "kernel" in self.step.values else 0
        self.name = max(LEAST_NAME, len(self.label(self.units - 1)))
        self.cell = 1 + page.widths[place]
        self.results = [(value, self._heading_of(value)) for value in map(self.step.values.get, RESULTS) if value]
        self.gap = 3
        if self._room(width) < self.inputs:
            self.gap = 1
        self.shown = max(1, min(self.inputs, self._room(width))) if self.inputs else 0
        self.first = 0

    @property
    def rows(self) -> range:
        """The rows on which numbers stand."""
        return range(INPUT_ROW if self.inputs else 0, self.units)

    @property
    def height(self) -> int:
        """Lines that the block takes, with its headings and the blank one below it."""
        return HEADINGS + self.rows.stop + 1

    def letter(self, name: str) -> str:
        """Return what one of the layer's values is called; ``given`` is what goes in."""
        return self.chain.letter(self.step.given if name == "given" else self.step.values[name])

    def label(self, row: int) -> str:
        """Return what the output on a row is called."""
        return self.chain.symbol(self.step.values["output"], (row,))

    def _heading_of(self, value: Value) -> str:
        match value.name:
            case "weighted sum":
                return f"{self.letter('kernel')}^T {self.letter('given')}"
            case "bias":
                return f"+ {self.letter('bias')}"
            case "pre-activation":
                return "= z"
        return self.step.activation or "same"

    @property
    def formula(self) -> str:
        """The layer as a formula, such as ``h = tanh(W^T x + b)``."""
        has_kernel, activation = "kernel" in self.step.values, self.step.activation
        made = f"{self.letter('kernel')}^T {self.letter('given')}" if has_kernel else self.letter("given")
        made += f" + {self.letter('bias')}" if "bias" in self.step.values else ""
        if activation and not (has_kernel and activation == "linear"):
            made = f"{activation}({made})"
        return f"{self.letter('output')} = {made}"

    def _room(self, width: int) -> int:
        """How many inputs fit beside the results."""
        return max(1, (width - self.name - 2 - len(self.results) * (self.cell + self.gap - 1)) // self.cell)

    def is_given(self, spot: Spot) -> bool:
        """Return whether a number of the block goes into the layer."""
        return (spot.call, spot.value) == (self.step.given.call, self.step.given.name)

    def input_of(self, spot: Spot) -> int | None:
        """Return which input a number of the block is, or is multiplied by; None if it is neither."""
        return spot.index[0] if self.is_given(spot) or spot.value == "kernel" else None

    def column(self, spot: Spot) -> int | None:
        """Return which number of its row a number is, from left to right; None if it is of another layer."""
        if (at := self.input_of(spot)) is not None:
            return at
        found = (at for at, (value, _) in enumerate(self.results) if value.name == spot.value)
        return next((self.inputs + at for at in found), None)

    def slide_to(self, column: int) -> None:
        """Move the window of inputs so that ``column`` is in it."""
        if column < self.first:
            self.first = column
        elif column >= self.first + self.shown:
            self.first = column - self.shown + 1

    def row_of(self, spot: Spot) -> int:
        """Return the row on which a number stands."""
        return INPUT_ROW if self.is_given(spot) else spot.index[-1]

    def spots(self, row: int) -> Sequence[Spot]:
        """Return the numbers of a row from left to right."""
        return Row(self, row)

    def seen(self, row: int) -> list[Spot]:
        """Return those of them that are drawn: of the inputs only some have room."""
        spots = self.spots(row)
        return [*spots[self.first : self.first + self.shown], *spots[self.inputs :]]

    def result_x(self, place: int) -> int:
        """Return the column at which the result column ``place`` begins."""
        left = self.name + (2 + self.shown * self.cell if self.inputs else 0)
        return left + place * (self.cell + self.gap - 1)

    def x_of(self, spot: Spot) -> int:
        """Return the column at which the cell of ``spot`` begins."""
        if (at := self.input_of(spot)) is not None:
            return self.name + 1 + (at - self.first) * self.cell
        return self.result_x((self.column(spot) or self.inputs) - self.inputs)

    def seen_x_of(self, spot: Spot) -> int:
        """Return that column or, of an input that is out of sight, of the nearest that is seen."""
        at, last = self.input_of(spot), self.first + self.shown - 1
        if at is None or self.first <= at <= last:
            return self.x_of(spot)
        return self.name + 1 + (0 if at < self.first else last - self.first) * self.cell

    def between(self, spot: Spot) -> int:
        """Return the columns between the cell of ``spot`` and the next one on its row, or the one before the last."""
        seen = self.seen(self.row_of(spot))
        if spot not in seen:
            return 0
        at = min(seen.index(spot), max(len(seen) - 2, 0))
        pair = seen[at : at + 2]
        return self.x_of(pair[1]) - self.x_of(pair[0]) - self.cell if len(pair) == 2 else 0

    def spot_at(self, x: int, row: int) -> Spot | None:
        """Return the number at column ``x`` of a row, if there is one."""
        return next((spot for spot in self.seen(row) if 0 <= x - self.x_of(spot) < self.cell), None)

    # Walking

    def valid(self, spot: Spot) -> Spot:
        """Return ``spot`` if the block has it, else the end of its row or of the nearest one."""
        row = min(self.row_of(spot), self.units - 1)
        spots = self.spots(row if row in self.rows else 0)
        return spot if spot in spots else spots[-1]

    def enter(self, direction: int, x: int) -> Spot:
        """Return the number that is nearest to column ``x`` coming down (1) from above, or up (-1) from below."""
        return self._nearest(self.rows[0 if direction > 0 else -1], x)

    def next(self, spot: Spot, direction: int, x: int) -> Spot | None:
        """Return the number a row further down (1) or up (-1) that is nearest to column ``x``, if there is one."""
        row = self.row_of(spot) + direction
        return self._nearest(row, x) if row in self.rows else None

    def _nearest(self, row: int, x: int) -> Spot:
        return min(self.seen(row), key=lambda spot: abs(self.x_of(spot) - x))

    # What stands on a line, from left to right: numbers, and what is written between them

    def headings(self) -> list[Spot | str]:
        """Return what stands above the units' rows: the inputs, and the headings of the results."""
        line: list[Spot | str] = [fit(f"{self.letter('given')} =" if self.inputs else "", self.name)]
        if self.inputs:
            line += [" ", *self.spots(INPUT_ROW)[self.first : self.first + self.shown], " "]
        return line + [fit_right(title, self.cell) + " " * (self.gap - 1) for _, title in self.results]

    def line(self, row: int) -> list[Spot | str]:
        """Return what stands on the row of a unit."""
        label, seen = fit(self.label(row), self.name), self.seen(row)
        line: list[Spot | str] = [label, "[", *seen[: self.shown], "]"] if self.inputs else [label]
        for spot in seen[self.shown :]:
            line += [spot, " " * (self.gap - 1)]
        return line
