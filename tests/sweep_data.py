"""Large data files that go on without end, each read by a process of its own: ``python -m tests.sweep_data [BYTES]``.

A table says what each took of time and memory; the suite reads small ones in little memory.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests import nasty_data

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = 100_000_000

MOST = 512
"""MB that none of them may take beyond what reading a small file takes."""

READ = """
import resource, sys, time
from pathlib import Path
from core.data.files import open_data
from core.errors import Refused
def held(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
before, begun = held(), time.process_time()
try:
    said = f"{len(open_data(Path(sys.argv[1]))):,} rows"
except Refused as refusal:
    said = str(refusal)
print(held() - before, f"{time.process_time() - begun:.1f}", said)
"""


def files(folder: Path, size: int) -> Iterator[tuple[str, Path]]:
    """Make one file after the other and give its name and path; it goes before the next one."""
    for name, make in nasty_data.texts(size).items():
        make(path := folder / "a.csv")
        yield name, path
        path.unlink()
    for name, (suffix, content) in nasty_data.arrays(4 * size).items():
        (path := folder / f"a{suffix}").write_bytes(content())
        yield name, path
        path.unlink()


def main() -> None:
    """Read them and say what it took; a traceback, or too much memory, ends it."""
    size, failures, tries, worst = int((*sys.argv[1:], str(USUAL))[0]), 0, 0, 0
    with TemporaryDirectory() as folder:
        for name, path in files(Path(folder), size):
            ran = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False)
            words = ran.stdout if ran.returncode == 0 else f"0 0 {ran.stderr[-99:]}"
            memory, seconds, said = words.split(maxsplit=2)
            tries, worst = tries + 1, max(worst, int(memory))
            failures += ran.returncode != 0 or int(memory) > MOST
            sys.stdout.write(f"{name:36} {memory:>5} MB {seconds:>6} s  {said.strip()[:100]}\n")
            sys.stdout.flush()
    sys.stdout.write(f"large and nasty data files: {tries} tries, {failures} failures, at most {worst} MB\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
