"""What was kept beside a session that is gone on with: its lesson and its practice are under way again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from core.errors import Refused
from core.lessons.progress import resume as resume_lesson
from core.model.files.opening import open_graph
from core.model.weights_file import open_weights
from core.model.weights_kept import with_changes
from core.practice.saved import resume as resume_practice
from tui.any_model import AnyModelScreen
from tui.beside import beside
from tui.kept_beside import ARRAYS, LESSON, PRACTICE, SHEET
from tui.lesson_guide import LessonGuide
from tui.other_screens import screen_of
from tui.sheet_screen import SheetScreen
from tui.tabs.by_hand import ByHandTab
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.dom import DOMNode

    from core.journal.shelf import Recovered, Session
    from core.model.files.opening import OpenedGraph
    from core.model.weights_file import WeightsFile
    from core.practice.sitting import Sitting
    from core.session.state import Model
    from tui.app import ByhandApp

T = TypeVar("T")


def take_up(session: Session, recovered: Recovered, app: ByhandApp) -> None:
    """Go on with the lesson, the practices and the changed arrays of a file that a session had."""
    guide, by_hand = app.screen_stack[0].query_one(LessonGuide), app.screen_stack[0].query_one(ByHandTab)
    if (kept := recovered.beside.get(LESSON)) is not None:
        try:
            guide.take_up(*resume_lesson(kept))
        except Refused as refusal:
            guide.notify(f"The lesson can't be gone on with: {refusal}", markup=False)
    if (practice := recovered.beside.get(PRACTICE)) is not None:
        app.action_tab("by-hand")
        _take_up_practice(practice, recovered, by_hand)
    if (arrays := recovered.beside.get(ARRAYS)) is not None and session.file is not None:
        _take_up_arrays(arrays, session.file, app)
    if (sheet := recovered.beside.get(SHEET)) is not None and session.file is not None:
        _take_up_sheet(sheet, session.file, app)


def _take_up_arrays(kept: bytes, path: Path, app: ByhandApp) -> None:
    def made() -> WeightsFile:
        held = open_weights(path)
        with_changes(held, kept)
        return held

    def taken(held: WeightsFile) -> None:
        screen = next((one for one in app.screen_stack if isinstance(one, WeightsScreen)), None)
        if screen is None:
            screen = WeightsScreen(held, path.name, app.session)
            app.push_screen(screen)
        app.call_after_refresh(screen.take_up, kept)

    _beside(app, "changed numbers", made, taken)


def _take_up_sheet(kept: bytes, path: Path, app: ByhandApp) -> None:
    """Go on with a practice of a model that the tabs don't take, over the screen of that model."""

    def made() -> tuple[OpenedGraph, Sitting]:
        model = open_graph(path)
        return model, resume_practice(kept, model.graph, model.weights, time.monotonic())

    def taken(found: tuple[OpenedGraph, Sitting]) -> None:
        model, sitting = found
        if not any(isinstance(one, AnyModelScreen) for one in app.screen_stack):
            app.push_screen(screen_of(model, path, app.session, app.link))
        app.push_screen(SheetScreen(sitting, SHEET))

    _beside(app, "practice", made, taken)


def _take_up_practice(kept: bytes, recovered: Recovered, by_hand: ByHandTab) -> None:
    """Go on with a practice of the model that there is or, if that was changed since it began, of one before."""
    steps = recovered.steps
    models = [recovered.state.model, *(step.model for step in (*reversed(steps.undo), *reversed(steps.redo)))]

    def made() -> tuple[Sitting, Model]:
        refused = list[Refused]()
        for model in dict.fromkeys(models):
            network = model.network
            try:
                return resume_practice(kept, network.graph, model.weights.by_name(network), time.monotonic()), model
            except Refused as refusal:
                refused.append(refusal)
        raise refused[0]

    _beside(by_hand, "practice", made, lambda found: by_hand.take_up(*found))


def _beside(node: DOMNode, what: str, make: Callable[[], T], take: Callable[[T], None]) -> None:
    """Make, beside the screen, what is gone on with; what can't be is said, and stays where it was kept."""

    def refused(why: str) -> None:
        node.app.notify(f"The {what} can't be gone on with: {why}. What was kept of it stays.", markup=False)

    beside(node, what, lambda _: make(), take, refused)
