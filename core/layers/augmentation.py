"""Layers that change images at random while a model is trained, and pass them on unchanged when it predicts.

Keras 3 documentation, "Image augmentation layers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.layers.identity import Unchanging

if TYPE_CHECKING:
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.program import Value

Factor = float | tuple[float, float]
"""How much at most, or from how much to how much."""

Range = tuple[float, float]
"""From where to where the numbers of an image go."""

BYTES = (0.0, 255.0)


class Augmentation(Unchanging, frozen=True):
    """Changes images, each otherwise, while training."""

    has_data_format = True

    @property
    def while_training(self) -> str:
        """That it was on, in the same words as of the others: there may be many."""
        return "images were changed at random"

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Pass the images on.

        Raises:
            Refused: they have other axes than rows, columns and channels.
        """
        self.expect(inputs.rank == 3, "images of rows, columns and channels", inputs)
        return inputs


# Where the pixels are


class RandomFlip(Augmentation, frozen=True, tag="RandomFlip"):
    """Mirrors them."""

    mode: str = "horizontal_and_vertical"


class Moving(Augmentation, frozen=True, kw_only=True):
    """What makes pixels of those between which they come from, and others where none were."""

    interpolation: str = "bilinear"
    fill_value: float = 0.0


class Refilled(Moving, frozen=True, kw_only=True):
    """What can take pixels where none were from those that are there."""

    fill_mode: str = "reflect"


class RandomRotation(Refilled, frozen=True, tag="RandomRotation"):
    """Turns them by a share of a whole turn."""

    factor: Factor


class RandomZoom(Refilled, frozen=True, tag="RandomZoom"):
    """Makes them larger or smaller; the width as the height if it has no factor."""

    height_factor: Factor
    width_factor: Factor | None = None


class RandomTranslation(Refilled, frozen=True, tag="RandomTranslation"):
    """Moves them by shares of their height and width."""

    height_factor: Factor
    width_factor: Factor


class RandomShear(Refilled, frozen=True, tag="RandomShear"):
    """Slants them."""

    x_factor: Factor = 0.0
    y_factor: Factor = 0.0


class RandomElasticTransform(Refilled, frozen=True, tag="RandomElasticTransform"):
    """Bends them."""

    factor: Factor = 1.0
    scale: Factor = 1.0
    value_range: Range = BYTES


class RandomPerspective(Moving, frozen=True, tag="RandomPerspective"):
    """Shows them from aside."""

    factor: Factor = 1.0
    scale: float = 1.0


# What the pixels are


class Recoloured(Augmentation, frozen=True, kw_only=True):
    """What must know from where to where the numbers go."""

    value_range: Range = BYTES


class RandomBrightness(Recoloured, frozen=True, tag="RandomBrightness"):
    """Adds a number to all."""

    has_data_format = False

    factor: Factor


class RandomContrast(Recoloured, frozen=True, tag="RandomContrast"):
    """Stretches the distances from the mean."""

    has_data_format = False

    factor: Factor


class RandomHue(Recoloured, frozen=True, tag="RandomHue"):
    """Turns the colours."""

    factor: Factor


class RandomSaturation(Recoloured, frozen=True, tag="RandomSaturation"):
    """Makes colours stronger or weaker."""

    factor: Factor


class RandomSharpness(Recoloured, frozen=True, tag="RandomSharpness"):
    """Sharpens or blurs."""

    factor: Factor


class RandomColorDegeneration(Recoloured, frozen=True, tag="RandomColorDegeneration"):
    """Mixes them with their greys."""

    factor: Factor


class RandomPosterization(Recoloured, frozen=True, tag="RandomPosterization"):
    """Leaves so many bits of each number."""

    factor: Factor


class RandomInvert(Recoloured, frozen=True, tag="RandomInvert"):
    """Makes light dark and dark light."""

    factor: Factor = 1.0


class RandomGaussianBlur(Recoloured, frozen=True, tag="RandomGaussianBlur"):
    """Blurs."""

    factor: Factor = 1.0
    kernel_size: int | tuple[int, int] = 3
    sigma: Factor = 1.0


class RandomErasing(Recoloured, frozen=True, tag="RandomErasing"):
    """Fills a rectangle of a share of the image."""

    factor: Factor = 1.0
    scale: Factor = (0.02, 0.33)
    fill_value: float | None = None


class RandomColorJitter(Recoloured, frozen=True, tag="RandomColorJitter"):
    """Changes brightness, contrast, saturation and hue."""

    brightness_factor: Factor | None = None
    contrast_factor: Factor | None = None
    saturation_factor: Factor | None = None
    hue_factor: Factor | None = None


class RandomGrayscale(Augmentation, frozen=True, tag="RandomGrayscale"):
    """Takes the colours away from a share of the images."""

    factor: float = 0.5


# Several at once


class RandAugment(Recoloured, frozen=True, tag="RandAugment"):
    """Does some of the others, one after the other."""

    num_ops: int = 2
    factor: Factor = 0.5
    interpolation: str = "bilinear"


class AugMix(Recoloured, frozen=True, tag="AugMix"):
    """Mixes what chains of the others make."""

    num_chains: int = 3
    chain_depth: int = 3
    factor: Factor = 0.3
    alpha: float = 1.0
    all_ops: bool = True
    interpolation: str = "bilinear"


class MixUp(Augmentation, frozen=True, tag="MixUp"):
    """Mixes images with each other."""

    alpha: float = 0.2


class CutMix(Augmentation, frozen=True, tag="CutMix"):
    """Puts parts of images into others."""

    factor: Factor = 1.0
