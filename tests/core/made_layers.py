"""Every layer class of Keras's in models of its own, with several settings: what the tests of made files save."""

# What is made later says what it is made of as a default, of which mypy can't tell the type.
# mypy: disable-error-code="misc, untyped-decorator"

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
from keras import layers as kl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Given = tuple[int, ...]
    Row = tuple[Callable[[], Any], Given | list[Given]]

ROW, STEPS, IMAGE, VOLUME = (4,), (5, 4), (6, 6, 3), (4, 4, 4, 2)

WITHOUT = {
    *("Layer", "Wrapper", "InputSpec", "InputLayer"),
    *("FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer"),
    *("Equalization",),
    *("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"),
}
"""What is no layer of a model by itself, needs what isn't installed here, or stands in models elsewhere."""

SHAPED: dict[str, Given] = {"1D": STEPS, "2D": IMAGE, "3D": VOLUME}

KERNELS = ("Conv", "DepthwiseConv", "SeparableConv")
POOLS = ("AveragePooling", "MaxPooling", "GlobalAveragePooling", "GlobalMaxPooling")
ADAPTIVE = ("AdaptiveAveragePooling", "AdaptiveMaxPooling")


def _spatial() -> Iterator[Row]:
    for axes, shape in SHAPED.items():
        for kind in ("Conv", "Convolution"):
            yield lambda kind=kind, axes=axes: getattr(kl, kind + axes)(3, 2, padding="same", activation="relu"), shape
        yield lambda axes=axes: getattr(kl, f"Conv{axes}")(4, 2, strides=2, use_bias=False, groups=2), (*shape[:-1], 4)
        yield lambda axes=axes: getattr(kl, f"Conv{axes}Transpose")(2, 2, strides=2), shape
        yield lambda axes=axes: getattr(kl, f"ConvLSTM{axes}")(2, 2), (3, *shape)
        for kind in POOLS:
            yield lambda kind=kind, axes=axes: getattr(kl, kind + axes)(*() if "Global" in kind else (2,)), shape
        yield lambda axes=axes: getattr(kl, f"GlobalMaxPooling{axes}")(keepdims=True), shape
        for kind in ADAPTIVE:
            yield lambda kind=kind, axes=axes: getattr(kl, kind + axes)(2), shape
        for kind in ("Cropping", "ZeroPadding", "UpSampling"):
            yield lambda kind=kind, axes=axes: getattr(kl, kind + axes)(2 if kind == "UpSampling" else 1), shape
        yield lambda axes=axes: getattr(kl, f"SpatialDropout{axes}")(0.2), shape
    yield lambda: kl.Conv1D(3, 2, dilation_rate=2, padding="causal"), STEPS
    yield lambda: kl.Conv2D(3, (2, 3), data_format="channels_first"), IMAGE
    yield lambda: kl.MaxPooling2D((2, 1), strides=1, padding="same"), IMAGE
    yield lambda: kl.UpSampling2D(2, interpolation="bilinear"), IMAGE
    for axes in ("1D", "2D"):
        shape = SHAPED[axes]
        yield lambda axes=axes: getattr(kl, f"DepthwiseConv{axes}")(2, depth_multiplier=2), shape
        yield lambda axes=axes: getattr(kl, f"SeparableConv{axes}")(3, 2, activation="elu"), shape


def _ordinary() -> Iterator[Row]:
    yield lambda: kl.Dense(3), ROW
    yield lambda: kl.Dense(3, "relu", use_bias=False), STEPS
    yield lambda: kl.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d"), STEPS
    yield lambda: kl.Lambda(lambda x: x * 2), ROW
    yield lambda: kl.Activation("relu"), ROW
    yield lambda: kl.Activation(keras.activations.swish), ROW
    yield lambda: kl.ActivityRegularization(0.1, 0.2), ROW
    for kind in (kl.AlphaDropout, kl.Dropout, kl.GaussianDropout, kl.GaussianNoise):
        yield lambda kind=kind: kind(0.2, seed=3), ROW
    yield lambda: kl.Dropout(0.2, noise_shape=(None, 1, 4)), STEPS
    yield kl.BatchNormalization, ROW
    yield lambda: kl.BatchNormalization(axis=1, center=False, momentum=0.9, epsilon=1e-2), IMAGE
    yield lambda: kl.LayerNormalization(axis=[1, 2]), STEPS
    yield lambda: kl.LayerNormalization(scale=False), ROW
    yield lambda: kl.GroupNormalization(2), (6, 6, 4)
    yield kl.RMSNormalization, ROW
    yield kl.UnitNormalization, ROW
    yield lambda: kl.Normalization(mean=[1.0, 2, 3, 4], variance=[1.0, 2, 3, 4]), ROW
    yield lambda: _adapted(kl.Normalization(axis=-1), np.arange(12.0).reshape(3, 4)), ROW
    yield lambda: kl.SpectralNormalization(kl.Dense(3), power_iterations=2), ROW
    yield lambda: kl.SpectralNormalization(kl.Conv2D(3, 2)), IMAGE
    for made in (kl.ELU(0.5), kl.LeakyReLU(0.1), kl.PReLU(), kl.ReLU(6.0, 0.1, 0.2), kl.Softmax()):
        yield lambda made=made: made, ROW
    yield lambda: kl.PReLU(shared_axes=[1, 2], alpha_initializer="he_normal"), IMAGE
    yield lambda: kl.Softmax(axis=1), STEPS
    yield kl.Flatten, IMAGE
    yield kl.Identity, ROW
    yield lambda: kl.Masking(0.5), STEPS
    yield lambda: kl.Permute((2, 1)), STEPS
    yield lambda: kl.RepeatVector(3), ROW
    yield lambda: kl.Reshape((2, -1)), ROW
    yield lambda: kl.Rescaling(0.5, [1.0, 2, 3, 4]), ROW
    yield lambda: kl.Rescaling(1 / 255, 0.1), IMAGE


def _merging() -> Iterator[Row]:
    for kind in (kl.Add, kl.Average, kl.Concatenate, kl.Maximum, kl.Minimum, kl.Multiply, kl.Subtract):
        yield lambda kind=kind: kind(), [ROW, ROW]
    yield lambda: kl.Concatenate(axis=1), [STEPS, (3, 4), STEPS]
    yield lambda: kl.Dot(axes=-1, normalize=True), [ROW, ROW]
    yield lambda: kl.Dot(axes=(2, 1)), [STEPS, (4, 2)]
    yield lambda: kl.Attention(use_scale=True, score_mode="concat"), [STEPS, STEPS]
    yield kl.Attention, [STEPS, STEPS, STEPS]
    yield kl.AdditiveAttention, [STEPS, STEPS]


def _apart() -> Iterator[Row]:
    """Layers whose sources are given one by one."""
    yield lambda: kl.MultiHeadAttention(2, 3), [STEPS, STEPS]
    yield lambda: kl.MultiHeadAttention(2, 3, value_dim=2, output_shape=3, use_bias=False), [STEPS, (3, 4), (3, 4)]
    yield lambda: kl.GroupQueryAttention(2, 4, 2), [STEPS, STEPS]


def _recurrent() -> Iterator[Row]:
    for kind in (kl.LSTM, kl.GRU, kl.SimpleRNN):
        yield lambda kind=kind: kind(3), STEPS
        yield lambda kind=kind: kind(3, return_sequences=True, go_backwards=True, use_bias=False, dropout=0.2), STEPS
        yield lambda kind=kind: kl.Bidirectional(kind(2, return_sequences=True)), STEPS
        yield lambda kind=kind: kind(2, return_state=True, unroll=True), STEPS
    yield lambda: kl.GRU(3, reset_after=False, recurrent_activation="hard_sigmoid"), STEPS
    yield lambda: kl.LSTM(3, unit_forget_bias=False, recurrent_dropout=0.1, seed=1), STEPS
    yield lambda: kl.RNN(kl.LSTMCell(3)), STEPS
    yield lambda: kl.RNN([kl.GRUCell(3), kl.SimpleRNNCell(2)], return_sequences=True), STEPS
    yield lambda: kl.Bidirectional(kl.LSTM(2), merge_mode="sum", backward_layer=kl.LSTM(2, go_backwards=True)), STEPS
    yield lambda: kl.TimeDistributed(kl.Dense(2, "tanh")), STEPS
    yield lambda: kl.TimeDistributed(kl.Conv2D(2, 2)), (2, *IMAGE)
    yield lambda: kl.TimeDistributed(keras.Sequential([keras.Input((4,)), kl.Dense(2), kl.Dense(1)])), STEPS
    yield lambda: kl.TimeDistributed(keras.Model(x := keras.Input((4,)), kl.Add()([kl.Dense(4)(x), x]))), STEPS


def _adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


WORDS = np.array(["a cat", "a dog", "the cat"])


def _of_words() -> Iterator[Row]:
    """Layers over whole numbers or words, of which a shape alone says nothing: these are given their points."""
    yield lambda: kl.Embedding(9, 3), (5,)
    yield lambda: kl.Embedding(9, 3, mask_zero=True, embeddings_constraint="unit_norm"), (5,)
    yield lambda: kl.ReversibleEmbedding(9, 3), (5,)
    for mode in ("one_hot", "multi_hot", "count"):
        yield lambda mode=mode: kl.CategoryEncoding(9, output_mode=mode), (1,)
    yield lambda: kl.Hashing(5), (3,)
    yield lambda: kl.IntegerLookup(vocabulary=[2, 5, 7], output_mode="multi_hot"), (3,)
    yield lambda: kl.IntegerLookup(vocabulary=[2, 5, 7]), (3,)
    yield lambda: _adapted(kl.IntegerLookup(), np.array([[1, 2, 2]])), (3,)


def _of_text() -> Iterator[Row]:
    yield lambda: kl.StringLookup(vocabulary=["cat", "dog"]), (2,)
    yield lambda: kl.StringLookup(vocabulary=["cat", "dog"], output_mode="tf_idf", idf_weights=[0.5, 0.25]), (2,)
    yield lambda: _adapted(kl.StringLookup(invert=False, num_oov_indices=2), WORDS), (2,)
    yield lambda: _adapted(kl.TextVectorization(output_sequence_length=4), WORDS), (1,)
    yield lambda: _adapted(kl.TextVectorization(output_mode="tf_idf", ngrams=2), WORDS), (1,)
    yield lambda: kl.Hashing(5, salt=[1, 2]), (3,)


def _preprocessing() -> Iterator[Row]:
    yield lambda: kl.Discretization(bin_boundaries=[-0.5, 0.0, 0.5]), ROW
    yield lambda: _adapted(kl.Discretization(num_bins=4, output_mode="int"), np.arange(20.0)), ROW
    yield lambda: kl.CenterCrop(3, 3), IMAGE
    yield lambda: kl.Resizing(4, 5, interpolation="nearest", crop_to_aspect_ratio=True), IMAGE
    yield lambda: kl.MelSpectrogram(fft_length=32, sequence_stride=16, num_mel_bins=8), (64,)
    yield lambda: kl.STFTSpectrogram(frame_length=16, frame_step=8, fft_length=16, window=None), (64, 1)
    yield lambda: kl.RandomFlip("horizontal", seed=1), IMAGE
    yield lambda: kl.RandomCrop(3, 3), IMAGE
    yield lambda: kl.MaxNumBoundingBoxes(3), IMAGE
    for name in (
        "AugMix",
        "CutMix",
        "MixUp",
        "RandAugment",
        "AutoContrast",
        "RandomGrayscale",
        "RandomElasticTransform",
    ):
        yield lambda name=name: getattr(kl, name)(), IMAGE
    yield kl.ContrastLimitedAdaptiveHistogramEqualization, IMAGE
    yield kl.Solarization, IMAGE
    yield lambda: kl.RandomInvert(0.5), IMAGE
    yield lambda: kl.RandomPosterization(4), IMAGE
    yield kl.RandomErasing, IMAGE
    yield kl.RandomPerspective, IMAGE
    yield kl.RandomGaussianBlur, IMAGE
    for name in ("Brightness", "Contrast", "ColorDegeneration", "Hue", "Saturation", "Sharpness", "Rotation", "Shear"):
        yield lambda name=name: getattr(kl, f"Random{name}")(0.2), IMAGE
    yield lambda: kl.RandomTranslation(0.1, 0.1), IMAGE
    yield lambda: kl.RandomZoom(0.2), IMAGE
    yield lambda: kl.RandomColorJitter((0, 1), 0.1, 0.1, 0.1), IMAGE
    yield lambda: kl.Pipeline([kl.RandomFlip(), kl.Rescaling(0.5)]), IMAGE


def _crossed() -> Any:
    given = [keras.Input((1,), dtype="int64", name=name) for name in "ab"]
    return keras.Model(given, kl.HashedCrossing(7, output_mode="one_hot")(given))


FAMILIES = (
    (_spatial, "float32"), (_ordinary, "float32"), (_merging, "float32"), (_apart, "apart"), (_recurrent, "float32"),
    (_of_words, "int32"), (_of_text, "string"), (_preprocessing, "float32"),
)  # fmt: skip


def models_of_layers() -> Iterator[Callable[[], Any]]:
    """Give what makes a model of every layer."""
    for family, dtype in FAMILIES:
        for make, given in family():
            yield lambda make=make, given=given, dtype=dtype: _alone(make, given, dtype)
    yield _crossed


def _alone(make: Callable[[], Any], given: Given | list[Given], dtype: str) -> Any:
    shapes = given if isinstance(given, list) else [given]
    inputs = [keras.Input(shape, dtype="float32" if dtype == "apart" else dtype) for shape in shapes]
    layer = make()
    outputs = layer(*inputs) if dtype == "apart" or len(inputs) == 1 else layer(inputs)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs)
