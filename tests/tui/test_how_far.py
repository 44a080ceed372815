"""Commands say on a terminal, and there alone, how far they have read, and end at ctrl+c with one sentence."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from core.model import keras_file
from core.model.save_model import save_model
from core.model.tutorial import trained
from tests.tui.test_real_terminal import ROOT
from tests.waiting import PATIENCE
from tui import cli, reading_model
from tui.headless import how_far as module
from tui.headless.how_far import CLEARED, how_far
from tui.reading_model import Reading

if TYPE_CHECKING:
    from collections.abc import Callable


class Standard(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def said(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    """What is written while half of something is read, slowly."""
    error = Standard(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", error)
    with how_far("reading a.csv") as came:
        came(0.5)
    return error.getvalue()


def test_the_line_goes_again_and_comes_where_a_terminal_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, terminal=True) == ""
    monkeypatch.setattr(module, "FIRST", 0)
    assert said(monkeypatch, terminal=True) == f"{CLEARED}reading a.csv: 50% (ctrl+c stops){CLEARED}"
    assert said(monkeypatch, terminal=False) == ""


def test_byhand_itself_says_how_far_a_model_is_before_its_screen_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    error, shown = Standard(terminal=True), threading.Event()
    monkeypatch.setattr(sys, "stderr", error)
    monkeypatch.setattr(module, "FIRST", 0)
    monkeypatch.setattr(module, "NEXT", 0)

    def slowly(path: Path, progress: Callable[[float], None]) -> object:
        progress(0.25)
        while "25%" not in error.getvalue():
            shown.wait(0.01)
        return None, path

    monkeypatch.setattr(reading_model, "read_model", slowly)
    assert Reading(Path("mine.keras")).result(iter(()))[1] == Path("mine.keras")
    assert error.getvalue().startswith(f"{CLEARED}reading mine.keras: 25% (ctrl+c stops)")
    assert error.getvalue().endswith(CLEARED)


POINT = ["--x", "0.3,0.1"]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("summary", []),
        ("predict", POINT),
        ("explain", POINT),
        ("evaluate", ["--points", "20"]),
        ("weights", ["hidden"]),
        ("set-weights", ["output", "[[1],[1],[1],[1],[1]], [0]", "--out", "new.keras"]),
    ],
)
def test_commands_say_how_far_a_model_is_read(
    command: str, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = Standard(terminal=True)
    monkeypatch.chdir(tmp_path)
    # By which all of a small file is there.
    monkeypatch.setattr(keras_file, "START", 8)
    monkeypatch.setattr(sys, "stderr", error)
    monkeypatch.setattr(module, "FIRST", 0)
    save_model(Path("mine.keras"), *trained(), None, None)
    cli.main([command, "mine.keras", *options])
    assert error.getvalue().startswith(f"{CLEARED}reading mine.keras: 100% (ctrl+c stops){CLEARED}")


def test_ctrl_c_ends_it_with_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("w") as file:
        file.write("a,b,label\n")
        file.writelines(f"{row}.25,0.5,1\n" for row in range(1_000_000))
    command = ["-m", "tui", "train", "--data", "large.csv", "--out", "new.keras"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TERM": "xterm"}
    with pexpect.spawn(sys.executable, command, cwd=str(tmp_path), env=environment, timeout=PATIENCE) as child:
        child.expect(r"reading large\.csv: \d+% \(ctrl\+c stops\)")
        child.sendintr()
        child.expect(r"byhand: interrupted\r\n")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 130
        assert b"Traceback" not in child.before
