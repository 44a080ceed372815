"""Each: one number of each source, broadcast, through a function of the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.operations.functions import ADDING, COMPARING, FUNCTIONS, Function
from core.operations.operation import FLUSHED, FUNCTION, ROUNDING, Index, Misfit, Places, Shape, Terms, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import Array
    from core.operations.operation import At
    from core.operations.program import Value
    from core.operations.rounding import Carry
    from core.operations.writing import Written


@dataclass(frozen=True)
class Each:
    """``function`` of one number of each source; sources have one rank, and an axis of 1 goes with all of another."""

    function: str
    before: tuple[Shape, ...]

    @cached_property
    def table(self) -> Function:
        """What the function is."""
        return FUNCTIONS[self.function]

    @cached_property
    def shape(self) -> Shape:
        """The sources' shapes, broadcast."""
        try:
            return np.broadcast_shapes(*self.before)
        except ValueError:
            shapes = " and ".join(str(shape) for shape in self.before)
            raise Misfit(f"expected shapes that go together, got {shapes}") from None

    def forward(self, carry: Carry, *sources: Array) -> Array:
        """Return the function of the sources."""
        return carry(self.table.of(*sources))

    def places(self, source: int, at: At) -> At:
        """Return where in a source the numbers are that those ``at`` are made of."""
        return np.where(np.array(self.before[source], dtype=np.int64) > 1, at, 0)

    def terms(self, index: Index, sources: Sequence[Array]) -> Terms:
        """Return one number of each source."""
        return Terms(tuple(Places(source, self.places(source, row(index))) for source in range(len(self.before))))

    def joined(self, carry: Carry, *factors: Array) -> float:
        """Return the function of one number of each source."""
        with np.errstate(all="ignore"):
            return float(carry(self.table.of(*factors))[0])

    def slopes(self, slope: Value, made: Value, sources: Sequence[Value]) -> list[Value | None]:
        """Return the slope times that of the function, added up over the axes that were broadcast."""
        times = self.table.slopes(made, *sources)

        def handed(factor: Value | float) -> Value:
            # Chosen, not multiplied: what was not taken has the slope 0, also where that of the result is infinite.
            if self.function == "where" and not isinstance(factor, float):
                return factor.each("where", slope, 0.0)
            return slope * factor

        return [
            None if factor is None else handed(factor).summed_to(source.shape)
            for factor, source in zip(times, sources, strict=False)
        ]

    def off(self, made: Array, sources: Sequence[Array], offs: Sequence[Array]) -> Array:
        """Return how far the function goes within what the sources are off, and its own rounding."""
        if self.function in COMPARING:
            # Of what is off by nothing it is known, also of equal numbers.
            off = offs[0] + offs[1]
            return np.where((off > 0.0) & (np.abs(sources[0] - sources[1]) <= off), 1.0, 0.0)
        if self.function == "where":
            condition, yes, no = sources
            chosen = np.where(condition != 0.0, offs[1], offs[2])
            # It is 0 or 1: rounding alone does not turn it.
            return np.where(offs[0] >= 0.5, np.maximum(np.abs(yes - no) + offs[1], offs[2]), chosen)
        spread = sum(self._spread(made, sources, offs, at) for at in range(len(sources)))
        # A whole number is none that float32 rounds, or takes for 0: what is compared with it is known.
        own = 0.0 if self.function == "truncate" else self._rounded(made, sources) + FLUSHED
        return np.asarray(spread + own)

    def python(self, *sources: Written) -> Written:
        """Return the function's form in Python."""
        return self.table.forms.python.of(sources)

    def _rounded(self, made: Array, sources: Sequence[Array]) -> Array:
        """Return how far the function's own rounding may be off."""
        if self.function in ADDING:
            # Float32 may have what is added in another order, each rounded on its way and their sum too.
            return np.asarray(2.0 * ROUNDING * (np.abs(sources[0]) + np.abs(sources[1])))
        return ROUNDING * np.abs(made) if self.table.exact else FUNCTION * np.maximum(1.0, np.abs(made))

    def _spread(self, made: Array, sources: Sequence[Array], offs: Sequence[Array], at: int) -> Array:
        """Return how far the result goes when the source ``at`` goes as far as it may be off, to either side."""
        ends = []
        for side in (-1.0, 1.0):
            moved = [source + side * offs[at] if here == at else source for here, source in enumerate(sources)]
            ends.append(np.abs(self.table.of(*moved) - made))
        return np.asarray(np.maximum(*ends))
