"""byhand practise of a model that is no chain of the first layers: asked, or written into files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.data.model_inputs import one_point
from core.errors import Refused, shorten
from tui.headless.asking import Asking, ask
from tui.headless.output import note, write
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.model.files.opening import OpenedGraph
    from core.practice.sheet import Sheet
    from core.practice.sheet_sitting import SheetSitting

HEADINGS = {".txt": "", ".md": "## "}
"""How files on paper may end, and what begins a heading in them."""


def practise_any(arguments: Namespace, model: OpenedGraph) -> int:
    """Make the sheet or take a saved practice, ask or write files, and say the score."""
    from core.practice.saved_sheet import save_sheet

    if arguments.backwards:
        raise UsageError("expected no --backwards for a model of these layers; leave it out")
    note([model.stops] if model.stops else [])
    if arguments.worksheet is not None or arguments.key is not None:
        _require_text(arguments)
        _write_papers(arguments, _sitting(arguments, model).sheet)
        return 0
    ask(Asking(_sitting(arguments, model), lambda one: save_sheet(one, time.monotonic()), arguments.save))
    return 0


def _sitting(arguments: Namespace, model: OpenedGraph) -> SheetSitting:
    from core.practice.saved_sheet import resume_sheet
    from core.practice.score import When
    from core.practice.sheet_sitting import sit

    if arguments.resume is not None:
        return resume_sheet(arguments.resume.read_bytes(), model.graph, model.weights, time.monotonic())
    return sit(_sheet(arguments, model), When(arguments.mark or When.AT_ONCE), time.monotonic())


def _sheet(arguments: Namespace, model: OpenedGraph) -> Sheet:
    from core.errors import require_between
    from core.formatting import DEFAULT_DIGITS
    from core.operations.rounding import Rounding
    from core.practice.sheet import LARGEST_SEED, Level, by_level, work

    seed = arguments.seed or 0
    with usage():
        point = one_point(arguments.x, model.graph)
        require_between("a seed", seed, 0, LARGEST_SEED)
    rounding, digits = Rounding(arguments.rounding or Rounding.SHOWN), arguments.digits or DEFAULT_DIGITS
    made = work(model.graph, model.weights, point, rounding, digits)
    with usage():
        calls = [] if arguments.layer is None else made.call(arguments.layer)
    return by_level(made, Level(arguments.level or Level.MEDIUM), seed, calls)


def _require_text(arguments: Namespace) -> None:
    for path in (arguments.worksheet, arguments.key):
        if path is not None and path.suffix.lower() not in HEADINGS:
            endings = " or ".join(HEADINGS)
            got = shorten(str(path))
            raise Refused(f"expected a file that ends in {endings} for a model of these layers, got {got}")


def _write_papers(arguments: Namespace, sheet: Sheet) -> None:
    """Write the questions, the key, or both, and say so."""
    from core.formatting import count
    from core.practice.sheet_key import key, questions
    from core.saving import write_whole

    papers = ((arguments.worksheet, questions, "worksheet with blanks"), (arguments.key, key, "key with the answers"))
    for path, make, words in papers:
        if path is not None:
            data = make(sheet, HEADINGS[path.suffix.lower()]).encode()
            write_whole(path, data)
            write(f"{words}: {count(len(data), 'byte')}, saved as {path}\n")
