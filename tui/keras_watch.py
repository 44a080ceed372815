"""KerasWatch: says what is the matter with an engine that was asked and does not answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui.threads import unforeseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.pulse import Pulse
    from tui.engine_client import Engine

LOOK = 0.5
"""Seconds between two looks."""

SILENT = 2.0
"""Seconds without a word after which one that is asked is late, and without a look, the screen itself stood still."""

LONG = 60.0
"""Seconds of work without a word, after which it may be caught."""

ANEW = "^k starts a new one; all that needs no Keras works meanwhile"


class KerasWatch:
    """Looks at an engine from beside it, for one that is stopped or caught cannot say so itself.

    ``awaited`` returns whether something is awaited of it. ``late`` is told in a word or two what it does instead of
    answering, nothing once it answers again; ``trouble`` is told once, in a sentence.
    """

    def __init__(
        self, engine: Engine, awaited: Callable[[], bool], late: Callable[[str], None], trouble: Callable[[str], None]
    ) -> None:
        self._engine, self._awaited, self._late, self._trouble = engine, awaited, late, trouble
        self._said, self._told = "", ""
        self._looked: float | None = None
        self.heard()

    def heard(self) -> None:
        """Note that it said something, or that it is another one."""
        self._since = self._moved = time.monotonic()
        self._worked: int | None = None

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                self.look(time.monotonic())
            except Exception as problem:
                self._trouble(f"It is not looked any more whether Keras answers: {unforeseen(problem)}. {ANEW}.")
                return

    def look(self, now: float) -> None:
        """Tell what has changed since the last look."""
        pulse = self._engine.pulse()
        away = self._looked is not None and now - self._looked > SILENT
        self._looked = now
        if pulse is None or away or not (pulse.stopped or self._awaited()):
            self._since = self._moved = now
            self._say("", "")
            return
        if pulse.busy or pulse.worked != self._worked:
            self._moved = now
        self._worked = pulse.worked
        self._say(*self._matter(pulse, now - self._since, now - self._moved))

    def _matter(self, pulse: Pulse, waited: float, idle: float) -> tuple[str, str]:
        """Return what it does in a word or two, and in a sentence; nothing if it may well be about to answer."""
        if pulse.stopped:
            return "stopped", f"Keras's process is stopped (SIGSTOP, or a debugger); SIGCONT lets it go on. {ANEW}."
        if waited < SILENT:
            return "", ""
        if idle >= SILENT:
            return f"silent {waited:.0f} s", f"Keras's process was asked, and neither answers nor works. {ANEW}."
        long = f"Keras's process has worked for a minute without a word: at something large, or caught. {ANEW}."
        return f"busy {waited:.0f} s", long if waited >= LONG else ""

    def _say(self, late: str, trouble: str) -> None:
        if late != self._said:
            self._said = late
            self._late(late)
        if trouble and trouble != self._told:
            self._trouble(trouble)
        if trouble or not late:
            self._told = trouble
