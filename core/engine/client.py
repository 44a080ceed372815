"""The blocking client of the engine process, for commands without a screen."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING, NoReturn

from core.engine.frames import HEADER, frame, frame_length, read_event
from core.engine.process import Launch, log_tail
from core.engine.protocol import Compiling, Failed, Paused, Progress, Ready, Resume, Trained
from core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import IO, Self

    from core.engine.protocol import Command, Event, Train

PATIENCE = 2.0
"""Seconds that the engine has to end by itself before it is killed."""


class EngineClient:
    """An engine process for the length of a ``with`` block; the first answer waits for Keras's import."""

    def __init__(self, strategy: str | None = None) -> None:
        self._launch = Launch(strategy)
        self._process: subprocess.Popen[bytes] | None = None
        self.ready: Ready | None = None

    def __enter__(self) -> Self:
        launch = self._launch
        with launch.log.open("ab") as log:
            self._process = subprocess.Popen(
                launch.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=launch.environment
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running
        with contextlib.suppress(OSError):
            self._pipe(process.stdin).close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            self._pipe(process.stdout).close()
            self._launch.close()

    def ask(self, command: Command) -> Event:
        """Send ``command`` and wait for its answer.

        Raises:
            Refused: the engine refused the command, or the engine has ended.
        """
        self._send(command)
        while True:
            answer = self._answer_to(command)
            if not isinstance(answer, Compiling | Progress):
                return answer

    def train(self, command: Train, on_progress: Callable[[Progress], None]) -> Trained:
        """Train to the end; ``on_progress`` is told the epochs as they come.

        Raises:
            Refused: the engine refused the command, or the engine has ended.
        """
        ended = self.train_until(command, on_progress)
        while isinstance(ended, Paused):
            ended = self.train_until(Resume(command.id), on_progress)
        return ended

    def train_until(self, command: Train | Resume, on_progress: Callable[[Progress], None]) -> Paused | Trained:
        """Train to where ``command`` says; ``on_progress`` is told the epochs as they come.

        Raises:
            Refused: the engine refused the command, or the engine has ended.
        """
        self._send(command)
        while not isinstance(answer := self._answer_to(command), Paused | Trained):
            if isinstance(answer, Progress):
                on_progress(answer)
        return answer

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("expected to be used as `with EngineClient() as engine`")
        return self._process

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RuntimeError("expected a process with pipes")
        return pipe

    def _send(self, command: Command) -> None:
        pipe = self._pipe(self._running.stdin)
        try:
            pipe.write(frame(command))
            pipe.flush()
        except BrokenPipeError:
            self._refuse_gone()

    def _answer_to(self, command: Command) -> Event:
        while True:
            event = read_event(self._read(frame_length(self._read(HEADER.size))))
            if isinstance(event, Ready):
                self.ready = event
            elif event.id == command.id:
                if isinstance(event, Failed):
                    raise Refused(event.message)
                return event

    def _read(self, length: int) -> bytes:
        body = self._pipe(self._running.stdout).read(length)
        if len(body) < length:
            self._refuse_gone()
        return body

    def _refuse_gone(self) -> NoReturn:
        code = self._running.wait()
        raise Refused(f"the Keras process has ended with code {code}. Its last words:\n{log_tail(self._launch.log)}")
