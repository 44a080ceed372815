"""What keys will need is imported once the screen is there, beside it: no key waits for it, and memory is level.

Left until it is needed it would come in pieces over hours, and one of them takes longer than a frame.
"""

from __future__ import annotations

import importlib
import pkgutil
from contextlib import suppress
from functools import cache
from threading import Thread

PACKAGES = (
    *("core.calculation", "core.data", "core.editing", "core.export", "core.export.calculation", "core.findings"),
    *("core.losses", "core.model", "core.model.files", "core.operations", "core.practice", "tui.dialogs", "tui.tabs"),
)
SCREENS = ("tui.other_screens", "tui.sheet_screen", "tui.taking_up")

OF_OTHERS = "_process"
"""What the name of a module ends in that another process runs, with libraries of its own."""


def load_ahead() -> None:
    """Begin to import it, in a thread."""
    Thread(target=load, daemon=True).start()


@cache
def load() -> None:
    """Import it; what fails here would fail where it is needed, which says so."""
    for package in PACKAGES:
        found = pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
        for name in (module.name for module in found if not module.name.endswith(OF_OTHERS)):
            with suppress(Exception):
                importlib.import_module(name)
    for name in SCREENS:
        with suppress(Exception):
            importlib.import_module(name)
