"""byhand weights: a model's arrays in a format, their statistics, or how another model's differ from them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS
from tui.headless.output import note, write
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.export.named_array import Arrays, NamedArray
    from core.findings.comparison import Comparison
    from core.model.files.opening import OpenedGraph
    from core.model.keras_file import OpenedModel


def run(arguments: Namespace) -> int:
    """Open the model, pick the arrays, and write what is asked of them."""
    from core.model.files.opening import OpenedGraph, open_any
    from core.saving import write_whole

    with usage():
        _require_sense(arguments)
    model = open_any(arguments.model)
    with usage():
        picked = _picked(arguments, model)
        exported = None if _is_report(arguments) else _exported(arguments, picked)
    data = _report(arguments, picked, model) if exported is None else exported
    note(() if isinstance(model, OpenedGraph) else model.notes)
    if arguments.out is None:
        write(data.decode())
    else:
        write_whole(arguments.out, data)
        write(f"saved as {arguments.out}\n")
    return 0


def _is_report(arguments: Namespace) -> bool:
    return bool(arguments.statistics or arguments.compare)


def _require_sense(arguments: Namespace) -> None:
    """Refuse options that don't go together, before a file is read."""
    from core.export.arrays import ARRAY_FORMATS

    if arguments.out is not None and arguments.out.suffix == ".keras":
        raise Refused(
            f"expected another file than a model for --out, got {arguments.out.name}; set-weights makes models"
        )
    if _is_report(arguments):
        if arguments.format is not None:
            raise Refused("--format is for the arrays; --statistics and --compare write text, or JSON with --json")
        return
    if arguments.json:
        raise Refused("--json goes with --statistics or --compare; the arrays are written by --format")
    made = ARRAY_FORMATS[arguments.format or "literal"]
    if not made.is_text and arguments.out is None:
        raise Refused(f"--format {made.name} goes with --out, such as --out weights{made.suffix}")
    if not made.has_digits and arguments.digits is not None:
        raise Refused(f"--format {made.name} writes all digits; --digits is for literal, markdown and latex")


def _picked(arguments: Namespace, model: OpenedModel | OpenedGraph) -> Arrays:
    """Return the one array that both names lead to, or all that the layer, the name or the model has."""
    from core.export.arrays import arrays_by_name, named_arrays
    from core.layers.nested import layer_at
    from core.model.files.opening import OpenedGraph

    if isinstance(model, OpenedGraph):
        arrays = arrays_by_name(model.graph, model.weights)
    else:
        arrays = named_arrays(model.network, model.weights)
    if arguments.layer is not None:
        if isinstance(model, OpenedGraph):
            layer_at(model.graph, tuple(arguments.layer.split("/")))
        else:
            model.network.index(arguments.layer)
        arrays = tuple(array for array in arrays if array.layer == arguments.layer)
    if arguments.array is not None:
        arrays = tuple(array for array in arrays if array.name == arguments.array)
    if not arrays:
        where = "this model" if arguments.layer is None else shorten(arguments.layer)
        raise Refused(f"expected arrays to write, got none: {where} has no {arguments.array or 'weights'}")
    return arrays[0] if arguments.layer is not None and arguments.array is not None else arrays


def _exported(arguments: Namespace, picked: Arrays) -> bytes:
    from core.export.arrays import ARRAY_FORMATS

    made = ARRAY_FORMATS[arguments.format or "literal"]
    usual = None if made.name == "literal" else DEFAULT_DIGITS
    return made.data(picked, usual if arguments.digits is None else arguments.digits)


def _report(arguments: Namespace, picked: Arrays, model: OpenedModel | OpenedGraph) -> bytes:
    from core.export.formats import json_text
    from core.export.named_array import several

    arrays = several(picked)
    comparison = _compared(arguments, arrays, model) if arguments.compare else None
    if arguments.json:
        return json_text(_json(arguments, arrays, comparison)).encode()
    return _text(arguments, arrays, comparison).encode()


def _compared(arguments: Namespace, arrays: tuple[NamedArray, ...], model: OpenedModel | OpenedGraph) -> Comparison:
    """Return what changed from the other model to this one, in the picked arrays."""
    from core.model.files.opening import OpenedGraph

    if isinstance(model, OpenedGraph):
        raise Refused(f"expected no --compare for a model that is not followed to its end: {model.stops}")
    from core.findings.comparison import compare
    from core.model.keras_file import open_model

    other = open_model(arguments.compare)
    whole = compare(model.network, other.weights, model.weights)
    picked = {(array.layer, array.name) for array in arrays}
    layers = [
        replace(layer, arrays=tuple(array for array in layer.arrays if (layer.name, array.name) in picked))
        for layer in whole.layers
    ]
    return replace(whole, layers=tuple(layer for layer in layers if layer.arrays))


def _json(arguments: Namespace, arrays: tuple[NamedArray, ...], comparison: Comparison | None) -> dict[str, Any]:
    from core.export.weights_json import comparison_json, statistics_json
    from core.findings.statistics import statistics

    made: dict[str, Any] = {}
    if arguments.statistics:
        made["statistics"] = [statistics_json(one.layer, one.name, statistics(one.values)) for one in arrays]
    if comparison is not None:
        made["comparison"] = comparison_json(comparison)
    return made


def _text(arguments: Namespace, arrays: tuple[NamedArray, ...], comparison: Comparison | None) -> str:
    from core.export.weights_text import comparison_lines, statistics_lines
    from core.findings.statistics import statistics

    digits = arguments.digits or DEFAULT_DIGITS
    parts = []
    if arguments.statistics:
        parts += [statistics_lines(one.layer, one.name, statistics(one.values), digits) for one in arrays]
    if comparison is not None:
        names = f"old: {shorten(arguments.compare.name)}   new: {shorten(arguments.model.name)}"
        parts.append([names, *comparison_lines(comparison, digits)])
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"
