"""Where Keras calculates a loss from pre-activations: it looks under a sigmoid or softmax right before the loss.

Keras's sigmoid and softmax leave their input with their output, and its cross-entropies take that instead, whichever
of the two it was: a binary cross-entropy behind a softmax takes the sigmoid of every z. ``evaluate`` and ``fit`` see
it; a loss function that is given what ``predict`` made can't (Keras 3, TensorFlow backend; tried layer by layer).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from core.layers.activation_layers import Activation
from core.layers.identity import Dropout
from core.losses.probabilities import BINARY_FOCAL_CROSSENTROPY, BINARY_FOCAL_UNDER_SOFTMAX
from core.losses.settings import FROM_LOGITS
from core.model.network import Weighted

if TYPE_CHECKING:
    from core.losses.loss import Loss
    from core.model.network import Network

SEEN_UNDER = ("sigmoid", "softmax")


def logits_under(network: Network) -> int | None:
    """Return the place of the layer under whose activation Keras finds the pre-activations, or None if it finds none.

    It is the last layer, a Dropout (which passes on what it gets where nothing is trained) or a linear Activation
    after it not counted. Anything else after it hides them, a Flatten too; so there are none of a model whose output
    is an image or a sequence, which is made a row here.
    """
    if len(network.shapes()[-1]) > 1:
        return None
    for place in reversed(range(len(network.layers))):
        layer = network.layers[place]
        if isinstance(layer, Weighted | Activation) and layer.activation in SEEN_UNDER:
            return place
        if not isinstance(layer, Dropout) and layer != Activation(layer.name, "linear"):
            return None
    return None


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


def as_evaluated(network: Network, loss: Loss) -> tuple[Network, Loss]:
    """Return a network and a loss of its outputs which are what Keras's ``evaluate`` calculates ``loss`` by.

    Where it looks under an activation, the network is the one without it.
    """
    place = logits_under(network)
    if place is None:
        return network, loss
    layer = network.layers[place]
    assert isinstance(layer, Weighted | Activation)
    of_z = seen_under(loss, layer.activation)
    if of_z is None:
        return network, loss
    return network.with_layer(place, msgspec.structs.replace(layer, activation="linear")), of_z
