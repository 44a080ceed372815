"""From a cold start to the list of a model's layers, by ``byhand summary`` and in the app, against Keras and reading.

The files are in the system's cache for both sides; the programs start anew every time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.opening_files import as_hdf5, as_keras, drawn, long, mobilenet, vgg
from benchmarks.row import Fact, Row
from benchmarks.terminal import ROOT, Terminal
from core.model.tutorial import trained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.model.network import Network

ROUNDS = 3
BYHAND = (sys.executable, "-m", "tui")
FASTER = 10.0
"""How many times as fast as Keras a model of 14 MB is to be there."""

BESIDE = 1.0
"""Seconds that anything may take beside twice the time in which its bytes are read."""

SLOWER = 3.0
MOST_MEMORY = 2.0
"""What the app may need of memory, as a share of the file."""


def run() -> Iterator[Row | Fact]:
    """Give each row as soon as it is measured."""
    with TemporaryDirectory() as folder:
        yield from _tutorial(Path(folder, "tutorial.keras"))
        yield from _against_keras(Path(folder, "mobilenetv2.keras"))
        for network, last in ((long(), "layer_0002"), (vgg(), "block1_conv2")):
            for suffix, save in ((".keras", as_keras), (".h5", as_hdf5)):
                path = Path(folder, f"{network.name}{suffix}")
                save(path, network, drawn(network))
                yield from _against_reading(path, network, last)
                path.unlink()


def _tutorial(path: Path) -> Iterator[Row]:
    as_keras(path, *trained())
    summary, imports = _medians(
        lambda: _seconds(*BYHAND, "summary", str(path)), lambda: _seconds(sys.executable, "-c", "import h5py, numpy")
    )
    yield Row("summary of the tutorial's model, against importing h5py and NumPy", summary, imports, "s", SLOWER)


def _against_keras(path: Path) -> Iterator[Row]:
    network = mobilenet()
    as_keras(path, network, drawn(network))
    loading = f"import keras; keras.models.load_model({str(path)!r})"
    summary, app, keras = _medians(
        lambda: _seconds(*BYHAND, "summary", str(path)),
        lambda: _in_the_app(path, "Conv1_relu")[0],
        lambda: _seconds(sys.executable, "-c", loading),
    )
    said = f"MobileNetV2, {path.stat().st_size / 1e6:.0f} MB, against keras.models.load_model"
    yield Row(f"summary of {said}", summary, keras, "s", FASTER, at_least=True)
    yield Row(f"the app with {said}", app, keras, "s", FASTER, at_least=True)


def _against_reading(path: Path, network: Network, last: str) -> Iterator[Row | Fact]:
    memory: list[float] = []

    def app() -> float:
        seconds, most = _in_the_app(path, last)
        # The file itself is in memory that no program is said to have until it looks there.
        memory.append(most + path.stat().st_size)
        return seconds

    summary, shown, reading = _medians(
        lambda: _seconds(*BYHAND, "summary", str(path)), app, lambda: _timed(path.read_bytes)
    )
    size = path.stat().st_size
    said = f"{len(network.layers):,} layers, {size / 1e6:,.0f} MB, as {path.suffix}, against 2 x reading + 1 s"
    yield Row(f"summary of {said}", summary, 2 * reading + BESIDE, "s", 1.0)
    yield Row(f"the app with {said}", shown, 2 * reading + BESIDE, "s", 1.0)
    if size > 1 << 28:
        share = max(memory) / size
        yield Fact("... and its memory, against the file", f"{share:.2f}", f"<= {MOST_MEMORY:g}", share <= MOST_MEMORY)


def _medians(*measured: Callable[[], float]) -> list[float]:
    """Return the median of each, all in turn in every round, after one that fills the caches."""
    times: list[list[float]] = [[measure() for measure in measured] for _ in range(ROUNDS + 1)]
    return [median(taken) for taken in zip(*times[1:], strict=True)]


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _seconds(*argv: str) -> float:
    return _timed(lambda: subprocess.run(argv, cwd=ROOT, capture_output=True, check=True))


def _in_the_app(path: Path, layer: str) -> tuple[float, float]:
    """Return after how many seconds a layer stood in the list of a model, and the most memory until then, in bytes."""
    with Terminal("tui", [str(path)]) as terminal:
        seconds = terminal.wait_until_shown(layer) - terminal.started
        status = Path(f"/proc/{terminal.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        most = next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")
        return seconds, 1024.0 * int(most)
