"""What the tests of model files share: Keras in a process of its own, and the models that it saved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[[str, Path], Any]


@pytest.fixture(scope="session")
def keras() -> Iterator[Ask]:
    """Ask a process that holds Keras, started once."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("keras_oracle.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(what: str, argument: Path) -> Any:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps([what, str(argument)]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


@pytest.fixture(scope="session")
def saved(keras: Ask, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a folder of models that Keras saved, and what Keras says of them."""
    folder = tmp_path_factory.mktemp("keras")
    return folder, keras("save", folder)
