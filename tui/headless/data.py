"""The data of a command: those of a file as they are, or made by the options of a rule; never both."""

from __future__ import annotations

from argparse import ArgumentTypeError, BooleanOptionalAction
from typing import TYPE_CHECKING, Any

from tui.headless.output import note
from tui.headless.usage import UsageError, file_named, usage

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable
    from pathlib import Path

    from core.data.choices import Choices
    from core.data.dataset import Dataset
    from core.model.graph import Graph

DECIMALS = {"point": ".", "comma": ","}
"""What --decimal may be -> the sign."""

HOW = ("separator", "decimal", "header", "skip", "encoding", "labels", "without", "leave_out_empty", "part")
"""The options that say how a file is read."""


def data_options(parser: ArgumentParser) -> None:
    """Add --data, and the options that say how its file is read; NumPy is not needed for them."""
    words = "a file of your own data, in place of made ones: .csv .npz .npy .parquet .xlsx ..."
    parser.add_argument("--data", type=file_named, metavar="FILE", help=words)
    of_file = parser.add_argument_group("how the file of --data is read, where it is not as its beginning shows")
    add = of_file.add_argument
    add("--separator", metavar="MARK", help="between cells: comma, semicolon, tab, bar, spaces or another mark")
    add("--decimal", choices=("point", "comma"), help="the decimal sign")
    add("--header", action=BooleanOptionalAction, help="whether the first line are names of columns")
    add("--skip", type=_lines, metavar="LINES", help="first lines that are none of the table: comments, a title")
    add("--encoding", metavar="NAME", help="such as utf-8, utf-16, cp932 or latin-1")
    add(
        "--labels",
        metavar="NAMES",
        help="label columns or arrays, or none (label, y, class, target, one-hot ones at the end, else the last)",
    )
    add("--without", metavar="NAMES", help="columns that are no inputs, or none (an index)")
    add("--part", choices=("train", "test"), help="of .npz with x_train and x_test the one part (both, train first)")
    add("--leave-out-empty", action="store_const", const=True, help="leave out rows with empty cells (refused)")


def _lines(text: str) -> int:
    from core.data.choices import MOST_SKIPPED
    from core.errors import Refused
    from core.typed import whole

    try:
        return whole("lines to leave out", 0, MOST_SKIPPED)(text)
    except Refused as refused:
        raise ArgumentTypeError(str(refused)) from None


def choices_of(arguments: Namespace) -> Choices:
    """Return how the file of --data is to be read.

    Raises:
        UsageError: an option says so, and no file was asked for; an option has nothing that it can have, or the file's
            name is none of data.
    """
    from core.data.choices import AS_UNDERSTOOD, Choices, columns_called

    given = [name for name in HOW if getattr(arguments, name) is not None]
    if arguments.data is None:
        if given:
            raise UsageError(
                f"expected --data with --{given[0].replace('_', '-')}, which says how a file is read; give both"
            )
        return AS_UNDERSTOOD
    from core.data.dialect import separator_called
    from core.data.encoding import codec_called
    from core.data.files import require_data_name

    with usage():
        require_data_name(arguments.data)
        encoding = codec_called(arguments.encoding) if arguments.encoding else ""
        separator = separator_called(arguments.separator) if arguments.separator else ""
    return Choices(
        encoding=encoding,
        separator=separator,
        decimal=DECIMALS.get(arguments.decimal, ""),
        header=arguments.header,
        skip=arguments.skip,
        labels=columns_called(arguments.labels or ""),
        without=columns_called(arguments.without or ""),
        leave_out=bool(arguments.leave_out_empty),
        part=arguments.part or "",
    )


def data_of_file(arguments: Namespace, of_rule: Iterable[str], graph: Graph | None = None) -> Dataset | None:
    """Return what the file that was asked for holds, or None if none was; what is to be known of it is noted.

    Arrays may be called as the inputs and outputs of ``graph``, if there is a model already.

    Raises:
        UsageError: one of the options ``of_rule``, by its name in ``arguments``, was given as well, or there is no file
            for an option that says how one is read.
        Refused: the file can't be read, or holds what can't be trained on.
    """
    from core.data.dataset import DataFile

    choices = choices_of(arguments)
    if arguments.data is None:
        return None
    for name in of_rule:
        if getattr(arguments, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"expected --data or {option}, got both: a file has what it has; leave one out")
    dataset = open_chosen(arguments.data, choices if graph is None else choices.of_model(graph))
    if isinstance(dataset.origin, DataFile) and dataset.origin.note:
        note((f"{dataset.origin.name}: {dataset.origin.note}",))
    return dataset


def open_chosen(path: Path, choices: Choices) -> Dataset:
    """Return the data in the file at ``path``, read as the command line says; a terminal is told how far that is.

    Raises:
        UsageError: what it says is not in the file.
        Refused: the file can't be read, or holds what can't be trained on.
    """
    from core.data.choices import NotThere
    from core.data.files import take, understood
    from tui.headless.how_far import reading

    try:
        return reading(path, lambda path, came: take(path, understood(path, choices), came))
    except NotThere as refused:
        raise UsageError(str(refused)) from None


def data_text(dataset: Dataset) -> str:
    """Return in words how the data are labelled and where they are from."""
    from core.data.dataset import COUNTED_BY_ROWS, DataFile

    match dataset.origin:
        case DataFile():
            return dataset.counted_in_words() + (f"\n{COUNTED_BY_ROWS}" if dataset.weights is not None else "")
        case maker:
            return f"{maker.in_words()}   (seed {maker.seed})"


def data_json(dataset: Dataset, path: Path | None) -> dict[str, Any]:
    """Return the file that the data are from, if they are from one, or what made them with its settings."""
    import msgspec

    from core.data.dataset import DataFile

    file = {} if path is None else {"data": str(path)}
    match dataset.origin:
        case DataFile():
            size = {"points": len(dataset), "inputs": dataset.inputs}
            return file | size | {"sample_weights": dataset.weights is not None}
        case maker:
            return {"make": maker.kind} | msgspec.structs.asdict(maker)


def split_text(dataset: Dataset, validation_split: float) -> str:
    """Return which rows train and which validate, what labels they have, and the traps in that.

    Raises:
        Refused: the split leaves no row on one of the sides.
    """
    from core.data.split import split_parts

    told = split_parts(dataset, validation_split).in_words(_advice(dataset))
    return f"split {validation_split:g}: {told}" if validation_split else told


def split_json(dataset: Dataset, validation_split: float) -> dict[str, Any]:
    """Return how many rows of each label both parts of a split have, or None where labels are numbers; and its traps.

    Raises:
        Refused: the split leaves no row on one of the sides.
    """
    from core.data.split import split_parts

    parts = split_parts(dataset, validation_split)
    return {
        "validation_split": validation_split,
        "training": parts.training.by_label,
        "validation": parts.validation.by_label,
        "training_rows": parts.training.rows,
        "validation_rows": parts.validation.rows,
        "traps": list(parts.traps),
        "advice": _advice(dataset) if parts.traps else None,
    }


def _advice(dataset: Dataset) -> str:
    """Return what to do about a split whose parts hold other labels."""
    from core.data.dataset import DataFile

    return "shuffle the rows of the file first" if isinstance(dataset.origin, DataFile) else "take another seed"
