"""The one way from what a person typed, in a field or on a command line, to the path of a file."""

from __future__ import annotations

import os
from pathlib import Path
from unicodedata import category

from core.errors import Refused, shorten


def typed_path(text: str, what: str = "a file") -> Path:
    """Return the path that ``text`` names; ``~`` and ``~name`` are the home folders of the person and of others.

    Raises:
        Refused: nothing was typed where ``what`` was wanted, there is no such home folder, or no file should be
            called so.
    """
    name = text.strip()
    if not name:
        raise Refused(f"expected the name of {what}, got nothing")
    # A file that somebody else called so can be opened all the same.
    if any(category(character) == "Cc" for character in name) and not os.path.lexists(name):
        raise Refused(f"expected a name on one line, got {shorten(name)!r} with a control character; type another")
    # Not Path.expanduser, which raises RuntimeError, and takes ./~name for ~name.
    whole = os.path.expanduser(name)  # noqa: PTH111
    if whole == name and name.startswith("~"):
        home, _, _ = name.partition("/")
        whose = "your home folder" if home == "~" else f"a home folder {shorten(home)}"
        raise Refused(f"expected {whose}, got none on this machine; write the whole path, or ./ before the ~")
    return Path(whole)
