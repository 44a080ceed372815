"""The calls by which Python asks the system, in a test's hands: seen one by one, and made to fail one by one."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Handler = Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

CALLS = (
    "open", "write", "read", "close", "fsync", "fdatasync", "ftruncate", "stat", "lstat", "fstat", "chmod", "fchmod",
    "fchown", "utime", "rename", "replace", "unlink", "mkdir", "scandir", "readlink", "memfd_create", "pipe",
)  # fmt: skip
"""What of ``os`` asks the system about files."""


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Have ``handler`` do all calls: it is given the name, the function, and what that was called with."""
    before = {name: getattr(os, name) for name in CALLS if hasattr(os, name)}
    for name, function in before.items():
        setattr(os, name, partial(_handled, handler, name, function))
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(os, name, function)


def _handled(handler: Handler, name: str, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return handler(name, function, given, named)


@dataclass(frozen=True)
class Fault:
    """How a call fails: with the error ``number``, or, if there is none, in that only a part of it is written."""

    name: str
    number: int = 0


_status = os.fstat


def _is_on_disk(descriptor: int) -> bool:
    mode = _status(descriptor).st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


FULL, SHORT = Fault("ENOSPC", errno.ENOSPC), Fault("a short write")

FAULTS = (FULL, *(Fault(name, getattr(errno, name)) for name in ("EIO", "EINTR", "EDQUOT")), SHORT)

FOR_EVER = 1 << 30
"""Calls that fail of a disk that is gone."""


@dataclass
class Faulty:
    """A system in which ``lasts`` calls fail from number ``at`` on (from 1); ``hit`` are the names of those.

    Calls on open pipes are not counted: no disk refuses them.
    """

    fault: Fault
    at: int
    lasts: int = 1
    calls: int = 0
    hit: list[str] = field(default_factory=list)

    def __call__(self, name: str, function: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if given and isinstance(given[0], int) and not _is_on_disk(given[0]):
            return function(*given, **named)
        self.calls += 1
        if not self.at <= self.calls < self.at + self.lasts:
            return function(*given, **named)
        if not self.fault.number:
            if name != "write" or len(given[1]) < 2:
                return function(*given, **named)
            self.hit.append(name)
            return function(given[0], given[1][: len(given[1]) // 2])
        self.hit.append(name)
        if name == "close":
            # The system closes it all the same.
            function(*given, **named)
        raise OSError(self.fault.number, os.strerror(self.fault.number), *given[:1])
