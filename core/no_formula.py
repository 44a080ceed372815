"""Names in the cells of a table that other programs open: there, none is a formula, or more than signs."""

from __future__ import annotations

import json
from contextlib import suppress

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How what spreadsheets calculate begins, full-width too."""

TEXT = "'"
"""What stands before a cell that is text whatever it looks like."""


def no_formula(name: str) -> str:
    """Return ``name`` so that no spreadsheet takes it for a formula, and no terminal for anything but text."""
    plain = "".join(one if one.isprintable() or one in "\t\r\n" else "?" for one in name)
    return f"{TEXT}{plain}" if plain.startswith(BEGINS) else plain


def is_formula(name: str) -> bool:
    """Say whether a spreadsheet would calculate what is called ``name``; a number is what it is."""
    if len(name) < 2 or not name.startswith(BEGINS):
        return False
    with suppress(ValueError):
        float(name)
        return False
    return True


def in_a_cell(name: str) -> str:
    """Return ``name`` as it is or, where it would do something in a cell, as text of which no two names have one."""
    if name.isprintable() and not name.startswith(TEXT) and not is_formula(name):
        return name
    return TEXT + json.dumps(name, ensure_ascii=not name.isprintable())[1:-1]
