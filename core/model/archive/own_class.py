"""A model of a class of the person who saved it: taken for the model of layers that it is described as, if it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.model.alone import WeightsAlone
from core.model.archive.described import JSON
from core.model.archive.gate import shown

if TYPE_CHECKING:
    from core.model.archive.described import Described
    from core.model.archive.gate import Json

MODELS = ("Functional", "Sequential", "Model")
"""What a description calls a model whose layers it has."""


def of_usual_class(described: Described) -> Described:
    """Return a model as one of a class of Keras's, and say so if it was another.

    Keras describes the layers of a class that is made as ``Functional`` is, with its own ``train_step`` perhaps; of any
    other it says its name alone.

    Raises:
        WeightsAlone: no layers are described.
    """
    model, saved = described.model, described.saved
    kind, config = model.get("class_name"), model.get("config")
    is_kerass = kind in MODELS or str(model.get("module")).startswith("keras.")
    if is_kerass or saved.format == JSON or not isinstance(config, dict):
        return described
    if not _has_layers(config):
        raise WeightsAlone(shown(kind))
    usual = "Functional" if "input_layers" in config else "Sequential"
    note = (
        f"It is of the class {shown(kind)} of the person who saved it, whose code is not in the file: it is taken for "
        f"the {usual} model that the file describes. If that class has a call of its own, its numbers are others."
    )
    taken = msgspec.structs.replace(saved, notes=(*saved.notes, note))
    return described._replace(model={**model, "class_name": usual}, saved=taken)


def _has_layers(config: Json) -> bool:
    layers = config.get("layers")
    return isinstance(layers, list) and all(isinstance(one, dict) and "class_name" in one for one in layers)
