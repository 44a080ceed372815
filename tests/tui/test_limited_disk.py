"""Commands on a disk that takes no more than some bytes, and on one that does not answer."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.tui.test_real_terminal import ROOT
from tests.waiting import PATIENCE, until

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED = 4096
"""Bytes of any file; above that the system sends SIGXFSZ, which ends whoever has not said otherwise."""

HUNG = """
import os, signal, sys
from pathlib import Path
from tui.cli import main
really = os.open

def hung(path, *rest, **named):
    if "hung" in str(path):
        Path("begun").touch()
        signal.pause()
    return really(path, *rest, **named)

os.open = hung
sys.exit(main(sys.argv[1:]))
"""


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (ALLOWED, ALLOWED))


def test_a_limit_on_files_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    # What Python compiles would be cut off there, and taken for whole the next time.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "tui", "tutorial", "--out", "new.keras"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 1
    assert done.stderr == (
        "byhand: could not save new.keras: the file would be larger than is allowed there; choose another place\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["summary hung.keras", "train --data hung.csv --out new.keras", "lesson hung.md"])
def test_a_disk_that_does_not_answer_is_left_with_ctrl_c(tmp_path: Path, words: str) -> None:
    for name in ("hung.keras", "hung.csv", "hung.md"):
        (tmp_path / name).touch()
    with subprocess.Popen(
        [sys.executable, "-c", HUNG, *words.split()],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until((tmp_path / "begun").exists, lambda: "waited for the file's being opened in vain")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        assert (process.returncode, said) == (130, "byhand: interrupted\n")
