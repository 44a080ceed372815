"""Networks that tell an odd number of ones from an even one: with tanh units, with relu units, and folded.

All of them look at the sum s of the inputs alone, and go up and down between -1 and +1 as s goes from 0 to d.

The tanh network is that of "On the solution of the parity problem by a single hidden layer feedforward neural
network" (Setiono, 1997) with other numbers: one wide unit that is nearly a straight line, and a step down after every
odd number. "Remarks on interpolation and recognition using neural nets" (Sontag, 1991) has why sigmoids need half as
many units as thresholds. The folding is that of "Benefits of depth in neural networks" (Telgarsky, 2016).

Why one hidden unit is never enough from 2 inputs on: tanh and relu never fall, so the output is above 0 on one side
of a plane, and no plane parts 00 and 11 from 01 and 10 (both pairs have the same middle).

Why 2 relu units are not enough for 3 inputs. Say the output has the sign of g = v relu(a) + u relu(b) + c.

- v and u above 0: g < 0 is where a, b and their sum are below what c gives, so it has three sides at most. It must
  leave out the four corners of one kind, and one side leaves out one of them at most: the middle between two of them
  is also the middle between two corners of the other kind. (Both below 0: the same with g > 0.)
- v = 1, u = -1, any factor being part of a and b: where an input moves a and b in different directions, g only rises
  or only falls with it, and parity does neither. So, with x taken as 1 - x where needed, every input raises both, by
  a_i and b_i, and g > 0 where an odd number is 1 (or else -g is). The first input to become 1 raises g, so a is above
  0 from then on. The second lowers g: b rises by more than a_i, so a_i < b_i, and b is above 0 from then on. Then the
  third raises g by a_i - b_i, which is below 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.layers.dense import Dense
from core.model.network import Network
from core.model.weights import Weights

if TYPE_CHECKING:
    import numpy.typing as npt

WIDE = 64.0
"""How many times wider than one input the tanh is that stands for a straight line: wrong by 0.09 at 16 inputs."""

STEEP = 8.0
"""How steep the steps are: half an input from its middle, a step is done to a part in a thousand."""

Made = tuple[Network, Weights]


def with_tanh(inputs: int) -> Made:
    """Return ``inputs // 2 + 1`` hidden tanh units: a rising line, and a step of 4 down after 1, after 3, after 5 ...

    The line rises by 2 from one whole number to the next, so that s = 0, 1, 2, 3 ... gives -1, +1, -1, +1 ...
    """
    steps = inputs // 2
    middles = np.arange(steps) * 2 + 1.5
    kernel = np.tile([1 / WIDE] + [STEEP] * steps, (inputs, 1))
    bias = [-inputs / 2 / WIDE, *(-STEEP * middles)]
    return _two_layers(inputs, "tanh", kernel, bias, [2 * WIDE] + [-2.0] * steps, inputs - 1 - 2 * steps)


def with_relu(inputs: int) -> Made:
    """Return hidden relu units, each a bend of the line: ``inputs`` of them, or one fewer from 4 inputs on.

    From 4 on, the unit that falls until s = 3 is both the slope at the beginning and the bend at 3. It needs heights
    of -1, 3, -1, 1, -1, 1 ... at s = 0, 1, 2, 3, 4, 5 ...
    """
    if inputs < 4:
        signs, bends = [1.0] * inputs, [float(place) for place in range(inputs)]
        output, last = [2.0, -4.0, 4.0][:inputs], -1.0
    else:
        signs, bends = [-1.0] + [1.0] * (inputs - 2), [3.0, 1.0, 2.0, *map(float, range(4, inputs))]
        output, last = [-4.0, -8.0, 6.0] + [4.0 if place % 2 == 0 else -4.0 for place in range(4, inputs)], 11.0
    kernel = np.tile(signs, (inputs, 1))
    return _two_layers(inputs, "relu", kernel, -np.multiply(signs, bends), output, last)


def folded(inputs: int) -> Made:
    """Return layers of 2 relu units that fold s in the middle until 0 (odd) or 1 (even) is left.

    Between 0 and 2m, |s - m| = relu(s - m) + relu(m - s) is as even or odd as s where m is even; the last fold, at
    1, makes 1 of 0 and of 2, and 0 of 1.
    """
    middles = [2.0**power for power in reversed(range((inputs - 1).bit_length()))]
    layers = [Dense("hidden" if place == 0 else f"hidden_{place + 1}", 2, "relu") for place in range(len(middles))]
    arrays: list[tuple[npt.ArrayLike, npt.ArrayLike]] = []
    for place, middle in enumerate(middles):
        width = inputs if place == 0 else 2
        arrays.append((np.tile([1.0, -1.0], (width, 1)), [-middle, middle]))
    arrays.append(([[-2.0], [-2.0]], [1.0]))
    network = Network.chain(inputs, (*layers, Dense("output", 1, "tanh")))
    return network, Weights.for_network(network, arrays)


def xor_with_tanh() -> Made:
    """Return the two tanh units of XOR: one rises at s = 0.5, one at 1.5, and their difference is largest at 1."""
    kernel = [[1.0, 1.0], [1.0, 1.0]]
    return _two_layers(2, "tanh", np.array(kernel), [-0.5, -1.5], [1.0, -1.0], -0.7)


def _two_layers(
    inputs: int, activation: str, kernel: npt.ArrayLike, bias: npt.ArrayLike, output: list[float], last: float
) -> Made:
    network = Network.chain(inputs, (Dense("hidden", len(output), activation), Dense("output", 1, "tanh")))
    weights = [(kernel, bias), ([[value] for value in output], [last])]
    return network, Weights.for_network(network, weights)
