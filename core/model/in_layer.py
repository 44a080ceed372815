"""What has a name within a layer: the one rule for both names as one path."""

from __future__ import annotations


class InLayer:
    """An array with the name of the layer that it is in, "" if it is in none, and its own."""

    __slots__ = ()

    layer: str
    name: str

    @property
    def path(self) -> str:
        """Both names, as in the path of a Keras variable."""
        return f"{self.layer}/{self.name}" if self.layer else self.name
