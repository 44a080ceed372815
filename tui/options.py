"""What every command without a screen takes on the command line, and the words that its --help has for it.

Nothing here imports NumPy or Textual before it is needed, so that ``--help`` answers at once.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import TYPE_CHECKING

from core.engine.process import STRATEGIES
from core.errors import Refused, shorten
from core.half_width import half_width
from core.limits import FLAG, MOST_TIMES
from tui.headless.data import data_options
from tui.headless.usage import file_named

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = ("signs", "binary", "classes", "numbers", "none")
"""The names of core.tasks.TaskName, which is not imported for them."""

GIVEN = (
    "numbers (0.3,0.1), a list of lists ([[0.3,0.1],[1,2]]), FILE.npz (arrays x0, x1 ... or called as the inputs), "
    "FILE.npy, FILE.csv (a row for each point), 'FILE.csv row 7', a picture ('cat.png 0..1', 'cat.jpg resized -1..1'; "
    "0..255 if not said); of several inputs also 'name=0.3,0.1 other=FILE.npy'"
)
"""What a model is given, as core.data.model_inputs reads it."""

MAKES = ("sum", "circle", "xor", "moons", "spiral", "blobs", "plane", "sine", "bars", "digits", "iris")
"""The kinds of made data, as in core.data.makers, which needs NumPy."""


def _whole(text: str) -> int:
    """Return a whole number as it is typed anywhere."""
    digits = half_width(text).strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        raise ArgumentTypeError(f"expected a whole number, got {shorten(text)!r}")
    return int(digits)


def _real(text: str) -> float:
    """Return a number as it is typed anywhere."""
    from core.model.literal import parse_number

    try:
        return parse_number(text)
    except Refused as refused:
        raise ArgumentTypeError(str(refused)) from None


def _model(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model", type=file_named, metavar="MODEL", help="the model to open, a .keras, .h5 or .hdf5 file"
    )
    add_limits(parser)


def add_limits(parser: ArgumentParser) -> None:
    """Add how much of a file is allowed."""
    words = f"allow a file N times as much size, layers, memory, time ... as usual, up to {MOST_TIMES} (1)"
    parser.add_argument(FLAG, type=_times, default=1, metavar="N", help=words)


def _times(text: str) -> int:
    times = _whole(text)
    if not 1 <= times <= MOST_TIMES:
        raise ArgumentTypeError(f"expected a whole number from 1 to {MOST_TIMES}, got {shorten(text)!r}")
    return times


def _make(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--make", choices=MAKES, metavar="KIND", help=f"which data are made: {', '.join(MAKES)} (sum)")
    add("--threshold", type=_real, help="of sum: +1 where the sum is above it (0.5; else half the inputs)")
    add("--noise", type=_real, help="how much labels or points are disturbed; not of digits and iris (0.0; moons: 0.1)")
    add("--classes", type=_whole, help="of blobs: how many clouds, 2 to 10 (3)")
    add("--size", type=_whole, help="of bars: rows and columns of a picture, 2 to 32 (5)")


def _task(parser: ArgumentParser) -> None:
    words = "what the labels mean (by the labels, the loss and the outputs)"
    parser.add_argument("--task", choices=TASKS, help=words)


def add_strategy(parser: ArgumentParser) -> None:
    """Add whether a training uses every GPU."""
    words = "train on every GPU of this machine, by tf.distribute.MirroredStrategy"
    parser.add_argument("--strategy", choices=STRATEGIES, help=words)


def add_language(parser: ArgumentParser) -> None:
    """Add the language of lessons."""
    words = "the lessons' language: ja for Japanese, en for English (that of LC_ALL, LC_MESSAGES or LANG)"
    parser.add_argument("--language", metavar="LANGUAGE", help=words)


def _train_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add_limits(parser)
    data_options(parser)
    add("--preset", type=_whole, choices=(1, 2), help="the part of the tutorial to start from (1)")
    _make(parser)
    add("--points", type=_whole, help="points to make (250; digits and iris: all)")
    add("--inputs", type=_whole, help="numbers in a point (2; preset 2: 5; sine: 1)")
    add("--data-seed", type=_whole, help="which points are made (0)")
    _training_options(parser)
    add("--out", type=file_named, required=True, metavar="MODEL.keras", help="where the trained model is saved")
    add("--json", action="store_true", help="write settings, history and result as JSON")


def _training_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--layers", help="units and activations, or any layers ('5 tanh, 1 tanh'; preset 2: '20 tanh, 1 tanh')")
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
    add_strategy(parser)


def _summary_options(parser: ArgumentParser) -> None:
    words = "models, or weights alone: .keras, .h5, .hdf5, .npz, .safetensors"
    parser.add_argument("files", nargs="+", type=file_named, metavar="FILE", help=words)
    add_limits(parser)
    parser.add_argument("--json", action="store_true", help="write JSON, an object a file")


def _predict_options(parser: ArgumentParser) -> None:
    _model(parser)
    add = parser.add_argument
    add("--x", required=True, metavar="X", help=f"the points: {GIVEN}")
    words = "save the outputs: .npz (y0, y1 ...), .npy, or .csv with a row for each point (written as text)"
    add("--out", type=file_named, metavar="FILE", help=words)
    add("--json", action="store_true", help="write the outputs as JSON; null for NaN and infinity")


def _convert_options(parser: ArgumentParser) -> None:
    _model(parser)
    add = parser.add_argument
    add(
        "out",
        type=file_named,
        metavar="NEW.keras",
        help="where it is saved as Keras 3 loads it, if its numbers are the same",
    )
    add("--check", action="store_true", help="let Keras predict the drawn points of the new file too (takes seconds)")


def _explain_options(parser: ArgumentParser) -> None:
    from core.export.formats import FORMATS

    _model(parser)
    add = parser.add_argument
    add("--x", required=True, metavar="X", help=f"the point, of several the first: {GIVEN}")
    add(
        "--number", metavar="'lstm/candidate[3,1]'", help="open one number of any layer: value and place, from 1 (text)"
    )
    add("--digits", type=_whole, choices=range(1, 10), default=4, metavar="1..9", help="decimal places (4)")
    add("--rounding", choices=("shown", "carried"), default="shown", help="round what is shown, or carry it on (shown)")
    names = (
        "a page of text, Markdown, a LaTeX document, a NumPy script, JSON with null for NaN, a spreadsheet (as --out "
        "ends, else text)"
    )
    add("--format", choices=tuple(FORMATS), help=names)
    add("--out", type=file_named, metavar="FILE", help="write into this file instead of to standard output")
    add("--loss", metavar="NAME", help="calculate this loss of the row by hand too, such as hinge (text and json)")
    words = "its settings: 'from_logits' (those of the file if it is its loss, else none)"
    add("--loss-options", metavar="OPTIONS", help=words)
    add("--label", metavar="Y", help="the row's label for it: -1, a class such as 2, or one number an output: 0,1,0")
    add("--fractions", action="store_true", help="write 1/3 for 0.3333 where it is exact (text, markdown, latex)")
    checked = "let Keras predict too: the difference, its tolerance, the first step at which they part (takes seconds)"
    add("--check", action="store_true", help=checked)


def _set_weights_options(parser: ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("layer", metavar="LAYER", help="the layer's name")
    parser.add_argument("arrays", metavar="ARRAYS", help="what set_weights takes: '[[[1.0], [1.0]], [-0.5]]'")
    parser.add_argument(
        "--out", type=file_named, required=True, metavar="NEW.keras", help="where the new model is saved"
    )


def _weights_options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "model",
        type=file_named,
        metavar="FILE",
        help="a model, or weights alone: .keras, .h5, .hdf5, .npz, .safetensors",
    )
    add_limits(parser)
    add("layer", nargs="?", metavar="LAYER", help="the layer's name; without it all layers")
    add("--array", metavar="NAME", help="one array, such as kernel or bias; without it all that a layer has")
    formats = ("literal", "npy", "npz", "weights.h5", "safetensors", "csv", "markdown", "latex")
    names = (
        f"{', '.join(formats)}: Python for set_weights, files of NumPy, Keras and safetensors, tables (as --out ends, "
        "else literal)"
    )
    add("--format", choices=formats, metavar="FORMAT", help=names)
    add("--statistics", action="store_true", help="range, mean, spread, norm, zeros, nan and a histogram instead")
    add("--compare", type=file_named, metavar="OTHER", help="what differs from this file's weights instead")
    words = "the weights of this file: a table of which would go where in the model; --out NEW.keras saves it with them"
    add("--give", type=file_named, metavar="FILE", help=words)
    add("--digits", type=_whole, choices=range(1, 10), metavar="1..9", help="decimal places (4; a literal: all digits)")
    add("--json", action="store_true", help="write the statistics or the comparison as JSON")
    add("--out", type=file_named, metavar="FILE", help="write it to this file")


def _tutorial_options(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=file_named, required=True, metavar="MODEL.keras", help="where the model is saved")


def _lesson_options(parser: ArgumentParser) -> None:
    words = "a built-in lesson's number, or a Markdown file; without it the lessons are listed"
    parser.add_argument("lesson", nargs="?", metavar="NUMBER or FILE.md", help=words)
    add_limits(parser)
    add_language(parser)


def _evaluate_options(parser: ArgumentParser) -> None:
    _model(parser)
    add = parser.add_argument
    data_options(parser)
    _make(parser)
    add("--points", type=_whole, help="points to make (200; digits and iris: all)")
    add("--seed", type=_whole, help="which points are made (1)")
    words = "Keras's name of the loss, or one for each output with commas between (the model's own)"
    add("--loss", metavar="NAME", help=words)
    add("--validation-split", type=_real, help="say which rows fit would train on and keep to validate (nothing)")
    _task(parser)
    add(
        "--json",
        action="store_true",
        help="write the result as JSON; failures count rows from 0",
    )


def _practise_options(parser: ArgumentParser) -> None:
    _model(parser)
    add = parser.add_argument
    add("--x", metavar="X", help=f"the point, of several the first: {GIVEN}")
    levels = "a few numbers, all of one layer, or everything (medium)"
    add("--level", choices=("easy", "medium", "hard"), help=levels)
    add("--layer", metavar="NAME", help="the layer to practise; without it the seed chooses")
    add("--backwards", action="store_const", const=True, help="find missing weights, biases and inputs from the result")
    add("--digits", type=_whole, choices=range(1, 10), metavar="1..9", help="decimal places (4)")
    add("--rounding", choices=("shown", "carried"), help="round what is shown, or carry it on (shown)")
    add("--seed", type=_whole, help="which numbers are blank (0)")
    add("--mark", choices=("at-once", "at-end"), help="say of each answer whether it is right, or of all (at-once)")
    add("--save", type=file_named, metavar="FILE", help="where the practice is saved, to be gone on with later")
    add("--resume", type=file_named, metavar="FILE", help="go on with a saved practice of the same model")
    add(
        "--worksheet",
        type=file_named,
        metavar="FILE",
        help="write the exercise with its blanks (.txt, .md, .tex, .xlsx)",
    )
    add("--key", type=file_named, metavar="FILE", help="write the key with the answers (.txt, .md, .tex, .xlsx)")


def _recover_options(parser: ArgumentParser) -> None:
    add_limits(parser)
    add = parser.add_argument
    add("number", nargs="?", type=_whole, metavar="N", help="the one to show, save or throw away (all are listed)")
    done = parser.add_mutually_exclusive_group()
    done.add_argument("--out", type=file_named, metavar="FILE", help="save its model or the changed arrays")
    done.add_argument("--throw-away", action="store_true", help="throw it away for good")
    add("--data-out", type=file_named, metavar="DATA", help="save its data (.npz, .csv)")
    add("--json", action="store_true", help="write them as JSON")


OPTIONS: dict[str, Callable[[ArgumentParser], None]] = {
    "train": _train_options,
    "tutorial": _tutorial_options,
    "summary": _summary_options,
    "predict": _predict_options,
    "convert": _convert_options,
    "explain": _explain_options,
    "set-weights": _set_weights_options,
    "evaluate": _evaluate_options,
    "weights": _weights_options,
    "practise": _practise_options,
    "lesson": _lesson_options,
    "recover": _recover_options,
}
