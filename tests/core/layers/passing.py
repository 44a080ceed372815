"""Cases of activations that are layers, and of layers that pass their inputs on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.layers import augmentation
from core.layers.activation_layers import ELU, LeakyReLU, PReLU, ReLU, Softmax
from core.layers.applications import LayerScale, StochasticDepth
from core.layers.identity import (
    ActivityRegularization,
    AlphaDropout,
    GaussianDropout,
    GaussianNoise,
    Identity,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from tests.core.layers.basic import SEEDS, shapes
from tests.core.layers.oracle import Case

FRACTIONS = st.sampled_from([0.0, 0.25, 0.5])


@st.composite
def alone(draw: Any, layers: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> Case:
    """Draw a layer with one source of so many axes, and a mask if there are two or more."""
    shape = draw(shapes(least, most))
    masked = len(shape) > 1 and draw(st.booleans())
    return Case(draw(layers), (shape,), (0,) * masked, seed=draw(SEEDS))


@st.composite
def some_axes(draw: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """Draw axes of a point of so many, as Keras counts them: from 1, or from the end."""
    axes = draw(st.lists(st.integers(1, rank), min_size=least, max_size=rank, unique=True))
    return tuple(draw(st.sampled_from([axis, axis - rank - 1])) for axis in axes)


@st.composite
def _scale(draw: Any) -> Case:
    shape = draw(shapes())
    return Case(LayerScale("scale", init_values=1e-6, projection_dim=shape[-1]), (shape,), seed=draw(SEEDS))


@st.composite
def _prelu(draw: Any) -> Case:
    shape = draw(shapes())
    # Keras takes no axes from the end here: the first of them is the batch there.
    shared = draw(st.none() | st.lists(st.integers(1, len(shape)), unique=True).map(tuple))
    return Case(PReLU("prelu", shared_axes=shared), (shape,), seed=draw(SEEDS))


@st.composite
def _softmax(draw: Any) -> Case:
    shape = draw(shapes())
    layer = Softmax("softmax", axis=draw(some_axes(len(shape))))
    kind = draw(st.sampled_from(["alone", "given", "own"]))
    if kind == "own":
        return Case(Softmax("softmax"), (shape[:1],), (0,), seed=draw(SEEDS))
    if kind == "alone":
        return Case(layer, (shape,), seed=draw(SEEDS))
    mask = tuple(draw(st.sampled_from([1, size])) for size in shape)
    return Case(layer, (shape, mask), seed=draw(SEEDS))


FACTORS = st.sampled_from([0.0, 0.25, (0.0, 0.5)])


def augmenting(kind: str, **settings: Any) -> Any:
    """Draw a layer that changes images while it is trained, over images that lie beside 0 to 255 too."""
    drawn = {name: one if isinstance(one, st.SearchStrategy) else st.just(one) for name, one in settings.items()}
    return alone(st.builds(getattr(augmentation, kind), st.just("change"), **drawn), 3, 3)


COLOURS = {"value_range": st.sampled_from([(0.0, 255.0), (0.0, 1.0)]), "factor": FACTORS}

PIXELS = {
    "interpolation": st.sampled_from(["bilinear", "nearest"]),
    "fill_value": FRACTIONS,
    "fill_mode": st.sampled_from(["reflect", "constant", "nearest", "wrap"]),
}

SHARED = {"factor": FACTORS, "interpolation": "nearest"}

AUGMENTING: dict[str, dict[str, Any]] = {
    "AugMix": {**SHARED, "num_chains": st.integers(1, 4), "alpha": 0.5},
    "CutMix": {"factor": FACTORS},
    "MixUp": {"alpha": st.sampled_from([0.2, 0.5])},
    "RandAugment": {**SHARED, "num_ops": st.integers(1, 3)},
    "RandomColorJitter": {"hue_factor": FACTORS, "contrast_factor": FACTORS},
    "RandomElasticTransform": {**PIXELS, "factor": FACTORS, "scale": FACTORS},
    "RandomErasing": {**COLOURS, "scale": FACTORS, "fill_value": st.sampled_from([None, 3.0])},
    "RandomFlip": {"mode": st.sampled_from(["horizontal", "vertical", "horizontal_and_vertical"])},
    "RandomGaussianBlur": {**COLOURS, "kernel_size": st.sampled_from([3, (3, 5)]), "sigma": (0.0, 0.5)},
    "RandomGrayscale": {"factor": FRACTIONS},
    "RandomPerspective": {"factor": FACTORS, "scale": FRACTIONS},
    "RandomPosterization": {"factor": st.integers(1, 8)},
    "RandomRotation": {**PIXELS, "factor": FACTORS},
    "RandomShear": {**PIXELS, "x_factor": FACTORS},
    "RandomTranslation": {**PIXELS, "height_factor": FACTORS, "width_factor": FACTORS},
    "RandomZoom": {**PIXELS, "height_factor": FACTORS, "width_factor": st.none() | FACTORS},
    **dict.fromkeys(("RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomHue"), COLOURS),
    **dict.fromkeys(("RandomInvert", "RandomSaturation", "RandomSharpness"), COLOURS),
}

DRAWN = {
    **{kind: augmenting(kind, **settings) for kind, settings in AUGMENTING.items()},
    "ActivityRegularization": alone(st.builds(ActivityRegularization, st.just("a"), l1=FRACTIONS, l2=FRACTIONS)),
    "AlphaDropout": alone(
        st.builds(AlphaDropout, st.just("drop"), rate=FRACTIONS, noise_shape=st.sampled_from([None, (None, 1)]))
    ),
    "ELU": alone(st.builds(ELU, st.just("elu"), alpha=st.sampled_from([1.0, 0.3]))),
    "GaussianDropout": alone(st.builds(GaussianDropout, st.just("drop"), rate=FRACTIONS)),
    "GaussianNoise": alone(st.builds(GaussianNoise, st.just("noise"), stddev=FRACTIONS)),
    "LayerScale": _scale(),
    "StochasticDepth": st.builds(
        lambda rate, shape, seed: Case(StochasticDepth("depth", drop_path_rate=rate), (shape,), seed=seed),
        FRACTIONS,
        shapes(),
        SEEDS,
    ),
    "Identity": alone(st.just(Identity("same"))),
    "LeakyReLU": alone(st.builds(LeakyReLU, st.just("leaky"), negative_slope=FRACTIONS)),
    "PReLU": _prelu(),
    "ReLU": alone(
        st.builds(
            ReLU,
            st.just("relu"),
            max_value=st.sampled_from([None, 0.4, 6.0]),
            negative_slope=FRACTIONS,
            threshold=FRACTIONS,
        )
    ),
    "Softmax": _softmax(),
    "SpatialDropout1D": alone(st.builds(SpatialDropout1D, st.just("drop"), rate=FRACTIONS), 2, 2),
    "SpatialDropout2D": alone(st.builds(SpatialDropout2D, st.just("drop"), rate=FRACTIONS), 3, 3),
    "SpatialDropout3D": alone(st.builds(SpatialDropout3D, st.just("drop"), rate=FRACTIONS), 4, 4),
}
