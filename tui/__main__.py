"""The byhand command, and python -m tui.

A model's file is read by another process, which takes as long to start as all that is imported here: it is started
before anything else.
"""

import gc
import os
import sys

from core.limits import FLAG
from core.model.limited import start_ahead

WITHOUT_A_MODEL = ("train", "tutorial", "lesson", "recover")
"""Commands that open none, whatever files they are given."""

BLAS_WAITS = "20"
"""For how long a thread of NumPy's waits for more work before it sleeps: 2 to the power of this, in cycles."""


def main() -> int:
    """Run byhand with the process's own arguments, and return its exit code."""
    words = sys.argv[1:]
    # NumPy's threads would turn round for 30 ms after all that they do, and before they have anything to do.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", BLAS_WAITS)
    if _may_open_a_model(words):
        start_ahead()
    from tui.cli import main as run

    code = run(words)
    # All that there is goes now: nobody needs to look what of it is garbage.
    gc.freeze()
    return code


def _may_open_a_model(words: list[str]) -> bool:
    # With other limits it would be another process.
    other = any(word in WITHOUT_A_MODEL for word in words[:1]) or any(word.startswith(FLAG) for word in words)
    return not other and any(map(os.path.isfile, words))


if __name__ == "__main__":
    sys.exit(main())
