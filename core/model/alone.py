"""WeightsAlone: why a file that has weights and no model is not opened as one, and what can be done with it."""

from core.errors import Refused

WORDS = (
    "expected a whole model, got weights alone; byhand summary and byhand weights show them, and byhand weights MODEL "
    "--give FILE --out NEW.keras gives them to a model of such shapes"
)


class WeightsAlone(Refused):
    """A file has arrays and no model that they are the weights of."""
