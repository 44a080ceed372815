"""The screens are those of sessions that find nothing that another one left."""

from tests.tui.conftest import _its_own_state_folder

__all__ = ["_its_own_state_folder"]
