"""Attention: each query's scores with all keys are made into weights, and the values are added up by these.

Formulas: Keras 3 documentation, "MultiHeadAttention layer", "Attention layer" and "AdditiveAttention layer".
"""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.errors import Refused
from core.layers.activation_layers import masked_softmax
from core.layers.activations import softmax
from core.layers.axes import of_points
from core.layers.layer import Layer, Share, Size
from core.limits import require_most
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from core.layers.layer import Results, Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

    Names = tuple[str, ...]

LOWEST = float(np.float32(-0.7 * 3.38953e38))
"""What Keras takes for a masked score of several heads, where it does not take Softmax's."""

MOST_SEEN = 1 << 24
"""Pairs of a query and a key of which it is written down whether the one sees the other."""

LETTERS = "abcdefg"
"""They stand for places of queries, and large ones for those of keys; "h" is the head, other letters are features."""


APART = "place"
"""An axis along which nothing is attended to: each of its places is by itself."""


class MultiHeadAttention(Layer, frozen=True, tag="MultiHeadAttention"):
    """Several heads, each with queries, keys and values of its own; what they find is put together.

    ``dropout`` is for training, but Keras calculates in another way if it is above 0.
    """

    num_heads: Size
    key_dim: Size
    value_dim: int | None = None
    dropout: Share = 0.0
    use_bias: bool = True
    output_shape: tuple[int, ...] | None = None
    attention_axes: tuple[int, ...] | None = None
    sliding_window: int | None = None
    kernel_regularizer: Regularizer | None = None
    bias_regularizer: Regularizer | None = None
    kernel_constraint: Constraint | None = None
    bias_constraint: Constraint | None = None
    use_gate: bool = False

    regularized = ("query", "key", "value", "gate", "output")
    kept_in = {
        "query": "query_dense/",
        "key": "key_dense/",
        "gate": "_gate_dense/",
        "value": "value_dense/",
        "attention_output": "output_dense/",
    }

    def axes_of(self, weight: str) -> tuple[str, ...]:
        """Return the axes of a kernel or a bias; an output of several axes has what is usual."""
        part, _, kind = weight.partition("/")
        if part == "attention_output":
            return ("head", "feature", "unit") if kind == "kernel" else ()
        return ("unit", "head", "feature") if kind == "kernel" else ("head", "feature")

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the kernel and, if it is used, the bias of every projection, for each head."""
        query, value, *key = (shape[-1] for shape in shapes)
        per_key, per_value = (self.num_heads, self.key_dim), (self.num_heads, self.value_dim or self.key_dim)
        parts: dict[str, tuple[Shape, Shape]] = {"query": ((query,), per_key), "key": (((key or [value])[0],), per_key)}
        parts |= {"gate": ((query,), per_value)} if self.use_gate else {}
        parts |= {"value": ((value,), per_value), "attention_output": (per_value, self.output_shape or (query,))}
        sizes: dict[str, Shape] = {}
        for part, (before, after) in parts.items():
            sizes[f"{part}/kernel"] = (*before, *after)
            sizes |= {f"{part}/bias": after} if self.use_bias else {}
        return sizes

    def call(
        self,
        on: Writer,
        w: Weights,
        query: Value,
        value: Value,
        key: Value | None = None,
        attention_mask: Value | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Results:
        """Write down each head's queries, keys and values, the scores, the weights, and the values added up by them.

        Raises:
            Refused: the sources' places, or a mask, don't go together.
        """
        axes = self._attended(query, value, value if key is None else key)
        places, seen, scores = _letters(query.rank - 1, axes)
        asked, given, among = _names(query.rank - 1, axes)
        queries = on.name("query", self._projected(w, "query", query), *asked)
        keys = on.name("key", self._projected(w, "key", value if key is None else key), *given)
        values = on.name("value", self._projected(w, "value", value), *given)

        total = queries.dot(f"{places}hx,{seen}hx->{scores}", keys)
        score = on.name("score", total / on.constant(self.key_dim, "key_dim").each("sqrt"), *among)
        pattern = near(on, (query.shape[0], value.shape[0]), use_causal_mask, self.sliding_window)
        allowed = self._allowed(attention_mask, masks_of(query, value, key), pattern)
        allowed = allowed and self._laid(allowed, score, len(axes))
        weight = self._weights_of(score, allowed, len(axes), return_attention_scores)
        weight = on.name("weight", weight, *among)
        found = on.name("attended", weight.dot(f"{scores},{seen}hx->{places}hx", values), *asked)
        made = self._put_together(on, w, found, query, asked)
        made.mask = query.mask
        return (made, weight) if return_attention_scores else made

    def leaves_activation(self, output: int) -> bool:
        """Return whether Keras leaves with an output what went into its activation: it does with the weights."""
        return output == 1

    def _attended(self, query: Value, value: Value, key: Value) -> tuple[int, ...]:
        """Return the axes along which all queries see all keys."""
        places, sources = query.rank - 1, _sources(self, query, value, key)
        if self.attention_axes is None:
            return tuple(range(places))
        axes = of_points(self.name, self.attention_axes, query.rank)
        others = [at for at in range(places) if at not in axes]
        if places in axes or any(query.shape[at] != value.shape[at] for at in others):
            raise Refused(f"{self.name}: expected sources of one shape but for {self.attention_axes}, got {sources}")
        return axes

    def _projected(self, w: Weights, part: str, source: Value) -> Value:
        places = LETTERS[: source.rank - 1]
        made = source.dot(f"{places}i,ihx->{places}hx", w[f"{part}/kernel"])
        return made + w[f"{part}/bias"] if self.use_bias else made

    def _allowed(self, mask: Value | None, of_sources: Value | None, pattern: Value | None) -> Value | None:
        """Return which queries may see which keys, by all masks that there are."""
        if mask is not None and mask.rank != 2 and of_sources is not None:
            # Keras would take the batch of these for the heads of the other.
            raise Refused(f"{self.name}: expected an attention mask of queries and keys, got {mask.shape}")
        return all_of(None if mask is None else 1.0 - mask.each("equal", 0.0), of_sources, pattern)

    def _laid(self, allowed: Value, score: Value, axes: int) -> Value:
        """Return which scores are allowed, with axes of 1 for the heads and for places that are not attended to."""
        while 2 * axes <= allowed.rank < score.rank:
            allowed = allowed.expand(allowed.rank - 2 * axes)
        sizes = zip(allowed.shape, score.shape, strict=False)
        if allowed.rank != score.rank or any(here not in (1, there) for here, there in sizes):
            raise Refused(f"{self.name}: expected masks that go with scores of {score.shape}, got {allowed.shape}")
        return allowed

    def _weights_of(self, score: Value, allowed: Value | None, axes: int, shown: bool) -> Value:
        """Return the weights: where no key is allowed all are the same, or 0 where Keras takes its Softmax layer."""
        along = range(-axes, 0)
        if allowed is None:
            return softmax(score, *along)
        if self.dropout > 0.0 or shown or score.rank > 3:
            return masked_softmax(score, allowed, *along)
        return softmax(allowed.each("where", score, LOWEST), *along)

    def _put_together(self, on: Writer, w: Weights, found: Value, query: Value, axes: tuple[str, ...]) -> Value:
        if self.use_gate:
            gate = self._projected(w, "gate", query).each("sigmoid")
            found = found * on.name("gate", gate, *axes)
        kernel = w["attention_output/kernel"]
        places, made = LETTERS[: found.rank - 2], "ijkl"[: kernel.rank - 2]
        total = on.along(
            found.dot(f"{places}hx,hx{made}->{places}{made}", kernel), *axes[: found.rank - 2], *["unit"] * len(made)
        )
        return total + w["attention_output/bias"] if self.use_bias else total


class Attending(Layer, frozen=True):
    """The values added up by weights, of each query's scores with all keys; there are no heads and no projections."""

    def call(
        self,
        on: Writer,
        w: Weights,
        query: Value,
        value: Value,
        key: Value | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Results:
        """Write down the scores, the weights, and the values added up by them, 0 where the query is masked.

        Raises:
            Refused: the sources' shapes or masks don't go together.
        """
        key = value if key is None else key
        self._check(query, value, key, use_causal_mask)
        apart = (APART,) * (query.rank - 2)
        score = on.name("score", self.score(w, query, key), *apart, "query", "key")
        allowed = all_of(value.mask and value.mask.expand(-2), near(on, score.shape[-2:], use_causal_mask))
        seen = score if allowed is None else allowed.each("where", score, score.each("far_below"))
        weight = on.name("weight", softmax(seen), *apart, "query", "key")
        places = LETTERS[: query.rank - 2]
        made = on.along(weight.dot(f"{places}qk,{places}kx->{places}qx", value), *apart, "query", "unit")
        if query.mask is not None:
            made = query.mask.expand(-1).each("where", on.name("attended", made), 0.0)
            made.mask = query.mask
        return (made, weight) if return_attention_scores else made

    def leaves_activation(self, output: int) -> bool:
        """Return whether Keras leaves with an output what went into its activation: it does with the weights."""
        return output == 1

    def score(self, w: Weights, query: Value, key: Value) -> Value:
        """Return each query's scores with all keys."""
        raise NotImplementedError

    def _check(self, query: Value, value: Value, key: Value, causal: bool) -> None:
        sources = _sources(self, query, value, key)
        if query.shape[-1] != key.shape[-1] or query.shape[:-2] != key.shape[:-2]:
            raise Refused(f"{self.name}: expected a query and a key of as many features, got {sources}")
        masks = [one.mask for one in (query, value) if one.mask is not None]
        if any(mask.rank != query.rank - 1 for mask in masks):
            raise Refused(
                f"{self.name}: expected masks of a number for each place, all axes but the last, got {sources}"
            )
        if query.rank > 2 and value.mask is not None and not causal:
            # Keras would take the batch of the one for an axis of the other.
            raise Refused(f"{self.name}: expected a masked value of steps and features, got {sources}")


class Attention(Attending, frozen=True, tag="Attention"):
    """Scores are products of query and key added up, or with "concat" the tanh of what they are together.

    ``dropout`` is for training.
    """

    initializers = {"scale": "ones", "concat_score_weight": "ones"}

    use_scale: bool = False
    score_mode: Literal["dot", "concat"] = "dot"
    dropout: Share = 0.0

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return a scale if it is used, and a weight of "concat", a single number each."""
        names = {"scale": self.use_scale, "concat_score_weight": self.score_mode == "concat"}
        return {name: () for name, there in names.items() if there}

    def score(self, w: Weights, query: Value, key: Value) -> Value:
        """Return each query's scores with all keys."""
        if self.score_mode == "dot":
            places = LETTERS[: query.rank - 2]
            score = query.dot(f"{places}qx,{places}kx->{places}qk", key)
            return score * w["scale"] if self.use_scale else score
        pair = together(query, key)
        pair = w["scale"] * pair if self.use_scale else pair
        return w["concat_score_weight"] * pair.each("tanh").over("sum", -1, keep=False)


class AdditiveAttention(Attending, frozen=True, tag="AdditiveAttention"):
    """Scores are the tanh of query and key together, added up, each feature with a scale of its own.

    ``dropout`` is for training.
    """

    initializers = {"scale": "glorot_uniform"}

    use_scale: bool = True
    dropout: Share = 0.0

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the scale of each feature, if it is used."""
        return {"scale": shapes[0][-1:]} if self.use_scale else {}

    def score(self, w: Weights, query: Value, key: Value) -> Value:
        """Return each query's scores with all keys."""
        pair = together(query, key).each("tanh")
        return (w["scale"] * pair if self.use_scale else pair).over("sum", -1, keep=False)


def _letters(places: int, axes: tuple[int, ...]) -> tuple[str, str, str]:
    """Return what stands for the places of queries, for those of keys, and for the axes of scores."""
    queries = LETTERS[:places]
    keys = "".join(letter.upper() if at in axes else letter for at, letter in enumerate(queries))
    others = "".join(letter for at, letter in enumerate(queries) if at not in axes)
    return queries, keys, f"{others}h" + "".join(side[at] for side in (queries, keys) for at in axes)


def _names(places: int, axes: tuple[int, ...]) -> tuple[Names, Names, Names]:
    """Return what the axes of queries, of keys and values, and of scores are called."""
    queries, keys = (
        (*(name if at in axes else APART for at in range(places)), "head", "feature") for name in ("query", "key")
    )
    others = (APART,) * (places - len(axes))
    return queries, keys, (*others, "head", *["query"] * len(axes), *["key"] * len(axes))


def together(query: Value, key: Value) -> Value:
    """Return every query plus every key, feature by feature."""
    return query.expand(-2) + key.expand(-3)


def masks_of(query: Value, value: Value, key: Value | None) -> Value | None:
    """Return the masks of the sources together: 1 where neither a query nor its key or value is masked."""
    seen = all_of(value.mask, None if key is None else key.mask)
    return all_of(query.mask and query.mask.expand(-1), seen and seen.expand(-2))


def all_of(*masks: Value | None) -> Value | None:
    """Return 1 where all the masks that there are have 1; None if there is none."""
    there = [mask for mask in masks if mask is not None]
    return reduce(lambda one, other: one.each("minimum", other), there) if there else None


def _sources(layer: Layer, query: Value, value: Value, key: Value) -> str:
    """Return the shapes of the sources in words, which have their ranks, and of the last two the places, in common."""
    sources = f"{query.shape}, {value.shape} and {key.shape}"
    if not query.rank == value.rank == key.rank >= 2 or value.shape[:-1] != key.shape[:-1]:
        raise Refused(f"{layer.name}: expected query, value and key, the last two of as many places, got {sources}")
    return sources


def near(on: Writer, sizes: Shape, causal: bool, window: int | None = None) -> Value | None:
    """Return which keys each query may see: none after it if ``causal``, and only those less than ``window`` away."""
    if not causal and window is None:
        return None
    require_most("pairs of a query and a key", prod(sizes), MOST_SEEN)
    before = np.subtract.outer(*(np.arange(size) for size in sizes))
    return on.constant((not causal or before >= 0) & (window is None or np.abs(before) < window))
