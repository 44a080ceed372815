"""byhand with a stand-in for Keras in a process of its own: ``python -m tests.engine.stand_in FILE``.

It starts in a moment, and to be killed it does as well: it trains, answers and ends as the engine does.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

ENGINE = "engine"
"""The first argument of the process that stands in."""


def command(log: Path) -> list[str]:
    """Return how the process is started."""
    return [sys.executable, "-m", "tests.engine.stand_in", ENGINE, str(log)]


async def serve(log: Path) -> None:
    """Answer commands until there are no more."""
    from core.engine.__main__ import claim_descriptors
    from core.engine.frames import HEADER, frame, frame_length, read_command
    from tests.engine.fake import FakeEngine

    commands, events = claim_descriptors(log)

    def told(event: object) -> None:
        events.write(frame(event))  # type: ignore[arg-type]
        events.flush()

    loop, engine = asyncio.get_running_loop(), FakeEngine(told)
    await engine.start()

    def read() -> None:
        while len(header := commands.read(HEADER.size)) == HEADER.size:
            loop.call_soon_threadsafe(engine.send, read_command(commands.read(frame_length(header))))

    await asyncio.to_thread(read)


def main() -> int:
    """Stand in, or start byhand with one that does."""
    if sys.argv[1] == ENGINE:
        asyncio.run(serve(Path(sys.argv[2])))
        os._exit(0)
    from core.engine.process import Launch
    from tui.cli import main as byhand

    Launch.argv = property(lambda launch: command(launch.log))  # type: ignore[assignment, method-assign]
    return byhand(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
