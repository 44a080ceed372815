"""Screens that lie over the tabs: forms, the paste box, the help."""
