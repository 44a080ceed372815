"""What is saved while a call to the system fails: the old file or the new one, and a sentence where it is the old."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.model.between import FileInMemory
from core.model.save_model import save_model
from tests.faults import KINDS, in_a_folder, tried
from tests.hostile_files import GOOD, NETWORK, WEIGHTS
from tests.system import FULL, SHORT, Fault

if TYPE_CHECKING:
    from pathlib import Path

INPUT_OUTPUT = Fault("EIO", 5)

CHEAP = ("a new .keras", "an .npz", "a .safetensors", "data as .csv", "steps", "steps over others", "a practice")
"""What is made in a moment; the sweep has the others."""


@pytest.mark.parametrize("name", CHEAP)
def test_a_fault_at_any_call_of_a_save_damages_nothing_and_is_said(name: str, tmp_path: Path) -> None:
    with in_a_folder(tmp_path, processes=False):
        hit = list(tried(KINDS[name], tmp_path, (FULL, INPUT_OUTPUT, SHORT)))
    assert [(system.fault.name, system.at, wrong) for system, wrong in hit if wrong] == []
    assert {name for system, _ in hit for name in system.hit} >= {
        "open",
        "write",
        "fsync",
        "close",
        "replace",
        "unlink",
    }


def test_no_memory_for_what_is_shown_to_the_process_that_makes_files_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(FULL.number, "No space left on device")

    (path := tmp_path / "a.keras").write_bytes(GOOD)
    monkeypatch.setattr(FileInMemory, "add", full)
    with pytest.raises(Refused, match="could not start: No space left on device"):
        save_model(path, NETWORK, WEIGHTS, None, GOOD)
    assert path.read_bytes() == GOOD
