"""The forms of practice: what to practise, and how to leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.calculation.calculated import Spot
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.paths import typed_path
from core.practice import backwards, saved
from core.practice.marks import LESS, When
from core.practice.sheet import Level, by_level, chosen, of_calls, work
from core.practice.sitting import begin
from core.reading import read_bytes
from core.saving import write_whole
from core.typed import whole
from tui.dialogs.form_dialog import FormDialog
from tui.widgets.form import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from core.arrays import AnyArray
    from core.calculation.calculated import Outside
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.operations.rounding import Rounding
    from core.practice.sheet import Sheet, Work
    from core.practice.sitting import Sitting

EASY, MEDIUM, HARD = "easy: a few numbers", "medium: one layer", "hard: all of it"
NUMBER, LAYER, BACKWARDS = "marked, or this one", "the layer here", "backwards"
RESUME = "one that was left"
WHATS = (EASY, MEDIUM, HARD, NUMBER, LAYER, BACKWARDS, RESUME)

AT_ONCE, AT_END = "at once", "at the end"

GO_ON, END, KEEP = "go on", "end and mark it", "keep it in the file"


def _path(text: str) -> Path | None:
    return typed_path(text) if text.strip() else None


@dataclass(frozen=True, eq=False)
class Desk:
    """Where practice would begin: what :func:`core.practice.sheet.work` takes, and the layer in hand.

    ``spots`` are the numbers that are ``marked``, else the one in hand, if there is one.
    """

    graph: Graph
    weights: Mapping[Weight, AnyArray]
    inputs: Sequence[AnyArray]
    rounding: Rounding
    digits: int
    outside: Outside
    spots: frozenset[Spot]
    marked: bool
    call: tuple[str, ...]


COSTS = f"A hint, or another attempt, takes {LESS:g} of a number's point."

BEGIN = (
    Field("what", "what", str, choices=WHATS),
    Field("seed", "seed", whole("a seed", 0, MAX_SEED), "same seed, same blanks"),
    Field("when", "marked", str, choices=(AT_ONCE, AT_END)),
    Field("file", "file", _path, "only for one that was left"),
)

ONE_BY_ONE = tuple(field for field in BEGIN if field.name != "when")
"""Where one number is asked for after the other, each is marked at once."""

LEAVE = (
    Field("how", "what next", str, choices=(END, KEEP, GO_ON)),
    Field("file", "file", _path, "to keep it in"),
)


def practice_dialog(
    desk: Desk, now: Callable[[], float], begun: Callable[[Sitting], None], kept_in: str = ""
) -> FormDialog:
    """Return the form that begins a practice on a page, or takes up one that was left, the last in ``kept_in``."""

    def make(values: dict[str, Any]) -> Sitting:
        if values["what"] == RESUME:
            return _resumed(desk, values["file"], now())
        when = When.AT_ONCE if values["when"] == AT_ONCE else When.AT_END
        return begin(_sheet(desk, values["what"], values["seed"], _of_numbers), when, now())

    values = {"what": NUMBER if desk.marked else EASY, "seed": "0", "when": AT_ONCE, "file": kept_in}
    words = f"Numbers of the page are left blank; you calculate them. A slip is named, never the answer. {COSTS}"
    return FormDialog("Practise", BEGIN, values, make, begun, words)


def one_by_one_dialog(
    desk: Desk, now: Callable[[], float], begun: Callable[[Sitting], None], kept_in: str = ""
) -> FormDialog:
    """Return the same form for a model of any calls, whose numbers are asked for one after the other."""

    def make(values: dict[str, Any]) -> Sitting:
        if values["what"] == RESUME:
            return _resumed(desk, values["file"], now())
        return begin(_sheet(desk, values["what"], values["seed"], chosen), now=now())

    what = NUMBER if desk.marked else LAYER if desk.call else EASY
    words = f"You calculate numbers, one after the other. A slip is named, never the answer. {COSTS}"
    return FormDialog("Practise", ONE_BY_ONE, {"what": what, "seed": "0", "file": kept_in}, make, begun, words)


def _resumed(desk: Desk, path: Path | None, now: float) -> Sitting:
    if path is None:
        raise Refused("expected the file that a practice was kept in, got nothing")
    data = read_bytes(path, "a saved practice", saved.MOST_BYTES)
    return saved.resume(data, desk.graph, desk.weights, now)


def _sheet(desk: Desk, what: str, seed: int, of_numbers: Callable[[Work, Sequence[Spot]], Sheet]) -> Sheet:
    made = work(desk.graph, desk.weights, desk.inputs, desk.rounding, desk.digits, desk.outside)
    match what:
        case _ if what == NUMBER:
            return of_numbers(made, sorted(desk.spots))
        case _ if what == LAYER:
            return of_calls(made, made.call("/".join(desk.call)), seed)
        case _ if what == BACKWARDS:
            return backwards.exercise(made, seed)
    level = {EASY: Level.EASY, HARD: Level.HARD}.get(what, Level.MEDIUM)
    return by_level(made, level, seed)


def _of_numbers(made: Work, spots: Sequence[Spot]) -> Sheet:
    """Return the sheet with these numbers blank; those that are given can only be missing, each in its unit's line."""
    if any(made.is_made(made.source(made.page.place(spot))) for spot in spots):
        return chosen(made, spots)
    # The point itself goes into every unit of the first layer.
    first = made.calls()[0]
    results = {spot: (spot.call, spot.index[-1]) if spot.call else (first, 0) for spot in spots}
    return backwards.chosen(made, {at: Spot(call, "pre-activation", (unit,)) for at, (call, unit) in results.items()})


def leave_dialog(
    sitting: Sitting, now: Callable[[], float], end: Callable[[], None], kept: Callable[[Path], None]
) -> FormDialog:
    """Return the form that ends a practice, or keeps it in a file to be resumed."""

    def leave(values: dict[str, Any]) -> dict[str, Any]:
        if values["how"] == KEEP:
            if values["file"] is None:
                raise Refused("expected the name of a file to keep the practice in, got nothing")
            if sitting.sheet.work.outside:
                raise Refused("expected numbers calculated here to keep, got some from Keras; end it, or go on")
            write_whole(values["file"], saved.save(sitting, now()))
        return values

    def left(values: dict[str, Any]) -> None:
        if values["how"] == END:
            end()
        elif values["how"] == KEEP:
            kept(values["file"])

    return FormDialog("Leave the practice", LEAVE, {"how": END, "file": "practice.json"}, leave, left)
