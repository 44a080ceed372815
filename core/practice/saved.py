"""A sitting as bytes, to be left and resumed: JSON, checked when it is read, and tied to its model and weights."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np

from core.calculation.spot import CALCULATED, Kind, Spot
from core.errors import Refused, shorten
from core.layers.convolution import Convolution
from core.layers.dense import Dense
from core.layers.pooling import Pooling
from core.model.network import times
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.exercise import calculation, chosen
from core.practice.saved_sheet import (
    Count,
    NotNegative,
    Number,
    SavedAnswer,
    become,
    blank_of,
    damaged,
    decoded,
)
from core.practice.score import Blank, When
from core.practice.sitting import Sitting

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.model.weights import Weights
    from core.practice.exercise import Calculation, Exercise


class SavedBlank(SavedAnswer, frozen=True, forbid_unknown_fields=True):
    """One blank: its place, counted from 0, and what has become of it."""

    step: Count
    kind: Kind
    unit: Count
    input: Count


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sitting; ``shape`` and ``digest`` are the model's."""

    format: Literal["byhand practice 1"]
    shape: str
    digest: str
    x: list[Number]
    rounding: Rounding
    digits: Annotated[int, msgspec.Meta(ge=1, le=9)]
    when: When
    possible: Count
    blanks: list[SavedBlank]
    seconds: NotNegative
    finished: bool


def save(sitting: Sitting, now: float) -> bytes:
    """Return ``sitting`` as bytes that :func:`resume` reads; ``now`` is the clock's reading."""
    work = sitting.exercise.calculation
    saved = Saved(
        format="byhand practice 1",
        shape=shape(work.network),
        digest=digest(work.network, work.weights),
        x=[float(number) for number in work.x],
        rounding=work.rounding,
        digits=work.digits,
        when=sitting.when,
        possible=sitting.exercise.possible,
        blanks=[_saved(spot, blank) for spot, blank in sitting.blanks.items()],
        seconds=sitting.elapsed(now),
        finished=sitting.finished,
    )
    return msgspec.json.format(msgspec.json.encode(saved), indent=1)


def resume(data: bytes, network: Network, weights: Weights, now: float = 0.0) -> Sitting:
    """Return the sitting that ``data`` holds, with the clock going on from ``now``.

    Raises:
        Refused: it is damaged or something else, or it was begun with another model or other weights.
    """
    saved = decoded(data, Saved)
    if saved.shape != shape(network):
        raise Refused(
            f"expected the model that this practice was begun with ({shorten(saved.shape, 80)}), "
            f"got {shorten(shape(network), 80)}; open that model, or begin anew"
        )
    if saved.digest != digest(network, weights):
        raise Refused("expected the weights that this practice was begun with, got others; open those, or begin anew")
    if len(saved.x) != network.inputs:
        raise damaged(f"expected {network.inputs:,} numbers in x, got {len(saved.x):,}")
    work = calculation(network, weights, np.array(saved.x, dtype=np.float64), saved.rounding, saved.digits)
    exercise = _exercise(work, saved)
    blanks = {_spot(one): blank_of(one, saved.when, saved.finished, saved.digits) for one in saved.blanks}
    return Sitting(exercise, saved.when, blanks, now, saved.seconds, saved.finished)


def shape(network: Network) -> str:
    """Return what a model is without its names and weights, such as ``2 inputs > 5 tanh > 1 tanh``."""
    inputs = times(network.shape) if network.shape else str(network.inputs)
    return " > ".join([f"{inputs} inputs", *map(_layer, network.layers)])


def _layer(layer: Layer) -> str:
    match layer:
        case Dense():
            words = f"{layer.units} {layer.activation}"
        case Convolution():
            words = f"{layer.filters} of {times(layer.kernel_size)} {layer.activation}{_steps(layer)}"
        case Pooling():
            return f"{layer.in_words}{_steps(layer)}"
        case _:
            return layer.in_words
    return words if layer.use_bias else f"{words} without bias"


def _steps(layer: Convolution | Pooling) -> str:
    return f" by {times(layer.strides)} {layer.padding}"


def digest(network: Network, weights: Weights) -> str:
    """Return what tells a model's shape and weights from all others."""
    made = blake2b(shape(network).encode(), digest_size=16)
    for arrays in weights.layers:
        for array in arrays:
            made.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
    return made.hexdigest()


def _saved(spot: Spot, blank: Blank) -> SavedBlank:
    return SavedBlank(**become(blank), step=spot.step, kind=spot.kind, unit=spot.unit, input=spot.input)


def _exercise(work: Calculation, saved: Saved) -> Exercise:
    """Return the saved exercise, each of its blanks checked against the model."""
    spots = [_spot(one) for one in saved.blanks]
    forwards = all(spot.kind in CALCULATED for spot in spots)
    try:
        made = chosen(work, spots) if forwards else backwards.chosen(work, spots)
    except Refused as refused:
        raise damaged(str(refused)) from None
    if made.blanks != tuple(spots) or saved.possible < len(spots):
        raise damaged("its blanks are not as byhand makes them")
    return type(made)(work, made.blanks, saved.possible)


def _spot(one: SavedBlank) -> Spot:
    return Spot(one.step, one.kind, one.unit, one.input)
