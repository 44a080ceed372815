"""byhand summary: what a model is made of, layer by layer: classes, shapes, numbers, and what each is called with.

Of a file that has weights alone: its arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import Refused, on_one_line, shorten
from core.formatting import count
from core.model.alone import WeightsAlone
from tui.headless.how_far import reading
from tui.headless.output import note, room, takes_signs, write, write_json

PATH = 100
"""Columns of an array's or a file's name."""

MOST_LANES = 8
"""Branches that are drawn beside each other; the column of what a call is made of has all of them."""

IN_ASCII = str.maketrans("●○×■│─├┤┼┘┴…", "*ox#|-+++++~")

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.model.archive.held_array import HeldArray
    from core.model.files.opening import OpenedGraph
    from core.model.summary import LayerRow, Summary, WeightRow
    from core.model.weights_file import WeightsFile

    Cells = tuple[str, str, str, str, str]


def run(arguments: Namespace) -> int:
    """Open one file after the other and write their summaries; of several, one that is refused doesn't end it."""
    files: list[Path] = arguments.files
    code = 0
    for place, path in enumerate(files):
        try:
            text, as_json = _summary(path)
        except Refused as refusal:
            if len(files) == 1:
                raise
            note([str(refusal)])
            code = 1
            continue
        if arguments.json:
            write_json({"file": str(path), **as_json})
        else:
            between = "\n" if place else ""
            heading = f"{between}{shorten(str(path), PATH)}\n" if len(files) > 1 else ""
            write(f"{heading}{text}")
    return code


def _summary(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the summary of a file as text and as what its JSON says."""
    from core.model.files.opening import open_graph
    from core.model.summary import summary

    try:
        opened = reading(path, open_graph)
    except WeightsAlone as alone:
        from core.model.weights_file import open_alone

        held = open_alone(path, alone)
        return _weights_as_text(held), _weights_as_json(held)
    made = summary(opened.graph, opened.weights)
    return _as_text(opened, made), _as_json(opened, made)


def _as_text(opened: OpenedGraph, made: Summary) -> str:
    from core.cells import cell_width

    graph = opened.graph
    head = ("layer", "class", "output", "numbers", "made of")
    inputs = [(given.name, "input", _shape(given.shape), "", "") for given in graph.inputs]
    calls = [_cells(row) for row in made.rows]
    each = zip(graph.called, graph.outputs, strict=True)
    outputs = ", ".join(name if name == one.layer else f"{name} ({one.layer})" for name, one in each)
    end = ["", f"{graph.name}: {count(made.parameters, 'number')}; outputs: {outputs}", *_about(opened, made)]
    lines = _in_columns([head, *inputs, *calls])
    if (beside := _beside(made)) is not None:
        lanes, ends = beside
        table = _in_columns([head, *inputs, *calls, *ends])
        with_lanes = [f"{lane} {line}".rstrip() for lane, line in zip(lanes, table, strict=True)]
        lines = with_lanes if max(map(cell_width, with_lanes)) <= room() else lines
    return "\n".join(map(on_one_line, [*lines, *end, *_about_sealed(made)])) + "\n"


def _about(opened: OpenedGraph, made: Summary) -> Iterator[str]:
    """Give what is known of the whole model: its numbers and their bytes, who saved it, how it was compiled."""
    from core.model.compiled import compile_settings, in_words

    trained = [one for one in made.arrays if one.trainable]
    others = [one for one in made.arrays if not one.trainable]
    yield f"trainable: {_amount(trained)}; not trainable: {_amount(others)}"
    saved = opened.saved
    if saved.of_optimizer:
        yield f"of the optimizer: {count(saved.of_optimizer, 'more number')}"
    backend = f" on {saved.backend}" if saved.backend else ""
    yield f"saved by Keras {shorten(saved.keras)}{backend}: {saved.format}"
    yield f"compiled with {in_words(compile_settings(opened.compiled))}"
    yield from saved.notes
    if made.stops:
        yield made.stops
    if made.sealed:
        places = ", ".join(f"{'/'.join(row.path)} ({row.keras_class})" for row in made.sealed)
        yield f"sealed: {count(len(made.sealed), 'layer')}: {places}"


def _amount(arrays: Sequence[WeightRow]) -> str:
    return f"{count(_numbers(arrays), 'number')}, {count(_bytes(arrays), 'byte')}"


def _numbers(arrays: Sequence[WeightRow]) -> int:
    return sum(one.size for one in arrays)


def _bytes(arrays: Sequence[WeightRow]) -> int:
    return sum(one.size * one.width for one in arrays)


def _about_sealed(made: Summary) -> Iterator[str]:
    """Give what is known of each sealed layer: its arrays with their shapes, and its settings."""
    from core.layers.sealed import settings_in_words

    for row in made.sealed:
        arrays = ", ".join(f"{weight.name} {_shape(weight.shape)}" for weight in row.weights)
        yield ""
        yield f"{'/'.join(row.path)}: {row.keras_class}, sealed: {row.sealed}"
        yield f"  arrays: {arrays or 'none'}"
        yield f"  settings: {settings_in_words(row.settings) or 'none'}"


def _beside(made: Summary) -> tuple[list[str], list[Cells]] | None:
    """Return what is drawn beside the head and every line, and the lines of the outputs; None without branches."""
    from core.model.outline import Outline

    outline = Outline(made.calls)
    listed = {row.path for row in made.rows if row.inside is not None and row.is_first}
    drawn = outline.opened(listed).drawn(MOST_LANES)
    wide = max(len(one.lanes) for one in drawn)
    if wide == 1:
        return None
    lanes = [one.lanes if takes_signs() else one.lanes.translate(IN_ASCII) for one in drawn]
    ends = [
        (line.name, line.keras_class, "?" if line.shape is None else _shape(line.shape), "", ", ".join(line.sources))
        for line in outline.outputs
    ]
    return [" " * wide, *(lane.ljust(wide) for lane in lanes)], ends


def _in_columns(table: Sequence[Sequence[str]]) -> list[str]:
    from core.cells import cell_width, padded

    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    return ["  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in table]


def _cells(row: LayerRow) -> Cells:
    fixed = row.parameters - row.trained
    frozen = "" if not fixed else " frozen" if row.is_frozen else f", {fixed:,} not trained"
    numbers = f"{row.parameters:,}{frozen}" if row.parameters else "frozen" if row.is_frozen else ""
    said = f"{', '.join(row.sources)}" + (f" ({row.sealed})" if row.sealed else "")
    return "  " * row.depth + row.name, row.keras_class, "?" if row.shape is None else _shape(row.shape), numbers, said


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else f"{size}" for size in shape) or "1"


def _as_json(opened: OpenedGraph, made: Summary) -> dict[str, Any]:
    from core.model.compiled import compile_settings, plain

    trained = [one for one in made.arrays if one.trainable]
    return {
        "format": opened.saved.format,
        "saved_by": f"Keras {opened.saved.keras}",
        "backend": opened.saved.backend or None,
        "name": opened.graph.name,
        "inputs": [{"name": given.name, "shape": given.shape, "whole": given.whole} for given in opened.graph.inputs],
        "layers": [
            {
                "name": row.name,
                "path": "/".join(row.path),
                "class": row.keras_class,
                "depth": row.depth,
                "shape": row.shape,
                "weights": [
                    {"name": weight.name, "shape": weight.shape, "trainable": weight.trainable}
                    for weight in row.weights
                ],
                "parameters": row.parameters,
                "trainable_parameters": row.trained,
                "trainable": row.trainable and not row.is_frozen,
                "sources": row.sources,
                "sealed": bool(row.sealed),
                "why": row.sealed,
                **({"settings": plain(row.settings)} if row.sealed else {}),
            }
            for row in made.rows
        ],
        "outputs": list(opened.graph.called),
        "parameters": made.parameters,
        "bytes": _bytes(made.arrays),
        "trainable_parameters": _numbers(trained),
        "trainable_bytes": _bytes(trained),
        "optimizer_parameters": opened.saved.of_optimizer,
        "compile": compile_settings(opened.compiled),
        "notes": opened.saved.notes,
        "sealed": ["/".join(row.path) for row in made.sealed],
        "stops": made.stops,
    }


def _weights_as_text(held: WeightsFile) -> str:
    table = [("array", "numbers", "shape", "type")]
    for one in held.arrays:
        table.append((shorten(one.path, PATH), f"{one.values.size:,}", _shape(one.values.shape), one.dtype))
    beside = f", and {count(held.remembered, 'number')} of the optimizer" if held.remembered else ""
    words = f"{held.in_words}; {count(held.parameters, 'number')}{beside}."
    left_out = [f"Left out, no numbers: {shorten(', '.join(held.left_out), PATH)}."] if held.left_out else []
    return "\n".join([*_in_columns(table), "", words, *left_out]) + "\n"


def _weights_as_json(held: WeightsFile) -> dict[str, Any]:
    return {
        "weights_alone": True,
        "of_class": held.of_class,
        "format": held.format,
        "saved_by": held.saved_by,
        "arrays": [_array_as_json(one) for one in held.arrays],
        "parameters": held.parameters,
        "optimizer_parameters": held.remembered,
        "left_out": held.left_out,
    }


def _array_as_json(held: HeldArray) -> dict[str, Any]:
    return {
        "name": held.path,
        "layer": held.layer,
        "array": held.name,
        "shape": held.values.shape,
        "dtype": held.dtype,
        "parameters": held.values.size,
        "of_optimizer": held.of_optimizer,
    }
