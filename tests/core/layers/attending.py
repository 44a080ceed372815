"""Cases of attention."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.layers.attention import AdditiveAttention, Attention, MultiHeadAttention
from tests.core.layers.basic import SEEDS
from tests.core.layers.oracle import Case

SIZES = st.integers(1, 3)
# With one number a head Keras 3.15 adds the bias of the heads to the steps instead, if there are as many: on TensorFlow
# its ``ops.add`` takes what has one axis that is not 1 for a bias of the channels, first or last.
DIMENSIONS = st.integers(2, 3)


def _arguments(draw: Any) -> dict[str, Any]:
    names = ("use_causal_mask", "return_attention_scores")
    return {name: True for name in names if draw(st.booleans())}


def _masked(draw: Any, sources: int) -> tuple[int, ...]:
    return tuple(sorted(draw(st.sets(st.integers(0, sources - 1))))) if draw(st.booleans()) else ()


def _layer(draw: Any, **settings: Any) -> MultiHeadAttention:
    return MultiHeadAttention(
        "attention",
        draw(st.integers(1, 2)),
        draw(DIMENSIONS),
        draw(st.none() | DIMENSIONS),
        draw(st.sampled_from([0.0, 0.5])),
        draw(st.booleans()),
        draw(st.sampled_from([None, (2,), (2, 3)])),
        use_gate=draw(st.booleans()),
        **settings,
    )


@st.composite
def _heads(draw: Any) -> Case:
    queries, keys, count = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(2, 3))
    layer = _layer(draw, sliding_window=draw(st.sampled_from([None, None, 2])))
    sources = [(queries, draw(SIZES)), *((keys, draw(SIZES)) for _ in range(count - 1))]
    named = draw(st.booleans())
    masked = _masked(draw, count)
    if named:
        shapes = [(queries, keys), (1, keys), *[(layer.num_heads, queries, keys)] * (not masked)]
        sources.append(draw(st.sampled_from(shapes)))
    return Case(
        layer,
        tuple(sources),
        masked,
        named=("attention_mask",) * named,
        arguments=_arguments(draw),
        seed=draw(SEEDS),
    )


@st.composite
def _heads_of_images(draw: Any) -> Case:
    query = (draw(SIZES), draw(SIZES), draw(SIZES))
    axes = draw(st.sampled_from([None, (1,), (2,), (1, 2), (2, 1), (-2,)]))
    attended = [axis % 4 - 1 for axis in axes or (1, 2)]
    value = tuple(draw(SIZES) if at in attended or at == 2 else size for at, size in enumerate(query))
    sources = [query, value]
    named = draw(st.booleans())
    if named:
        others = [query[at] for at in range(2) if at not in attended]
        sources.append((*others, *(one[at] for one in (query, value) for at in attended)))
    # For others Keras lays masks along other axes than it attends to.
    masked = _masked(draw, 2) if attended == [1] and not named else ()
    return Case(
        _layer(draw, attention_axes=axes),
        tuple(sources),
        masked,
        mask_axes=2,
        named=("attention_mask",) * named,
        arguments={"return_attention_scores": True} if draw(st.booleans()) else {},
        seed=draw(SEEDS),
    )


@st.composite
def _attending(draw: Any, layers: st.SearchStrategy[Any]) -> Case:
    before, features = draw(st.sampled_from([(), (), (2,)])), draw(SIZES)
    queries, keys = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    third = draw(st.booleans())
    value = (*before, keys, draw(SIZES) if third else features)
    sources = ((*before, queries, features), value, *[(*before, keys, features)] * third)
    arguments = _arguments(draw)
    maskable = 1 if before and not arguments.get("use_causal_mask") else len(sources)
    masked = _masked(draw, maskable)
    return Case(draw(layers), sources, masked, 1 + len(before), listed=True, arguments=arguments, seed=draw(SEEDS))


DRAWN = {
    "AdditiveAttention": _attending(st.builds(AdditiveAttention, st.just("attention"), use_scale=st.booleans())),
    "Attention": _attending(
        st.builds(
            Attention,
            st.just("attention"),
            use_scale=st.booleans(),
            score_mode=st.sampled_from(["dot", "concat"]),
        )
    ),
    "MultiHeadAttention": _heads() | _heads_of_images(),
}
