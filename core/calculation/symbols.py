"""The letters of a calculation on paper: x, then h = tanh(W^T x + b), then y = tanh(V^T h + c), as in the tutorial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model.network import Network

# No letter twice: s and z are a layer's weighted sum and pre-activation, x and y the network's ends.
_OUTPUTS = "hkmnaq"
_KERNELS = "WVUTRP"
_BIASES = "bcdefg"


@dataclass(frozen=True)
class Symbols:
    """One layer's letters: what goes in, its kernel, its bias, what comes out."""

    inputs: str
    kernel: str
    bias: str
    output: str


def symbols(network: Network, place: int) -> Symbols:
    """Return the letters of the layer at ``place``; the last output is y, the first input x."""
    last = place == len(network.layers) - 1
    output = "y" if last else _letter(_OUTPUTS, place, "h")
    inputs = "x" if place == 0 else _letter(_OUTPUTS, place - 1, "h")
    rank = sum(map(bool, network.weight_names()[:place]))
    return Symbols(inputs, _letter(_KERNELS, rank, "W"), _letter(_BIASES, rank, "b"), output)


def _letter(letters: str, place: int, beyond: str) -> str:
    return letters[place] if place < len(letters) else f"{beyond}{place + 1}_"


def formula(network: Network, place: int) -> str:
    """Return the layer at ``place`` as a formula, such as ``h = tanh(W^T x + b)``; with it what only trainings do."""
    layer, letters, arrays = network.layers[place], symbols(network, place), network.arrays_of(place)
    made = f"{letters.kernel}^T {letters.inputs}" if "kernel" in arrays else letters.inputs
    made += f" + {letters.bias}" if "bias" in arrays else ""
    if layer.last_activation and not ("kernel" in arrays and layer.last_activation == "linear"):
        made = f"{layer.last_activation}({made})"
    aside = f"   ({layer.in_words} acts only in training)" if layer.passes_on and layer.while_training else ""
    return f"{letters.output} = {made}{aside}"


def name(letter: str, unit: int, width: int) -> str:
    """Return the name of one number of a vector: ``h2``, or just ``y`` if it is the only one of its kind."""
    return letter if width == 1 and letter == "y" else f"{letter}{unit + 1}"
