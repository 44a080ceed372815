"""Starting the app on a model and a lesson, once both have been read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.data.choices import AS_UNDERSTOOD
from core.lessons.language import ENGLISH
from tui.app import ByhandApp
from tui.engine_client import EngineProcess
from tui.few_colours import keep_text_seen
from tui.five_tabs import LAYERS, pages
from tui.headless.data import open_chosen
from tui.headless.lesson import lesson_asked
from tui.mended import mend

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.data.choices import Choices
    from tui.reading_model import Reading


def run(
    model: Reading | None,
    strategy: str | None = None,
    lesson: str | None = None,
    data: Path | None = None,
    language: str = ENGLISH,
    choices: Choices = AS_UNDERSTOOD,
    at_signal: list[Callable[[], object]] | None = None,
) -> int:
    """Run the app until the person leaves it, and return its exit code; with a ``strategy`` several devices train.

    What is to be done when a signal ends the process is added to those that are done ``at_signal``.

    Lessons are read in ``language``, where there is one, and ``data`` as ``choices`` say.

    Raises:
        Refused: the model cannot be opened, or the lesson or the data not be read; nothing was drawn yet.
    """
    read = None if model is None else model.result(pages(LAYERS))
    # What the tabs take has steps beside it, another model and weights alone have not.
    opened, other = (read if read and len(read) == 3 else None), (read if read and len(read) == 2 else None)
    if opened is not None:
        choices = choices.of_model(opened[0].network.graph)
    dataset = None if data is None else open_chosen(data, choices)
    first = None
    if lesson is not None:
        first = lesson_asked(lesson, language)
    mend()
    app = ByhandApp(opened, partial(EngineProcess, strategy=strategy), first, dataset, language, other)
    if at_signal is not None:
        at_signal.append(app.kept.close)
    keep_text_seen(app)
    return app.run() or app.return_code or 0
