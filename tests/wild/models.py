"""Random Keras models, drawn by a seed: branches, shared layers, models within called again, masks, states, operations.

What Keras refuses while a model is drawn is drawn otherwise.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from tests.wild.draws import Draws, Layers
from tests.wild.numbers import LENGTH, WORDS, floating, give_weights
from tests.wild.rarer import counted, rare_operation

import keras  # isort: skip
import numpy as np
from keras import layers as kl
from keras import ops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.wild.draws import Shape

    Step = tuple[Sequence[Any], Any]
    """What a call was given, and what it made."""

MOST = 100
"""Numbers that a tensor has at most."""

CANT = (ValueError, TypeError, NotImplementedError, AttributeError, IndexError, ZeroDivisionError)
"""What Keras, or TensorFlow, raises for layers and shapes that don't fit."""

WHOLE_INPUTS: tuple[Shape, ...] = ((4,), (None,), (4,), (None,), (3,), (), (2, 3), (None, 2))
RANKS = (1, 1, 2, 2, 2, 3, 3, 4, 5)


@dataclass
class Scope:
    """The tensors of one model that is being drawn, and what has been made of its inputs."""

    tensors: list[Any]
    used: set[int] = field(default_factory=set)
    layers: list[tuple[Any, int]] = field(default_factory=list)
    """Layers that may be called again, with the rank that they take; -1 is whole numbers."""


class Models(Draws):
    """Draws models; ``scopes`` are those that are under way, the innermost last."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.layers = Layers(seed, self.within)
        self.layers.random = self.random
        self.scopes: list[Scope] = []

    @property
    def scope(self) -> Scope:
        return self.scopes[-1]

    def whole_model(self) -> Any:
        inputs = list(self._inputs())
        if self.chance(0.2) and len(inputs) == 1 and floating(inputs[0]):
            return self._sequential(inputs[0].shape[1:])
        return self._functional(inputs, self.whole(3, 12), self.one([1, 2, 3, 4]))

    def within(self, shapes: Sequence[Shape], sequential: bool) -> Any:
        """Return a model that is called as a layer, some frozen with all that is in them."""
        if sequential:
            model = self._sequential(shapes[0])
        else:
            model = self._functional([keras.Input(shape) for shape in shapes], self.whole(1, 4), self.one([1, 1, 2]))
        if self.chance(0.15):
            model.trainable = False
        return model

    def _inputs(self) -> Iterator[Any]:
        for at in range(self.one([1, 1, 2, 3])):
            if self.chance(0.25):
                dtype = self.one(["int32", "int64", "int32", "uint8", "bool", *["float32"] * self.chance(0.1)])
                yield keras.Input(self.one(WHOLE_INPUTS), dtype=dtype, name=f"in{at}")
                continue
            rank = self.one(RANKS)
            sizes: list[int | None] = [self.whole(1, 4 if rank > 2 else 5) for _ in range(rank)]
            if rank > 1 and self.chance(0.3):
                sizes[self.whole(0, rank - 2)] = None
            yield keras.Input(tuple(sizes), name=f"in{at}")

    @contextmanager
    def _scope(self, tensors: Sequence[Any]) -> Iterator[None]:
        self.scopes.append(Scope(list(tensors)))
        try:
            yield
        finally:
            self.scopes.pop()

    def _sequential(self, given: Shape) -> Any:
        layers, shape = list[Any](), given
        with self._scope([]):
            for _ in range(self.whole(1, 4) * 4):
                try:
                    deeper = len(self.scopes) < 3 and self.chance(0.2)
                    layer = self.within([shape], self.chance(0.4)) if deeper else self.layers.of_shape(shape)
                    made = layer(keras.Input(shape))
                except CANT:
                    continue
                if not isinstance(made, list | tuple) and fits(made) and all(layer.name != one.name for one in layers):
                    layers.append(layer)
                    shape = tuple(made.shape[1:])
                if len(layers) == 4:
                    break
        return keras.Sequential([keras.Input(given), *(layers or [kl.Identity()])])

    def _functional(self, inputs: Sequence[Any], steps: int, outputs: int) -> Any:
        with self._scope(inputs):
            left = steps
            for _ in range(steps * 6):
                if not left:
                    break
                try:
                    sources, results = self._step()
                except CANT:
                    continue
                made = [one for one in keras.tree.flatten(results) if one is not None]
                if made and all(map(fits, made)):
                    left -= 1
                    self.scope.used.update(map(id, sources))
                    self.scope.tensors += made
            ends = self._ends(inputs, outputs)
        return keras.Model(self._structure("in", inputs), self._structure("out", ends))

    def _structure(self, name: str, tensors: Sequence[Any]) -> Any:
        """Return the ends of a model as Keras takes them: one alone or in a list, several in a list or by names."""
        if len(self.scopes) == 0 and self.chance(0.15):
            return {f"{name}_{letter}": one for letter, one in zip("cadbe", tensors, strict=False)}
        return list(tensors) if len(tensors) > 1 or self.chance(0.1) else tensors[0]

    def _ends(self, inputs: Sequence[Any], outputs: int) -> list[Any]:
        """Return the last tensors that nothing was made of, now and then one more."""
        given, tensors = {id(one) for one in inputs}, self.scope.tensors
        made = [one for one in tensors if floating(one) and id(one) not in given]
        ends = [one for one in made if id(one) not in self.scope.used][-outputs:]
        if not ends:
            last = tensors[-1]
            return [kl.Dense(2)(last) if floating(last) and last.shape[1:] else kl.Embedding(WORDS, 2)(last)]
        more = [one for one in made if all(one is not end for end in ends)]
        return [*ends, self.one(more)] if more and self.chance(0.1) else ends

    def _pick(self, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return a tensor of numbers: rather one made late, and rather one that nothing was made of yet."""
        fitting = [one for one in self.scope.tensors if floating(one) and fits(one)]
        if not fitting:
            raise ValueError("there is none")
        unused = np.array([id(one) not in self.scope.used for one in fitting])
        weights = np.arange(1, len(fitting) + 1) * np.where(unused, 5.0, 1.0)
        return fitting[int(self.random.choice(len(fitting), p=weights / weights.sum()))]

    # One call, or several that belong together

    def _step(self) -> Step:
        words = [one for one in self.scope.tensors if not floating(one)]
        if words and self.chance(0.5 if len(words) < len(self.scope.tensors) else 1.0):
            return self._of_whole(self.one(words)) if self.chance(0.3) else self._embedded(self.one(words))
        source, kind = self._pick(), self.random.random()
        axes = len(source.shape) - 1
        if not axes:
            return [source], source * 1.5 + 0.5
        ways: list[tuple[float, bool, Callable[[Any], Step]]] = [
            (0.14, bool(self.scope.layers), self._shared),
            (0.34, True, self._merged),
            (0.46, axes >= 2, self._attended),
            (0.54, True, self._operated),
            (0.68, len(self.scopes) < 3, self._of_model),
            (0.72, axes == 2, self._with_states),
        ]
        return next((way for until, can, way in ways if kind < until and can), self._called)(source)

    def _called(self, source: Any) -> Step:
        layer = self.layers.of_shape(tuple(source.shape[1:]))
        flags: dict[str, Any] = {"training": False} if self.chance(0.05) and takes_training(layer) else {}
        if self.chance(0.3) and axes_of_mask(layer, source):
            flags["mask"] = self._mask(axes_of_mask(layer, source), source)
        made = layer(source, **flags)
        self.scope.layers.append((layer, len(source.shape)))
        return [source], made

    def _mask(self, axes: int, source: Any) -> Any:
        """Return a mask of so many axes of a tensor, without the batch, made of any tensor that has these."""

        def alike(one: Any) -> bool:
            same = tuple(one.shape[: 1 + axes]) == tuple(source.shape[: 1 + axes])
            return same and len(one.shape) in (1 + axes, 2 + axes)

        of = self._pick(alike)
        mask = ops.greater(of, -0.8)
        return mask if len(of.shape) == 1 + axes else ops.any(mask, axis=-1)

    def _embedded(self, words: Any) -> Step:
        known = [layer for layer, rank in self.scope.layers if rank == -1]
        layer = self.one(known) if known and self.chance(0.4) else None
        if layer is None:
            layer = self.layers.varied(kl.Embedding(WORDS, self.whole(1, 4), mask_zero=self.chance(0.6)))
            self.scope.layers.append((layer, -1))
        return [words], layer(words)

    def _of_whole(self, whole: Any) -> Step:
        """Give whole numbers, or truths, to what takes numbers."""
        if self.chance(0.3):
            made = self.one([
                lambda: whole / 4, lambda: whole * 0.5, lambda: 1.5 - whole, lambda: whole + whole,
                lambda: ops.cast(whole, "float32"), lambda: ops.square(whole), lambda: ops.abs(whole),
                lambda: ops.cast(ops.cast(whole, "bool"), "float32"), lambda: ops.maximum(whole, 3),
                lambda: whole - 3, lambda: -whole, lambda: ops.relu(whole), lambda: ops.exp(whole),
                lambda: ops.sigmoid(whole),
            ])()  # fmt: skip
            return [whole], made
        if self.chance(0.3):
            return [whole], counted(self, whole)
        layer = self.layers.of_shape(tuple(whole.shape[1:]))
        if isinstance(layer, kl.ActivityRegularization):
            raise ValueError("Keras adds up penalties of whole numbers as whole numbers")
        return [whole], layer(whole)

    def _shared(self, _source: Any) -> Step:
        layer, rank = self.one(self.scope.layers)
        source = self._pick(lambda one: len(one.shape) == rank)
        return [source], layer(source)

    def _of_model(self, source: Any) -> Step:
        """Call a model, sometimes a second time with something else of the same shape."""
        others = [self._pick()] if self.chance(0.3) else []
        shapes = [tuple(one.shape[1:]) for one in (source, *others)]
        if () in shapes:
            raise ValueError("a model within is of tensors with axes")
        model = self.within(shapes, not others and self.chance(0.5))
        sources, flags = [source, *others], {"training": False} if self.chance(0.15) else {}
        made = [model(sources if others else source, **flags)]
        if self.chance(0.4):
            again = [self._pick(lambda one: tuple(one.shape[1:]) == shapes[0]), *others]
            made.append(model(again if others else again[0]))
            sources += again
        return sources, made

    def _merged(self, source: Any) -> Step:
        rank = len(source.shape)
        if self.chance(0.3):
            axis = self.whole(1, rank - 1)

            def along(one: Any) -> bool:
                pairs = enumerate(zip(one.shape, source.shape, strict=False))
                return len(one.shape) == rank and all(a == b for at, (a, b) in pairs if at != axis)

            sources = [source, self._pick(along), *([self._pick(along)] if self.chance(0.2) else [])]
            return sources, kl.Concatenate(self.one([axis, axis - rank]))(sources)
        if self.chance(0.15):
            other = self._pick()
            axes = self.one([-1, (self.whole(1, rank - 1), self.whole(1, len(other.shape) - 1))])
            return [source, other], kl.Dot(axes, normalize=self.chance(0.3))([source, other])
        kind = self.one([kl.Add, kl.Subtract, kl.Multiply, kl.Average, kl.Maximum, kl.Minimum])

        def like(one: Any) -> bool:
            return one.shape == source.shape or self.chance(0.15)

        sources = [
            source,
            self._pick(like),
            *([self._pick(like)] if kind is not kl.Subtract and self.chance(0.2) else []),
        ]
        return sources, kind()(sources)

    def _attended(self, source: Any) -> Step:
        rank = len(source.shape)
        names = {"use_causal_mask": 0.3, "return_attention_scores": 0.2}
        flags: dict[str, Any] = {name: True for name, share in names.items() if self.chance(share)}
        if self.chance(0.5):
            value = self._pick(lambda one: len(one.shape) == rank)
            layer = kl.MultiHeadAttention(
                self.whole(1, 2),
                self.whole(2, 3),
                self.one([None, 2, 3]),
                use_bias=self.chance(0.7),
                output_shape=self.one([None, None, 3]),
                attention_axes=(self.whole(1, rank - 2),) if rank > 3 and self.chance(0.5) else None,
            )
            sources = [source, value, *[value] * self.chance(0.3)]
            if rank == 3 and source.shape[1] and source.shape[1] == value.shape[1] and self.chance(0.2):
                seen = self._pick(lambda one: tuple(one.shape[1:]) == (source.shape[1],) * 2)
                flags["attention_mask"] = ops.greater(seen, -0.5)
            return sources, self.layers.varied(layer)(*sources, **flags)
        value = self._pick(lambda one: len(one.shape) == rank and one.shape[-1] == source.shape[-1])
        sources = [source, value, *[value] * self.chance(0.3)]
        if self.chance(0.2):
            masks = [self.one([None, self._mask(rank - 2, one)]) for one in (source, value)]
            flags["mask"] = [*masks, *[None] * (len(sources) - 2)]
        if self.chance(0.6):
            return sources, kl.Attention(self.chance(0.5), self.one(["dot", "concat"]))(sources, **flags)
        return sources, kl.AdditiveAttention(self.chance(0.6))(sources, **flags)

    def _operated(self, source: Any) -> Step:
        other, rank = self._pick(lambda one: one.shape == source.shape), len(source.shape)
        if self.chance(0.5):
            return [source, other], rare_operation(self, source, other)
        choices: list[Callable[[], Any]] = [
            lambda: source + other, lambda: source * 2.5 - other, lambda: 1.0 - source, lambda: -source,
            lambda: source / (ops.abs(other) + 1.0), lambda: ops.exp(-ops.abs(source)), lambda: ops.square(source),
            lambda: ops.maximum(source, other), lambda: ops.minimum(source, 0.5), lambda: ops.tanh(source * 0.5),
            lambda: ops.sqrt(ops.abs(source) + 0.25), lambda: ops.log(ops.square(source) + 1.0),
            lambda: ops.relu(source), lambda: ops.cast(ops.cast(source, "int32"), "float32"),
            lambda: ops.cast(ops.greater(source, other), "float32"), lambda: ops.sigmoid(source),
            lambda: ops.softmax(source),
            lambda: ops.expand_dims(source, self.whole(1, rank - 1)),
            lambda: ops.concatenate([source, other], axis=self.one([-1, 1])),
        ]  # fmt: skip
        return [source, other], self.one(choices)()

    def _with_states(self, source: Any) -> Step:
        """Call a recurrent layer with the states that another one ended in, perhaps with a mask of its own."""
        units, kind = self.whole(1, 3), self.one([kl.LSTM, kl.GRU, kl.SimpleRNN])
        other, both = self._pick(lambda one: len(one.shape) == 3), self.chance(0.3)
        first = kind(units, return_state=True, return_sequences=self.chance(0.5))
        second = kind(units, return_sequences=self.chance(0.5), go_backwards=self.chance(0.3) and not both)
        first, second = (kl.Bidirectional(first), kl.Bidirectional(second)) if both else (first, second)
        made, *states = first(source)
        mask = {"mask": ops.any(ops.not_equal(other, 0.0), axis=-1)} if self.chance(0.3) and not both else {}
        return [source, other], [made, second(other, initial_state=states, **mask)]


def axes_of_mask(layer: Any, source: Any) -> int:
    """Return of how many axes a layer takes a mask by name, without the batch; 0 if it takes none."""
    if isinstance(layer, kl.Softmax):
        return len(source.shape) - 1
    return int(layer._call_has_mask_arg and len(source.shape) > 2)


def takes_training(layer: Any) -> bool:
    return bool(layer._call_has_training_arg)


def fits(tensor: Any) -> bool:
    shape = tensor.shape[1:]
    size = prod(LENGTH if one is None else one for one in shape)
    return len(shape) <= 5 and 0 < size <= MOST and floating(tensor)


def drawn(seed: int) -> Any:
    """Return the model of that seed, with weights as if it had been trained."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    model = Models(seed).whole_model()
    give_weights(model, np.random.default_rng([seed, 1]))
    return model
