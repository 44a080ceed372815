"""A chain's calculation step by step, of a model and a point."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation import forward
from core.calculation.followed import Asked, follow
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import AnyArray
    from core.calculation.calculated import Spot
    from core.calculation.forward import Trace
    from core.model.network import Network
    from core.model.weights import Weights


def trace(
    network: Network,
    weights: Weights,
    x: AnyArray,
    rounding: Rounding = Rounding.SHOWN,
    digits: int = 4,
    tried: Mapping[Spot, float] = MappingProxyType({}),
) -> Trace:
    """Return the steps as they are written down; numbers in ``tried`` stand for those at their addresses."""
    asked = Asked(network, weights, np.asarray(x, dtype=np.float64), tried, rounding, digits)
    return forward.trace(network, follow(asked).written)
