"""byhand practise: a model's calculation as plain lines of question and answer, one question a line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui.headless.asking import Asking, ask
from tui.headless.output import note
from tui.headless.practise_any import practise_any
from tui.headless.usage import UsageError, usage
from tui.headless.worksheet import is_asked_for, write_worksheet

if TYPE_CHECKING:
    from argparse import Namespace

    from core.model.keras_file import OpenedModel
    from core.practice.exercise import Exercise
    from core.practice.sitting import Sitting

FIXED = ("x", "level", "layer", "backwards", "digits", "rounding", "seed", "mark")
"""What a saved practice says itself."""


def run(arguments: Namespace) -> int:
    """Open the model, make the exercise or take a saved one, ask, and say the score."""
    from core.model.files.opening import OpenedGraph, open_any
    from core.practice.possible import Practice, not_practisable
    from core.practice.saved import save

    if arguments.resume is not None:
        _refuse_with_resume(arguments)
    elif arguments.x is None:
        raise UsageError("expected --x with the point, such as --x 0.3,0.1, or --resume with a saved practice")
    on_paper = is_asked_for(arguments)
    model = open_any(arguments.model)
    if not isinstance(model, OpenedGraph) and not model.network.is_chain:
        model = OpenedGraph(model.network.graph, model.weights.by_name(model.network))
    if isinstance(model, OpenedGraph):
        return practise_any(arguments, model)
    missing = not_practisable(model.network, labelled=True)
    if not arguments.backwards:
        # Nobody asked for it.
        missing.pop(Practice.BACKWARDS, None)
    note([*model.notes, *missing.values()])
    if on_paper:
        write_worksheet(arguments, _sitting(arguments, model).exercise)
        return 0
    ask(Asking(_sitting(arguments, model), lambda one: save(one, time.monotonic()), arguments.save))
    return 0


def _refuse_with_resume(arguments: Namespace) -> None:
    given = [f"--{name}" for name in FIXED if getattr(arguments, name) is not None]
    if given:
        raise UsageError(f"expected --resume without {', '.join(given)}: the saved practice says that itself")


def _sitting(arguments: Namespace, model: OpenedModel) -> Sitting:
    from core.practice.saved import resume
    from core.practice.score import When
    from core.practice.sitting import begin

    if arguments.resume is not None:
        return resume(arguments.resume.read_bytes(), model.network, model.weights, time.monotonic())
    return begin(_exercise(arguments, model), When(arguments.mark or When.AT_ONCE), time.monotonic())


def _exercise(arguments: Namespace, model: OpenedModel) -> Exercise:
    from core.errors import require_between
    from core.formatting import DEFAULT_DIGITS
    from core.model.literal import parse_numbers
    from core.operations.rounding import Rounding
    from core.practice import backwards
    from core.practice.exercise import by_level, calculation
    from core.practice.sheet import LARGEST_SEED, Level

    seed = arguments.seed or 0
    with usage():
        x = parse_numbers(arguments.x, model.network.inputs)
        require_between("a seed", seed, 0, LARGEST_SEED)
        place = None if arguments.layer is None else model.network.index(arguments.layer)
    if arguments.backwards and arguments.level is not None:
        raise UsageError("expected --level or --backwards, got both: solving backwards has no levels")
    rounding, digits = Rounding(arguments.rounding or Rounding.SHOWN), arguments.digits or DEFAULT_DIGITS
    work = calculation(model.network, model.weights, x, rounding, digits)
    if arguments.backwards:
        return backwards.exercise(work, seed, place)
    return by_level(work, Level(arguments.level or Level.MEDIUM), seed, place)
