"""Looking: in which way predictions of numbers are looked at, and of which output; turned by two keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.calculation.fit import Fit, Look, against_true, curve, looks_for, off_by
from core.errors import shorten
from core.tasks import Numbers

if TYPE_CHECKING:
    from core.calculation.effect import Effect
    from core.model.network import Network
    from core.model.weights import Weights
    from core.tasks import Task

TURNS = frozenset({"look", "output"})
"""The actions that turn what is looked at."""


def can_turn(action: str, task: Task) -> bool:
    """Return whether one of :data:`TURNS` has anything to turn: labels that are numbers, more than one for outputs."""
    return isinstance(task, Numbers) and (action == "look" or len(task.named) > 1)


class Looking:
    """Keeps what is looked at while models and data change."""

    def __init__(self) -> None:
        self._looks = self._outputs = 0

    def turn(self) -> None:
        """Look at it in the next way."""
        self._looks += 1

    @property
    def turned(self) -> bool:
        """Whether, of two ways, it is the second."""
        return self._looks % 2 == 1

    def turn_output(self) -> None:
        """Look at the next output."""
        self._outputs += 1

    def look(self, inputs: int) -> Look:
        """Return the way, of those that there are for so many inputs."""
        looks = looks_for(inputs)
        return looks[self._looks % len(looks)]

    def output(self, task: Numbers) -> int:
        """Return which output, counted from 0."""
        return self._outputs % len(task.named)

    def title(self, task: Numbers, inputs: int) -> str:
        """Return what is seen and what the line is, or of several outputs which it is of."""
        size, output, look = len(task.named), self.output(task), self.look(inputs)
        if size == 1:
            return look
        return f"{look.split(';')[0]}: {shorten(task.named[output], 10)}, {output + 1} of {size}"

    def fit(self, network: Network, weights: Weights, effect: Effect | None, task: Numbers) -> Fit | None:
        """Return what is looked at as dots and a line; None where it is the plane, or nothing is predicted yet."""
        if effect is None or effect.predicted is None:
            return None
        data, output = effect.dataset, self.output(task)
        if output >= min(effect.predicted.shape[1], data.labels.shape[1]) or network.inputs != data.inputs:
            return None
        true, predicted = data.labels[:, output], effect.predicted[:, output]
        match self.look(network.inputs):
            case Look.CURVE:
                return curve(network, weights, data.points[:, 0], true, output)
            case Look.TRUE:
                return against_true(predicted, true)
            case Look.OFF:
                return off_by(predicted, true)
        return None
