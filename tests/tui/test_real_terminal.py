"""The program itself on a real pseudo-terminal: what its screen says, how it leaves, and Keras in its own process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pexpect
import pyte
import pytest

from core.journal.shelf import look
from tests.waiting import PATIENCE, Patience

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).parents[2]

AROUND = 'stty -g > before; "$0" -m tui; code=$?; stty -g > after; exit $code'
"""The terminal's attributes are written down from within, before and after."""

LEFT_OUT = ("SSH_", "NO_COLOR", "TMUX", "STY")
"""What the names of an environment's variables begin with that say where the tests themselves run."""


class Terminal:
    """``python -m tui`` at 80 x 24 in ``folder``, as a ``command`` starts it; an emulator reads what it draws."""

    def __init__(self, folder: Path, command: str = AROUND) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
        environment |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._folder = folder
        self.child = pexpect.spawn(
            "/bin/sh",
            ["-c", command, sys.executable],
            cwd=str(folder),
            env=environment,
            dimensions=(24, 80),
            timeout=PATIENCE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, wanted: str) -> str:
        """Read until the screen matches ``wanted``, a regular expression; return what matched."""
        patience = Patience()
        while (found := re.search(wanted, self.text)) is None:
            assert not patience.lost, f"waited for {wanted!r} in vain:\n{self.text}"
            self.read_some()
        return found.group()

    def read_some(self) -> None:
        """Read what comes within a moment, if anything does."""
        try:
            data = self.child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF as gone:
            raise AssertionError(f"it ended with {self.child.wait()}:\n{self.text}") from gone
        self.written += data
        # pyte takes the end of Kitty's and other private sequences for text; it needs only what draws.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?]\d*(?:;\d+)*[uqp]|\x1b\[\?\d+\$p", b"", data))

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def end(self) -> int:
        """Read to the end and return the exit code."""
        self.written += self.child.read()
        self.child.wait()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)

    @property
    def is_restored(self) -> bool:
        """Whether the attributes are as before, and of each mode the last thing said is that it is off again."""
        for mode, final in (("1049", "l"), ("1000", "l"), ("1003", "l"), ("1006", "l"), ("2004", "l"), ("25", "h")):
            said = re.findall(rf"\x1b\[\?{mode}([hl])".encode(), self.written)
            if not said or said[-1].decode() != final:
                return False
        before, after = ((self._folder / name).read_text() for name in ("before", "after"))
        return before == after != ""


def test_a_session_of_keys_reads_the_tutorials_numbers_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.read(r"1 Data +2 Training +3 Weights +4 By hand +5 Set weights")
        terminal.read(r"250 points of 2 numbers from 0 to 1, seed 0")
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        terminal.press("T")
        terminal.read(r"prediction for x = \(0\.3, 0\.1\) .* 0\.9302")
        terminal.press("4")
        terminal.read(r"h1 \[ -1\.0824 -0\.5668\] -0\.3814 +-0\.1829 +-0\.5643 +-0\.5112")
        terminal.read(r"by hand 0\.9302 \(0\.93015913\)")
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        terminal.press("a")
        terminal.read(r"no fresh point fails: 200 of 200")
        terminal.press("q")
        terminal.read(r"The weights are not saved")
        terminal.press("q")
        assert terminal.end() == 0
        assert b"Traceback" not in terminal.written
        assert terminal.is_restored


def test_what_another_size_took_away_for_a_moment_is_drawn_again(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.read(r"Keras ready")
        before = terminal.text
        terminal.screen.erase_in_display(2)
        terminal.child.setwinsize(10, 40)
        terminal.child.setwinsize(24, 80)
        terminal.read(r"Keras ready")
        terminal.read(re.escape(before.splitlines()[-1].strip()))
        assert terminal.text == before


def test_keras_trains_agrees_with_the_hand_and_opens_what_was_saved(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.read(r"Keras ready")
        terminal.press("2")
        terminal.read(r"space trains")
        terminal.press("s")
        terminal.read(r"Training settings")
        # From the layers, which have the focus, to the epochs.
        terminal.press("\t" * 7)
        terminal.press("3\r")
        terminal.read(r"epoch 3 ")
        terminal.press(" ")
        terminal.read(r"epoch 3 of 3 in")
        terminal.press("4")
        line = terminal.read(r"by hand -?0\.\d{4} \(.*\) +Keras .* differ \S+")
        assert float(line.rsplit(" ", 1)[1]) < 1e-6
        terminal.press("5")
        terminal.read(r"set_weights\(\)")
        terminal.press("a")
        terminal.read(r"no fresh point fails: 200 of 200")
        terminal.press("4")
        line = terminal.read(r"by hand -0\.0997 \(-0\.09966799\) +Keras -0\.0996\d* +differ \S+")
        assert float(line.rsplit(" ", 1)[1]) < 1e-6
        terminal.press("\x13")
        terminal.read(r"one of them may be empty")
        terminal.press("\r")
        terminal.read(r"Saved model\.keras\.")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.is_restored
    script = (
        "import keras, numpy; model = keras.models.load_model('model.keras'); "
        "print(*model.predict(numpy.array([[0.3, 0.1], [0.9, 0.2]]), verbose=0)[:, 0].tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = (float(number) for number in done.stdout.split())
    assert abs(first - -0.09966799) < 1e-6
    assert abs(second - 0.53704957) < 1e-6


FIRST_FRAME = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from tui.app import ByhandApp

class NoEngine:
    def __init__(self, on_event): pass
    async def start(self): pass
    def send(self, command): pass
    async def close(self): pass

async def main():
    app = ByhandApp(engine=NoEngine)
    async with app.run_test() as pilot:
        for key in "12345":
            await pilot.press(key)
        await pilot.pause()
        frame = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "Be the training yourself" in frame, frame
    print(*sorted({"tensorflow", "keras", "h5py", "sklearn", "polars"} & set(sys.modules)), "none else")

asyncio.run(main())
"""


def test_all_five_tabs_are_drawn_without_keras_in_the_screens_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, str(ROOT)], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "none else"


def _program(terminal: Terminal) -> int:
    """The process within the shell."""
    (child,) = Path(f"/proc/{terminal.child.pid}/task/{terminal.child.pid}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_what_was_not_saved_when_it_was_ended_is_there_the_next_time(tmp_path: Path, number: signal.Signals) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.read(r"250 points of 2 numbers")
        terminal.press("5T")
        terminal.read(r"0\.9302")
        patience = Patience()
        # A signal that can be answered loses nothing; a kill what was done in the last second.
        while number == signal.SIGKILL and not any(session.steps for session in look().live):
            assert not patience.lost, "waited for the journal in vain"
            time.sleep(0.05)
        os.kill(_program(terminal), number)
        assert terminal.end() == 128 + number
    with Terminal(tmp_path) as terminal:
        terminal.read(r"no file: 1 step, weights not saved, last changed 20")
        # The keys are its own once nobody has typed for a moment.
        terminal.read(r"enter Go on with it")
        terminal.press("\r")
        terminal.read(r"Gone on with what was not saved")
        terminal.press("5")
        terminal.read(r"prediction for x = \(0\.3, 0\.1\) .* 0\.9302")
        terminal.press("q")
        terminal.read(r"The weights are not saved")
        terminal.press("q")
        assert terminal.end() == 0
    assert not look().left
