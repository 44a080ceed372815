"""The engine process through its pipes: the blocking client, and what holds whoever the client is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.calculation.running import predict
from core.engine.client import EngineClient
from core.engine.frames import HEADER, frame, frame_length, read_event
from core.engine.process import BEGUN, PREFIX, Launch, hold, log_tail, remove_left
from core.engine.protocol import Compiling, Event, Held, Predicted, Progress, Ready, Trained
from core.errors import Refused
from core.layers.dense import Dense
from core.layers.embedding import Embedding
from core.layers.reshaping import Flatten
from core.model.graph import Input, chain
from core.model.initial import initial_weights
from core.model.network import Network
from core.training.recipe import Recipe
from tests.engine.conftest import importing_for_ever
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from tests.engine.conftest import Bench


def test_asking_and_being_refused(engine: EngineClient, bench: Bench) -> None:
    assert isinstance(engine.ask(bench.set_weights()), Held)
    assert engine.ready is not None
    assert engine.ready.keras.startswith("3.")
    with pytest.raises(Refused, match="version"):
        engine.ask(bench.predict(version=10**9))
    assert isinstance(engine.ask(bench.predict()), Predicted)


def test_training_tells_its_epochs(engine: EngineClient, bench: Bench) -> None:
    engine.ask(bench.set_weights())
    told: list[Progress] = []
    trained = engine.train(bench.train(Recipe(epochs=3)), told.append)
    assert isinstance(trained, Trained)
    assert sum(len(progress.epochs) for progress in told) == 3
    assert isinstance(engine.ask(bench.train(Recipe(epochs=1))), Trained)


def test_an_index_of_no_row_is_told_with_its_layer_before_anything_is_trained_on_it(
    client: EngineClient, bench: Bench
) -> None:
    words = Embedding(name="words", input_dim=10, output_dim=2)
    layers = (words, Flatten(name="flat"), Dense(name="out", units=1))
    network = Network.of(chain("indexed", Input("x", (3,), whole=True), layers))
    indexed = replace(bench, network=network, weights=initial_weights(network, 1))
    client.ask(indexed.set_weights())
    assert isinstance(client.ask(indexed.predict([[0, 9, -10]])), Predicted)
    with pytest.raises(Refused, match=r"words expects whole numbers from 0 to 9, got 99$"):
        client.ask(indexed.predict([[0, 99, 3]]))
    rows = np.tile([0.0, 1.0, 2.0], (60, 1)).astype(np.float32)
    rows[6, 2] = -11
    with pytest.raises(Refused, match=r"words expects whole numbers from 0 to 9, got -11 in row 7"):
        client.ask(indexed.train(Recipe(epochs=1), rows))


def test_ctrl_c_is_not_for_the_engine(engine: EngineClient, bench: Bench) -> None:
    engine.ask(bench.set_weights())
    os.kill(engine._running.pid, signal.SIGINT)
    assert isinstance(engine.ask(bench.predict()), Predicted)


def test_a_dead_engine_is_a_refusal_and_leaves_nothing(bench: Bench) -> None:
    with EngineClient() as engine:
        folder = engine._launch.log.parent
        engine._launch.log.write_text("first\n\nlast \x1b[31mwords\n")
        engine._running.kill()
        with pytest.raises(Refused, match=r"code -9(?s:.*)first\nlast \?\[31mwords"):
            engine.ask(bench.predict())
        with pytest.raises(Refused, match="code -9"):
            engine.ask(bench.predict())
    assert not folder.exists()


def test_an_interruption_ends_the_engine() -> None:
    with pytest.raises(KeyboardInterrupt), EngineClient() as engine:
        process = engine._running
        raise KeyboardInterrupt
    assert process.returncode is not None


def test_of_engines_that_were_killed_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in (f"{PREFIX}killed", f"{PREFIX}lives", f"{PREFIX}begins", "of-another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "engine.log").write_text("words")
        long_ago = time.time() - 2 * BEGUN
        if not name.endswith("begins"):
            os.utime(tmp_path / name, (long_ago, long_ago))
    (tmp_path / f"{PREFIX}no-folder").touch(mode=0)
    with (tmp_path / f"{PREFIX}lives" / "engine.log").open("ab") as log:
        hold(log.fileno())
        remove_left()
    left = {path.name.removeprefix(PREFIX) for path in tmp_path.iterdir()}
    assert left == {"lives", "begins", "of-another", "no-folder"}


def test_the_logs_tail(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert log_tail(log) == ""
    log.write_bytes(b"x" * 100_000 + b"\n" + "".join(f"line {n}\n" for n in range(9)).encode() + b"\xff\n\n")
    assert log_tail(log, 2) == "line 8\n\ufffd"
    assert len(log_tail(log, 100)) < 1000


def events_of(pipe: IO[bytes]) -> Iterator[Event]:
    """Yield the events in ``pipe`` and fail on anything else; how long a program takes is the machine's."""
    while header := pipe.read(HEADER.size):
        assert len(header) == HEADER.size
        event = read_event(pipe.read(frame_length(header)))
        if not isinstance(event, Compiling):
            yield event


def start(launch: Launch, **settings: str | Path) -> subprocess.Popen[bytes]:
    home = {key: str(value) for key, value in settings.items() if key != "cwd"}
    return subprocess.Popen(
        launch.argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=settings.get("cwd"),
        env={**launch.environment, **home},
    )


PLANTED = ("core", "keras", "tensorflow", "numpy", "msgspec", "huggingface_hub", "sitecustomize", "torch", "grain")


def plant(folder: Path) -> Path:
    """Lay modules into ``folder`` that tell when they are run, and a keras.json that changes the arithmetic."""
    proof = folder / "executed"
    for name in PLANTED:
        (folder / f"{name}.py").write_text(f"open({str(proof)!r}, 'a').write({name!r} + ' ')\n")
    (folder / ".keras").mkdir()
    (folder / ".keras" / "keras.json").write_text('{"floatx": "float16", "backend": "torch"}')
    return proof


def test_only_frames_on_stdout_nothing_planted_run_and_eof_ends_a_training(bench: Bench, tmp_path: Path) -> None:
    proof = plant(tmp_path)
    launch = Launch()
    process = start(launch, cwd=tmp_path, HOME=tmp_path, PYTHONPATH=tmp_path, TF_CPP_MIN_LOG_LEVEL="0")
    assert process.stdin is not None
    assert process.stdout is not None
    for command in (bench.set_weights(), bench.predict(), bench.train(Recipe(epochs=1_000_000), interval=0.0)):
        process.stdin.write(frame(command))
        process.stdin.flush()
    events = events_of(process.stdout)
    said = [next(events) for _ in range(4)]
    assert [type(event) for event in said] == [Ready, Held, Predicted, Progress]
    assert isinstance(said[2], Predicted)
    expected = predict(bench.network, bench.weights, bench.data.points.astype(np.float64))
    np.testing.assert_allclose(said[2].outputs.array(), expected, atol=1e-6, err_msg="keras.json was read")
    process.stdin.close()
    assert all(isinstance(event, Progress) for event in events)
    assert process.wait(PATIENCE) == 0
    assert not proof.exists(), proof.read_text()
    process.stdout.close()
    launch.close()


def test_noise_on_the_descriptors_goes_to_the_log(tmp_path: Path) -> None:
    code = (
        "import os, sys; from core.engine.__main__ import claim_descriptors; "
        "commands, events = claim_descriptors(sys.argv[1]); "
        "os.write(1, b'one '); os.write(2, b'two '); print('three', os.read(0, 9)); events.write(commands.read())"
    )
    log = tmp_path / "log"
    argv = [sys.executable, "-c", code, str(log)]
    found = subprocess.run(argv, input=b"frame", capture_output=True, check=True)
    assert (found.stdout, found.stderr) == (b"frame", b"")
    assert log.read_text() == "one two three b''\n"
    assert log.stat().st_mode & 0o077 == 0


def test_eof_ends_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Launch, "argv", property(importing_for_ever))
    launch = Launch()
    process = start(launch)
    out, _ = process.communicate(timeout=PATIENCE)
    assert out == b""
    assert process.returncode == 0
    launch.close()


def test_half_a_frame_is_an_end_and_no_frame_is_an_error() -> None:
    launch = Launch()
    half = start(launch)
    half.communicate(HEADER.pack(100) + b"x", timeout=PATIENCE)
    assert half.returncode == 0
    assert not launch.log.parent.exists(), "the engine removes its folder, for whoever started it may be dead"
    launch = Launch()
    none = start(launch)
    none.communicate(b"not a frame at all", timeout=PATIENCE)
    assert none.returncode == 1
    assert "expected a frame" in log_tail(launch.log)
    launch.close()


def test_the_clients_dont_import_keras() -> None:
    code = "import core.engine.client, tests.engine.fake, tui.engine_client, sys; print('keras' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
