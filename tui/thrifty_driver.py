"""ThriftyDriver: Textual's driver for Linux and macOS, which sends only what changes the terminal.

It waits for no terminal that takes nothing, and reads no more than the app keeps up with.
"""

from __future__ import annotations

import os
import signal
import sys
from operator import methodcaller
from threading import Event
from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui.console_signs import signs_for
from tui.frames import Frames
from tui.intake import QUIET, Intake
from tui.keyboard import Closed, Keyboard
from tui.terminal import RESTORE, give, may_be_continued, second_way_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.message import Message

    from tui.type_ahead import TypeAhead

BEHIND = 1_000
"""Messages that the app may have before it; until it has fewer nothing more is read, and the terminal holds it."""

LOOK = 0.1
"""Seconds after which the thread that reads looks whether it is to end."""


RESIZED = 0.05
"""Seconds from a change of the terminal's size to the drawing of what it is then."""

NOT_STOPPED = 0.3
"""Seconds after which the terminal is taken back if nothing was stopped: where no shell could continue it."""


class ThriftyDriver(LinuxDriver):
    """Compares what Textual writes with what the terminal shows already (see :class:`tui.thrift.Thrift`).

    On a console each sign that its font lacks is drawn as one that it has. Input goes through an
    :class:`tui.intake.Intake`, whatever comes and however much.
    """

    _app: TypeAhead

    def __init__(
        self, app: TypeAhead, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._signs = signs_for(os.environ.get("TERM", ""))
        self._terminal = second_way_to(2)
        encoding = sys.__stderr__.encoding if sys.__stderr__ is not None else "utf-8"
        encoded = methodcaller("encode", encoding, "backslashreplace")
        self._frames = Frames(app, self._terminal, encoded, self._size_now())
        self._away = False

    def write(self, data: str) -> None:
        if not self._away:
            self._frames.write(data.translate(self._signs) if self._signs else data, self._size_now())

    def flush(self) -> None:
        self._frames.output.flush()

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._tells_size, self._size_due = signal.getsignal(signal.SIGWINCH), False
        signal.signal(signal.SIGWINCH, lambda *_: self._loop.call_soon_threadsafe(self._size_changes))

    def _size_changes(self) -> None:
        """Have the size that the terminal has a moment later drawn: of those on the way there no eye sees one."""
        if not self._size_due and callable(self._tells_size):
            self._size_due = True
            self._loop.call_later(RESIZED, self._size_changed)

    def _size_changed(self) -> None:
        self._size_due = False
        # It may be the one that it was before: of what was shown then the terminal has lost some on the way.
        self.redraw()
        if callable(self._tells_size):
            self._tells_size(signal.SIGWINCH, None)

    def stop_application_mode(self) -> None:
        super().stop_application_mode()
        if self._frames.output.give_up():
            give(self._terminal, RESTORE)

    def redraw(self) -> None:
        """Take nothing for shown, for something else has written to the terminal."""
        self._frames.forget(self._size_now())

    # Stopped and continued. Textual's handlers act wherever the signal comes, maybe in the middle of a write that holds
    # a lock, stop for ever where no shell is, and take a raw terminal for the one to restore after a SIGSTOP.

    def _sigtstp_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop)

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._continue)

    def _stop(self) -> None:
        """Give the terminal back, and stop the whole job, if it has a shell that can continue it."""
        if self._away:
            return
        if not may_be_continued():
            # What is typed while the terminal is away acts on it: a ctrl+c would end the app.
            self._app.notify("No shell has started byhand that could continue it, so it is not stopped.", title="Stop")
            return
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        self._loop.call_later(NOT_STOPPED, self._take_back)

    def _continue(self) -> None:
        if not self._away:
            # It was stopped without being asked; the shell may have used the terminal since.
            self._give_back()
        self._take_back()

    def _give_back(self) -> None:
        self.suspend_application_mode()
        self._must_signal_resume = self._away = True

    def _take_back(self) -> None:
        if self._away:
            self._away = False
            signal.signal(signal.SIGTSTP, self._sigtstp_application)
            self.redraw()
            self.resume_application_mode()
            self._app.call_later(self._app.refresh)

    def run_input_thread(self) -> None:
        """Read until the app ends; a terminal that is gone ends it as the signal would that tells of that."""
        keyboard, intake = Keyboard(self.fileno), Intake(XTermParser(self._debug))
        try:
            while not self.exit_event.is_set():
                if self._app.message_queue_size > BEHIND:
                    self.exit_event.wait(LOOK)
                elif keyboard.waits(QUIET if intake.collects else LOOK):
                    self._hand_over(intake.take(keyboard.read()))
                self._hand_over(intake.quiet())
                if dropped := self._app.overrun():
                    intake.drop(dropped)
        except Closed:
            os.kill(os.getpid(), signal.SIGHUP)

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def _hand_over(self, messages: Iterable[Message]) -> None:
        """Have the app's thread, which alone writes, take all of them together, and wait until it has come to that."""
        read, done = list(messages), Event()
        if not read:
            return

        def post() -> None:
            for message in read:
                self.process_message(message)
            done.set()

        self._loop.call_soon_threadsafe(post)
        while not done.wait(LOOK) and not self.exit_event.is_set():
            pass

    def _size_now(self) -> tuple[int, int]:
        for descriptor in (2, 1, 0):
            try:
                columns, rows = os.get_terminal_size(descriptor)
            except OSError:
                continue
            return columns, rows
        return 80, 24
