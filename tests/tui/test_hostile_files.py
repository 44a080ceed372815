"""A hostile file costs a person a sentence: the app goes on with the model that it had, a command ends with 1."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from core.model import keras_file
from core.model.limited import exchange
from tests.hostile_files import ARRAYS, GOOD, in_keras_3
from tests.tui.board import playing
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Exchange = Callable[..., tuple[int, bytes]]

pytestmark = pytest.mark.limited

COMMANDS = (
    "summary PIPE",
    "predict PIPE --x in.npz",
    "explain PIPE --x 1,2",
    "weights PIPE",
    "weights GOOD --give PIPE --out new.keras",
    "weights GOOD --compare PIPE",
    "set-weights PIPE hidden [[1]] --out new.keras",
    "evaluate PIPE",
    "convert PIPE new.keras",
    "practise PIPE --x 1,2",
    "practise GOOD --resume PIPE",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe.keras")
    (tmp_path / "good.keras").write_bytes(GOOD)
    (tmp_path / "link.keras").write_bytes(in_keras_3(ARRAYS["a link to another file"][0]))
    return tmp_path


def test_no_command_waits_for_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in COMMANDS:
        assert cli.main(words.replace("PIPE", "pipe.keras").replace("GOOD", "good.keras").split()) in (1, 2), words
        assert "got pipe.keras, which is a device or pipe" in capsys.readouterr().err, words
    assert not (folder / "new.keras").exists()


def crashed(*_: object) -> tuple[int, bytes]:
    return -11, b""


def hung(*_: object) -> tuple[int, bytes]:
    raise TimeoutError


def short_of_memory(*_: object) -> tuple[int, bytes]:
    raise MemoryError


ENDS: dict[str, tuple[str, Exchange, str]] = {
    "a pipe": ("pipe.keras", exchange, "which is a device or pipe"),
    "a link to another file": ("link.keras", exchange, "don't trust"),
    "a crash": ("good.keras", crashed, "reading it crashed"),
    "a hang": ("good.keras", hung, "reading it took too long"),
    "what nobody foresaw": ("good.keras", short_of_memory, "could not be done: there is not enough memory"),
}


@pytest.mark.usefixtures("folder")
async def test_the_app_says_why_and_goes_on_with_the_model_that_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing() as board:
        await board.begin()
        before = board.state
        for name, asked, said in ENDS.values():
            monkeypatch.setattr(keras_file, "exchange", asked)
            await board.press("ctrl+o")
            await board.type(name)
            await board.press("enter")
            words = " ".join(board.text.split())
            assert all(word in words for word in said.split()), board.text
            assert board.state is before
            await board.press("escape")
        await board.press("2")
        assert board.state is before
