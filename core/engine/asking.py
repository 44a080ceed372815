"""What Keras is asked for to go on after a sealed layer, as it goes to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine.protocol import CallLayer, Tensor

if TYPE_CHECKING:
    from core.calculation.beyond import Question


def call_of(question: Question, identity: int) -> CallLayer:
    """Return the command that asks the engine for what a layer makes."""
    arrays = tuple((name, Tensor.of(array)) for name, array in question.arrays)
    inputs = tuple(map(Tensor.of, question.inputs))
    return CallLayer(identity, question.layer.entry, arrays, inputs, question.listed, question.named)
