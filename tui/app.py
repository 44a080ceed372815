"""The app: puts session, engine and tabs together, and hands changes from one to the others."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.reactive import var
from textual.widgets import TabbedContent, TabPane, Tabs

from core.calculation.effect import Effect, may_differ
from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS, DIGITS
from core.lessons.language import ENGLISH
from core.model.network import describe
from core.session.session import Session
from core.session.trail import Steps
from tui.commands import EVERYWHERE, bindings
from tui.dialogs.file_dialogs import open_dialog, save_dialog, unsaved_in_words
from tui.dialogs.file_notes import FileNotes
from tui.dialogs.help_dialog import HelpDialog
from tui.drivers import driver_class
from tui.engine_client import EngineProcess
from tui.finding import Deed, Palette, deeds
from tui.five_tabs import KEY_OF_LAYERS, TITLES, first_tab, pages
from tui.garbage import look_for_garbage
from tui.journal_link import JournalLink
from tui.keras_link import KerasLink
from tui.keras_status import Answer, Keras, LossAnswer
from tui.loaded_ahead import load_ahead
from tui.measuring import Measuring
from tui.notices import Notices
from tui.one_frame import OneFrame
from tui.screenshot import take_screenshot
from tui.tabs.page import TabPage
from tui.tabs.words import begun_anew, epoch_shown, in_this_file
from tui.theme import DARK, LIGHT, MEANINGS_DARK
from tui.thrifty_driver import ThriftyDriver
from tui.trainer import FRAME, SLOW_FRAME, Trainer
from tui.widgets.key_bar import KeyBar
from tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult

    from core.data.dataset import Dataset
    from core.engine.protocol import Event
    from core.lessons.lesson import Lesson
    from core.model.files.opening import OpenedModel
    from core.session.state import State
    from tui.dialogs.loss_dialog import LossDialog
    from tui.engine_client import Engine, Gone
    from tui.kept_beside import KeptBeside
    from tui.lesson_guide import LessonGuide
    from tui.reading_model import Other
    from tui.tabs.training import TrainingTab
    from tui.weights_screen import WeightsScreen

    Factory = Callable[[Callable[[Event | Gone], None]], Engine]

WARNING_HOLDS = 6.0
"""Seconds in which a second q leaves without saving."""


class ByhandApp(Notices):
    """Five tabs over one session."""

    TITLE = "byhand"
    CSS_PATH = "styles/byhand.tcss"
    BINDINGS: ClassVar = bindings(EVERYWHERE)
    COMMANDS: ClassVar = {Palette}
    ALLOW_IN_MAXIMIZED_VIEW = "KeyBar"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]

    state: var[State | None] = var(None)
    effect: var[Effect | None] = var(None)
    effect_before: var[Effect | None] = var(None)
    answer: var[Answer | None] = var(None)
    loss_answer: var[LossAnswer | None] = var(None)
    keras: var[Keras] = var(Keras.STARTING)
    waits: var[bool] = var(False)
    digits: var[int] = var(DEFAULT_DIGITS)
    words: var[bool] = var(True)

    def __init__(
        self,
        opened: tuple[OpenedModel, Path, Steps | None] | None = None,
        engine: Factory = EngineProcess,
        lesson: Lesson | None = None,
        dataset: Dataset | None = None,
        language: str = ENGLISH,
        other: tuple[Other, Path] | None = None,
    ) -> None:
        super().__init__(driver_class())
        self.session = Session(self._session_changed)
        self.link = KerasLink(self.session, engine, self)
        self.trainer = Trainer(self.session, self.link, self.refuse, self.say)
        self.one_frame = OneFrame(self)
        self.measuring = Measuring(self)
        if opened is not None:
            model, path, steps = opened
            self.session.open(model, path, steps or Steps(beginning=f"open {shorten(path.name)}"))
        self._warned, self._once_open, self._notes = False, "", opened[0].notes if opened else ()
        if dataset is not None:
            before = self.session.state
            self.session.begin_with(dataset)
            self._notes += tuple(filter(None, [begun_anew(before, self.session.state)]))
        self._first_tab = first_tab(self.session.state)
        self._pages = pages(self._first_tab)
        # Set before anything is styled: a theme that changes later styles everything again.
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name
        self._first_lesson, self._language, self._other = lesson, language, other
        self.kept = JournalLink(self.session, self)

    def compose(self) -> ComposeResult:
        first, page = next(self._pages)
        yield TitleBar()
        with TabbedContent(initial=first):
            for name, title in TITLES.items():
                with TabPane(title, id=name):
                    if name == first:
                        yield self._bound(page(self.session))
        yield KeyBar()

    def _bound(self, page: TabPage) -> TabPage:
        """Return a page that follows what the app shows."""
        return page.data_bind(
            ByhandApp.state,
            ByhandApp.effect,
            ByhandApp.effect_before,
            ByhandApp.answer,
            ByhandApp.keras,
            ByhandApp.waits,
            ByhandApp.digits,
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give other themes the colours with a meaning."""
        return MEANINGS_DARK

    async def do(self, deed: Deed | None) -> None:
        """Do what was found: by the widget that would do it at its key, or else on its tab."""
        if deed is None:
            return
        if deed.node is not None and deed.node.is_attached:
            await self.run_action(deed.action, deed.node)
        elif deed.tab is None or deed.tab == self.query_one(TabbedContent).active:
            await self.run_action(deed.action, self if deed.tab is None else self._page(deed.tab))
        else:
            self._once_open = deed.action
            self.action_tab(deed.tab)

    def on_mount(self) -> None:
        frame = SLOW_FRAME if "SSH_CONNECTION" in os.environ else FRAME
        self.trainer.play_with(self.set_interval(frame, self.trainer.tick, pause=True), frame)
        # A tab has a key of its own; with the focus on their row the page's keys would do nothing.
        self.query_one(Tabs).can_focus = False
        self._show(self.session.state)
        self._page(self._first_tab).open_page()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._page(self._first_tab).focus_main()
        # The footer follows the focus, and is drawn anew after that.
        bar = self.query_one(KeyBar)
        bar.call_after_refresh(bar.call_after_refresh, self.call_later, self._complete)

    async def _complete(self) -> None:
        """Make what the first frame does without; the list of layers is shown before the rest if it is wanted."""
        await self._make(*next(self._pages))
        await self.take_early(KEY_OF_LAYERS, self._complete_all)

    async def _make(self, tab: str, page: type[TabPage]) -> None:
        await self.query_one(f"#{tab}", TabPane).mount(self._bound(page(self.session)))

    async def _complete_all(self) -> None:
        for tab, page in self._pages:
            await self._make(tab, page)
        from tui.lesson_guide import LessonGuide

        guide = LessonGuide(self.session, self._first_lesson, self._language)
        guide.data_bind(ByhandApp.state, ByhandApp.effect, ByhandApp.digits)
        # Not the screen on top: that may be the word of a terminal that is too small.
        await self.screen_stack[0].mount(guide, before="KeyBar")
        look_for_garbage()
        self.built()
        self.measuring.begin()
        self.tell_of_file(in_this_file(self._notes, self.session.state))
        if self._other is not None:
            self._opened_other(*self._other)
        self.kept.begin(self.session.state.path if self._other is None else self._other[1])
        await self.link.start()
        load_ahead()

    async def on_unmount(self) -> None:
        await self.link.close()
        self.kept.close()

    # State

    def _session_changed(self, state: State) -> None:
        if not self.is_running:
            return
        before = self.state
        self._show(state)
        self.link.follow(state)
        self.kept.follow()
        if self.one_frame.holds and state.model.run is not None and state.model.run.epochs:
            # After the page has drawn: its own queue keeps the order.
            self._page("training").call_next(self.one_frame.release)
        if before is None or may_differ(before, state):
            # Beside the drawing it would take turns with it.
            self.call_after_refresh(self.measuring.begin)

    def _show(self, state: State) -> None:
        self.state = state
        bar = self.query_one(TitleBar)
        bar.what = describe(state.model.network)
        bar.epoch = epoch_shown(state)

    def on_kept_beside(self, event: KeptBeside) -> None:
        self.kept.keep_beside(event.name, event.make)

    # What Keras says (the link calls these)

    def keras_is(self, keras: Keras, late: str = "") -> None:
        self.keras = keras
        self.query_one(TitleBar).keras = f"Keras {late or keras}"
        self.waits = self.trainer.waits
        if keras is Keras.READY:
            self.call_later(self.trainer.idle)

    def keras_answered(self, answer: Answer) -> None:
        self.answer = answer

    def keras_gave_loss(self, answer: LossAnswer) -> None:
        self.loss_answer = answer

    def on_loss_dialog_keras_asked(self, event: LossDialog.KerasAsked) -> None:
        self.link.want_loss(event.question)

    def keras_trouble(self, message: str) -> None:
        self.notify(message, severity="error", timeout=12, markup=False)

    def action_start_keras(self) -> None:
        self.run_worker(self.link.start_anew())

    def on_training_tab_asked(self, event: TrainingTab.Asked) -> None:
        self.trainer.want(event.wanted)
        self.waits = self.trainer.waits

    def on_training_tab_turned(self, event: TrainingTab.Turned) -> None:
        self.one_frame.hold()
        self.trainer.turn(event.dial, event.notch)

    def on_training_tab_changed(self) -> None:
        self.trainer.again()

    # Tabs

    def _page(self, tab: str) -> TabPage:
        return self.query_one(f"#{tab}").query_one(TabPage)

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        self.make_way_for_another_tab()
        for page in self.query(TabPage):
            page.close_page()
        if not event.pane.query(TabPage):
            # Clicked on before it is there; it is gone back to.
            self.action_tab(self._first_tab)
            return
        page = self._page(event.pane.id or self._first_tab)
        page.open_page()
        page.focus_main()
        if action := self._once_open:
            self.call_after_refresh(self.run_action, action, page)

    def action_tab(self, tab: str) -> None:
        self.make_way_for_reading()
        self.query_one(TabbedContent).active = tab

    # Everywhere

    def action_undo(self) -> None:
        self._travel(self.session.trail.undo, "Undone")

    def action_redo(self) -> None:
        self._travel(self.session.trail.redo, "Done again")

    def _travel(self, move: Callable[[], str], title: str) -> None:
        try:
            name = move()
        except Refused as refusal:
            self.refuse(str(refusal))
            return
        self.clear_notifications()
        # The Set weights tab has the steps on it.
        if self.query_one(TabbedContent).active != "set-weights":
            self.say(name, title)

    def action_epoch(self, epochs: int) -> None:
        try:
            self.session.runs.step_epoch(epochs)
        except Refused as refusal:
            self.refuse(str(refusal))

    @property
    def _guide(self) -> LessonGuide:
        from tui.lesson_guide import LessonGuide

        return self.query_one(LessonGuide)

    def action_lessons(self) -> None:
        self._guide.open_menu()

    def action_lesson_step(self) -> None:
        self._guide.go()

    def action_lesson_x(self) -> None:
        self._guide.put_back()

    def on_lesson_guide_began(self, event: LessonGuide.Began) -> None:
        self.digits = event.setup.digits
        from tui.tabs.by_hand import ByHandTab

        self.query_one(ByHandTab).round_as(event.setup.rounding)
        self.action_tab(event.setup.tab or self.query_one(TabbedContent).active)

    def on_lesson_guide_left(self) -> None:
        self._page(self.query_one(TabbedContent).active).focus_main()

    def action_digits(self, change: int) -> None:
        self.digits = DIGITS[(self.digits - DIGITS[0] + change) % len(DIGITS)]

    def action_words(self) -> None:
        self.words = not self.words

    def watch_words(self, words: bool) -> None:
        self.set_class(not words, "without-words")

    def action_light(self) -> None:
        self.theme = DARK.name if self.theme == LIGHT.name else LIGHT.name

    def action_in_file(self) -> None:
        self.push_screen(FileNotes(self.in_file, opened=self.session.state.path is not None))

    def action_open(self) -> None:
        self.push_screen(open_dialog(self._opened, self._opened_other))

    def _opened_other(self, held: Other, path: Path) -> None:
        from tui.other_screens import screen_of, told_of  # shown once the dialog is gone

        self.in_file = told_of(held)
        self.call_later(self.push_screen, screen_of(held, path, self.session, self.link))

    def _opened(self, opened: OpenedModel, path: Path, steps: Steps | None) -> None:
        self.session.open(opened, path, steps)
        self.tell_of_file(in_this_file(opened.notes, self.session.state))

    def action_save(self) -> None:
        self.push_screen(save_dialog(self.session, self.session.state, self.say, self.kept.path))

    def on_weights_screen_save_asked(self, event: WeightsScreen.SaveAsked) -> None:
        from tui.dialogs.weights_file_dialogs import save_weights_dialog

        self.push_screen(save_weights_dialog(event.edits, event.saved, self.kept.path))

    def action_redraw(self) -> None:
        if isinstance(self._driver, ThriftyDriver):
            self._driver.redraw()
        self.screen.refresh()

    def action_help(self) -> None:
        self.push_screen(HelpDialog(deeds(self.screen)), self.do)

    def action_picture(self) -> None:
        self.call_after_refresh(take_screenshot, self)

    def action_leave(self) -> None:
        if (unsaved := unsaved_in_words(self.session.state, self.screen_stack)) and not self._warned:
            self._warned = True
            self.notify(f"{unsaved}: ctrl+s saves them, the same key again leaves.", markup=False)
            self.set_timer(WARNING_HOLDS, partial(setattr, self, "_warned", False))
            return
        self.kept.discard()
        self.exit(0)

    def action_how_to_leave(self) -> None:
        self.notify("q leaves byhand; ctrl+q does so from within a field too.", markup=False)
