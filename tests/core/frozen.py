"""Which layers of a network a training changes, and networks with other layers frozen, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.layers.dense import Dense

if TYPE_CHECKING:
    from core.model.network import Network


def trained(network: Network) -> list[str]:
    """Return the names of the layers that a training changes."""
    return sorted(layer.name for layer in network.layers if isinstance(layer, Dense) and layer.trainable)


def frozen(network: Network, *names: str) -> Network:
    """Return ``network`` with just the layers of these names frozen."""
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Dense):
            held = msgspec.structs.replace(layer, trainable=layer.name not in names)
            network = network.with_layers({place: held})
    return network
