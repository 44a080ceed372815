"""Convolutional LSTMs: an LSTM over images, in whose gates convolutions stand in place of the matrices.

Formulas: Keras 3 documentation, "ConvLSTM2D layer"; its states begin as images of 0 (Shi et al., 2015).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from core.layers.axes import PLACES
from core.layers.layer import Function, Layer, Share, Size
from core.layers.recurrent import LSTMCell, OverSteps, through_gates
from core.layers.windows import fits_under, letters_of, moved_over, steps_along
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class ConvLSTM(OverSteps, Layer, frozen=True):
    """Over the steps of a sequence of images, the gates of an LSTM at every place; channels come last.

    The convolution of what comes in has the ``strides``, ``padding`` and ``dilation_rate``; that of the hidden state
    has none of them, and keeps its size.
    """

    has_data_format = True
    initializers = {"recurrent_kernel": "orthogonal", "bias": "unit_forget"}
    kept_in = {"": "cell/"}
    unsaid = {"strides": 1}

    filters: Size
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Literal["valid", "same"] = "valid"
    dilation_rate: tuple[int, ...] = ()
    activation: Function = "tanh"
    recurrent_activation: Function = "sigmoid"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    recurrent_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    recurrent_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False

    gates: ClassVar[tuple[str, ...]] = LSTMCell.gates

    @property
    def in_words(self) -> str:
        """Its filters and its window: ``ConvLSTM2D 8 of 3x3``."""
        return f"{type(self).__name__} {self.filters} of {'x'.join(map(str, self.kernel_size))}"

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (window, channels, gates * filters), one for the state, and a bias if it is used."""
        wide = len(self.gates) * self.filters
        of = {"kernel": shapes[0][-1], "recurrent_kernel": self.filters}
        kernels = {name: (*self.kernel_size, channels, wide) for name, channels in of.items()}
        return kernels | {"bias": (wide,)} if self.use_bias else kernels

    def times_before(self, setting: str, factor: float) -> dict[str, float | Array]:
        """Return what the filters of the gates that the activation in ``setting`` is of are multiplied by."""
        chosen = LSTMCell.activated_gates.get(setting, ())
        along: float | Array = np.repeat([factor if gate in chosen else 1.0 for gate in self.gates], self.filters)
        return dict.fromkeys(("kernel", "recurrent_kernel", "bias"), along) if chosen else {}

    def side_by_side(self, _weight: str) -> tuple[str, ...]:
        """Return the gates."""
        return self.gates

    def states(self, step: Shape) -> dict[str, Shape]:
        """Return the hidden state, which is the output too, and the cell state: as many places as the window has."""
        wide = [(size - 1) * apart + 1 for size, apart in zip(self.kernel_size, self._apart, strict=True)]
        places = map(steps_along, step, wide, self.strides, [self.padding] * len(wide))
        return dict.fromkeys(("hidden state", "cell state"), (*places, self.filters))

    @property
    def _apart(self) -> tuple[int, ...]:
        return self.dilation_rate or (1,) * len(self.kernel_size)

    def step(self, on: Writer, w: Weights) -> Callable[..., tuple[Value, ...]]:
        """Return what writes down the gates, the cell state and the hidden state of a step."""
        return partial(self._step, on, w)

    def _step(self, on: Writer, w: Weights, inputs: Value, hidden: Value, cell: Value) -> tuple[Value, ...]:
        self.expect(*fits_under(inputs, self.kernel_size, self.padding, self.dilation_rate), inputs)
        seen = moved_over(inputs, self.kernel_size, self.strides, self.padding, self.dilation_rate)
        around = moved_over(hidden, self.kernel_size, (1,) * len(self.kernel_size), "same")
        under, places, window = letters_of(len(self.kernel_size))
        how = f"{under}c,{window}cf->{places}f"
        z = seen.dot(how, w["kernel"]) + around.dot(how, w["recurrent_kernel"])
        return through_gates(self, on, z + w["bias"] if self.use_bias else z, cell, *self.of_state)


class ConvLSTM1D(ConvLSTM, frozen=True, tag="ConvLSTM1D"):
    """Over sequences of sequences."""

    # What a window moves along is elsewhere called a step, and here there are steps.
    of_step = of_state = ("row", "channel")


class ConvLSTM2D(ConvLSTM, frozen=True, tag="ConvLSTM2D"):
    """Over sequences of images."""

    of_step = of_state = (*PLACES[2], "channel")


class ConvLSTM3D(ConvLSTM, frozen=True, tag="ConvLSTM3D"):
    """Over sequences of volumes."""

    of_step = of_state = (*PLACES[3], "channel")
