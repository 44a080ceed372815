"""Network: the frozen description of a Keras model, and its one-line text form such as ``5 tanh, 1 tanh``."""

from __future__ import annotations

import msgspec

from core.activations import HALVING, activation
from core.errors import Refused, shorten

MAX_UNITS = 1_000_000
MAX_LAYERS = 1_000


class Dense(msgspec.Struct, frozen=True, tag=True):
    """``activation(inputs @ kernel + bias)``; without ``use_bias`` there is no bias.

    A training leaves the weights of one that is not ``trainable``, a frozen one, as they are.
    """

    name: str
    units: int
    activation: str = "linear"
    use_bias: bool = True
    trainable: bool = True


class Activation(msgspec.Struct, frozen=True, tag=True):
    """An activation that stands as a layer of its own."""

    name: str
    activation: str


class Dropout(msgspec.Struct, frozen=True, tag=True):
    """Sets a share ``rate`` of its inputs to 0 while training, and passes them on unchanged otherwise."""

    name: str
    rate: float


Layer = Dense | Activation | Dropout


class Network(msgspec.Struct, frozen=True):
    """A chain of layers over rows of ``inputs`` numbers."""

    inputs: int
    layers: tuple[Layer, ...]
    name: str = "byhand"

    def widths(self) -> tuple[int, ...]:
        """Return the width of the input and of every layer's output: one number more than there are layers."""
        widths = [self.inputs]
        for layer in self.layers:
            width = layer.units if isinstance(layer, Dense) else widths[-1]
            halved = not isinstance(layer, Dropout) and layer.activation in HALVING
            widths.append(width // 2 if halved else width)
        return tuple(widths)

    @property
    def outputs(self) -> int:
        """Return how many numbers one prediction has."""
        return self.widths()[-1]

    def weight_shapes(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Return, for every layer, the shapes of what its ``get_weights()`` gives."""
        shapes: list[tuple[tuple[int, ...], ...]] = []
        for layer, width in zip(self.layers, self.widths(), strict=False):
            if not isinstance(layer, Dense):
                shapes.append(())
            elif layer.use_bias:
                shapes.append(((width, layer.units), (layer.units,)))
            else:
                shapes.append(((width, layer.units),))
        return tuple(shapes)

    def with_layer(self, place: int, layer: Layer) -> Network:
        """Return this with another layer at ``place``."""
        return msgspec.structs.replace(self, layers=(*self.layers[:place], layer, *self.layers[place + 1 :]))

    def unfrozen(self) -> Network:
        """Return this with every Dense layer trainable."""
        layers = (
            msgspec.structs.replace(layer, trainable=True) if isinstance(layer, Dense) else layer
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


def require_trainable(network: Network) -> None:
    """Refuse a network whose Dense layers are all frozen; one without any is another matter.

    Raises:
        Refused: a training would change nothing.
    """
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    if dense and not any(layer.trainable for layer in dense):
        raise Refused(
            "expected a Dense layer that a training may change, got all of them frozen; "
            "unfreeze one first (z on the Set weights tab)"
        )


def dense_network(inputs: int, shape: str) -> Network:
    """Return the network that ``shape`` describes over ``inputs`` numbers, as in ``5 tanh, 1 tanh``.

    Each part is the units of a Dense layer and, if it is not linear, Keras's name of its activation. The last
    layer is called ``output``, the others ``hidden`` (``hidden_2`` and so on), as in the tutorial.

    Raises:
        Refused: a part is not a number of units with an activation.
    """
    parts = [part for part in shape.replace(">", ",").split(",") if part.strip()]
    if not parts:
        raise Refused("expected layers such as '5 tanh, 1 tanh', got nothing")
    if len(parts) > MAX_LAYERS:
        raise Refused(f"expected at most {MAX_LAYERS} layers, got {len(parts)}")
    names = ["hidden" if place == 0 else f"hidden_{place + 1}" for place in range(len(parts) - 1)] + ["output"]
    return Network(inputs, tuple(_dense(name, part) for name, part in zip(names, parts, strict=True)))


def _dense(name: str, part: str) -> Dense:
    words = part.split()
    if len(words) > 2 or not words[0].isascii() or not words[0].isdecimal():
        raise Refused(f"expected units and an activation such as '5 tanh', got {shorten(part.strip())!r}")
    units = int(words[0]) if len(words[0]) <= 12 else MAX_UNITS + 1
    if not 1 <= units <= MAX_UNITS:
        raise Refused(f"expected 1 to {MAX_UNITS:,} units, got {shorten(words[0])}")
    name_of_activation = activation(words[1].lower()).name if len(words) == 2 else "linear"
    if name_of_activation in HALVING and (units % 2 or name != "output"):
        raise Refused(
            f"{name_of_activation} halves its units: expected it on a last layer of even width, "
            f"got {shorten(part.strip())!r}"
        )
    return Dense(name, units, name_of_activation)


def checked_shape(text: str) -> str:
    """Return ``text`` if :func:`dense_network` can read it.

    Raises:
        Refused: it cannot.
    """
    dense_network(1, text)
    return text


def shape_text(network: Network) -> str:
    """Return the text that :func:`dense_network` reads, for Dense layers only; it does not say which are frozen."""
    return ", ".join(_part(layer) for layer in network.layers if isinstance(layer, Dense))


def _part(layer: Dense) -> str:
    return f"{layer.units}" if layer.activation == "linear" else f"{layer.units} {layer.activation}"


def describe(network: Network) -> str:
    """Return the network as one line of words, such as ``hidden 5 tanh (frozen) > output 1 tanh``."""
    return " > ".join(f"{layer.name} {_words(layer)}" for layer in network.layers)


def _words(layer: Layer) -> str:
    match layer:
        case Dense():
            return _part(layer) if layer.trainable else f"{_part(layer)} (frozen)"
        case Activation(activation=name):
            return name
        case Dropout(rate=rate):
            return f"dropout {rate:g}"
