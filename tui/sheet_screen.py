"""SheetScreen: numbers of any model worked out by hand, one question after the other."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from core.calculation.calculated import spoken
from core.errors import Refused
from core.formatting import count
from core.practice.marks import LESS
from core.practice.slip import sentence
from tui.beside import beside
from tui.kept_beside import PRACTICE, KeptBeside, kept_practice
from tui.widgets.cell_input import CellInput
from tui.widgets.key_bar import KeyBar
from tui.widgets.read_on import ReadOn
from tui.widgets.text import plain
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult

    from core.calculation.calculated import Spot
    from core.practice.sitting import Sitting

    Step = Callable[[Sitting, Spot], tuple[Sitting, str]]


class Here(NamedTuple):
    """Where a person stands: at a blank, or at the end, with what is asked and what is said to the last answer."""

    sitting: Sitting
    spot: Spot | None
    question: str
    said: str


AROUND = 7
"""Lines for how far a practice has come, the field with a blank line above and below, and the keys."""


class AnswerField(CellInput):
    """The field for a number: no number has the letters in it that are keys here."""

    BINDINGS: ClassVar = [
        Binding("enter", "submit", "Answer"),
        Binding("h", "screen.hint", "Hint", priority=True),
        Binding("v", "screen.reveal", "Reveal", priority=True),
        Binding("n", "screen.next", "Next", priority=True),
    ]


class SheetScreen(Screen[str | None]):
    """One question with its numbers, below it what was said and hinted, and a field for the answer.

    What is longer than its room is scrolled while the focus is in the field. It ends with the name of the file that
    the practice was kept in, if it was.
    """

    BINDINGS: ClassVar = [
        Binding("escape", "leave", "End", priority=True),
        Binding("down", "scroll(1)", "More", priority=True),
        Binding("up", "scroll(-1)", "Back", priority=True, show=False),
        Binding("pagedown", "page(1)", "More", priority=True, show=False),
        Binding("pageup", "page(-1)", "Back", priority=True, show=False),
        # Beneath lies the model of the tabs, which this key is not meant for.
        Binding("ctrl+s", "unsaved", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    SheetScreen {
        #how-far { height: auto; color: $text-muted; }
        #asked { height: auto; padding-top: 1; }
        #answer { margin: 1 0; width: 40; background: $panel; }
        ReadOn { height: auto; }
        #said { height: auto; padding-top: 1; }
    }
    """

    def __init__(self, sitting: Sitting, kept_as: str = PRACTICE) -> None:
        super().__init__()
        self._begun, self._kept_as = sitting, kept_as
        self._sitting: Sitting | None = None
        self._spot: Spot | None = None
        self._busy = True

    def compose(self) -> ComposeResult:
        yield Words(id="how-far")
        with ReadOn():
            yield Words("opening the first number ...", id="asked")
            yield Words(id="said")
        yield AnswerField(id="answer")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(AnswerField).focus()
        self._beside(self._first)

    def on_resize(self) -> None:
        """Leave the text what the lines around it do not take."""
        self.query_one(ReadOn).styles.max_height = max(self.size.height - AROUND, 1)

    # What takes long is worked out beside the screen

    def _beside(self, do: Callable[[], Here]) -> None:
        self._busy = True
        beside(self, "practice", lambda _: do(), self._show, self._stay)

    def _stay(self, why: str) -> None:
        """Be at the question as before: what was to be done could not be."""
        self._busy = False
        self._say(why, at_end=True)

    def _first(self) -> Here:
        return self._go_on(self._begun, next(iter(self._begun.blanks)), "")

    def _do(self, step: Step) -> None:
        """Change the sitting by ``step``, and stay at the question until it is settled."""
        sitting, spot = self._sitting, self._spot
        if sitting is None or spot is None or self._busy:
            return

        def do() -> Here:
            try:
                made, said = step(sitting, spot)
            except Refused as refusal:
                made, said = sitting, f"{refusal}"
            return self._go_on(made, spot, said)

        self._beside(do)

    def _go_on(self, sitting: Sitting, spot: Spot, said: str) -> Here:
        """Return the question, or the next one if this one is settled."""
        here = _next_open(sitting, spot, after=0)
        if here is None:
            # One that was taken up may be marked at its end.
            sitting = sitting.finish(time.monotonic())
        question = "" if here is None else sitting.question(here)
        hints = () if here is None else sitting.hints_given(here)
        heard = "\n".join([*(f"hint (-{LESS:g}): {hint}" for hint in hints), *filter(None, [said])])
        return Here(sitting, here, question, heard)

    def _show(self, here: Here) -> None:
        if not self.is_attached:
            return
        sitting, spot, question, said = here
        self.post_message(KeptBeside(self._kept_as, None if spot is None else kept_practice(sitting)))
        new = spot != self._spot
        self._sitting, self._spot, self._busy = sitting, spot, False
        score = sitting.score
        left = f"{count(len(sitting.open()), 'blank')} left, {score.points:g} of {score.possible} points"
        self.query_one("#how-far", Words).show(
            f"{left}. {sitting.about[0]} {sitting.sheet.work.digits} decimal places."
        )
        where = "" if spot is None else f"{spoken(spot)}\n"
        self.query_one("#asked", Words).show(f"{where}{question}" if question else f"All is done: {score.in_words}")
        self._say(said, at_end=bool(said) and not new)
        field = self.query_one(AnswerField)
        field.display = spot is not None
        if new:
            field.value = ""
        else:
            field.select_all()

    def _say(self, said: str, *, at_end: bool) -> None:
        """Say something below the question; ``at_end`` have that in sight, as the last hint is what was asked for."""
        words = self.query_one("#said", Words)
        words.show(said)
        words.display = bool(said)
        self.query_one(ReadOn).see(end=at_end)

    # What a person does

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self._do(partial(_answered, event.value))

    def action_hint(self) -> None:
        self._do(_hinted)

    def action_reveal(self) -> None:
        self._do(_revealed)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have the key that scrolls in the footer where there is more than is seen."""
        return action != "scroll" or self.query_one(ReadOn).is_longer

    def action_scroll(self, lines: int) -> None:
        """Scroll the question and what was said."""
        self.query_one(ReadOn).scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        self.query_one(ReadOn).scroll_pages(pages)

    def action_next(self) -> None:
        if self._sitting is None or self._spot is None or self._busy:
            return
        spot = _next_open(self._sitting, self._spot, after=1)
        if spot is not None:
            self._beside(partial(self._go_on, self._sitting, spot, ""))

    def action_unsaved(self) -> None:
        self.app.notify("Nothing was saved: escape ends a practice, or keeps it in a file.", markup=False)

    def action_leave(self) -> None:
        """Leave at once what is finished or not begun; else ask whether to end it, keep it or go on."""
        from tui.dialogs.practice_dialogs import leave_dialog

        sitting = self._sitting
        if sitting is not None and sitting.open() and sitting.is_begun:
            self.app.push_screen(leave_dialog(sitting, time.monotonic, self._end, self._kept))
        else:
            self._close()

    def _close(self, kept_in: str | None = None) -> None:
        self.post_message(KeptBeside(self._kept_as, None))
        self.dismiss(kept_in)

    def _end(self) -> None:
        if self._sitting is not None and self._spot is not None:
            self._beside(partial(self._go_on, self._sitting.finish(time.monotonic()), self._spot, ""))

    def _kept(self, path: Path) -> None:
        words = f"Kept in {plain(str(path))}: p and 'one that was left', or byhand practise --resume, go on with it."
        self.app.notify(words, markup=False)
        # Once the dialog is gone.
        self.app.call_later(self._close, str(path))


def _next_open(sitting: Sitting, spot: Spot, after: int) -> Spot | None:
    """Return the first blank that waits for an answer, from so many ``after`` that at ``spot`` on, and round."""
    places, waiting = list(sitting.blanks), sitting.open()
    at = places.index(spot) + after
    return next((one for one in (*places[at:], *places[:at]) if one in waiting), None)


def _answered(text: str, sitting: Sitting, spot: Spot) -> tuple[Sitting, str]:
    made = sitting.answered(spot, text)
    mark = made.blanks[spot].mark
    said = "noted, and marked at the end" if mark is None else mark.why
    return made, f"{sitting.sheet.work.name(spot)}: {text} is {said}. {sentence(made.findings(spot))}".rstrip()


def _hinted(sitting: Sitting, spot: Spot) -> tuple[Sitting, str]:
    return sitting.hinted(spot)[0], ""


def _revealed(sitting: Sitting, spot: Spot) -> tuple[Sitting, str]:
    return sitting.revealed(spot), f"{sitting.sheet.work.name(spot)} = {sitting.shown(spot)}"
