"""LessonGuide: leads through a lesson on the screen: begins it, checks each step, and goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var
from textual.widgets import TabbedContent

from core.errors import Refused
from core.formatting import DEFAULT_DIGITS
from core.half_width import half_width
from core.lessons.checking import check, check_done, hint
from core.lessons.conditions import Seen, point_in_words
from core.lessons.language import ENGLISH
from core.lessons.lesson import Answer, Choice, Do, Read, Within
from core.lessons.progress import Progress, do_instead, save, start
from tui.dialogs.lessons_dialog import LessonsDialog
from tui.kept_beside import LESSON, KeptBeside
from tui.tabs.by_hand import ByHandTab
from tui.tabs.page import TabPage
from tui.widgets.lesson_bar import LessonBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.calculation.effect import Effect
    from core.lessons.checking import Verdict
    from core.lessons.lesson import Lesson, Setup, Step
    from core.session.session import Session
    from core.session.state import State


class LessonGuide(Vertical):
    """Stands below the tabs while a lesson runs; the app binds what its checks look at."""

    state: var[State | None] = var(None)
    effect: var[Effect | None] = var(None)
    digits: var[int] = var(DEFAULT_DIGITS)
    tab: var[str] = var("")

    class Began(Message):
        """A lesson has begun: the app is to show what it begins with."""

        def __init__(self, setup: Setup) -> None:
            super().__init__()
            self.setup = setup

    class Left(Message):
        """The person goes back to the tab."""

    def __init__(self, session: Session, first: Lesson | None = None, language: str = ENGLISH) -> None:
        super().__init__()
        self._session, self._language = session, language
        self._lesson = first
        self._progress = Progress()
        self._finished: set[str] = set()
        self._model = session.state.model

    def compose(self) -> ComposeResult:
        yield LessonBar()

    def on_mount(self) -> None:
        self.display = False
        self.watch(self.app.query_one(TabbedContent), "active", self._tab_opened)
        if self._lesson is not None:
            self.call_after_refresh(self._begin, self._lesson)

    def _tab_opened(self, tab: str) -> None:
        self.tab = tab

    @property
    def _bar(self) -> LessonBar:
        return self.query_one(LessonBar)

    # Beginning, hiding, leaving

    def open_menu(self) -> None:
        """Show the lesson again if it is hidden, else the list of lessons and what can be done with this one."""
        if self._lesson is not None and not self.display:
            self._appear()
            return
        step = self._step
        deeds = [("hide the lesson; L shows it again", self._hide)] if self._lesson is not None else []
        if step is not None:
            deeds += [("go past this step", self._skip), ("go back to the step before", self._back)]
        if self._lesson is not None:
            deeds.append(("leave the lesson", self._leave))
        row = self._next_row(len(deeds))
        self.app.push_screen(LessonsDialog(self._begin, self._finished, deeds, row, self._language))

    def _next_row(self, deeds: int) -> int:
        """Return the row of the list that is likely wanted: after a built-in lesson's end, the next one."""
        from core.lessons.shelf import built_in

        titles = [lesson.title for lesson in built_in(self._language)]
        if self._lesson is None or self._step is not None or self._lesson.title not in titles:
            return 0
        return deeds + (titles.index(self._lesson.title) + 1) % len(titles)

    def _begin(self, lesson: Lesson) -> None:
        """Begin a lesson.

        Raises:
            Refused: a training is under way.
        """
        put_aside = start(self._session, lesson)
        self._lesson, self._progress = lesson, Progress()
        self._appear()
        self.post_message(self.Began(lesson.setup))
        self._show_step()
        if put_aside:
            self.notify("The lesson has its own model. Your weights, not saved, are put aside: u takes them back.")

    def take_up(self, lesson: Lesson, progress: Progress) -> None:
        """Go on with a lesson that was left, with the model and the data that there are."""
        self._lesson, self._progress = lesson, progress
        self._appear()
        self._show_step()

    def _appear(self) -> None:
        self.display = True
        self.screen.add_class("in-lesson")

    def _hide(self) -> None:
        self.display = False
        self.screen.remove_class("in-lesson")
        self.post_message(self.Left())

    def _leave(self) -> None:
        self._lesson = None
        self._hide()
        self.post_message(KeptBeside(LESSON, None))

    def _back(self) -> None:
        self._progress = self._progress.back()
        self._show_step()

    def _skip(self) -> None:
        step = self._step
        if step is None or self._lesson is None:
            return
        try:
            if not self._progress.done:
                do_instead(self._session, step)
        except Refused as refusal:
            self._bar.say(str(refusal), refused=True)
            return
        self._go_on()

    # The step in hand

    @property
    def _step(self) -> Step | None:
        return self._progress.current(self._lesson) if self._lesson is not None else None

    def _show_step(self) -> None:
        lesson, step = self._lesson, self._step
        if lesson is None:
            return
        self._model = self._session.state.model
        if step is None:
            self._finished.add(lesson.title)
            result = f"That was the last step of {lesson.title!r}: {self._progress.in_words(lesson)}."
            self._bar.show_text("Lesson finished", result)
        else:
            place = f"Lesson, step {self._progress.step + 1} of {len(lesson.steps)}"
            self._bar.show_text(f"{place}: {step.heading}", _text(step))
            self._ask(step)
        self._show_keys()
        self._tell_of_changes()
        self._keep(lesson if step is not None else None)
        self._look()

    def _keep(self, lesson: Lesson | None) -> None:
        self.post_message(KeptBeside(LESSON, None if lesson is None else partial(save, lesson, self._progress)))

    def _ask(self, step: Step) -> None:
        match step.check:
            case Answer(symbol=symbol, spot=spot):
                self._bar.ask_number(f"{symbol} =")
                self.app.query_one(ByHandTab).bring_into_sight(spot)
            case Within():
                self._bar.ask_number("number")
            case Choice(options=options):
                self._bar.ask_choice([option.text for option in options])

    def _show_keys(self) -> None:
        step = self._step
        self._bar.finished = step is None
        if step is None:
            self._bar.show_keys("L lessons")
            return
        if self._lesson is not None and self._progress.may_go_on(self._lesson):
            does = "goes on"
        else:
            does = "helps" if isinstance(step.check, Do) else "answers"
        self._bar.show_keys(f"A {does}   L lessons")

    def go(self) -> None:
        """Go to where the step is answered; if it is done, go on to the next one."""
        if self._lesson is None or not self.display:
            self.open_menu()
        elif self._step is None or isinstance(self._step.check, Do | Read) or self._progress.done:
            self._want_on()
        else:
            self._bar.take_focus()

    @on(LessonBar.GoneOn)
    def _want_on(self) -> None:
        """Go on if the step is done; if something has to be done first, say what and how it stands."""
        step, lesson = self._step, self._lesson
        if lesson is None or step is None:
            self.open_menu()
        elif self._progress.may_go_on(lesson):
            self._go_on()
        elif isinstance(step.check, Do):
            self._bar.say(check_done(step, self._seen(), self._progress).sentence)
            self._progress = self._progress.with_hint()

    def _go_on(self) -> None:
        if self._lesson is None:
            return
        self._progress = self._progress.onward(self._lesson)
        self._show_step()
        step = self._step
        if step is not None and isinstance(step.check, Do):
            self.post_message(self.Left())
        else:
            self._bar.take_focus()

    @on(LessonBar.Answered)
    def _check(self, event: LessonBar.Answered) -> None:
        step = self._step
        if step is None or self._progress.done:
            return
        if half_width(event.entry).strip() == "?":
            self._bar.say(hint(step, self._progress))
            self._progress = self._progress.with_hint()
            return
        try:
            verdict = check(step, event.entry, self._seen(), self.digits, self._progress)
        except Refused as refusal:
            self._bar.say(str(refusal), refused=True)
        else:
            self._take(verdict)

    def _take(self, verdict: Verdict) -> None:
        self._progress = self._progress.after(verdict)
        self._keep(self._lesson)
        if verdict.right:
            self._bar.done(verdict.sentence)
            self._show_keys()
        else:
            self._bar.say(verdict.sentence)

    @on(LessonBar.Scrolled)
    def _scroll_page(self, event: LessonBar.Scrolled) -> None:
        self.app.query_one(f"#{self.tab}").query_one(TabPage).scroll_page(event.lines)

    @on(LessonBar.Left)
    def _back_to_tab(self) -> None:
        self.post_message(self.Left())

    # What is done in the app

    @property
    def _model_strays(self) -> bool:
        """Whether a number is asked for, and the model has other weights than when that step began."""
        asks = self._step is not None and isinstance(self._step.check, Answer) and not self._progress.done
        return asks and self._session.state.model.weights is not self._model.weights

    def put_back(self) -> None:
        """Take the x and the model again that the step is about, or say why that is not done."""
        if not self._model_strays and not self._seen().strays:
            nothing = "x and the model are what this step is about: there is nothing to put back."
            none = "B puts back what a lesson's step is about, and no lesson is under way: L begins one."
            self.notify(none if self._step is None else nothing, markup=False)
            return
        try:
            if self._model_strays:
                self._session.take("the lesson's model again", self._model, self._session.state.dataset)
        except Refused as refusal:
            self.notify(str(refusal), markup=False)
        # Of another model it could be another width.
        if (seen := self._seen()).strays:
            self._session.set_x(seen.asked.x)

    def _tell_of_changes(self) -> None:
        if not self.is_mounted:
            return
        seen, told = self._seen(), list[str]()
        if self._model_strays:
            told.append("The model has other weights than when this step began: B puts them back")
        if seen.strays:
            there, wanted = point_in_words(seen.state.x), point_in_words(seen.asked.x)
            told.append(f"x is {there} now; the lesson's is {wanted}: B puts it back")
        self._bar.tell_of_changes(". ".join(told))

    def _seen(self) -> Seen:
        x = self._lesson.x_at(self._progress.step) if self._lesson is not None and self._step is not None else None
        return Seen(self._session.state, self.tab, self.effect, x)

    def _look(self) -> None:
        """See whether what the step waits for has come true."""
        step = self._step
        if step is None or self._progress.done or not isinstance(step.check, Do) or not self.is_mounted:
            return
        verdict = check_done(step, self._seen(), self._progress)
        if verdict.right:
            self._take(verdict)

    def watch_state(self) -> None:
        self._tell_of_changes()
        self._look()

    def watch_effect(self) -> None:
        self._look()

    def watch_tab(self) -> None:
        self._look()


def _text(step: Step) -> str:
    """Return what is to be read: the text, and what is asked or to be done."""
    match step.check:
        case Choice(question=question) if question:
            return f"{step.text}\n{question}".strip()
        case Do(wanted=wanted):
            return f"{step.text}\nTo do: {wanted}.".strip()
    return step.text
