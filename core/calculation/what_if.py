"""WhatIf: numbers of a calculation tried out as others, while the model stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.calculation.forward import Part, Trace, trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import Array
    from core.model.network import Network
    from core.model.weights import Weights
    from core.operations.rounding import Rounding


@dataclass(frozen=True)
class WhatIf:
    """The changed numbers: of x by input, of arrays by (layer, array, index), of steps by (layer, part, unit)."""

    x: Mapping[int, float] = field(default_factory=dict)
    arrays: Mapping[tuple[int, int, tuple[int, ...]], float] = field(default_factory=dict)
    parts: Mapping[tuple[int, Part, int], float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x) + len(self.arrays) + len(self.parts)

    def with_input(self, layer: int, unit: int, value: float) -> WhatIf:
        """Return this with another input of a layer: a number of x, or an output of the layer before."""
        if layer == 0:
            return replace(self, x={**self.x, unit: value})
        return self.with_part(layer - 1, Part.OUTPUT, unit, value)

    def with_array(self, layer: int, array: int, index: tuple[int, ...], value: float) -> WhatIf:
        """Return this with another weight or bias."""
        return replace(self, arrays={**self.arrays, (layer, array, index): value})

    def with_part(self, layer: int, part: Part, unit: int, value: float) -> WhatIf:
        """Return this with another number in the place of a calculated one."""
        return replace(self, parts={**self.parts, (layer, part, unit): value})

    def has_input(self, layer: int, unit: int) -> bool:
        """Return whether this input of a layer was changed."""
        return unit in self.x if layer == 0 else (layer - 1, Part.OUTPUT, unit) in self.parts

    def trace(self, network: Network, weights: Weights, x: Array, rounding: Rounding, digits: int) -> Trace:
        """Return the calculation with the changed numbers in their places."""
        point = x.copy()
        for unit, value in self.x.items():
            point[unit] = value
        for (layer, array, index), value in self.arrays.items():
            weights = weights.with_number(layer, array, index, value)
        return trace(network, weights, point, rounding, digits, self.parts)
