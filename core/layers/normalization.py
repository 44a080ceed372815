"""Normalization: inputs less a mean, divided by how far they spread, then scaled by gamma and moved by beta.

Formulas: Keras 3 documentation, "Normalization layers", "Normalization layer" and "Rescaling layer".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.layers.axes import of_point, of_points
from core.layers.layer import Layer
from core.model.penalised import Constraint, Regularizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.arrays import AnyArray, Array
    from core.layers.layer import Weights
    from core.layers.writer import Writer
    from core.operations.operation import Shape
    from core.operations.program import Value

LEAST = 1e-7
"""Keras's ``epsilon()``: what is divided by is never smaller."""


class Scaled(Layer, frozen=True, kw_only=True):
    """What is normalized, times gamma if it is to ``scale``, plus beta if it is to ``center``."""

    initializers = {"gamma": "ones", "moving_variance": "ones", "moving_stddev": "ones", "renorm_stddev": "ones"}

    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True
    beta_regularizer: Regularizer | None = None
    gamma_regularizer: Regularizer | None = None
    beta_constraint: Constraint | None = None
    gamma_constraint: Constraint | None = None

    passes_mask = True

    def scales(self, shape: Shape) -> dict[str, Shape]:
        """Return gamma and beta, of that shape, as far as there are any."""
        return {name: shape for name, there in (("gamma", self.scale), ("beta", self.center)) if there}

    def normalized(self, on: Writer, inputs: Value, mean: Value, variance: Value) -> Value:
        """Write down the inputs less the mean, divided by the root of the variance and epsilon."""
        return on.name("normalized", (inputs - mean) / (variance + on.constant(self.epsilon, "epsilon")).each("sqrt"))

    def scaled(self, w: Weights, normalized: Value, shape: Shape) -> Value:
        """Return what is normalized times gamma plus beta, both laid out in ``shape``."""
        made = normalized * w["gamma"].reshape(*shape) if "gamma" in w else normalized
        return made + w["beta"].reshape(*shape) if "beta" in w else made


class Clipping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Between which sizes a training keeps what batch renormalization corrects; without one it is not bounded."""

    rmin: float | None = None
    rmax: float | None = None
    dmax: float | None = None


class BatchNormalization(Scaled, frozen=True, kw_only=True, tag="BatchNormalization"):
    """Normalized by a mean and variance for each place of ``axis``, gathered from the batches of a training."""

    axis: int = -1
    momentum: float = 0.99
    renorm: bool = False
    renorm_clipping: Clipping | None = None
    renorm_momentum: float = 0.99

    @property
    def while_training(self) -> str:
        """That the batch's own mean and variance stood for those gathered, unless it is frozen."""
        return "BatchNormalization took each batch's own mean and variance" if self.trainable else ""

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return gamma, beta and what was gathered, one number for each place of the axis."""
        size = (shapes[0][of_point(self.name, self.axis, len(shapes[0]))],)
        moving = ["moving_mean", "moving_variance"]
        moving += ["moving_stddev", "renorm_mean", "renorm_stddev"] if self.renorm else []
        return self.scales(size) | dict.fromkeys(moving, size)

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the mean and variance that were gathered, what is normalized by them, and that scaled."""
        shape = _kept(inputs.shape, (of_point(self.name, self.axis, inputs.rank),))
        mean = on.name("mean", w["moving_mean"].reshape(*shape))
        variance = on.name("variance", w["moving_variance"].reshape(*shape))
        return self.scaled(w, self.normalized(on, inputs, mean, variance), shape)


class LayerNormalization(Scaled, frozen=True, kw_only=True, tag="LayerNormalization"):
    """Normalized by the mean and variance of each point along ``axis``; with ``rms_scaling`` the mean stays in it."""

    axis: tuple[int, ...] = (-1,)
    rms_scaling: bool = False

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return gamma and beta, one number for each place of the axes, which Keras sorts as they are written."""
        sizes = tuple(shapes[0][axis] for axis in of_points(self.name, tuple(sorted(self.axis)), len(shapes[0])))
        return {"gamma": sizes} if self.rms_scaling else self.scales(sizes)

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the mean and variance, what is normalized by them, and that scaled."""
        axes = of_points(self.name, self.axis, inputs.rank)
        mean, variance = moments(on, inputs, *axes)
        mean = on.constant(0.0) if self.rms_scaling else mean
        return self.scaled(w, self.normalized(on, inputs, mean, variance), _kept(inputs.shape, axes))


class GroupNormalization(Scaled, frozen=True, kw_only=True, tag="GroupNormalization"):
    """Normalized by the mean and variance of each group of neighbours along ``axis``; -1 makes each place a group."""

    groups: int = 32
    axis: int = -1

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return gamma and beta, one number for each place of the axis."""
        return self.scales((shapes[0][of_point(self.name, self.axis, len(shapes[0]))],))

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down each group's mean and variance, what is normalized by them, and that scaled.

        Raises:
            Refused: the places of the axis can't be divided into so many groups.
        """
        axis = of_point(self.name, self.axis, inputs.rank)
        size = inputs.shape[axis]
        groups = size if self.groups == -1 else self.groups
        if groups < 1 or size % groups:
            raise Refused(f"{self.name}: expected a size of axis {self.axis} that {groups} divides, got {size}")
        parted = inputs.reshape(*inputs.shape[:axis], groups, size // groups, *inputs.shape[axis + 1 :])
        mean, variance = moments(on, parted, *(one for one in range(parted.rank) if one != axis))
        normalized = self.normalized(on, parted, mean, variance)
        return self.scaled(w, normalized, _kept(parted.shape, (axis, axis + 1))).reshape(*inputs.shape)


class RMSNormalization(Layer, frozen=True, tag="RMSNormalization"):
    """Divided by the root of the mean square along ``axis``, then times ``scale``."""

    initializers = {"scale": "ones"}

    axis: tuple[int, ...] = (-1,)
    epsilon: float = 1e-6

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the scale, one number for each place of the axes, which Keras sorts as they are written."""
        sizes = (shapes[0][axis] for axis in of_points(self.name, tuple(sorted(self.axis)), len(shapes[0])))
        return {"scale": tuple(sizes)}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the mean square, what is normalized by it, and that scaled.

        The scale goes with the last axes, whichever ``axis`` says, as in Keras.
        """
        square = on.name(
            "mean square", inputs.each("square").over("mean", *of_points(self.name, self.axis, inputs.rank))
        )
        normalized = on.name("normalized", inputs / (square + on.constant(self.epsilon, "epsilon")).each("sqrt"))
        return normalized * w["scale"]


class UnitNormalization(Layer, frozen=True, tag="UnitNormalization"):
    """Divided by its length along ``axis``."""

    axis: tuple[int, ...] = (-1,)

    passes_mask = True

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the inputs, divided by their length."""
        return of_length_one(inputs, 1e-12, *of_points(self.name, self.axis, inputs.rank))


class Normalization(Layer, frozen=True, tag="Normalization"):
    """Normalized by a mean and variance for each place of ``axis``, set or found in data; or, to ``invert``, back."""

    initializers = {"variance": "ones"}

    axis: tuple[int, ...] | None = (-1,)
    mean: float | tuple[Any, ...] | None = None
    variance: float | tuple[Any, ...] | None = None
    invert: bool = False

    passes_mask = True

    def mean_of_inputs(self, shape: Shape, arrays: Mapping[str, AnyArray]) -> AnyArray | None:
        """Return the mean that is set or was found in data; None if it makes inputs of what is normalized."""
        mean = self.mean if self.mean is not None else arrays.get("mean")
        return None if self.invert or mean is None else np.broadcast_to(self._laid(mean, shape), shape)

    def weights(self, *shapes: Shape) -> dict[str, Shape]:
        """Return the mean and the variance, of the sizes of the axes, if they are not set; then a count, not used.

        Raises:
            Refused: one of the two is set, and the other is not.
        """
        if (self.mean is None) != (self.variance is None):
            raise Refused(f"expected both mean and variance of {shorten(self.name)}, or neither, got one alone")
        if self.mean is not None:
            return {}
        kept = sorted(of_points(self.name, self.axis or (), len(shapes[0])))
        sizes = tuple(shapes[0][axis] for axis in kept)
        return {"mean": sizes, "variance": sizes, "count": ()}

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the mean and the variance, if they are set, and what is normalized by them."""
        kept = of_points(self.name, self.axis or (), inputs.rank)
        mean, variance = (
            w[name].reshape(*_kept(inputs.shape, kept))
            if name in w
            else on.name(name, on.constant(self._laid(numbers, inputs.shape)))
            for name, numbers in (("mean", self.mean), ("variance", self.variance))
        )
        spread = variance.each("sqrt").each("maximum", LEAST)
        return inputs * spread + mean if self.invert else (inputs - mean) / spread

    def _laid(self, numbers: object, inputs: Shape) -> Array:
        """Return numbers for inputs of a shape, their axes laid on the last of those that are kept.

        Raises:
            Refused: they have more axes, or other sizes.
        """
        array = np.asarray(numbers, dtype=np.float64)
        kept = sorted(of_points(self.name, self.axis or (), len(inputs)))
        shape = [1] * len(inputs)
        for axis, size in zip(reversed(kept), reversed(array.shape), strict=False):
            shape[axis] = size
        whole = _kept(inputs, tuple(kept))
        if array.ndim > len(kept) or any(size not in (1, there) for size, there in zip(shape, whole, strict=True)):
            raise Refused(f"{self.name}: expected a mean and a variance for {whole}, got the shape {array.shape}")
        return np.broadcast_to(array.reshape(shape), whole)


class Rescaling(Layer, frozen=True, tag="Rescaling"):
    """Times ``scale``, plus ``offset``; each is one number, or one for each place of the last axes."""

    scale: float | tuple[Any, ...]
    offset: float | tuple[Any, ...] = 0.0

    passes_mask = True

    def call(self, on: Writer, w: Weights, inputs: Value) -> Value:
        """Write down the inputs, times the scale, plus the offset."""
        return inputs * on.constant(self.scale) + on.constant(self.offset)


def moments(on: Writer, value: Value, *axes: int) -> tuple[Value, Value]:
    """Write down the mean along ``axes``, and the variance: the mean square of how far the numbers are from it."""
    mean = on.name("mean", value.over("mean", *axes))
    return mean, on.name("variance", (value - mean).each("square").over("mean", *axes))


def of_length_one(value: Value, least: float, *axes: int) -> Value:
    """Return the value divided by the root of its squares added up along ``axes``, by ``least`` at least."""
    return value / value.each("square").over("sum", *axes).each("sqrt").each("maximum", least)


def _kept(inputs: Shape, axes: tuple[int, ...]) -> Shape:
    """Return the shape of the inputs with 1 for every axis but these."""
    return tuple(size if axis in axes else 1 for axis, size in enumerate(inputs))
