"""byhand set-weights: give one layer the arrays that a literal writes down, and save the model anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.headless.output import note, write
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Open the model, replace the layer's arrays, write the new file."""
    from core.errors import shorten
    from core.formatting import count
    from core.model.files.opening import open_model
    from core.model.literal import parse_arrays
    from core.model.save_model import save_model
    from core.saving import is_same_file

    model = open_model(arguments.model)
    with usage():
        place = model.network.index(arguments.layer)
        arrays = parse_arrays(arguments.arrays, model.network.arrays_of(place), arguments.layer)
    weights = model.weights.with_layer(place, arrays)
    known = model.stamp if is_same_file(arguments.out, arguments.model) else None
    save_model(arguments.out, model.network, weights, model.recipe, model.archive, known)
    note(model.notes)
    amount = count(sum(array.size for array in arrays), "number")
    write(f"{shorten(arguments.layer)} now holds the {amount} given; saved as {arguments.out}\n")
    return 0
