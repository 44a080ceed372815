"""Keras's initializers, each drawn from its formula by NumPy's generator: numbers of the same kind, not the same ones.

The formulas are those of the Keras 3 documentation ("Layer weight initializers") and of the papers that it names:
Glorot from "Understanding the difficulty of training deep feedforward neural networks" (Glorot and Bengio, 2010),
He from "Delving deep into rectifiers" (He et al., 2015), Lecun from "Efficient BackProp" (LeCun et al., 1998),
Orthogonal from "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (Saxe et al.,
2014). Keras draws from its own generator, so the same seed gives other numbers there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.editing.held import FLOAT32_MAX, held
from core.errors import Refused, require_between, shorten
from core.model.initial import MAX_SEED, fans

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.arrays import Array, KerasArray

    Shape = tuple[int, ...]
    Settings = Mapping[str, float | str]


CUT = 2.0
"""A truncated normal is drawn again beyond so many standard deviations."""

CUT_DEVIATION = 0.87962566103423978
"""The standard deviation of a standard normal that is cut off there: sqrt(1 - 4 pdf(2) / (cdf(2) - cdf(-2)))."""

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

MOST_ORTHOGONAL = 4_096
"""The smaller side of a matrix that is made orthogonal: its time grows with the square of it."""


def _uniform(shape: Shape, generator: np.random.Generator, settings: Settings) -> Array:
    low, high = _number(settings, "minval"), _number(settings, "maxval")
    if low > high:
        raise Refused(f"expected a minval up to the maxval, got {low:g} and {high:g}")
    return generator.uniform(low, high, shape)


def _normal(shape: Shape, generator: np.random.Generator, settings: Settings) -> Array:
    return generator.normal(_number(settings, "mean"), _deviation(settings), shape)


def _truncated_normal(shape: Shape, generator: np.random.Generator, settings: Settings) -> Array:
    return _number(settings, "mean") + _deviation(settings) * _cut_normal(shape, generator)


def _cut_normal(shape: Shape, generator: np.random.Generator) -> Array:
    """Return standard normal numbers, those beyond ``CUT`` drawn again until none is."""
    values = generator.standard_normal(shape)
    flat = values.reshape(-1)
    while (beyond := np.flatnonzero(np.abs(flat) > CUT)).size:
        flat[beyond] = generator.standard_normal(beyond.size)
    return values


def _variance_scaling(shape: Shape, generator: np.random.Generator, settings: Settings) -> Array:
    scale = _number(settings, "scale")
    if scale <= 0:
        raise Refused(f"expected a scale above 0, got {scale:g}")
    into, out_of = fans(shape)
    ways = {"fan_in": into, "fan_out": out_of, "fan_avg": (into + out_of) / 2}
    variance = scale / max(1.0, ways[_word(settings, "mode", MODES)])
    match _word(settings, "distribution", DISTRIBUTIONS):
        case "uniform":
            limit = math.sqrt(3.0 * variance)
            return generator.uniform(-limit, limit, shape)
        case "untruncated_normal":
            return math.sqrt(variance) * generator.standard_normal(shape)
        case _:
            return math.sqrt(variance) / CUT_DEVIATION * _cut_normal(shape, generator)


def _orthogonal(shape: Shape, generator: np.random.Generator, settings: Settings) -> Array:
    if len(shape) < 2:
        raise Refused(f"Orthogonal: expected an array of at least 2 axes, got shape {shape}")
    rows, columns = math.prod(shape[:-1]), shape[-1]
    require_between("the smaller side of an orthogonal matrix", min(rows, columns), 1, MOST_ORTHOGONAL)
    q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
    # The signs make every orthogonal matrix as likely as any other (Mezzadri, 2007).
    q *= np.sign(np.diag(r))
    return _number(settings, "gain") * (q if rows >= columns else q.T).reshape(shape)


def _identity(shape: Shape, _generator: np.random.Generator, settings: Settings) -> Array:
    if len(shape) != 2:
        raise Refused(f"Identity: expected an array of 2 axes, got shape {shape}")
    return _number(settings, "gain") * np.eye(*shape)


def _constant(shape: Shape, _generator: np.random.Generator, settings: Settings) -> Array:
    return np.full(shape, _number(settings, "value"))


@dataclass(frozen=True)
class Initializer:
    """One of Keras's initializers: its ``name`` there, its ``settings`` with Keras's defaults, its formula as text.

    ``fixed`` are the settings of ``draw`` that the name stands for.
    """

    name: str
    draw: Callable[[Shape, np.random.Generator, Settings], Array]
    formula: str
    settings: Settings
    fixed: Settings

    @property
    def random(self) -> bool:
        """Whether the seed makes a difference."""
        return self.draw not in (_identity, _constant)


def _free(name: str, draw: Callable[..., Array], formula: str, **settings: float | str) -> Initializer:
    return Initializer(name, draw, formula, settings, {})


def _scaled(name: str, scale: float, mode: str, distribution: str, formula: str) -> Initializer:
    fixed: Settings = {"scale": scale, "mode": mode, "distribution": distribution}
    return Initializer(name, _variance_scaling, formula, {}, fixed)


def _always(name: str, value: float) -> Initializer:
    return Initializer(name, _constant, f"all {value:g}", {}, {"value": value})


_BETWEEN = "uniform between -limit and limit = "
_CUT = "normal, drawn again beyond 2 deviations; its deviation is then "

INITIALIZERS = {
    initializer.name: initializer
    for initializer in (
        _scaled("GlorotUniform", 1.0, "fan_avg", "uniform", _BETWEEN + "sqrt(6 / (fan_in + fan_out))"),
        _scaled("GlorotNormal", 1.0, "fan_avg", "truncated_normal", _CUT + "sqrt(2 / (fan_in + fan_out))"),
        _scaled("HeUniform", 2.0, "fan_in", "uniform", _BETWEEN + "sqrt(6 / fan_in)"),
        _scaled("HeNormal", 2.0, "fan_in", "truncated_normal", _CUT + "sqrt(2 / fan_in)"),
        _scaled("LecunUniform", 1.0, "fan_in", "uniform", _BETWEEN + "sqrt(3 / fan_in)"),
        _scaled("LecunNormal", 1.0, "fan_in", "truncated_normal", _CUT + "sqrt(1 / fan_in)"),
        _free("RandomUniform", _uniform, "uniform from minval up to maxval", minval=-0.05, maxval=0.05),
        _free("RandomNormal", _normal, "normal around mean with deviation stddev", mean=0.0, stddev=0.05),
        _free(
            "TruncatedNormal", _truncated_normal, "normal, drawn again beyond 2 stddev of mean", mean=0.0, stddev=0.05
        ),
        _free(
            "VarianceScaling",
            _variance_scaling,
            "variance scale / n, where n is fan_in, fan_out or their average",
            scale=1.0,
            mode="fan_in",
            distribution="truncated_normal",
        ),
        _free("Orthogonal", _orthogonal, "gain times a random matrix with orthonormal columns (or rows)", gain=1.0),
        _free("Identity", _identity, "gain on the diagonal, else 0", gain=1.0),
        _always("Zeros", 0.0),
        _always("Ones", 1.0),
        _free("Constant", _constant, "all value", value=0.0),
    )
}
"""Keras's name -> the initializer."""


def drawn(name: str, shape: Shape, seed: int = 0, settings: Settings = MappingProxyType({})) -> KerasArray:
    """Return an array of ``shape`` as the initializer that Keras calls ``name`` makes it; one seed, one array.

    ``settings`` are given instead of Keras's defaults.

    Raises:
        Refused: there is no such initializer or setting, it cannot make this shape, or float32 cannot hold a number.
    """
    if name not in INITIALIZERS:
        raise Refused(f"expected an initializer of Keras ({', '.join(INITIALIZERS)}), got {shorten(name)!r}")
    initializer = INITIALIZERS[name]
    if unknown := [setting for setting in settings if setting not in initializer.settings]:
        known = ", ".join(initializer.settings) or "none"
        raise Refused(f"{name}: expected other settings ({known}), got {shorten(unknown[0])!r}")
    require_between("a seed", seed, 0, MAX_SEED)
    used = {**initializer.settings, **initializer.fixed, **settings}
    return held(initializer.draw(shape, np.random.default_rng(seed), used))


def _number(settings: Settings, name: str) -> float:
    value = settings[name]
    if isinstance(value, str) or not abs(value) <= FLOAT32_MAX:
        raise Refused(f"expected a number for {name} that float32 holds (up to 3.4e38), got {shorten(str(value))}")
    return float(value)


def _deviation(settings: Settings) -> float:
    value = _number(settings, "stddev")
    if value < 0:
        raise Refused(f"expected a stddev of 0 or more, got {value:g}")
    return value


def _word(settings: Settings, name: str, words: tuple[str, ...]) -> str:
    value = settings[name]
    if value not in words:
        raise Refused(f"expected {name} as one of {', '.join(words)}, got {shorten(str(value))!r}")
    return str(value)
