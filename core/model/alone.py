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
    "expected a Sequential or Functional model, got one of the class {!r} of the person who saved it, whose code is "
    "not in the file; byhand summary and byhand weights show its arrays"
)


class WeightsAlone(Refused):
    """A file has arrays and no model that they are the weights of; ``held`` are these, once they were read.

    ``content`` is the file then, ``stamp`` its stamp.
    """

    stamp: Stamp | None = None

    def __init__(self, words: str = WORDS, held: HeldWeights | None = None, content: Content = b"") -> None:
        super().__init__(words)
        self.held, self.content = held, content
