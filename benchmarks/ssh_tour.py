"""How much a tour of the app sends over a real SSH connection to this machine: five tabs, ten pages, ten edits.

Needs OpenSSH's server and client; without them nothing is measured, and that is said.
"""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.row import Fact
from benchmarks.terminal import ROOT, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 300_000
"""Bytes that the tour may take as they go over the wire: encrypted, and with SSH's own."""

WHAT = "tour over SSH: start, five tabs, ten pages, ten edits"
PAGE_DOWN, DOWN = "\x1b[6~", "\x1b[B"
QUIET = 0.5
"""Seconds without output after which the app is idle."""


def run() -> list[Fact]:
    """Start a server that lets this user in, count what it sends, and go through the app."""
    server = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(server).exists() or shutil.which("ssh") is None:
        return [Fact(WHAT, "not measured: no sshd here", f"< {LIMIT:,} B", met=True)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _serving(server, folder) as port:
            wire = Wire(port)
            with Terminal("benchmarks.ssh_client", _arguments(folder, wire.port), colours="") as terminal:
                terminal.wait_for_screen("Keras ready")
                _settle(terminal)
                _tour(terminal)
            return [Fact(WHAT, f"{wire.sent:,} B", f"< {LIMIT:,} B", wire.sent < LIMIT)]


def _tour(terminal: Terminal) -> None:
    """Go through the tabs, down ten pages of the data, and edit ten numbers of the tutorial's model."""
    for key in ("2", "3", "4", "5", "1"):
        _press(terminal, key)
    for _ in range(10):
        _press(terminal, PAGE_DOWN)
    _press(terminal, "5")
    for place in range(10):
        for keys in ("e", f"0.{place + 1}", "\r", DOWN if place % 3 else "\x1b[C"):
            _press(terminal, keys)


def _press(terminal: Terminal, keys: str) -> None:
    terminal.press(keys)
    _settle(terminal)


def _settle(terminal: Terminal) -> None:
    while terminal.read(QUIET):
        pass


@contextmanager
def _serving(server: str, folder: Path) -> Iterator[int]:
    """Run an SSH server of our own until the block ends; give its port."""
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = {
        "AuthorizedKeysFile": folder / "user.pub",
        "ListenAddress": "127.0.0.1",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    process = subprocess.Popen(
        [server, "-D", "-q", "-p", str(port), "-h", str(folder / "host"), "-f", "/dev/null", *words]
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.05)
    raise TimeoutError("expected the SSH server to answer, it did not")


def _arguments(folder: Path, port: int) -> list[str]:
    """Return what ssh is told, to run byhand on a terminal at the other end."""
    options = ["StrictHostKeyChecking=no", f"UserKnownHostsFile={folder / 'known'}", "LogLevel=ERROR", "Compression=no"]
    words = [word for option in options for word in ("-o", option)]
    program = f"cd {ROOT} && exec {sys.executable} -m tui"
    return [
        "-tt",
        "-F",
        "none",
        "-i",
        str(folder / "user"),
        "-p",
        str(port),
        *words,
        f"{getpass.getuser()}@127.0.0.1",
        program,
    ]


class Wire:
    """A port that passes everything on to the server, and counts what comes back."""

    def __init__(self, server: int) -> None:
        self.sent = 0
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        client, _ = self._listening.accept()
        server = socket.create_connection(("127.0.0.1", self._server))
        threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
        self._pass(server, client, True)

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self.sent += len(data) if counted else 0
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
