"""Going on after a sealed layer with what Keras makes of it: what is to be asked, one call after the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.calculated import calculated
from core.errors import Refused
from core.layers.writer import layers_of
from core.model.written import write_graph
from core.operations.rounding import EXACT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.arrays import AnyArray, KerasArray
    from core.calculation.calculated import Calculated, Outside
    from core.layers.sealed import Sealed
    from core.layers.writer import Weight
    from core.model.files.opening import OpenedGraph
    from core.model.written import OutsideShapes
    from core.operations.rounding import Carry


@dataclass(frozen=True, eq=False)
class Question:
    """What Keras is asked: what ``layer`` makes in a call, with these ``arrays`` by the file's names, of ``inputs``.

    The inputs are those that the exact calculation by hand has there, without the batch, in float32; ``listed`` says
    that the layer is given them as one list, and ``named`` are further settings of the call.
    """

    call: tuple[str, ...]
    layer: Sealed
    arrays: tuple[tuple[str, KerasArray], ...]
    inputs: tuple[KerasArray, ...]
    listed: bool
    named: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, eq=False)
class Beyond:
    """One point through a model as far as it goes: ``outside`` are the outputs of sealed layers that Keras made.

    ``refused`` says why Keras could not make the next one, if it could not.
    """

    model: OpenedGraph
    inputs: Sequence[AnyArray]
    outside: Outside = field(default_factory=lambda: MappingProxyType({}))
    refused: str = ""

    @cached_property
    def weights(self) -> Mapping[Weight, AnyArray]:
        """The numbers of every weight that the calculation needs, as far as it goes."""
        return self.model.weights_for(tuple(array.shape for array in self.inputs), self.shapes)

    @property
    def shapes(self) -> OutsideShapes:
        """The shapes of Keras's outputs."""
        return tuple((call, tuple(one.shape for one in outputs)) for call, outputs in sorted(self.outside.items()))

    def calculated(self, carry: Carry) -> Calculated:
        """Return the calculation; raises what :func:`~core.calculation.calculated.calculated` does."""
        return calculated(self.model.graph, self.weights, self.inputs, carry, outside=self.outside)

    def question(self) -> Question | None:
        """Return what Keras is to be asked for to go on; None if the calculation ends, or Keras can't be asked."""
        written = write_graph(self.model.graph, tuple(array.shape for array in self.inputs), self.shapes)
        stopped = written.stopped
        if stopped is None or not stopped.is_asked or self.refused:
            return None
        done = self.calculated(EXACT)
        with np.errstate(over="ignore"):
            inputs = tuple(np.asarray(done.numbers[source], dtype=np.float32) for source in stopped.sources)
        path = layers_of(stopped.call)
        arrays = tuple((weight.name, array) for weight, array in self.model.weights.items() if weight.layer == path)
        return Question(stopped.call, stopped.layer, arrays, inputs, stopped.listed, stopped.named)

    def answered(self, question: Question, outputs: Sequence[KerasArray]) -> Beyond:
        """Return the calculation with Keras's ``outputs`` of a call; as it was if the file lacks what follows needs."""
        beyond = replace(self, outside={**self.outside, question.call: tuple(outputs)})
        try:
            beyond.weights  # noqa: B018 - it is kept
        except Refused as reason:
            return self.without(str(reason))
        return beyond

    def without(self, reason: str) -> Beyond:
        """Return the calculation that ends before what Keras can't make, and why."""
        return replace(self, refused=reason)


def gone_on(model: OpenedGraph, inputs: Sequence[AnyArray], ask: Callable[[Question], Sequence[KerasArray]]) -> Beyond:
    """Return one point as far as it goes where Keras, asked by ``ask``, makes what is not followed here.

    Raises:
        Refused: an input's shape is not the model's.
    """
    beyond = Beyond(model, inputs)
    while (question := beyond.question()) is not None:
        try:
            beyond = beyond.answered(question, ask(question))
        except Refused as reason:
            return beyond.without(str(reason))
    return beyond
