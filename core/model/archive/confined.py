"""What the limited process gives up before it looks at a file: memory, time, files, network, other programs.

The limits on resources hold wherever Python knows them; on Linux Landlock (its documentation, "Landlock: unprivileged
access control") forbids the file system and the network besides, from version 5.13 on.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import sys

from core.limits import most

try:
    import resource
except ImportError:
    # Windows has none.
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 5
BYTES_PER_CPU_SECOND = 1 << 18
"""How much processor time may be used: so much, and more for a large request."""

MEMORY = 1 << 30
MEMORY_PER_BYTE = 10
"""What may be used of memory: so much, and so much more for every byte of the request."""

ENCODINGS = ("cp437", "ascii")
"""What Python reads from its own files when names in a zip or an HDF5 file need it: later it could not."""

CREATE_RULESET, RESTRICT_SELF = 444, 446
"""System calls, of the same number on every processor."""

ASK_VERSION = 1
NO_NEW_PRIVILEGES = 38

# Rights by the version of Landlock that knows them: each is a bit, and what is asked of an older one is an error.
FILES = {1: 13, 2: 14, 3: 15, 5: 16}
NETWORK = {4: 2}
OTHERS = {6: 2}


def confine(request_size: int, cpu_seconds: int = CPU_SECONDS) -> None:
    """Give up what reading a request of so many bytes doesn't need, as far as the system knows how."""
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    forbid_files_and_network()
    _limit(request_size, cpu_seconds)


def forbid_files_and_network() -> bool:
    """Forbid this process every file that isn't open, TCP, and signals to others; say whether Linux could do it."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)
    if version < 1:
        return False
    rights = [_bits(known, version) for known in (FILES, NETWORK, OTHERS)]
    # A version takes the structure as long as it knew it, or longer with zeros.
    ruleset = (ctypes.c_uint64 * len(rights))(*rights)
    size = ctypes.c_size_t(8 * (1 + (version >= min(NETWORK)) + (version >= min(OTHERS))))
    # Of what is handled nothing is allowed: no rule follows.
    handle = library.syscall(CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if handle < 0:
        return False
    try:
        zero = ctypes.c_ulong(0)
        library.prctl(NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero)
        return bool(library.syscall(RESTRICT_SELF, handle, 0) == 0)
    finally:
        os.close(handle)


def _bits(known: dict[int, int], version: int) -> int:
    return (1 << max((amount for since, amount in known.items() if since <= version), default=0)) - 1


def _limit(request_size: int, cpu_seconds: int = CPU_SECONDS) -> None:
    if resource is None:
        return
    limits = {
        "CPU": most(cpu_seconds + request_size // BYTES_PER_CPU_SECOND),
        "AS": most(MEMORY + MEMORY_PER_BYTE * request_size),
        "CORE": 0,
        "FSIZE": 0,
        # No more files, sockets or pipes than the three that are open, and no other process.
        "NOFILE": 3,
        "NPROC": 0,
    }
    for what, amount in limits.items():
        # macOS refuses a limit on memory; the others still help. The hard limit on time is above the soft one, because
        # the signal at the soft one says that it was the time, and the kill at the hard one says nothing.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{what}"), (amount, amount + (what == "CPU")))
