"""Damaged model files: whatever byte is wrong, the answer is a model or a sentence, never a crash of ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.model.archive.protocol import ReadParts
from core.model.files.opening import OpenedModel, open_model
from tests.damage import damaged, sweep
from tests.hostile_files import GOOD

if TYPE_CHECKING:
    from pathlib import Path

IN_PROCESS = 2000
WHOLE_WAY = 16
SIDE_BY_SIDE = 2


def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens() -> None:
    found = sweep(range(IN_PROCESS))
    assert sum(found.values()) == IN_PROCESS
    # Both ends are reached, or the damage would be no test; crashes are rare and are the other test's matter.
    assert found["opened"] > IN_PROCESS // 20 and found["weights"] > IN_PROCESS // 20
    assert found["refused"] > IN_PROCESS // 4 and found["crashed"] < IN_PROCESS // 20


@pytest.mark.limited
def test_a_damaged_file_is_opened_or_refused(tmp_path: Path) -> None:
    def outcome(seed: int) -> str:
        path = tmp_path / f"{seed}.keras"
        path.write_bytes(damaged(seed)[0])
        try:
            return type(open_model(path)).__name__
        except Refused as reason:
            assert str(reason).isprintable()
            return "Refused"

    seeds = [seed for seed in range(1000, 1100) if damaged(seed)[1] is ReadParts]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        outcomes = set(threads.map(outcome, seeds[:WHOLE_WAY]))
    assert outcomes == {OpenedModel.__name__, "Refused"}


@pytest.mark.parametrize("size", [1, 4, 21, 22, 100, len(GOOD) // 2, len(GOOD) - 1])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "short.keras"
    path.write_bytes(GOOD[:size])
    with pytest.raises(Refused, match=r"short\.keras"):
        open_model(path)
