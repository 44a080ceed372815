"""byhand summary: what a model is made of, layer by layer: classes, shapes, numbers, and what each is called with.

Of a file that has weights alone: its arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from core.formatting import count
from core.model.alone import WeightsAlone
from tui.headless.output import note, write, write_json

PATH = 100
"""Columns of an array's or a file's name."""

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from core.model.files.opening import OpenedGraph
    from core.model.summary import LayerRow, Summary
    from core.model.weights_file import HeldArray, WeightsFile


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
        opened = open_graph(path)
    except WeightsAlone as alone:
        from core.model.weights_file import open_alone

        held = open_alone(path, alone)
        return _weights_as_text(held), _weights_as_json(held)
    made = summary(opened.graph)
    return _as_text(opened, made), _as_json(opened, made)


def _as_text(opened: OpenedGraph, made: Summary) -> str:
    graph = opened.graph
    table = [("layer", "class", "output", "numbers", "made of")]
    table += [(given.name, "input", _shape(given.shape), "", "") for given in graph.inputs]
    table += [_cells(row) for row in made.rows]
    lines = _in_columns(table)
    outputs = ", ".join(source.layer for source in graph.outputs)
    lines += ["", f"{graph.name}: {made.parameters:,} numbers; outputs: {outputs}"]
    return "\n".join([*lines, *([made.stops] if made.stops else [])]) + "\n"


def _in_columns(table: Sequence[Sequence[str]]) -> list[str]:
    from core.cells import cell_width, padded

    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    return ["  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in table]


def _cells(row: LayerRow) -> tuple[str, str, str, str, str]:
    numbers = f"{row.parameters:,}" + ("" if row.trainable else " frozen") if row.parameters else ""
    said = f"{', '.join(row.sources)}" + (f" ({row.sealed})" if row.sealed else "")
    return "  " * row.depth + row.name, row.keras_class, "?" if row.shape is None else _shape(row.shape), numbers, said


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else f"{size}" for size in shape) or "1"


def _as_json(opened: OpenedGraph, made: Summary) -> dict[str, Any]:
    return {
        "name": opened.graph.name,
        "inputs": [{"name": given.name, "shape": given.shape, "whole": given.whole} for given in opened.graph.inputs],
        "layers": [
            {
                "name": row.name,
                "class": row.keras_class,
                "depth": row.depth,
                "shape": row.shape,
                "weights": [{"name": weight.name, "shape": weight.shape} for weight in row.weights],
                "parameters": row.parameters,
                "trainable": row.trainable,
                "sources": row.sources,
                "sealed": bool(row.sealed),
                "why": row.sealed,
            }
            for row in made.rows
        ],
        "outputs": [source.layer for source in opened.graph.outputs],
        "parameters": made.parameters,
        "stops": made.stops,
    }


def _weights_as_text(held: WeightsFile) -> str:
    table = [("array", "numbers", "shape", "type")]
    for one in held.arrays:
        table.append((shorten(one.path, PATH), f"{one.values.size:,}", _shape(one.values.shape), one.dtype))
    said = f", saved by {shorten(held.saved_by)}" if held.saved_by else ""
    beside = f", and {count(held.remembered, 'number')} of the optimizer" if held.remembered else ""
    words = f"Weights alone, no model: {held.format}{said}; {count(held.parameters, 'number')}{beside}."
    left_out = [f"Left out, no numbers: {shorten(', '.join(held.left_out), PATH)}."] if held.left_out else []
    return "\n".join([*_in_columns(table), "", words, *left_out]) + "\n"


def _weights_as_json(held: WeightsFile) -> dict[str, Any]:
    return {
        "weights_alone": True,
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
