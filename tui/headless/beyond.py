"""Going on after a sealed layer with what Keras makes of it; the engine is started where there is something to ask."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from core.errors import Refused, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.arrays import AnyArray, KerasArray
    from core.calculation.beyond import Beyond, Cut, Question
    from core.calculation.calculated import Outside
    from core.layers.writer import Weight
    from core.model.files.opening import OpenedGraph, OpenedModel
    from core.model.network import Network
    from core.training.recipe import Recipe


class Explainable(Protocol):
    """A model for one point: what is calculated by hand, and what of it Keras is asked for beside that."""

    @property
    def weights(self) -> Mapping[Weight, AnyArray]:
        """Its weights, as far as the calculation goes."""

    @property
    def outside(self) -> Outside:
        """What Keras made of layers that are not followed."""

    @property
    def notes(self) -> Sequence[str]:
        """What is to be said of it."""

    def recipe(self, network: Network) -> Recipe | None:
        """Return how it was compiled, of which ``network`` is what losses are calculated of."""

    def for_losses(self) -> Cut:
        """Return what losses are calculated of.

        Raises:
            Refused: its outputs are not calculated here.
        """

    def for_check(self) -> Cut:
        """Return what Keras is to calculate, too.

        Raises:
            Refused: nothing is calculated here.
        """


class ToItsEnd:
    """A model that is followed to its end."""

    outside: Outside = {}

    def __init__(self, model: OpenedModel, point: Sequence[AnyArray]) -> None:
        self.notes, self._model, self._point = model.notes, model, point
        self.weights = model.weights.by_name(model.network)

    @cached_property
    def _cut(self) -> Cut:
        import msgspec

        from core.calculation.beyond import Cut
        from core.calculation.running import in_a_row, lengths_of

        network = self._model.network
        lengths = lengths_of(network.graph, self._point)
        return Cut(msgspec.structs.replace(network, lengths=lengths), self._model.weights, in_a_row(self._point))

    def recipe(self, _network: Network) -> Recipe | None:
        return self._model.recipe

    def for_losses(self) -> Cut:
        return self._cut

    def for_check(self) -> Cut:
        return self._cut


class BeyondSealed:
    """A model with layers that are not followed, as far as Keras makes what these make."""

    def __init__(self, model: OpenedGraph, point: Sequence[AnyArray]) -> None:
        from core.operations.rounding import EXACT

        self._model, self._beyond = model, as_far_as_keras_goes(model, point)
        self.weights, self.outside = self._beyond.weights, self._beyond.outside
        done = self._beyond.calculated(EXACT)
        self._stops = done.written.stops
        self._said = [words for words in (self._beyond.refused, done.from_keras, self._stops) if words]
        self._of_losses: list[str] = []

    @property
    def notes(self) -> list[str]:
        return [*self._said, *self._of_losses]

    def recipe(self, network: Network) -> Recipe | None:
        from core.model.archive.compile_settings import read_compile

        return read_compile(self._model.compiled, network.outputs, network.each_output).recipe

    def for_losses(self) -> Cut:
        from core.calculation.beyond import cut_for_losses
        from core.model.archive.penalties import unfollowed

        if self._stops:
            raise Refused(f"expected no --loss for a model whose prediction is not calculated here: {self._stops}")
        self._of_losses = [*unfollowed(self._model.config)[0], *_penalties_left_out(self._model)]
        return cut_for_losses(self._beyond)

    def for_check(self) -> Cut:
        from core.calculation.beyond import cut_for_check

        if not self._stops:
            self.for_losses()
        return cut_for_check(self._beyond)


def _penalties_left_out(model: OpenedGraph) -> Iterator[str]:
    """Say which sealed layers have regularizers, whose numbers are in no loss here."""
    from core.layers.nested import sealed_in

    for path, layer in sealed_in(model.graph):
        if any(name.endswith("_regularizer") and value is not None for name, value in layer.settings.items()):
            yield f"what regularizers of {shorten('/'.join(path), 80)} add is in no loss here"


def as_far_as_keras_goes(model: OpenedGraph, point: Sequence[AnyArray]) -> Beyond:
    """Return one point through a model, with Keras's outputs of what is not followed here."""
    from core.calculation.beyond import Beyond, gone_on
    from core.engine.asking import call_of
    from core.engine.client import EngineClient
    from core.engine.protocol import LayerMade

    beyond = Beyond(model, point)
    if beyond.question() is None:
        return beyond
    with EngineClient() as engine:

        def ask(question: Question) -> Sequence[KerasArray]:
            answer = engine.ask(call_of(question, 1))
            return [one.array() for one in answer.outputs] if isinstance(answer, LayerMade) else []

        return gone_on(model, point, ask)
