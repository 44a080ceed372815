"""One layer of Keras's own by itself: made of its settings, given the arrays of a file, called once."""

from __future__ import annotations

import inspect
import json
import re
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from core.engine.earlier_layers import EARLIER, with_earlier
from core.errors import Refused, shorten
from core.formatting import count
from core.layers.sealed import KEPT_AGAIN
from core.model.files.layer_config import WITHOUT_EFFECT
from core.model.files.of_keras import MOST, as_asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.arrays import KerasArray
    from core.model.archive.gate import Json

    Named = tuple[str, KerasArray]

IN_GROUP = re.compile(r"((?:[A-Za-z_]\w*/)*)vars/(\d+)")
"""The name of an array in a ``.keras`` file: the parts of the layer that it is in, and which of that part's it is."""


def outputs(
    entry: str, arrays: Sequence[Named], inputs: Sequence[KerasArray], listed: bool, named: Mapping[str, bool]
) -> list[KerasArray]:
    """Return every output of the layer that ``entry`` describes over inputs, both without the batch.

    Raises:
        Refused: it is no layer of Keras's own, its arrays are others, or it makes what can't be gone on with.
        Exception: Keras can't make or call it; what Keras raises has no common class.
    """
    described = as_asked(json.loads(entry))
    layer = _made(described)
    given = [array[np.newaxis] for array in inputs]
    arguments: dict[str, Any] = dict(named)
    if getattr(layer, "_call_has_training_arg", False):
        arguments["training"] = False
    with ThreadPoolExecutor(1) as apart:
        apart.submit(_require_small, _made(described), arrays, given, listed, arguments).result()
    # The first call makes its arrays.
    _called(layer, given, listed, arguments)
    _give(layer, arrays)
    made = keras.tree.flatten(_called(layer, given, listed, arguments))
    if any(getattr(one, "_keras_mask", None) is not None for one in made):
        raise Refused(f"expected outputs without a mask, got one from {layer.name}")
    found = [np.asarray(keras.ops.convert_to_numpy(one), dtype=np.float32) for one in made]
    if any(one.ndim == 0 or len(one) != 1 for one in found):
        raise Refused(f"expected an output for each point, got other ones from {layer.name}")
    return [one[0] for one in found]


def _called(layer: Any, given: Sequence[Any], listed: bool, arguments: Mapping[str, Any]) -> Any:
    return layer(list(given), **arguments) if listed else layer(*given, **arguments)


def _made(entry: Json) -> Any:
    """Return the layer of an entry that was made for asking.

    Of its settings those that this Keras does not know are left out if nothing depends on them.
    """
    kind = getattr(keras.layers, entry["class_name"])
    known = {name for one in kind.__mro__ for name in inspect.signature(one.__init__).parameters}
    unknown = [name for name, value in entry["config"].items() if name not in known | WITHOUT_EFFECT and value]
    if unknown:
        raise Refused(f"expected settings that today's Keras has, got {shorten(unknown[0])}")
    config = {name: value for name, value in entry["config"].items() if name in known}
    with keras.saving.custom_object_scope(EARLIER):
        return kind.from_config(with_earlier(config))


def _require_small(
    layer: Any,
    arrays: Sequence[Named],
    given: Sequence[KerasArray],
    listed: bool,
    arguments: Mapping[str, Any],
) -> None:
    """Refuse a layer that would make what is too large, found by shapes alone; the layer can't be used afterwards.

    To be called in a thread that ends with it: Keras keeps for each thread the arrays that it has yet to make.

    Raises:
        Refused: it has other arrays than ``arrays`` are, or something in the call has too many numbers.
        Exception: Keras can't call it.
    """

    def call(*inputs: Any) -> None:
        with keras.StatelessScope(initialize_variables=False):
            _called(layer, inputs, listed, arguments)

    specs = [tf.TensorSpec(one.shape, tf.float32) for one in given]
    graph = tf.function(call, autograph=False).get_concrete_function(*specs).graph
    wanted, held = sum(prod(one.shape) for one in layer.weights), sum(array.size for _, array in arrays)
    if len(arrays) != len(layer.weights):
        raise Refused(f"expected {count(len(layer.weights), 'array')} for {layer.name}, got {len(arrays)} in the file")
    if wanted != held:
        raise Refused(f"expected {count(wanted, 'number')} in the arrays of {layer.name}, got {held:,} in the file")
    most = MOST + held + sum(array.size for array in given)
    sizes = (one.shape.num_elements() or 0 for operation in graph.get_operations() for one in operation.outputs)
    if (size := max(sizes, default=0)) > most:
        raise Refused(f"expected at most {MOST:,} numbers at once, got {size:,}: Keras is not asked for {layer.name}")


def _give(layer: Any, arrays: Sequence[Named]) -> None:
    """Give the layer its arrays, which are as many as it has.

    Raises:
        Refused: they are others.
    """
    if all(IN_GROUP.fullmatch(name) for name, _ in arrays):
        parts: dict[str, dict[str, KerasArray]] = {}
        for name, array in _with_those_kept_again(type(layer).__name__, dict(arrays)).items():
            path, _, number = name.rpartition("vars/")
            parts.setdefault(path, {})[number] = array
        for path, held in parts.items():
            _part(layer, path).load_own_variables(held)
        return
    # So Keras's HDF5 files have them.
    for variable, (name, array) in zip(layer.trainable_weights + layer.non_trainable_weights, arrays, strict=True):
        if name.rpartition("/")[2] != variable.name or array.shape != tuple(variable.shape):
            raise Refused(f"expected {variable.name} of shape {tuple(variable.shape)}, got {name} of {array.shape}")
        variable.assign(array)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()


def _with_those_kept_again(kind: str, arrays: dict[str, KerasArray]) -> dict[str, KerasArray]:
    again = KEPT_AGAIN.get(kind, {})
    return arrays | {name: arrays[first] for name, first in again.items() if first in arrays}


def _part(layer: Any, path: str) -> Any:
    """Return the layer within ``layer`` that a file keeps at ``path``, such as ``cell/``."""
    for name in filter(None, path.split("/")):
        layer = None if name.startswith("__") else getattr(layer, name, None)
        if not isinstance(layer, keras.layers.Layer):
            raise Refused(f"expected arrays of the layers that are in it, got some of {shorten(name)}")
    return layer
