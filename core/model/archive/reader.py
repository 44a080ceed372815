"""The limited process that reads model files; what makes them is another, so that this one has little to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.errors import shorten
from core.model.alone import WeightsAlone
from core.model.archive.alone import every_weight
from core.model.archive.described import JSON
from core.model.archive.gate import class_of_its_own, has_calls
from core.model.archive.model_file import described
from core.model.archive.process import serve
from core.model.archive.protocol import Parts, ReadParts, read_request

if TYPE_CHECKING:
    from core.model.archive.protocol import HeldWeights
    from core.model.between import Content


def read(data: bytes, file: Content) -> Parts | HeldWeights:
    """Return what ``file`` holds; where a model is asked for and there are weights alone, these."""
    if isinstance(read_request(data), ReadParts):
        try:
            held = described(file)
        except WeightsAlone:
            return every_weight(file)
        kind = class_of_its_own(held.model)
        if not kind or has_calls(held.model.get("config")) or held.saved.format == JSON:
            return Parts.of(held, file)
        return msgspec.structs.replace(every_weight(file), of_class=shorten(kind))
    return every_weight(file)


if __name__ == "__main__":
    serve(read)
