"""What a layer can't take is refused: with its name, what it expects, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.layers import reshaping
from core.layers.applications import LayerScale
from core.layers.convolution import Conv2D
from core.layers.depthwise import DepthwiseConv2D
from core.layers.global_pooling import GlobalMaxPooling2D
from core.layers.pooling import MaxPooling1D
from core.layers.resizing import CenterCrop, Resizing
from core.layers.transposed import Conv1DTranspose, Conv2DTranspose
from core.layers.writer import Writer

if TYPE_CHECKING:
    from core.layers.layer import Layer
    from core.operations.operation import Shape


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (Conv2D("l", 1, (3, 3), (1, 1)), (4, 2, 1), r"3 axes, .* a window of 3 x 3, got the shape \(4, 2, 1\)"),
        (Conv2D("l", 1, (3, 3), (1, 1)), (4, 4), r"3 axes, .* got the shape \(4, 4\)"),
        (DepthwiseConv2D("l", (2, 2), (1, 1), dilation_rate=(1, 3)), (4, 3, 1), "window of 2 x 4"),
        (MaxPooling1D("l", (3,), (3,)), (2, 1), "window of 3"),
        (Conv2DTranspose("l", 1, (2, 2), (2, 2)), (4, 4), "3 axes"),
        (Conv1DTranspose("l", 1, (2,), (3,), "same", (0,)), (4, 1), "output_padding from 1 to 2, or none, got 0"),
        (Conv1DTranspose("l", 1, (3,), (2,), "valid", (2,)), (4, 1), "output_padding from 0 to 1, or none, got 2"),
        (GlobalMaxPooling2D("l"), (4, 4), "3 axes"),
        (reshaping.Reshape("l", (5, -1)), (4, 4), r"numbers that fill target_shape \(5, -1\), got the shape \(4, 4\)"),
        (reshaping.Permute("l", (2, 1)), (4, 4, 4), r"the axes of dims \(2, 1\)"),
        (reshaping.RepeatVector("l", 2), (4, 4), "one axis"),
        (reshaping.ZeroPadding2D("l"), (4, 4), "3 axes"),
        (reshaping.Cropping1D("l", (2, 2)), (4, 1), "longer than cropping"),
        (reshaping.UpSampling1D("l"), (4,), "2 axes"),
        (reshaping.UpSampling2D("l", interpolation="bilinear"), (4, 4), "3 axes"),
        (CenterCrop("l", height=5, width=2), (4, 4, 1), "images of 5 rows and 2 columns or more"),
        (Resizing("l", height=5, width=2), (4, 4), "images of rows, columns and channels"),
        (LayerScale("l", init_values=0.1, projection_dim=3), (4, 4), "3 channels last"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_layer_what_it_expects_and_what_came(
    layer: Layer, shape: Shape, said: str
) -> None:
    on = Writer()
    with pytest.raises(Refused, match=f"^l .*{said}"):
        on.call(layer, on.input(shape))
