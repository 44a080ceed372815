"""Keras as the oracle of one layer: the same settings, weights and sources, and everything that a layer answers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
import tensorflow as tf

from core.calculation.rounding import EXACT
from core.layers.config import keras_config
from core.layers.writer import Writer
from core.operations.run import Ready, trace
from core.operations.slopes import slopes

if TYPE_CHECKING:
    from core.arrays import Array
    from core.layers.layer import Layer
    from core.operations.operation import Shape
    from core.operations.program import Value

POINTS = 2
"""How many points are calculated at once."""

UNFOLDED = 8
"""How many numbers of a calculation are opened into their terms."""


@dataclass(frozen=True)
class Case:
    """A layer with the shapes of its sources, without the batch, and what is special about them.

    ``masked`` has, for each source that has a mask, its place; ``whole`` sources have whole numbers below that. A list
    of sources goes to Keras as a list if ``listed``; the last ``states`` sources are a recurrent layer's states, and
    then the mask is given to the call by name if ``by_name``. ``smooth`` is False where a slope is not defined
    everywhere.
    """

    layer: Layer
    shapes: tuple[Shape, ...]
    masked: tuple[int, ...] = ()
    whole: int = 0
    listed: bool = False
    states: int = 0
    by_name: bool = False
    smooth: bool = True
    seed: int = 0
    weights: dict[str, Any] = field(default_factory=dict)
    """Weight's name -> a function that makes what is drawn fit for it: a variance is above 0, say."""


@dataclass(frozen=True)
class Said:
    """What Keras made: its outputs, its mask, and the slopes of the outputs, added up, to sources and weights."""

    outputs: list[Any]
    mask: Any
    slopes: list[Any]


class Calculated:
    """A case calculated here and by Keras."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._random = np.random.default_rng(case.seed)
        self.on = Writer()
        self.sources = [self.on.input(shape) for shape in case.shapes]
        masks = [self.on.input(case.shapes[at][:1]) for at in case.masked]
        for at, mask in zip(case.masked, masks, strict=True):
            self.sources[at].mask = mask
        made = self.on.call(case.layer, *self.sources, **({"mask": masks[0]} if case.by_name else {}))
        self.outputs: tuple[Value, ...] = made if isinstance(made, tuple) else (made,)
        self.points = [self._drawn(shape) for shape in case.shapes]
        self.masks = [self._mask(case.shapes[at][0]) for at in case.masked]
        self.weights = {value.number: self._weight(weight.name, value) for weight, value in self.on.weights.items()}
        self._given = [*self.sources, *masks]

    def _drawn(self, shape: Shape) -> Any:
        whole = (POINTS, *shape)
        numbers = (
            self._random.integers(0, self.case.whole, whole) if self.case.whole else self._random.normal(size=whole)
        )
        return numbers.astype(np.float32)

    def _mask(self, steps: int) -> Any:
        lengths = self._random.integers(0, steps + 1, POINTS)
        mask = np.arange(steps) < lengths[:, np.newaxis]
        # One mask is not just the first steps.
        mask[0] = self._random.random(steps) < 0.6
        return mask

    def _weight(self, name: str, value: Value) -> Any:
        numbers = self._random.normal(size=value.shape) * 0.7
        return self.case.weights.get(name, lambda drawn: drawn)(numbers).astype(np.float32)

    def ours(self) -> list[Array]:
        """Return the outputs of all points."""
        wanted = [value.number for value in self.outputs]
        ready = Ready(self.on.program, self.weights, [value.number for value in self._given], wanted)
        given = [np.asarray(array, dtype=np.float64) for array in (*self.points, *self.masks)]
        return [
            np.broadcast_to(made, (POINTS, *value.shape))
            for made, value in zip(ready(*given), self.outputs, strict=True)
        ]

    def keras(self) -> Said:
        """Return what Keras makes of the same."""
        layer = keras.layers.deserialize(keras_config(self.case.layer))
        # Keras takes whole numbers for indices.
        tensors = [tf.constant(point, dtype="int32" if self.case.whole else "float32") for point in self.points]
        for at, mask in zip(self.case.masked, self.masks, strict=True):
            keras.src.backend.set_keras_mask(tensors[at], tf.constant(mask))

        def called() -> Any:
            if self.case.states:
                by_name = {"mask": tf.constant(self.masks[0])} if self.case.by_name else {}
                return layer(tensors[0], self._states(layer, tensors[1:]), **by_name)
            return layer(tensors if self.case.listed else tensors[0], *([] if self.case.listed else tensors[1:]))

        called()
        layer.set_weights([np.asarray(self.weights[value.number]) for value in self.on.weights.values()])
        with tf.GradientTape() as tape:
            watched = [] if self.case.whole else tensors
            tape.watch(watched)
            made = called()
            outputs = keras.tree.flatten(made)
            total = sum(tf.reduce_sum(output) for output in outputs)
        mask = keras.src.backend.get_keras_mask(outputs[0])
        variables = [variable.value for variable in layer.weights]
        return Said([np.array(output) for output in outputs], mask, tape.gradient(total, [*watched, *variables]))

    def _states(self, layer: Any, states: list[Any]) -> Any:
        """Return states as Keras takes them: a list, with a list of its own for every cell of a stack."""
        ways = [layer.forward_layer, layer.backward_layer] if hasattr(layer, "merge_mode") else [layer]
        like = [state for way in ways for state in way.get_initial_state(batch_size=POINTS)]
        return keras.tree.pack_sequence_as(like, states)

    def our_slopes(self) -> list[Array]:
        """Return how fast the outputs, added up, change with each source and each weight; of weights over all points."""
        sources = [] if self.case.whole else self.sources
        weights = list(self.on.weights.values())
        total = self.outputs[0].reshape(-1).over("sum", 0)
        for output in self.outputs[1:]:
            total = total + output.reshape(-1).over("sum", 0)
        found = slopes(total, [*sources, *weights])
        ready = Ready(
            self.on.program, self.weights, [value.number for value in self._given], [one.number for one in found]
        )
        given = [np.asarray(array, dtype=np.float64) for array in (*self.points, *self.masks)]
        made = [np.broadcast_to(one, (POINTS, *value.shape)) for one, value in zip(ready(*given), found, strict=True)]
        return [*made[: len(sources)], *(one.sum(axis=0) for one in made[len(sources) :])]

    def of_one(self) -> list[Array]:
        """Return every value of the first point."""
        given = {
            value.number: array
            for value, array in zip(self._given, (p[0] for p in (*self.points, *self.masks)), strict=True)
        }
        return trace(self.on.program, {**given, **self.weights}, EXACT, {})


def check(case: Case) -> float:
    """Hold a case against Keras, its terms against its numbers and its bounds against Keras's float32.

    Returns the largest difference to Keras's outputs, as a share of the largest output.
    """
    calculated = Calculated(case)
    values = calculated.of_one()
    _check_terms(calculated, values)
    said, ours = calculated.keras(), calculated.ours()
    off = _offs(calculated, values)
    worst = 0.0
    for made, right, value in zip(ours, said.outputs, calculated.outputs, strict=True):
        assert made.shape == right.shape
        # A small output may be the difference of numbers of size 1.
        scale = max(float(np.abs(right).max(initial=0.0)), 1e-2)
        worst = max(worst, float(np.abs(made - right).max(initial=0.0)) / scale)
        np.testing.assert_allclose(values[value.number], made[0], rtol=1e-9, atol=1e-9 * scale)
        assert (np.abs(made[0] - right[0]) <= off[value.number]).all(), "float32 is farther off than its bound"
    assert worst <= 1e-5
    _check_mask(calculated, said, values)
    if case.smooth:
        _check_slopes(calculated, said)
    return worst


def _check_terms(calculated: Calculated, values: list[Array]) -> None:
    lines = calculated.on.program.lines
    made = [at for at, line in enumerate(lines) if line.operation is not None and values[at].size]
    for number in np.random.default_rng(calculated.case.seed).choice(made, min(UNFOLDED, len(made)), replace=False):
        operation = lines[number].operation
        assert operation is not None
        index = tuple(size // 2 for size in values[number].shape)
        sources = [values[source] for source in lines[number].sources]
        factors = operation.terms(index, sources).factors
        joined = operation.joined(EXACT, *(places.of(sources) for places in factors))
        np.testing.assert_allclose(joined, values[number][index], rtol=1e-9, atol=1e-12)


def _check_mask(calculated: Calculated, said: Said, values: list[Array]) -> None:
    mask = calculated.outputs[0].mask
    assert (mask is None) == (said.mask is None)
    if mask is not None:
        np.testing.assert_array_equal(values[mask.number] != 0.0, np.array(said.mask)[0])


def _check_slopes(calculated: Calculated, said: Said) -> None:
    for ours, theirs in zip(calculated.our_slopes(), said.slopes, strict=True):
        right = np.zeros(ours.shape) if theirs is None else np.array(tf.convert_to_tensor(theirs))
        scale = max(float(np.abs(right).max(initial=0.0)), 1e-2)
        np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-4 * scale)


def _offs(calculated: Calculated, values: list[Array]) -> list[Array]:
    """Return how far float32 may be off from every value of the first point."""
    offs: list[Array] = []
    with np.errstate(all="ignore"):
        for number, line in enumerate(calculated.on.program.lines):
            if line.operation is None:
                offs.append(np.abs(values[number] - values[number].astype(np.float32)))
            else:
                sources, before = ([each[source] for source in line.sources] for each in (values, offs))
                offs.append(line.operation.off(values[number], sources, before))
    return offs
