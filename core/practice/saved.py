"""A sitting over a sheet as bytes, to be left and resumed: JSON, checked when it is read, tied to its model."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec.structs import astuple

from core.calculation.calculated import Spot
from core.errors import Refused, shorten
from core.layers.nested import with_trainable
from core.operations.rounding import Rounding
from core.practice import backwards
from core.practice.marks import Blank, Mark, Verdict, When
from core.practice.sheet import LARGEST, Sheet, work
from core.practice.sitting import Sitting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import AnyArray
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.practice.sheet import Work

EARLIER = "byhand practice 1"
"""The format of earlier versions, whose numbers had other addresses."""

MOST_BYTES = 64_000_000

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Number = Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]


class SavedSpot(Spot, frozen=True, forbid_unknown_fields=True, rename={"value": "name"}):
    """The address of a number, as it is called in the file."""


class SavedBlank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One blank: what has become of it, its address and, backwards, by which result it is found."""

    value: Number | None
    attempts: Count
    hints: Count
    revealed: bool
    verdict: Verdict | None
    tolerance: NotNegative | None
    at: SavedSpot
    result: SavedSpot | None = None


class SavedInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input of the point: its shape, and its numbers in order."""

    shape: tuple[Count, ...]
    numbers: list[Number]


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sitting; ``digest`` is the model's."""

    format: Literal["byhand practice 2"]
    digest: str
    x: list[SavedInput]
    rounding: Rounding
    digits: Annotated[int, msgspec.Meta(ge=1, le=9)]
    when: When
    possible: Count
    blanks: list[SavedBlank]
    seconds: NotNegative
    finished: bool


def save(sitting: Sitting, now: float) -> bytes:
    """Return ``sitting`` as bytes that :func:`resume` reads; ``now`` is the clock's reading."""
    made = sitting.sheet.work
    saved = Saved(
        format="byhand practice 2",
        digest=digest(made.graph, made.weights),
        x=[SavedInput(array.shape, [float(one) for one in array.reshape(-1)]) for array in made.inputs],
        rounding=made.rounding,
        digits=made.digits,
        when=sitting.when,
        possible=sitting.sheet.possible,
        blanks=[_saved(blank, spot, sitting.sheet.results.get(spot)) for spot, blank in sitting.blanks.items()],
        seconds=sitting.elapsed(now),
        finished=sitting.finished,
    )
    return msgspec.json.format(msgspec.json.encode(saved), indent=1)


def resume(data: bytes, graph: Graph, weights: Mapping[Weight, AnyArray], now: float = 0.0) -> Sitting:
    """Return the sitting that ``data`` holds, with the clock going on from ``now``.

    Raises:
        Refused: it is damaged or something else, or it was begun with another model or other weights.
    """
    saved = _decoded(data)
    if saved.digest != digest(graph, weights):
        begun = "the model and the weights that this practice was begun with"
        raise Refused(f"expected {begun}, got others; open those, or begin anew")
    try:
        inputs = [np.array(one.numbers, dtype=np.float64).reshape(one.shape) for one in saved.x]
        sheet = _sheet(work(graph, weights, inputs, saved.rounding, saved.digits), saved)
    except (Refused, ValueError) as problem:
        raise _damaged(str(problem)) from None
    answers = [_blank(one, saved) for one in saved.blanks]
    blanks = dict(zip(sheet.blanks, answers, strict=True))
    return Sitting(sheet, saved.when, blanks, now, saved.seconds, saved.finished)


def _saved(blank: Blank, spot: Spot, result: Spot | None) -> SavedBlank:
    verdict, tolerance = (None, None) if blank.mark is None else (blank.mark.verdict, blank.mark.tolerance)
    address, found_by = SavedSpot(*astuple(spot)), None if result is None else SavedSpot(*astuple(result))
    done = (blank.value, blank.attempts, blank.hints, blank.revealed)
    return SavedBlank(*done, verdict, tolerance, address, found_by)


def _sheet(made: Work, saved: Saved) -> Sheet:
    """Return the saved sheet, each of its blanks checked against the model."""
    spots = [Spot(*astuple(one.at)) for one in saved.blanks]
    pairs = zip(spots, saved.blanks, strict=True)
    if results := {spot: Spot(*astuple(one.result)) for spot, one in pairs if one.result is not None}:
        sheet = backwards.chosen(made, results)
        is_sheet = sheet.results == results
    else:
        places = [made.page.place(spot) for spot in spots]
        is_sheet = places == sorted(set(places)) and all(map(made.is_made, places))
        sheet = Sheet(made, tuple(spots), saved.possible)
    if not is_sheet or sheet.blanks != tuple(spots) or not 0 < len(spots) <= saved.possible:
        raise ValueError("its blanks are not as byhand makes them")
    return sheet


def digest(graph: Graph, weights: Mapping[Weight, AnyArray]) -> str:
    """Return what tells a model and its weights from all others; it does not matter what is frozen."""
    made = blake2b(repr(with_trainable(graph)).encode(), digest_size=16)
    for weight in sorted(weights):
        made.update(repr(weight).encode())
        made.update(np.ascontiguousarray(weights[weight], dtype="<f4").tobytes())
    return made.hexdigest()


def _decoded(data: bytes) -> Saved:
    if len(data) > MOST_BYTES:
        raise Refused(f"expected a saved practice of at most {MOST_BYTES:,} bytes, got {len(data):,}")
    try:
        return msgspec.json.decode(data, type=Saved)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        if EARLIER in str(data[:200]):
            raise Refused(
                f"expected a practice of this version, got one that an earlier byhand saved ({EARLIER}); finish it "
                "with that version, or begin anew"
            ) from None
        raise _damaged(str(problem)) from None
    except RecursionError:
        raise _damaged("it is nested too deep") from None


def _damaged(what: str) -> Refused:
    return Refused(f"expected a practice that byhand saved, got another or a damaged file: {shorten(what, 200)}")


def _blank(one: SavedBlank, saved: Saved) -> Blank:
    """Return what has become of a blank, if that can have come about."""
    mark = None
    if one.verdict is not None and one.tolerance is not None:
        mark = Mark(one.verdict, one.tolerance, saved.digits)
    expected = one.value is not None and (saved.when is When.AT_ONCE or (saved.finished and not one.revealed))
    halves = (one.verdict is None) != (one.tolerance is None)
    if halves or (mark is not None) != expected or (one.value is None) != (not one.attempts):
        raise _damaged("what it says of an answer contradicts itself")
    return Blank(one.value, one.attempts, one.hints, one.revealed, mark)
