"""Going on after a sealed layer with what Keras makes of it; the engine is started where there is something to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import AnyArray, KerasArray
    from core.calculation.beyond import Beyond, Question
    from core.model.files.opening import OpenedGraph


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
