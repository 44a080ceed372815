"""A sitting over a sheet as bytes, to be left and resumed: JSON, checked when it is read, tied to its model."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np

from core.calculation.calculated import Spot
from core.errors import Refused
from core.operations.rounding import Rounding
from core.practice.saved import Count, NotNegative, Number, SavedAnswer, become, blank_of, damaged, decoded
from core.practice.sheet import Sheet, work
from core.practice.sheet_sitting import SheetSitting
from core.practice.sitting import When

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import AnyArray
    from core.layers.writer import Weight
    from core.model.graph import Graph

OTHERS = "expected the model and the weights that this practice was begun with, got others; open those, or begin anew"


class SavedSpot(SavedAnswer, frozen=True, forbid_unknown_fields=True):
    """One blank: its address, and what has become of it."""

    call: tuple[str, ...]
    name: str
    index: tuple[Count, ...]


class SavedInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input of the point: its shape, and its numbers in order."""

    shape: tuple[Count, ...]
    numbers: list[Number]


class SavedSheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sitting; ``digest`` is the model's."""

    format: Literal["byhand practice of any model 1"]
    digest: str
    x: list[SavedInput]
    rounding: Rounding
    digits: Annotated[int, msgspec.Meta(ge=1, le=9)]
    when: When
    possible: Count
    blanks: list[SavedSpot]
    seconds: NotNegative
    finished: bool


def save_sheet(sitting: SheetSitting, now: float) -> bytes:
    """Return ``sitting`` as bytes that :func:`resume_sheet` reads; ``now`` is the clock's reading."""
    made = sitting.sheet.work
    saved = SavedSheet(
        format="byhand practice of any model 1",
        digest=digest(made.graph, made.weights),
        x=[SavedInput(array.shape, [float(one) for one in array.reshape(-1)]) for array in made.inputs],
        rounding=made.rounding,
        digits=made.digits,
        when=sitting.when,
        possible=sitting.sheet.possible,
        blanks=[
            SavedSpot(**become(blank), call=spot.call, name=spot.value, index=spot.index)
            for spot, blank in sitting.blanks.items()
        ],
        seconds=sitting.elapsed(now),
        finished=sitting.finished,
    )
    return msgspec.json.format(msgspec.json.encode(saved), indent=1)


def resume_sheet(data: bytes, graph: Graph, weights: Mapping[Weight, AnyArray], now: float = 0.0) -> SheetSitting:
    """Return the sitting that ``data`` holds, with the clock going on from ``now``.

    Raises:
        Refused: it is damaged or something else, or it was begun with another model or other weights.
    """
    saved = decoded(data, SavedSheet)
    if saved.digest != digest(graph, weights):
        raise Refused(OTHERS)
    try:
        inputs = [np.array(one.numbers, dtype=np.float64).reshape(one.shape) for one in saved.x]
        made = work(graph, weights, inputs, saved.rounding, saved.digits)
        spots = [Spot(one.call, one.name, one.index) for one in saved.blanks]
        places = [made.page.place(spot) for spot in spots]
    except (Refused, ValueError) as problem:
        raise damaged(str(problem)) from None
    is_sheet = places == sorted(set(places)) and all(map(made.is_made, places))
    if not is_sheet or not 0 < len(spots) <= saved.possible:
        raise damaged("its blanks are not as byhand makes them")
    answers = [blank_of(one, saved.when, saved.finished, saved.digits) for one in saved.blanks]
    sheet = Sheet(made, tuple(spots), saved.possible)
    blanks = dict(zip(spots, answers, strict=True))
    return SheetSitting(sheet, saved.when, blanks, now, saved.seconds, saved.finished)


def digest(graph: Graph, weights: Mapping[Weight, AnyArray]) -> str:
    """Return what tells a model and its weights from all others."""
    made = blake2b(repr(graph).encode(), digest_size=16)
    for weight in sorted(weights):
        made.update(repr(weight).encode())
        made.update(np.ascontiguousarray(weights[weight], dtype="<f4").tobytes())
    return made.hexdigest()
