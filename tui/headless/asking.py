"""Asking for every blank of a practice in turn, from standard input to standard output, one question a line."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tui.headless.output import write
from tui.headless.typed_lines import HINT, LEAVING, next_line, tolerate_bad_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.calculation.calculated import Spot
    from core.practice.sitting import Sitting

HELP = (
    "Type the number: 0.25, 0,25 and 1/4 are the same. Or type: hint or ? for the next term, reveal to give this one "
    "up, skip to leave it blank, stop, quit or q to end here, help for this line. A hint takes a quarter of the point."
)


def ask(asking: Asking) -> None:
    """Ask, and save what there is however it ends."""
    tolerate_bad_bytes()
    try:
        asking.go()
    except KeyboardInterrupt:
        asking.save()
        raise


class Asking:
    """Asks for every open blank in turn, from standard input to standard output."""

    def __init__(self, sitting: Sitting, save: Callable[[Sitting], bytes], path: Path | None) -> None:
        """Ask for the blanks of ``sitting``; ``save`` makes it the content of the file at ``path``."""
        self.sitting, self._bytes, self._path = sitting, save, path

    def go(self) -> None:
        """Ask until all is answered, ``stop`` is typed or the input ends; then mark, say the score and save."""
        # A file that cannot be written is told now, not after an hour of answers.
        self.save()
        self._introduce()
        for spot in self.sitting.open():
            if not self._ask(spot):
                break
        if self._path is None or not self.sitting.open():
            self._finish()
        elapsed = self.sitting.elapsed(time.monotonic())
        _say(f"{self.sitting.score.in_words} Time {_duration(elapsed)}.")
        self.save()
        if self._path is not None:
            _say(f"Saved as {self._path}." + ("" if self.sitting.finished else " --resume goes on from here."))

    def save(self) -> None:
        """Write the file, if one was asked for."""
        from core.saving import write_whole

        if self._path is not None:
            write_whole(self._path, self._bytes(self.sitting))

    def _introduce(self) -> None:
        if self.sitting.finished:
            _say("This practice is finished.")
            return
        for line in self.sitting.about:
            _say(line)
        _say(HELP)

    def _ask(self, spot: Spot) -> bool:
        """Ask for one blank until it is settled; False if the learner stops or the input ends."""
        places = list(self.sitting.blanks)
        question, name = self.sitting.question(spot), f"{self.sitting.sheet.work.name(spot)}: "
        # Of letters it says itself what they are.
        asked = question if question.startswith(name) else f"{name}{question}"
        _say(f"Question {places.index(spot) + 1:,} of {len(places):,}. {asked}")
        while (line := next_line()) is not None:
            match line.lower():
                case word if word in LEAVING:
                    return False
                case "skip":
                    return True
                case "help":
                    _say(HELP)
                case word if word in HINT:
                    self._hint(spot)
                case "reveal":
                    self.sitting = self.sitting.revealed(spot)
                    _say(f"{self.sitting.sheet.work.name(spot)} = {self.sitting.shown(spot)}")
                    return True
                case _:
                    if self._answer(spot, line):
                        return True
        return False

    def _hint(self, spot: Spot) -> None:
        from core.errors import Refused

        try:
            self.sitting, line = self.sitting.hinted(spot)
        except Refused as refused:
            line = f"No hint: {refused}."
        _say(line)

    def _answer(self, spot: Spot, text: str) -> bool:
        """Take one answer; return whether the blank is settled."""
        from core.errors import Refused
        from core.practice.slip import sentence

        try:
            self.sitting = self.sitting.answered(spot, text)
        except Refused as refused:
            _say(f"Not counted: {refused}; or help.")
            return False
        made = self.sitting.blanks[spot].mark
        if made is None:
            return True
        if made.right:
            _say(_sentence(made.why))
            return True
        slip = sentence(self.sitting.findings(spot)) or "No usual slip gives that number."
        _say(f"{_sentence(made.why)} {slip} Try again, or type hint, reveal or skip.")
        return False

    def _finish(self) -> None:
        """Mark what was not marked before, and say it."""
        from core.practice.slip import sentence

        before = self.sitting
        self.sitting = before.finish(time.monotonic())
        for spot, blank in self.sitting.blanks.items():
            if blank.mark is not None and before.blanks[spot].mark is None:
                slip = sentence(self.sitting.findings(spot))
                _say(f"{self.sitting.sheet.work.name(spot)}: {blank.mark.why}. {slip}".rstrip())


def _say(line: str) -> None:
    write(f"{line}\n")
    # A learner on the other side of a pipe waits for the question.
    sys.stdout.flush()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"
