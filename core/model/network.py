"""Network: the frozen description of a Keras model, and its one-line text form such as ``5 tanh, 1 tanh``."""

from __future__ import annotations

from math import nan, prod

import msgspec

from core.activations import ACTIVATIONS, HALVING, activation
from core.errors import Refused, shorten
from core.half_width import with_semicolons
from core.layers.activation_layers import Activation
from core.layers.convolution import Conv1D, Conv2D, Convolution
from core.layers.dense import Dense
from core.layers.identity import Dropout
from core.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D, Pooling
from core.layers.reshaping import Flatten
from core.layers.windows import places_after

MAX_UNITS = 1_000_000
MAX_LAYERS = 1_000


Weighted = Dense | Conv1D | Conv2D
"""The layers that have weights: a kernel and, if they use it, a bias."""

Layer = (
    Dense
    | Activation
    | Dropout
    | Conv1D
    | Conv2D
    | MaxPooling1D
    | MaxPooling2D
    | AveragePooling1D
    | AveragePooling2D
    | Flatten
)


class Network(msgspec.Struct, frozen=True):
    """A chain of layers over rows of ``inputs`` numbers.

    If the model takes images or sequences, ``shape`` is that of one of them, channels last, without the batch; a row
    then has its numbers in order, the last axis first. So has every layer's output here, whatever its shape.
    """

    inputs: int
    layers: tuple[Layer, ...]
    name: str = "byhand"
    shape: tuple[int, ...] = ()

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shape of one input and of every layer's output, without the batch."""
        shapes = [self.shape or (self.inputs,)]
        for layer in self.layers:
            shapes.append(shape_after(layer, shapes[-1]))
        return tuple(shapes)

    def widths(self) -> tuple[int, ...]:
        """Return how many numbers the input and every layer's output have: one width more than there are layers."""
        return tuple(prod(shape) for shape in self.shapes())

    @property
    def outputs(self) -> int:
        """Return how many numbers one prediction has."""
        return self.widths()[-1]

    def weight_shapes(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Return, for every layer, the shapes of what its ``get_weights()`` gives."""
        return tuple(
            _weight_shapes(layer, shape) if isinstance(layer, Weighted) else ()
            for layer, shape in zip(self.layers, self.shapes(), strict=False)
        )

    def with_layer(self, place: int, layer: Layer) -> Network:
        """Return this with another layer at ``place``."""
        return msgspec.structs.replace(self, layers=(*self.layers[:place], layer, *self.layers[place + 1 :]))

    def unfrozen(self) -> Network:
        """Return this with every layer that has weights trainable."""
        layers = (
            msgspec.structs.replace(layer, trainable=True) if isinstance(layer, Weighted) else layer
            for layer in self.layers
        )
        return msgspec.structs.replace(self, layers=tuple(layers))

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


def shape_after(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what a layer makes of inputs of ``shape``, both without the batch."""
    match layer:
        case Dense(units=units):
            shape = (*shape[:-1], units)
        case Convolution(filters=filters):
            shape = (*places_after(shape[:-1], layer.kernel_size, layer.strides, layer.padding), filters)
        case Pooling():
            return (*places_after(shape[:-1], layer.pool_size, layer.strides, layer.padding), shape[-1])
        case Flatten():
            return (prod(shape),)
        case Dropout():
            return shape
    return (*shape[:-1], shape[-1] // 2) if layer.activation in HALVING else shape


def _weight_shapes(layer: Weighted, shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    units = units_of(layer)
    kernel = (shape[-1], units) if isinstance(layer, Dense) else (*layer.kernel_size, shape[-1], units)
    return (kernel, (units,)) if layer.use_bias else (kernel,)


def units_of(layer: Weighted) -> int:
    """Return how many units a layer has; those of a convolution are its filters."""
    return layer.units if isinstance(layer, Dense) else layer.filters


def require_trainable(network: Network) -> None:
    """Refuse a network whose layers with weights are all frozen; one without any is another matter.

    Raises:
        Refused: a training would change nothing.
    """
    weighted = [layer for layer in network.layers if isinstance(layer, Weighted)]
    if weighted and not any(layer.trainable for layer in weighted):
        raise Refused(
            "expected a layer that a training may change, got all of them frozen; "
            "unfreeze one first (z on the Set weights tab)"
        )


def dense_network(inputs: int, shape: str) -> Network:
    """Return the network that ``shape`` describes over ``inputs`` numbers, as in ``5 tanh, dropout 0.5, 1 tanh``.

    A part is the units of a Dense layer and, if it is not linear, Keras's name of its activation; or ``dropout`` and
    a rate; or an activation alone, a layer of its own. Commas or semicolons separate them. The last Dense layer is
    called ``output``, the others ``hidden`` (``hidden_2`` and so on), as in the tutorial.

    Raises:
        Refused: a part is none of these, or none has units.
    """
    written = with_semicolons(shape).replace(">", ",")
    # With a semicolon between, a comma is a decimal one.
    parts = [part.strip() for part in written.split(";" if ";" in written else ",") if part.strip()]
    if not parts:
        raise Refused("expected layers such as '5 tanh, 1 tanh', got nothing")
    if len(parts) > MAX_LAYERS:
        raise Refused(f"expected at most {MAX_LAYERS} layers, got {len(parts)}")
    layers = [_read_part(part) for part in parts]
    dense = [place for place, layer in enumerate(layers) if isinstance(layer, Dense)]
    if not dense:
        raise Refused(f"expected layers such as '5 tanh, 1 tanh', got {shorten(shape.strip())!r}")
    for place, layer in enumerate(layers):
        if place < len(layers) - 1 or _width(layers) % 2:
            _refuse_halving(layer, parts[place])
    named = zip(layers, _names(layers, dense[-1]), strict=True)
    return Network(inputs, tuple(msgspec.structs.replace(layer, name=name) for layer, name in named))


def _names(layers: list[Dense | Dropout | Activation], output: int) -> list[str]:
    """Return a name for every layer: what it is, from the second of its kind on with its number."""
    kinds = ["hidden" if isinstance(layer, Dense) else type(layer).__name__.lower() for layer in layers]
    numbers = [kinds[: place + 1].count(kind) for place, kind in enumerate(kinds)]
    names = [kind if number == 1 else f"{kind}_{number}" for kind, number in zip(kinds, numbers, strict=True)]
    names[output] = "output"
    return names


def _read_part(part: str) -> Dense | Dropout | Activation:
    words = part.split()
    if len(words) == 2 and words[0].lower() == "dropout":
        return Dropout("", _rate(words[1]))
    if len(words) == 1 and words[0].lower() in ACTIVATIONS:
        return Activation("", words[0].lower())
    if len(words) > 2 or not words[0].isascii() or not words[0].isdecimal():
        raise Refused(f"expected units and an activation such as '5 tanh', got {shorten(part)!r}")
    units = int(words[0]) if len(words[0]) <= 12 else MAX_UNITS + 1
    if not 1 <= units <= MAX_UNITS:
        raise Refused(f"expected 1 to {MAX_UNITS:,} units, got {shorten(words[0])}")
    return Dense("", units, activation(words[1].lower()).name if len(words) == 2 else "linear")


def _width(layers: list[Dense | Dropout | Activation]) -> int:
    """Return how many units the last Dense layer has."""
    return next(layer.units for layer in reversed(layers) if isinstance(layer, Dense))


def _rate(text: str) -> float:
    try:
        rate = float(text.replace(",", "."))
    except ValueError:
        rate = nan
    if not 0 <= rate < 1:
        raise Refused(f"expected a rate of dropout from 0 up to, not including, 1, got {shorten(text)}")
    return rate


def _refuse_halving(layer: Layer, part: str) -> None:
    """Refuse what halves its units, which it may do only at the end, where their number is even."""
    if isinstance(layer, Dense | Activation) and layer.activation in HALVING:
        raise Refused(
            f"{layer.activation} halves its units: expected it on a last layer of even width, got {shorten(part)!r}"
        )


def checked_shape(text: str) -> str:
    """Return ``text`` if :func:`dense_network` can read it.

    Raises:
        Refused: it cannot.
    """
    dense_network(1, text)
    return text


def shape_text(network: Network) -> str:
    """Return the text that :func:`dense_network` reads, without other kinds of layers.

    It does not say which layers are frozen, go without a bias, or have names of their own.
    """
    return ", ".join(
        kind_in_words(layer) for layer in network.layers if isinstance(layer, Dense | Dropout | Activation)
    )


def _part(layer: Dense) -> str:
    return f"{layer.units}" if layer.activation == "linear" else f"{layer.units} {layer.activation}"


def describe(network: Network) -> str:
    """Return the network as one line of words, such as ``hidden 5 tanh (frozen) > output 1 tanh``."""
    return " > ".join(f"{layer.name} {_words(layer)}" for layer in network.layers)


def _words(layer: Layer) -> str:
    words = kind_in_words(layer)
    return words if not isinstance(layer, Weighted) or layer.trainable else f"{words} (frozen)"


def kind_in_words(layer: Layer) -> str:
    """Return what a layer is in a few words, such as ``5 tanh``, ``8 of 3x3 relu`` or ``max of 2x2``."""
    match layer:
        case Dense():
            return _part(layer)
        case Convolution(filters=filters, activation=name):
            function = "" if name == "linear" else f" {name}"
            return f"{filters} of {times(layer.kernel_size)}{function}"
        case Pooling(takes=takes):
            return f"{takes} of {times(layer.pool_size)}"
        case Activation(activation=name):
            return name
        case Dropout(rate=rate):
            return f"dropout {rate:g}"
        case Flatten():
            return "flatten"


def times(sizes: tuple[int, ...]) -> str:
    """Return sizes as in ``3x3``; of one alone, the number."""
    return "x".join(map(str, sizes))


def with_inputs(network: Network, inputs: int) -> Network:
    """Return the same layers over so many inputs.

    Raises:
        Refused: they are over images or sequences.
    """
    if network.shape:
        raise Refused(
            f"expected points of {network.inputs:,} numbers, because the model is for {times(network.shape)}, "
            f"got {inputs:,}; take such data, or start another model first (n on the Set weights tab)"
        )
    return msgspec.structs.replace(network, inputs=inputs)
