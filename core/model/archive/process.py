"""A limited process for model files: one request on stdin, one answer on stdout, and it is gone.

A damaged file can crash the HDF5 library or keep it busy for ever. Here that costs this process, not the session.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from core.errors import Refused
from core.limits import allowing_more, raise_limits
from core.model.archive.confined import confine
from core.model.archive.protocol import Refusal, encode
from core.model.between import LENGTH, seen_by

if TYPE_CHECKING:
    from collections.abc import Callable

    import msgspec

    from core.model.between import Content

    Answered = Callable[[bytes, Content], msgspec.Struct]
    """What makes an answer of a request and the file that it is about."""


def serve(answered: Answered) -> None:
    """Answer the request on stdin about a file in memory, and end; arguments: how much is allowed, its descriptor."""
    data = sys.stdin.buffer.read()
    if not data:
        # Started ahead, and not needed.
        return
    allowed, handle = sys.argv[1:]
    raise_limits(int(allowed))
    file = seen_by(int(handle))
    confine(len(data) + len(file))
    found = answer(answered, data, file)
    sys.stdout.buffer.write(len(found).to_bytes(LENGTH, "big") + found)
    sys.stdout.buffer.flush()
    # To take apart all that was loaded takes as long as to read a small file, and whoever asked would wait for it.
    os._exit(0)


def answer(answered: Answered, data: bytes, file: Content = b"") -> bytes:
    """Return the answer to the request ``data`` about ``file``; whatever goes wrong becomes a refusal."""
    try:
        return encode(answered(data, file))
    except Refused as reason:
        return _refusal(str(reason))
    except MemoryError:
        return _refusal(f"it wants more memory than its size allows; get it again or, {allowing_more()}")
    except Exception as problem:
        # zipfile, json, zlib and h5py raise a dozen unrelated classes for damage, and their texts are for programmers.
        return _refusal(f"it is damaged: it could not be read ({type(problem).__name__}); get it again")


def _refusal(message: str) -> bytes:
    return encode(Refusal(message))
