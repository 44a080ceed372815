"""WeightsAlone: why a file that has weights and no model is not opened as one, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused

if TYPE_CHECKING:
    from core.model.archive.protocol import HeldWeights
    from core.model.between import Content
    from core.saving import Stamp

WORDS = (
    "expected a whole model, got weights alone; byhand summary and byhand weights show them, and byhand weights MODEL "
    "--give FILE --out NEW.keras gives them to a model of such shapes"
)

OF_CLASS = (
    "expected a model of layers, got one of the class {} of the person who saved it, whose code is not in the file; "
    "byhand summary and byhand weights show its arrays"
)


class WeightsAlone(Refused):
    """A file has arrays and no model that they are the weights of; ``held`` are these, once they were read.

    ``content`` is the file called ``name`` then, ``stamp`` its stamp. ``of_class`` is the class of a model whose layers
    nothing but that class's own code says.
    """

    stamp: Stamp | None = None

    def __init__(
        self, of_class: str = "", name: str = "", held: HeldWeights | None = None, content: Content = b""
    ) -> None:
        words = OF_CLASS.format(of_class) if of_class else WORDS
        super().__init__(f"{name}: {words}" if name else words)
        self.of_class, self.held, self.content = of_class, held, content
