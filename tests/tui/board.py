"""Board: the app on a screen that a test can press keys on and read, with the stand-in engine behind it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from textual.events import Paste
from textual.notifications import Notify
from textual.widgets import Input, TabbedContent, TextArea

from core.lessons.language import ENGLISH
from tests.engine.fake import FakeEngine
from tests.tui.quick_textual import quicken
from tests.waiting import Patience
from tui.app import ByhandApp
from tui.engine_client import Gone
from tui.tabs.page import TabPage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from textual.message import Message
    from textual.pilot import Pilot
    from textual.widget import Widget

    from core.engine.protocol import Command, Event
    from core.lessons.lesson import Lesson
    from core.model.files.opening import OpenedModel
    from core.session.session import Session
    from core.session.state import State
    from core.session.trail import Steps

C = TypeVar("C")

quicken()


class RecordingEngine(FakeEngine):
    """The stand-in, keeping what it was sent; ``die`` says ``Gone`` as the process's client does."""

    def __init__(self, on_event: Callable[[Event | Gone], None], pause_at: int | None = None) -> None:
        super().__init__(on_event, lambda: on_event(Gone(-9, "line one\nout of memory\n")), pause_at)
        self.sent: list[Command] = []
        self.starts = 0

    async def start(self) -> None:
        self.starts += 1
        await super().start()

    def send(self, command: Command) -> None:
        self.sent.append(command)
        super().send(command)

    @property
    def busy(self) -> bool:
        """Whether it has something to do that needs nobody's leave."""
        return self._scheduled

    def sent_of(self, kind: type[C]) -> list[C]:
        """Return the commands of a kind, the oldest first."""
        return [command for command in self.sent if isinstance(command, kind)]


@dataclass
class Board:
    """What a test holds: the app, its pilot and engine, and everything that was said in a notification."""

    app: ByhandApp
    pilot: Pilot[int]
    engine: RecordingEngine
    said: list[str] = field(default_factory=list)

    # Acting

    async def press(self, *keys: str) -> None:
        """Press keys one after the other and wait until all is quiet."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Put ``text`` in place of what is in the field that has the focus, as a paste from outside does."""
        focused = self.app.focused
        if isinstance(focused, TextArea):
            focused.text = text
        elif isinstance(focused, Input):
            focused.value = ""
            focused.post_message(Paste(text))
        else:
            raise AssertionError(f"expected the focus in a field, it is on {focused!r}")
        await self.settle()

    async def fill(self, line: str, text: str) -> None:
        """Type ``text`` into the dialog's field called ``line``."""
        self.app.screen.query_one(f"#line-{line}").query_one(Input).focus()
        await self.pilot.pause()
        await self.type(text)

    async def go(self, tab: str) -> None:
        """Open the tab with this key."""
        await self.press(tab)

    async def begin(self) -> None:
        """Wait until the engine was started and all is quiet."""
        await self.until(lambda: self.engine.starts > 0, "the engine's start")
        await self.settle()

    async def settle(self) -> None:
        """Wait until messages, workers and the stand-in engine are quiet."""
        quiet = 0
        while quiet < 2:
            await self.pilot.pause()
            busy = self.engine.busy or any(not worker.is_finished for worker in self.app.workers)
            quiet = 0 if busy else quiet + 1
        # What cannot be drawn fails here, as it would on a terminal.
        self.app.screen._compositor.render_update(full=True, screen_stack=self.app._background_screens)

    async def quieten(self) -> None:
        """Take the notifications off the screen, which may lie over what is to be read."""
        self.app.clear_notifications()
        await self.settle()

    async def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait for a condition."""
        patience = Patience()
        while not condition():
            assert not patience.lost, f"waited for {what or condition} in vain; the screen:\n{self.text}"
            await self.pilot.pause()

    # Reading

    @property
    def lines(self) -> list[str]:
        """What is seen, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What is seen."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """What is seen with every run of spaces and line ends as one space, for sentences that wrap."""
        return " ".join(self.text.split())

    def line(self, part: str) -> str:
        """Return the one line that has ``part`` in it, its spaces closed up."""
        found = [" ".join(line.split()) for line in self.lines if part in line]
        assert len(found) == 1, f"expected one line with {part!r}, got {found} in\n{self.text}"
        return found[0]

    def place(self, part: str) -> tuple[int, int]:
        """Return column and row of the first character of ``part`` on the screen."""
        for row, line in enumerate(self.lines):
            if part in line:
                return line.index(part), row
        raise AssertionError(f"expected {part!r} in\n{self.text}")

    async def click(self, part: str) -> None:
        """Click on the first place where ``part`` is seen."""
        await self.pilot.click(offset=self.place(part))
        await self.settle()

    @property
    def session(self) -> Session:
        """The owner of state."""
        return self.app.session

    @property
    def state(self) -> State:
        """The present state."""
        return self.app.session.state

    @property
    def tab(self) -> str:
        """The id of the open tab."""
        return self.app.query_one(TabbedContent).active

    @property
    def page(self) -> TabPage:
        """The open tab's page."""
        return self.app.query_one(f"#{self.tab}").query_one(TabPage)

    def beside(self, line: str) -> str:
        """Return the message beside the dialog's field called ``line``."""
        return text_of(self.app.screen.query_one(f"#line-{line} .hint"))

    @property
    def outcome(self) -> str:
        """What the dialog says at its foot."""
        return text_of(self.app.screen.query_one(".outcome"))


def text_of(widget: Widget) -> str:
    """Return a widget's text as it stands on the screen, whether or not it has room there."""
    return str(widget.render())


@asynccontextmanager
async def playing(
    size: tuple[int, int] = (80, 24),
    *,
    tutorial: bool = True,
    pause_at: int | None = None,
    engine: type[RecordingEngine] = RecordingEngine,
    opened: tuple[OpenedModel, Path, Steps | None] | None = None,
    lesson: Lesson | None = None,
    language: str = ENGLISH,
) -> AsyncIterator[Board]:
    """Run the app at ``size``, with the weights that the tutorial prints unless told otherwise."""
    app, engines = make_app(engine, pause_at, opened, lesson, language)
    if tutorial:
        app.session.load_tutorial()
    said: list[str] = []

    def hear(message: Message) -> None:
        if isinstance(message, Notify):
            said.append(message.notification.message)

    async with app.run_test(size=size, notifications=True, message_hook=hear) as pilot:
        board = Board(app, pilot, engines[0], said)
        await board.begin()
        yield board


def make_app(
    engine: type[RecordingEngine] = RecordingEngine,
    pause_at: int | None = None,
    opened: tuple[OpenedModel, Path, Steps | None] | None = None,
    lesson: Lesson | None = None,
    language: str = ENGLISH,
) -> tuple[ByhandApp, list[RecordingEngine]]:
    """Return the app and a list whose one element is the engine behind it."""
    engines: list[RecordingEngine] = []

    def factory(on_event: Callable[[Event | Gone], None]) -> RecordingEngine:
        engines.append(engine(on_event, pause_at))
        return engines[-1]

    return ByhandApp(opened, factory, lesson, language=language), engines
