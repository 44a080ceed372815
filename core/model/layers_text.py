"""Chains of layers as one line of text, such as ``5 tanh, 1 tanh`` or ``LSTM 4, 1 tanh``: read, and written again."""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING

import msgspec

from core.activations import HALVING
from core.errors import Refused, shorten
from core.half_width import half_width, with_semicolons
from core.layers.layer import Layer
from core.layers.registry import UNITS
from core.model.files.kept import snake_case
from core.model.graph import chain
from core.model.layer_words import EXAMPLES, layer_words, named, parts_of, read_layer_words
from core.model.network import Network, times

if TYPE_CHECKING:
    from core.operations.operation import Shape

MAX_LAYERS = 1_000


def chain_network(inputs: int | Shape, text: str) -> Network:
    """Return the network that ``text`` describes over ``inputs`` numbers, or over inputs of that shape.

    Raises:
        Refused: the text is none of layers, none of them has weights, or they don't fit the inputs or each other.
    """
    shape = (inputs,) if isinstance(inputs, int) else inputs
    layers = read_layers(text)
    for layer in layers[:-1]:
        # Keras plans the next layer for the full width.
        if layer.last_activation in HALVING:
            raise Refused(
                f"{layer.last_activation} halves its units: expected it on the last layer only, "
                f"got it on {layer.name}, {layer.in_words}"
            )
    network = Network.chain(prod(shape), layers, shape=shape)
    if stops := network.written.stops:
        plain = f"; a layer such as Reshape {times(shape)}x1 gives plain numbers a shape" if len(shape) == 1 else ""
        raise Refused(f"{stops}; the inputs are {times(shape)}{plain}")
    if not any(network.weight_shapes):
        raise Refused(f"expected a layer with weights, such as '5 tanh' or 'LSTM 4', got {shorten(text.strip())!r}")
    return network


def read_layers(text: str) -> list[Layer]:
    """Return the layers that ``text`` describes, as in ``5 tanh, dropout 0.5, LSTM 4, 1 tanh``.

    A part is Keras's class with its settings (:mod:`core.model.layer_words`); or the units of a Dense layer and, if it
    is not linear, its activation; or an activation alone, a layer of its own. Commas or semicolons separate them. The
    last layer with weights is called ``output`` if it is Dense, other Dense ones ``hidden`` (``hidden_2`` and so on),
    as in the tutorial; each other is called after its class.

    Raises:
        Refused: a part is none of these.
    """
    written = with_semicolons(text).replace(">", ",")
    # With a semicolon between, a comma is a decimal one.
    parts = parts_of(written, ";" if ";" in written else ",")
    if not parts:
        raise Refused(f"expected layers such as {EXAMPLES}, got nothing")
    if len(parts) > MAX_LAYERS:
        raise Refused(f"expected at most {MAX_LAYERS} layers, got {len(parts)}")
    return _as_in_the_tutorial([read_layer_words(part) for part in parts])


def _as_in_the_tutorial(layers: list[Layer]) -> list[Layer]:
    """Return the layers with a name of their own each."""
    dense = snake_case(UNITS.__name__)
    last = next((place for place, layer in reversed(list(enumerate(layers))) if _may_have_weights(layer)), -1)
    output = last if last >= 0 and layers[last].name == dense else -1
    renamed = [msgspec.structs.replace(layer, name="hidden") if layer.name == dense else layer for layer in layers]
    if output >= 0:
        renamed[output] = msgspec.structs.replace(renamed[output], name="output")
    return list(named(renamed))


def _may_have_weights(layer: Layer) -> bool:
    return type(layer).weights is not Layer.weights or bool(layer.parts())


def read_inputs(text: str, most: int) -> Shape:
    """Return the shape of inputs that is typed as ``28x28x1``; a number alone is that of plain inputs.

    Raises:
        Refused: it is neither, or has more than ``most`` numbers.
    """
    plain = half_width(text).strip().lower().replace("×", "x")
    if not re.fullmatch(r"[0-9]{1,9}(\s*x\s*[0-9]{1,9}){0,7}", plain):
        raise Refused(f"expected inputs as a number or a shape such as 6x2 or 28x28x1, got {shorten(text)!r}")
    shape = tuple(map(int, plain.split("x")))
    if not 1 <= prod(shape) <= most:
        raise Refused(f"expected inputs of 1 to {most:,} numbers, got {prod(shape):,}")
    return shape


def checked_shape(text: str) -> str:
    """Return ``text`` if it describes layers, whatever they are over.

    Raises:
        Refused: it does not.
    """
    read_layers(text)
    return text


def shape_text(network: Network) -> str | None:
    """Return the text that :func:`chain_network` reads as these layers; None if no such text does.

    Other graphs than chains have none, and models with layers that words can't say. It does not say which layers are
    frozen or have names of their own.
    """
    graph = network.graph
    if len(graph.inputs) != 1 or graph != chain(graph.name, graph.inputs[0], graph.layers):
        return None
    try:
        return ", ".join(map(layer_words, graph.layers))
    except Refused:
        return None
