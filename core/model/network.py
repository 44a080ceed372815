"""Network: the frozen description of a Keras model, and its one-line text form such as ``5 tanh, 1 tanh``."""

from __future__ import annotations

import json
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.activations import ACTIVATIONS
from core.errors import Refused, shorten
from core.formatting import count
from core.layers.nested import layers_in, paths_of, with_layer_at, with_trainable, with_trained
from core.layers.writer import layers_of
from core.model.archive.json_text import read_json
from core.model.files.graph_config import read_graph
from core.model.files.needed import LENGTHS
from core.model.files.written_config import graph_config
from core.model.graph import Input, Source, chain
from core.model.summary import Summary, summary
from core.model.written import Output, write_rows
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.take import Take

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.layers.layer import Layer
    from core.layers.writer import Weight
    from core.model.archive.gate import Json
    from core.model.graph import Graph
    from core.model.written import Written
    from core.operations.operation import Shape

MAX_UNITS = 1_000_000


ON_A_PAGE = frozenset({"kernel", "bias", "weighted sum", "pre-activation", "output"})
"""What a layer has at most that stands on one page with the others: ``activation(W^T x + b)`` over a row, or a part."""


class Network(msgspec.Struct, frozen=True, dict=True):
    """A model over rows of numbers: Keras's own description of it, from which everything else is read.

    A row has the numbers of all inputs, one after the other, each with the last axis first, the channels last; so are
    an output's numbers in a row, whatever its shape. ``lengths`` are, in order, the sizes that those axes of the inputs
    have here whose length is not fixed.
    """

    config: str
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, graph: Graph, lengths: tuple[int, ...] | None = None) -> Network:
        """Return the model ``graph``; without ``lengths`` with the first of :data:`LENGTHS` that it can be run over.

        Raises:
            Refused: a name is one that Keras does not take, or two layers have the same.
        """
        # Not ``graph`` itself is kept: calls are in the order in which every process reads them.
        config = json.dumps(graph_config(graph))
        return cls(config, lengths) if lengths is not None else cls._that_runs(config, graph)

    @classmethod
    def described_by(cls, model: Json) -> Network:
        """Return the model that Keras's own description is of, with lengths as :meth:`of` has them.

        Raises:
            Refused: it describes none, or one that is not read here.
        """
        graph = read_graph(model)
        # What was read comes back as it is if it is written and read again, which takes long for many layers.
        return cls._that_runs(json.dumps(graph_config(graph)), graph, graph=graph)

    @classmethod
    def _that_runs(cls, config: str, of: Graph, **known: Graph) -> Network:
        wanted = sum(size is None for given in of.inputs for size in given.shape)
        tried = [cls(config, (size,) * wanted) for size in LENGTHS[: None if wanted else 1]]
        for network in tried:
            network.__dict__.update(known)
        return next((network for network in tried[:-1] if not network.written.stops), tried[-1])

    @classmethod
    def chain(cls, inputs: int, layers: Sequence[Layer], name: str = "byhand", shape: Shape = ()) -> Network:
        """Return layers that are called one after the other, over rows, or over images or sequences of ``shape``."""
        names = [layer.name for layer in layers]
        given = next(one for one in ("inputs", *(f"inputs_{at}" for at in range(len(names) + 1))) if one not in names)
        return cls.of(chain(name, Input(given, shape or (inputs,)), layers))

    @cached_property
    def graph(self) -> Graph:
        """The model's layers and calls."""
        return read_graph(read_json("a model", self.config))

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.graph.name

    @cached_property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shape of every input here, without the batch."""
        lengths = iter(self.lengths)
        return tuple(
            tuple(next(lengths) if size is None else size for size in given.shape) for given in self.graph.inputs
        )

    @cached_property
    def inputs(self) -> int:
        """How many numbers a row has."""
        return sum(map(prod, self.input_shapes))

    @cached_property
    def shape(self) -> Shape:
        """The shape of a row's numbers, if they are one image or sequence; () if they are just numbers."""
        return self.input_shapes[0] if len(self.input_shapes) == 1 and len(self.input_shapes[0]) != 1 else ()

    @cached_property
    def written(self) -> Written:
        """The calculation, as a program over a row; see :func:`write_rows`."""
        return write_rows(self)

    @cached_property
    def whole_columns(self) -> frozenset[int]:
        """The places in a row of the inputs that Keras takes for whole numbers, such as indices of words."""
        (row,), columns, found = self.written.inputs, np.arange(self.inputs), set[int]()
        for number, line in enumerate(self.written.program.lines):
            if row in line.sources and number in self.written.whole:
                match line.operation:
                    case Take() as moved:
                        found.update(moved.view(columns).flat)
                    case Each(function="truncate"):
                        found.update(columns)
        return frozenset(found)

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """Where each of :attr:`layers` is: the names of the models that it is in, then its own."""
        return tuple(paths_of(self.graph))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers at any depth that are called, in the order of their first calls, named by their paths."""
        return tuple(
            layer if len(path) == 1 else msgspec.structs.replace(layer, name="/".join(path))
            for path, layer in layers_in(self.graph)
        )

    @cached_property
    def made_by_layers(self) -> tuple[int, ...]:
        """Which values of the program are the outputs of :attr:`layers`, at their first calls, as far as it goes."""
        made = (self.written.of_call(path).get("output") for path in self.paths)
        return tuple(number for number in made if number is not None)

    @cached_property
    def named_at_calls(self) -> dict[tuple[str, ...], list[tuple[str, int]]]:
        """The names and places of the program's values, at all calls of every layer, by its path."""
        found: dict[tuple[str, ...], list[tuple[str, int]]] = {}
        for number, name in self.written.program.names.items():
            path = layers_of(name.call)
            found.setdefault(path, []).append((name.value, number))
        return found

    @cached_property
    def _shapes(self) -> tuple[Shape, ...]:
        lines = self.written.program.lines
        return (self.shape or (self.inputs,), *(lines[number].shape for number in self.made_by_layers))

    def shapes(self) -> tuple[Shape, ...]:
        """Return the shape of one input and of every layer's output, at its first call, without the batch.

        Where the calculation stops, there are no more.
        """
        return self._shapes

    def widths(self) -> tuple[int, ...]:
        """Return how many numbers the input and every layer's output have: one width more than there are layers."""
        return tuple(prod(shape) for shape in self.shapes())

    @cached_property
    def outputs(self) -> int:
        """How many numbers one prediction has."""
        lines = self.written.program.lines
        return sum(prod(lines[number].shape) for number in self.written.outputs)

    @cached_property
    def spread(self) -> Shape:
        """The shape of the one output, if that is an image or a sequence, else ().

        Keras's losses and metrics are then along its last axis, with one for each place.
        """
        shapes = [self.written.program.lines[number].shape for number in self.written.outputs]
        return shapes[0] if len(shapes) == 1 and len(shapes[0]) > 1 else ()

    @cached_property
    def each_output(self) -> tuple[Output, ...]:
        """Its outputs, as far as its calculation goes."""
        found, start = list[Output](), 0
        for name, number, mask in zip(self.graph.called, self.written.outputs, self.written.masks, strict=False):
            shape = self.written.program.lines[number].shape
            found.append(Output(name, shape, slice(start, start + prod(shape)), mask))
            start += prod(shape)
        return tuple(found)

    @property
    def is_masked(self) -> bool:
        """Whether an output comes with a mask."""
        return any(mask is not None for mask in self.written.masks)

    @cached_property
    def summary(self) -> Summary:
        """Its calls with their shapes and the numbers of their arrays."""
        return summary(self.graph)

    @cached_property
    def places(self) -> dict[Weight, tuple[int, int]]:
        """Where each weight is: of which of :attr:`layers`, and which of its arrays."""
        held = [list["Weight"]() for _ in self.paths]
        order = dict[tuple[str, ...], tuple[int, int]]()
        for place, (path, layer) in enumerate(zip(self.paths, self.layers, strict=True)):
            order |= {(*path, *names): (place, at) for at, names in enumerate(((), *layer.names_within()))}
        for weight in sorted(self.written.weights, key=lambda one: order[one.layer]):
            held[order[weight.layer][0]].append(weight)
        return {weight: (place, at) for place, weights in enumerate(held) for at, weight in enumerate(weights)}

    @cached_property
    def weight_names(self) -> tuple[tuple[str, ...], ...]:
        """For every layer, the names of its arrays; one of a layer within it has that one's name before it."""
        names: list[list[str]] = [[] for _ in self.paths]
        for weight, (place, _) in self.places.items():
            names[place].append("/".join((*weight.layer[len(self.paths[place]) :], weight.name)))
        return tuple(map(tuple, names))

    @cached_property
    def weight_shapes(self) -> tuple[tuple[Shape, ...], ...]:
        """For every layer, the shapes of what its ``get_weights()`` gives."""
        shapes: list[list[Shape]] = [[] for _ in self.paths]
        for weight, (place, _) in self.places.items():
            shapes[place].append(self.written.program.lines[self.written.weights[weight]].shape)
        return tuple(map(tuple, shapes))

    def arrays_of(self, place: int) -> dict[str, Shape]:
        """Return the names and shapes of the arrays of the layer at ``place``, in the order of ``get_weights()``."""
        return dict(zip(self.weight_names[place], self.weight_shapes[place], strict=True))

    @cached_property
    def on_one_page(self) -> bool:
        """Whether it is a chain over a row, each layer ``activation(W^T x + b)`` or a part: all stands on one page."""
        if not self.graph.is_chain or self.written.stops or len(self.layers) != len(self.graph.layers):
            return False
        given = self.graph.inputs[0]
        row = not given.whole and len(given.shape) == 1 and None not in given.shape
        return row and all(map(self._is_on_a_page, self.graph.layers))

    def _is_on_a_page(self, layer: Layer) -> bool:
        named, lines = self.written.of_call((layer.name,)), self.written.program.lines
        rows = all(len(lines[number].shape) == 1 for name, number in named.items() if name != "kernel")
        made = lines[named["weighted sum"]].operation if "weighted sum" in named else None
        sums = isinstance(made, Dot) and made.spec == "i,iu->u"
        applies = "pre-activation" in named or layer.passes_on
        known = named.keys() <= ON_A_PAGE and layer.last_activation in ("", *ACTIVATIONS)
        return rows and applies and known and sums == ("kernel" in named)

    def with_layers(self, others: Mapping[int, Layer]) -> Network:
        """Return this with other layers at some places."""
        graph = self.graph
        for path, layer in ((self.paths[place], layer) for place, layer in others.items()):
            graph = with_layer_at(graph, path, msgspec.structs.replace(layer, name=path[-1]))
        return Network.of(graph, self.lengths)

    def with_trained(self, places: Iterable[int], trained: bool) -> Network:
        """Return this with the layers at ``places``, and what is within them, trainable or frozen."""
        network = self.with_layers({place: with_trained(self.layers[place], trained) for place in places})
        # It calculates the same.
        network.__dict__["written"] = self.written
        return network

    @cached_property
    def unfrozen(self) -> Graph:
        """Its graph with every layer trainable."""
        return with_trainable(self.graph)

    def index(self, name: str) -> int:
        """Return the position of the layer called ``name``.

        Raises:
            Refused: there is no such layer.
        """
        for position, layer in enumerate(self.layers):
            if layer.name == name:
                return position
        known = ", ".join(layer.name for layer in self.layers)
        raise Refused(f"expected the name of a layer ({shorten(known, 200)}), got {shorten(name)!r}")


def require_trainable(network: Network) -> None:
    """Refuse a network whose layers with weights are all frozen; one without any is another matter.

    Raises:
        Refused: a training would change nothing.
    """
    weighted = [layer for layer, arrays in zip(network.layers, network.weight_shapes, strict=True) if arrays]
    if weighted and not any(layer.trainable for layer in weighted):
        raise Refused(
            "expected a layer that a training may change, got all of them frozen; "
            "unfreeze one first (z on the Set weights tab)"
        )


def why_no_loss(network: Network) -> str:
    """Return why there is no loss of the model's outputs here that is Keras's; "" if there is one."""
    for output in network.each_output:
        if output.mask is not None and network.written.program.lines[output.mask].shape != output.shape[:-1]:
            return (
                f"expected a mask of a number for each place of outputs of {times(output.shape)}, got one of other "
                "axes, with which Keras has no loss either; its predictions can be followed all the same"
            )
    return ""


def require_loss(network: Network) -> None:
    """Refuse a model of whose outputs there is no loss here that is Keras's.

    Raises:
        Refused: one of them has a mask of other places than it has.
    """
    if why := why_no_loss(network):
        raise Refused(why)


def describe(network: Network) -> str:
    """Return the network as one line of words, such as ``hidden 5 tanh (frozen) > output 1 tanh``.

    There is a comma before a layer that is not given what the one before it made, as at a branch.
    """
    first = {call.layer: call.sources for call in reversed(network.graph.calls)}
    words, before = "", ""
    for path, layer, arrays in zip(network.paths, network.layers, network.weight_names, strict=True):
        follows = len(path) > 1 or any(isinstance(one, Source) and one.layer == before for one in first[path[0]])
        link = "" if not words else " > " if follows else ", "
        words += f"{link}{layer.name} {layer.in_words}{'' if layer.trainable or not arrays else ' (frozen)'}"
        before = path[0]
    return words


def times(sizes: tuple[int, ...]) -> str:
    """Return sizes as in ``3x3``; of one alone, the number."""
    return "x".join(map(str, sizes))


def with_inputs(network: Network, inputs: int) -> Network:
    """Return the same model over so many inputs: a chain's layers anew, or other lengths where they are not fixed.

    Raises:
        Refused: it is for images, sequences or several inputs of another number of numbers.
    """
    longer = with_length(network, inputs)
    if longer.inputs == inputs and longer.lengths:
        return longer
    if network.lengths:
        some = ", ".join(f"{_numbers(network, length):,}" for length in (1, 2, 3))
        sizes = (["any" if size is None else size for size in given.shape] for given in network.graph.inputs)
        words = " and ".join(" x ".join(map(str, shape)) for shape in sizes)
        raise Refused(f"expected {some} numbers or so on, because the model is for {words}, got {inputs:,}")
    if network.shape or not network.on_one_page:
        shapes = " and ".join(times(shape) for shape in network.input_shapes)
        raise Refused(
            f"expected points of {count(network.inputs, 'number')}, because the model is for {shapes}, "
            f"got {inputs:,}; take such data, or start another model first (n on the Set weights tab)"
        )
    return Network.chain(inputs, network.layers, network.name)


def _numbers(network: Network, length: int) -> int:
    """Return how many numbers a row has if all axes of no fixed length have this one."""
    shapes = (given.shape for given in network.graph.inputs)
    return sum(prod(length if size is None else size for size in shape) for shape in shapes)


def with_length(network: Network, inputs: int) -> Network:
    """Return the model with one length for all axes of no fixed length by which a row has so many numbers, if there is
    one, else as it is.
    """
    if not network.lengths or network.inputs == inputs:
        return network
    for length in range(1, inputs + 1):
        if _numbers(network, length) == inputs:
            made = msgspec.structs.replace(network, lengths=(length,) * len(network.lengths))
            return network if made.written.stops else made
    return network
