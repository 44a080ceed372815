"""Layer: what every layer of Keras has, and what each says: its weights and its arithmetic, in operations.

A layer is a paragraph. Its fields are Keras's own settings, by Keras's names and with Keras's defaults;
:meth:`Layer.weights` gives the shapes of its weights, by Keras's names and in Keras's order; and ``call`` says the
arithmetic, once: shapes, numbers, terms, slopes and bounds follow from the operations that it writes down.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from core.errors import Refused
from core.model.penalised import Regularizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.arrays import AnyArray, Array
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

    Weights = Mapping[str, Value]
    Results = Value | tuple[Value, ...]


Size = Annotated[int, msgspec.Meta(ge=1)]
"""How many there are of something, at least one."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A part of a whole."""

OF_KERAS_2 = "masks_of_keras_2"
"""The setting that says so, which no Keras has."""

SIZES = ("units", "filters", "rate", "output_dim", "num_heads", "target_shape", "pool_size")
"""What says most of a layer, where it has it."""


class Named(msgspec.Struct, frozen=True):
    """What has a name of its own in a model."""

    name: str


@cache
def fields_of(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the settings of a class of layers, by name; to work out their types takes long, so it is done once."""
    return {field.name: field for field in msgspec.structs.fields(kind)}


DataFormat = Literal["channels_last", "channels_first"]
"""Where the channels are among the axes of a point."""


class Layer(Named, frozen=True, kw_only=True):
    """A layer of Keras; a training leaves the weights of one that is not ``trainable``, a frozen one, as they are.

    ``passes_mask``: whether what it makes has the mask of its first source, as in Keras ("supports_masking").
    """

    trainable: bool = True
    activity_regularizer: Regularizer | None = None

    counts_outputs: ClassVar[bool] = True
    """Whether an ``activity_regularizer`` can be given to it in Keras; to a cell it can, and no training runs then."""

    passes_mask: ClassVar[bool] = False

    keeps_masks: ClassVar[bool] = False
    """Whether a source keeps its own mask in a call that is told that it has none."""

    of_module: ClassVar[str] = "keras.layers"
    """Where Keras has its class."""

    knows_trainable: ClassVar[bool] = True
    """Whether Keras's class can be told that it is frozen; it refuses a description that tells one that can't."""

    has_data_format: ClassVar[bool] = False
    """Whether Keras's class has one."""

    initializers: ClassVar[Mapping[str, str]] = {}
    """What Keras begins an array with, by its name; without it is glorot_uniform for a kernel, zeros for the others."""

    kept_in: ClassVar[Mapping[str, str]] = {}
    """Under which part of the layer Keras's files keep its arrays, by what is before the last slash of their names."""

    axes_of_weights: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """What the axes of its weights are called, where that is not what is usual for so many of them."""

    regularized: ClassVar[tuple[str, ...] | None] = None
    """Which of its values an ``activity_regularizer`` is of, where that is not all its outputs."""

    kernel_is_matrix: ClassVar[bool] = False
    """Whether its kernel has two axes whatever its inputs are: what an orthogonal regularizer is for."""

    followed_for: ClassVar[Mapping[str, tuple[object, ...]]] = {}
    """Settings -> the values for which its arithmetic is here, where that is not all of Keras's."""

    summed: ClassVar[tuple[str, ...]] = ()
    """Those of its arrays that make what goes into its activation: of twice of them that would be twice as much."""

    unsaid: ClassVar[Mapping[str, int | str]] = {}
    """What a setting without a default is where Keras goes without it: for every axis so many, or as another is."""

    if TYPE_CHECKING:
        call: ClassVar[Callable[..., Results]]
        """``call(on, w, source, ...)``: write down with ``on`` what the layer makes of its sources.

        ``w`` has its weights by name. Arguments have Keras's names; lists of sources come one by one.
        """

    @property
    def keras_class(self) -> str:
        """What Keras calls its class."""
        return type(self).__name__

    @property
    def passes_on(self) -> bool:
        """Whether Keras's layer gives back the very tensor that it got, where nothing is trained."""
        return False

    @property
    def activates_inputs(self) -> bool:
        """Whether what goes into its activation is what it is given, as it is."""
        return False

    @property
    def of_outputs(self) -> Regularizer | None:
        """What its outputs add to the loss, if anything."""
        return self.activity_regularizer

    @property
    def while_training(self) -> str:
        """What it does otherwise while it is trained, in words that follow "while"; nothing if it does the same."""
        drops = any(getattr(self, name, 0.0) for name in ("dropout", "recurrent_dropout"))
        return f"the dropout of {type(self).__name__} was on" if drops else ""

    @property
    def last_activation(self) -> str:
        """The activation that makes its outputs of the value called pre-activation, if it has one; else nothing."""
        return str(getattr(self, "activation", ""))

    def leaves_activation(self, output: int) -> bool:
        """Return whether Keras leaves with an output what went into its activation, if an activation made it last."""
        return output == 0 and bool(self.last_activation)

    @property
    def in_words(self) -> str:
        """What it is in a few words, such as ``5 tanh``, ``8 of 3x3 relu`` or ``LSTM 16``."""
        size = next((str(value) for name in SIZES if (value := getattr(self, name, None)) is not None), "")
        return f"{type(self).__name__} {size}".rstrip()

    @property
    def in_full(self) -> str:
        """What it is in words that say what its sizes are of, such as ``5 units, tanh``."""
        return self.in_words

    def mean_of_inputs(self, _shape: Shape, _arrays: Mapping[str, AnyArray]) -> AnyArray | None:
        """Return the mean that its settings or arrays have of what it is given, in a shape; None if none."""
        return None

    @property
    def kept_again(self) -> Mapping[str, str]:
        """Which arrays of Keras's files are another one once more, both by their places within the layer."""
        return {}

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the shapes of its weights over sources of such shapes, those that are no training's last."""
        return {}

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return what the axes of a weight are called; nothing where that is what is usual."""
        return self.axes_of_weights.get(weight, ())

    def times_before(self, setting: str, factor: float) -> dict[str, float | Array]:
        """Return what arrays are multiplied by for ``factor`` times as much to go into the activation in ``setting``.

        That is along their last axis; without any, no arrays can do so.
        """
        return dict.fromkeys(self.summed, factor) if setting == "activation" else {}

    def side_by_side(self, _weight: str) -> tuple[str, ...]:
        """Return what lies side by side along a weight's last axis, one as wide as the other; nothing if it is one."""
        return ()

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return the layers within it, by the names that Keras's files keep them under."""
        return {}

    def parts_called(self) -> dict[tuple[str, ...], Layer]:
        """Return the layers within it whose own regularizers of outputs count, by the names that lead to their calls.

        Keras counts what is called as a layer, and not what only lends its arithmetic.
        """
        return {}

    @property
    def layers_within(self) -> tuple[Layer, ...]:
        """The layers within it, in the order in which Keras has their arrays after its own."""
        return tuple(one for held in self.parts().values() for one in (held if isinstance(held, tuple) else (held,)))

    def names_within(self) -> Iterator[tuple[str, ...]]:
        """Give the names that lead to each layer within it, at any depth, in that order."""
        for layer in self.layers_within:
            yield (layer.name,)
            yield from ((layer.name, *names) for names in layer.names_within())

    def with_each_within(self, other: Callable[[Layer], Layer]) -> Layer:
        """Return the layer with what ``other`` makes of each layer that is a setting of it."""
        held = {name: getattr(self, name) for name in fields_of(type(self))}
        changed = {name: other(one) for name, one in held.items() if isinstance(one, Layer)}
        several = {
            name: tuple(map(other, one))
            for name, one in held.items()
            if isinstance(one, tuple) and any(isinstance(part, Layer) for part in one)
        }
        return msgspec.structs.replace(self, **changed, **several) if changed or several else self

    def with_model(self, other: Callable[[Layer], Layer]) -> Layer:
        """Return the layer with another model in place of the one that it is, or calls; as it is without any."""
        return self

    def part(self, names: Sequence[str]) -> Layer:
        """Return the layer within this one that ``names`` lead to; names of none are those of groups of its arrays."""
        layer: Layer = self
        for name in names:
            layer = next((one for one in layer.layers_within if one.name == name), layer)
        return layer

    @property
    def channels_first(self) -> bool:
        """Whether channels come before the places in what it is given and makes; its arithmetic has them last."""
        return False

    def expect(self, fits: bool, expected: str, inputs: Value) -> None:
        """Refuse ``inputs`` unless their shape ``fits``.

        Raises:
            Refused: the shape does not fit; it says what was expected and what came.
        """
        if not fits:
            raise Refused(f"{self.name} expects {expected}, got the shape {inputs.shape}")


class OneByOne(Layer, frozen=True, kw_only=True):
    """One function of every number, with settings of its own: a layer by itself, or another layer's activation."""

    passes_mask = True

    def of(self, z: Value) -> Value:
        """Return what it makes of every number."""
        raise NotImplementedError

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down what it makes of the inputs."""
        return self.of(inputs)

    def __str__(self) -> str:
        """Return its class and its own settings, such as ``LeakyReLU(0.2)``."""
        own = [name for name in fields_of(type(self)) if name not in fields_of(Layer)]
        held = ", ".join(f"{value:g}" for name in own if (value := getattr(self, name)) is not None)
        return f"{type(self).__name__}({held})"


Function = str | OneByOne
"""An activation: Keras's name of one, or a layer that is one."""


class WithChannels(Layer, frozen=True, kw_only=True):
    """A layer whose arithmetic has channels last; where they come first, its sources are turned before and after."""

    has_data_format = True

    data_format: DataFormat | None = None

    @property
    def channels_first(self) -> bool:
        """Whether they do."""
        return self.data_format == "channels_first"
