"""What was kept beside a session that is gone on with: its lesson and its practice are under way again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.errors import Refused
from core.lessons.progress import resume as resume_lesson
from core.model.weights_file import open_weights
from core.model.weights_kept import with_changes
from core.practice.saved import resume as resume_practice
from tui.beside import make_beside
from tui.kept_beside import ARRAYS, LESSON, PRACTICE
from tui.lesson_guide import LessonGuide
from tui.tabs.by_hand import ByHandTab
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from pathlib import Path

    from core.journal.shelf import Recovered, Session
    from core.model.weights_file import WeightsFile
    from core.practice.sitting import Sitting
    from tui.app import ByhandApp


def take_up(session: Session, recovered: Recovered, app: ByhandApp) -> None:
    """Go on with the lesson, the practice and the changed arrays of a file that a session had."""
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


def _take_up_arrays(kept: bytes, path: Path, app: ByhandApp) -> None:
    def made() -> WeightsFile | Refused:
        try:
            held = open_weights(path)
            with_changes(held, kept)
        except Refused as refusal:
            return refusal
        return held

    def taken(held: WeightsFile | Refused) -> None:
        if isinstance(held, Refused):
            app.notify(f"The changed numbers can't be gone on with: {held}", markup=False)
            return
        screen = next((one for one in app.screen_stack if isinstance(one, WeightsScreen)), None)
        if screen is None:
            screen = WeightsScreen(held, path.name, app.session)
            app.push_screen(screen)
        app.call_after_refresh(screen.take_up, kept)

    make_beside(app.screen_stack[0].query_one(ByHandTab), "arrays", True, made, taken)


def _take_up_practice(kept: bytes, recovered: Recovered, by_hand: ByHandTab) -> None:
    model = recovered.state.model

    def made() -> Sitting | Refused:
        try:
            return resume_practice(kept, model.network.graph, model.weights.by_name(model.network), time.monotonic())
        except Refused as refusal:
            return refusal

    def taken(sitting: Sitting | Refused) -> None:
        if isinstance(sitting, Refused):
            by_hand.notify(f"The practice can't be gone on with: {sitting}", markup=False)
        else:
            by_hand.take_up(sitting)

    make_beside(by_hand, "practice", True, made, taken)
