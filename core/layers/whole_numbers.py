"""Layers that Keras calculates in the whole numbers of an input, where what comes out is another number than here.

Keras leaves whole numbers as they are until a layer makes others of them: sums of uint8 begin anew at 256, and of a
LayerNormalization's result what is behind the point goes. Here all numbers are real ones.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.model.graph import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

    from core.layers.layer import Layer
    from core.model.graph import Call

NARROW = ("bool", "uint8", "int8", "uint16", "int16")
"""Types that a sum or a product soon doesn't fit in."""

CUT = ("GroupNormalization", "LayerNormalization", "RMSNormalization")
"""Keras's classes whose results are given back in the type of the inputs."""

ARITHMETIC = ("Add", "Average", "Dot", "Einsum", "Matmul", "Multiply", "Negative", "Power", "Square", "Subtract")

MOVED = (
    *("CenterCrop", "Crop", "DepthToSpace", "ExpandDims", "Flatten", "Flip", "GetItem", "GlobalMaxPool", "MaxPool"),
    *("Masking", "Pad", "Permute", "Repeat", "Reshape", "SpaceToDepth", "Split", "Squeeze", "Stack", "Tile"),
    *("Transpose", "Unstack", "UpSamp", "ZeroPad"),
)
"""How the names of classes begin that leave numbers as they are."""

CHOSEN = ("Absolute", "Amax", "Amin", "Clip", "Concatenate", "Max", "Maximum", "Min", "Minimum", "ReLU", "Relu", "Sum")


def is_whole(dtype: object) -> bool:
    """Say whether Keras calls whole numbers, or truths, so."""
    return isinstance(dtype, str) and dtype.startswith(("int", "uint", "bool"))


def calculated_whole(
    types: Mapping[str, str], layers: Iterable[Layer], calls: Iterable[Call], with_real: Set[Source]
) -> Iterator[tuple[str, str]]:
    """Give the layers that Keras calculates in whole numbers with another result, each with why in a few words.

    ``types`` are what Keras calls those of the inputs that are whole, ``with_real`` the calls that are given a plain
    number with a point, which makes all of them real.
    """
    kinds, by_name = {Source(name): kind for name, kind in types.items()}, {layer.name: layer for layer in layers}
    counted = Counter[str]()
    for call in calls:
        place, layer = Source(call.layer, counted[call.layer]), by_name[call.layer]
        counted[call.layer] += 1
        to = getattr(layer, "dtype", None)
        if is_whole(to):
            kinds[place] = str(to)
            continue
        given = {kinds.get(Source(one.layer, one.call)) for one in call.sources if isinstance(one, Source)}
        if not given or None in given or place in with_real:
            continue
        kind = str(given.pop()) if len(given) == 1 else "int32"
        name = layer.keras_class
        if name in CUT:
            yield layer.name, f"given {kind}, in which Keras leaves what it makes; that is not followed yet"
        if name in ARITHMETIC and kind in NARROW:
            yield layer.name, f"in {kind}, in which numbers that are too large begin anew; that is not followed yet"
        is_linear = name == "Activation" and getattr(layer, "activation", "") in ("linear", "relu", "relu6")
        stays = to is None and (layer.passes_on or is_linear)
        if stays or name.startswith(MOVED) or name in (*CUT, *ARITHMETIC, *CHOSEN):
            kinds[place] = kind
