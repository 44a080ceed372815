"""byhand summary: what a model is made of, layer by layer: classes, shapes, numbers, and what each is called with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.headless.output import room, takes_signs, write, write_json

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from core.model.files.opening import OpenedGraph
    from core.model.summary import LayerRow, Summary

    Cells = tuple[str, str, str, str, str]

MOST_LANES = 8
"""Branches that are drawn beside each other; the column of what a call is made of has all of them."""

IN_ASCII = str.maketrans("●○×■│─├┤┼┘┴…", "*ox#|-+++++~")


def run(arguments: Namespace) -> int:
    """Open the model and write its summary."""
    from core.model.files.opening import open_graph
    from core.model.summary import summary

    opened = open_graph(arguments.model)
    made = summary(opened.graph, opened.weights)
    if arguments.json:
        write_json(_as_json(opened, made))
    else:
        write(_as_text(opened, made))
    return 0


def _as_text(opened: OpenedGraph, made: Summary) -> str:
    from core.cells import cell_width

    graph = opened.graph
    head = ("layer", "class", "output", "numbers", "made of")
    inputs = [(given.name, "input", _shape(given.shape), "", "") for given in graph.inputs]
    calls = [_cells(row) for row in made.rows]
    outputs = ", ".join(source.layer for source in graph.outputs)
    end = ["", f"{graph.name}: {made.parameters:,} numbers; outputs: {outputs}", *([made.stops] if made.stops else [])]
    lines = _table([head, *inputs, *calls])
    if (beside := _beside(made)) is not None:
        lanes, ends = beside
        with_lanes = [
            f"{lane} {line}".rstrip() for lane, line in zip(lanes, _table([head, *inputs, *calls, *ends]), strict=True)
        ]
        lines = with_lanes if max(map(cell_width, with_lanes)) <= room() else lines
    return "\n".join([*lines, *end, *_about_sealed(made)]) + "\n"


def _about_sealed(made: Summary) -> Iterator[str]:
    """Give what is known of each sealed layer: its arrays with their shapes, and its settings."""
    from core.layers.sealed import settings_in_words

    for row in made.rows:
        if row.sealed:
            arrays = ", ".join(f"{weight.name} {_shape(weight.shape)}" for weight in row.weights)
            yield ""
            yield f"{row.name}: {row.keras_class}, sealed: {row.sealed}"
            yield f"  arrays: {arrays or 'none'}"
            yield f"  settings: {settings_in_words(row.settings) or 'none'}"


def _table(rows: Sequence[Cells]) -> list[str]:
    from core.cells import cell_width, padded

    widths = [max(cell_width(row[at]) for row in rows) for at in range(4)]
    return [
        "  ".join([*(padded(cell, wide) for cell, wide in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in rows
    ]


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


def _cells(row: LayerRow) -> Cells:
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
                **({"settings": row.settings} if row.sealed else {}),
            }
            for row in made.rows
        ],
        "outputs": [source.layer for source in opened.graph.outputs],
        "parameters": made.parameters,
        "stops": made.stops,
    }
