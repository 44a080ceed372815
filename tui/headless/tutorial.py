"""byhand tutorial: save the network with the very weights that the tutorial prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.headless.output import write
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Write the file."""
    from core.model.network import describe
    from core.model.save_model import require_name, save_model
    from core.model.tutorial import X, trained

    with usage():
        require_name(arguments.out, None)
    network, weights = trained()
    save_model(arguments.out, network, weights, None, None)
    point = ",".join(f"{number:g}" for number in X)
    write(f"{describe(network)}, with the tutorial's weights, saved as {arguments.out}; its point is --x {point}\n")
    return 0
