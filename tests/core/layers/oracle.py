"""Keras as the oracle of one layer: the same settings, weights and sources, and everything that a layer answers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
import tensorflow as tf

from core.calculation.expression import Expression, Formula, Gathered, Leaf, Opener, Place
from core.engine.earlier_layers import EARLIER, with_earlier
from core.layers.writer import Writer
from core.model.files.written_config import keras_config
from core.operations.bounds import offs
from core.operations.functions import FUNCTIONS
from core.operations.rounding import EXACT
from core.operations.run import Ready, Tracer
from core.operations.slopes import slopes

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    ``masked`` has, for each source that has a mask, its place; masks are of a source's first ``mask_axes``; ``whole``
    sources have whole numbers below that. A list of sources goes to Keras as a list if ``listed``; ``arguments`` have
    names, for instance ``use_causal_mask``.
    ``named`` are the last sources' names, if they have some; these are marks, 1 or 0. The last ``states`` sources are a
    recurrent layer's states, and then the mask is given to the call by name if ``by_name``. ``smooth`` is False where a
    slope is not defined everywhere. ``centre`` is what numbers of sources are drawn around.
    """

    layer: Layer
    shapes: tuple[Shape, ...]
    masked: tuple[int, ...] = ()
    mask_axes: int = 1
    whole: int = 0
    listed: bool = False
    states: int = 0
    by_name: bool = False
    smooth: bool = True
    seed: int = 0
    named: tuple[str, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)
    centre: float = 0.0
    weights: dict[str, Any] = field(default_factory=dict)
    """Weight's name -> a function that makes what is drawn fit for it: a variance is above 0, say."""


@dataclass(frozen=True)
class Said:
    """What Keras made: its outputs, its mask, and the slopes of what the outputs come to, to sources and weights."""

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
        masks = [self.on.input(case.shapes[at][: case.mask_axes]) for at in case.masked]
        for at, mask in zip(case.masked, masks, strict=True):
            self.sources[at].mask = mask
        self.unnamed = len(case.shapes) - len(case.named)
        named = dict(zip(case.named, self.sources[self.unnamed :], strict=True))
        named |= {"mask": masks[0]} if case.by_name else {}
        made = self.on.call(case.layer, *self.sources[: self.unnamed], **named, **case.arguments)
        self.outputs: tuple[Value, ...] = made if isinstance(made, tuple) else (made,)
        self.points = [self._drawn(shape) for shape in case.shapes[: self.unnamed]]
        marks = [self._random.integers(0, 2, (POINTS, *shape)) for shape in case.shapes[self.unnamed :]]
        self.points += [one.astype(np.float32) for one in marks]
        self.masks = [self._mask(case.shapes[at][: case.mask_axes]) for at in case.masked]
        self.weights = {value.number: self._weight(weight.name, value) for weight, value in self.on.weights.items()}
        places = {(case.layer.name, *names): at for at, names in enumerate(((), *case.layer.names_within()))}
        self._in_order = sorted(self.on.weights.items(), key=lambda held: places[held[0].layer])
        self._given = [*self.sources, *masks]

    def _drawn(self, shape: Shape) -> Any:
        whole = (POINTS, *shape)
        numbers = (
            self._random.integers(0, self.case.whole, whole)
            if self.case.whole
            else self._random.normal(self.case.centre, size=whole)
        )
        return numbers.astype(np.float32)

    def _mask(self, shape: Shape) -> Any:
        lengths = self._random.integers(0, shape[-1] + 1, (POINTS, *shape[:-1], 1))
        mask = np.arange(shape[-1]) < lengths
        # One mask is not just the first steps.
        mask[0] = self._random.random(shape) < 0.6
        return mask

    def _weight(self, name: str, value: Value) -> Any:
        numbers = self._random.normal(size=value.shape) * 0.7
        made = self.case.weights.get(name, lambda drawn: drawn)(numbers)
        return np.asarray(made, dtype=np.float32).astype(np.float64)

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
        layer = keras.saving.deserialize_keras_object(with_earlier(keras_config(self.case.layer)), EARLIER)
        # Keras takes whole numbers for indices.
        tensors = [tf.constant(point, dtype="int32" if self.case.whole else "float32") for point in self.points]
        named = dict(zip(self.case.named, tensors[self.unnamed :], strict=True))
        sources = tensors[: self.unnamed]
        # Those that augment take themselves to be trained unless they are told.
        told = {"training": False} if layer._call_has_training_arg else {}

        def called() -> Any:
            # Some layers take the masks from their sources.
            for at, mask in zip(self.case.masked, self.masks, strict=True):
                keras.src.backend.set_keras_mask(tensors[at], tf.constant(mask))
            if self.case.states:
                by_name = {"mask": tf.constant(self.masks[0])} if self.case.by_name else {}
                # A state of images is as large as they are, which the layer must know first.
                if not layer.built and isinstance(layer, keras.layers.RNN):
                    layer.build(tensors[0].shape)
                return layer(tensors[0], self._states(layer, tensors[1:]), **by_name)
            return layer(*([sources] if self.case.listed else sources), **named, **told, **self.case.arguments)

        # To build it; one that goes step by step takes long over a call, and is built by the shape alone.
        if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
            layer.build(tensors[0].shape)
        elif self._in_order:
            called()
        layer.set_weights([np.asarray(self.weights[value.number]) for _, value in self._in_order])
        watched = [] if self.case.whole else tensors
        variables = [variable.value for variable in layer.weights]
        with tf.GradientTape() as tape:
            tape.watch([one for one in (*watched, *variables) if one.dtype.is_floating])
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()
            made = called()
            outputs = keras.tree.flatten(made)
            total = sum(
                tf.reduce_sum(tf.cast(output, "float32") * tf.constant(_factors(output.shape[1:])))
                for output in outputs
            )
        mask = keras.src.backend.get_keras_mask(outputs[0])
        return Said([np.array(output) for output in outputs], mask, tape.gradient(total, [*watched, *variables]))

    def _states(self, layer: Any, states: list[Any]) -> Any:
        """Return states as Keras takes them: a list, with a list of its own for every cell of a stack."""
        ways = [layer.forward_layer, layer.backward_layer] if hasattr(layer, "merge_mode") else [layer]
        like = [state for way in ways for state in way.get_initial_state(batch_size=POINTS)]
        return keras.tree.pack_sequence_as(like, states)

    def our_slopes(self) -> list[Array]:
        """Return how fast the outputs, added up, change with each source and, over all points, each weight."""
        sources = [] if self.case.whole else self.sources
        weights = [value for _, value in self._in_order]
        parts = [output * self.on.constant(_factors(output.shape)) for output in self.outputs]
        total = reduce(lambda one, other: one + other, [part.reshape(-1).over("sum", 0) for part in parts])
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
        return Tracer(self.on.program)({**given, **self.weights}, EXACT, {})


def _factors(shape: Sequence[int]) -> Any:
    """Return what each number of an output counts: not all the same, since shares always come to 1, say."""
    return np.cos(np.arange(np.prod(shape, dtype=int)) + 0.5).reshape(shape).astype(np.float32)


def check(case: Case) -> float:
    """Hold a case against Keras, its terms against its numbers and its bounds against Keras's float32.

    Returns the largest difference to Keras's outputs, as a share of the largest output.
    """
    calculated = Calculated(case)
    values = calculated.of_one()
    _check_terms(calculated, values)
    _check_unfolded(calculated, values)
    said, ours = calculated.keras(), calculated.ours()
    off = offs(calculated.on.program, values)
    worst = 0.0
    for made_of, said_of, value in zip(ours, said.outputs, calculated.outputs, strict=True):
        assert made_of.shape == said_of.shape
        np.testing.assert_array_equal(np.isnan(made_of), np.isnan(said_of))
        # What is no number in both differs by nothing.
        made, right = np.nan_to_num(made_of), np.nan_to_num(said_of)
        # A small output may be the difference of numbers of size 1.
        scale = max(float(np.abs(right).max(initial=0.0)), 1e-2)
        worst = max(worst, float(np.abs(made - right).max(initial=0.0)) / scale)
        np.testing.assert_allclose(values[value.number], made_of[0], rtol=1e-9, atol=1e-9 * scale)
        assert (np.abs(made[0] - right[0]) <= np.nan_to_num(off[value.number])).all(), (
            "float32 is farther off than its bound"
        )
    assert worst <= 1e-5
    _check_mask(calculated, said, values)
    if case.smooth:
        _check_slopes(calculated, said)
    return worst


def _check_unfolded(calculated: Calculated, values: list[Array]) -> None:
    """Open numbers that are written down, and calculate them again from their leaves alone."""
    program = calculated.on.program
    opener, random = Opener(program, values, EXACT), np.random.default_rng(calculated.case.seed)
    names = [number for number in program.names if values[number].size]
    for number in random.choice(names, min(UNFOLDED, len(names)), replace=False):
        index = tuple(int(random.integers(size)) for size in values[number].shape)
        again = _calculated_again(opener.open(Place(int(number), index)), opener)
        np.testing.assert_allclose(again, values[number][index], rtol=1e-9, atol=1e-9)


def _calculated_again(expression: Expression, opener: Opener) -> Any:
    match expression:
        case Leaf(number, place):
            assert place is None or opener.number(place) == number
            return number
        case Formula(_, function, parts):
            arrays = [np.array(_calculated_again(part, opener)) for part in parts]
            with np.errstate(all="ignore"):
                return FUNCTIONS[function].of(*arrays)
        case Gathered():
            terms = [
                np.prod([_calculated_again(part, opener) for part in expression.term(at)])
                for at in range(len(expression))
            ]
            np.testing.assert_allclose(terms, expression.numbers, rtol=1e-9, atol=1e-12)
            gathered: Any = {"mean": np.mean, "largest": np.max, "smallest": np.min}.get(expression.how, np.sum)
            return gathered(terms)


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
        scale = max(float(np.abs(right).max(initial=0.0)), 1e-1)
        np.testing.assert_allclose(ours, right, rtol=1e-4, atol=1e-4 * scale)
