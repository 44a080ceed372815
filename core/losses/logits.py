"""Where Keras calculates a loss from pre-activations: it looks under a sigmoid or softmax right before the loss.

Keras's sigmoid and softmax leave their input with their output, and its cross-entropies take that instead, whichever
of the two it was: a binary cross-entropy behind a softmax takes the sigmoid of every z. ``evaluate`` and ``fit`` see
it; a loss function that is given what ``predict`` made can't (Keras 3, TensorFlow backend; tried layer by layer).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from core.layers.nested import made_by
from core.losses.probabilities import BINARY_FOCAL_CROSSENTROPY, BINARY_FOCAL_UNDER_SOFTMAX
from core.losses.settings import FROM_LOGITS
from core.operations.each import Each
from core.operations.over import Over
from core.operations.program import Line
from core.operations.take import Reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.losses.loss import Loss
    from core.model.network import Network
    from core.operations.program import Program

SEEN_UNDER = ("sigmoid", "softmax")


class Under(NamedTuple):
    """The pre-activations that Keras finds: a value of the network's program, and the ``activation`` of them."""

    activation: str
    value: int


def logits_under(network: Network, output: int = 0) -> Under | None:
    """Return the pre-activations that Keras finds under an output, or None if it finds none.

    It looks through what passes on what it gets where nothing is trained, such as a Dropout or a linear Activation.
    Anything else after the activation hides it: a Flatten, a mask that makes some of it 0, steps that are a loop.
    """
    written = network.written
    if written.stops:
        return None
    made = made_by(network.graph, network.graph.outputs[output])
    if not isinstance(made, tuple) or not made[0].leaves_activation(made[1]):
        return None
    return activation_under(written.program, written.outputs[output])


def activation_under(program: Program, number: int) -> Under | None:
    """Return what the value of that number is the sigmoid of, or the softmax along one axis; None if it is neither."""
    number = _of_copy(program, number)
    match program.lines[number]:
        case Line(Each("sigmoid"), (z,)):
            return Under("sigmoid", z)
        case Line(Each("divide"), (powers, total)):
            match program.lines[total]:
                case Line(Over("sum", (_,)), (of,)) if of == powers:
                    (shifted,) = program.lines[powers].sources
                    return Under("softmax", program.lines[shifted].sources[0])
    return None


def _of_copy(program: Program, number: int) -> int:
    """Return the value that one is the same as, under another name."""
    match program.lines[number]:
        case Line(Reshape(before, shape), (source,)) if before == shape:
            return _of_copy(program, source)
    return number


def seen_under(loss: Loss, activation: str) -> Loss | None:
    """Return what Keras makes of ``loss`` right behind ``activation``: a loss of the pre-activations.

    None where it is of the outputs as they are: behind any activation but these, or if it doesn't look under them.
    """
    if activation not in SEEN_UNDER or not loss.looks_under:
        return None
    if loss.ignored is not None:
        # It puts 0 in place of the outputs of ignored rows, and what it makes so has no activation to look under.
        return None
    focal = loss.name == BINARY_FOCAL_CROSSENTROPY.name
    if focal and loss.of_logits:
        # It puts a sigmoid of its own behind the outputs, and that is what it looks under.
        return None
    options = tuple(pair for pair in loss.given if pair[0] != FROM_LOGITS.name)
    if focal and activation == "softmax":
        return replace(BINARY_FOCAL_UNDER_SOFTMAX, given=options)
    return loss.with_options((*options, (FROM_LOGITS.name, True)))


def compared(network: Network, losses: Sequence[Loss]) -> tuple[tuple[Loss, ...], tuple[int, ...]]:
    """Return the loss of each output that Keras's ``evaluate`` calculates, and of which values of the program it is.

    That is the loss itself of the outputs but where Keras looks under the last activation for it.
    """
    found, values = list(losses), list(network.written.outputs)
    for output, loss in enumerate(losses):
        under = logits_under(network, output)
        of_z = None if under is None else seen_under(loss, under.activation)
        if under is not None and of_z is not None:
            found[output], values[output] = of_z, under.value
    return tuple(found), tuple(values)
