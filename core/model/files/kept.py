"""Where Keras's files keep a layer's arrays: by the classes of layers, counted, and by the parts of a layer.

Keras 3's layout ("Saving API" in the Keras 3 documentation): a model's layers are in ``layers``, each under its class
in snake case, counted from the second of its class on; its arrays are in ``vars``, in the order of ``get_weights()``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.formatting import count
from core.layers.sealed import Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from core.arrays import AnyArray
    from core.layers.layer import Layer
    from core.layers.writer import Weight
    from core.operations.operation import Shape

    Group = tuple[tuple[str, ...], tuple[Layer, str]]

IN_CODE = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Keras's class -> what its own code calls it, by which its files go, where that is another name."""


def require_owners(layers: Iterable[Layer], owners: Mapping[str, str]) -> None:
    """Refuse a file whose groups say that they have other layers' arrays.

    Keras itself goes by their places alone: of such a file it would take one layer's numbers for another's.
    """
    for group, name in names_of_groups(layers).items():
        if (owner := owners.get(group)) and owner != name:
            raise Refused(
                f"expected the weights of {shorten(name)}, got those of {shorten(owner)}; the file is damaged"
            )


def require_all(layers: Iterable[Layer], needed: Iterable[Weight], arrays: Iterable[str]) -> None:
    """Refuse a file whose groups have more arrays than are ``needed`` of their layers."""
    paths = paths_in_file(layers, needed)
    wanted = Counter(path.rpartition("/")[0] for path in paths.values())
    held = Counter(path.rpartition("/")[0] for path in arrays)
    for weight, path in paths.items():
        group = path.rpartition("/")[0]
        if held[group] > wanted[group]:
            called, expected = shorten("/".join(weight.layer)), count(wanted[group], "array")
            raise Refused(f"expected {expected} for {called}, got {held[group]}; the file is damaged")


def weights_of(
    layers: Iterable[Layer], needed: Mapping[Weight, Shape], arrays: Mapping[str, AnyArray]
) -> dict[Weight, AnyArray]:
    """Return which of a file's ``arrays``, by their paths, every weight is that is ``needed``.

    Raises:
        Refused: an array is missing or of another shape.
    """
    found = {}
    for weight, path in paths_in_file(layers, needed).items():
        called = f"the {weight.name} of {shorten('/'.join(weight.layer), 80)}"
        if path not in arrays:
            raise Refused(f"expected {called} as numbers in the file, got none; the file is damaged")
        if arrays[path].shape != needed[weight]:
            raise Refused(f"expected {called} of shape {needed[weight]}, got {arrays[path].shape}; the file is damaged")
        found[weight] = arrays[path]
    return found


def paths_in_file(layers: Iterable[Layer], weights: Iterable[Weight]) -> dict[Weight, str]:
    """Return where a file keeps each of ``weights``, in the group of all layers: ``dense_1/vars/0``."""
    groups = dict(_groups(layers, (), "", snake_case))
    placed: Counter[str] = Counter()
    found = {}
    for weight in weights:
        layer, group = groups[weight.layer]
        if isinstance(layer, Sealed):
            # Its arrays have the names of the file.
            found[weight] = f"{group}{weight.name}"
            continue
        part = weight.name.rpartition("/")[0]
        variables = f"{group}{layer.kept_in[part]}vars/" if part in layer.kept_in else f"{group}vars/"
        found[weight] = f"{variables}{placed[variables]}"
        placed[variables] += 1
    return found


def names_of_groups(layers: Iterable[Layer]) -> dict[str, str]:
    """Return the name of the layer that the arrays of every group of variables are of, by the group's path."""
    return {f"{group}vars": layer.name for _, (layer, group) in _groups(layers, (), "", snake_case)}


def groups_of(layers: Iterable[Layer]) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return where a file keeps all arrays of each layer at any depth, by its path: today, and by Keras 2's names."""
    held = list(layers)
    older = {path: group for path, (_, group) in _groups(held, (), "", snake_case_of_2)}
    return {path: (group, older[path]) for path, (_, group) in _groups(held, (), "", snake_case)}


def _groups(
    layers: Iterable[Layer], outer: tuple[str, ...], before: str, written: Callable[[str], str]
) -> Iterator[Group]:
    """Give, for every layer at any depth, by the names of the layers that it is in, the layer and its group's path.

    ``written`` says how the name of a class is written.
    """
    counts: Counter[str] = Counter()
    for layer in layers:
        kind = written(IN_CODE.get(layer.keras_class, layer.keras_class))
        counts[kind] += 1
        group = f"{before}{kind}/" if counts[kind] == 1 else f"{before}{kind}_{counts[kind] - 1}/"
        yield from _within(layer, (*outer, layer.name), group, written)


def _within(layer: Layer, path: tuple[str, ...], group: str, written: Callable[[str], str]) -> Iterator[Group]:
    yield path, (layer, group)
    for attribute, part in layer.parts().items():
        inner = f"{group}{attribute}/"
        if isinstance(part, tuple):
            yield from _groups(part, path, inner, written)
        else:
            yield from _within(part, (*path, part.name), inner, written)


@lru_cache
def snake_case(name: str) -> str:
    """Return the name of a class as Keras writes it in files: ``MaxPooling2D`` is ``max_pooling2d``."""
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", name).lower()


@lru_cache
def snake_case_of_2(name: str) -> str:
    """Return the name of a class as Keras 2 wrote it: ``ConvLSTM2D`` is ``conv_lst_m2d``."""
    return re.sub(r"(?<=.)(?=[A-Z][a-z0-9])|(?<=[a-z])(?=[A-Z])", "_", name).lower()
