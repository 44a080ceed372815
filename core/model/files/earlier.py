"""What a file of any Keras holds as Keras 3 would have it: how it is described, compiled, and its arrays called."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.layers.activations import OLD_HARD_SIGMOID
from core.layers.layer import OF_KERAS_2
from core.model.archive.described import HDF5, OF_KERAS_3, Described
from core.model.archive.gate import mapping
from core.model.files.cudnn_arrays import from_cudnn
from core.model.files.earlier_config import earlier_config
from core.model.files.first_arrays import in_order, joined_gates
from core.model.files.first_config import kernels_in_order, with_shared_axes
from core.model.files.first_sequential import with_names
from core.model.files.slashes import SLASH, sign_for_slash
from core.training.optimizers import KERAS_OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from core.arrays import AnyArray
    from core.model.archive.described import Saved
    from core.model.archive.gate import Json

OPTIMIZERS = frozenset(one.keras_class for one in KERAS_OPTIMIZERS.values())
"""Keras's own, by their classes."""

ACCURACIES = ("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")
"""The functions one of which "accuracy" becomes, by the loss."""

DROPPED: dict[str, tuple[object, ...]] = {
    "decay": (0.0,),
    "epsilon": (None,),
    "is_legacy_optimizer": (False, True),
    "jit_compile": (False, True),
    "ema_overwrite_frequency": (None, 100),
}
"""Settings of optimizers that Keras 3 has no more, with the values for which that changes nothing."""


def as_keras_3(described: Described) -> Described:
    """Return what a model file holds as Keras 3 would have saved it.

    Raises:
        Refused: it is no model, or one that no Keras wrote.
    """
    saved = described.saved
    if saved.format == OF_KERAS_3:
        return described
    given = with_names(described.model, described.lists)
    sign, model = sign_for_slash(given), earlier_config(given, saved.keras)
    saved = msgspec.structs.replace(saved, notes=(*saved.notes, *_notes(saved, json.dumps(model), sign)))
    if saved.format != HDF5:
        arrays = _counted_anew(described.groups)
        return Described({**model, **_compiled_in(given)}, saved, groups=arrays)
    orders = kernels_in_order(described.model) if saved.keras[0] == "1" else {}
    lists = {
        name.replace(SLASH, sign or SLASH): from_cudnn(joined_gates(in_order(held, orders)))
        for name, held in described.lists.items()
    }
    if saved.keras[0] == "1":
        model = with_shared_axes(model, chain.from_iterable(lists.values()))
    model = _with_types(model, {name for name, held in lists.items() if any(map(_is_finer, held))})
    if described.compiled is not None:
        model = {**model, "compile_config": compiled_as_3(described.compiled)}
    return Described(model, saved, lists=lists)


def _is_finer(named: tuple[str, AnyArray]) -> bool:
    """Say whether an array has numbers that float32 doesn't hold."""
    numbers = named[1]
    if numbers.dtype in (np.float16, np.float32):
        return False
    with np.errstate(all="ignore"):
        kept = numbers.astype(np.float32).astype(numbers.dtype)
    return not np.array_equal(kept, numbers, equal_nan=True)


def _with_types(model: Json, finer: AbstractSet[str]) -> Json:
    """Return ``model`` with the type of the numbers of layers that have ``finer`` ones, which not every Keras said.

    Of a model within a model all layers are listed together, so that it may be any of them.
    """
    if not finer:
        return model

    def typed(entry: Json) -> Json:
        config = entry["config"]
        if "layers" in config:
            names = {one["config"].get("name") for one in config["layers"]} if config.get("name") in finer else finer
            return _with_types(entry, names)
        return {**entry, "config": {**config, "dtype": "float64"}} if config.get("name") in finer else entry

    return {**model, "config": {**model["config"], "layers": [typed(one) for one in model["config"]["layers"]]}}


def _notes(saved: Saved, config: str, sign: str) -> tuple[str, ...]:
    """Return what that version of Keras did otherwise than today's."""
    notes = list[str]()
    if saved.backend == "theano":
        notes.append("It was saved with Theano, which turned kernels of convolutions round; here they are not turned.")
    if json.dumps(OLD_HARD_SIGMOID) in config:
        notes.append("Its hard_sigmoid is 0.2 x + 0.5, as Keras 2 had it; today's Keras has x / 6 + 0.5.")
    if json.dumps(OF_KERAS_2) in config:
        notes.append("It goes by masks as that Keras did; where steps are masked today's Keras gives other numbers.")
    if sign:
        notes.append(f"Names of its layers have slashes, which today's Keras takes none of; here they are {sign}.")
    return tuple(notes)


def _compiled_in(config: Json) -> Json:
    compiled = config.get("compile_config")
    return {"compile_config": compiled_as_3(compiled)} if isinstance(compiled, dict) else {}


def compiled_as_3(compiled: object) -> Json:
    """Return how a model was compiled with the modules of Keras 3, by which what is Keras's own is known."""
    given = mapping("the training settings", compiled)
    optimizer = given.get("optimizer_config", given.get("optimizer"))
    return {
        **{name: value for name, value in given.items() if name != "optimizer_config"},
        "optimizer": _optimizer(_in_module("keras.optimizers", optimizer)),
        "loss": _each(given.get("loss"), _loss),
        "metrics": _each(given.get("metrics"), _metric),
    }


def _each(value: object, as_3: Callable[[Json], object]) -> object:
    """Return what ``as_3`` makes of every object of a class in ``value``, in lists and by outputs' names."""
    if isinstance(value, list):
        return [_each(one, as_3) for one in value]
    if not isinstance(value, dict):
        return value
    return as_3(value) if "class_name" in value else {name: _each(one, as_3) for name, one in value.items()}


def _loss(value: Json) -> object:
    """Return a loss; what Keras 2 chose itself is the mean over a batch, but in a strategy of several devices."""
    config = value.get("config")
    if isinstance(config, dict) and config.get("reduction") == "auto":
        value = {**value, "config": {**config, "reduction": "sum_over_batch_size"}}
    return _in_module("keras.losses", value)


def _metric(value: Json) -> object:
    """Return a metric; of one that only takes the mean of a function, as Keras 2 wrote most, that function's name."""
    config = value.get("config")
    if value.get("class_name") == "MeanMetricWrapper" and isinstance(config, dict):
        function = config.get("fn")
        name = function.get("config") if isinstance(function, dict) else function
        if name in ACCURACIES and config.get("name") in ("accuracy", "acc"):
            return "accuracy"
        if isinstance(name, str):
            return name
    return _in_module("keras.metrics", value)


def _optimizer(value: object) -> object:
    """Return an optimizer of Keras's with the names that Keras 3 has for it and for its settings.

    The first of Keras 2's that were saved as registered classes are its own all the same.
    """
    config = value.get("config") if isinstance(value, dict) else None
    kind = str(value.get("class_name")).removeprefix("Custom>") if isinstance(value, dict) else ""
    if not isinstance(value, dict) or not isinstance(config, dict) or kind not in OPTIMIZERS:
        return value
    # How often weights become the mean of those before them, which only matters where such a mean is kept.
    dropped = {
        name: values for name, values in DROPPED.items() if not (name.startswith("ema") and config.get("use_ema"))
    }
    made = {name: one for name, one in config.items() if not (name in dropped and one in dropped[name])}
    if "lr" in made:
        made["learning_rate"] = made.pop("lr")
    if "learning_rate" in made:
        made["learning_rate"] = _in_module("keras.optimizers.schedules", made["learning_rate"])
    return {**value, "class_name": kind, "config": made}


def _in_module(module: str, value: object) -> object:
    if not isinstance(value, dict) or "class_name" not in value or value.get("module") is not None:
        return value
    return {**value, "module": module, "registered_name": None}


def _counted_anew(arrays: Mapping[str, AnyArray]) -> dict[str, AnyArray]:
    """Return arrays by paths in which the layers of a class are counted without gaps: Keras 2.13 left some.

    The parts of a layer that Keras 2 kept to itself, such as ``_query_dense``, are called as Keras 3 calls them.
    """
    arrays = {"/".join(part.lstrip("_") or part for part in path.split("/")): one for path, one in arrays.items()}
    groups = sorted({path.partition("/")[0] for path in arrays}, key=_class_and_number)
    kinds, names = Counter[str](), dict[str, str]()
    for group in groups:
        kind, _ = _class_and_number(group)
        names[group] = f"{kind}_{kinds[kind]}" if kinds[kind] else kind
        kinds[kind] += 1
    return {
        f"{names[first]}/{rest}": array for path, array in arrays.items() for first, _, rest in [path.partition("/")]
    }


def _class_and_number(group: str) -> tuple[str, int]:
    kind, _, number = group.rpartition("_")
    return (kind, int(number)) if kind and number.isdecimal() else (group, 0)
