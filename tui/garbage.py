"""Garbage: looked for once the screen is there, and what it took given back to the machine, so that hours do not show.

What goes with a dialog refers to itself and waits until the collector comes to it. Left to itself that lets 70,000 such
objects gather, some 8 MB, between which what stays is strewn; and of what is freed the C library keeps a part, in each
thread for itself.
"""

from __future__ import annotations

import ctypes
import gc
from functools import cache

AT_MOST = 700, 10, 1
"""When the collector looks: at what is new, at what is older and at all, 14,000 objects apart. At all it does so only
once their number has grown by a quarter, so that it does not take longer for large models.
"""

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""From glibc's malloc.h."""

LARGE = 1 << 21
"""Bytes from which on an array has memory of its own, which goes back with it.

Left to itself glibc puts all up to 32 MB between what stays: the curves of a million epochs left 70 MB of holes.
"""


def keep_in_one_place() -> None:
    """Have all threads take memory from one place, before there are any, and large arrays none of it.

    Where it is not glibc they do as they do.
    """
    if (library := _glibc()) is not None:
        library.mallopt(M_ARENA_MAX, 1)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)


def look_for_garbage() -> None:
    """Look for it from now on; what there is by now stays for good."""
    # A full collection over what start-up made would stop the screen for 50 ms.
    gc.freeze()
    gc.set_threshold(*AT_MOST)
    if _give_back not in gc.callbacks:
        gc.callbacks.append(_give_back)
    gc.enable()


def _give_back(phase: str, info: dict[str, int]) -> None:
    """Give the machine what is free, once the collector has looked at all."""
    library = _glibc()
    if library is not None and phase == "stop" and info["generation"] == len(AT_MOST) - 1:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
