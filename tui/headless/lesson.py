"""byhand lesson: a lesson as plain lines of question and answer, for any terminal and for screen readers."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from core.cells import wrap
from core.formatting import count
from tui.headless.output import write
from tui.headless.typed_lines import HINT, LEAVING, next_line, tolerate_bad_bytes
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.lessons.lesson import Answer, Lesson, Step
    from core.lessons.progress import Progress
    from core.session.session import Session

WIDTH = 79

WORDS = "? or hint asks for a hint, skip goes past a step, stop, quit or q leaves."


def run(arguments: Namespace) -> int:
    """List the lessons, or go through one with the lines of standard input."""
    from core.lessons.language import language
    from core.lessons.shelf import built_in

    with usage():
        spoken = language(arguments.language, os.environ)
    if arguments.lesson is None:
        for number, lesson in enumerate(built_in(spoken), start=1):
            write(f"{number}  {lesson.title}. {lesson.about}\n")
        write("byhand lesson NUMBER begins one, byhand lesson FILE.md one of your own.\n")
        return 0
    tolerate_bad_bytes()
    lesson = lesson_asked(arguments.lesson, spoken)
    _go_through(replace(lesson, steps=lesson.without_screen))
    return 0


def lesson_asked(name: str, spoken: str) -> Lesson:
    """Return the lesson that a command line names: a built-in one by its number, or a file's.

    Raises:
        UsageError: there is no lesson of that number.
        Refused: the file can't be read, or is no lesson.
    """
    from core.lessons.shelf import lesson_called

    if not name.strip().isdecimal():
        return lesson_called(name, spoken)
    # A wrong number is the command line's fault, a file that cannot be used is not.
    with usage():
        return lesson_called(name, spoken)


def _go_through(lesson: Lesson) -> None:
    from core.lessons.progress import Progress, start
    from core.session.session import Session

    session = Session()
    start(session, lesson)
    progress, stays = Progress(), True
    _say(f"{lesson.title}. {lesson.about}")
    _say(WORDS)
    steps = len(lesson.steps)
    while stays and (step := progress.current(lesson)) is not None:
        _say(f"\nStep {progress.step + 1} of {steps}: {step.heading}")
        _ask_for(session, lesson, step)
        progress, stays = _answered(session, lesson, step, progress)
    left = "\nFinished" if stays else f"Left at step {progress.step + 1} of {steps}"
    _say(f"{left}: {progress.in_words(lesson)}.")


def _ask_for(session: Session, lesson: Lesson, step: Step) -> None:
    """Write a step's text, and what is to be typed."""
    from core.lessons.lesson import Answer, Choice, Do, Within

    if step.text:
        _say(step.text)
    match step.check:
        case Answer() as answer:
            _say(_given(session, lesson, answer))
            _say(f"Type {answer.symbol}, to {count(lesson.setup.digits, 'digit')} after the point:")
        case Within():
            _say("Type the number:")
        case Choice(question=question, options=options):
            if question:
                _say(question)
            for number, option in enumerate(options, start=1):
                _say(f"{number}. {option.text}")
            _say(f"Type a number from 1 to {len(options)}:")
        case Do(wanted=wanted):
            _say(f"To do on the screen: {wanted}. Enter does it here, or goes past it.")
        case _:
            _say("Enter goes on:")


def _given(session: Session, lesson: Lesson, answer: Answer) -> str:
    from core.errors import Refused
    from core.lessons.addresses import given_at

    try:
        return f"Given: {given_at(session.state, answer.spot, lesson.setup.digits)}."
    except Refused:
        return "Given: nothing, for the model has changed."


def _answered(session: Session, lesson: Lesson, step: Step, progress: Progress) -> tuple[Progress, bool]:
    """Take lines until the step is done or gone past, or the learner leaves; return the progress, and who stays."""
    from core.errors import Refused
    from core.lessons.checking import check, hint
    from core.lessons.conditions import Seen
    from core.lessons.lesson import Do

    while (entry := next_line()) is not None and entry.lower() not in LEAVING:
        if entry.lower() in HINT:
            _say(hint(step, progress))
            progress = progress.with_hint()
        elif entry.lower() == "skip" or isinstance(step.check, Do):
            made = _done_here(session, step)
            return (progress.with_done() if made and entry.lower() != "skip" else progress).onward(lesson), True
        else:
            try:
                verdict = check(step, entry, Seen(session.state), lesson.setup.digits, progress)
            except Refused as refusal:
                _say(str(refusal))
                continue
            if verdict.sentence:
                _say(verdict.sentence)
            progress = progress.after(verdict)
            if verdict.right:
                return progress.onward(lesson), True
    return progress, False


def _done_here(session: Session, step: Step) -> bool:
    """Do what a step wants done, so that the next ones find it; return whether that could be done without a screen."""
    from core.lessons.lesson import Do
    from core.lessons.progress import do_instead

    done = do_instead(session, step)
    if done:
        _say(" ".join(["Done here.", step.right]).strip())
    elif isinstance(step.check, Do):
        _say("Gone past: this one takes the screen.")
    return done


def _say(text: str) -> None:
    for line in text.split("\n"):
        write("\n".join(wrap(line, WIDTH)) + "\n")
    sys.stdout.flush()
