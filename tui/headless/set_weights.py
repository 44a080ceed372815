"""byhand set-weights: give one layer the arrays that a literal writes down, and save the model anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.headless.how_far import reading
from tui.headless.output import note, write
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace

    from core.model.files.opening import OpenedGraph, OpenedModel


def run(arguments: Namespace) -> int:
    """Open the model, replace the layer's arrays, write the new file."""
    from core.errors import shorten
    from core.formatting import count
    from core.model.files.opening import OpenedGraph, open_any

    model = reading(arguments.model, open_any)
    given = _in_graph(arguments, model) if isinstance(model, OpenedGraph) else _in_model(arguments, model)
    write(f"{shorten(arguments.layer)} now holds the {count(given, 'number')} given; saved as {arguments.out}\n")
    return 0


def _in_model(arguments: Namespace, model: OpenedModel) -> int:
    """Save the model with other arrays of the layer, and return how many numbers these have."""
    from core.model.literal import parse_arrays
    from core.model.save_model import require_name, save_model
    from core.saving import is_same_file

    with usage():
        require_name(arguments.out, model.archive)
        place = model.network.index(arguments.layer)
        arrays = parse_arrays(arguments.arrays, model.network.arrays_of(place), arguments.layer)
    weights = model.weights.with_layer(place, arrays)
    known = model.stamp if is_same_file(arguments.out, arguments.model) else None
    save_model(arguments.out, model.network, weights, model.recipe, model.archive, known)
    note(model.notes)
    return sum(array.size for array in arrays)


def _in_graph(arguments: Namespace, model: OpenedGraph) -> int:
    """Do the same where a layer is not followed, each array in the type that the file has it in."""
    from core.errors import Refused, shorten
    from core.layers.nested import paths_of
    from core.model.files.saved_graph import require_own_name, save_graph
    from core.model.literal import parse_list
    from core.model.weights_edited import in_their_types

    paths = {"/".join(path): path for path in paths_of(model.graph)}
    with usage():
        require_own_name(arguments.out, model)
        if arguments.layer not in paths:
            known = shorten(", ".join(paths), 200)
            raise Refused(f"expected the name of a layer ({known}), got {shorten(arguments.layer)!r}")
        path = paths[arguments.layer]
        held = {weight: array for weight, array in model.weights.items() if weight.layer[: len(path)] == path}
        names = {"/".join((*weight.layer[len(path) :], weight.name)): weight for weight in held}
        given = in_their_types(
            arguments.layer,
            {name: held[weight] for name, weight in names.items()},
            parse_list(arguments.arrays, arguments.layer),
        )
    save_graph(arguments.out, model, {names[name]: array for name, array in given.items()})
    return sum(array.size for array in given.values())
