"""Which layers Keras may be asked for where they are not followed here: its own classes with its own settings.

Nothing of a file may run. So the classes are named one by one: none of them runs or reads what its settings say, as a
Lambda, a TFSMLayer or a StringLookup with a file of words would, and what they make is the same at each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import ACTIVATIONS
from core.layers.registry import LAYERS
from core.model.archive.gate import ALLOWED, is_built_in

if TYPE_CHECKING:
    from core.model.archive.gate import Json

NOT_FOLLOWED = frozenset(
    {
        *("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "EinsumDense", "GroupQueryAttention", "SpectralNormalization"),
        *("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"),
        *("AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"),
        *("CategoryEncoding", "Discretization", "CenterCrop", "Resizing", "ReversibleEmbedding"),
        *("MelSpectrogram", "STFTSpectrogram"),
    }
)
"""Keras's classes that are not followed here in any setting, and may be asked for."""

ASKED = {**ALLOWED, "layers": frozenset(LAYERS) | NOT_FOLLOWED, "dtype_policies": frozenset({"DTypePolicy"})}
"""Keras's module -> the classes of it that a layer that Keras is asked for may name."""


def may_be_asked(entry: Json) -> bool:
    """Return whether Keras may be asked for what a layer makes that a file describes so."""
    kind, module = entry.get("class_name"), entry.get("module")
    is_layer = isinstance(kind, str) and isinstance(module, str) and kind in ASKED["layers"]
    return is_layer and is_built_in(_without_functions(entry), ASKED)


def _without_functions(value: object) -> object:
    """Return a configuration with Keras's own functions, such as activations, by their names alone."""
    if isinstance(value, dict):
        own = value.get("class_name") == "function" and value.get("module") == "builtins"
        name = value.get("config")
        if own and isinstance(name, str) and name in ACTIVATIONS and value.get("registered_name") in (None, "function"):
            return name
        return {name: _without_functions(one) for name, one in value.items() if name != "build_config"}
    return [_without_functions(one) for one in value] if isinstance(value, list) else value
