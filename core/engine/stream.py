"""The stream of random numbers that orders of points are drawn from: where it stands, to go on as if never cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.training.standing import Numbers, Type

TYPE: Type = "<u4"
SHAPE = (10,)
"""State and increment of NumPy's PCG64, 128 bits each, the lowest 32 first; whether half a draw is left; that."""


def stand_of(random: np.random.Generator) -> Numbers:
    """Return where a stream stands, as :data:`SHAPE` says."""
    held: Any = random.bit_generator.state
    words = [held["state"][name].to_bytes(16, "little") for name in ("state", "inc")]
    rest = [held[name].to_bytes(4, "little") for name in ("has_uint32", "uinteger")]
    return Numbers(TYPE, SHAPE, b"".join(words + rest))


def go_on_from(stand: Numbers) -> np.random.Generator:
    """Return a stream that goes on from where one stood."""
    state, increment = (int.from_bytes(stand.data[at : at + 16], "little") for at in (0, 16))
    generator = np.random.PCG64()
    generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment},
        "has_uint32": int(stand.array()[8] > 0),
        "uinteger": int(stand.array()[9]),
    }
    return np.random.Generator(generator)
