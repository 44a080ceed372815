"""byhand practise: a model's calculation as plain lines of question and answer, one question a line."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tui.headless.output import note
from tui.headless.typed_lines import HINT, LEAVING, next_line, tolerate_bad_bytes
from tui.headless.usage import UsageError, usage
from tui.headless.worksheet import is_asked_for, write_worksheet

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.calculation.spot import Spot
    from core.model.keras_file import OpenedModel
    from core.practice.exercise import Exercise
    from core.practice.sitting import Sitting

HELP = (
    "Type the number: 0.25, 0,25 and 1/4 are the same. Or type: hint or ? for the next term, reveal to give this one "
    "up, skip to leave it blank, stop, quit or q to end here, help for this line. A hint takes a quarter of the point."
)

FIXED = ("x", "level", "layer", "backwards", "digits", "rounding", "seed", "mark")
"""What a saved practice says itself."""


def run(arguments: Namespace) -> int:
    """Open the model, make the exercise or take a saved one, ask, and say the score."""
    from core.model.keras_file import open_model
    from core.practice.possible import Practice, not_practisable

    if arguments.resume is not None:
        _refuse_with_resume(arguments)
    elif arguments.x is None:
        raise UsageError("expected --x with the point, such as --x 0.3,0.1, or --resume with a saved practice")
    on_paper = is_asked_for(arguments)
    model = open_model(arguments.model)
    missing = not_practisable(model.network, labelled=True)
    if not arguments.backwards:
        # Nobody asked for it.
        missing.pop(Practice.BACKWARDS, None)
    note([*model.notes, *missing.values()])
    if on_paper:
        write_worksheet(arguments, _sitting(arguments, model).exercise)
        return 0
    _ask(Asking(_sitting(arguments, model), arguments.save))
    return 0


def _ask(asking: Asking) -> None:
    """Ask, and save what there is however it ends."""
    tolerate_bad_bytes()
    try:
        asking.go()
    except KeyboardInterrupt:
        asking.save()
        raise


def _refuse_with_resume(arguments: Namespace) -> None:
    given = [f"--{name}" for name in FIXED if getattr(arguments, name) is not None]
    if given:
        raise UsageError(f"expected --resume without {', '.join(given)}: the saved practice says that itself")


def _sitting(arguments: Namespace, model: OpenedModel) -> Sitting:
    from core.practice.saved import resume
    from core.practice.sitting import When, begin

    if arguments.resume is not None:
        return resume(arguments.resume.read_bytes(), model.network, model.weights, time.monotonic())
    return begin(_exercise(arguments, model), When(arguments.mark or When.AT_ONCE), time.monotonic())


def _exercise(arguments: Namespace, model: OpenedModel) -> Exercise:
    from core.errors import require_between
    from core.formatting import DEFAULT_DIGITS
    from core.model.literal import parse_numbers
    from core.operations.rounding import Rounding
    from core.practice import backwards
    from core.practice.exercise import LARGEST_SEED, Level, by_level, calculation

    seed = arguments.seed or 0
    with usage():
        x = parse_numbers(arguments.x, model.network.inputs)
        require_between("a seed", seed, 0, LARGEST_SEED)
        place = None if arguments.layer is None else model.network.index(arguments.layer)
    if arguments.backwards and arguments.level is not None:
        raise UsageError("expected --level or --backwards, got both: solving backwards has no levels")
    rounding, digits = Rounding(arguments.rounding or Rounding.SHOWN), arguments.digits or DEFAULT_DIGITS
    work = calculation(model.network, model.weights, x, rounding, digits)
    if arguments.backwards:
        return backwards.exercise(work, seed, place)
    return by_level(work, Level(arguments.level or Level.MEDIUM), seed, place)


class Asking:
    """Asks for every open blank in turn, from standard input to standard output."""

    def __init__(self, sitting: Sitting, path: Path | None) -> None:
        self.sitting, self._path = sitting, path

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
        from core.practice.saved import save
        from core.saving import write_whole

        if self._path is not None:
            write_whole(self._path, save(self.sitting, time.monotonic()))

    def _introduce(self) -> None:
        from core.practice.sitting import RULE

        if self.sitting.finished:
            _say("This practice is finished.")
            return
        work = self.sitting.exercise.calculation
        _say(self.sitting.exercise.in_words)
        _say(f"Digits {work.digits}, rounding {work.rounding}, marked {self.sitting.when.replace('-', ' ')}. {RULE}")
        _say(HELP)

    def _ask(self, spot: Spot) -> bool:
        """Ask for one blank until it is settled; False if the learner stops or the input ends."""
        from core.practice.question import question

        places = list(self.sitting.blanks)
        asked = question(self.sitting.exercise, spot, self.sitting.entries(spot))
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
                    _say(f"{self._name(spot)} = {self.sitting.shown(spot)}")
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
                _say(f"{self._name(spot)}: {blank.mark.why}. {slip}".rstrip())

    def _name(self, spot: Spot) -> str:
        from core.calculation.spot import in_words, symbol

        network = self.sitting.exercise.calculation.network
        return f"{symbol(network, spot)}, {in_words(network, spot)}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    # A learner on the other side of a pipe waits for the question.
    sys.stdout.flush()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:,} min {rest} s" if minutes else f"{rest} s"
