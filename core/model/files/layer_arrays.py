"""Which of a layer's arrays in an HDF5 file is which of its weights: by their names, if these tell all of them, else
by their order; shapes are a check.

Keras has the weights that are trained first, then the others; of a model within a model, of all of its layers. Parts of
a frozen layer are sometimes trained all the same in a model that Keras loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.formatting import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.arrays import AnyArray
    from core.layers.layer import Layer
    from core.layers.writer import Weight
    from core.operations.operation import Shape

    Named = tuple[str, AnyArray]
    Match = tuple[Weight, str, AnyArray]
    Order = list[Weight]

NOT_TRAINED = frozenset(
    {
        *("moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"),
        *("running_mean", "running_std", "mean", "variance", "count"),
    }
)
"""What no training changes, by the names of all versions of Keras."""


def placed(
    layers: Iterable[Layer], needed: Mapping[Weight, Shape], arrays: Mapping[str, Sequence[Named]], whole: bool = True
) -> dict[Weight, AnyArray]:
    """Return which of each layer's ``arrays``, by their order, every weight is that is ``needed``.

    Where the ``whole`` calculation is not known, a layer may have more arrays; then each goes by its name.

    Raises:
        Refused: a layer has other arrays than it needs.
    """
    found, wanted = dict["Weight", "AnyArray"](), _by_layer(needed, 0)
    for layer in layers:
        held = list(_held(layer, wanted.get(layer.name, ())))
        given = arrays.get(layer.name, ())
        if held:
            more = not whole and len(given) > len(held)
            matched = _matched(layer, held, needed, _only(held, given) if more else given)
            found |= {weight: array for weight, _, array in matched}
    return found


def matched_by_order(layer: Layer, needed: Mapping[Weight, Shape], arrays: Sequence[Named]) -> list[Match]:
    """Return which of ``needed`` each of a layer's ``arrays`` is: the weight, the array's name, and it in that shape.

    Raises:
        Refused: the layer has other arrays than it needs.
    """
    held = list(_held(layer, _by_layer(needed, 0).get(layer.name, ())))
    return _matched(layer, held, needed, arrays) if held else []


def _by_layer(weights: Iterable[Weight], depth: int) -> dict[str, Order]:
    """Return weights by the names of the layers that they are in, so many models deep, each in their order."""
    found = dict[str, "Order"]()
    for weight in weights:
        found.setdefault(weight.layer[depth], []).append(weight)
    return found


def _held(
    layer: Layer, weights: Sequence[Weight], depth: int = 1, trains: bool = True
) -> Iterator[tuple[Weight, bool]]:
    """Give the ``weights`` of a layer in the order of ``get_weights()``, each with whether it is trained.

    Those of layers within it, whose names are the ones ``depth`` layers deep, come after its own, layer by layer.
    """
    trains = trains and layer.trainable
    within = _by_layer((weight for weight in weights if len(weight.layer) > depth), depth)
    of_parts = {weight for one in layer.layers_within for weight in within.get(one.name, ())}
    for weight in weights:
        if weight not in of_parts:
            yield weight, trains and weight.name not in NOT_TRAINED
    for one in layer.layers_within:
        yield from _held(one, within.get(one.name, ()), depth + 1, trains)


def _only(held: Sequence[tuple[Weight, bool]], arrays: Sequence[Named]) -> list[Named]:
    """Return the arrays whose names are those of ``held``, each layer's name within its own."""
    names = {(weight.layer[-1], _last(weight.name)) for weight, _ in held}
    return [
        (name, array) for name, array in arrays if any((layer, _last(name)) in names for layer in name.split("/")[:-1])
    ]


def _matched(
    layer: Layer, held: Sequence[tuple[Weight, bool]], needed: Mapping[Weight, Shape], arrays: Sequence[Named]
) -> list[Match]:
    called = shorten(layer.name)
    if len(arrays) != len(held):
        raise Refused(f"expected {count(len(held), 'array')} for {called}, got {len(arrays)}; the file is damaged")
    plain = [weight for weight, _ in held]
    trained = [weight for weight, is_trained in held if is_trained]
    first = [*trained, *(weight for weight, is_trained in held if not is_trained)]
    orders = (*filter(None, [_by_names(plain, arrays)]), first, plain)
    fitting = [order for order in orders if _wrong(order, needed, arrays) is None]
    if not fitting:
        weight, (name, array) = _wrong(first, needed, arrays) or (plain[0], arrays[0])
        wanted = f"the {weight.name} of {shorten('/'.join(weight.layer), 80)} of shape {needed[weight]}"
        raise Refused(f"expected {wanted}, got {shorten(name, 80)!r} of shape {array.shape}; the file is damaged")
    order = next((one for one in fitting if _named_so(one, arrays)), fitting[0])
    pairs = zip(order, arrays, strict=True)
    return [(weight, name, _in_shape(array, needed[weight])) for weight, (name, array) in pairs]


def _wrong(order: Order, needed: Mapping[Weight, Shape], arrays: Sequence[Named]) -> tuple[Weight, Named] | None:
    """Return the first weight that is not what stands in its place, with that; None if all are."""
    known = {_last(weight.name) for weight in order}
    for weight, (name, array) in zip(order, arrays, strict=True):
        other = _last(name) in known and _last(name) != _last(weight.name)
        if other or _in_shape(array, needed[weight]).shape != needed[weight]:
            return weight, (name, array)
    return None


def _by_names(weights: Order, arrays: Sequence[Named]) -> Order | None:
    """Return the weights in the order of the arrays whose names say the layers within and the weight, if all do."""
    left, order = list(weights), []
    for name, _ in arrays:
        *layers, last = name.split("/")
        places = [at for at, one in enumerate(left) if _last(one.name) == _last(last) and _lead_to(one, layers)]
        if len(places) != 1:
            return None
        order.append(left.pop(places[0]))
    return order


def _lead_to(weight: Weight, layers: list[str]) -> bool:
    """Return whether an array that is in such layers and groups is in a weight's: of models within Keras says none."""
    within = iter(layers)
    return all(name in within for name in (weight.layer[-1], *weight.name.split("/")[:-1]))


def _named_so(order: Order, arrays: Sequence[Named]) -> bool:
    """Return whether every array's name says the layer within that it is taken for."""
    return all(weight.layer[-1] in name.split("/") for weight, (name, _) in zip(order, arrays, strict=True))


def _last(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[0]


def _in_shape(array: AnyArray, shape: Shape) -> AnyArray:
    """Return the kernel of one of Keras 1's convolutions along one axis without the second one that it had."""
    if array.ndim == 4 and len(shape) == 3:
        if array.shape[:2] != (shape[0], 1) or array.shape[3] != shape[2]:
            array = array.transpose(2, 3, 1, 0)
        return array[:, 0] if array.shape[1] == 1 else array
    return array
