"""People who make one known slip each, for the tests of practice: what they would answer, calculated on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.activations import activation
from core.practice.slip import Slip
from tests.core.practice_people import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.arrays import Array
    from tests.core.practice_people import ChainWork
    from tests.traced import Trace


class Unit(NamedTuple):
    """One unit of one Dense layer as it stands on the page, its numbers exact or as they are written."""

    x: Array
    kernel: Array
    bias: Array
    unit: int
    name: str
    digits: int

    @property
    def w(self) -> Array:
        """The weights of the unit."""
        return np.asarray(self.kernel[:, self.unit])

    @property
    def b(self) -> float:
        """The bias of the unit."""
        return float(self.bias[self.unit])

    def total(self) -> float:
        """The weighted sum."""
        return float(self.w @ self.x)

    def after(self, z: float, name: str = "") -> float:
        """What the activation makes of ``z``, the other units as they are."""
        zs = self.kernel.T @ self.x + self.bias
        zs[self.unit] = z
        with np.errstate(all="ignore"):
            return float(activation(name or self.name).function(zs)[self.unit])


def unit_of(work: ChainWork, random: np.random.Generator, trace: Trace | None = None) -> tuple[int, Unit]:
    """Return a random unit of a random Dense layer, by its place; half of the time with the numbers as written."""
    steps = (trace or work.page).steps
    place = int(random.choice([at for at, step in enumerate(steps) if step.kernel is not None]))
    step = steps[place]
    assert step.kernel is not None
    bias = np.zeros(step.kernel.shape[1]) if step.bias is None else step.bias
    arrays = [step.inputs, step.kernel, bias]
    if random.random() < 0.5:
        arrays = [np.vectorize(lambda one: written(float(one), work.digits))(array) for array in arrays]
    x, kernel, bias = arrays
    return place, Unit(x, kernel, bias, int(random.integers(kernel.shape[1])), step.activation, work.digits)


def _other(random: np.random.Generator, size: int, but: int) -> int:
    """Return another place than ``but``."""
    return int(random.choice([at for at in range(size) if at != but]))


# Each gives the weighted sum with one slip in it, or None where that cannot be made.


def missing_product(unit: Unit, random: np.random.Generator) -> float | None:
    left_out = int(random.integers(unit.x.size))
    return None if unit.x.size < 2 else float(np.delete(unit.w * unit.x, left_out).sum())


def transposed(unit: Unit, random: np.random.Generator) -> float | None:
    inputs, units = unit.kernel.shape
    if unit.unit >= inputs or min(inputs, units) < 2:
        return None
    if units >= inputs and random.random() < 0.3:
        return float(unit.kernel[unit.unit, :inputs] @ unit.x)
    row, w = _other(random, min(inputs, units), unit.unit), unit.w.copy()
    w[row] = unit.kernel[unit.unit, row]
    return float(w @ unit.x)


def other_input(unit: Unit, random: np.random.Generator) -> float | None:
    if unit.x.size < 2:
        return None
    row, x = int(random.integers(unit.x.size)), unit.x.copy()
    other = _other(random, unit.x.size, row)
    x[row] = unit.x[other]
    if random.random() < 0.3:
        x[other] = unit.x[row]
    return float(unit.w @ x)


def other_weight(unit: Unit, random: np.random.Generator) -> float | None:
    inputs, units = unit.kernel.shape
    way = random.random()
    if way < 0.3 and inputs > 1:
        row, w = int(random.integers(inputs)), unit.w.copy()
        w[row] = unit.w[_other(random, inputs, row)]
        return float(w @ unit.x)
    if units < 2:
        return None
    column = unit.kernel[:, _other(random, units, unit.unit)]
    if way < 0.6:
        return float(column @ unit.x)
    row, w = int(random.integers(inputs)), unit.w.copy()
    w[row] = column[row]
    return float(w @ unit.x)


def lost_sign(unit: Unit, random: np.random.Generator) -> float | None:
    way, row = random.random(), int(random.integers(unit.x.size))
    x, w = unit.x.copy(), unit.w.copy()
    if way < 0.4:
        x[row] = -x[row]
    elif way < 0.8:
        w[row] = -w[row]
    elif way < 0.9:
        return -unit.total()
    else:
        return float(np.abs(w * x).sum())
    return float(w @ x)


def rounded_early(unit: Unit, random: np.random.Generator) -> float | None:
    fewer, way = int(random.integers(unit.digits)), random.random()
    if way < 0.25:
        return float(np.round(unit.w, fewer) @ unit.x)
    if way < 0.5:
        return float(unit.w @ np.round(unit.x, fewer))
    return float(np.round(unit.w * unit.x, fewer).sum()) if way < 0.75 else float(np.round(unit.total(), fewer))


IN_SUM: dict[Slip, Callable[[Unit, np.random.Generator], float | None]] = {
    Slip.MISSING_PRODUCT: missing_product,
    Slip.TRANSPOSED: transposed,
    Slip.OTHER_INPUT: other_input,
    Slip.OTHER_WEIGHT: other_weight,
    Slip.SIGN: lost_sign,
    Slip.ROUNDED_EARLY: rounded_early,
}

# Each gives the pre-activation with one slip in it.

IN_BIAS: dict[Slip, Callable[[Unit, np.random.Generator], float | None]] = {
    Slip.FORGOT_BIAS: lambda unit, random: unit.total(),
    Slip.BIAS_TWICE: lambda unit, random: unit.total() + 2.0 * unit.b,
    Slip.BIAS_SUBTRACTED: lambda unit, random: unit.total() - unit.b,
    Slip.OTHER_BIAS: lambda unit, random: (
        None if unit.bias.size < 2 else unit.total() + float(unit.bias[_other(random, unit.bias.size, unit.unit)])
    ),
    Slip.SIGN: lambda unit, random: float(random.choice([-unit.total() - unit.b, -unit.total() + unit.b])),
}

# Each gives the output with one slip in the activation.

USUAL = ("tanh", "sigmoid", "relu", "softmax", "softplus", "exponential", "leaky_relu")


def other_activation(unit: Unit, random: np.random.Generator) -> float | None:
    z = unit.total() + unit.b
    return unit.after(z, str(random.choice([name for name in USUAL if name != unit.name])))


def degrees(unit: Unit, random: np.random.Generator) -> float | None:
    z = unit.total() + unit.b
    if unit.name == "tanh" and random.random() < 0.7:
        return float(random.choice([np.tan(np.radians(z)), np.sin(np.radians(z)), np.cos(np.radians(z))]))
    return unit.after(float(np.radians(z) if random.random() < 0.5 else np.degrees(z)))


def tan(unit: Unit, random: np.random.Generator) -> float | None:
    return float(np.tan(unit.total() + unit.b)) if unit.name == "tanh" else None


IN_OUTPUT: dict[Slip, Callable[[Unit, np.random.Generator], float | None]] = {
    Slip.FORGOT_ACTIVATION: lambda unit, random: unit.total() + unit.b,
    Slip.WRONG_ACTIVATION: other_activation,
    Slip.SIGN: lambda unit, random: -unit.after(unit.total() + unit.b),
    Slip.DEGREES: degrees,
    Slip.TAN: tan,
    Slip.ROUNDED_EARLY: lambda unit, random: unit.after(
        float(np.round(unit.total() + unit.b, int(random.integers(unit.digits))))
    ),
}


def answer_with(slip: Slip, value: str, unit: Unit, random: np.random.Generator) -> float | None:
    """Return what someone answers who makes ``slip`` on the way to a number of this value; None if it cannot be."""
    if value == "output" and slip in IN_OUTPUT:
        return IN_OUTPUT[slip](unit, random)
    if value == "weighted sum":
        return IN_SUM[slip](unit, random) if slip in IN_SUM else None
    made = None
    if slip in IN_BIAS:
        made = IN_BIAS[slip](unit, random)
    elif slip in IN_SUM and (total := IN_SUM[slip](unit, random)) is not None:
        made = total + unit.b
    return made if made is None or value == "pre-activation" else unit.after(made)
