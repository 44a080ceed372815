"""Checks what a learner typed, chose or did: right or not, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.decimals import rounded
from core.errors import Refused, shorten
from core.formatting import count, number
from core.lessons.addresses import accepted_at
from core.lessons.conditions import point_in_words
from core.lessons.lesson import Answer, Choice, Do, Within
from core.model.literal import parse_number
from core.practice.intervals import takes
from core.typed import whole

if TYPE_CHECKING:
    from core.lessons.conditions import Seen
    from core.lessons.lesson import Step
    from core.lessons.progress import Progress


@dataclass(frozen=True)
class Verdict:
    """Whether it is right, and the sentence for the learner."""

    right: bool
    sentence: str


def check(step: Step, entry: str, seen: Seen, digits: int, progress: Progress) -> Verdict:
    """Return what ``entry`` is worth: a number, the number of an option (from 1), or nothing for what is done.

    A number of the calculation is right where practice takes it for right: it does not matter where the learner
    rounded. It is that of the x which the step is about, whatever x is on the screen.

    Raises:
        Refused: ``entry`` is no number, no option, or what is right for the x on the screen alone; that is no attempt.
    """
    match step.check:
        case Answer():
            return _check_answer(step, step.check, entry, seen, digits, progress)
        case Within(low=low, high=high):
            right = low - 1e-9 <= parse_number(entry) <= high + 1e-9
            return _right(step) if right else _wrong(step, f"{shorten(entry.strip())} is not it.", progress)
        case Choice(options=options):
            option = options[whole("the number of an option", 1, len(options))(entry) - 1]
            if option.right:
                return _right(step, reply=option.reply)
            if option.reply:
                return Verdict(False, f"Not yet: {option.reply}")
            return _wrong(step, "that is not it.", progress)
        case Do():
            return check_done(step, seen, progress)
    return Verdict(True, "")


def check_done(step: Step, seen: Seen, progress: Progress) -> Verdict:
    """Return whether what a ``do:`` step waits for is true now; every other step is not done by doing."""
    if not isinstance(step.check, Do):
        return Verdict(False, "")
    met, now = step.check.look(seen)
    return _right(step, "Done.") if met else _wrong(step, f"{step.check.wanted}; {now}.", progress)


def hint(step: Step, progress: Progress) -> str:
    """Return the next hint, or that there is none; the last one is said again."""
    if not step.hints:
        return "There is no hint for this step."
    return f"Hint: {step.hints[min(progress.hinted, len(step.hints) - 1)]}"


def _right(step: Step, said: str = "Right.", reply: str = "") -> Verdict:
    return Verdict(True, " ".join(filter(None, (said, step.right, reply))))


def _wrong(step: Step, why: str, progress: Progress) -> Verdict:
    return Verdict(False, f"Not yet: {why} {hint(step, progress) if step.hints else ''}".rstrip())


def _check_answer(step: Step, wanted: Answer, entry: str, seen: Seen, digits: int, progress: Progress) -> Verdict:
    typed = parse_number(entry)
    exact, right = accepted_at(seen.asked, wanted.spot, digits, wanted.symbol)
    if takes(right, typed):
        return _right(step, f"Right: {wanted.symbol} = {number(exact, digits)}.")
    if seen.strays and takes(accepted_at(seen.state, wanted.spot, digits)[1], typed):
        raise Refused(
            f"that is {wanted.symbol} for the x on the screen, {point_in_words(seen.state.x)}: expected it for the "
            f"lesson's, {point_in_words(seen.asked.x)}"
        )
    for fewer in range(1, digits):
        if abs(typed - float(rounded(exact, fewer))) < 1e-9:
            places = count(fewer, "digit")
            return _wrong(step, f"that is right to {places} after the point, but {digits} are wanted.", progress)
    return _wrong(step, f"{shorten(entry.strip())} is not {wanted.symbol}.", progress)
