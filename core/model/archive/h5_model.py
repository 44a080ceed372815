"""How a whole model in HDF5 is trained, said otherwise in it: which layers are frozen, its loss; limited process.

Whatever else the file has stays, the optimizer's arrays too, unless they are of other weights then.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.layers.nested import Model
from core.model.archive.compile_settings import with_loss
from core.model.archive.config import with_trainable
from core.model.archive.earlier_files import COMPILED, CONFIG, OPTIMIZER
from core.model.archive.gate import mapping
from core.model.archive.hdf5 import Hdf5
from core.model.archive.json_text import read_json
from core.model.files.earlier import compiled_as_3
from core.model.files.slashes import sign_for_slash

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.layers.nested import Path
    from core.model.archive.gate import Json
    from core.model.between import Content
    from core.model.network import Network
    from core.training.recipe import Recipe


def with_training(data: Content, held: Network, network: Network, recipe: Recipe | None, advice: str) -> Content:
    """Return the HDF5 file ``data``, which is one of ``held``, with layers frozen as those of ``network`` are.

    Its configuration says so then, and the optimizer's arrays, which are of other weights, are left out. Where
    ``recipe`` has another loss, or other settings of it, it says so too.

    Raises:
        Refused: the file can't say so, for which there is some ``advice``.
    """
    if held.config == network.config and recipe is None:
        return data
    with Hdf5(data, changes=True) as file:
        if held.config != network.config:
            _freeze(file, held, network, advice)
        if recipe is not None and COMPILED in file.root.attrs:
            _compile(file, recipe, network)
    return file.changed()


def _freeze(file: Hdf5, held: Network, network: Network, advice: str) -> None:
    """Say which layers are frozen, and forget what the optimizer keeps by the order of those that are not."""
    pairs = zip(network.paths, held.layers, network.layers, strict=True)
    changed = {path: old for path, old, new in pairs if old != new}
    model = _json(file, CONFIG)
    # Arrays of layers within another one are in the order of what is trained: first what is, then what is not.
    if any(map(_in_another_order, changed, changed.values())) or not isinstance(model.get("config"), dict):
        called = shorten("/".join(next(iter(changed))), 80)
        raise Refused(f"expected the layers frozen that are so in the file, got {called} otherwise: {advice}")
    if sign_for_slash(model):
        raise Refused(f"expected names without slashes where other layers are frozen, got some: {advice}")
    file.root.attrs[CONFIG] = json.dumps(with_trainable(model, network))
    if file.root.id.links.exists(OPTIMIZER.encode()):
        del file.root[OPTIMIZER]


def _in_another_order(path: Path, layer: Layer) -> bool:
    """Return whether a layer's arrays may be in another order once it is frozen or not: those of a model within it or
    that it is in, or of layers of which some are frozen.
    """
    within = [layer.part(names) for names in layer.names_within()]
    mixed = any(one.trainable != layer.trainable for one in within)
    return len(path) > 1 or mixed or any(isinstance(one, Model) for one in within)


def _compile(file: Hdf5, recipe: Recipe, network: Network) -> None:
    """Say that the model was compiled with the loss of ``recipe``, if it says so of another one."""
    given = _json(file, COMPILED)
    as_3 = compiled_as_3(given)
    new = with_loss(as_3, recipe, network.outputs, network.each_output)
    changed = {name: value for name, value in new.items() if value != as_3.get(name)}
    if changed:
        file.root.attrs[COMPILED] = json.dumps({**given, **changed})


def _json(file: Hdf5, name: str) -> Json:
    return mapping(name, read_json(name, file.text(file.root, name) or ""))
