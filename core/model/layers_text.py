"""Chains of Dense layers as one line of text, such as ``5 tanh, 1 tanh``: read, and written again."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import msgspec

from core.activations import ACTIVATIONS, HALVING, activation
from core.errors import Refused, shorten
from core.half_width import with_semicolons
from core.layers.activation_layers import Activation
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.model.network import MAX_UNITS, Network

if TYPE_CHECKING:
    from core.layers.layer import Layer

MAX_LAYERS = 1_000


def dense_network(inputs: int, shape: str) -> Network:
    """Return the network that ``shape`` describes over ``inputs`` numbers, as in ``5 tanh, dropout 0.5, 1 tanh``.

    A part is the units of a Dense layer and, if it is not linear, Keras's name of its activation; or ``dropout`` and
    a rate; or an activation alone, a layer of its own. Commas or semicolons separate them. The last Dense layer is
    called ``output``, the others ``hidden`` (``hidden_2`` and so on), as in the tutorial.

    Raises:
        Refused: a part is none of these, or none has units.
    """
    written = with_semicolons(shape).replace(">", ",")
    # With a semicolon between, a comma is a decimal one.
    parts = [part.strip() for part in written.split(";" if ";" in written else ",") if part.strip()]
    if not parts:
        raise Refused("expected layers such as '5 tanh, 1 tanh', got nothing")
    if len(parts) > MAX_LAYERS:
        raise Refused(f"expected at most {MAX_LAYERS} layers, got {len(parts)}")
    layers = [_read_part(part) for part in parts]
    dense = [place for place, layer in enumerate(layers) if isinstance(layer, Dense)]
    if not dense:
        raise Refused(f"expected layers such as '5 tanh, 1 tanh', got {shorten(shape.strip())!r}")
    for place, layer in enumerate(layers):
        if place < len(layers) - 1 or _width(layers) % 2:
            _refuse_halving(layer, parts[place])
    named = zip(layers, _names(layers, dense[-1]), strict=True)
    return Network.chain(inputs, [msgspec.structs.replace(layer, name=name) for layer, name in named])


def _names(layers: list[Dense | Dropout | Activation], output: int) -> list[str]:
    """Return a name for every layer: what it is, from the second of its kind on with its number."""
    kinds = ["hidden" if isinstance(layer, Dense) else type(layer).__name__.lower() for layer in layers]
    numbers = [kinds[: place + 1].count(kind) for place, kind in enumerate(kinds)]
    names = [kind if number == 1 else f"{kind}_{number}" for kind, number in zip(kinds, numbers, strict=True)]
    names[output] = "output"
    return names


def _read_part(part: str) -> Dense | Dropout | Activation:
    words = part.split()
    if len(words) == 2 and words[0].lower() == "dropout":
        return Dropout("", _rate(words[1]))
    if len(words) == 1 and words[0].lower() in ACTIVATIONS:
        return Activation("", words[0].lower())
    if len(words) > 2 or not words[0].isascii() or not words[0].isdecimal():
        raise Refused(f"expected units and an activation such as '5 tanh', got {shorten(part)!r}")
    units = int(words[0]) if len(words[0]) <= 12 else MAX_UNITS + 1
    if not 1 <= units <= MAX_UNITS:
        raise Refused(f"expected 1 to {MAX_UNITS:,} units, got {shorten(words[0])}")
    return Dense("", units, activation(words[1].lower()).name if len(words) == 2 else "linear")


def _width(layers: list[Dense | Dropout | Activation]) -> int:
    """Return how many units the last Dense layer has."""
    return next(layer.units for layer in reversed(layers) if isinstance(layer, Dense))


def _rate(text: str) -> float:
    try:
        rate = float(text.replace(",", "."))
    except ValueError:
        rate = nan
    if not 0 <= rate < 1:
        raise Refused(f"expected a rate of dropout from 0 up to, not including, 1, got {shorten(text)}")
    return rate


def _refuse_halving(layer: Layer, part: str) -> None:
    """Refuse what halves its units, which it may do only at the end, where their number is even."""
    if isinstance(layer, Dense | Activation) and layer.activation in HALVING:
        raise Refused(
            f"{layer.activation} halves its units: expected it on a last layer of even width, got {shorten(part)!r}"
        )


def checked_shape(text: str) -> str:
    """Return ``text`` if :func:`dense_network` can read it.

    Raises:
        Refused: it cannot.
    """
    dense_network(1, text)
    return text


def shape_text(network: Network) -> str:
    """Return the text that :func:`dense_network` reads, without other kinds of layers.

    It does not say which layers are frozen, go without a bias, or have names of their own.
    """
    return ", ".join(layer.in_words for layer in network.layers if isinstance(layer, Dense | Dropout | Activation))
