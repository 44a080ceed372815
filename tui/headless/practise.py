"""byhand practise: a model's calculation as plain lines of question and answer, or as a worksheet in files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.headless.asking import Asking, ask
from tui.headless.output import note
from tui.headless.usage import UsageError, usage
from tui.headless.worksheet import is_asked_for, write_worksheet

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from core.arrays import AnyArray
    from core.layers.writer import Weight
    from core.model.graph import Graph
    from core.practice.sheet import Sheet
    from core.practice.sitting import Sitting

FIXED = ("x", "level", "layer", "backwards", "digits", "rounding", "seed", "mark")
"""What a saved practice says itself."""


def run(arguments: Namespace) -> int:
    """Open the model, make the sheet or take a saved practice, ask, and say the score."""
    from core.model.files.opening import OpenedGraph, open_any
    from core.practice.saved import save

    if arguments.resume is not None:
        _refuse_with_resume(arguments)
    elif arguments.x is None:
        raise UsageError("expected --x with the point, such as --x 0.3,0.1, or --resume with a saved practice")
    on_paper = is_asked_for(arguments)
    model = open_any(arguments.model)
    if isinstance(model, OpenedGraph):
        note([model.missing] if model.stops else [])
        graph, weights = model.graph, model.weights
    else:
        note(model.notes)
        graph, weights = model.network.graph, model.weights.by_name(model.network)
    if on_paper:
        write_worksheet(arguments, _sitting(arguments, graph, weights).sheet)
        return 0
    ask(Asking(_sitting(arguments, graph, weights), lambda one: save(one, time.monotonic()), arguments.save))
    return 0


def _refuse_with_resume(arguments: Namespace) -> None:
    given = [f"--{name}" for name in FIXED if getattr(arguments, name) is not None]
    if given:
        raise UsageError(f"expected --resume without {', '.join(given)}: the saved practice says that itself")


def _sitting(arguments: Namespace, graph: Graph, weights: Mapping[Weight, AnyArray]) -> Sitting:
    from core.practice.marks import When
    from core.practice.saved import MOST_BYTES, resume
    from core.practice.sitting import begin
    from core.reading import open_file

    if arguments.resume is not None:
        with open_file(arguments.resume, "a saved practice") as file:
            return resume(file.read(MOST_BYTES + 1), graph, weights, time.monotonic())
    return begin(_sheet(arguments, graph, weights), When(arguments.mark or When.AT_ONCE), time.monotonic())


def _sheet(arguments: Namespace, graph: Graph, weights: Mapping[Weight, AnyArray]) -> Sheet:
    from core.calculation.troubles import troubles
    from core.data.model_inputs import one_point
    from core.errors import require_between
    from core.formatting import DEFAULT_DIGITS
    from core.operations.rounding import Rounding
    from core.practice import backwards
    from core.practice.sheet import LARGEST_SEED, Level, by_level, work

    seed = arguments.seed or 0
    with usage():
        point, told = one_point(arguments.x, graph)
        require_between("a seed", seed, 0, LARGEST_SEED)
    if arguments.backwards and arguments.level is not None:
        raise UsageError("expected --level or --backwards, got both: solving backwards has no levels")
    rounding, digits = Rounding(arguments.rounding or Rounding.SHOWN), arguments.digits or DEFAULT_DIGITS
    made = work(graph, weights, point, rounding, digits)
    note([*([told] if told else []), *troubles(made.page)[:1]])
    with usage():
        calls = [] if arguments.layer is None else made.call(arguments.layer)
    if arguments.backwards:
        return backwards.exercise(made, seed, calls)
    return by_level(made, Level(arguments.level or Level.MEDIUM), seed, calls)
