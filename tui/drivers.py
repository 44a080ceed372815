"""Which driver draws the app: what is sent to a terminal, to a browser, or to whatever else the environment names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui.terminal import driven_elsewhere
from tui.thrifty_driver import ThriftyDriver

if TYPE_CHECKING:
    from textual.driver import Driver

FOR_BROWSERS = "textual.drivers.web_driver:WebDriver"
"""What ``textual serve`` has an app draw with."""


def driver_class() -> type[Driver] | None:
    """Return the driver for where the app is, or None where Textual is to take the one that its environment names."""
    if not driven_elsewhere():
        return ThriftyDriver
    if os.environ["TEXTUAL_DRIVER"] != FOR_BROWSERS:
        return None
    from tui.browser_driver import BrowserDriver

    return BrowserDriver
