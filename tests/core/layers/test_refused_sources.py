"""What does not go together is refused in a sentence that names the layer and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
import pytest

from core.errors import Refused
from core.layers.activation_layers import Softmax
from core.layers.attention import Attention, MultiHeadAttention
from core.layers.identity import SpatialDropout2D
from core.layers.merging import Add, Concatenate, Dot, Maximum, Subtract
from core.layers.normalization import BatchNormalization, GroupNormalization, Normalization
from core.layers.writer import Writer
from core.operations.program import Value
from core.operations.rounding import EXACT
from core.operations.run import Tracer

if TYPE_CHECKING:
    from core.layers.layer import Layer

WRONG: list[tuple[Layer, tuple[tuple[int, ...], ...]]] = [
    (Add("one"), ((3,), (2,))),
    (Attention("one"), ((2, 3), (4, 3), (5, 3))),
    (Attention("one"), ((2, 3), (4, 2))),
    (BatchNormalization("one", axis=0), ((3,),)),
    (BatchNormalization("one", axis=3), ((3, 2),)),
    (Concatenate("one"), ((3, 2), (2, 2))),
    (Concatenate("one", 0), ((3, 2), (3, 2))),
    (Dot("one", 1), ((3,), (2,))),
    (Dot("one", 1), ((3,), (3,), (3,))),
    (GroupNormalization("one", groups=2), ((3,),)),
    (MultiHeadAttention("one", 1, 1), ((2, 3), (3,))),
    (MultiHeadAttention("one", 1, 1, attention_axes=(2,)), ((2, 3, 1), (4, 3, 1))),
    (Normalization("one", mean=(0.0, 1.0), variance=(1.0, 1.0)), ((3,),)),
    (SpatialDropout2D("one", 0.5), ((3, 2),)),
    (Subtract("one"), ((3,),)),
]


@pytest.mark.parametrize(("layer", "shapes"), WRONG)
def test_sources_that_do_not_go_together_are_refused_by_the_layers_name(
    layer: Layer, shapes: tuple[tuple[int, ...], ...]
) -> None:
    on = Writer()
    with pytest.raises(Refused, match=r"^one: expected .*, got "):
        on.call(layer, *(on.input(shape) for shape in shapes))


def test_an_attention_mask_of_each_head_does_not_go_with_masks_of_sources() -> None:
    on = Writer()
    query, value, marks = on.input((3, 2)), on.input((4, 2)), on.input((2, 3, 4))
    value.mask = on.input((4,))
    with pytest.raises(Refused, match="expected an attention mask of queries and keys"):
        on.call(MultiHeadAttention("one", 2, 1), query, value, attention_mask=marks)


@pytest.mark.parametrize("layer", [Softmax("one"), Maximum("one"), Concatenate("one")])
def test_a_mask_where_keras_can_use_none_is_refused(layer: Layer) -> None:
    on = Writer()
    source = on.input((3, 2, 2))
    source.mask = on.input((3,))
    with pytest.raises(Refused, match=r"^one: expected .*mask.*, got "):
        on.call(layer, *[source] * (1 if isinstance(layer, Softmax) else 2))


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4)])
def test_a_mask_of_fewer_axes_lies_on_the_last_as_keras_has_it_for_one_row(shape: tuple[int, ...]) -> None:
    drawn = np.random.default_rng(0)
    z, mask = drawn.normal(size=shape), np.array([1.0, 0.0, 1.0, 0.0])
    theirs = keras.layers.Softmax()(z[np.newaxis], mask=mask[np.newaxis] > 0.5)
    on = Writer()
    source = on.input(shape)
    source.mask = on.input((4,))
    made = on.call(Softmax("one"), source)
    assert isinstance(made, Value)
    numbers = Tracer(on.program)({source.number: z, source.mask.number: mask}, EXACT, {})
    np.testing.assert_allclose(numbers[made.number], np.asarray(theirs)[0], rtol=1e-5)
