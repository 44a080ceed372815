"""A few random models of Keras's, each held against Keras itself in every way; ``python -m tests.wild`` tries many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.wild.tried import CHECKS, Came, try_seed

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = (14, 17, 20)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_model_is_calculated_trained_and_saved_as_by_keras(seed: int, tmp_path: Path) -> None:
    told = list(try_seed(seed, tmp_path))
    assert [f"{check}: {said}" for check, what, said in told if what is not Came.SAME] == []
    assert tuple(check for check, _, _ in told) == CHECKS
