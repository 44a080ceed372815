"""A calculation as JSON-ready objects: every intermediate number by name."""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calculation.agreement import differences
from core.calculation.spot import symbol
from core.calculation.symbols import formula
from core.export.explanation import changed_words
from core.formatting import exact
from core.layers.pooling import Pooling
from core.operations.rounding import Rounding

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array, KerasArray
    from core.calculation.forward import Step, Trace
    from core.export.explanation import Explanation

Json = dict[str, Any]

MOST_WEIGHTS = 100_000
"""A kernel of more numbers than this is left out, and only its shape is told: whoever reads it is told so too."""


def explanation(
    trace: Trace, rounding: Rounding, digits: int, keras: Float[KerasArray, "outputs"] | None = None
) -> Json:
    """Return the whole calculation; numbers are rounded only where ``rounding`` carries rounded ones on.

    What a layer does not have (a bias, a weighted sum) is None, and so are NaN and the infinities, which JSON
    cannot write: ``json.dumps(..., allow_nan=False)`` takes the result.
    """
    return {
        "x": numbers(trace.x),
        "layers": [_layer(step) for step in trace.steps],
        "prediction": numbers(trace.prediction),
        "keras": None if keras is None else [finite(float(exact(value))) for value in keras],
        "max_abs_difference": None if keras is None else _difference(trace, keras),
        "rounding": str(rounding),
        "digits": digits if rounding is Rounding.CARRIED else None,
    }


def whole(explained: Explanation) -> Json:
    """Return :func:`explanation` with each layer's formula and kernel, and with what was changed by hand.

    ``kernel`` is the layer's own, as ``get_weights()`` gives it: a Dense layer's has a row for each input, that of a
    convolution the axes of its window, the channels and the filters. An average has the matrix that it is. A layer that
    takes the largest of some numbers has ``max_of`` beside it: for each unit its inputs, counted from 0. What is too
    large is None, and named in ``left_out``; ``kernel_shape`` tells its size. ``check`` is None unless every number was
    compared with Keras's.
    """
    made = explanation(explained.trace, explained.rounding, explained.digits, explained.keras)
    for place, (layer, step) in enumerate(zip(made["layers"], explained.trace.steps, strict=True)):
        layer["formula"] = formula(explained.network, place)
        layer.update(_kernel(step))
        layer.update(_max_of(step))
    made["changed"] = changed_words(explained)
    made["check"] = _check(explained)
    made["left_out"] = [name for layer in made["layers"] for name in _left_out(layer)]
    return made


def _check(explanation: Explanation) -> Json | None:
    """Return verdict, tolerance of each output and the parting place; None if nothing was compared.

    ``in`` says whether a layer called by itself differs, or ``predict`` alone.
    """
    checked = explanation.agreement
    if checked is None:
        return None
    found, place = checked.parting, None
    if found is not None:
        place = {
            "in": "predict" if found.in_predict else "layer",
            "layer": explanation.network.layers[found.spot.step].name,
            "number": symbol(explanation.network, found.spot),
            "by_hand": finite(found.by_hand),
            "keras": finite(found.keras),
            "tolerance": finite(found.tolerance),
        }
    verdict = "agree" if found is None else "part"
    return {"verdict": verdict, "tolerance": numbers(checked.tolerances), "parting": place}


def _kernel(step: Step) -> Json:
    shape = _kernel_shape(step)
    if shape is None:
        return {"kernel_shape": None, "kernel": None}
    kernel = step.kernel if isinstance(step.layer, Pooling) else step.own
    there = kernel is not None and prod(shape) <= MOST_WEIGHTS
    return {"kernel_shape": list(shape), "kernel": _nested(kernel) if kernel is not None and there else None}


def _kernel_shape(step: Step) -> tuple[int, ...] | None:
    if isinstance(step.layer, Pooling):
        return None if step.own is None else (step.inputs.size, step.output.size)
    return None if step.own is None else step.own.shape


def _nested(values: Array) -> list[Any]:
    """Return ``values`` as lists in lists, in which None stands for NaN and the infinities."""
    return [finite(float(value)) for value in values] if values.ndim == 1 else [_nested(part) for part in values]


def _left_out(layer: Json) -> list[str]:
    """Return what of a layer is too large to be given, in words."""
    names = []
    if layer["kernel_shape"] is not None and layer["kernel"] is None:
        size = " x ".join(f"{size:,}" for size in layer["kernel_shape"])
        names.append(f"the kernel of {layer['name']}, {size} numbers")
    if "max_of" in layer and layer["max_of"] is None:
        names.append(f"which inputs each output of {layer['name']} is the largest of")
    return names


def _max_of(step: Step) -> Json:
    if not isinstance(step.layer, Pooling) or step.own is not None:
        return {}
    if step.output.size * prod(step.layer.pool_size) > MOST_WEIGHTS:
        return {"max_of": None}
    return {"max_of": [step.connections(unit).tolist() for unit in range(step.output.size)]}


def _layer(step: Step) -> Json:
    return {
        "name": step.layer.name,
        "weighted_sum": numbers(step.weighted_sum),
        "bias": numbers(step.bias),
        "pre_activation": numbers(step.pre_activation),
        "activation": step.activation,
        "output": numbers(step.output),
    }


def _difference(trace: Trace, keras: Float[KerasArray, "outputs"]) -> float | None:
    return finite(float(np.max(differences(trace.prediction, keras), initial=0.0)))


def numbers(values: Array | None) -> list[float | None] | None:
    """Return ``values`` as a list in which None stands for NaN and the infinities; None for no values."""
    return None if values is None else [finite(float(value)) for value in values]


def finite(value: float) -> float | None:
    """Return ``value``, or None if JSON cannot write it."""
    return value if isfinite(value) else None
