"""A model put together of what its file has: the network, weights, how it was compiled, and what is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.errors import Refused, shorten
from core.model.archive.compile_settings import read_compile
from core.model.archive.described import HDF5, JSON, OF_KERAS_3
from core.model.archive.gate import class_of_its_own
from core.model.archive.penalties import unfollowed
from core.model.files.file_arrays import arrays_of, weights_in
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.archive.described import Described, Saved
    from core.model.archive.gate import Json
    from core.training.recipe import Recipe


class Assembled(NamedTuple):
    """A model that is calculated to its end; ``notes`` are sentences about what its file holds and is not used.

    Those of them by which Keras's loss of this model would be another one are ``not_followed``. ``patches`` says
    whether the file can be given other weights.
    """

    network: Network
    weights: Weights
    recipe: Recipe | None
    notes: tuple[str, ...]
    not_followed: tuple[str, ...] = ()
    patches: bool = True


def assembled(described: Described) -> Assembled:
    """Return the model that a file holds, as Keras 3 would have it.

    Raises:
        Refused: it is none, can't be calculated to its end here, or has other arrays than it needs.
    """
    model = described.model
    network = Network.described_by(model)
    if network.written.stops:
        raise Refused(network.written.stops)
    if not network.layers:
        raise Refused("expected a model with layers, got one without any; its inputs are its outputs")
    compiled = read_compile(model.get("compile_config"), network.outputs, network.each_output)
    lines, numbers = network.written.program.lines, network.written.weights
    needed = {weight: lines[number].shape for weight, number in numbers.items()}
    arrays = weights_in(network.graph, needed, arrays_of(described), whole=True)
    weights = Weights.of_names(network, arrays)
    penalties, of_training = unfollowed(model)
    notes = (
        *_of_earlier(described.saved),
        *_of_class(model),
        *_of_inputs(model),
        *penalties,
        *of_training,
        *compiled.notes,
    )
    patches = described.saved.format in (OF_KERAS_3, HDF5)
    return Assembled(network, weights, compiled.recipe, notes, (*penalties, *compiled.not_followed), patches)


def _of_earlier(saved: Saved) -> Iterator[str]:
    """Say what becomes of a file that is no zip of Keras 3's."""
    if saved.format == JSON:
        yield (
            "It is a description without arrays: all its numbers are 0 until it is given some (w on Set weights, or "
            "byhand weights MODEL --give FILE)."
        )
    elif saved.format != OF_KERAS_3:
        stays = saved.format == HDF5
        kept = "saved as .h5 all but what is changed stays, as .keras" if stays else "saved from here"
        without = ", without what its optimizer remembers" if saved.of_optimizer else ""
        yield f"It was saved by Keras {saved.keras}; {kept} it becomes a new file of today's Keras{without}."
        yield from saved.notes


def _of_class(model: Json) -> Iterator[str]:
    """Say of a model of somebody's own class what of it is calculated."""
    kind = class_of_its_own(model)
    if kind:
        yield (
            f"It is of the class {shorten(kind)} of the person who saved it, whose code is not in the file: what its "
            "layers make is calculated, whatever else the class does."
        )


def _of_inputs(model: Json) -> Iterator[str]:
    """Say of every input that isn't plain in Keras that it is given plainly here, which changes no number."""
    for layer in model["config"]["layers"]:
        config = layer["config"]
        how = next((kind for kind in ("sparse", "ragged") if config.get(kind)), None)
        if layer.get("class_name") == "InputLayer" and how is not None:
            yield f"Its input {shorten(config['name'])} is {how} in Keras; here all of its numbers are given."
