"""The byhand command: reads the command line, starts the screen or one command, and turns every end into an exit code.

``--help`` and ``--version`` answer at once: nothing here imports Textual or NumPy before it is needed.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.errors import Refused, shorten
from core.half_width import half_width
from core.limits import raise_limits
from tui.headless.data import data_options
from tui.headless.usage import UsageError, file_named, usage
from tui.options import OPTIONS, add_language, add_limits, add_strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = "byhand"

SUCCESS, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130

LONGEST_ERROR = 500

COMMANDS = {
    "train": ("train", "train the tutorial's model and save it"),
    "tutorial": ("tutorial", "save the model with the weights that the tutorial prints"),
    "summary": ("summary", "list any model's layers, their shapes and numbers"),
    "predict": ("predict", "calculate any model's outputs for one point or many"),
    "explain": ("explain", "show the whole calculation of one prediction"),
    "set-weights": ("set_weights", "give a layer new weights and save the model"),
    "evaluate": ("evaluate", "count a model's right answers, and give Keras's loss and metrics"),
    "weights": ("weights", "write a model's arrays, what they amount to, or what differs"),
    "convert": ("convert", "save a model of any Keras as today's Keras loads it"),
    "practise": ("practise", "practise the calculation by question and answer"),
    "lesson": ("lesson", "go through a lesson by question and answer, or list the lessons"),
    "recover": ("recover", "list what was not saved when byhand ended, show it, save it"),
}
"""What is typed -> the module in tui.headless, and what it does."""


CALCULATE_NOTHING = ("summary",)
"""Commands that need none of NumPy's threads."""

SELDOM = 100_000
"""Objects that are made until these commands look for garbage."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, raised to whoever called it."""

    def __init__(self, prog: str, description: str, epilog: str = "") -> None:
        # The screen's epilog is a table, whose line breaks must stay.
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(prog, description=description, epilog=epilog, formatter_class=layout, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class _Version(argparse.Action):
    """Says the version; only then it is looked for, which takes long."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"{PROGRAM} {_version()}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run byhand with ``argv`` (by default the process's own arguments) and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _never_fail_on_characters()
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has gone, as `| head` does: nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILURE
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except UsageError as error:
        return _fail(str(error), USAGE)
    except Refused as error:
        return _fail(str(error), FAILURE)
    except MemoryError:
        return _fail("not enough memory", FAILURE)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return _fail(f"{error.strerror or error}{where}", FAILURE)
    except Exception as error:
        return _fail(f"unexpected {type(error).__name__}: {error}", FAILURE)
    return code


def _dispatch(words: list[str]) -> int:
    try:
        if words and words[0] in COMMANDS:
            module, summary = COMMANDS[words[0]]
            parser = _Parser(f"{PROGRAM} {words[0]}", f"{summary[0].upper()}{summary[1:]}.")
            OPTIONS[words[0]](parser)
            arguments = parser.parse_args(_joined(words[1:]))
            raise_limits(getattr(arguments, "limits", 1))
            if words[0] in CALCULATE_NOTHING:
                # NumPy starts as many threads as there are processors, at the cost of what reads the file meanwhile.
                os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
                # What is loaded and read stays until the end: to look often what of it is garbage takes time alone.
                gc.set_threshold(SELDOM)
            return int(importlib.import_module(f"tui.headless.{module}").run(arguments))
        if words and not words[0].startswith("-"):
            # Before its options are read: the command is what is wrong, not they.
            _require_command_or_file(words[0])
        screen = _screen_parser().parse_args(words)
        return _start_screen(screen)
    except SystemExit as end:  # argparse's, after --help and --version
        return end.code if isinstance(end.code, int) else SUCCESS


def _require_command_or_file(word: str) -> None:
    """Refuse a word that is neither a file's name nor a command, with the commands that it is nearest to."""
    if "/" in word or Path(word).suffix or Path(word).exists():
        return
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), COMMANDS, n=2, cutoff=0.6)
    meant = f"did you mean {' or '.join(near)}?" if near else f"the commands are {', '.join(COMMANDS)}"
    raise UsageError(f"{shorten(word)}: there is no such command, and no file of that name; {meant}")


def _start_screen(arguments: argparse.Namespace) -> int:
    from core.lessons.language import language
    from tui.headless.data import choices_of
    from tui.terminal import driven_elsewhere, guard_signals, quiet_over_ssh, refusal

    model: Path | None = arguments.model
    with usage():
        spoken = language(arguments.language, os.environ)
    if arguments.data is not None and arguments.lesson is not None:
        raise UsageError("expected --data or --lesson, got both: a lesson has data of its own")
    if model is not None and not model.exists():
        _require_command_or_file(str(model))
        raise Refused(f"there is no file {str(model)!r}; check the name")
    raise_limits(arguments.limits)
    # Until the first frame is up nothing is garbage; the app switches the collector on again.
    gc.disable()
    from tui.garbage import keep_in_one_place

    keep_in_one_place()
    from tui.reading_model import Reading

    reading = None if model is None else Reading(model)
    choices = choices_of(arguments)
    if (reason := refusal()) is not None:
        raise UsageError(reason)
    at_signal: list[Callable[[], object]] = []
    if not driven_elsewhere():
        guard_signals(lambda: [work() for work in at_signal])
    quiet_over_ssh()
    from tui.start import run

    return run(reading, arguments.strategy, arguments.lesson, arguments.data, spoken, choices, at_signal)


def _fail(message: str, code: int) -> int:
    """Say ``message`` on one line of standard error; return ``code``."""
    try:
        sys.stderr.write(f"{PROGRAM}: {shorten(' '.join(message.split()), LONGEST_ERROR)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
    return code


def _never_fail_on_characters() -> None:
    """A layer's name that the terminal's encoding lacks is written as an escape instead of ending the command."""
    for name in ("stdout", "stderr"):
        # A closed descriptor leaves None here: what is written then goes nowhere.
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _joined(words: list[str]) -> list[str]:
    """Join ``--x -0.3,0.1`` to ``--x=-0.3,0.1``, because argparse takes such a value for an option."""
    result: list[str] = []
    for word in words:
        is_value = re.match(r"-[.,]?[0-9]", half_width(word))
        if is_value and result and re.fullmatch(r"--[a-z-]+", result[-1]):
            result[-1] += f"={word}"
        else:
            result.append(word)
    return result


def _screen_parser() -> _Parser:
    commands = "\n".join(f"  {name:<12} {summary}" for name, (_, summary) in COMMANDS.items())
    epilog = (
        f"commands that need no screen (each has --help):\n{commands}\n\n"
        "A file that is called like a command is opened as ./train.\n"
        "exit codes: 0 success, 2 a command line that cannot be used, 1 anything else"
    )
    parser = _Parser(PROGRAM, "Shows, checks and changes every number in a Keras model.", epilog)
    parser.add_argument(
        "model", nargs="?", type=file_named, metavar="MODEL", help="the model to open, or weights alone"
    )
    add_strategy(parser)
    add_limits(parser)
    data_options(parser)
    parser.add_argument("--lesson", metavar="FILE.md", help="begin with this lesson, or a built-in one's number")
    add_language(parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="show byhand's version and exit")
    return parser


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "(not installed)"
