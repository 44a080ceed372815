"""What ``byhand evaluate`` calls Keras's is what ``model.evaluate`` gives for the saved file.

``python -m benchmarks.evaluate_exactness`` draws hundreds; here are some that take settings, regularizers, metrics,
weights of losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.evaluate_oracle import SAME, compared

if TYPE_CHECKING:
    from pathlib import Path

    from core.engine.client import EngineClient

DRAWN = (3, 4, 7, 9, 13, 15, 22, 27)


@pytest.mark.parametrize("seed", DRAWN)
def test_a_drawn_model_is_evaluated_as_keras_evaluates_its_file(
    client: EngineClient, tmp_path: Path, seed: int
) -> None:
    outcome, words = compared(seed, tmp_path, client)
    assert outcome == SAME, words
