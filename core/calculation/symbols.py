"""The letters of a calculation on paper: x, then h = tanh(W^T x + b), then y = tanh(V^T h + c), as in the tutorial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.layers.activation_layers import Activation
from core.layers.convolution import Convolution
from core.layers.identity import Dropout
from core.layers.pooling import Pooling
from core.layers.reshaping import Flatten
from core.model.network import Weighted

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.model.network import Network

# No letter twice: s and z are a layer's weighted sum and pre-activation, x and y the network's ends.
_OUTPUTS = "hkmnaq"
_KERNELS = "WVUTRP"
_BIASES = "bcdefg"
_SHARES = "A"


@dataclass(frozen=True)
class Symbols:
    """One layer's letters: what goes in, its kernel (of an average, its matrix of shares), its bias, what comes out."""

    inputs: str
    kernel: str
    bias: str
    output: str


def symbols(network: Network, place: int) -> Symbols:
    """Return the letters of the layer at ``place``; the last output is y, the first input x."""
    last = place == len(network.layers) - 1
    output = "y" if last else _letter(_OUTPUTS, place, "h")
    inputs = "x" if place == 0 else _letter(_OUTPUTS, place - 1, "h")
    rank = sum(isinstance(layer, Weighted) for layer in network.layers[:place])
    kernel = _SHARES if isinstance(network.layers[place], Pooling) else _letter(_KERNELS, rank, "W")
    return Symbols(inputs, kernel, _letter(_BIASES, rank, "b"), output)


def _letter(letters: str, place: int, beyond: str) -> str:
    return letters[place] if place < len(letters) else f"{beyond}{place + 1}_"


def formula(network: Network, place: int) -> str:
    """Return the layer at ``place`` as a formula, such as ``h = tanh(W^T x + b)``."""
    layer, letters = network.layers[place], symbols(network, place)
    return f"{letters.output} = {_right_side(layer, letters)}"


def _right_side(layer: Layer, letters: Symbols) -> str:
    match layer:
        case Dropout(rate=rate):
            return f"{letters.inputs}   (dropout {rate:g} acts only in training)"
        case Flatten():
            return f"{letters.inputs}, in one row"
        case Pooling():
            return f"{layer.in_words} of {letters.inputs}"
        case Activation():
            return f"{layer.activation}({letters.inputs})"
    assert isinstance(layer, Weighted)
    inner = f"{letters.kernel}^T {letters.inputs}" + (f" + {letters.bias}" if layer.use_bias else "")
    made = inner if layer.activation == "linear" else f"{layer.activation}({inner})"
    window = f"   ({letters.kernel}: kernel at each place)"
    return made + (window if isinstance(layer, Convolution) else "")


def name(letter: str, unit: int, width: int) -> str:
    """Return the name of one number of a vector: ``h2``, or just ``y`` if it is the only one of its kind."""
    return letter if width == 1 and letter == "y" else f"{letter}{unit + 1}"
