"""byhand weights: a model's arrays in a format, their statistics, or how another model's differ from them.

The arrays of a file that has weights alone are written in the same ways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from core.errors import Refused, shorten
from core.formatting import DEFAULT_DIGITS
from core.model.alone import WeightsAlone
from tui.headless.how_far import reading
from tui.headless.output import note, write
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.export.arrays import Arrays, NamedArray
    from core.findings.comparison import Comparison
    from core.model.files.opening import OpenedGraph, OpenedModel
    from core.model.giving import Giving


def run(arguments: Namespace) -> int:
    """Open the model, pick the arrays, and write what is asked of them."""
    from core.saving import write_whole

    _settle_by_ending(arguments)
    with usage():
        _require_sense(arguments)
    if arguments.give is not None:
        return _give(arguments)
    source = _opened(arguments.model)
    with usage():
        picked = _picked(arguments, source)
        exported = None if _is_report(arguments) else _exported(arguments, picked)
    data = _report(arguments, picked, source.model) if exported is None else exported
    note(source.notes)
    if arguments.out is None:
        write(data.decode())
    else:
        write_whole(arguments.out, data)
        write(f"saved as {arguments.out}\n")
    return 0


def _settle_by_ending(arguments: Namespace) -> None:
    """Have what is written be in the format that the file's name ends as, where no option says which."""
    from core.export.formats import ARRAY_FORMATS, by_ending

    name = None if arguments.out is None else arguments.out.name.lower()
    if _is_report(arguments):
        arguments.json = arguments.json or bool(name and name.endswith(".json"))
    elif arguments.give is None and arguments.format is None:
        # Any other name of HDF5 is refused by what Keras wants such weights to be called.
        usual = "weights.h5" if name and name.endswith((".h5", ".hdf5")) else "literal"
        arguments.format = by_ending(ARRAY_FORMATS, name, usual)


class Source(NamedTuple):
    """A file's arrays, the names of all its layers, and what is to be said of it; weights alone have no model."""

    model: OpenedModel | OpenedGraph | None
    layers: tuple[str, ...]
    arrays: tuple[NamedArray, ...]
    notes: tuple[str, ...]


def _opened(path: Path) -> Source:
    from core.export.arrays import arrays_by_name, as_held, named_arrays
    from core.layers.nested import paths_of
    from core.model.files.opening import OpenedGraph, open_any
    from core.model.weights_file import open_alone

    try:
        model = reading(path, open_any)
    except WeightsAlone as alone:
        held = open_alone(path, alone)
        arrays = as_held(held.arrays)
        layers = tuple(dict.fromkeys(one.layer for one in arrays))
        return Source(None, layers, arrays, (f"{shorten(path.name)}: {held.in_words}.",))
    if isinstance(model, OpenedGraph):
        layers = tuple("/".join(path) for path in paths_of(model.graph))
        return Source(model, layers, arrays_by_name(model.graph, model.weights), ())
    layers = tuple(layer.name for layer in model.network.layers)
    return Source(model, layers, named_arrays(model.network, model.weights), model.notes)


def _give(arguments: Namespace) -> int:
    """Say which weights of another file go where in the model; save it with them if there is a name for that."""
    from core.model.files.opening import OpenedGraph, open_any

    model = reading(arguments.model, open_any)
    if isinstance(model, OpenedGraph):
        _give_graph(arguments, model)
    else:
        _give_model(arguments, model)
    write(f"saved as {arguments.out}\n" if arguments.out else "nothing is saved: --out NEW.keras saves the model so\n")
    return 0


def _tell(made: Giving) -> None:
    from core.export.weights_told import giving_lines

    write("\n".join([*giving_lines(made), made.in_words]) + "\n")


def _give_model(arguments: Namespace, model: OpenedModel) -> None:
    from core.model.giving import giving
    from core.model.save_model import require_name, save_model
    from core.model.weights_file import open_weights
    from core.saving import is_same_file

    with usage():
        if arguments.out is not None:
            require_name(arguments.out, model.archive)
    made = giving(model.network, reading(arguments.give, open_weights))
    weights = made.weights(model.network)
    note(model.notes)
    _tell(made)
    if arguments.out is not None:
        known = model.stamp if is_same_file(arguments.out, arguments.model) else None
        save_model(arguments.out, model.network, weights, model.recipe, model.archive, known)


def _give_graph(arguments: Namespace, model: OpenedGraph) -> None:
    from core.model.files.saved_graph import require_own_name, save_graph
    from core.model.giving import giving_to
    from core.model.weights_edited import in_type
    from core.model.weights_file import open_weights

    with usage():
        if arguments.out is not None:
            require_own_name(arguments.out, model)
    needed = {weight: array.shape for weight, array in model.weights.items()}
    made = giving_to(model.graph.layers, needed, reading(arguments.give, open_weights))
    changed = {}
    for one in made.goes:
        dtype = model.weights[one.weight].dtype
        changed[one.weight] = in_type(one.values, dtype, f"expected {dtype} numbers for {shorten(one.words, 80)}")
    _tell(made)
    if arguments.out is not None:
        save_graph(arguments.out, model, changed)


def _is_report(arguments: Namespace) -> bool:
    return bool(arguments.statistics or arguments.compare)


def _require_sense(arguments: Namespace) -> None:
    """Refuse options that don't go together, before a file is read."""
    from core.export.formats import ARRAY_FORMATS

    if arguments.give is not None:
        _require_only_give(arguments)
        return
    if arguments.out is not None and arguments.out.suffix == ".keras":
        raise Refused(
            f"expected another file than a model for --out, got {arguments.out.name}; set-weights and weights --give "
            "make models"
        )
    if _is_report(arguments):
        if arguments.format is not None:
            raise Refused("--format is for the arrays; --statistics and --compare write text, or JSON with --json")
        return
    if arguments.json:
        raise Refused("--json goes with --statistics or --compare; the arrays are written by --format")
    made = ARRAY_FORMATS[arguments.format]
    if not made.is_text and arguments.out is None:
        raise Refused(f"--format {made.name} goes with --out, such as --out weights{made.suffix}")
    if made.name == "weights.h5" and not arguments.out.name.endswith(made.suffix):
        raise Refused(f"expected a name that ends in {made.suffix}, as Keras wants it, got {arguments.out.name}")
    if not made.has_digits and arguments.digits is not None:
        raise Refused(f"--format {made.name} writes all digits; --digits is for literal, markdown and latex")


def _require_only_give(arguments: Namespace) -> None:
    others = ("layer", "array", "format", "statistics", "compare", "digits", "json")
    if any(getattr(arguments, name) not in (None, False) for name in others):
        raise Refused("--give goes alone or with --out: all weights of the model come from the file")


def _picked(arguments: Namespace, source: Source) -> Arrays:
    """Return the one array that both names lead to, or all that the layer, the name or the file has."""
    layer, name = arguments.layer, arguments.array
    if layer not in (None, *source.layers):
        listed = shorten(", ".join(source.layers), 200)
        raise Refused(f"expected the name of a layer ({listed}), got {shorten(layer)!r}")
    found = tuple(one for one in source.arrays if layer in (None, one.layer) and name in (None, one.name, one.path))
    if not found:
        where = "this file" if layer is None else shorten(layer)
        held = ", ".join(dict.fromkeys(one.name for one in source.arrays if layer in (None, one.layer)))
        others = f"; it has {shorten(held, 200)}" if name is not None and held else ""
        raise Refused(f"expected arrays to write, got none: {where} has no {shorten(name or 'weights')}{others}")
    whole_name = name == found[0].path
    return found[0] if (layer is not None and name is not None) or whole_name else found


def _exported(arguments: Namespace, picked: Arrays) -> bytes:
    from core.export.formats import ARRAY_FORMATS

    made = ARRAY_FORMATS[arguments.format]
    usual = None if made.name == "literal" else DEFAULT_DIGITS
    return made.data(picked, usual if arguments.digits is None else arguments.digits)


def _report(arguments: Namespace, picked: Arrays, model: OpenedModel | OpenedGraph | None) -> bytes:
    from core.export.arrays import several
    from core.export.json_numbers import json_text

    arrays = several(picked)
    if arguments.compare and model is None:
        raise Refused(
            f"expected a model to compare with, got weights alone in {shorten(arguments.model.name)}; name the model "
            "first and the weights behind --compare"
        )
    comparison = _compared(arguments, arrays, model) if arguments.compare and model is not None else None
    if arguments.json:
        return json_text(_json(arguments, arrays, comparison)).encode()
    return _text(arguments, arrays, comparison).encode()


def _compared(arguments: Namespace, arrays: tuple[NamedArray, ...], model: OpenedModel | OpenedGraph) -> Comparison:
    """Return what changed from the other model to this one, in the picked arrays."""
    from core.model.files.opening import OpenedGraph

    if isinstance(model, OpenedGraph):
        raise Refused(f"expected no --compare for a model that is not followed to its end: {model.stops}")
    from core.findings.comparison import compare
    from core.model.giving import weights_for

    whole = compare(model.network, weights_for(model.network, arguments.compare), model.weights)
    picked = {(array.layer, array.name) for array in arrays}
    layers = [
        replace(layer, arrays=tuple(array for array in layer.arrays if (layer.name, array.name) in picked))
        for layer in whole.layers
    ]
    return replace(whole, layers=tuple(layer for layer in layers if layer.arrays))


def _json(arguments: Namespace, arrays: tuple[NamedArray, ...], comparison: Comparison | None) -> dict[str, Any]:
    from core.export.weights_told import comparison_json, statistics_json
    from core.findings.statistics import statistics

    made: dict[str, Any] = {}
    if arguments.statistics:
        made["statistics"] = [statistics_json(one.layer, one.name, statistics(one.values)) for one in arrays]
    if comparison is not None:
        made["comparison"] = comparison_json(comparison)
    return made


def _text(arguments: Namespace, arrays: tuple[NamedArray, ...], comparison: Comparison | None) -> str:
    from core.export.weights_told import comparison_lines, statistics_lines
    from core.findings.statistics import statistics

    digits = arguments.digits or DEFAULT_DIGITS
    parts = []
    if arguments.statistics:
        parts += [statistics_lines(one.layer, one.name, statistics(one.values), digits) for one in arrays]
    if comparison is not None:
        names = f"old: {shorten(arguments.compare.name)}   new: {shorten(arguments.model.name)}"
        parts.append([names, *comparison_lines(comparison, digits)])
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"
