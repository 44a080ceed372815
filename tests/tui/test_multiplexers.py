"""Inside tmux and screen, whose status line may take one of 24 lines: drawn, with the cursor on the number in hand."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.tui.test_real_terminal import Terminal
from tests.waiting import Patience

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {
    "tmux": 'exec tmux -L "byhand-test-$$" -f /dev/null new-session "$0 -m tui"',
    "screen": 'exec screen -U -c /dev/null "$0" -m tui',
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_multiplexer_shows_the_screen_takes_keys_and_ends_with_it(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    with Terminal(tmp_path, COMMANDS[name]) as terminal:
        terminal.read(r"250 points of 2 numbers from 0 to 1, seed 0")
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        terminal.press("T")
        terminal.read(r"prediction for x = \(0\.3, 0\.1\) .* 0\.9302")
        terminal.press("\x1b[C")
        patience = Patience()
        while not terminal.screen.display[terminal.screen.cursor.y][terminal.screen.cursor.x :].startswith("*0.3248"):
            assert not patience.lost, terminal.text
            terminal.read_some()
        terminal.press("q")
        terminal.read(r"The weights are not saved")
        terminal.press("q")
        assert terminal.end() == 0
