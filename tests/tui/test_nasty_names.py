"""Names in a file do nothing to a terminal: no command, no tab and no dialog draws more of them than plain signs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.errors import on_one_line, plain
from tests.nasty_names import NASTY, file_called, model_called, weights_called
from tests.tui.board import playing
from tui import cli
from tui.any_model import AnyModelScreen
from tui.weights_screen import WeightsScreen

if TYPE_CHECKING:
    from tests.tui.board import Board


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def odd(text: str) -> set[str]:
    """Return the characters that a terminal might take for more than signs."""
    return {one for one in text if one != "\n" and not one.isprintable()}


WORDS = (
    "summary MODEL",
    "summary SEALED",
    "summary WEIGHTS --json",
    "summary MODEL SEALED WEIGHTS",
    "summary MODEL --json",
    "predict MODEL --x in.npy",
    "predict SEALED --x in.npy",
    "predict MODEL --x 1,2 --json",
    "convert SEALED new.keras",
    "convert MODEL new.keras",
    "explain MODEL --x 1,2",
    "explain MODEL --x 1,2 --format json",
    "explain MODEL --x 1,2 --format python",
    "explain MODEL --x 1,2 --format markdown --out out.md",
    "explain SEALED --x 1,2",
    "weights MODEL",
    "weights WEIGHTS",
    "weights WEIGHTS --statistics",
    "weights MODEL --compare WEIGHTS",
    "weights MODEL --give WEIGHTS --out new.keras",
    "set-weights MODEL nobody [[1]] --out new.keras",
    "evaluate SEALED",
)


@pytest.mark.parametrize("name", NASTY)
def test_no_command_writes_a_name_as_more_than_plain_signs(
    name: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = NASTY[name]
    np.save(here / "in.npy", np.ones((1, 2)))
    files = {
        "MODEL": (file_called(text, ".keras"), model_called(text)),
        "SEALED": (file_called(text, "2.keras"), model_called(text, sealed=True)),
        "WEIGHTS": (file_called(text, ".h5"), weights_called(text)),
    }
    for file, content in files.values():
        (here / file).write_bytes(content)
    for words in WORDS:
        arguments = [f"./{files[word][0]}" if word in files else word for word in words.split()]
        assert cli.main(arguments) in (0, 1, 2), words
        written = capsys.readouterr()
        assert not odd(written.out) and not odd(written.err), words
        if "python" in words and written.out:
            called = {one.id for one in ast.walk(ast.parse(written.out)) if isinstance(one, ast.Name)}
            assert "__import__" not in called
    if (here / "out.md").exists():
        assert not odd((here / "out.md").read_text())


def test_lines_and_tabs_stay_and_all_else_is_seen() -> None:
    assert plain("a\r\n\tb\rc\x1b\u202e\u3000\u00a0\u6f22\n") == "a\r\n\tb?c??\u3000\u00a0\u6f22\n"
    assert on_one_line("a\r\n\tb\x9b\u2028") == "a???b??"


async def opened(board: Board, content: bytes) -> None:
    Path("x.keras").write_bytes(content)
    await board.press("ctrl+o")
    await board.type("x.keras")
    await board.press("enter")
    await board.settle()
    assert not odd(board.text), board.text
    await board.quieten()


ALL = "".join(text[:9] for text in NASTY.values())[:190]
"""As much of each as there is room for in one name."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_tab_and_no_screen_draws_a_name_as_more_than_plain_signs(size: tuple[int, int]) -> None:
    async with playing(size) as board:
        await board.begin()
        await opened(board, model_called(ALL))
        assert board.state.model.network.name == ALL.replace("/", "|")
        for tab in "12345":
            await board.go(tab)
            assert not odd(board.text), board.text
            assert "?[2J?[31m" in board.text
        await opened(board, model_called(ALL, sealed=True))
        assert isinstance(board.app.screen, AnyModelScreen)
        assert not odd(board.text), board.text
        await board.press("escape")
        await opened(board, weights_called(ALL))
        assert isinstance(board.app.screen, WeightsScreen)
        assert not odd(board.text), board.text
        await board.press("escape")
        assert board.app.is_running
        assert not any(map(odd, board.said))
