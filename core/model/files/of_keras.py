"""Which layers Keras may be asked for where they are not followed here: its own classes with its own settings.

Nothing of a file may run. So the classes are named one by one: none of them runs or reads what its settings say, as a
Lambda, a TFSMLayer or a StringLookup with a file of words would, and what they make is the same at each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.activations import ACTIVATIONS
from core.errors import Refused
from core.layers.layer import Layer
from core.layers.registry import LAYERS
from core.model.archive.gate import ALLOWED, is_own, shown
from core.model.files.kept import IN_CODE

if TYPE_CHECKING:
    from core.model.archive.gate import Json

IN_KERAS = {code: name for name, code in IN_CODE.items()}
"""What Keras's own code calls a class -> what it is to be asked for by; an HDF5 file has the former."""

NOT_FOLLOWED = frozenset(
    {
        *("GroupQueryAttention", *IN_CODE.values(), "SpectralNormalization"),
        *("AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D"),
        *("AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D"),
        *("MelSpectrogram", "ReversibleEmbedding", "STFTSpectrogram"),
    }
)
"""Keras's classes that are not followed here in any setting, and may be asked for."""

FOLLOWED = frozenset(kind for kind, layer in LAYERS.items() if layer.of_module == Layer.of_module)
"""Those that are, in most settings."""

ASKED = {**ALLOWED, "layers": FOLLOWED | NOT_FOLLOWED, "dtype_policies": frozenset({"DTypePolicy"})}
"""Keras's module -> the classes of it that a layer that Keras is asked for may name."""


INSTEAD = {"stateful": False, "seed": None}
"""What Keras is given in place of settings that change no number of one call, not as in a training: nothing is drawn,
and what a call before left behind is none of this one's."""

MOST_WITHIN = 30
"""How many lists, layers and settings may be within each other."""

MOST = 10_000_000
"""The largest whole number of a setting, and the most numbers that an array may have which Keras makes of them."""

REFUSED = "expected a layer of Keras's own with settings of its own alone, got another; it is not run"


def may_be_asked(entry: Json) -> bool:
    """Return whether Keras may be asked for what a layer makes that a file describes so."""
    try:
        as_asked(entry)
    except Refused:
        return False
    return True


def as_asked(entry: object) -> Json:
    """Return what Keras is to be given for the layer that a file describes so, which is this and never ``entry``.

    It is made anew of plain values and of objects of the classes that are named above, each with its class and its
    settings alone; Keras would make whatever else an entry names, wherever that stands.

    Raises:
        Refused: something else is in its settings, or a number that no layer has.
    """
    if not isinstance(entry, dict) or not is_own(entry, {"layers": ASKED["layers"]}):
        raise Refused(REFUSED)
    return _object(entry, 0)


def _object(value: Json, within: int) -> Json:
    config = value.get("config")
    # Of a dict that names no class Keras would make every member.
    if not is_own(value, ASKED) or not isinstance(config, dict):
        raise Refused(REFUSED)
    settings = {name: INSTEAD[name] if name in INSTEAD else _setting(held, within + 1) for name, held in config.items()}
    kind = IN_KERAS.get(value["class_name"], value["class_name"])
    return {"module": value["module"], "class_name": kind, "config": settings, "registered_name": None}


def _setting(value: object, within: int) -> object:
    """Return a value of a setting made anew; Keras's own functions, such as activations, by their names alone."""
    if within > MOST_WITHIN:
        raise Refused(f"expected at most {MOST_WITHIN} settings within each other, got more; the file is damaged")
    match value:
        case dict():
            return value["config"] if _is_function(value) else _object(value, within)
        case list():
            return [_setting(one, within + 1) for one in value]
        case None | bool() | float() | str():
            return value
        case int() if abs(value) <= MOST:
            return value
        case int():
            raise Refused(f"expected settings of at most {MOST:,}, got {shown(value)}: Keras is not asked")
    raise Refused(REFUSED)


def _is_function(value: Json) -> bool:
    name, is_named = value.get("config"), value.get("registered_name") in (None, "function")
    own = value.get("class_name") == "function" and value.get("module") == "builtins" and is_named
    return own and isinstance(name, str) and name in ACTIVATIONS
