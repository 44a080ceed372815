"""What a calculation is checked against, in words: how far it differs from Keras's and from the exact one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.calculation.agreement import differences
from core.calculation.spot import symbol
from core.errors import shorten
from core.formatting import exact, number, small

if TYPE_CHECKING:
    from core.calculation.agreement import Parting
    from core.export.explanation import Explanation
    from core.model.network import Network

WHY = "the tolerance is what rounding every number to float32, as Keras does, can add up to"


def difference_words(explanation: Explanation) -> str:
    """Return how far the prediction is from Keras's and, once the steps were compared, from how far it may be."""
    assert explanation.keras is not None
    off = differences(explanation.trace.prediction, explanation.keras)
    words = f"differ {small(float(np.max(off, initial=0.0)))}"
    if explanation.exact is None or explanation.agreement is None or not off.size:
        return words
    unrounded = differences(explanation.exact.prediction, explanation.keras)
    if explanation.exact is not explanation.trace:
        words += f", calculated exactly {small(float(unrounded.max()))}"
    if explanation.agreement.parting is None and np.isfinite(unrounded).all():
        words += f", tolerance {small(float(explanation.agreement.tolerances[int(unrounded.argmax())]))}"
    return words


def agreement_lines(explanation: Explanation) -> list[str]:
    """Return whether every number agrees with Keras's or where they first part; nothing if they were not compared."""
    if explanation.agreement is None:
        return []
    if (found := explanation.agreement.parting) is None:
        return [f"every layer's outputs agree; {WHY}"]
    return [f"{parting_words(explanation.network, found, 'tolerance')}; {WHY}"]


def parting_words(network: Network, found: Parting, explained: str) -> str:
    """Return where Keras and the calculation by hand first part, with both numbers and what is ``explained``."""
    layer, shape = shorten(network.layers[found.place].name), network.shapes()[found.place + 1]
    where = symbol(network, found.spot) if network.is_chain else output_in_words(shape, found.unit)
    if found.in_predict:
        where = f"the layers agree, predict differs: {where}"
    else:
        where = f"they part first at {where} of {layer}:"
    told = f"{where} by hand {number(found.by_hand, 8)}, Keras {exact(found.keras)}"
    if np.isfinite([found.by_hand, found.keras]).all():
        told += f", {explained} {small(found.tolerance)}"
    return told


def output_in_words(shape: tuple[int, ...], unit: int) -> str:
    """Return which of the outputs of ``shape`` the one is that is ``unit`` in a row: ``output[2,1]``."""
    return f"output[{','.join(str(int(at) + 1) for at in np.unravel_index(unit, shape))}]" if shape else "output"


def drift_words(explanation: Explanation, place: int) -> str:
    """Return how far carried rounding has taken a layer's outputs from the exact ones; empty if it is not known."""
    if explanation.exact is None or explanation.exact is explanation.trace:
        return ""
    off = differences(explanation.trace.steps[place].output, explanation.exact.steps[place].output)
    return f"drift up to {small(float(off.max(initial=0.0)))}"
