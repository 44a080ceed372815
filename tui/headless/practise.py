"""byhand practise: a model's calculation as plain lines of question and answer, or as a worksheet in files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from tui.headless.asking import Asking, ask
from tui.headless.beyond import as_far_as_keras_goes
from tui.headless.how_far import reading
from tui.headless.output import note
from tui.headless.usage import UsageError, usage
from tui.headless.worksheet import is_asked_for, write_worksheet

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from core.arrays import AnyArray
    from core.calculation.calculated import Outside
    from core.layers.writer import Weight
    from core.model.files.opening import OpenedGraph
    from core.model.graph import Graph
    from core.practice.sheet import Sheet
    from core.practice.sitting import Sitting

FIXED = ("x", "level", "layer", "backwards", "digits", "rounding", "seed", "mark")
"""What a saved practice says itself."""


def run(arguments: Namespace) -> int:
    """Open the model, make the sheet or take a saved practice, ask, and say the score."""
    from core.data.model_inputs import one_point
    from core.model.files.opening import OpenedGraph, open_any
    from core.practice.saved import save

    if arguments.resume is not None:
        _refuse_with_resume(arguments)
    elif arguments.x is None:
        raise UsageError("expected --x with the point, such as --x 0.3,0.1, or --resume with a saved practice")
    on_paper = is_asked_for(arguments)
    model = reading(arguments.model, open_any)
    graph = model.graph if isinstance(model, OpenedGraph) else model.network.graph
    with usage():
        x = None if arguments.x is None else one_point(arguments.x, graph)
    point = () if x is None else x.arrays
    if isinstance(model, OpenedGraph):
        given = _as_far_as_it_goes(arguments, model, point)
    else:
        note(model.notes)
        given = _Given(graph, model.weights.by_name(model.network), point, {})
    note([x.told] if x is not None and x.told else [])
    if on_paper:
        write_worksheet(arguments, _sitting(arguments, given).sheet)
        return 0
    ask(Asking(_sitting(arguments, given), lambda one: save(one, time.monotonic()), arguments.save))
    return 0


class _Given(NamedTuple):
    """A model, its weights, the point, if one was given, and what Keras made of layers that are not followed."""

    graph: Graph
    weights: Mapping[Weight, AnyArray]
    point: Sequence[AnyArray]
    outside: Outside


def _as_far_as_it_goes(arguments: Namespace, model: OpenedGraph, point: Sequence[AnyArray]) -> _Given:
    """Return the model with what Keras makes where a layer is not followed; a saved practice has no such numbers."""
    from core.operations.rounding import EXACT

    if not point or arguments.save is not None:
        more = "; a practice that is saved has no numbers from Keras" if point and model.stops else ""
        note([f"{model.missing}{more}"] if model.stops else [])
        return _Given(model.graph, model.weights, point, {})
    beyond = as_far_as_keras_goes(model, point)
    done = beyond.calculated(EXACT)
    note([words for words in (beyond.refused, done.from_keras, done.written.stops) if words])
    return _Given(model.graph, beyond.weights, point, beyond.outside)


def _refuse_with_resume(arguments: Namespace) -> None:
    given = [f"--{name}" for name in FIXED if getattr(arguments, name) is not None]
    if given:
        raise UsageError(f"expected --resume without {', '.join(given)}: the saved practice says that itself")


def _sitting(arguments: Namespace, given: _Given) -> Sitting:
    from core.practice.marks import When
    from core.practice.saved import MOST_BYTES, resume
    from core.practice.sitting import begin
    from core.reading import open_file

    if arguments.resume is not None:
        with open_file(arguments.resume, "a saved practice") as file:
            return resume(file.read(MOST_BYTES + 1), given.graph, given.weights, time.monotonic())
    return begin(_sheet(arguments, given), When(arguments.mark or When.AT_ONCE), time.monotonic())


def _sheet(arguments: Namespace, given: _Given) -> Sheet:
    from core.calculation.troubles import troubles
    from core.errors import require_between
    from core.formatting import DEFAULT_DIGITS
    from core.model.initial import MAX_SEED
    from core.operations.rounding import Rounding
    from core.practice import backwards
    from core.practice.sheet import Level, by_level, work

    seed = arguments.seed or 0
    with usage():
        require_between("a seed", seed, 0, MAX_SEED)
    if arguments.backwards and arguments.level is not None:
        raise UsageError("expected --level or --backwards, got both: solving backwards has no levels")
    rounding, digits = Rounding(arguments.rounding or Rounding.SHOWN), arguments.digits or DEFAULT_DIGITS
    made = work(given.graph, given.weights, given.point, rounding, digits, given.outside)
    note(troubles(made.page)[:1])
    with usage():
        calls = [] if arguments.layer is None else made.call(arguments.layer)
    if arguments.backwards:
        return backwards.exercise(made, seed, calls)
    return by_level(made, Level(arguments.level or Level.MEDIUM), seed, calls)
