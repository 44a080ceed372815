"""Wrappers: layers that run another layer, over a sequence in both directions, or over each of its steps.

Formulas: Keras 3 documentation, "Bidirectional layer" and "TimeDistributed layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from msgspec.structs import replace

from core.errors import Refused
from core.layers.convolutional_recurrent import ConvLSTM
from core.layers.layer import Layer
from core.layers.recurrent import RNN, Recurrent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.arrays import AnyArray
    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


Loop = RNN | Recurrent | ConvLSTM
"""What goes over steps, and can go the other way."""


class Bidirectional(Layer, frozen=True, tag="Bidirectional"):
    """A recurrent layer and one that goes the other way, with weights of its own; and what both make, merged.

    Without a ``backward_layer`` that is the layer itself, turned round. Both outputs stand in the order of the steps,
    and are 0 at masked ones; before tf.keras a masked step left them as they were. Of initial states the first half is
    the forward layer's.
    """

    layer: Layer
    merge_mode: Literal["sum", "mul", "ave", "concat"] | None = "concat"
    backward_layer: Layer | None = None
    masks_of_keras_2: Literal[True] | None = None

    @property
    def in_words(self) -> str:
        """That it goes both ways, and with what."""
        return f"both ways {self.layer.in_words}"

    def call(
        self, on: Writer, w: Weights, sequences: Value, *initial_state: Value, mask: Value | None = None
    ) -> Results:
        """Call both layers and merge their outputs; their states come after that, the forward layer's first."""
        forward, backward = self._directions()
        half = len(initial_state) // 2
        ahead, *after = on.results(forward, sequences, *initial_state[:half], mask=mask)
        back, *later = on.results(backward, sequences, *initial_state[half:], mask=mask)
        if forward.return_sequences:
            back = back.flip(0).with_mask(back.mask)
        if self.merge_mode is None:
            return ahead, back, *after, *later
        merged = self._merged(on, ahead, back).with_mask(ahead.mask)
        return (merged, *after, *later) if forward.return_state else merged

    def leaves_activation(self, output: int) -> bool:
        """Return whether Keras leaves with an output what went into its activation: its layers do, unless merged."""
        return self.merge_mode is None and all(one.leaves_activation(0) for one in self._directions())

    def _merged(self, on: Writer, ahead: Value, back: Value) -> Value:
        match self.merge_mode:
            case "sum":
                return ahead + back
            case "mul":
                return ahead * back
            case "ave":
                return (ahead + back) / 2.0
        return on.join([ahead, back], -1)

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return the layers of both directions."""
        forward, backward = self._directions()
        return {"forward_layer": forward, "backward_layer": backward}

    def parts_called(self) -> dict[tuple[str, ...], Layer]:
        """Return the layers of both directions."""
        return {(one.name,): one for one in self._directions()}

    def _directions(self) -> tuple[Loop, Loop]:
        """Return the layers that go forwards and backwards, with the names that Keras gives them."""
        first, second = self.layer, self.backward_layer or self.layer
        if not isinstance(first, Loop) or not isinstance(second, Loop):
            raise Refused(f"{self.name} expects recurrent layers, got {type(first).__name__}, {type(second).__name__}")
        zeros = first.return_sequences and not self.masks_of_keras_2
        forward = replace(first, name=f"forward_{first.name.removeprefix('forward_')}", zero_output_for_mask=zeros)
        backward = replace(second, zero_output_for_mask=zeros)
        if self.backward_layer is None:
            name = f"backward_{first.name.removeprefix('backward_')}"
            backward = replace(backward, name=name, go_backwards=True)
        if forward.go_backwards == backward.go_backwards or forward.name == backward.name:
            raise Refused(f"{self.name} expects two layers of different names, one with go_backwards and one without")
        if (forward.return_sequences, forward.return_state) != (second.return_sequences, second.return_state):
            raise Refused(f"{self.name} expects two layers of the same return_sequences and return_state")
        return forward, backward


class TimeDistributed(Layer, frozen=True, tag="TimeDistributed"):
    """Runs the same layer over every step, each by itself.

    A mask of (steps, ...) is passed on, and what it has for a step is the layer's there.
    """

    layer: Layer

    passes_mask = True

    @property
    def activates_inputs(self) -> bool:
        """Whether what is called at every step is an activation alone."""
        return self.layer.activates_inputs

    @property
    def in_words(self) -> str:
        """That it is over every step, and what is."""
        return f"each step {self.layer.in_words}"

    def mean_of_inputs(self, shape: Shape, arrays: Mapping[str, AnyArray]) -> AnyArray | None:
        """Return the mean that the layer has of what it is given at each step, at every step; None if none."""
        mean = self.layer.mean_of_inputs(shape[1:], arrays)
        return None if mean is None else np.broadcast_to(mean, shape)

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return the layer that is called at each step."""
        return {"layer": self.layer}

    def with_model(self, other: Callable[[Layer], Layer]) -> Layer:
        """Return the layer with another model called at each step, if one is."""
        layer = self.layer.with_model(other)
        return self if layer is self.layer else replace(self, layer=layer)

    def parts_called(self) -> dict[tuple[str, ...], Layer]:
        """Return what its layer calls; the layer itself only lends its arithmetic."""
        return {(self.layer.name, *names): one for names, one in self.layer.parts_called().items()}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Call the layer at every step."""
        if inputs.rank < 2 or inputs.shape[0] == 0:
            raise Refused(f"{self.name} expects inputs of (steps, ...), got the shape {inputs.shape}")
        made = [on.results(self.layer, step) for step in on.each_step(inputs)]
        if len(made[0]) > 1:
            raise Refused(f"{self.name} expects a layer with one output, got {self.layer.name} with {len(made[0])}")
        return on.stack([output for (output,) in made])
