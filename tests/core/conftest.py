"""What the tests of model files share: the models that Keras saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a folder of models that Keras saved, and what Keras says of them."""
    from tests.core.keras_oracle import save_all

    folder = tmp_path_factory.mktemp("keras")
    return folder, save_all(folder)
