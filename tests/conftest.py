"""What every test shares: hypothesis tries the same examples each time, and nothing of the person's own is touched."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from core.journal import sign
from core.model import keras_file
from tests.reading import exchange_here

if TYPE_CHECKING:
    from collections.abc import Iterator

# A slow machine takes long over an example, and that is no fault of it.
settings.register_profile(
    "byhand", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("byhand")

# A shell that starts them in the background has them ignore ctrl+c, and with them all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests make much and keep little: Python looks for what nothing refers to any more after every 700 objects.
gc.set_threshold(20_000, 20, 20)

# The programs of tests run for milliseconds: making them faster takes longer than they do.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1",
)


@pytest.fixture(autouse=True, scope="session")
def _a_state_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        # Lessons are read in English, whatever the person speaks.
        patch.setenv("LC_ALL", "C.UTF-8")
        # Tests beside each other open files of the same name.
        patch.setattr(sign, "NAME", f"byhand-test-{os.getpid()}")
        yield


@pytest.fixture(autouse=True)
def _model_files_without_a_process_for_each(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read and make model files in the test itself: a process for each, as byhand has it, takes a fifth of a second."""
    if "limited" not in request.keywords:
        monkeypatch.setattr(keras_file, "exchange", exchange_here)
