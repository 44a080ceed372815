"""The forward pass of a chain layer by layer, as it stands on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.model.network import describe

if TYPE_CHECKING:
    from jaxtyping import Float

    from core.arrays import Array
    from core.calculation.calculated import Calculated
    from core.layers.layer import Layer
    from core.model.network import Network
    from core.operations.rounding import Carry


@dataclass(frozen=True, eq=False)
class Step:
    """What one layer did to one point.

    ``inputs`` and ``kernel`` are as they were written down (see :class:`Rounding`). A layer without weights has neither
    kernel nor weighted sum, and one that applies nothing no ``pre_activation``: it passes its inputs on.
    """

    layer: Layer
    inputs: Float[Array, "inputs"]
    kernel: Float[Array, "inputs units"] | None
    weighted_sum: Float[Array, "units"] | None
    bias: Float[Array, "units"] | None
    pre_activation: Float[Array, "units"] | None
    output: Float[Array, "units"]

    @property
    def activation(self) -> str:
        """Keras's name of what was applied to the pre-activation."""
        return "linear" if self.pre_activation is None else self.layer.last_activation

    def products(self, unit: int, carry: Carry) -> Float[Array, "inputs"]:
        """Return the products of the inputs and their weights whose sum is the weighted sum of ``unit``."""
        assert self.kernel is not None
        return carry.product(self.inputs, self.kernel[:, unit])


@dataclass(frozen=True, eq=False)
class Trace:
    """Every intermediate of one forward pass over one point."""

    x: Float[Array, "inputs"]
    steps: tuple[Step, ...]

    @property
    def prediction(self) -> Float[Array, "outputs"]:
        """The last step's output."""
        return self.steps[-1].output if self.steps else self.x


def trace(network: Network, done: Calculated) -> Trace:
    """Return every step of a chain's calculation.

    Raises:
        Refused: the network is no chain.
    """
    if not network.on_one_page:
        raise Refused(f"expected a chain of layers such as Dense over rows here, got {shorten(describe(network))}")
    x = inputs = done.numbers[done.written.inputs[0]]
    steps: list[Step] = []
    for layer, path in zip(network.layers, network.paths, strict=True):
        made = {name: done.numbers[number] for name, number in done.written.of_call(path).items()}
        kernel, total, bias, z = (made.get(name) for name in ("kernel", "weighted sum", "bias", "pre-activation"))
        steps.append(Step(layer, inputs, kernel, total, bias, z, made["output"]))
        inputs = made["output"]
    return Trace(x, tuple(steps))
