"""A model file that today's Keras can't load as one that it can, with the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from core.calculation.running import in_rows, predictions
from core.errors import Refused
from core.formatting import count
from core.model.archive.compile_settings import read_compile
from core.model.archive.gate import is_hdf5
from core.model.archive.penalties import unfollowed
from core.model.compiled import compile_settings, in_words
from core.model.compiled_otherwise import differences
from core.model.files.opening import open_both
from core.model.network import Network
from core.model.save_model import save_model
from core.model.todays import is_todays, todays
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import AnyArray, Array
    from core.model.files.opening import OpenedGraph, OpenedModel

POINTS = 3
"""Points that are drawn to compare both files."""

SEED = 0

TOLERANCE = 1e-9
"""How far the numbers of both files may be apart, as a share of the largest: both are calculated here, in float64."""

ROUNDED = 1e-5
"""How far they may be apart where arrays of the new file were multiplied, and rounded to float32."""

OF_OPTIMIZER = "The file's optimizer "
"""How a note on one of its settings begins."""

MOST = 10
"""Below which whole numbers are drawn for inputs that are places of something, such as words."""


@dataclass(frozen=True, eq=False)
class Converted:
    """The new file's bytes and model, what was compared, and what of the old file the new one has not.

    ``rows`` are the drawn points, all inputs' numbers in a row, ``outputs`` the old file's numbers for them, in rows
    too, ``difference`` how far the new file's are from those at most, and ``tolerance`` how far they may be, as a
    share of the largest. ``changed`` says what of the model is otherwise, so that it gives the same.
    """

    data: bytes
    model: OpenedModel
    saved_by: str
    rows: Array
    outputs: Array
    difference: float
    left_out: tuple[str, ...]
    changed: tuple[str, ...]
    tolerance: float


def convert(path: Path, name: str) -> Converted:
    """Return the model in the file at ``path`` as a ``.keras`` file of Keras 3's; ``name`` is what refusals call that.

    Raises:
        Refused: it can't be opened, or Keras 3 has nothing that some layer could become, or the numbers differ.
    """
    old, model = open_both(path)
    network, weights, inputs = model.network, model.weights, drawn(model.network)
    changed: tuple[str, ...] = ()
    tolerance = TOLERANCE
    if not is_todays(network):
        graph, arrays, changed = todays(network.graph, weights.by_name(network))
        network, tolerance = Network.of(graph, network.lengths), ROUNDED
        weights = Weights.of_names(network, arrays)
    with TemporaryDirectory() as folder:
        written = Path(folder, name)
        save_model(written, network, weights, model.recipe, model.archive)
        new, made = open_both(written)
        data = written.read_bytes()
    before, after = (in_rows(predictions(one.graph, one.weights, inputs), POINTS) for one in (old, new))
    difference = apart(before, after)
    if not difference <= tolerance * largest(before):
        raise Refused(
            f"expected the same numbers of both files, got a difference of {difference:.1g}; nothing was written"
        )
    # Saved from HDF5 as .keras it is a new file, too.
    patched = model.archive is not None and not is_hdf5(model.archive)
    left_out = () if patched else tuple(_left_out(old, new))
    rows = np.concatenate([np.asarray(one, dtype=np.float64).reshape(POINTS, -1) for one in inputs], axis=1)
    return Converted(data, made, old.saved.keras, rows, before, difference, left_out, changed, tolerance)


def drawn(network: Network) -> list[AnyArray]:
    """Return some points: normal numbers; small whole ones where an input or a layer takes places of something."""
    random = np.random.default_rng(SEED)
    sizes = [size for layer in network.layers if isinstance(size := getattr(layer, "input_dim", None), int)]
    places = min([MOST, *sizes])
    return [
        random.integers(0, places, (POINTS, *shape)).astype(np.float64)
        if sizes or given.whole
        else random.normal(size=(POINTS, *shape)).astype(np.float32)
        for given, shape in zip(network.graph.inputs, network.input_shapes, strict=True)
    ]


def apart(first: AnyArray, second: AnyArray) -> float:
    """Return the largest difference; NaN stands for NaN, and infinity where only one of both is a number."""
    if first.shape != second.shape:
        return float("inf")
    with np.errstate(invalid="ignore"):
        differences = np.where((first == second) | (np.isnan(first) & np.isnan(second)), 0.0, np.abs(first - second))
    return float(np.nan_to_num(differences, nan=np.inf).max(initial=0.0))


def largest(outputs: AnyArray) -> float:
    """Return the size of the largest of ``outputs`` that is a number."""
    return float(np.abs(outputs[np.isfinite(outputs)]).max(initial=0.0))


def _left_out(old: OpenedGraph, new: OpenedGraph) -> Iterator[str]:
    """Give what the old file has and the new one has not."""
    if old.saved.of_optimizer:
        yield f"{count(old.saved.of_optimizer, 'number')} that the optimizer remembers: a training begins without them"
    before, after = (compile_settings(one.compiled) for one in (old, new))
    if before is not None and after is None:
        yield f"how it was compiled, with {in_words(before)}: compile it anew to train it"
    elif before is not None and after is not None:
        yield from differences(before, after)
        of_optimizer = (one for one in read_compile(old.compiled).notes if one.startswith(OF_OPTIMIZER))
        yield from (words.partition(": kept there")[0].removeprefix("The file's ") for words in of_optimizer)
    for words in (one for part in unfollowed(old.config) for one in part):
        yield words.partition(" kept in the file")[0].removesuffix(", which is").removesuffix(":")
    if old.config.get("class_name") == "Sequential":
        yield "that it is Sequential: it is written as a Functional model of the same layers"
