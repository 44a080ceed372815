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
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.engine.process import STRATEGIES
from core.errors import Refused, shorten
from core.half_width import half_width
from tui.headless.data import data_options
from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = "byhand"

SUCCESS, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130

LONGEST_ERROR = 500

TASKS = ("signs", "binary", "classes", "numbers", "none")
"""The names of core.tasks.TaskName, which is not imported for them."""

COMMANDS = {
    "train": ("train", "train the tutorial's model and save it"),
    "tutorial": ("tutorial", "save the model with the weights that the tutorial prints"),
    "explain": ("explain", "show the whole calculation of one prediction"),
    "set-weights": ("set_weights", "give a layer new weights and save the model"),
    "evaluate": ("evaluate", "count a model's right answers, and give Keras's loss and metrics"),
    "weights": ("weights", "write a model's arrays, what they amount to, or what differs"),
    "practise": ("practise", "practise the calculation by question and answer"),
    "lesson": ("lesson", "go through a lesson by question and answer, or list the lessons"),
}
"""What is typed -> the module in tui.headless, and what it does."""

MAKES = ("sum", "circle", "xor", "moons", "spiral", "blobs", "plane", "sine", "bars", "digits", "iris")
"""The kinds of made data, as in core.data.makers, which needs NumPy."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, raised to whoever called it."""

    def __init__(self, prog: str, description: str, epilog: str = "") -> None:
        # The screen's epilog is a table, whose line breaks must stay.
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(prog, description=description, epilog=epilog, formatter_class=layout, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


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
            _OPTIONS[words[0]](parser)
            arguments = parser.parse_args(_joined(words[1:]))
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
    from tui.terminal import driven_elsewhere, guard_signals, quiet_over_ssh, refusal, tolerate_bad_bytes

    model: Path | None = arguments.model
    with usage():
        spoken = language(arguments.language, os.environ)
    choices = choices_of(arguments)
    if arguments.data is not None and arguments.lesson is not None:
        raise UsageError("expected --data or --lesson, got both: a lesson has data of its own")
    if model is not None and not model.exists():
        _require_command_or_file(str(model))
        raise Refused(f"there is no file {str(model)!r}; check the name")
    if (reason := refusal()) is not None:
        raise UsageError(reason)
    # Until the first frame is up nothing is garbage; the app switches the collector on again.
    gc.disable()
    if not driven_elsewhere():
        guard_signals()
        tolerate_bad_bytes()
    quiet_over_ssh()
    from tui.start import run

    return run(model, arguments.strategy, arguments.lesson, arguments.data, spoken, choices)


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


def _whole(text: str) -> int:
    """Return a whole number as it is typed anywhere."""
    digits = half_width(text).strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {shorten(text)!r}")
    return int(digits)


def _real(text: str) -> float:
    """Return a number as it is typed anywhere."""
    from core.model.literal import parse_number

    try:
        return parse_number(text)
    except Refused as refused:
        raise argparse.ArgumentTypeError(str(refused)) from None


def _screen_parser() -> _Parser:
    commands = "\n".join(f"  {name:<12} {summary}" for name, (_, summary) in COMMANDS.items())
    epilog = (
        f"commands that need no screen (each has --help):\n{commands}\n\n"
        "A file that is called like a command is opened as ./train.\n"
        "exit codes: 0 success, 2 a command line that cannot be used, 1 anything else"
    )
    parser = _Parser(PROGRAM, "Shows, checks and changes every number in a Keras model.", epilog)
    parser.add_argument("model", nargs="?", type=Path, metavar="MODEL.keras", help="the model to open")
    _strategy(parser)
    data_options(parser)
    parser.add_argument("--lesson", metavar="FILE.md", help="begin with this lesson, or a built-in one's number")
    _language(parser)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {_version()}")
    return parser


def _version() -> str:
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _model(parser: _Parser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL.keras", help="the model to open")


def _make(parser: _Parser) -> None:
    add = parser.add_argument
    add("--make", choices=MAKES, metavar="KIND", help=f"which data are made: {', '.join(MAKES)} (sum)")
    add("--threshold", type=_real, help="of sum: +1 where the sum is above it (0.5; else half the inputs)")
    add("--noise", type=_real, help="how much labels or points are disturbed; not of digits and iris (0.0; moons: 0.1)")
    add("--classes", type=_whole, help="of blobs: how many clouds, 2 to 10 (3)")
    add("--size", type=_whole, help="of bars: rows and columns of a picture, 2 to 32 (5)")


def _task(parser: _Parser) -> None:
    words = "what the labels mean (by the labels, the loss and the outputs)"
    parser.add_argument("--task", choices=TASKS, help=words)


def _strategy(parser: _Parser) -> None:
    words = "train on every GPU of this machine, by tf.distribute.MirroredStrategy"
    parser.add_argument("--strategy", choices=STRATEGIES, help=words)


def _language(parser: _Parser) -> None:
    words = "the lessons' language: ja for Japanese, en for English (that of LC_ALL, LC_MESSAGES or LANG)"
    parser.add_argument("--language", metavar="LANGUAGE", help=words)


def _train_options(parser: _Parser) -> None:
    add = parser.add_argument
    data_options(parser)
    add("--preset", type=_whole, choices=(1, 2), help="the part of the tutorial to start from (1)")
    _make(parser)
    add("--points", type=_whole, help="points to make (250; digits and iris: all)")
    add("--inputs", type=_whole, help="numbers in a point (2; preset 2: 5; sine: 1)")
    add("--data-seed", type=_whole, help="which points are made (0)")
    _training_options(parser)
    add("--out", type=Path, required=True, metavar="MODEL.keras", help="where the trained model is saved")
    add("--json", action="store_true", help="write settings, history and result as JSON")


def _training_options(parser: _Parser) -> None:
    add = parser.add_argument
    add("--layers", help="units and activations ('5 tanh, 1 tanh'; preset 2: '20 tanh, 1 tanh')")
    add("--loss", help="Keras's name of the loss (hinge)")
    add("--loss-options", metavar="OPTIONS", help="what differs from Keras's: 'label_smoothing 0.1' (none)")
    add("--optimizer", help="Keras's name of the optimizer (adam)")
    add("--optimizer-options", metavar="OPTIONS", help="what differs from Keras's: 'momentum 0.9, nesterov' (none)")
    add("--learning-rate", type=_real, help="the optimizer's learning rate (0.001)")
    add("--schedule", help="how it changes, in batches: 'cosine_decay decay_steps 900' (constant)")
    add("--epochs", type=_whole, help="times that all points are gone through (150)")
    add("--batch-size", type=_whole, help="points between two changes of the weights (32)")
    add("--validation-split", type=_real, help="the last part of the points, kept to validate (0.2)")
    add("--class-weights", metavar="WEIGHTS", help="times that a point of each class counts in the loss (none)")
    _task(parser)
    add("--metrics", help="more of Keras's metrics for the history: 'auc, recall_at_precision=0.8' (none)")
    add("--seed", type=_whole, help="first weights and the order of the points (0)")
    add("--patience", type=_whole, help="epochs without a better number until the training stops, 0 for never (0)")
    add("--monitor", help="the number that must get better (val_loss)")
    add("--min-delta", type=_real, help="how much better it must get to count (0.0)")
    add("--baseline", type=_real, help="what it must be better than, too (none)")
    add("--start-from-epoch", type=_whole, help="epochs before that one are not watched, counted from 0 (0)")
    add("--restore-best", action="store_const", const=True, help="save the weights of the best epoch, not of the last")
    add("--target", type=_real, help="stop at the first epoch with this accuracy, or error, 0 for never (0.0)")
    _strategy(parser)


def _explain_options(parser: _Parser) -> None:
    from core.export.formats import FORMATS

    _model(parser)
    add = parser.add_argument
    add("--x", required=True, metavar="0.3,0.1", help="the point, its numbers separated by commas")
    add("--digits", type=_whole, choices=range(1, 10), default=4, metavar="1..9", help="decimal places (4)")
    add("--rounding", choices=("shown", "carried"), default="shown", help="round what is shown, or carry it on (shown)")
    names = "a page of text, Markdown, a LaTeX document, a NumPy script, JSON with null for NaN, a spreadsheet (text)"
    add("--format", choices=tuple(FORMATS), default="text", help=names)
    add("--out", type=Path, metavar="FILE", help="write into this file instead of to standard output")
    add("--loss", metavar="NAME", help="calculate this loss of the row by hand too, such as hinge (text and json)")
    words = "its settings: 'from_logits' (those of the file if it is its loss, else none)"
    add("--loss-options", metavar="OPTIONS", help=words)
    add("--label", metavar="Y", help="the row's label for it: -1, a class such as 2, or one number an output: 0,1,0")
    add("--fractions", action="store_true", help="write 1/3 for 0.3333 where it is exact (text, markdown, latex)")
    checked = "let Keras predict too: the difference, its tolerance, the first step at which they part (takes seconds)"
    add("--check", action="store_true", help=checked)


def _set_weights_options(parser: _Parser) -> None:
    _model(parser)
    parser.add_argument("layer", metavar="LAYER", help="the layer's name")
    parser.add_argument("arrays", metavar="ARRAYS", help="what set_weights takes: '[[[1.0], [1.0]], [-0.5]]'")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.keras", help="where the new model is saved")


def _weights_options(parser: _Parser) -> None:
    _model(parser)
    add = parser.add_argument
    add("layer", nargs="?", metavar="LAYER", help="the layer's name; without it all layers")
    add("--array", choices=("kernel", "bias"), help="one array; without it all that a layer has")
    formats = ("literal", "npy", "npz", "csv", "markdown", "latex")
    add("--format", choices=formats, help="a Python literal for set_weights, NumPy's files (with --out), ... (literal)")
    add("--statistics", action="store_true", help="range, mean, spread, norm, zeros, nan and a histogram instead")
    add("--compare", type=Path, metavar="OTHER.keras", help="what differs from this model's arrays instead")
    add("--digits", type=_whole, choices=range(1, 10), metavar="1..9", help="decimal places (4; a literal: all digits)")
    add("--json", action="store_true", help="write the statistics or the comparison as JSON")
    add("--out", type=Path, metavar="FILE", help="write it to this file")


def _tutorial_options(parser: _Parser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="MODEL.keras", help="where the model is saved")


def _lesson_options(parser: _Parser) -> None:
    words = "a built-in lesson's number, or a Markdown file; without it the lessons are listed"
    parser.add_argument("lesson", nargs="?", metavar="NUMBER or FILE.md", help=words)
    _language(parser)


def _evaluate_options(parser: _Parser) -> None:
    _model(parser)
    add = parser.add_argument
    data_options(parser)
    _make(parser)
    add("--points", type=_whole, help="points to make (200; digits and iris: all)")
    add("--seed", type=_whole, help="which points are made (1)")
    add("--loss", metavar="NAME", help="Keras's name of the loss (the model's own)")
    add("--validation-split", type=_real, help="say which rows fit would train on and keep to validate (nothing)")
    _task(parser)
    add(
        "--json",
        action="store_true",
        help="write the result as JSON; failures count rows from 0",
    )


def _practise_options(parser: _Parser) -> None:
    _model(parser)
    add = parser.add_argument
    add("--x", metavar="0.3,0.1", help="the point, its numbers separated by commas")
    levels = "a few numbers, all of one layer, or everything (medium)"
    add("--level", choices=("easy", "medium", "hard"), help=levels)
    add("--layer", metavar="NAME", help="the layer to practise; without it the seed chooses")
    add("--backwards", action="store_const", const=True, help="find missing weights, biases and inputs from the result")
    add("--digits", type=_whole, choices=range(1, 10), metavar="1..9", help="decimal places (4)")
    add("--rounding", choices=("shown", "carried"), help="round what is shown, or carry it on (shown)")
    add("--seed", type=_whole, help="which numbers are blank (0)")
    add("--mark", choices=("at-once", "at-end"), help="say of each answer whether it is right, or of all (at-once)")
    add("--save", type=Path, metavar="FILE", help="where the practice is saved, to be gone on with later")
    add("--resume", type=Path, metavar="FILE", help="go on with a saved practice of the same model")
    add(
        "--worksheet",
        type=Path,
        metavar="FILE",
        help="write the exercise with its blanks (.txt, .md, .tex, .xlsx)",
    )
    add("--key", type=Path, metavar="FILE", help="write the key with the answers (.txt, .md, .tex, .xlsx)")


_OPTIONS: dict[str, Callable[[_Parser], None]] = {
    "train": _train_options,
    "tutorial": _tutorial_options,
    "explain": _explain_options,
    "set-weights": _set_weights_options,
    "evaluate": _evaluate_options,
    "weights": _weights_options,
    "practise": _practise_options,
    "lesson": _lesson_options,
}
