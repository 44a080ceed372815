"""Recurrent layers: a cell that makes, step by step, of what comes in and of its states an output and new states.

Formulas: Keras 3 documentation, "SimpleRNN layer", "LSTM layer" and "GRU layer", with their cells, and "RNN layer".
Keras counts the first steps' output that is masked as 0, whatever state it begins with.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.errors import Refused
from core.layers.activations import activated
from core.layers.layer import Function, Layer, Share, Size
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from core.layers.convolutional_recurrent import ConvLSTM
    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value


class Cell(Layer, frozen=True):
    """One step: ``call(on, w, inputs, *states)`` gives the output, then the new states."""

    counts_outputs = False

    if TYPE_CHECKING:
        call: ClassVar[Callable[..., tuple[Value, ...]]]

    def states(self) -> dict[str, int]:
        """Return what its states are called, and how many numbers each has."""
        raise NotImplementedError


class CellSettings(Layer, frozen=True):
    """What a cell of ``units`` and its layer can be told."""

    initializers = {"recurrent_kernel": "orthogonal"}

    units: Size
    activation: Function = "tanh"
    use_bias: bool = True
    kernel_regularizer: Regularizer | None = None
    recurrent_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    recurrent_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0

    axes_of_weights = {"recurrent_kernel": ("state", "unit"), "bias": ("kernel", "unit")}


class KernelCell(CellSettings, Cell, frozen=True):
    """A cell with a kernel for what comes in and one for the hidden state, its ``gates`` side by side in both."""

    gates: ClassVar[tuple[str, ...]]

    activated_gates: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Setting -> the gates that its activation is of, if it is of nothing else."""

    def states(self) -> dict[str, int]:
        """Return the hidden state, which is the output too."""
        return {"hidden state": self.units}

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a kernel of (inputs, gates * units), one of (units, gates * units), and a bias if it is used."""
        wide = len(self.gates) * self.units
        kernels: dict[str, Shape] = {"kernel": (shapes[0][-1], wide), "recurrent_kernel": (self.units, wide)}
        return kernels | {"bias": (wide,)} if self.use_bias else kernels

    def times_before(self, setting: str, factor: float) -> dict[str, float | Array]:
        """Return what the columns of the gates that the activation in ``setting`` is of are multiplied by."""
        chosen = self.activated_gates.get(setting, ())
        along: float | Array = np.repeat([factor if gate in chosen else 1.0 for gate in self.gates], self.units)
        return dict.fromkeys(("kernel", "recurrent_kernel", "bias"), along) if chosen else {}

    def side_by_side(self, _weight: str) -> tuple[str, ...]:
        """Return the gates, if there are several."""
        return self.gates if len(self.gates) > 1 else ()


class SimpleRNNCell(KernelCell, frozen=True, tag="SimpleRNNCell"):
    """``activation(inputs @ kernel + hidden @ recurrent_kernel + bias)``."""

    gates = ("pre-activation",)
    activated_gates = {"activation": gates}

    def call(self, on: Writer, w: Weights, inputs: Value, hidden: Value) -> tuple[Value, ...]:
        """Write down the pre-activation and the hidden state."""
        z = inputs.dot("i,iu->u", w["kernel"]) + hidden.dot("h,hu->u", w["recurrent_kernel"])
        z = on.name("pre-activation", z + w["bias"] if self.use_bias else z, "unit")
        hidden = on.name("hidden state", activated(z, self.activation), "unit")
        return hidden, hidden


class LSTMCell(KernelCell, frozen=True, tag="LSTMCell"):
    """Long short-term memory: gates say what the cell state takes in, what it keeps, and what of it goes out."""

    initializers = {"recurrent_kernel": "orthogonal", "bias": "unit_forget"}

    recurrent_activation: Function = "sigmoid"

    gates = ("input gate", "forget gate", "candidate", "output gate")
    # The other one is of the cell state, too.
    activated_gates = {"recurrent_activation": ("input gate", "forget gate", "output gate")}

    def states(self) -> dict[str, int]:
        """Return the hidden state, which is the output too, and the cell state."""
        return {"hidden state": self.units, "cell state": self.units}

    def call(self, on: Writer, w: Weights, inputs: Value, hidden: Value, cell: Value) -> tuple[Value, ...]:
        """Write down the gates, the cell state and the hidden state."""
        z = inputs.dot("i,iu->u", w["kernel"]) + hidden.dot("h,hu->u", w["recurrent_kernel"])
        return through_gates(self, on, z + w["bias"] if self.use_bias else z, cell, "unit")


def through_gates(of: LSTMCell | ConvLSTM, on: Writer, z: Value, cell: Value, *axes: str) -> tuple[Value, ...]:
    """Write down the gates of an LSTM, which stand side by side in ``z``, its cell state and its hidden state."""
    into, keep, candidate, out = z.split(-1, 4)
    into = on.name("input gate", activated(into, of.recurrent_activation), *axes)
    keep = on.name("forget gate", activated(keep, of.recurrent_activation), *axes)
    candidate = on.name("candidate", activated(candidate, of.activation), *axes)
    cell = on.name("cell state", keep * cell + into * candidate, *axes)
    out = on.name("output gate", activated(out, of.recurrent_activation), *axes)
    hidden = on.name("hidden state", out * activated(cell, of.activation), *axes)
    return hidden, hidden, cell


class GRUCell(KernelCell, frozen=True, tag="GRUCell"):
    """Gated recurrent unit: a gate says how much of the state is kept, another what of it the candidate sees.

    With ``reset_after`` that is of the state times its kernel, and both kernels have a bias; otherwise of the state.
    """

    recurrent_activation: Function = "sigmoid"
    reset_after: bool = True

    gates = ("update gate", "reset gate", "candidate")
    activated_gates = {"activation": ("candidate",), "recurrent_activation": ("update gate", "reset gate")}

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return both kernels and, if it is used, the bias; with ``reset_after`` it has a row for each kernel."""
        weights = super().weights(*shapes)
        return weights | {"bias": (2, *weights["bias"])} if self.use_bias and self.reset_after else weights

    def call(self, on: Writer, w: Weights, inputs: Value, hidden: Value) -> tuple[Value, ...]:
        """Write down the gates, the candidate and the hidden state."""
        units, recurrent = self.units, w["recurrent_kernel"]
        x = inputs.dot("i,iu->u", w["kernel"])
        h = hidden.dot("h,hu->u", recurrent if self.reset_after else recurrent.slice(1, 0, 2 * units))
        if self.use_bias and self.reset_after:
            x, h = x + w["bias"].at(0, 0), h + w["bias"].at(0, 1)
        elif self.use_bias:
            x = x + w["bias"]
        update = activated(x.slice(0, 0, units) + h.slice(0, 0, units), self.recurrent_activation)
        update = on.name("update gate", update, "unit")
        reset = activated(x.slice(0, units, units) + h.slice(0, units, units), self.recurrent_activation)
        reset = on.name("reset gate", reset, "unit")
        if self.reset_after:
            seen = reset * h.slice(0, 2 * units, units)
        else:
            seen = (reset * hidden).dot("h,hu->u", recurrent.slice(1, 2 * units, units))
        candidate = on.name("candidate", activated(x.slice(0, 2 * units, units) + seen, self.activation), "unit")
        hidden = on.name("hidden state", update * hidden + (1.0 - update) * candidate, "unit")
        return hidden, hidden


class StackedRNNCells(Cell, frozen=True, tag="StackedRNNCells"):
    """Cells one upon the other: each gets the output of the one before it."""

    cells: tuple[Cell, ...]

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return its cells."""
        return {"cells": self.cells}

    def states(self) -> dict[str, int]:
        """Return the states of all cells, one cell after the other."""
        return {f"{cell.name}'s {state}": size for cell in self.cells for state, size in cell.states().items()}

    def call(self, on: Writer, w: Weights, inputs: Value, *states: Value) -> tuple[Value, ...]:
        """Call every cell with its own states."""
        if len({cell.name for cell in self.cells}) < len(self.cells):
            raise Refused(f"{self.name} expects cells of different names, got two called alike; give each its own")
        left = list(states)
        new: list[Value] = []
        for cell in self.cells:
            own = [left.pop(0) for _ in cell.states()]
            inputs, *made = on.results(cell, inputs, *own)
            new += made
        return inputs, *new


class OverSteps:
    """What runs a cell over the steps of a sequence, backwards if it says so; ``initial_state`` is 0 if it isn't given.

    A step that is masked leaves the states and the output as they were, or its output is 0 with
    ``zero_output_for_mask``. With ``return_state`` the states come after the output. Keras begins a batch of one
    that is stateful where the one before it ended; here every batch is the first, and it has no such setting.
    """

    __slots__ = ()

    name: str
    return_sequences: bool
    return_state: bool
    go_backwards: bool
    zero_output_for_mask: bool
    unroll: bool

    of_step: ClassVar[tuple[str, ...]] = ("features",)
    """The axes of what comes in at one step."""

    of_state: ClassVar[tuple[str, ...]] = ("unit",)
    """The axes of a state, and of the output at one step."""

    def states(self, step: Shape) -> dict[str, Shape]:
        """Return what its cell's states are called, with their shapes where each ``step`` has that one."""
        raise NotImplementedError

    def step(self, on: Writer, w: Weights) -> Callable[..., tuple[Value, ...]]:
        """Return what writes down one step of its cell, of the inputs and the states: the output, then new states."""
        raise NotImplementedError

    def call(
        self, on: Writer, w: Weights, sequences: Value, *initial_state: Value, mask: Value | None = None
    ) -> Results:
        """Write down all steps; of a step that is masked, too, what its cell would make of it."""
        passed = sequences.mask if mask is None else mask
        # Keras leaves the mask of the sequences alone if it is given a state too, unless the mask is given as well.
        sequences = sequences.with_mask(mask if initial_state else passed)
        self._check(sequences, initial_state)
        names, step = self.states(sequences.shape[1:]), self.step(on, w)
        states = list(initial_state) or [on.constant(np.zeros(shape)) for shape in names.values()]
        outputs: list[Value] = []
        for inputs in on.each_step(sequences, self.go_backwards):
            made, *new = step(inputs, *states)
            if inputs.mask is not None:
                counts = inputs.mask.reshape(*[1] * len(self.of_state))
                nothing = self.zero_output_for_mask or not outputs
                made = counts.each("where", made, 0.0 if nothing else outputs[-1])
                kept = [counts.each("where", one, old) for one, old in zip(new, states, strict=True)]
                new = [
                    on.name(f"{name} after mask", one, *self.of_state) for name, one in zip(names, kept, strict=True)
                ]
            states = new
            outputs.append(made)
        output = outputs[-1]
        if self.return_sequences:
            output = on.along(on.stack(outputs), "step", *self.of_state).with_mask(passed)
        return (output, *states) if self.return_state else output

    def leaves_activation(self, output: int) -> bool:
        """Return whether Keras leaves with an output what went into its activation: not where steps are a loop."""
        return self.unroll and (output > 0 or not self.return_sequences)

    def _check(self, sequences: Value, initial_state: tuple[Value, ...]) -> None:
        if sequences.rank != 1 + len(self.of_step) or sequences.shape[0] == 0:
            axes = ", ".join(("steps", *self.of_step))
            raise Refused(f"{self.name} expects inputs of ({axes}), got the shape {sequences.shape}")
        if sequences.mask is not None and sequences.mask.shape != sequences.shape[:1]:
            raise Refused(f"{self.name} expects a mask of (steps,), got one of the shape {sequences.mask.shape}")
        got, expected = [state.shape for state in initial_state], list(self.states(sequences.shape[1:]).values())
        if got and got != expected:
            raise Refused(f"{self.name} expects initial states of the shapes {expected}, got {got}")


class RNN(OverSteps, Layer, frozen=True, tag="RNN"):
    """Any cell, step by step."""

    cell: Cell
    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False

    def states(self, step: Shape) -> dict[str, Shape]:
        """Return its cell's states."""
        return {name: (size,) for name, size in self.cell.states().items()}

    def parts(self) -> dict[str, Layer | tuple[Layer, ...]]:
        """Return its cell."""
        return {"cell": self.cell}

    def step(self, on: Writer, w: Weights) -> Callable[..., tuple[Value, ...]]:
        """Return what calls the cell."""
        return partial(on.results, self.cell)


class Recurrent(OverSteps, CellSettings, frozen=True):
    """A cell of one ``kind`` step by step, with its settings and weights."""

    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False

    kind: ClassVar[type[KernelCell]]

    kept_in = {"": "cell/"}

    @property
    def cell(self) -> KernelCell:
        """The cell."""
        return self.kind(**{name: getattr(self, name) for name in self.kind.__struct_fields__})

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the weights of its cell."""
        return self.cell.weights(*shapes)

    def times_before(self, setting: str, factor: float) -> dict[str, float | Array]:
        """Return what its cell's arrays are multiplied by."""
        return self.cell.times_before(setting, factor)

    def side_by_side(self, weight: str) -> tuple[str, ...]:
        """Return the gates of its cell."""
        return self.cell.side_by_side(weight)

    def states(self, step: Shape) -> dict[str, Shape]:
        """Return its cell's states."""
        return {name: (size,) for name, size in self.cell.states().items()}

    def step(self, on: Writer, w: Weights) -> Callable[..., tuple[Value, ...]]:
        """Return the cell's arithmetic."""
        return partial(self.cell.call, on, w)


class SimpleRNN(Recurrent, frozen=True, tag="SimpleRNN"):
    """The simplest cell, step by step."""

    kind = SimpleRNNCell


class LSTM(Recurrent, frozen=True, tag="LSTM"):
    """Long short-term memory, step by step (Hochreiter and Schmidhuber, 1997)."""

    initializers = {"recurrent_kernel": "orthogonal", "bias": "unit_forget"}

    recurrent_activation: Function = "sigmoid"

    kind = LSTMCell


class GRU(Recurrent, frozen=True, tag="GRU"):
    """Gated recurrent units, step by step (Cho et al., 2014)."""

    recurrent_activation: Function = "sigmoid"
    reset_after: bool = True

    kind = GRUCell
