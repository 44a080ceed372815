"""A model file of any Keras with other weights in place of its own, all else as it was; in the limited process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import Refused, shorten
from core.model.archive.compile_settings import with_loss
from core.model.archive.config import with_trainable
from core.model.archive.described import OF_KERAS_2
from core.model.archive.earlier_files import groups_of_2, lists_of
from core.model.archive.gate import is_hdf5, mapping
from core.model.archive.h5 import arrays_in_groups
from core.model.archive.h5_model import with_training
from core.model.archive.h5_written import without_optimizer_arrays
from core.model.archive.json_text import read_json
from core.model.archive.model_file import CONFIG, WEIGHTS, described
from core.model.archive.put import with_numbers
from core.model.archive.zip_file import checked_zip, content_of, with_members
from core.model.files.cudnn_arrays import has_two_biases
from core.model.files.earlier import as_keras_3
from core.model.files.file_arrays import arrays_of
from core.model.files.slashes import SLASH, sign_for_slash
from core.model.files.whole_graph import WholeGraph
from core.model.network import Network
from core.model.todays import is_todays

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from core.layers.writer import Weight
    from core.model.archive.described import Described
    from core.model.archive.hdf5 import Hdf5, Numbers
    from core.model.between import Content
    from core.training.recipe import Recipe

    Arrays = Mapping[Weight, npt.NDArray[Any]]

NOT_IN_PLACE = "that can't be in place in it"
AS_ARRAYS = "take its weights away as arrays"


class Trained(NamedTuple):
    """A model that is followed to its end, as it is to be saved: which layers are frozen, its loss if it has one."""

    network: Network
    recipe: Recipe | None


def patch_model(data: Content, weights: Arrays, trained: Trained | None = None) -> Content:
    """Return the model file ``data`` with ``weights``, of which it has some more, in place of its own.

    Only the bytes of those numbers are written that are others. Where ``trained`` has other layers frozen, the file's
    configuration says so, and the optimizer's arrays, which are of other weights then, are left out; where it has
    another loss, or other settings of it, it says so too.

    Raises:
        Refused: it is a file of another model, or has its arrays in a way that these don't fit in.
        Exception: it is damaged; what zipfile, json or h5py raise has no common class.
    """
    raw = described(data)
    before = _whole(raw)
    _require_same(before, weights, trained, "as .keras" if is_hdf5(data) else "under a new name")
    changed = {weight: new for weight, new in weights.items() if new.tobytes() != before.weights[weight].tobytes()}
    patched = (_hdf5 if is_hdf5(data) else _zip)(data, raw, before, changed, trained)
    after = _whole(described(patched))
    expected = {weight: weights.get(weight, array).tobytes() for weight, array in before.weights.items()}
    same = trained is None or _network(after).config == trained.network.config
    if not same or {weight: array.tobytes() for weight, array in after.weights.items()} != expected:
        raise Refused("expected to read back what was written, got something else; save the model under a new name")
    return patched


def _whole(raw: Described) -> WholeGraph:
    as_3 = as_keras_3(raw)
    return WholeGraph.by(as_3.model, arrays_of(as_3))


def _network(model: WholeGraph) -> Network:
    return Network.of(model.graph, ())


def _require_same(before: WholeGraph, weights: Arrays, trained: Trained | None, where: str) -> None:
    if trained is not None and _network(before).unfrozen != trained.network.unfrozen:
        raise Refused(f"expected the layers that the file was opened with, got others; save the model {where}")
    for weight, array in weights.items():
        if weight not in before.weights or before.weights[weight].shape != array.shape:
            called = shorten("/".join((*weight.layer, weight.name)), 80)
            raise Refused(f"expected the array {called} as it was opened, got another or none; open the file again")


def _hdf5(data: Content, raw: Described, before: WholeGraph, changed: Arrays, trained: Trained | None) -> Content:
    anew = trained is not None and is_todays(trained.network)
    advice = f"{NOT_IN_PLACE}; {'save it as .keras' if anew else AS_ARRAYS}"
    layers, sign = {weight.layer[0] for weight in changed}, sign_for_slash(raw.model) or SLASH

    def read(file: Hdf5, numbers: Numbers) -> Described:
        lists = lists_of(file, numbers)
        for name, held in lists.items():
            if name.replace(SLASH, sign) in layers and has_two_biases(held):
                raise Refused(f"expected one bias in the file for {shorten(name)}, got two of a CuDNNLSTM: {advice}")
        return raw._replace(lists=lists)

    made = with_numbers(data, read, before, changed, advice)
    return made if trained is None else with_training(made, _network(before), *trained, advice)


def _zip(data: Content, raw: Described, before: WholeGraph, changed: Arrays, trained: Trained | None) -> bytes:
    advice = f"{NOT_IN_PLACE}; take that change back, or {AS_ARRAYS}"

    def read(file: Hdf5, numbers: Numbers) -> Described:
        of_2 = raw.saved.format == OF_KERAS_2
        return raw._replace(groups=groups_of_2(file, numbers) if of_2 else arrays_in_groups(file, numbers, {}))

    with checked_zip(data) as archive:
        weights = with_numbers(content_of(archive, WEIGHTS, data), read, before, changed, advice)
        contents = {WEIGHTS: weights}
        if trained is not None:
            contents |= _with_training(archive.read(CONFIG), weights, _network(before), trained)
        return with_members(archive, contents)


def _with_training(config: bytes, weights: bytes, held: Network, trained: Trained) -> dict[str, bytes]:
    """Return what config.json is and the arrays are, where other layers are frozen, or the loss is another."""
    network, recipe = trained
    model = mapping(CONFIG, read_json(CONFIG, config))
    freezes = held.config != network.config
    patched = with_trainable(model, network) if freezes else model
    compiled = patched.get("compile_config")
    if recipe is not None and isinstance(compiled, dict):
        patched = {**patched, "compile_config": with_loss(compiled, recipe, network.outputs, network.each_output)}
    arrays = without_optimizer_arrays(weights) if freezes else weights
    return {WEIGHTS: arrays, CONFIG: config if patched == model else json.dumps(patched).encode()}
