"""What every test shares: hypothesis tries the same examples each time, and nothing of the person's own is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("byhand", derandomize=True, deadline=None)
settings.load_profile("byhand")


@pytest.fixture(autouse=True, scope="session")
def _a_state_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        # Lessons are read in English, whatever the person speaks.
        patch.setenv("LC_ALL", "C.UTF-8")
        yield
